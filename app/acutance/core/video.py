"""Frames in time: what a video says of itself, and the frames that were asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.window import Window

#: Grey, or red, green and blue.
CHANNELS = (1, 3)


@dataclass(frozen=True, eq=False)
class VideoSource:
    """A video that can be read frame by frame; its frames are not in memory.

    Parameters
    ----------
    times : ndarray, shape (T,), float64
        Presentation time of each frame in seconds, strictly increasing, the first one 0.
    height, width : int
        Pixels of a frame as shown, after the rotation that the file asks for.
    channels : int
        1 (grey) or 3 (red, green, blue).
    dtype : numpy dtype
        Of the frames as they are read: unsigned or signed integers.
    frame_time_source : str
        Where `times` come from: "frame time vector", "frame time", "recommended display frame
        rate", "cine rate", "container", or "assumed".
    pixel_spacing : tuple of float or None
        Mm per pixel along rows and columns, None where not stated or not the same everywhere.
    slope, intercept : float
        Rescale of grey frames to real-world values.
    unit, modality, name : str
        As in `Volume`.
    windows : tuple of Window
        Stored in the file.
    facts : dict of str to plain values
        Non-personal header facts.

    Raises
    ------
    ValueError
        If there is no frame, times do not increase, or the frames can be no pictures.
    """

    times: NDArray[np.float64]
    height: int
    width: int
    channels: int
    dtype: np.dtype[Any]
    frame_time_source: str = "container"
    pixel_spacing: tuple[float, float] | None = None
    slope: float = 1.0
    intercept: float = 0.0
    unit: str = ""
    modality: str = ""
    name: str = ""
    windows: tuple[Window, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check times and sizes."""
        times = np.asarray(self.times, dtype=np.float64)
        if times.ndim != 1 or not times.size or not bool(np.all(np.isfinite(times))):
            raise ValueError("a video needs a finite time for each of its frames")
        if times.size > 1 and not bool(np.all(np.diff(times) > 0)):
            raise ValueError("frame times must increase")
        if self.height < 1 or self.width < 1 or self.channels not in CHANNELS:
            raise ValueError("frames need a size, and 1 or 3 channels")
        if np.dtype(self.dtype).kind not in "iu":
            raise ValueError("frames hold integers")
        object.__setattr__(self, "times", times)

    @property
    def count(self) -> int:
        """Number of frames."""
        return int(self.times.size)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Frames, rows, columns, channels: the shape of all frames together."""
        return self.count, self.height, self.width, self.channels

    @property
    def frame_rate(self) -> float:
        """Mean frames per second; 0 for a single frame."""
        return _frame_rate(self.times)

    @property
    def duration(self) -> float:
        """Seconds from the first frame to the end of the last, taken to last as the mean one."""
        rate = self.frame_rate
        return self.count / rate if rate else 0.0


@dataclass(frozen=True, eq=False)
class Video:
    """Frames in memory with the time each is shown at.

    Parameters
    ----------
    array : ndarray, shape (T, Y, X, C), stored dtype
        Frames; C is 1 (grey) or 3 (red, green, blue).
    times : ndarray, shape (T,), float64
        Presentation time of each frame in seconds, strictly increasing.
    name : str
        Name without personal data.
    facts : dict
        Non-personal header facts.

    Raises
    ------
    ValueError
        If shapes do not fit or times do not increase.
    """

    array: NDArray[Any]
    times: NDArray[np.float64]
    name: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check shape and times."""
        if self.array.ndim != 4 or self.array.shape[3] not in CHANNELS:
            raise ValueError("a video needs an array of shape (T, Y, X, 1 or 3)")
        if self.times.shape != (self.array.shape[0],):
            raise ValueError("a video needs one time per frame")
        if self.times.size > 1 and not bool(np.all(np.diff(self.times) > 0)):
            raise ValueError("frame times must increase")

    @property
    def frame_rate(self) -> float:
        """Mean frames per second; 0 for a single frame."""
        return _frame_rate(self.times)


def _frame_rate(times: NDArray[np.float64]) -> float:
    return float((times.size - 1) / (times[-1] - times[0])) if times.size > 1 else 0.0
