"""Which volume of a series with further axes is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QWidget

from acutance.qt.language import tr
from acutance.qt.theme import FONT_NORMAL, ui_font
from acutance.qt.viewers.listening import listen

if TYPE_CHECKING:
    from acutance.core.ledger import ExtraAxis
    from acutance.session import Session


class PositionBar(QWidget):
    """One number per axis beyond space, from 0; hidden where a series has none.

    Parameters
    ----------
    session : Session

    Signals
    -------
    position_requested : int, tuple of int
        Id of the series and the position that the user chose along each axis.
    """

    position_requested = Signal(int, tuple)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._axes: tuple[ExtraAxis, ...] = ()
        self._boxes: list[QSpinBox] = []
        self.setObjectName("position_bar")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 4, 8, 4)
        self._row.setSpacing(8)
        listen(self, session.active_changed, self._on_series)
        listen(self, session.series_changed, self._on_series)
        self._on_series()

    @property
    def boxes(self) -> tuple[QSpinBox, ...]:
        """The number fields, one per axis."""
        return tuple(self._boxes)

    def _on_series(self, _id: int | None = None) -> None:
        entry = self._session.active
        loaded = None if entry is None else entry.loaded
        axes = () if loaded is None else loaded.item.extra_axes
        if axes != self._axes:
            self._build(axes)
        if loaded is not None and entry is not None:
            # While another position is being read the fields show the one that was asked for.
            for box, position in zip(self._boxes, entry.item.position, strict=True):
                with QSignalBlocker(box):
                    box.setValue(position)
        self.setVisible(bool(axes))

    def _build(self, axes: tuple[ExtraAxis, ...]) -> None:
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._axes, self._boxes = axes, []
        for axis in axes:
            box = QSpinBox()
            box.setRange(0, axis.size - 1)
            box.setFont(ui_font(FONT_NORMAL))
            box.setAccessibleName(
                tr("Position along {name}, 0 to {size}", name=axis.name, size=axis.size - 1)
            )
            box.setToolTip(tr("Which volume of the file is shown and scored"))
            # A number is asked for when it is typed to its end.
            box.setKeyboardTracking(False)
            box.valueChanged.connect(self._on_value)
            name, last = (
                QLabel(axis.name.capitalize()),
                QLabel(tr("of 0 to {size}", size=axis.size - 1)),
            )
            for label in (name, last):
                label.setTextFormat(Qt.TextFormat.PlainText)
                label.setFont(ui_font(FONT_NORMAL))
            self._boxes.append(box)
            for widget in (name, box, last):
                self._row.addWidget(widget)
        self._row.addStretch(1)

    def _on_value(self, _value: int) -> None:
        entry = self._session.active
        if entry is not None:
            self.position_requested.emit(entry.id, tuple(box.value() for box in self._boxes))
