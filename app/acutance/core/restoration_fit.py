"""What the fit of an operator is asked and what it answers; no torch here."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from acutance.core.restoration import DENOISE, TASKS

if TYPE_CHECKING:
    from pathlib import Path

    from acutance.core.volume import Volume

#: Slices that are fitted on where nobody says otherwise, and the least that are taken.
USUAL_SLICES, FEWEST_SLICES = 12, 2
#: Side of the latent patches: five sites reach farther, and ask for more samples.
PATCHES = (3, 5)
#: A condition number from here on says that some directions rest on almost nothing.
POOR_CONDITION = 1e6
#: Effective samples for each value of a patch, below which statistics are thin.
THIN_SAMPLES = 10.0
#: Noise that may be put in for a fit, as a share of what the network sees as 1.
MOST_NOISE = 0.2
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,47}")


def check_name(name: str) -> str:
    """Return a name for an operator; raise ValueError where it cannot be part of a file name."""
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"a name has letters, digits, - and _, at most 48 of them; {name!r} is none"
        )
    return name


@dataclass(frozen=True)
class FitImages:
    """Slices of a volume that an operator is fitted on.

    Parameters
    ----------
    volume : Volume
    plane : str
        "auto", "axial", "coronal" or "sagittal".
    slices : tuple of int
        Which of its slices, in file order.
    """

    volume: Volume
    plane: str
    slices: tuple[int, ...]


@dataclass(frozen=True)
class FitRequest:
    """Ask for an operator that carries restored images to sharp ones.

    Parameters
    ----------
    sharp : tuple of FitImages
        What images shall look like.
    degraded : tuple of FitImages
        Scans that are restored for the other side, unpaired; empty to damage the sharp ones as in
        training, restore those, and fit in pairs.
    name, version : str
    folder : Path
        Where the operator is written, as NAME-vVERSION.safetensors.
    task : str
        One of `TASKS`.
    weights, autoencoder : str
        Files in place of the networks of the catalogue; empty for those.
    patch : int
        One of `PATCHES`.
    seed : int
        Of the damage.
    noise : float
        Standard deviation of the noise that is put in for a fit in pairs, as a share of what the
        network sees as 1; 0 for noise of all usual strengths. An unpaired fit has that of its
        scans.
    moves_mean : bool
        False where the operator is meant for other series than those it is fitted on: their
        brightness says nothing about others.

    Raises
    ------
    ValueError
        If there are fewer than two slices on a side, or a value is unknown or out of its range.
    """

    sharp: tuple[FitImages, ...]
    degraded: tuple[FitImages, ...]
    name: str
    version: str
    folder: Path
    task: str = DENOISE
    weights: str = ""
    autoencoder: str = ""
    patch: int = PATCHES[0]
    seed: int = 0
    noise: float = 0.0
    moves_mean: bool = True

    def __post_init__(self) -> None:
        """Check names and counts."""
        check_name(self.name)
        check_name(self.version)
        if self.task not in TASKS or self.patch not in PATCHES:
            raise ValueError(f"no task {self.task!r} or patch {self.patch}")
        if self.noise and (self.degraded or self.task != DENOISE):
            raise ValueError("noise of one strength is put in for the task denoise, in pairs")
        if not 0.0 <= self.noise <= MOST_NOISE:
            raise ValueError(f"noise is a share of the range up to {MOST_NOISE}, not {self.noise}")
        for side in (self.sharp, self.degraded):
            count = sum(len(images.slices) for images in side)
            if count < FEWEST_SLICES and (side or side is self.sharp):
                raise ValueError(f"a fit needs {FEWEST_SLICES} slices at least; there are {count}")

    @property
    def path(self) -> Path:
        """The file to write."""
        return self.folder / f"{self.name}-v{self.version}.safetensors"


@dataclass(frozen=True)
class FitResult:
    """The operator that was written, and how far its statistics can be trusted.

    Parameters
    ----------
    path, sha256 : str
    name, version, space : str
    is_paired : bool
    sharp_slices, source_slices : int
        Slices on each side.
    report : dict of str to float
        `acutance_models.ot_restore.operator.ConditionReport`; None where a number is infinite.
    size : int
        Values of a patch.
    network : str
        Name, version and status.
    seconds : float
    """

    path: str
    sha256: str
    name: str
    version: str
    space: str
    is_paired: bool
    sharp_slices: int
    source_slices: int
    size: int
    network: str
    seconds: float
    report: dict[str, float | None] = field(default_factory=dict)

    def warnings(self) -> tuple[str, ...]:
        """Return what speaks against trusting the operator, in words."""
        told = []
        effective = [self.report.get(f"{side}_effective") or 0.0 for side in ("source", "target")]
        if min(effective) < THIN_SAMPLES * self.size:
            told.append(
                f"about {min(effective):.0f} independent samples for {self.size} values of a "
                "patch; more slices would steady it"
            )
        conditions = [self.report.get(f"{side}_condition") for side in ("source", "target")]
        if any(value is None or value > POOR_CONDITION for value in conditions):
            told.append("badly conditioned: some directions rest on almost nothing")
        if self.report.get("capped"):
            count = round(self.report["capped"] or 0.0)
            told.append(f"the gain of {count} direction{'s' * (count != 1)} was capped")
        return tuple(told)

    def to_plain(self) -> dict[str, Any]:
        """Return the result as JSON-ready values."""
        return {
            "path": self.path,
            "sha256": self.sha256,
            "name": self.name,
            "version": self.version,
            "space": self.space,
            "is_paired": self.is_paired,
            "sharp_slices": self.sharp_slices,
            "source_slices": self.source_slices,
            "size": self.size,
            "network": self.network,
            "seconds": self.seconds,
            "report": dict(self.report),
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> FitResult:
        """Rebuild a result; raise ValueError where a number is not finite."""
        report = {
            str(name): None if value is None else float(value)
            for name, value in plain["report"].items()
        }
        if not all(value is None or math.isfinite(value) for value in report.values()):
            raise ValueError("a number of the report is not finite")
        return cls(
            str(plain["path"]),
            str(plain["sha256"]),
            str(plain["name"]),
            str(plain["version"]),
            str(plain["space"]),
            bool(plain["is_paired"]),
            int(plain["sharp_slices"]),
            int(plain["source_slices"]),
            int(plain["size"]),
            str(plain["network"]),
            float(plain["seconds"]),
            report,
        )


def spread_slices(count: int, wanted: int) -> tuple[int, ...]:
    """Return up to so many of the slices of the middle half, evenly spread."""
    first = count // 4
    middle = range(first, max(first + 1, 3 * count // 4))
    wanted = min(wanted, len(middle))
    if wanted == 1:
        return (middle[len(middle) // 2],)
    step = (len(middle) - 1) / (wanted - 1)
    return tuple(middle[round(n * step)] for n in range(wanted))
