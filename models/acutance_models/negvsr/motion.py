"""Motion of known answer: stills that move by fractions of a pixel, and pairs with their flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from acutance_models.negvsr.flow import warp

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

#: Largest steady motion of a still, pixels a frame.
SPEED = 4.0
#: Largest motion between two frames of a pair, pixels.
REACH = 12.0


def move_still(
    picture: NDArray[np.float32], count: int, side: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Let a camera wander over a picture.

    Parameters
    ----------
    picture : ndarray, shape (H, W, 3), float32, in [0, 1]
    count, side : int
        Frames, and pixels along each side of them.
    rng : Generator

    Returns
    -------
    ndarray, shape (count, side, side, 3), float32, in [0, 1]
        Interpolated bicubically; what lies outside is mirrored.
    """
    height, width = picture.shape[:2]
    middle = [rng.uniform(min(side, s) / 2, max(s - side / 2, s / 2)) for s in (height, width)]
    angle, zoom = rng.uniform(-0.2, 0.2), rng.uniform(0.85, 1.0)
    speed = rng.uniform(-SPEED, SPEED, 2) * rng.random()
    turn, growth = rng.normal(0.0, 0.004), rng.normal(0.0, 0.003)
    places = np.arange(side) - (side - 1) / 2
    x, y = np.meshgrid(places, places)
    grids = []
    for _ in range(count):
        cosine, sine = zoom * np.cos(angle), zoom * np.sin(angle)
        columns, rows = middle[1] + cosine * x - sine * y, middle[0] + sine * x + cosine * y
        grids.append(np.stack(((columns + 0.5) / width, (rows + 0.5) / height), -1) * 2.0 - 1.0)
        middle = [m + s + j for m, s, j in zip(middle, speed, rng.normal(0.0, 0.3, 2), strict=True)]
        angle, zoom = angle + turn, zoom * (1.0 + growth)
    source = torch.from_numpy(np.ascontiguousarray(picture)).movedim(-1, 0)[None]
    seen = functional.grid_sample(
        source.expand(count, -1, -1, -1),
        torch.from_numpy(np.stack(grids)).float(),
        mode="bicubic",
        padding_mode="reflection",
        align_corners=False,
    )
    moved: NDArray[np.float32] = seen.clamp(0.0, 1.0).movedim(1, -1).numpy()
    return moved


def draw_flow(shape: tuple[int, int], rng: np.random.Generator) -> Tensor:
    """Draw a flow: a moving camera, gentle deformation and, half of the time, a thing that moves.

    Parameters
    ----------
    shape : tuple of (int, int)
    rng : Generator

    Returns
    -------
    Tensor, shape (1, 2, *shape), float32, pixels
    """
    flow = _camera(shape, rng)
    if rng.random() < 0.5:
        rows, columns = np.indices(shape)
        centre = rng.uniform(0.0, 1.0, 2) * shape
        radii = rng.uniform(0.1, 0.4, 2) * shape
        inside = ((rows - centre[0]) / radii[0]) ** 2 + ((columns - centre[1]) / radii[1]) ** 2 < 1
        flow = torch.where(torch.from_numpy(inside), _camera(shape, rng), flow)
    return flow


def make_pair(picture: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Make two frames of one picture, and the flow that leads from the first to the second.

    Parameters
    ----------
    picture : Tensor, shape (1, 3, H, W), in [0, 1]
    rng : Generator

    Returns
    -------
    reference, supporting : Tensor, shape (1, 3, H, W)
        The second is the picture; the first is fetched from it along the flow, exactly. Both get
        noise of their own.
    flow : Tensor, shape (1, 2, H, W), float32
    """
    flow = draw_flow((picture.shape[-2], picture.shape[-1]), rng)
    noise = rng.uniform(0.0, 0.04) * rng.standard_normal((2, *picture.shape[1:]))
    noisy = torch.from_numpy(noise).float()
    reference = warp(picture, flow, padding="border") + noisy[:1]
    return reference.clamp(0.0, 1.0), (picture + noisy[1:]).clamp(0.0, 1.0), flow


def _camera(shape: tuple[int, int], rng: np.random.Generator) -> Tensor:
    """Return an affine flow plus a smooth one."""
    height, width = shape
    y, x = (np.arange(side) - (side - 1) / 2 for side in shape)
    reach = REACH * rng.random() ** 2
    shift, affine = rng.uniform(-reach, reach, 2), rng.normal(0.0, 0.015, 4)
    flow = np.empty((2, height, width))
    flow[0] = shift[0] + affine[0] * x + affine[1] * y[:, None]
    flow[1] = shift[1] + affine[2] * x + affine[3] * y[:, None]
    coarse = torch.from_numpy(rng.normal(0.0, 0.8 * rng.random(), (1, 2, 5, 5)))
    smooth = functional.interpolate(coarse, size=shape, mode="bicubic", align_corners=True)
    return (torch.from_numpy(flow)[None] + smooth).float()
