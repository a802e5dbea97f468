"""Corrupt batches of slices quickly, for training.

The same operations as `acutance_models.simulation`, on torch tensors: bicubic convolution
stands in for the cubic spline, and all slices of a batch go through one transform.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

SSIM_WINDOW = 7


def min_max(images: Tensor) -> Tensor:
    """Stretch each (H, W) image of a (..., H, W) tensor to [0, 1]; a constant one becomes 0."""
    low = images.amin((-2, -1), keepdim=True)
    high = images.amax((-2, -1), keepdim=True)
    return (images - low) / (high - low).clamp_min(1e-16)


def floor_noise(images: Tensor, floor: float) -> Tensor:
    """Min-max each image, set values up to the floor to 0, min-max again."""
    stretched = min_max(images)
    return min_max(torch.where(stretched <= floor, 0.0, stretched))


def move(images: Tensor, angles_deg: Tensor, shifts: Tensor, *, mode: str) -> Tensor:
    """Rotate about the image centre, then shift; zeros come in from outside.

    Parameters
    ----------
    images : Tensor, shape (N, H, W), float32
    angles_deg : Tensor, shape (N,), degrees
    shifts : Tensor, shape (N, 2), pixels along columns and rows
    mode : str
        Interpolation of ``torch.nn.functional.grid_sample``.

    Returns
    -------
    Tensor, shape (N, H, W), float32
    """
    count, height, width = images.shape
    radians = angles_deg * (math.pi / 180.0)
    cosine, sine = torch.cos(radians), torch.sin(radians)
    across, down = max(width - 1, 1) / 2.0, max(height - 1, 1) / 2.0
    theta = torch.stack(
        [
            torch.stack([cosine, -sine * (down / across), shifts[:, 0] / across], -1),
            torch.stack([sine * (across / down), cosine, shifts[:, 1] / down], -1),
        ],
        -2,
    )
    grid = functional.affine_grid(theta, [count, 1, height, width], align_corners=True)
    sampled: Tensor = functional.grid_sample(images[:, None], grid, mode=mode, align_corners=True)[
        :, 0
    ]
    return sampled


def rotation_motion(images: Tensor, directions: Tensor, sigma_deg: Tensor, axis: int) -> Tensor:
    """Corrupt each slice by line-wise rotations.

    Parameters
    ----------
    images : Tensor, shape (N, H, W), float32, in [0, 1]
    directions : Tensor, shape (N, lines), int64, in {-1, 0, 1}
        Lines are H for axis 0 and W for axis 1.
    sigma_deg : Tensor, shape (N,), degrees
    axis : int
        Phase-encoding axis, 0 or 1.

    Returns
    -------
    Tensor, shape (N, H, W), float32, maximum 1
    """
    count, height, width = images.shape
    angles = (sigma_deg[:, None] * torch.tensor([-1.0, 1.0])).reshape(-1)
    turned = move(
        images.repeat_interleave(2, 0), angles, torch.zeros(2 * count, 2), mode="bicubic"
    ).reshape(count, 2, height, width)
    spectra = torch.fft.fft2(torch.stack([turned[:, 0], images, turned[:, 1]], 1))
    chosen = functional.one_hot(directions + 1, 3).transpose(1, 2).to(images.dtype)
    mask = chosen[..., None] if axis == 0 else chosen[:, :, None]
    moved = torch.fft.ifft2((spectra * mask).sum(1)).abs()
    scaled: Tensor = moved / moved.amax((-2, -1), keepdim=True).clamp_min(1e-16)
    return scaled


def rigid_motion(
    image: Tensor, angles_deg: Tensor, shifts: Tensor, times: Tensor, axis: int
) -> Tensor:
    """Corrupt one slice by a few rigid movements during its acquisition.

    Parameters
    ----------
    image : Tensor, shape (H, W), float32
    angles_deg : Tensor, shape (P,), degrees
        One pose for each part of the acquisition.
    shifts : Tensor, shape (P, 2), pixels
    times : Tensor, shape (P - 1,), ascending, in [0, 1]
        Where the acquisition is cut. The part that holds the centre of k-space stays unmoved.
    axis : int
        Phase-encoding axis, 0 or 1.

    Returns
    -------
    Tensor, shape (H, W), float32; may leave [0, 1]
    """
    lines = image.shape[axis]
    cuts = (times * lines).long()
    part_of_line = torch.bucketize(torch.arange(lines), cuts, right=True)
    still = int(part_of_line[lines // 2])
    angles_deg, shifts = angles_deg.clone(), shifts.clone()
    angles_deg[still], shifts[still] = 0.0, 0.0
    poses = move(image.expand(len(angles_deg), -1, -1), angles_deg, shifts, mode="bilinear")
    spectra = torch.fft.fftshift(torch.fft.fft2(poses), dim=(-2, -1))
    chosen = functional.one_hot(part_of_line, len(angles_deg)).T.to(image.dtype)
    mask = chosen[:, :, None] if axis == 0 else chosen[:, None, :]
    corrupted: Tensor = torch.fft.ifft2(torch.fft.ifftshift((spectra * mask).sum(0))).real
    return corrupted


def ghosting(image: Tensor, count: int, intensity: float, restore: float, axis: int) -> Tensor:
    """Add periodic ghosts by weakening every count-th line of k-space.

    Parameters
    ----------
    image : Tensor, shape (H, W), float32
    count : int
        Number of ghosts, >= 0; 0 leaves the image.
    intensity : float, in [0, 1]
    restore : float, in [0, 1]
        Share of lines about the centre that are kept.
    axis : int
        Phase-encoding axis, 0 or 1.

    Returns
    -------
    Tensor, shape (H, W), float32; may leave [0, 1]
    """
    if count == 0:
        return image
    lines = image.shape[axis]
    weights = torch.ones(lines)
    weights[::count] = 1.0 - intensity
    half = round(lines * restore / 2)
    weights[lines // 2 - half : lines // 2 + half + 1] = 1.0
    spectrum = torch.fft.fftshift(torch.fft.fft2(image))
    spectrum = spectrum * (weights[:, None] if axis == 0 else weights[None])
    ghosted: Tensor = torch.fft.ifft2(torch.fft.ifftshift(spectrum)).real
    return ghosted


def structural_similarity(reference: Tensor, test: Tensor) -> Tensor:
    """Compute the mean structural similarity of each pair, in float64.

    Parameters
    ----------
    reference, test : Tensor, shape (N, H, W), data range 1

    Returns
    -------
    Tensor, shape (N,), float64, in [-1, 1]
        Uniform 7 x 7 window, K1 = 0.01, K2 = 0.03, sample covariance, border of 3 left out.

    References
    ----------
    .. [1] Wang, Bovik, Sheikh, Simoncelli, IEEE Trans. Image Process. 13(4), 2004, eq. (13).
    """
    x, y = reference.double()[:, None], test.double()[:, None]
    samples = SSIM_WINDOW * SSIM_WINDOW
    maps = functional.avg_pool2d(torch.cat([x, y, x * x, y * y, x * y], 1), SSIM_WINDOW, 1)
    mean_x, mean_y, square_x, square_y, product = maps.unbind(1)
    unbias = samples / (samples - 1)
    var_x = unbias * (square_x - mean_x * mean_x)
    var_y = unbias * (square_y - mean_y * mean_y)
    covariance = unbias * (product - mean_x * mean_y)
    c1, c2 = 0.01**2, 0.03**2
    top = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    bottom = (mean_x * mean_x + mean_y * mean_y + c1) * (var_x + var_y + c2)
    return (top / bottom).mean((-2, -1))
