"""How images are drawn beyond their window: colours, turned planes, slabs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psygnal import Signal

from acutance.core.turning import Turn

if TYPE_CHECKING:
    from acutance.core.affine import Plane

GREY = "grey"
#: Colour maps, by the name that a menu shows; all but grey run evenly from dark to bright.
COLOUR_MAPS = (GREY, "viridis", "inferno", "cividis", "hot")
#: Thickness of a slab when it is first shown, and on offer, in mm.
FIRST_SLAB_MM, SLABS_MM = 10.0, (5.0, 10.0, 20.0, 40.0)


class Appearance:
    """Colour map, inversion, turned planes, slab and axes, shared by all views.

    Signals
    -------
    changed
        Something is drawn otherwise.
    """

    changed = Signal()

    def __init__(self) -> None:
        self._colour_map = GREY
        self._is_inverted = False
        self._turns: dict[Plane, Turn] = {}
        self._slab_mm = 0.0
        self._follows_patient = False

    @property
    def colour_map(self) -> str:
        """Name of the colour map, of `COLOUR_MAPS`."""
        return self._colour_map

    @property
    def is_inverted(self) -> bool:
        """Whether bright and dark are exchanged."""
        return self._is_inverted

    @property
    def slab_mm(self) -> float:
        """Thickness of the slab whose largest values are shown, in mm; 0 for single slices."""
        return self._slab_mm

    @property
    def follows_patient(self) -> bool:
        """Whether oblique volumes are shown along the axes of the patient, not along their own."""
        return self._follows_patient

    def turn(self, plane: Plane) -> Turn:
        """Return how a plane was turned."""
        return self._turns.get(plane, Turn())

    def words(self, *, slab: bool = True) -> tuple[str, ...]:
        """Return what differs from how images are stored, but for turns; colours tell themselves.

        Parameters
        ----------
        slab : bool
            Whether slabs are shown where it is said.
        """
        found = ("inverted",) if self._is_inverted else ()
        return (*found, f"maximum of {self._slab_mm:g} mm") if slab and self._slab_mm else found

    def set_colour_map(self, name: str) -> None:
        """Choose a colour map.

        Raises
        ------
        ValueError
            If there is no such map.
        """
        if name not in COLOUR_MAPS:
            raise ValueError(f"no colour map {name!r}; there are {COLOUR_MAPS}")
        self._set(_colour_map=name)

    def set_inverted(self, is_inverted: bool) -> None:
        """Exchange bright and dark, or do not."""
        self._set(_is_inverted=is_inverted)

    def set_slab(self, thickness_mm: float) -> None:
        """Show the largest values of a slab, or with 0 single slices.

        Raises
        ------
        ValueError
            If the thickness is negative or not finite.
        """
        if not 0.0 <= thickness_mm < float("inf"):
            raise ValueError(f"a slab is 0 mm thick or more, not {thickness_mm}")
        self._set(_slab_mm=float(thickness_mm))

    def set_follows_patient(self, follows: bool) -> None:
        """Show oblique volumes along the axes of the patient, resampled, or along their own."""
        self._set(_follows_patient=follows)

    def set_turn(self, plane: Plane, turn: Turn) -> None:
        """Turn a plane on the screen."""
        if turn != self.turn(plane):
            self._turns[plane] = turn
            self.changed.emit()

    def reset(self) -> None:
        """Draw everything as it is stored."""
        self._turns = {}
        self._colour_map, self._is_inverted, self._slab_mm = GREY, False, 0.0
        self._follows_patient = False
        self.changed.emit()

    def _set(self, **values: object) -> None:
        if any(getattr(self, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(self, name, value)
            self.changed.emit()
