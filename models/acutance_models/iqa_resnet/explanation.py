"""Which parts of a slice lower its predicted score, and whether a test supports the answer.

The map is the path integral of the gradient from the slice to a smoothed copy of it: how much of
the difference between both scores each place accounts for. A map can always be drawn; so it is
tested. The places it ranks highest are smoothed for real, and the score must rise by more than
where regions drawn at random, equal in area and in coarseness, are smoothed the same way.

References
----------
.. [1] Sundararajan, Taly, Yan, "Axiomatic attribution for deep networks", ICML 2017, eq. (1).
.. [2] Samek, Binder, Montavon, Lapuschkin, Müller, "Evaluating the visualization of what a deep
   neural network has learned", IEEE Trans. Neural Netw. Learn. Syst. 28(11), 2017, section III.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor, nn

#: Cells along each side of a map, and the Gaussian that smooths it, in cells.
CELLS = 32
CELL_SIGMA = 1.0
#: Standard deviation of the Gaussian that smooths the slice, in pixels of 256.
FILL_SIGMA = 6.0
#: Points of the path at which the gradient is taken, midpoint rule.
STEPS = 8
#: Share of the cells with signal that is smoothed in the test; ghosts in the air have some, too.
AREA = 0.2
#: Regions drawn at random; that none of 19 reaches the map's is a p-value of 1 in 20.
RANDOM_REGIONS = 19
LARGEST_P = 0.05
#: The least rise of the predicted SSIM, beyond that of random regions, that is worth showing.
SMALLEST_GAIN = 0.03
SEED = 20220606
_BATCH = 8
_FOREGROUND = 0.25
_FEWEST_CELLS = 20


@dataclass(frozen=True)
class DeletionTest:
    """How the score changes where regions are smoothed.

    Parameters
    ----------
    score : float
        Of the slice as it is.
    gain_top, gain_low : float
        Rise of the score where the highest and, as a control, the lowest cells of the map are
        smoothed.
    gain_random : tuple of float
        The same for each region drawn at random.
    area : float
        Share of the cells with signal in each region.
    """

    score: float
    gain_top: float
    gain_low: float
    gain_random: tuple[float, ...]
    area: float

    @property
    def p_value(self) -> float:
        """Share of regions, the map's own among them, that raise the score at least as much."""
        reached = sum(gain >= self.gain_top for gain in self.gain_random)
        return (1 + reached) / (1 + len(self.gain_random))

    @property
    def gain_random_mean(self) -> float:
        """Mean rise of the regions drawn at random."""
        return sum(self.gain_random) / len(self.gain_random)

    @property
    def is_passed(self) -> bool:
        """Whether the map may be shown.

        The rise beyond the mean of random regions must be worth showing, no random region may
        reach it, and the cells ranked lowest must do less than random ones.
        """
        return (
            self.gain_top - self.gain_random_mean >= SMALLEST_GAIN
            and self.p_value <= LARGEST_P
            and self.gain_low < self.gain_random_mean
        )


def attribute(
    network: nn.Module, image: Tensor, *, on_step: Callable[[], None] = lambda: None
) -> Tensor:
    """Return how much each cell accounts for the rise of the score when all is smoothed.

    Parameters
    ----------
    network : nn.Module
        Maps (N, 1, 256, 256) to scores (N, 1); in evaluation mode.
    image : Tensor, shape (1, 1, 256, 256), float32, in [0, 1]
    on_step : callable
        Called between passes; may raise.

    Returns
    -------
    Tensor, shape (CELLS, CELLS), float32
        Predicted SSIM per cell; above 0 where the cell lowers the score. The sum of all cells is
        the score of the smoothed slice less that of the slice, but for the steps of the path.
    """
    fill = smooth(image)
    gradient = torch.zeros_like(image)
    places = (torch.arange(STEPS, device=image.device, dtype=image.dtype) + 0.5) / STEPS
    with torch.enable_grad():
        for part in torch.split(places, _BATCH // 2):
            on_step()
            points = (image + (fill - image) * part.view(-1, 1, 1, 1)).requires_grad_(True)
            (rise,) = torch.autograd.grad(network(points).sum(), points)
            gradient += rise.sum(0, keepdim=True) / STEPS
    pixels = (fill - image) * gradient
    side = pixels.shape[-1] // CELLS
    cells = functional.avg_pool2d(pixels, side) * side**2
    return _gaussian(cells, CELL_SIGMA)[0, 0].detach()


def run_deletion_test(
    network: nn.Module,
    image: Tensor,
    ranking: Tensor,
    *,
    seed: int = SEED,
    on_step: Callable[[], None] = lambda: None,
) -> DeletionTest | None:
    """Smooth the cells that a map ranks highest, those it ranks lowest, and random ones.

    Random regions are the highest cells of smoothed white noise, so that they are as coarse as
    those of a map, on the same cells with signal and equal in number.

    Parameters
    ----------
    network : nn.Module
        Maps (N, 1, 256, 256) to scores (N, 1).
    image : Tensor, shape (1, 1, 256, 256), float32, in [0, 1]
    ranking : Tensor, shape (CELLS, CELLS), float32
    seed : int
        Of the random regions.
    on_step : callable
        Called between batches; may raise.

    Returns
    -------
    DeletionTest or None
        None where too few cells hold signal.
    """
    signal = foreground(image)
    count = int(signal.sum())
    if count < _FEWEST_CELLS:
        return None
    chosen = max(1, round(AREA * count))
    # On the CPU: the same regions whatever the device.
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn((RANDOM_REGIONS, 1, CELLS, CELLS), generator=generator)
    maps = [ranking.cpu(), -ranking.cpu(), *_gaussian(noise, CELL_SIGMA)[:, 0]]
    regions = torch.stack([_highest(values, signal.cpu(), chosen) for values in maps])
    weights = functional.interpolate(
        regions[:, None].to(image), size=image.shape[-2:], mode="bilinear", align_corners=False
    )
    fill = smooth(image)
    scores: list[float] = []
    with torch.inference_mode():
        smoothed = torch.cat([image, image + (fill - image) * weights])
        for batch in torch.split(smoothed, _BATCH):
            on_step()
            scores += network(batch).reshape(-1).float().cpu().tolist()
    score, *others = scores
    gains = [other - score for other in others]
    return DeletionTest(score, gains[0], gains[1], tuple(gains[2:]), chosen / count)


def smooth(image: Tensor) -> Tensor:
    """Return a slice (N, 1, H, W) without its detail: what regions are replaced by."""
    return _gaussian(image, FILL_SIGMA)


def foreground(image: Tensor) -> Tensor:
    """Return which cells are above the noise floor: bool, shape (CELLS, CELLS)."""
    share = functional.adaptive_avg_pool2d((image > 0).to(image.dtype), CELLS)
    return share[0, 0] > _FOREGROUND


def _highest(values: Tensor, allowed: Tensor, count: int) -> Tensor:
    """Return 1 in the highest of the allowed cells, 0 elsewhere."""
    ranked = values.masked_fill(~allowed, float("-inf")).flatten()
    region = torch.zeros_like(ranked)
    region[torch.topk(ranked, count).indices] = 1.0
    return region.view_as(values)


def _gaussian(images: Tensor, sigma: float) -> Tensor:
    """Smooth (N, 1, H, W), edges mirrored."""
    reach = round(3 * sigma)
    line = torch.arange(-reach, reach + 1, device=images.device, dtype=images.dtype)
    kernel = torch.exp(-0.5 * (line / sigma) ** 2)
    kernel = kernel / kernel.sum()
    images = functional.pad(images, (reach, reach, reach, reach), mode="reflect")
    rows = functional.conv2d(images, kernel.view(1, 1, -1, 1))
    return functional.conv2d(rows, kernel.view(1, 1, 1, -1))
