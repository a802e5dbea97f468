"""The video that is looked at: which frame, whether it plays, what must be read next.

Knows no timer and no toolkit: whoever draws asks at the right moment (`tick`), whoever reads asks
what is wanted (`wanted`) and brings it (`put`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from psygnal import Signal

from acutance.core.frames import frame_values, initial_window, is_black
from acutance.core.window import Window, percentile_window
from acutance.session.frame_cache import CACHE_BYTES, FrameCache

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from acutance.core.ledger import LoadedVideo
    from acutance.session.session import Session

#: How far ahead of the frame that is shown frames are read while it plays.
AHEAD_SECONDS = 2.0
#: Of the cache, the share that frames ahead may fill.
_AHEAD_SHARE = 0.5


class Playback:
    """Place and pace in the active video; at its end it begins anew.

    Times are the file's own. A frame that was due and could not be drawn in time is counted as
    dropped; when frames have not been read yet the clock waits for them, which is counted too.

    Parameters
    ----------
    session : Session
        Its active series is followed.
    cache_bytes : int
        What frames in memory may take.

    Signals
    -------
    video_changed
        Another video, or none, is looked at.
    range_changed
        What is played, or how fast, or whether it begins anew at its end.
    frame_changed : int
        The frame that is looked at, from 0.
    shown_changed
        Other pixels are to be drawn.
    playing_changed : bool
    """

    video_changed = Signal()
    range_changed = Signal()
    frame_changed = Signal(int)
    shown_changed = Signal()
    playing_changed = Signal(bool)

    def __init__(self, session: Session, *, cache_bytes: int = CACHE_BYTES) -> None:
        self._session = session
        self._cache_bytes = cache_bytes
        self._loaded: LoadedVideo | None = None
        self._cache: FrameCache | None = None
        self._frame = 0
        self._shown: tuple[int, NDArray[Any]] | None = None
        self._needs_window = False
        self._is_playing = False
        self._speed, self._loops = 1.0, True
        self._range: tuple[int, int] | None = None
        # Time of the clip less that of the clock, which runs as fast as the clip does.
        self._base = 0.0
        self._last_tick = 0.0
        self.dropped = 0
        self.waited = 0.0
        session.active_changed.connect(self._on_active)
        session.series_changed.connect(self._on_active)

    @property
    def loaded(self) -> LoadedVideo | None:
        """The video that is looked at; None where a volume or nothing is."""
        return self._loaded

    @property
    def frame(self) -> int:
        """The frame that is looked at, from 0."""
        return self._frame

    @property
    def count(self) -> int:
        """Number of frames; 0 without a video."""
        return 0 if self._loaded is None else self._loaded.video.count

    @property
    def seconds(self) -> float:
        """Time of the frame that is looked at."""
        return 0.0 if self._loaded is None else float(self._loaded.video.times[self._frame])

    @property
    def is_playing(self) -> bool:
        """Whether it plays."""
        return self._is_playing

    @property
    def shown(self) -> tuple[int, NDArray[Any]] | None:
        """Number and pixels of the frame to draw: the newest that was read; None before any."""
        return self._shown

    @property
    def is_lost(self) -> bool:
        """Whether the frame that is looked at cannot be read."""
        return self._cache is not None and self._cache.is_lost(self._frame)

    @property
    def speed(self) -> float:
        """How many times as fast as recorded it plays."""
        return self._speed

    @property
    def loops(self) -> bool:
        """Whether it begins anew at its end; else it stops there."""
        return self._loops

    @property
    def range(self) -> tuple[int, int] | None:
        """The first frame that is played and the one behind the last; None for all."""
        return self._range

    def set_speed(self, speed: float, now: float) -> None:
        """Play slower or faster than recorded; dropped frames are counted as ever.

        Raises
        ------
        ValueError
            If it is not between 1/16 and 16.
        """
        if not 1 / 16 <= speed <= 16:
            raise ValueError(f"no speed {speed}")
        if self._is_playing:
            time = min(now * self._speed - self._base, self._end_of_frame())
            self._base = now * speed - time
        self._speed = speed
        self.range_changed.emit()

    def set_loops(self, loops: bool) -> None:
        """Begin anew at the end, or stop there."""
        self._loops = loops
        self.range_changed.emit()

    def set_range(self, frames: tuple[int, int] | None) -> None:
        """Play some frames only, or all again.

        Raises
        ------
        ValueError
            If there are no such frames.
        """
        if frames is not None and not 0 <= frames[0] < frames[1] <= self.count:
            raise ValueError(f"no frames {frames} of {self.count}")
        self.pause()
        self._range = frames
        self.range_changed.emit()

    # Where.

    def set_frame(self, number: int) -> None:
        """Look at a frame, clamped to the ends; playing stops."""
        self.pause()
        self._go_to(min(max(int(number), 0), max(0, self.count - 1)))

    def step(self, delta: int) -> None:
        """Look some frames on or back; playing stops."""
        self.set_frame(self._frame + delta)

    # Pace.

    def play(self, now: float) -> None:
        """Begin to play from the frame that is looked at, from the first where that is the last.

        Parameters
        ----------
        now : float
            Seconds of any clock that never goes back.
        """
        if self._loaded is None or self.count < 2 or self._is_playing:
            return
        start, stop = self._bounds
        if not start <= self._frame < stop - 1:
            self._go_to(start)
        self._is_playing, self.dropped, self.waited = True, 0, 0.0
        self._base, self._last_tick = now * self._speed - self.seconds, now
        self.playing_changed.emit(True)

    def pause(self) -> None:
        """Stop at the frame that is looked at."""
        if self._is_playing:
            self._is_playing = False
            self.playing_changed.emit(False)

    def toggle(self, now: float) -> None:
        """Play, or stop."""
        if self._is_playing:
            self.pause()
        else:
            self.play(now)

    def tick(self, now: float) -> None:
        """Go to the frame that is due, as far as frames have been read."""
        if not self._is_playing or self._loaded is None or self._cache is None:
            return
        video, (start, stop) = self._loaded.video, self._bounds
        elapsed, self._last_tick = now - self._last_tick, now
        time = now * self._speed - self._base
        begin, end = float(video.times[start]), self._end_of(stop - 1)
        is_over = time >= end
        if is_over and self._loops:
            turns = int((time - begin) / (end - begin))
            self._base += turns * (end - begin)
            time -= turns * (end - begin)
        due = int(np.searchsorted(video.times, time + 1e-9, side="right")) - 1
        due = min(max(due, start), stop - 1)
        way = (due - self._frame) % (stop - start)
        if not way:
            if is_over and not self._loops:
                self.pause()
            return
        reached = next((n for n in range(way, 0, -1) if self._is_here(n)), 0)
        if reached:
            self.dropped += reached - 1
            self._go_to(self._ahead(reached))
        if reached < way:
            # Not read yet: the clock waits at the last moment of the frame that is shown.
            self.waited += elapsed
            self._base = now * self._speed - self._end_of_frame()

    def seconds_to_next(self, now: float) -> float:
        """Return how long the frame that is shown may still stay, in seconds; 0 when it is late."""
        if self._loaded is None or not self._is_playing:
            return 0.0
        return max(0.0, self._end_of_frame() - (now * self._speed - self._base)) / self._speed

    # Frames.

    def wanted(self) -> tuple[int, int] | None:
        """Return the first frame and the number of frames to read next; None where all are here."""
        cache = self._cache
        if cache is None or self._loaded is None:
            return None
        part = cache.first_missing(self._parts_in_order(cache))
        return None if part is None else cache.range_of(part)

    def put(self, loaded: LoadedVideo, start: int, frames: NDArray[Any]) -> None:
        """Bring frames that were read; those of another video are dropped.

        Raises
        ------
        ValueError
            If these are not the frames that were wanted: the file is another one by now.
        """
        if self._cache is None or loaded is not self._loaded:
            return
        self._cache.put(start, frames)
        self._refresh()

    def give_up(self, loaded: LoadedVideo, start: int) -> None:
        """Note that the part that begins there cannot be read."""
        if self._cache is not None and loaded is self._loaded:
            self._cache.give_up(start)
            self.shown_changed.emit()

    def automatic_window(self) -> Window | None:
        """Return the window that fits the values of the frame that is shown; None for colour."""
        if self._loaded is None or self._shown is None or self._loaded.video.channels != 1:
            return None
        return percentile_window(frame_values(self._loaded.video, self._shown[1]))

    def first_window(self) -> Window | None:
        """Return the window that the video starts with; None before a frame was read."""
        if self._loaded is None or self._shown is None:
            return None
        return initial_window(self._loaded.video, self._shown[1])

    def _parts_in_order(self, cache: FrameCache) -> Iterator[int]:
        """Yield parts, the most urgent first."""
        here = cache.part_of(self._frame)
        yield here
        if not self._is_playing:
            yield from (p for p in (here + 1, here - 1) if 0 <= p < cache.part_count)
            return
        assert self._loaded is not None
        times, frame = self._loaded.video.times, self._frame
        budget = max(1, int(cache.capacity * _AHEAD_SHARE))
        for ahead in range(1, min(budget, cache.part_count)):
            part = (here + ahead) % cache.part_count
            yield part
            reached = cache.range_of(part)[0]
            passed = times[reached] - times[frame]
            if (passed if passed >= 0 else passed + self._loaded.video.duration) > AHEAD_SECONDS:
                return

    def _is_here(self, ahead: int) -> bool:
        """Whether a frame so far ahead can be drawn; one that cannot be read is not waited for."""
        assert self._cache is not None
        number = self._ahead(ahead)
        return self._cache.frame(number) is not None or self._cache.is_lost(number)

    @property
    def _bounds(self) -> tuple[int, int]:
        return self._range or (0, self.count)

    def _ahead(self, frames: int) -> int:
        """Return the frame so far ahead, from the end on again from the beginning."""
        start, stop = self._bounds
        return start + (self._frame - start + frames) % (stop - start)

    def _end_of_frame(self) -> float:
        return self._end_of(self._frame)

    def _end_of(self, frame: int) -> float:
        """Return when a frame gives way to the next one, in seconds of the clip."""
        assert self._loaded is not None
        video = self._loaded.video
        last = frame + 1 >= video.count
        return video.duration if last else float(video.times[frame + 1])

    def _go_to(self, number: int) -> None:
        if number != self._frame:
            self._frame = number
            self._refresh()
            self.frame_changed.emit(number)

    def _refresh(self) -> None:
        """Take the pixels of the frame that is looked at, where they are here."""
        pixels = None if self._cache is None else self._cache.frame(self._frame)
        if pixels is None or (self._shown is not None and self._shown[0] == self._frame):
            return
        self._shown = self._frame, pixels
        if self._needs_window and self._loaded is not None:
            # A black lead-in tells nothing of the values to come.
            self._needs_window = is_black(pixels)
            self._session.set_window(initial_window(self._loaded.video, pixels))
        self.shown_changed.emit()

    def _on_active(self, _id: object = None) -> None:
        entry = self._session.active
        loaded = entry.loaded_video if entry is not None else None
        if loaded is self._loaded:
            return
        was_playing, self._is_playing = self._is_playing, False
        self._loaded = loaded
        self._cache = None if loaded is None else FrameCache(loaded.video, self._cache_bytes)
        self._frame, self._shown, self._range = 0, None, None
        self._needs_window = loaded is not None
        self.dropped, self.waited = 0, 0.0
        if was_playing:
            self.playing_changed.emit(False)
        self.video_changed.emit()
