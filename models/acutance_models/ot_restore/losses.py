"""What restorers and autoencoders are trained on: distance, structure, and a judge of patches.

References
----------
.. [1] Wang, Simoncelli, Bovik, "Multi-scale structural similarity for image quality assessment",
   Asilomar Conference on Signals, Systems and Computers 2003, eq. (7).
.. [2] Isola, Zhu, Zhou, Efros, "Image-to-image translation with conditional adversarial
   networks", CVPR 2017, section 3.2.2 (a discriminator of patches).
.. [3] Miyato, Kataoka, Koyama, Yoshida, "Spectral normalization for generative adversarial
   networks", ICLR 2018, eq. (16), (17) (hinge loss).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

#: Exponents of the scales, finest first, as published.
SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
WINDOW, WINDOW_SIGMA = 11, 1.5
K1, K2 = 0.01, 0.03
FLOOR = 1e-8  # under the root, where the gradient would be infinite


def root_error(output: Tensor, target: Tensor) -> Tensor:
    """Return the root of the mean squared error of each picture, mean over pictures.

    A picture of little noise counts as much as one of much, nearly as in decibels; given the
    noise, what makes it least is what makes the squared error least.

    Parameters
    ----------
    output, target : Tensor, shape (N, C, H, W)

    Returns
    -------
    Tensor, a scalar, float32
    """
    squared = ((output.float() - target) ** 2).mean((1, 2, 3))
    return torch.sqrt(squared + FLOOR).mean()


def multiscale_similarity(output: Tensor, target: Tensor) -> Tensor:
    """Compute the multi-scale structural similarity, mean over pictures.

    Parameters
    ----------
    output, target : Tensor, shape (N, C, H, W), data range 1
        Up to five scales are used, as many as the Gaussian window of 11 pixels fits into; their
        exponents are divided by their sum.

    Returns
    -------
    Tensor, a scalar, float32, <= 1

    Raises
    ------
    ValueError
        If a side is shorter than the window.
    """
    shortest = min(output.shape[-2:])
    if shortest < WINDOW:
        raise ValueError(f"Expected sides of {WINDOW} pixels or more; got {shortest}.")
    scales = [n for n in range(len(SCALE_WEIGHTS)) if shortest >> n >= WINDOW]
    total = sum(SCALE_WEIGHTS[n] for n in scales)
    x, y = output.float(), target.float()
    product = torch.ones((), dtype=x.dtype, device=x.device)
    for scale in scales:
        luminance, contrast = _similarity_terms(x, y)
        term = contrast if scale != scales[-1] else luminance * contrast
        # Negative structure has no fractional power; training from there still has a gradient.
        term = term.mean((1, 2, 3)).clamp_min(1e-4)
        product = product * term ** (SCALE_WEIGHTS[scale] / total)
        x, y = functional.avg_pool2d(x, 2), functional.avg_pool2d(y, 2)
    return product.mean()


class PatchDiscriminator(nn.Module):
    """Tell for every patch of about 30 pixels whether it comes from an undisturbed picture.

    Parameters
    ----------
    channels : int
    width : int
    """

    def __init__(self, channels: int, width: int = 32) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            spectral_norm(nn.Conv2d(channels, width, 4, stride=2, padding=1)),
            nn.LeakyReLU(0.2, inplace=True),
            spectral_norm(nn.Conv2d(width, 2 * width, 4, stride=2, padding=1)),
            nn.LeakyReLU(0.2, inplace=True),
            spectral_norm(nn.Conv2d(2 * width, 2 * width, 3, padding=1)),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(2 * width, 1, 3, padding=1),
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """Map (N, C, H, W) in [0, 1] to (N, 1, H / 4, W / 4); positive for undisturbed."""
        verdict: Tensor = self.layers(2.0 * pictures - 1.0)
        return verdict


def discriminator_loss(on_real: Tensor, on_made: Tensor) -> Tensor:
    """Return the hinge loss of a discriminator, reference [3]_, equation (16)."""
    return 0.5 * (functional.relu(1.0 - on_real).mean() + functional.relu(1.0 + on_made).mean())


def _similarity_terms(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return luminance, and contrast with structure, about every pixel the window fits on."""
    channels = x.shape[1]
    offsets = torch.arange(WINDOW, dtype=x.dtype, device=x.device) - WINDOW // 2
    line = torch.exp(-0.5 * (offsets / WINDOW_SIGMA) ** 2)
    line = (line / line.sum()).expand(5 * channels, 1, 1, WINDOW)
    moments = torch.cat([x, y, x * x, y * y, x * y], 1)
    moments = functional.conv2d(moments, line, groups=5 * channels)
    moments = functional.conv2d(moments, line.transpose(2, 3), groups=5 * channels)
    mean_x, mean_y, square_x, square_y, product = moments.chunk(5, 1)
    variances = square_x - mean_x**2 + square_y - mean_y**2
    covariance = product - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + K1**2) / (mean_x**2 + mean_y**2 + K1**2)
    return luminance, (2 * covariance + K2**2) / (variances + K2**2)
