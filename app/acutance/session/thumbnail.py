"""Small grey pictures of volumes for lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.frames import frame_levels, initial_window
from acutance.core.quality import choose_planes
from acutance.core.slicing import extract_slice, volume_geometry
from acutance.core.window import Window, apply, percentile_window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.video import VideoSource
    from acutance.core.volume import Volume

#: Samples per output pixel and direction; their mean keeps fine structure from aliasing.
_SAMPLES = 3
#: Red, green and blue in luma (ITU-R BT.601).
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def make_thumbnail(volume: Volume, size: int = 48) -> NDArray[np.uint8]:
    """Return the middle slice of the plane that is scored first, letterboxed into a square.

    Parameters
    ----------
    volume : Volume
    size : int
        Rows and columns of the square, in pixels.

    Returns
    -------
    ndarray, shape (size, size), uint8
        Grey levels; black outside the slice, proportions as in mm.

    Raises
    ------
    ValueError
        If `size` is not positive.
    """
    if size < 1:
        raise ValueError(f"size must be positive, not {size}")
    geometry = volume_geometry(volume, choose_planes(volume, "auto")[0])
    image = extract_slice(volume, geometry, geometry.count // 2)
    # Colour has no window: what is shown is its luma.
    shown = Window(127.5, 255.0) if volume.is_colour else percentile_window(image)
    grey = apply(image, shown)
    if volume.facts.get("photometric") == "MONOCHROME1":
        grey = 255 - grey
    return _letterbox(grey, geometry.pixel_spacing, size)


def make_frame_thumbnail(
    video: VideoSource, frame: NDArray[Any], size: int = 48
) -> NDArray[np.uint8]:
    """Return a frame of a video, letterboxed into a square.

    Parameters
    ----------
    video : VideoSource
    frame : ndarray, shape (Y, X, C), stored dtype
    size : int
        Rows and columns of the square, in pixels.

    Returns
    -------
    ndarray, shape (size, size), uint8
        Grey levels, of colour its luma; black outside the frame.

    Raises
    ------
    ValueError
        If `size` is not positive.
    """
    if size < 1:
        raise ValueError(f"size must be positive, not {size}")
    step = max(1, max(frame.shape[:2]) // (_SAMPLES * size))
    frame = frame[::step, ::step]
    levels = frame_levels(video, frame, initial_window(video, frame))
    if levels.ndim == 3:
        levels = np.rint(levels @ _LUMA).astype(np.uint8)
    aspect = float(video.facts.get("pixel_aspect", 1.0))
    return _letterbox(levels, video.pixel_spacing or (1.0, aspect), size)


def _letterbox(
    grey: NDArray[np.uint8], spacing: tuple[float, float], size: int
) -> NDArray[np.uint8]:
    height, width = (n * mm for n, mm in zip(grey.shape, spacing, strict=True))
    longest = max(height, width)
    rows = max(1, min(size, round(size * height / longest)))
    columns = max(1, min(size, round(size * width / longest)))
    fine = grey[np.ix_(_positions(grey.shape[0], rows), _positions(grey.shape[1], columns))]
    small = fine.reshape(rows, _SAMPLES, columns, _SAMPLES).mean(axis=(1, 3))
    square = np.zeros((size, size), dtype=np.uint8)
    top, left = (size - rows) // 2, (size - columns) // 2
    square[top : top + rows, left : left + columns] = np.rint(small).astype(np.uint8)
    return square


def _positions(count: int, pixels: int) -> NDArray[np.intp]:
    """Return `pixels * _SAMPLES` indices spread evenly over `count` samples."""
    steps = pixels * _SAMPLES
    return np.minimum(((np.arange(steps) + 0.5) * count / steps).astype(np.intp), count - 1)
