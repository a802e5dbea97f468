"""How the views share the grid in each layout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from acutance.core.affine import Plane

LayoutMode = Literal["three", "single", "large", "mosaic", "pair", "four"]
LAYOUT_MODES: tuple[LayoutMode, ...] = ("three", "single", "large", "mosaic", "pair", "four")
#: Row, column, rows, columns.
Cell = tuple[int, int, int, int]
CORNER, K_SPACE, MOSAIC = "corner", "k-space", "mosaic"
#: Names of the views that hold any series.
FREE = ("free 0", "free 1", "free 2", "free 3")
ROWS = COLUMNS = 3
_OTHERS: dict[Plane, tuple[Plane, Plane]] = {
    "axial": ("sagittal", "coronal"),
    "sagittal": ("axial", "coronal"),
    "coronal": ("axial", "sagittal"),
}


@dataclass(frozen=True)
class Layout:
    """Where each widget stands, and how rows and columns share the room.

    Parameters
    ----------
    cells : dict of str to Cell
        By plane, by `FREE`, or "corner", "k-space", "mosaic"; what is not named is hidden.
    rows, columns : tuple of int
        Stretch of each; 0 for those that are not there.
    """

    cells: dict[str, Cell]
    rows: tuple[int, int, int]
    columns: tuple[int, int, int]


def layout_of(mode: LayoutMode, plane: Plane, *, k_space: bool = False, alone: str = "") -> Layout:
    """Return the cells of a layout.

    Parameters
    ----------
    mode : str
    plane : str
        The plane shown alone, or large.
    k_space : bool
        Whether the k-space of the slice in view is shown, too.
    alone : str
        The one of `FREE` that fills the grid for now.

    Raises
    ------
    ValueError
        If there is no such layout.
    """
    corner = K_SPACE if k_space else CORNER
    if mode == "three":
        cells: dict[str, Cell] = {
            "axial": (0, 0, 1, 1),
            "sagittal": (0, 1, 1, 1),
            "coronal": (1, 0, 1, 1),
            corner: (1, 1, 1, 1),
        }
        return Layout(cells, (3, 2, 0), (3, 2, 0))
    if mode == "large":
        first, second = _OTHERS[plane]
        cells = {plane: (0, 0, 3, 1), first: (0, 1, 1, 1), second: (1, 1, 1, 1)}
        return Layout(cells | {corner: (2, 1, 1, 1)}, (1, 1, 1), (5, 2, 0))
    beside: dict[str, Cell] = {K_SPACE: (0, 2, 2, 1)} if k_space else {}
    share = 1 if k_space else 0
    if mode in ("single", "mosaic") or alone:
        name = alone if mode in ("pair", "four") else plane if mode == "single" else MOSAIC
        return Layout({name: (0, 0, 2, 1)} | beside, (1, 0, 0), (2, 0, share))
    if mode == "pair":
        cells = {FREE[0]: (0, 0, 2, 1), FREE[1]: (0, 1, 2, 1)}
        return Layout(cells | beside, (1, 0, 0), (1, 1, share))
    if mode == "four":
        cells = {name: (n // 2, n % 2, 1, 1) for n, name in enumerate(FREE)}
        return Layout(cells | beside, (1, 1, 0), (1, 1, share))
    raise ValueError(f"no such layout: {mode!r}")
