"""Frames of a video as they are shown: real-world values of grey, levels, windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.window import Window, apply, percentile_window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.video import VideoSource

#: A frame whose values, of 0 to 1, lie below this on the whole shows nothing.
_BLACK = 0.02


def frame_values(video: VideoSource, frame: NDArray[Any]) -> NDArray[np.float32]:
    """Return the real-world values of a grey frame.

    Parameters
    ----------
    video : VideoSource
    frame : ndarray, shape (Y, X, 1), stored dtype

    Returns
    -------
    ndarray, shape (Y, X), float32, in `video.unit`
    """
    values = frame[..., 0].astype(np.float32)
    if (video.slope, video.intercept) != (1.0, 0.0):
        values *= np.float32(video.slope)
        values += np.float32(video.intercept)
    return values


def frame_colours(frame: NDArray[Any]) -> NDArray[np.uint8]:
    """Return red, green and blue of 8 bits of a colour frame of 8 or 16.

    Parameters
    ----------
    frame : ndarray, shape (Y, X, 3), unsigned
    """
    return frame if frame.dtype == np.uint8 else (frame >> 8).astype(np.uint8)


def is_inverted(video: VideoSource) -> bool:
    """Return whether the lowest values are shown white (DICOM PS3.3 C.7.6.3.1.2)."""
    return video.facts.get("photometric") == "MONOCHROME1"


def initial_window(video: VideoSource, frame: NDArray[Any]) -> Window:
    """Return the window a video is shown in: of the file, of 8 bits, or of a frame's values.

    Parameters
    ----------
    video : VideoSource
    frame : ndarray, shape (Y, X, C), stored dtype
        One that shows something.
    """
    if video.channels != 1:
        return Window(127.5, 255.0, "colour")
    if video.windows:
        return video.windows[0]
    if video.dtype == np.uint8 and (video.slope, video.intercept) == (1.0, 0.0):
        return Window(127.5, 255.0, "8 bits")
    return percentile_window(frame_values(video, frame))


def frame_levels(video: VideoSource, frame: NDArray[Any], window: Window) -> NDArray[np.uint8]:
    """Return a frame as it is shown.

    Returns
    -------
    ndarray, shape (Y, X) of grey levels or (Y, X, 3) of colours, uint8
    """
    if video.channels != 1:
        return frame_colours(frame)
    grey = apply(frame_values(video, frame), window)
    return 255 - grey if is_inverted(video) else grey


def is_black(frame: NDArray[Any]) -> bool:
    """Return whether a frame shows nothing: all but equal, or dark throughout.

    Parameters
    ----------
    frame : ndarray, shape (Y, X, C)
    """
    step = max(1, min(frame.shape[:2]) // 256)
    frame = frame[::step, ::step]
    low, high = int(frame.min()), int(frame.max())
    if frame.dtype.kind == "i" or frame.dtype.itemsize > 1:
        return low == high
    return high - low <= _BLACK * 255 or float(np.percentile(frame, 99.5)) <= _BLACK * 255


def spread(count: int, wanted: int) -> list[int]:
    """Return up to `wanted` numbers of `count` frames, evenly spread, first and last left out.

    Parameters
    ----------
    count : int
        How many frames there are, 1 or more.
    wanted : int
        How many to choose at most.
    """
    chosen = min(count, wanted)
    return [int((2 * n + 1) * count / (2 * chosen)) for n in range(chosen)]
