"""The one way a slice is prepared, in training and at inference.

Normalise first, then remove the noise floor: on raw intensities a floor of 0.025 does nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

SIZE = 256
NOISE_FLOOR = 0.025
# Below these a slice shows no anatomy: too few bright pixels, or neighbours that know nothing
# of each other. White noise has a neighbour correlation near 0, most air slices of whole-head
# scans 0.2 to 0.6, slices of a head 0.83 and more.
MIN_FOREGROUND = 0.02
MIN_NEIGHBOUR_CORRELATION = 0.6


def preprocess(slice_2d: ArrayLike) -> NDArray[np.float32] | None:
    """Prepare one slice for the network.

    Min-max to [0, 1], values up to 0.025 to 0, min-max again, zero-pad to a square (centred),
    resize to 256 x 256 by linear interpolation, anti-aliased when shrinking. The result does
    not depend on the scale or offset of the intensities. NaN and infinite pixels count as 0.

    Parameters
    ----------
    slice_2d : array-like, shape (H, W), real numbers
        One slice in any intensity unit, rows and columns of equal pixel size assumed.

    Returns
    -------
    ndarray, shape (256, 256), float32, in [0, 1], or None
        None when the slice shows no anatomy: it is constant, fewer than 2 % of its pixels are
        above the floor, or it is noise (neighbouring pixels hardly correlated).

    Raises
    ------
    ValueError
        If the array is not two-dimensional or has no pixels.
    """
    image = normalise(slice_2d)
    if image is None or is_blank(image):
        return None
    return to_square(torch.from_numpy(image)[None])[0].numpy()


def preprocess_slices(
    stack: ArrayLike,
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Prepare many slices of one shape.

    Parameters
    ----------
    stack : array-like, shape (N, H, W), real numbers

    Returns
    -------
    images : ndarray, shape (M, 256, 256), float32, in [0, 1]
        The slices that show anatomy, in order; equal to `preprocess` of each.
    is_scored : ndarray, shape (N,), bool
        Which slices those are; M is its sum.

    Raises
    ------
    ValueError
        If the array is not three-dimensional or has empty slices.
    """
    array = np.asarray(stack)
    if array.ndim != 3:
        raise ValueError(f"Expected slices of shape (N, H, W); got shape {array.shape}.")
    prepared = [preprocess(image) for image in array]
    kept = [image for image in prepared if image is not None]
    images = np.stack(kept) if kept else np.zeros((0, SIZE, SIZE), np.float32)
    return images, np.array([image is not None for image in prepared], np.bool_)


def normalise(slice_2d: ArrayLike) -> NDArray[np.float32] | None:
    """Bring a slice to [0, 1] with its noise floor removed.

    Parameters
    ----------
    slice_2d : array-like, shape (H, W), real numbers

    Returns
    -------
    ndarray, shape (H, W), float32, in [0, 1], or None
        None when the slice is constant.

    Raises
    ------
    ValueError
        If the array is not two-dimensional or has no pixels.
    """
    image = np.asarray(slice_2d, dtype=np.float64)
    if image.ndim != 2 or image.size == 0:
        raise ValueError(f"Expected one slice of shape (H, W); got shape {image.shape}.")
    low, high = float(image.min()), float(image.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        image = np.where(np.isfinite(image), image, 0.0)
        low, high = float(image.min()), float(image.max())
    # Divided before subtracting, so that the span of extreme values cannot overflow.
    scale = max(abs(low), abs(high))
    if scale == 0.0 or not high / scale - low / scale > 1e-9:
        return None
    image = image / scale
    image -= low / scale
    image /= high / scale - low / scale
    # The maximum is 1 and the minimum 0 before and after: the second min-max is the identity.
    image[image <= NOISE_FLOOR] = 0.0
    return image.astype(np.float32)


def is_blank(image: NDArray[np.float32]) -> bool:
    """Tell whether a normalised slice shows no anatomy.

    Parameters
    ----------
    image : ndarray, shape (H, W), float32, in [0, 1]
        A slice out of `normalise`.
    """
    if np.count_nonzero(image) < MIN_FOREGROUND * image.size:
        return True
    return neighbour_correlation(image) < MIN_NEIGHBOUR_CORRELATION


def neighbour_correlation(image: NDArray[np.float32]) -> float:
    """Return the autocorrelation at a distance of one pixel, the mean of rows and columns.

    Parameters
    ----------
    image : ndarray, shape (H, W), float32

    Returns
    -------
    float
        In [-1, 1] but for border effects; 1 for an image without contrast.
    """
    centred = image - image.mean(dtype=np.float64).astype(np.float32)
    variance = float(np.mean(centred * centred, dtype=np.float64))
    if variance <= 1e-12 or min(image.shape) < 2:
        return 1.0
    rows = float(np.mean(centred[1:] * centred[:-1], dtype=np.float64))
    columns = float(np.mean(centred[:, 1:] * centred[:, :-1], dtype=np.float64))
    return (rows + columns) / (2.0 * variance)


def to_square(images: torch.Tensor, side: int = SIZE) -> torch.Tensor:
    """Zero-pad to a square and resize.

    Parameters
    ----------
    images : Tensor, shape (N, H, W), float, in [0, 1]
    side : int
        Pixels along each side of the result; scoring uses 256.

    Returns
    -------
    Tensor, shape (N, side, side), same dtype, in [0, 1]
        The same tensor where nothing was to do.
    """
    height, width = images.shape[-2:]
    longer = max(height, width)
    top, left = (longer - height) // 2, (longer - width) // 2
    if height != width:
        images = functional.pad(images, (left, longer - width - left, top, longer - height - top))
    if longer == side:
        return images
    resized = functional.interpolate(
        images[:, None], size=(side, side), mode="bilinear", antialias=True, align_corners=False
    )
    return resized[:, 0].clamp_(0.0, 1.0)
