"""Frames of an opened video by number: seek to the right key frame, decode exactly those."""

from __future__ import annotations

import bisect
from typing import TYPE_CHECKING, Any

from acutance.errors import CorruptFileError
from acutance.io.video_file import VIDEO_ERRORS, decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

    from acutance.io._protocols import CancelToken
    from acutance.io.video_file import VideoFile
    from acutance.io.video_timeline import Timeline


class FrameReader:
    """Gives frames of a video; keeps its place, so that frames in a row cost one decoding each.

    Parameters
    ----------
    video : VideoFile
    timeline : Timeline
        Of that file.
    """

    def __init__(self, video: VideoFile, timeline: Timeline) -> None:
        self.video = video
        self.timeline = timeline
        self._flow: Iterator[tuple[int, VideoFrame]] | None = None
        self._next = 0
        self._ahead: tuple[int, VideoFrame] | None = None
        self._origin = 0
        self._lost: set[int] = set()

    @property
    def count(self) -> int:
        """Number of frames."""
        return int(self.timeline.times.size)

    def fill(self, start: int, out: NDArray[Any], token: CancelToken) -> int:
        """Fill an array of shape (count, rows, columns, channels) with frames from `start` on.

        Returns
        -------
        int
            How many of them could not be decoded; the frame before stands in their place.

        Raises
        ------
        CorruptFileError
            If not even the first of them can be decoded.
        """
        picture = self.timeline.picture
        missing = 0
        for place in range(len(out)):
            token.raise_if_cancelled()
            frame = self._frame(start + place)
            if frame is not None:
                out[place] = picture.array(frame)
            elif place:
                out[place] = out[place - 1]
                missing += 1
            else:
                missing += 1
                self._fill_before(start, out)
        return missing

    def close(self) -> None:
        """Close the file."""
        self._stop()
        self.video.close()

    def _fill_before(self, number: int, out: NDArray[Any]) -> None:
        """Put the last frame before `number` that can be decoded in the first place."""
        for earlier in range(number - 1, max(-1, number - 64), -1):
            frame = self._frame(earlier)
            if frame is not None:
                out[0] = self.timeline.picture.array(frame)
                return
        raise CorruptFileError(
            f"Frame {number + 1} and those around it cannot be decoded.",
            remedy="Show another part of the video.",
            path=self.video.path,
        )

    def _frame(self, number: int) -> VideoFrame | None:
        """Return a frame, None where it cannot be decoded."""
        if number in self._lost:
            return None
        if self._flow is None or not self._is_near(number):
            self._go_to(number)
        frame = self._take(number)
        if frame is None and self._origin > 0:
            # Perhaps no true entry point: once more, from two key frames before.
            self._begin(max(0, self._origin - 2))
            frame = self._take(number)
        if frame is None:
            self._lost.add(number)
        return frame

    def _take(self, number: int) -> VideoFrame | None:
        """Advance to a frame; None where the flow has passed it."""
        while True:
            held = self._ahead
            if held is None:
                if self._flow is None:
                    return None
                held = next(self._flow, None)
                if held is None:
                    self._stop()
                    return None
            place, frame = held
            if place > number:
                self._ahead = held
                self._next = place
                return None
            self._ahead = None
            self._next = place + 1
            if place == number:
                return frame

    def _is_near(self, number: int) -> bool:
        """Whether it is better to decode on than to seek."""
        if number < self._next:
            return False
        stamps, keys = self.timeline.stamps, self.timeline.keys
        if stamps is None or number == self._next:
            return True
        here = bisect.bisect_right(keys, stamps[self._next])
        there = bisect.bisect_right(keys, stamps[number])
        return here == there

    def _go_to(self, number: int) -> None:
        """Begin to decode so that frame `number` comes."""
        stamps, keys = self.timeline.stamps, self.timeline.keys
        if stamps is None:
            self._from_start()
        else:
            self._begin(bisect.bisect_right(keys, int(stamps[number])) - 1)

    def _begin(self, last: int) -> None:
        """Begin to decode at a key frame; a container that lands late is asked for earlier ones."""
        for key in range(last, max(0, last - 3), -1):
            if self._seek(int(self.timeline.keys[key])):
                self._origin = key
                return
        self._from_start()

    def _seek(self, key: int) -> bool:
        """Stand before the key packet of this time; False where the container cannot."""
        self._stop()
        try:
            self.video.container.seek(key, stream=self.video.stream, backward=True)
        except VIDEO_ERRORS:
            return False
        packets = self.video.packets()
        for packet in packets:
            if packet.is_keyframe and packet.pts == key:
                self._flow = self._frames(packet, packets)
                return True
            if not packet.size or (packet.is_keyframe and (packet.pts or 0) > key):
                return False
        return False

    def _from_start(self) -> None:
        self._stop()
        self.video.restart()
        self._origin = 0
        self._flow = self._frames(None, self.video.packets())

    def _stop(self) -> None:
        self._flow = None
        self._ahead = None
        self._next = 0

    def _frames(
        self, first: Packet[VideoStream] | None, packets: Iterator[Packet[VideoStream]]
    ) -> Iterator[tuple[int, VideoFrame]]:
        """Yield frames with their numbers; frames that the timeline lacks are passed over."""
        stamps = self.timeline.stamps
        counter = 0
        if first is not None:
            yield from self._numbered(decode(first) or ())
        for packet in packets:
            decoded = decode(packet) or ()
            if stamps is not None:
                yield from self._numbered(decoded)
                continue
            for frame in decoded:
                if counter < self.count:
                    yield counter, frame
                counter += 1

    def _numbered(self, frames: Any) -> Iterator[tuple[int, VideoFrame]]:
        stamps = self.timeline.stamps
        assert stamps is not None
        for frame in frames:
            stamp = frame.pts if frame.pts is not None else frame.dts
            if stamp is None:
                continue
            place = bisect.bisect_left(stamps, stamp)
            if place < len(stamps) and int(stamps[place]) == stamp:
                yield place, frame
