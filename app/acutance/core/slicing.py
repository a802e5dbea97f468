"""Planes of a volume as they are drawn: which way is up, which letters stand at the edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from acutance.core.affine import (
    PLANE_NORMAL,
    Affine,
    Plane,
    direction,
    letters,
    spacing,
    world_axes,
)
from acutance.core.volume import luma

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.volume import Volume

Convention = Literal["radiological", "neurological"]
#: World axis and sign that point right and down on the screen, per plane, radiological.
#: Axial: patient's left is screen right, posterior down. Coronal: left right, inferior down.
#: Sagittal: anterior on screen left, inferior down.
_SCREEN: dict[Plane, tuple[tuple[int, int], tuple[int, int]]] = {
    "axial": ((0, -1), (1, -1)),
    "coronal": ((0, -1), (2, -1)),
    "sagittal": ((1, -1), (2, -1)),
}


class Grid(Protocol):
    """Where voxels lie: a volume, or a grid that a volume is resampled to."""

    @property
    def affine(self) -> Affine:
        """Index to mm, RAS+, shape (4, 4)."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along i, j, k."""

    @property
    def orientation_known(self) -> bool:
        """Whether left and right can be told."""


@dataclass(frozen=True)
class SliceGeometry:
    """How one plane of a volume maps to screen rows and columns.

    Parameters
    ----------
    plane : str
    axis : int
        Array axis the slices are counted along (0-based index in file order).
    row_axis, column_axis : int
        Array axes drawn downward and to the right.
    flip_rows, flip_columns : bool
        Whether the array axis runs against the screen.
    size : (int, int)
        Rows and columns.
    pixel_spacing : (float, float)
        Mm per row step and per column step.
    count : int
        Number of slices.
    edges : (str, str, str, str)
        Letters at left, right, top, bottom.
    """

    plane: Plane
    axis: int
    row_axis: int
    column_axis: int
    flip_rows: bool
    flip_columns: bool
    size: tuple[int, int]
    pixel_spacing: tuple[float, float]
    count: int
    edges: tuple[str, str, str, str]

    def to_pixel(self, index: tuple[float, float, float]) -> tuple[float, float]:
        """Map a (fractional) voxel index to (row, column), pixel centres at whole numbers."""
        row, column = index[self.row_axis], index[self.column_axis]
        return (
            self.size[0] - 1 - row if self.flip_rows else row,
            self.size[1] - 1 - column if self.flip_columns else column,
        )

    def to_index(self, row: float, column: float, slice_index: float) -> tuple[float, float, float]:
        """Map (row, column) of a slice to a (fractional) voxel index; inverse of `to_pixel`."""
        index = [0.0, 0.0, 0.0]
        index[self.axis] = float(slice_index)
        index[self.row_axis] = self.size[0] - 1 - row if self.flip_rows else row
        index[self.column_axis] = self.size[1] - 1 - column if self.flip_columns else column
        return index[0], index[1], index[2]


def slice_geometry(
    affine: Affine,
    shape: tuple[int, int, int],
    plane: Plane,
    *,
    convention: Convention = "radiological",
    orientation_known: bool = True,
) -> SliceGeometry:
    """Return how a plane is drawn; the voxels stay on their own grid, nothing is resliced.

    Radiological: the patient's right is on the viewer's left (axial seen from the feet, coronal
    from the front); sagittal has anterior on the left. Neurological mirrors axial and coronal.

    Raises
    ------
    ValueError
        If `plane` or `convention` is unknown.
    """
    if plane not in _SCREEN:
        raise ValueError(f"plane must be one of {tuple(_SCREEN)}, not {plane!r}")
    if convention not in ("radiological", "neurological"):
        raise ValueError(f"convention must be radiological or neurological, not {convention!r}")
    world = world_axes(affine)
    unit = direction(affine)
    (right_world, right_sign), (down_world, down_sign) = _SCREEN[plane]
    if convention == "neurological" and right_world == 0:
        right_sign = -right_sign
    row_axis, column_axis = world.index(down_world), world.index(right_world)
    flip_rows = bool(unit[down_world, row_axis] * down_sign < 0)
    flip_columns = bool(unit[right_world, column_axis] * right_sign < 0)
    right = unit[:, column_axis] * (-1.0 if flip_columns else 1.0)
    down = unit[:, row_axis] * (-1.0 if flip_rows else 1.0)
    edges = (letters(-right), letters(right), letters(-down), letters(down))
    mm = spacing(affine)
    axis = world.index(PLANE_NORMAL[plane])
    return SliceGeometry(
        plane=plane,
        axis=axis,
        row_axis=row_axis,
        column_axis=column_axis,
        flip_rows=flip_rows,
        flip_columns=flip_columns,
        size=(shape[row_axis], shape[column_axis]),
        pixel_spacing=(mm[row_axis], mm[column_axis]),
        count=shape[axis],
        edges=edges if orientation_known else ("?", "?", "?", "?"),
    )


def volume_geometry(
    volume: Grid, plane: Plane, *, convention: Convention = "radiological"
) -> SliceGeometry:
    """Return `slice_geometry` of a volume, or of another grid."""
    return slice_geometry(
        volume.affine,
        volume.shape,
        plane,
        convention=convention,
        orientation_known=volume.orientation_known,
    )


def extract_slice(volume: Volume, geometry: SliceGeometry, index: int) -> NDArray[np.float32]:
    """Return one slice as drawn: real-world values, float32, shape `geometry.size`.

    Of a colour volume it is the luma; `extract_colour` gives the colours.

    Raises
    ------
    IndexError
        If there is no such slice.
    """
    stored = stored_slice(volume, geometry, index)
    if volume.is_colour:
        stored = luma(stored)
    return np.ascontiguousarray(volume.to_real(stored))


def extract_colour(volume: Volume, geometry: SliceGeometry, index: int) -> NDArray[np.uint8]:
    """Return one slice of a colour volume as drawn: red, green, blue, uint8.

    Returns
    -------
    ndarray, shape (*geometry.size, 3), uint8
        16-bit colours are cut to their upper 8 bits.

    Raises
    ------
    IndexError
        If there is no such slice.
    ValueError
        If the volume holds no colour.
    """
    if not volume.is_colour:
        raise ValueError("the volume holds no colour")
    stored = stored_slice(volume, geometry, index)
    if stored.dtype.itemsize > 1:
        stored = stored >> (8 * (stored.dtype.itemsize - 1))
    return np.ascontiguousarray(stored, dtype=np.uint8)


def drawn_view(array: NDArray[Any], geometry: SliceGeometry) -> NDArray[Any]:
    """Return an array in the grid of a volume as its slices are drawn.

    Parameters
    ----------
    array : ndarray, shape (I, J, K, ...)
    geometry : SliceGeometry

    Returns
    -------
    ndarray, shape (geometry.count, *geometry.size, ...)
        A view: what is written to it is written to the array. Slices count in file order.
    """
    axes = (geometry.axis, geometry.row_axis, geometry.column_axis)
    view = np.moveaxis(array, axes, (0, 1, 2))
    if geometry.flip_rows:
        view = view[:, ::-1]
    if geometry.flip_columns:
        view = view[:, :, ::-1]
    return view


def stored_slice(volume: Volume, geometry: SliceGeometry, index: int) -> NDArray[Any]:
    """Return one slice as drawn, stored values: a view of a copy or of the volume, never written.

    Raises
    ------
    IndexError
        If there is no such slice.
    """
    if not 0 <= index < geometry.count:
        raise IndexError(f"slice {index} of {geometry.count}")
    selection: list[int | slice] = [slice(None)] * 3
    selection[geometry.axis] = index
    stored = volume.array[tuple(selection)]
    if stored.itemsize < min(map(abs, stored.strides)):
        # Voxels that lie apart are read once, in the order in which they lie.
        stored = stored.copy(order="K")
    if geometry.row_axis > geometry.column_axis:
        stored = stored.swapaxes(0, 1)
    if geometry.flip_rows:
        stored = stored[::-1]
    if geometry.flip_columns:
        stored = stored[:, ::-1]
    return stored
