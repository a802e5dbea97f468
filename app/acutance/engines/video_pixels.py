"""From stored frames to what a network sees and back: range, interpolation, reduction, guard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch.nn import functional

from acutance.core.upscaling import (
    CELL_PIXELS,
    LARGEST_CELL_DEPARTURE,
    LARGEST_DEPARTURE,
    NETWORK_SCALE,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from acutance.core.upscaling import ValueRange

#: Pixels of the input that a bicubic pixel depends on, to each side.
_BICUBIC_REACH = 2


class Levels(NamedTuple):
    """A frame as a network sees it.

    Parameters
    ----------
    frame : Tensor, shape (1, 3, Y, X), float32, in [0, 1]
    excess : Tensor or None, shape (1, C, Y, X), float32, in stored values
        What lies beyond the range; None where nothing does.
    """

    frame: Tensor
    excess: Tensor | None


def to_levels(frame: NDArray[Any], values: ValueRange, device: torch.device) -> Levels:
    """Return what a network sees of a stored frame; grey is given to all three colours.

    Parameters
    ----------
    frame : ndarray, shape (Y, X, 1 or 3), integers
    values : ValueRange
    device : torch.device
    """
    stored = torch.from_numpy(np.ascontiguousarray(frame).astype(np.float32))
    stored = stored.permute(2, 0, 1)[None].to(device)
    inside = stored.clamp(values.low, values.high)
    excess = stored - inside
    levels = (inside - values.low) / (values.high - values.low)
    return Levels(levels.expand(1, 3, -1, -1).contiguous(), excess if bool(excess.any()) else None)


def to_stored(
    levels: Tensor, excess: Tensor | None, values: ValueRange, channels: int, dtype: np.dtype[Any]
) -> NDArray[Any]:
    """Return levels as stored values, rounded; grey is the mean of the three colours.

    Parameters
    ----------
    levels : Tensor, shape (1, 3, Y, X), float32
    excess : Tensor or None, shape (1, C, Y, X)
        Already interpolated; see `Levels`.
    """
    if channels == 1:
        levels = levels.mean(dim=1, keepdim=True)
    stored = levels.clamp(0.0, 1.0).mul_(values.high - values.low).add_(values.low)
    if excess is not None:
        stored += excess
    limits = np.iinfo(dtype)
    stored = stored.round_().clamp_(float(limits.min), float(limits.max))
    found: NDArray[Any] = stored[0].permute(1, 2, 0).cpu().numpy().astype(dtype)
    return found


def bicubic(frame: Tensor, rows: tuple[int, int], columns: tuple[int, int], scale: int) -> Tensor:
    """Return part of a frame interpolated to `scale` times its size.

    Parameters
    ----------
    frame : Tensor, shape (1, C, Y, X)
    rows, columns : tuple of int
        Begin and end of the part, in pixels of the frame.
    scale : int

    References
    ----------
    .. [1] Keys, IEEE Trans. Acoust. Speech Signal Process. 29(6), 1981, with a = -0.75.
    """
    height, width = frame.shape[-2:]
    top, left = max(0, rows[0] - _BICUBIC_REACH), max(0, columns[0] - _BICUBIC_REACH)
    bottom = min(height, rows[1] + _BICUBIC_REACH)
    right = min(width, columns[1] + _BICUBIC_REACH)
    part = frame[..., top:bottom, left:right]
    larger: Tensor = functional.interpolate(
        part,
        size=(scale * part.shape[-2], scale * part.shape[-1]),
        mode="bicubic",
        align_corners=False,
    )
    down, across = scale * (rows[0] - top), scale * (columns[0] - left)
    return larger[
        ...,
        down : down + scale * (rows[1] - rows[0]),
        across : across + scale * (columns[1] - columns[0]),
    ]


def reduced(levels: Tensor, scale: int) -> Tensor:
    """Return what the network made at the scale asked for: each pixel the mean of those it covers.

    Parameters
    ----------
    levels : Tensor, shape (1, 3, 4 Y, 4 X)
    scale : int
        4 or 2.
    """
    if scale == NETWORK_SCALE:
        return levels
    return functional.avg_pool2d(levels, NETWORK_SCALE // scale)


class Departure(NamedTuple):
    """How far a result is from its input, as shares of the range.

    Parameters
    ----------
    mean : float
        Over the cells of the frame.
    worst : float
        Of one cell.
    """

    mean: float
    worst: float

    @property
    def is_too_far(self) -> bool:
        """Whether the result is not to be believed; also where it is no number."""
        return not (self.mean <= LARGEST_DEPARTURE and self.worst <= LARGEST_CELL_DEPARTURE)


def departure(result: NDArray[Any], frame: NDArray[Any], values: ValueRange) -> Departure:
    """Compare a result, reduced to the size of its input, with that input, cell by cell.

    Cells are compared by their means, so that noise that was removed does not count and a colour
    that was changed, a blob or a shift does.

    Parameters
    ----------
    result : ndarray, shape (scale Y, scale X, C), stored dtype
    frame : ndarray, shape (Y, X, C), stored dtype
    values : ValueRange
    """
    scale = len(result) // len(frame)
    larger = torch.from_numpy(result.astype(np.float32)).permute(2, 0, 1)[None]
    smaller = torch.from_numpy(frame.astype(np.float32)).permute(2, 0, 1)[None]
    difference = functional.avg_pool2d(larger, scale) - smaller
    cells = functional.avg_pool2d(
        difference, CELL_PIXELS, ceil_mode=True, count_include_pad=False
    ).abs()
    span = values.high - values.low
    return Departure(float(cells.mean()) / span, float(cells.max()) / span)
