"""How the user turned a plane: mirrored and rotated on the screen, never in the voxels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from acutance.core.slicing import SliceGeometry


@dataclass(frozen=True)
class Turn:
    """A mirror about the vertical, then quarter turns clockwise.

    Parameters
    ----------
    is_mirrored : bool
        Whether left and right were exchanged first.
    quarters : int
        Quarter turns clockwise after that, in [0, 3].
    """

    is_mirrored: bool = False
    quarters: int = 0

    def __post_init__(self) -> None:
        """Bring the quarter turns into range."""
        object.__setattr__(self, "quarters", self.quarters % 4)

    def rotated(self, quarters: int) -> Turn:
        """Return it with more quarter turns clockwise."""
        return Turn(self.is_mirrored, self.quarters + quarters)

    def flipped_horizontally(self) -> Turn:
        """Return it with what is left and right on the screen now exchanged."""
        return Turn(not self.is_mirrored, -self.quarters)

    def flipped_vertically(self) -> Turn:
        """Return it with what is up and down on the screen now exchanged."""
        return self.flipped_horizontally().rotated(2)

    @property
    def words(self) -> str:
        """What a view says of it; empty where nothing was turned."""
        parts = ["flipped"] if self.is_mirrored else []
        if self.quarters:
            parts.append(f"turned {90 * self.quarters}°")
        return ", ".join(parts)

    def apply(self, geometry: SliceGeometry) -> SliceGeometry:
        """Return how the turned plane is drawn; letters go with the sides they name."""
        if self.is_mirrored:
            left, right, top, bottom = geometry.edges
            geometry = replace(
                geometry,
                flip_columns=not geometry.flip_columns,
                edges=(right, left, top, bottom),
            )
        for _ in range(self.quarters):
            geometry = _quarter(geometry)
        return geometry


def _quarter(geometry: SliceGeometry) -> SliceGeometry:
    """Turn by a quarter clockwise: the old bottom comes to the left, the old left to the top."""
    left, right, top, bottom = geometry.edges
    return replace(
        geometry,
        row_axis=geometry.column_axis,
        column_axis=geometry.row_axis,
        flip_rows=geometry.flip_columns,
        flip_columns=not geometry.flip_rows,
        size=(geometry.size[1], geometry.size[0]),
        pixel_spacing=(geometry.pixel_spacing[1], geometry.pixel_spacing[0]),
        edges=(bottom, top, left, right),
    )
