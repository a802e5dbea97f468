"""A look at the values of a volume without reading all of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from acutance.core.volume import luma

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.volume import Volume

#: About as many voxels are looked at.
SAMPLE_SIZE = 200_000
#: By volume, while it lives.
_sorted: WeakKeyDictionary[Volume, NDArray[np.float32]] = WeakKeyDictionary()


def sample_values(volume: Volume) -> NDArray[np.float32]:
    """Return values spread evenly over the volume, shape (N,), float32, real-world units.

    Of colour it is the luma.
    """
    if volume.is_colour:
        wide = [size for size in volume.shape if size > 1]
        step = math.ceil((math.prod(wide) / SAMPLE_SIZE) ** (1 / max(1, len(wide))))
        sample = volume.array[::step, ::step, ::step] if step > 1 else volume.array
        return volume.to_real(luma(sample).ravel())
    flat = volume.array.ravel(order="K")
    return volume.to_real(flat[:: max(1, flat.size // SAMPLE_SIZE)])


def sorted_values(volume: Volume) -> NDArray[np.float32]:
    """Return the finite ones of `sample_values`, ascending; found once for each volume."""
    found = _sorted.get(volume)
    if found is None:
        values = sample_values(volume)
        found = _sorted[volume] = np.sort(values[np.isfinite(values)])
        found.flags.writeable = False
    return found
