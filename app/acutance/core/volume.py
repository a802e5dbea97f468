"""A 3-D image with geometry, as read; never changed after it was made."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.affine import Affine, spacing
from acutance.core.rescale import rescale

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.window import Window


@dataclass(frozen=True, eq=False)
class Volume:
    """Voxels in file order with the affine that places them in the patient.

    Parameters
    ----------
    array : ndarray, shape (I, J, K) or, for colour, (I, J, K, 3), stored dtype
        Stored values, axis order as in the file; real-world value = slope * stored + intercept.
        Colour is red, green, blue, uint8 or uint16.
    affine : ndarray, shape (4, 4), float64
        Voxel index to world mm, RAS+.
    slope, intercept : float
        Rescale to real-world values; 1 and 0 where `array` already holds them.
    unit : str
        Unit of the real-world values: "HU" for CT, "" where the file states none.
    modality : str
        DICOM modality code ("MR", "CT", ...) or "" where unknown.
    name : str
        Series name without personal data.
    orientation_known : bool
        False where left and right cannot be told; letters are then "?".
    spacing_known : bool
        False where mm are not stated; no length is then shown.
    acquisition_axis : int or None
        Array axis along which the slices were acquired, where the file tells.
    windows : tuple of Window
        Windows stored in the file, in file order.
    facts : dict of str to plain values
        Non-personal header facts for display and provenance.
    """

    array: NDArray[Any]
    affine: Affine
    slope: float = 1.0
    intercept: float = 0.0
    unit: str = ""
    modality: str = ""
    name: str = ""
    orientation_known: bool = True
    spacing_known: bool = True
    acquisition_axis: int | None = None
    windows: tuple[Window, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check shape and geometry.

        Raises
        ------
        ValueError
            If the array is neither 3-D nor colour, or the affine is not a finite, invertible
            4x4 matrix.
        """
        if self.array.ndim != 3 and not self.is_colour:
            raise ValueError(f"a volume needs a 3-D array or colour, not {self.array.shape}")
        affine = np.asarray(self.affine, dtype=np.float64)
        if affine.shape != (4, 4) or not np.all(np.isfinite(affine)):
            raise ValueError("the affine must be a finite 4x4 matrix")
        # Held against the size of the voxels: those of a microscope are small.
        lengths = np.linalg.norm(affine[:3, :3], axis=0)
        if lengths.min() == 0 or abs(float(np.linalg.det(affine[:3, :3] / lengths))) < 1e-12:
            raise ValueError("the affine must be invertible")
        object.__setattr__(self, "affine", affine)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along i, j, k."""
        i, j, k = self.array.shape[:3]
        return int(i), int(j), int(k)

    @property
    def is_colour(self) -> bool:
        """Whether each voxel holds red, green and blue."""
        array = self.array
        return array.ndim == 4 and array.shape[3] == 3 and array.dtype.kind == "u"

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Mm per voxel along i, j, k."""
        return spacing(self.affine)

    def to_real(self, stored: NDArray[Any]) -> NDArray[np.float32]:
        """Return real-world values, float32, of stored values of any shape."""
        return rescale(stored, self.slope, self.intercept)

    def value_at(self, index: tuple[int, int, int]) -> float:
        """Return the real-world value of one voxel, of a colour voxel its luma.

        Raises
        ------
        IndexError
            If the index lies outside the volume.
        """
        if any(not 0 <= n < size for n, size in zip(index, self.shape, strict=True)):
            raise IndexError(f"{index} lies outside {self.shape}")
        stored = self.array[index]
        value = float(luma(stored)) if self.is_colour else float(stored)
        return value * self.slope + self.intercept

    def with_array(self, array: NDArray[Any]) -> Volume:
        """Return the same volume with another array of the same shape."""
        if array.shape != self.array.shape:
            raise ValueError(f"shape {array.shape} differs from {self.array.shape}")
        return replace(self, array=array)


def luma(rgb: NDArray[Any]) -> NDArray[np.float32]:
    """Return the luma of red, green and blue, as stored: 0.299 R + 0.587 G + 0.114 B.

    Parameters
    ----------
    rgb : ndarray, shape (..., 3)

    Returns
    -------
    ndarray, shape (...), float32, in the unit of `rgb`

    References
    ----------
    .. [1] ITU-R BT.601-7, section 2.5.1; DICOM PS3.3, C.7.6.3.1.2 (YBR_FULL).
    """
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    return np.asarray(np.asarray(rgb, np.float32) @ weights, np.float32)
