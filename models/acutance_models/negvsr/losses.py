"""What the video networks are trained on.

References
----------
.. [1] Song, Wang, Yang, et al., "NegVSR", AAAI 2024, arXiv 2305.14669: augmented positive and
   augmented negative guidance.
.. [2] Chen, Chu, Zhang, Sun, "Simple baselines for image restoration", ECCV 2022: PSNR as a loss.
.. [3] Charbonnier, Blanc-Feraud, Aubert, Barlaud, ICIP 1994.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

CHARBONNIER_EPSILON = 1e-3
_LEAST_ERROR = 1e-6


def pixel_loss(answer: Tensor, target: Tensor, kind: str) -> Tensor:
    """Return the mean difference of two pictures.

    Parameters
    ----------
    answer, target : Tensor, of the same shape, clips first
    kind : str
        ``"charbonnier"``: mean of sqrt(d^2 + 1e-6); ``"l1"``; or ``"psnr"``: a hundredth of the
        negative PSNR in dB, the mean over clips, so that one poor recording does not outweigh
        many good ones.

    Returns
    -------
    Tensor, scalar
    """
    if kind == "l1":
        return functional.l1_loss(answer, target)
    if kind == "psnr":
        return 0.1 * torch.log10(((answer - target) ** 2).flatten(1).mean(1) + _LEAST_ERROR).mean()
    return torch.sqrt((answer - target) ** 2 + CHARBONNIER_EPSILON**2).mean()


def cleaning_loss(cleaned: Tensor, target: Tensor) -> Tensor:
    """Return the mean absolute difference of cleaned frames and what they should be.

    Parameters
    ----------
    cleaned : Tensor, shape (N, T, 3, H, W)
    target : Tensor, shape (N, T, 3, 4 H, 4 W)
        Reduced by averaging.

    Returns
    -------
    Tensor, scalar
    """
    small = functional.avg_pool2d(target.flatten(0, 1), 4).view(cleaned.shape)
    return functional.l1_loss(cleaned, small)


def negative_guidance(answer_to_negative: Tensor, answer: Tensor) -> Tensor:
    """Return the mean absolute difference of the answers to a negative and to the recording.

    Gradients go through both: there is no teacher.
    """
    return functional.l1_loss(answer_to_negative, answer)


def flow_loss(flows: list[Tensor], truth: Tensor) -> Tensor:
    """Return the mean end-point error over the levels of a pyramid.

    Parameters
    ----------
    flows : list of Tensor, shape (N, 2, h, w)
        Coarsest first, in pixels of their level, which halves or reduces the truth evenly.
    truth : Tensor, shape (N, 2, H, W)
        In pixels.

    Returns
    -------
    Tensor, scalar
        In pixels of the finest level; coarser levels count half as much as the next finer one.
    """
    total = truth.new_zeros(())
    for distance, flow in enumerate(reversed(flows)):
        factor = truth.shape[-1] // flow.shape[-1]
        wanted = functional.avg_pool2d(truth, factor) / factor if factor > 1 else truth
        error = torch.sqrt(((flow - wanted) ** 2).sum(1) + 1e-6).mean()
        total = total + error * 0.5**distance
    return total


def sharpen(clip: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sharpen targets as RealBasicVSR does: an unsharp mask where it makes a difference.

    Parameters
    ----------
    clip : ndarray, shape (T, H, W, 3), float32, in [0, 1]

    Returns
    -------
    ndarray
        With G a Gaussian of 51 x 51 pixels and sigma 8, r = I - G I and m = G (|r| > 10/255):
        m clip(I + r / 2) + (1 - m) I.
    """
    from scipy.ndimage import gaussian_filter

    def smooth(x: NDArray[np.float32]) -> NDArray[np.float32]:
        smoothed: NDArray[np.float32] = gaussian_filter(
            x, (0.0, 8.0, 8.0, 0.0), mode="mirror", radius=(0, 25, 25, 0)
        )
        return smoothed

    residue = clip - smooth(clip)
    mask = smooth((np.abs(residue) * 255.0 > 10.0).astype(np.float32))
    sharpened: NDArray[np.float32] = np.clip(clip + 0.5 * residue, 0.0, 1.0)
    return mask * sharpened + (1.0 - mask) * clip
