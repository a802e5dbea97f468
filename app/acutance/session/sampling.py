"""A look at the values of a volume without reading all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from acutance.core.volume import Volume

#: About as many voxels are looked at.
SAMPLE_SIZE = 200_000


def sample_values(volume: Volume) -> NDArray[np.float32]:
    """Return values spread evenly over the volume, shape (N,), float32, real-world units."""
    flat = volume.array.ravel(order="K")
    return volume.to_real(flat[:: max(1, flat.size // SAMPLE_SIZE)])
