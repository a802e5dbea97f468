"""Oblique volumes along the axes of the patient, or along their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from acutance.core.patient_grid import is_oblique
from acutance.qt.actions import Command
from acutance.qt.feature import Feature
from acutance.qt.language import tr
from acutance.qt.viewers.listening import listen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class AxesFeature(Feature):
    """A command that shows every oblique volume in planes of the patient, resampled.

    Scores, strips, the mosaic and k-space stay with the slices of the file.
    """

    COMMANDS: ClassVar = (
        Command(
            "patient_axes",
            "Along the patient's axes",
            "J",
            needs="oblique",
            is_checkable=True,
            tip="Resample an oblique volume to planes of the patient; scores stay with its slices",
        ),
    )
    MENUS: ClassVar = {"View": ("patient_axes",)}
    VIEW_SHEET: ClassVar = ("patient_axes",)

    def slots(self) -> Mapping[str, Callable[..., None]]:
        """Return what its command does."""
        return {"patient_axes": self.follow}

    def facts(self) -> Mapping[str, bool]:
        """Tell whether the volume in view has axes other than those of the patient."""
        session = self.window.session
        shown = [pane.volume for pane in session.panes]
        return {"oblique": any(v is not None and is_oblique(v) for v in shown)}

    def start(self) -> None:
        """Follow what is chosen."""
        listen(self, self.window.session.appearance.changed, self._show)
        self._show()

    def follow(self, on: bool) -> None:
        """Show oblique volumes along the patient's axes, or along their own."""
        self.window.session.appearance.set_follows_patient(on)
        self.window.tell(
            tr("Along the patient's axes, resampled.") if on else tr("Along the axes of the scan.")
        )

    def _show(self) -> None:
        look = self.window.session.appearance
        self.window.actions_["patient_axes"].setChecked(look.follows_patient)
