"""What restorers take away: noise of a scanner, motion, compression. Pure functions of draws.

References
----------
.. [1] Gudbjartsson, Patz, "The Rician distribution of noisy MRI data", Magn. Reson. Med. 34(6),
   1995, eq. (1).
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image

from acutance_models.iqa_resnet.corruption import corrupt

if TYPE_CHECKING:
    from numpy.typing import NDArray

SD_RANGE = (0.005, 0.12)  # Rician noise, of the maximum of the slice
SD_EXPONENT = 2.2  # of the uniform draw: weak noise is common, and hard to improve on
PEAK_RANGE = (0.5, 1.0)  # of a slice: how a program scales its window is not known
COLOUR_SD_RANGE = (0.0, 0.1)
QUALITY_RANGE = (10, 90)
CLEAN_SHARE = 0.03


def add_rician(
    image: NDArray[np.float32], sd: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return the magnitude of a slice with normal noise in both channels.

    Parameters
    ----------
    image : ndarray, shape (H, W), float32, >= 0
    sd : float
        Standard deviation of each channel, in the unit of the image.
    rng : numpy.random.Generator
        Advanced by the call, as in all functions of this module.

    Returns
    -------
    ndarray, shape (H, W), float32, >= 0
    """
    real, imaginary = rng.standard_normal((2, *image.shape), dtype=np.float32) * np.float32(sd)
    noisy: NDArray[np.float32] = np.hypot(image + real, imaginary)
    return noisy


def draw_noisy(
    clean: NDArray[np.float32], rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return a slice with Rician noise of any strength, and the slice, scaled alike.

    Parameters
    ----------
    clean : ndarray, shape (H, W), float32, in [0, 1]

    Returns
    -------
    noisy, clean : ndarray, shape (H, W), float32, >= 0
        Standard deviation of 0.005 to 0.12, small ones more often, of what 1 has become, which is
        0.5 to 1.
    """
    peak = np.float32(rng.uniform(*PEAK_RANGE))
    scaled = clean * peak
    sd = SD_RANGE[0] + (SD_RANGE[1] - SD_RANGE[0]) * rng.random() ** SD_EXPONENT
    return add_rician(scaled, float(sd) * float(peak), rng), scaled


def draw_moved(
    clean: NDArray[np.float32], rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return a slice with motion and ghosts as scoring is trained on, and the slice, scaled alike.

    Parameters
    ----------
    clean : ndarray, shape (H, W), float32, in [0, 1]
        The whole slice: motion is global.

    Returns
    -------
    moved, clean : ndarray, shape (H, W), float32, in [0, 1]
        Magnitudes; a few slices are left as they are.
    """
    if rng.random() < CLEAN_SHARE:
        return clean, clean
    moved = corrupt(torch.from_numpy(clean)[None], rng)[0].abs().numpy()
    peak = np.float32(max(float(moved.max()), 1.0))
    return (moved / peak).astype(np.float32), clean / peak


def compress(picture: NDArray[np.float32], quality: int) -> NDArray[np.float32]:
    """Return what is left of a colour picture after baseline JPEG, chroma halved.

    Parameters
    ----------
    picture : ndarray, shape (H, W, 3), float32
        Clipped to [0, 1] and rounded to 8 bits.
    quality : int, 1 to 95

    Returns
    -------
    ndarray, shape (H, W, 3), float32, in [0, 1]
    """
    stored = (np.clip(picture, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(stored).save(file, "JPEG", quality=quality, subsampling="4:2:0")
    file.seek(0)
    with Image.open(file) as image:
        return np.asarray(image, np.float32) / np.float32(255.0)


def draw_compressed(
    clean: NDArray[np.float32], rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return a colour picture with noise, compression or both, and the picture.

    Parameters
    ----------
    clean : ndarray, shape (H, W, 3), float32, in [0, 1]

    Returns
    -------
    damaged, clean : ndarray, shape (H, W, 3), float32
        Noise in two of three pictures, of a standard deviation up to 0.1; quality of 10 to 90 in
        three of four.
    """
    damaged = clean
    if rng.random() < 2.0 / 3.0:
        sd = np.float32(rng.uniform(*COLOUR_SD_RANGE))
        damaged = damaged + sd * rng.standard_normal(clean.shape, dtype=np.float32)
    if rng.random() < 0.75:
        damaged = compress(damaged, int(rng.integers(QUALITY_RANGE[0], QUALITY_RANGE[1] + 1)))
    return damaged, clean
