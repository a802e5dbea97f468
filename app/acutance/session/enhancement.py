"""What is shown of a clip at more pixels: a previewed piece of it, beside or over the original."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from psygnal import Signal

from acutance.session.frame_cache import FrameCache

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.ledger import LoadedVideo
    from acutance.core.upscaling import UpscaleResult
    from acutance.core.video import VideoSource

#: What the frames of an enhanced clip in memory may take.
COMPANION_BYTES = 256 << 20
Mode = Literal["off", "split", "side"]
MODES: tuple[Mode, ...] = ("off", "split", "side")


@dataclass(frozen=True)
class Region:
    """A part of a frame, in its pixels.

    Parameters
    ----------
    top, left, bottom, right : int
        The first row and column, and those behind the last.
    """

    top: int
    left: int
    bottom: int
    right: int

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.bottom - self.top, self.right - self.left

    def grown(self, margin: int, height: int, width: int) -> Region:
        """Return the region with a margin, as far as the frame reaches."""
        return Region(
            max(0, self.top - margin),
            max(0, self.left - margin),
            min(height, self.bottom + margin),
            min(width, self.right + margin),
        )

    def of(self, frames: NDArray[Any]) -> NDArray[Any]:
        """Return this part of frames of shape (T, Y, X, C)."""
        return frames[:, self.top : self.bottom, self.left : self.right]


@dataclass(frozen=True, eq=False)
class Preview:
    """Some neighbouring frames of a region at more pixels.

    Parameters
    ----------
    loaded : LoadedVideo
    region : Region
    first : int
        Number of the first of them in the clip.
    frames : ndarray, shape (T, scale Y, scale X, C), stored dtype
    scale : int
    result : UpscaleResult
        How they were made.
    """

    loaded: LoadedVideo
    region: Region
    first: int
    frames: NDArray[Any]
    scale: int
    result: UpscaleResult

    @property
    def stop(self) -> int:
        """The number behind the last of them."""
        return self.first + len(self.frames)

    @property
    def video(self) -> VideoSource:
        """What the values of its frames mean: those of the original."""
        return self.loaded.video

    @property
    def fallbacks(self) -> tuple[int, ...]:
        """Frames that are bicubic, since the network's departed from their input."""
        return self.result.fallbacks

    def frame(self, number: int) -> NDArray[Any] | None:
        """Return the pixels of a frame of the clip, None where there are none."""
        if not self.first <= number < self.stop:
            return None
        found: NDArray[Any] = self.frames[number - self.first]
        return found


class Companion:
    """A whole clip at more pixels, frame by frame beside its original.

    Parameters
    ----------
    loaded : LoadedVideo
        The original.
    enhanced : LoadedVideo
        As many frames, of `scale` times the sides.
    scale : int
    """

    def __init__(self, loaded: LoadedVideo, enhanced: LoadedVideo, scale: int) -> None:
        self.loaded = loaded
        self.enhanced = enhanced
        self.scale = scale
        self.region = Region(0, 0, loaded.video.height, loaded.video.width)
        self.cache = FrameCache(enhanced.video, COMPANION_BYTES)
        self.fallbacks: tuple[int, ...] = ()

    @property
    def video(self) -> VideoSource:
        """What the values of its frames mean."""
        return self.enhanced.video

    def frame(self, number: int) -> NDArray[Any] | None:
        """Return the pixels of a frame of the clip, None where they were not read."""
        return self.cache.frame(number)


class Enhancement:
    """What is previewed of the video in view, and how it is shown.

    Signals
    -------
    changed
        Other pixels, or another way to show them.
    """

    changed = Signal()

    def __init__(self) -> None:
        self._preview: Preview | Companion | None = None
        self._mode: Mode = "split"
        self._split = 0.5
        self._is_held = False

    @property
    def preview(self) -> Preview | Companion | None:
        """What there is to show."""
        return self._preview

    @property
    def mode(self) -> Mode:
        """Not shown, to the right of a line over the original, or beside it."""
        return "off" if self._is_held else self._mode

    @property
    def split(self) -> float:
        """Where the line is, as a share of the view's width."""
        return self._split

    def show(self, preview: Preview | Companion | None) -> None:
        """Show a preview, or a whole clip, in the place of what was there before; or none."""
        self._preview = preview
        self.changed.emit()

    def set_mode(self, mode: Mode) -> None:
        """Choose how it is shown.

        Raises
        ------
        ValueError
            If there is no such way.
        """
        if mode not in MODES:
            raise ValueError(f"no way {mode!r} to show it")
        self._mode = mode
        self.changed.emit()

    def set_split(self, share: float) -> None:
        """Move the line."""
        self._split = min(0.98, max(0.02, share))
        self.changed.emit()

    def hold(self, held: bool) -> None:
        """Show the original as long as a key is held."""
        if held != self._is_held:
            self._is_held = held
            self.changed.emit()

    def frame(self, loaded: LoadedVideo | None, number: int) -> NDArray[Any] | None:
        """Return the enhanced pixels of a frame of a video, None where there are none."""
        preview = self._preview
        if preview is None or loaded is not preview.loaded or self.mode == "off":
            return None
        return preview.frame(number)
