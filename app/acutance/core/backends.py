"""The ways a network can be computed, and what a trial of them found; no torch here.

A backend is a runtime with a precision. The reference is torch in float32; another one is used
where a trial on this machine found it within the tolerance. It scores only as far as no verdict can
depend on it: scores nearer to a threshold than `band` are computed once more by the reference. It
labels only where its labels agree with those of the reference on slices of the volume, too.
"""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

AUTO = "auto"
#: What every other backend is held against.
REFERENCE = "torch-float32"
#: All there are, the reference first.
BACKENDS = (
    REFERENCE,
    "torch-bfloat16",
    "onnxruntime-float32",
    "openvino-float32",
    "openvino-bfloat16",
    "openvino-int8",
)
#: Those that may label pixels: eight bits move too many labels.
LABEL_BACKENDS = BACKENDS[:-1]
CHOICES = (AUTO, *BACKENDS)
LABEL_CHOICES = (AUTO, *LABEL_BACKENDS)
#: What a trial can be about.
SCORING, SEGMENTATION = "scoring", "segmentation"
#: A backend may be used where its scores differ by no more: the mean and the 99th percentile.
LARGEST_MEAN, LARGEST_99TH = 0.002, 0.006
#: Dice coefficient of each label that is not rare: a backend may label a volume where it is no less
#: on some of its slices; it is tried there where it is no less on made-up slices, whose labels hang
#: by less than those of real ones.
LEAST_DICE, LEAST_TRIAL_DICE = 0.997, 0.98
#: Real slices vary more than the made-up ones of a trial: there a backend has to keep within the
#: tolerance divided by this, and the band is the largest difference times this.
SAFETY_FACTOR = 2.0
#: The band is never less.
SMALLEST_BAND = 1e-5
_SHA256 = re.compile(r"[0-9a-f]{64}")


def runtime_of(backend: str) -> str:
    """Return the runtime of a backend, such as "openvino"."""
    return backend.partition("-")[0]


def precision_of(backend: str) -> str:
    """Return the precision of a backend, such as "bfloat16"."""
    return backend.partition("-")[2]


@dataclass(frozen=True)
class BackendRow:
    """What a trial found about one backend.

    Parameters
    ----------
    backend : str
    milliseconds : float or None
        Of one slice, the median; None where it cannot be used here.
    mean, percentile_99, largest : float or None
        Of the absolute difference of a score from the reference; of labels, of a probability.
    reason : str
        Why it cannot be used; empty where it can.
    dice : float or None
        Of labels, the least Dice coefficient of one that is not rare; None for scores.
    """

    backend: str
    milliseconds: float | None = None
    mean: float | None = None
    percentile_99: float | None = None
    largest: float | None = None
    reason: str = ""
    dice: float | None = None

    @property
    def is_allowed(self) -> bool:
        """Whether its answers are within the tolerance; scores with room for real slices."""
        if self.dice is not None:
            return self.milliseconds is not None and self.dice >= LEAST_TRIAL_DICE
        return (
            self.milliseconds is not None
            and self.mean is not None
            and self.percentile_99 is not None
            and self.mean <= LARGEST_MEAN / SAFETY_FACTOR
            and self.percentile_99 <= LARGEST_99TH / SAFETY_FACTOR
        )

    @property
    def band(self) -> float:
        """How near to a threshold a score is computed once more; 0 for the reference."""
        if self.backend == REFERENCE or self.largest is None or self.dice is not None:
            return 0.0
        return max(SAFETY_FACTOR * self.largest, SMALLEST_BAND)


@dataclass(frozen=True)
class BackendTrial:
    """What a trial found on one machine, for the weights of one network.

    Parameters
    ----------
    rows : tuple of BackendRow
        One for each backend that was tried, in the order of `BACKENDS`.
    sha256 : str
        Of the weights.
    machine : str
        Hash of all else it holds for: processor, threads, device and versions of the runtimes.
    slices : int
        So many synthetic slices were compared.
    threads : int
    """

    rows: tuple[BackendRow, ...]
    sha256: str
    machine: str
    slices: int
    threads: int

    @property
    def chosen(self) -> str:
        """The fastest backend that is within the tolerance."""
        allowed = [row for row in self.rows if row.is_allowed and row.milliseconds is not None]
        return _fastest(allowed)

    @property
    def chosen_exact(self) -> str:
        """The fastest backend in float32."""
        return _fastest(
            [row for row in self.rows if row.is_allowed and precision_of(row.backend) == "float32"]
        )

    def row(self, backend: str) -> BackendRow | None:
        """Return what was found about a backend; None where it was not tried."""
        return next((row for row in self.rows if row.backend == backend), None)

    def to_plain(self) -> dict[str, Any]:
        """Return the trial as JSON-ready values."""
        return {
            "rows": [
                {**asdict(row), "is_allowed": row.is_allowed, "band": row.band} for row in self.rows
            ],
            "chosen": self.chosen,
            "sha256": self.sha256,
            "machine": self.machine,
            "slices": self.slices,
            "threads": self.threads,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> BackendTrial:
        """Rebuild a trial from `to_plain`.

        Raises
        ------
        ValueError, KeyError, TypeError
            If it is none.
        """
        rows = tuple(_row(one) for one in plain["rows"])
        names = [row.backend for row in rows]
        if len(set(names)) != len(names) or not set(names) <= set(BACKENDS):
            raise ValueError(f"these are not all backends, each once: {names}")
        sha256, machine = str(plain["sha256"]), str(plain["machine"])
        if not _SHA256.fullmatch(sha256) or not _SHA256.fullmatch(machine):
            raise ValueError("a hash has 64 hex digits")
        return cls(rows, sha256, machine, int(plain["slices"]), int(plain["threads"]))


@dataclass(frozen=True)
class TrialRequest:
    """Ask the engine child to try the backends.

    Parameters
    ----------
    network : str
        Id in the model catalogue.
    weights : str
        A safetensors file in place of the network's own; empty for those.
    recurrence : int or None
        Steps of recurrence of these weights, where a network has some.
    repeats : bool
        Measure again where a trial was kept.
    measures : bool
        Measure where none was kept; else the answer is a trial of nothing.
    task : str
        "scoring" or "segmentation": what the network is for.
    """

    network: str
    weights: str = ""
    recurrence: int | None = None
    repeats: bool = True
    measures: bool = True
    task: str = SCORING


def is_settled(decide: Callable[[float], object], score: float, band: float) -> bool:
    """Return whether a decision is the same for all scores within a band about one.

    Parameters
    ----------
    decide : callable
        Gives what hangs on a score, comparable by `==`; constant between thresholds that lie
        further apart than half the band.
    score : float, in [0, 1]
    band : float, >= 0
    """
    steps = (-1.0, -0.5, 0.5, 1.0)
    found = decide(score)
    return all(decide(min(1.0, max(0.0, score + step * band))) == found for step in steps)


def _fastest(rows: list[BackendRow]) -> str:
    best = min(rows, key=lambda row: row.milliseconds or math.inf, default=None)
    return REFERENCE if best is None else best.backend


def _row(plain: dict[str, Any]) -> BackendRow:
    return BackendRow(
        str(plain["backend"]),
        _number(plain["milliseconds"]),
        _number(plain["mean"]),
        _number(plain["percentile_99"]),
        _number(plain["largest"]),
        str(plain["reason"])[:300],
        _number(plain["dice"]),
    )


def _number(value: object) -> float | None:
    if value is None:
        return None
    if not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ValueError(f"expected a number that is not negative, not {value!r}")
    return float(value)
