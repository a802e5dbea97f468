"""Frames of one video in memory, in parts, within a bound."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from acutance.core.video import VideoSource

#: Frames are asked for in parts of about this size, so that none keeps the reader long.
PART_BYTES = 6 * 1024**2
PART_FRAMES = 64
#: What all parts of the video that is looked at may take.
CACHE_BYTES = 384 * 1024**2


class FrameCache:
    """Parts of a video that were read; those unused for longest are let go.

    Parameters
    ----------
    video : VideoSource
    limit_bytes : int
        Never fewer than three parts are kept.
    """

    def __init__(self, video: VideoSource, limit_bytes: int = CACHE_BYTES) -> None:
        count, height, width, channels = video.shape
        frame_bytes = height * width * channels * video.dtype.itemsize
        self.frame_shape = (height, width, channels)
        self.part_frames = min(PART_FRAMES, max(1, PART_BYTES // frame_bytes))
        self.part_count = -(-count // self.part_frames)
        self.capacity = max(3, limit_bytes // (frame_bytes * self.part_frames))
        self._count = count
        self._dtype = video.dtype
        self._parts: OrderedDict[int, NDArray[Any]] = OrderedDict()
        self._lost: set[int] = set()

    def part_of(self, number: int) -> int:
        """Return the part that a frame is in."""
        return number // self.part_frames

    def range_of(self, part: int) -> tuple[int, int]:
        """Return the first frame of a part, and how many there are in it."""
        start = part * self.part_frames
        return start, min(self.part_frames, self._count - start)

    def frame(self, number: int) -> NDArray[Any] | None:
        """Return a frame of shape (Y, X, C), None where it is not here."""
        part = self.part_of(number)
        held = self._parts.get(part)
        if held is None:
            return None
        self._parts.move_to_end(part)
        frame: NDArray[Any] = held[number - part * self.part_frames]
        return frame

    def put(self, start: int, frames: NDArray[Any]) -> None:
        """Keep a part.

        Raises
        ------
        ValueError
            If these are not the frames of a part of the video.
        """
        part = self.part_of(start)
        first, count = self.range_of(part)
        if (start, frames.shape) != (first, (count, *self.frame_shape)):
            raise ValueError(f"frames of shape {frames.shape} from {start} on are no part")
        if frames.dtype != self._dtype:
            raise ValueError(f"frames are {frames.dtype}, the video is {self._dtype}")
        self._parts[part] = frames
        self._parts.move_to_end(part)
        self._lost.discard(part)
        while len(self._parts) > self.capacity:
            self._parts.popitem(last=False)

    def give_up(self, start: int) -> None:
        """Note that a part cannot be read; it is not asked for again."""
        self._lost.add(self.part_of(start))

    def is_lost(self, number: int) -> bool:
        """Whether a frame is in a part that cannot be read."""
        return self.part_of(number) in self._lost

    def first_missing(self, parts: Iterable[int]) -> int | None:
        """Return the first of some parts that is neither here nor lost."""
        return next((p for p in parts if p not in self._parts and p not in self._lost), None)
