"""What a site found out about its own series: marks, and the curve from score to usability.

A mark is the judgement of a person on one series, kept with the prediction it was made beside and
the hash of the voxels, and with nothing that names a patient. From enough marks comes a version of
the site's calibration: a rising curve from predicted SSIM to the probability that a series is
usable, and thresholds read off it.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.quality import Thresholds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from acutance.core.volume import Volume

FORMAT = 1
#: Marks from which a calibration may be made, and of each kind at least so many.
FEWEST_MARKS, FEWEST_OF_KIND = 30, 5
MOST_MARKS = 100_000
#: Probability of being usable from which on "usable" is said, and up to which a repeat is advised.
USABLE_FROM, REPEAT_UP_TO = 0.8, 0.2


@dataclass(frozen=True)
class Mark:
    """One series that a person judged.

    Parameters
    ----------
    content_sha256 : str
        Of the voxels, by `content_sha256`.
    ssim_pred : float, in [0, 1]
        Predicted SSIM of the series.
    is_usable : bool
        What the person said.
    weights_sha256 : str
        The weights that predicted.
    """

    content_sha256: str
    ssim_pred: float
    is_usable: bool
    weights_sha256: str

    def __post_init__(self) -> None:
        """Check the values."""
        _digest(self.content_sha256)
        _digest(self.weights_sha256)
        _unit(self.ssim_pred)

    def to_plain(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "content_sha256": self.content_sha256,
            "ssim_pred": self.ssim_pred,
            "usable": self.is_usable,
            "weights_sha256": self.weights_sha256,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Mark:
        """Rebuild a mark.

        Raises
        ------
        ValueError
            If a value is of another kind.
        """
        if not isinstance(plain["usable"], bool):
            raise ValueError("usable is true or false")
        return cls(
            _digest(plain["content_sha256"]),
            _unit(plain["ssim_pred"]),
            plain["usable"],
            _digest(plain["weights_sha256"]),
        )


@dataclass(frozen=True)
class ReliabilityBin:
    """Series whose probability, predicted without themselves, lies in one part of [0, 1].

    Parameters
    ----------
    low, high : float
        Ends of the part; only the last part holds its upper end.
    count : int
        Series in it.
    predicted, observed : float or None
        Mean probability and share of usable ones; None where there are none.
    """

    low: float
    high: float
    count: int
    predicted: float | None
    observed: float | None


@dataclass(frozen=True)
class SiteCalibration:
    """One version of a site's calibration; never changed after it was written.

    Parameters
    ----------
    version : int, >= 1
    weights_sha256 : str
        The weights whose predictions it is for; with others it is not used.
    scores : tuple of float
        Knots of the curve, ascending, in [0, 1].
    probabilities : tuple of float
        At these, never falling, in [0, 1].
    usable, repeat : float or None
        Suggested thresholds; None where the marks do not bear one out.
    usable_from, repeat_up_to : float
        Probabilities that the thresholds stand for.
    marks : tuple of Mark
        What it was made from.
    reliability : tuple of ReliabilityBin
        Each series predicted from the others.
    brier : float
        Mean squared error of these predictions; that of always saying the mean is `brier_base`.
    brier_base : float
    made_on : str
        ISO date, where the user wanted one kept; else empty.
    software : str
        Version of the program that made it.
    """

    version: int
    weights_sha256: str
    scores: tuple[float, ...]
    probabilities: tuple[float, ...]
    usable: float | None
    repeat: float | None
    marks: tuple[Mark, ...] = field(repr=False)
    reliability: tuple[ReliabilityBin, ...] = field(repr=False)
    brier: float
    brier_base: float
    usable_from: float = USABLE_FROM
    repeat_up_to: float = REPEAT_UP_TO
    made_on: str = ""
    software: str = ""

    def __post_init__(self) -> None:
        """Check that the curve is one that never falls."""
        scores, values = np.array(self.scores), np.array(self.probabilities)
        is_sound = (
            self.version >= 1
            and scores.ndim == 1
            and scores.shape == values.shape
            and 1 <= len(scores) <= MOST_MARKS
            and bool(np.all(np.isfinite(scores)) and np.all(np.isfinite(values)))
            and bool(np.all(np.diff(scores) > 0) and np.all(np.diff(values) >= 0))
            and bool(scores[0] >= 0 and scores[-1] <= 1 and values[0] >= 0 and values[-1] <= 1)
        )
        if not is_sound:
            raise ValueError("a calibration is a curve over [0, 1] that never falls")
        _digest(self.weights_sha256)
        if self.usable is not None and self.repeat is not None:
            Thresholds(self.usable, self.repeat)

    def probability(self, ssim_pred: float) -> float:
        """Return the probability that a series of this predicted SSIM is usable, in [0, 1].

        Linear between the knots, constant beyond them.
        """
        return float(np.interp(ssim_pred, self.scores, self.probabilities))

    @property
    def thresholds(self) -> Thresholds | None:
        """The suggested thresholds; None where there are not both."""
        if self.usable is None or self.repeat is None:
            return None
        return Thresholds(self.usable, self.repeat)

    def to_plain(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        plain: dict[str, Any] = {
            "format": FORMAT,
            "version": self.version,
            "weights_sha256": self.weights_sha256,
            "curve": {"ssim_pred": list(self.scores), "probability": list(self.probabilities)},
            "thresholds": {"usable": self.usable, "repeat": self.repeat},
            "targets": {"usable_from": self.usable_from, "repeat_up_to": self.repeat_up_to},
            "brier": self.brier,
            "brier_base": self.brier_base,
            "reliability": [
                {
                    "low": b.low,
                    "high": b.high,
                    "count": b.count,
                    "predicted": b.predicted,
                    "observed": b.observed,
                }
                for b in self.reliability
            ],
            "series": [mark.to_plain() for mark in self.marks],
            "software": self.software,
        }
        return plain | ({"made_on": self.made_on} if self.made_on else {})

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> SiteCalibration:
        """Rebuild a calibration; everything is checked again.

        Raises
        ------
        ValueError, KeyError, TypeError
            If a value is missing or of another kind.
        """
        if plain["format"] != FORMAT:
            raise ValueError(f"format {plain['format']!r} is not known")
        version = plain["version"]
        if type(version) is not int:
            raise ValueError("a version is a whole number")
        limits, targets, curve = plain["thresholds"], plain["targets"], plain["curve"]
        return cls(
            version,
            _digest(plain["weights_sha256"]),
            tuple(_unit(v) for v in curve["ssim_pred"]),
            tuple(_unit(v) for v in curve["probability"]),
            None if limits["usable"] is None else _unit(limits["usable"]),
            None if limits["repeat"] is None else _unit(limits["repeat"]),
            tuple(Mark.from_plain(mark) for mark in plain["series"]),
            tuple(
                ReliabilityBin(
                    _unit(b["low"]),
                    _unit(b["high"]),
                    int(b["count"]),
                    None if b["predicted"] is None else _unit(b["predicted"]),
                    None if b["observed"] is None else _unit(b["observed"]),
                )
                for b in plain["reliability"]
            ),
            _unit(plain["brier"]),
            _unit(plain["brier_base"]),
            _unit(targets["usable_from"]),
            _unit(targets["repeat_up_to"]),
            str(plain.get("made_on", ""))[:10],
            str(plain["software"])[:40],
        )


def content_sha256(volume: Volume) -> str:
    """Return the hash of the voxels of a volume, whatever file, name or header they came with.

    SHA-256 of shape and type of the stored array and its bytes, little-endian, first axis fastest.
    The same voxels stored in another order of axes are another content.
    """
    array = volume.array
    digest = hashlib.sha256(f"{array.shape} {array.dtype.newbyteorder('<').str}".encode())
    for slab in np.moveaxis(array, 2, 0):
        digest.update(_bytes(slab))
    return digest.hexdigest()


def missing_marks(marks: Sequence[Mark]) -> str:
    """Return what is missing for a calibration, in words; empty where nothing is."""
    usable = sum(mark.is_usable for mark in marks)
    unusable = len(marks) - usable
    if len(marks) < FEWEST_MARKS:
        return f"{FEWEST_MARKS - len(marks)} more series are needed, {FEWEST_MARKS} in all"
    for count, word in ((usable, "usable"), (unusable, "not usable")):
        if count < FEWEST_OF_KIND:
            return f"{FEWEST_OF_KIND - count} more that are {word} are needed"
    return ""


def _bytes(slab: NDArray[Any]) -> memoryview:
    little = slab.astype(slab.dtype.newbyteorder("<"), copy=False)
    return np.ascontiguousarray(little.T).reshape(-1).view(np.uint8).data


def _digest(value: object) -> str:
    text = str(value)
    if len(text) != 64 or set(text) - set("0123456789abcdef"):
        raise ValueError("a hash is 64 hexadecimal digits")
    return text


def _unit(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"expected a number from 0 to 1, not {value!r}")
    if not math.isfinite(value) or not 0 <= value <= 1:
        raise ValueError(f"expected a number from 0 to 1, not {value!r}")
    return float(value)
