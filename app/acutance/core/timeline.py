"""The quality of a clip frame by frame, and where it is best; no toolkit, no engine."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.upscaling import ValueRange

#: Of the range: a frame whose mean change is less stands still.
STANDSTILL = 0.1 / 255.0
#: What is measured of each frame, in the order of the columns of a table.
MEASURES = (
    "sharpness", "noise", "blockiness", "change", "mean", "clipped_dark", "clipped_bright",
    "niqe", "warping_error",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class FrameQualityRequest:
    """Ask for the quality of neighbouring frames.

    Parameters
    ----------
    frames : ndarray, shape (T, Y, X, C), stored dtype
        The first is only compared with where it is not the first of the clip.
    first : int
        Number of the first of them in the clip.
    range : ValueRange
        Stored values that count as 0 and 1.
    inverted : bool
        Whether the lowest values are shown white.
    warps, rates : bool
        Whether warping error and NIQE are measured, which take longest.
    """

    frames: NDArray[Any]
    first: int
    range: ValueRange
    inverted: bool = False
    warps: bool = False
    rates: bool = False


@dataclass(frozen=True)
class FrameQuality:
    """The quality of some frames.

    Parameters
    ----------
    first : int
        Number of the first frame in the clip.
    values : dict of str to tuple of float or None
        One entry for each of `MEASURES`, one value for each frame; None where there is none, as
        the change of the first frame of a clip. Shares of the value range, but sharpness per
        pixel squared, blockiness and NIQE without a unit, the warping error squared.
    """

    first: int
    values: dict[str, tuple[float | None, ...]]

    @property
    def count(self) -> int:
        """Number of frames."""
        return len(self.values["sharpness"])

    def to_plain(self) -> dict[str, Any]:
        """Return the values JSON-ready."""
        return {"first": self.first, "values": {k: list(v) for k, v in self.values.items()}}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> FrameQuality:
        """Rebuild it; raise ValueError where a number is not finite."""
        values = {
            name: tuple(None if v is None else _finite(v) for v in plain["values"][name])
            for name in MEASURES
        }
        if len({len(column) for column in values.values()}) != 1:
            raise ValueError("columns of different lengths")
        return cls(int(plain["first"]), values)

    def joined(self, other: FrameQuality) -> FrameQuality:
        """Return this with the frames that follow."""
        if other.first != self.first + self.count:
            raise ValueError("these frames do not follow")
        return FrameQuality(
            self.first, {name: self.values[name] + other.values[name] for name in MEASURES}
        )


def is_standing(quality: FrameQuality, limit: float) -> NDArray[np.bool_]:
    """Return which frames do not differ from the one before by more than `limit` on the mean."""
    return np.array([c is not None and c < limit for c in quality.values["change"]])


def goodness(quality: FrameQuality, standstill: float) -> NDArray[np.float64]:
    """Return how well each frame is suited to be looked at, in [0, 1], within its clip.

    The sharpness over that of the sharpest frames (its 95th percentile), times the share of pixels
    that are not clipped, less where noise is above the median of the clip or blocks show; 0 for a
    frame that stands still.

    Parameters
    ----------
    quality : FrameQuality
    standstill : float
        A smaller change is none.
    """
    column = {
        name: np.array([math.nan if v is None else v for v in quality.values[name]])
        for name in MEASURES
    }
    best = float(np.percentile(column["sharpness"], 95))
    sharp = np.clip(column["sharpness"] / best, 0.0, 1.0) if best > 0 else np.zeros(quality.count)
    lit = np.clip(1.0 - column["clipped_dark"] * 0.5 - column["clipped_bright"], 0.0, 1.0)
    usual = float(np.median(column["noise"]))
    quiet = usual / np.maximum(column["noise"], usual) if usual > 0 else np.ones(quality.count)
    smooth = 1.0 / np.maximum(column["blockiness"], 1.0)
    good: NDArray[np.float64] = sharp * lit * quiet * smooth
    good[is_standing(quality, standstill)] = 0.0
    return good


def best_stretch(
    times: NDArray[np.float64], good: NDArray[np.float64], seconds: float
) -> tuple[int, int]:
    """Return begin and end of the frames of a stretch of time whose mean goodness is greatest.

    Parameters
    ----------
    times : ndarray, shape (T,), seconds, increasing
    good : ndarray, shape (T,)
    seconds : float
        From its first to its last frame at most; the whole clip where that is shorter.

    Returns
    -------
    start, stop : int
        The first of equals.
    """
    total = np.concatenate(([0.0], np.cumsum(good)))
    best, found = -1.0, (0, len(times))
    ends = np.searchsorted(times, times + seconds + 1e-9, side="right")
    for start, stop in enumerate(ends):
        is_cut = stop == len(times) and times[-1] - times[start] < 0.9 * seconds
        if is_cut and start > 0:
            break
        mean = (total[stop] - total[start]) / (stop - start)
        if mean > best + 1e-12:
            best, found = float(mean), (start, int(stop))
    return found


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("expected a finite number")
    return number
