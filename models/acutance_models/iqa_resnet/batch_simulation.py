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
    height, width = images.shape[-2:]
    radians = angles_deg * (math.pi / 180.0)
    cosine, sine = torch.cos(radians), torch.sin(radians)
    across, down = max(width - 1, 1) / 2.0, max(height - 1, 1) / 2.0
    x, y = torch.linspace(-1.0, 1.0, width), torch.linspace(-1.0, 1.0, height)[:, None]
    cosine, sine = cosine[:, None, None], sine[:, None, None]
    # Sums of a row and a column: an affine grid by matrix product costs as much as the sampling.
    grid = torch.stack(
        [
            (cosine * x + shifts[:, 0, None, None] / across) - (sine * (down / across)) * y,
            (sine * (across / down)) * x + (cosine * y + shifts[:, 1, None, None] / down),
        ],
        -1,
    )
    sampled: Tensor = functional.grid_sample(images[:, None], grid, mode=mode, align_corners=True)[
        :, 0
    ]
    return sampled


def rotation_motion(images: Tensor, directions: Tensor, sigma_deg: Tensor, axis: int) -> Tensor:
    """Corrupt each slice by line-wise rotations.

    Lines are exchanged along one axis only, so a transform along that axis gives what the
    transform of the plane would.

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
    dim = axis - 2
    line_of = directions[..., None] if axis == 0 else directions[:, None]
    spectrum = torch.fft.fft(images, dim=dim)
    for position, direction in enumerate((-1, 1)):
        other = torch.fft.fft(turned[:, position], dim=dim)
        spectrum = torch.where(line_of == direction, other, spectrum)
    moved = torch.fft.ifft(spectrum, dim=dim).abs()
    scaled: Tensor = moved / moved.amax((-2, -1), keepdim=True).clamp_min(1e-16)
    return scaled


def rigid_motion(
    images: Tensor, angles_deg: Tensor, shifts: Tensor, times: Tensor, axis: int
) -> Tensor:
    """Corrupt each slice by a few rigid movements during its acquisition.

    Parameters
    ----------
    images : Tensor, shape (N, H, W), float32
    angles_deg : Tensor, shape (N, P), degrees
        One pose for each part of the acquisition.
    shifts : Tensor, shape (N, P, 2), pixels
    times : Tensor, shape (N, P - 1), ascending, >= 0
        Where the acquisition is cut; 1 and more cuts nothing off, so that slices of fewer parts
        can be filled up. The part that holds the centre of k-space stays unmoved.
    axis : int
        Phase-encoding axis, 0 or 1.

    Returns
    -------
    Tensor, shape (N, H, W), float32; may leave [0, 1]
    """
    lines, dim = int(images.shape[1 + axis]), axis - 2
    cuts = (times * lines).long().clamp_max(lines)
    part_of_line = torch.searchsorted(cuts, torch.arange(lines).repeat(len(cuts), 1), right=True)
    part_of_line = torch.fft.ifftshift(part_of_line, dim=1)  # the centre line becomes line 0
    is_taken = torch.zeros(angles_deg.shape, dtype=torch.bool).scatter_(1, part_of_line, True)
    is_taken.scatter_(1, part_of_line[:, :1], False)
    which, part = torch.nonzero(is_taken, as_tuple=True)
    poses = move(images[which], angles_deg[which, part], shifts[which, part], mode="bilinear")
    chosen = (part_of_line[which] == part[:, None]).to(images.dtype)
    chosen = chosen[..., None] if axis == 0 else chosen[:, None]
    # The still part gives the image less what its lines give elsewhere.
    spectrum = torch.fft.fft(poses - images[which], dim=dim) * chosen
    change = torch.fft.ifft(spectrum, dim=dim).real
    corrupted: Tensor = images.index_add(0, which, change)
    return corrupted


def ghosting(
    images: Tensor, counts: Tensor, intensities: Tensor, restores: Tensor, axis: int
) -> Tensor:
    """Add periodic ghosts by weakening every count-th line of k-space.

    Parameters
    ----------
    images : Tensor, shape (N, H, W), float32
    counts : Tensor, shape (N,), int64
        Number of ghosts, >= 0; 0 leaves the image.
    intensities : Tensor, shape (N,), in [0, 1]
    restores : Tensor, shape (N,), in [0, 1]
        Share of lines about the centre that are kept.
    axis : int
        Phase-encoding axis, 0 or 1.

    Returns
    -------
    Tensor, shape (N, H, W), float32; may leave [0, 1]
    """
    lines, dim = int(images.shape[1 + axis]), axis - 2
    position = torch.arange(lines)[None]
    is_weak = (position % counts.clamp_min(1)[:, None] == 0) & (counts > 0)[:, None]
    half = torch.round(lines * restores / 2)[:, None]
    is_weak &= (position - lines // 2).abs() > half
    weights = torch.where(is_weak, 1.0 - intensities[:, None], 1.0).to(images.dtype)
    weights = torch.fft.ifftshift(weights, dim=1)
    weights = weights[..., None] if axis == 0 else weights[:, None]
    ghosted: Tensor = torch.fft.ifft(torch.fft.fft(images, dim=dim) * weights, dim=dim).real
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
    return similarity_map(reference, test).mean((-2, -1))


def similarity_map(reference: Tensor, test: Tensor) -> Tensor:
    """Compute the structural similarity of each pair about every pixel, in float64.

    Parameters
    ----------
    reference, test : Tensor, shape (N, H, W), data range 1

    Returns
    -------
    Tensor, shape (N, H - 6, W - 6), float64, in [-1, 1]
        The border of 3 pixels, where the window does not fit, is left out.
    """
    # One pair at a time stays in the cache, which is three times as fast.
    pairs = zip(reference.double(), test.double(), strict=True)
    return torch.stack([_similarity_of_pair(x, y) for x, y in pairs])


def _similarity_of_pair(x: Tensor, y: Tensor) -> Tensor:
    samples = SSIM_WINDOW * SSIM_WINDOW
    means = _window_sums(torch.stack([x, y, x * x, y * y, x * y])).div_(samples)
    mean_x, mean_y, square_x, square_y, product = means
    unbias = samples / (samples - 1)
    var_x = unbias * (square_x - mean_x * mean_x)
    var_y = unbias * (square_y - mean_y * mean_y)
    covariance = unbias * (product - mean_x * mean_y)
    c1, c2 = 0.01**2, 0.03**2
    top = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    bottom = (mean_x * mean_x + mean_y * mean_y + c1) * (var_x + var_y + c2)
    similarity: Tensor = top / bottom
    return similarity


def _window_sums(terms: Tensor) -> Tensor:
    """Sum (..., H, W) over the windows that fit, first along columns, then along rows."""
    width, height = terms.shape[-1] - SSIM_WINDOW + 1, terms.shape[-2] - SSIM_WINDOW + 1
    across = terms[..., :width].clone()
    for shift in range(1, SSIM_WINDOW):
        across += terms[..., shift : shift + width]
    sums = across[..., :height, :].clone()
    for shift in range(1, SSIM_WINDOW):
        sums += across[..., shift : shift + height, :]
    return sums
