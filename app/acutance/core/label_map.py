"""A label map: an integer per voxel, and what each integer means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Label:
    """What one value of a label map means.

    Parameters
    ----------
    value : int
        The integer in the map; 0 is the background by custom.
    name : str
        "left hippocampus"; one line.
    colour : (int, int, int)
        Red, green, blue, each in [0, 255].

    Raises
    ------
    ValueError
        If a part of the colour is out of range.
    """

    value: int
    name: str
    colour: Colour

    def __post_init__(self) -> None:
        """Check the colour."""
        if len(self.colour) != 3 or any(not 0 <= part <= 255 for part in self.colour):
            raise ValueError(f"a colour is three numbers from 0 to 255, not {self.colour}")


@dataclass(frozen=True, eq=False)
class LabelMap:
    """Labels in the voxels of a volume.

    Parameters
    ----------
    array : ndarray, shape (I, J, K), integer or bool
        Axis order as in the volume it belongs to; a bool array is a mask of label 1.
    labels : tuple of Label
        The meaning of the values, each once.

    Raises
    ------
    ValueError
        If the array is not 3-D or not of integers, or a value stands twice in the table.
    """

    array: NDArray[Any]
    labels: tuple[Label, ...] = ()

    def __post_init__(self) -> None:
        """Check kind and table."""
        if self.array.ndim != 3:
            raise ValueError(f"a label map needs a 3-D array, not {self.array.ndim}-D")
        if self.array.dtype.kind not in "iub":
            raise ValueError(f"labels are integers, not {self.array.dtype}")
        values = [label.value for label in self.labels]
        if len(set(values)) != len(values):
            raise ValueError(f"a label stands twice in the table: {values}")
