"""The tools that measure, and the panel of what was measured."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from acutance.qt.actions import Command
from acutance.qt.feature import Feature
from acutance.qt.panels.measurement_section import MeasurementSection
from acutance.qt.plotting import prepare_plots
from acutance.qt.viewers.listening import listen
from acutance.session.tools import ANGLE, DISTANCE, ELLIPSE, MAGNIFIER, MEASURING_TOOLS, RECTANGLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from acutance.qt.main_window import MainWindow

_TOOLS = (*MEASURING_TOOLS, MAGNIFIER)


class MeasuringFeature(Feature):
    """Measures on slices in mm; what was measured stays with its series and can be undone.

    Parameters
    ----------
    window : MainWindow
    """

    COMMANDS = (
        Command(
            DISTANCE,
            "Distance",
            "D",
            "distance",
            needs="volume",
            is_checkable=True,
            tip="Measure from one point to another, and show the values between them",
        ),
        Command(
            ANGLE,
            "Angle",
            "A",
            "angle",
            needs="volume",
            is_checkable=True,
            tip="Measure the angle at the second of three points",
        ),
        Command(
            ELLIPSE,
            "Elliptic region",
            "Q",
            "ellipse",
            needs="volume",
            is_checkable=True,
            tip="Mean, spread, signal to noise and histogram of the values in an ellipse",
        ),
        Command(
            RECTANGLE,
            "Rectangular region",
            "Shift+Q",
            "rectangle",
            needs="volume",
            is_checkable=True,
            tip="Mean, spread, signal to noise and histogram of the values in a rectangle",
        ),
        Command(
            MAGNIFIER,
            "Magnifier",
            "M",
            "magnifier",
            needs="volume",
            is_checkable=True,
            tip="Show the pixels under the pointer three times as large",
        ),
        Command("remove_measurement", "Remove measurement", "Del"),
        Command("remove_measurements", "Remove all measurements of the series"),
    )
    MENUS: ClassVar = {"Image": ("-", *_TOOLS, "remove_measurement", "remove_measurements")}
    VIEW_SHEET = (*_TOOLS, "remove_measurement")

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._session = window.session
        self.section = MeasurementSection(window.session)
        window.side.add_section(self.section)

    def slots(self) -> Mapping[str, Callable[..., None]]:
        """Return what each command does."""
        return {
            **{tool: partial(self.take, tool) for tool in _TOOLS},
            "remove_measurement": self.remove,
            "remove_measurements": self._session.measurements.clear,
        }

    def start(self) -> None:
        """Give the panel its tools, and follow what is in hand and what was measured."""
        actions = self.window.actions_
        self.section.add_tools(
            [actions[tool] for tool in MEASURING_TOOLS], actions["remove_measurement"]
        )
        for signal in (
            self._session.tools.changed,
            self._session.measurements.changed,
            self._session.active_changed,
        ):
            listen(self, signal, self._show)
        self._show()

    def take(self, tool: str, on: bool = True) -> None:
        """Take a tool in hand, or put it down."""
        self._session.tools.take(tool if on else "")
        if on and tool in MEASURING_TOOLS:
            prepare_plots()
        self._show()

    def remove(self) -> None:
        """Remove the measurement that is chosen, else the newest."""
        kept = self._session.measurements
        if kept.all:
            kept.remove(kept.chosen or kept.all[-1])

    def _show(self, *_: object) -> None:
        actions, current = self.window.actions_, self._session.tools.current
        for tool in _TOOLS:
            actions[tool].setChecked(current == tool)
        for id in ("remove_measurement", "remove_measurements"):
            actions[id].setEnabled(bool(self._session.measurements.all))
