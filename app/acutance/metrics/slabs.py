"""A volume in slabs along one axis, so that no metric ever holds a whole copy of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from acutance.core.affine import axis_plane, plane_axis
from acutance.core.quality import choose_planes
from acutance.core.volume import luma

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from acutance.core.volume import Volume

#: Voxels in a slab; a slab is at least one slice.
SLAB_VOXELS = 1 << 21
#: Shortest side of a slice that can be judged.
SMALLEST_SIDE = 16


def slice_plane(volume: Volume) -> str:
    """Return the plane metrics look at: that of acquisition where voxels tell, else axial.

    Where its slices would be too narrow to be judged, the plane across the shortest axis.
    """
    plane = choose_planes(volume, "auto")[0]
    sides = [n for axis, n in enumerate(volume.shape) if axis != plane_axis(volume.affine, plane)]
    if min(sides) >= SMALLEST_SIDE:
        return plane
    return axis_plane(volume.affine, volume.shape.index(min(volume.shape)))


@dataclass(frozen=True)
class Slab:
    """Some slices of a volume.

    Parameters
    ----------
    start, stop : int
        Slices of the volume, in file order: start <= n < stop.
    values : ndarray, shape (stop - start, rows, columns), float32
        Real-world values, of colour the luma; 0 where the file holds no finite number.
    bad : int
        How many voxels are not finite.
    """

    start: int
    stop: int
    values: NDArray[np.float32]
    bad: int


class Slabs:
    """Gives the slabs of a volume, as often as asked.

    Parameters
    ----------
    volume : Volume
    plane : str
        The plane of the slices.
    on_slab : callable
        Told before each slab; may raise to end the work.
    """

    def __init__(self, volume: Volume, plane: str, on_slab: Callable[[], None]) -> None:
        self.volume = volume
        self.axis = plane_axis(volume.affine, plane)
        self.plane = plane
        self._array = np.moveaxis(volume.array, self.axis, 0)
        self._on_slab = on_slab

    @property
    def shape(self) -> tuple[int, int, int]:
        """Slices, rows, columns."""
        slices, rows, columns = self._array.shape[:3]
        return int(slices), int(rows), int(columns)

    @property
    def step(self) -> int:
        """Slices in a slab."""
        slices, rows, columns = self.shape
        return max(1, min(slices, SLAB_VOXELS // max(1, rows * columns)))

    def bounds(self) -> list[tuple[int, int]]:
        """Return first slice and the slice after the last of each slab."""
        slices, step = self.shape[0], self.step
        return [(start, min(start + step, slices)) for start in range(0, slices, step)]

    def take(self, start: int, stop: int) -> Slab:
        """Return some slices."""
        self._on_slab()
        stored = self._array[start:stop]
        values = self.volume.to_real(luma(stored) if self.volume.is_colour else stored)
        bad = 0
        if not np.issubdtype(self.volume.array.dtype, np.integer):
            finite = np.isfinite(values)
            bad = int(values.size - np.count_nonzero(finite))
            if bad:
                values = np.where(finite, values, np.float32(0))
        return Slab(start, stop, values, bad)

    def __iter__(self) -> Iterator[Slab]:
        for start, stop in self.bounds():
            yield self.take(start, stop)
