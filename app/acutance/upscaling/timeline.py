"""Measure a whole clip, part by part, with memory that does not grow with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from acutance.core.frames import is_inverted
from acutance.core.timeline import (
    MEASURES,
    STANDSTILL,
    FrameQuality,
    FrameQualityRequest,
    best_stretch,
    goodness,
    is_standing,
)
from acutance.core.upscaling import value_range
from acutance.upscaling.source import FrameFeed, value_ends

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from acutance.jobs.runner import Runner
    from acutance.upscaling.source import Clip

#: Bytes of frames that are measured by one job.
_PART_BYTES = 32 << 20


@dataclass(frozen=True, eq=False)
class ClipQuality:
    """The quality of a clip.

    Parameters
    ----------
    times : ndarray, shape (T,), float64, seconds
    quality : FrameQuality
        Of every frame.
    damaged : int
        Frames in whose place the one before stands.
    """

    times: NDArray[np.float64]
    quality: FrameQuality
    damaged: int = 0

    @property
    def goodness(self) -> NDArray[np.float64]:
        """How well each frame is suited to be looked at, in [0, 1]; see `core.timeline`."""
        return goodness(self.quality, STANDSTILL)

    @property
    def standing(self) -> int:
        """How many frames do not differ from the one before."""
        return int(is_standing(self.quality, STANDSTILL).sum())

    def best(self, seconds: float) -> tuple[int, int]:
        """Return begin and end of the best frames that last at most so long."""
        return best_stretch(self.times, self.goodness, seconds)

    def rows(self) -> list[list[Any]]:
        """Return a table: number from 1, time, measures, goodness of each frame."""
        columns = [self.quality.values[name] for name in MEASURES]
        good = self.goodness
        return [
            [n + 1, round(float(time), 6), *(c[n] for c in columns), round(float(good[n]), 4)]
            for n, time in enumerate(self.times)
        ]


#: The header of `ClipQuality.rows`.
COLUMNS = ("frame", "seconds", *MEASURES, "goodness")


def measure_clip(
    runner: Runner,
    clip: Clip,
    *,
    warps: bool = False,
    rates: bool = False,
    tell: Callable[[int, int], None] = lambda *_: None,
) -> ClipQuality:
    """Measure every frame.

    Parameters
    ----------
    runner : Runner
    clip : Clip
    warps, rates : bool
        Whether warping error and NIQE are measured, which take longest.
    tell : callable
        Hears how many frames are measured, of how many.

    Raises
    ------
    AcutanceError
        If frames cannot be read.
    """
    video = clip.video
    count, height, width, channels = video.shape
    step = max(2, _PART_BYTES // (height * width * channels * video.dtype.itemsize))
    values = value_range(video, *value_ends(runner, clip), None)
    feed = FrameFeed(runner, clip)
    found: FrameQuality | None = None
    for start in range(0, count, step):
        first, stop = max(0, start - 1), min(start + step, count)
        request = FrameQualityRequest(
            feed.get(first, stop), first, values, is_inverted(video), warps, rates
        )
        feed.read_ahead(stop - 1, min(stop + step, count))
        part: FrameQuality = runner.submit("frame_quality", request).value()
        found = part if found is None else found.joined(part)
        tell(stop, count)
    feed.close()
    assert found is not None
    return ClipQuality(video.times, found, feed.damaged)
