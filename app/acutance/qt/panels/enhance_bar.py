"""Below a video: how it is enhanced, a preview, the whole clip, and how far that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QSlider,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from acutance.core.upscaling import SCALES
from acutance.qt.language import local, mark, tr
from acutance.qt.panels.labels import plain_label, tint
from acutance.qt.panels.progress import ProgressBar
from acutance.qt.theme import FONT_SMALL, current_tokens

if TYPE_CHECKING:
    from acutance.qt.enhancer import Enhancer
    from acutance.session.enhancement import Mode
    from acutance.upscaling.run import UpscaleEvent

_MODES: tuple[tuple[Mode, str, str], ...] = (
    ("off", mark("Original"), mark("Show the original alone")),
    ("split", mark("Split"), mark("Show the enhanced part to the right of a line")),
    ("side", mark("Side by side"), mark("Show original and enhanced beside each other")),
)
HEIGHT = 40


class EnhanceBar(QWidget):
    """One row of controls, and a line for what is under way or went wrong.

    Parameters
    ----------
    enhancer : Enhancer

    Signals
    -------
    preview_requested
        Enhance what is seen, for a second.
    run_requested
        Enhance the whole clip.
    weights_requested
        Choose the weights of a network.
    settings_changed : int, float
        Scale, and share of the network.
    """

    preview_requested = Signal()
    run_requested = Signal()
    weights_requested = Signal()
    settings_changed = Signal(int, float)

    def __init__(self, enhancer: Enhancer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._enhancer = enhancer
        self.setObjectName("enhance_bar")
        self.scale = QComboBox()
        self.scale.addItems([f"×{scale}" for scale in SCALES])
        self.scale.setAccessibleName(tr("How many times the pixels"))
        self.strength = QSlider(Qt.Orientation.Horizontal)
        self.strength.setRange(0, 100)
        self.strength.setValue(100)
        self.strength.setFixedWidth(96)
        self.strength.setAccessibleName(tr("Share of the network"))
        self.strength.setToolTip(tr("Share of the network; the rest is bicubic interpolation"))
        self.share = plain_label("100 %", size=FONT_SMALL, is_secondary=True)
        self.share.setMinimumWidth(40)
        self.preview = QPushButton(tr("Preview"))
        self.preview.setToolTip(tr("Enhance what is seen, for a second from here (Shift+E)"))
        self.run = QPushButton(tr("Enhance clip…"))
        self.weights = QToolButton()
        self.weights.setText(tr("Weights…"))
        self.weights.setToolTip(tr("Use a network from a file"))
        self.modes = QButtonGroup(self)
        self.modes.setExclusive(True)
        self._mode_row = QWidget()
        self._build()
        self.scale.currentIndexChanged.connect(self._on_settings)
        self.strength.valueChanged.connect(self._on_settings)
        self.preview.clicked.connect(self._on_preview)
        self.run.clicked.connect(self.run_requested)
        self.weights.clicked.connect(self.weights_requested)
        self.modes.idClicked.connect(lambda n: enhancer.enhancement.set_mode(_MODES[n][0]))
        enhancer.changed.connect(self.refresh)
        self.refresh()

    def _build(self) -> None:
        tools = QWidget()
        row = QHBoxLayout(tools)
        row.setContentsMargins(12, 4, 16, 4)
        row.setSpacing(8)
        row.addWidget(plain_label(tr("Enhance"), bold=True))
        row.addWidget(self.scale)
        row.addWidget(plain_label("strength", size=FONT_SMALL, is_secondary=True))
        row.addWidget(self.strength)
        row.addWidget(self.share)
        row.addWidget(self.preview)
        modes = QHBoxLayout(self._mode_row)
        modes.setContentsMargins(0, 0, 0, 0)
        modes.setSpacing(0)
        for number, (_, text, tip) in enumerate(_MODES):
            button = QToolButton()
            button.setText(tr(text))
            button.setToolTip(tr(tip))
            button.setCheckable(True)
            self.modes.addButton(button, number)
            modes.addWidget(button)
        row.addWidget(self._mode_row)
        row.addStretch(1)
        row.addWidget(self.weights)
        row.addWidget(self.run)
        self.bar = ProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.told = plain_label("", size=FONT_SMALL, is_secondary=True)
        self.pause = QPushButton(tr("Pause"))
        self.cancel = QPushButton(tr("Cancel"))
        self.pause.clicked.connect(lambda: self._enhancer.pause(not self._enhancer.is_paused))
        self.cancel.clicked.connect(self._enhancer.cancel)
        under_way = QWidget()
        row = QHBoxLayout(under_way)
        row.setContentsMargins(12, 4, 16, 4)
        row.setSpacing(8)
        row.addWidget(plain_label(tr("Enhancing"), bold=True))
        row.addWidget(self.bar, 1)
        row.addWidget(self.told)
        row.addWidget(self.pause)
        row.addWidget(self.cancel)
        self.pages = QStackedWidget()
        self.pages.addWidget(tools)
        self.pages.addWidget(under_way)
        self.pages.setFixedHeight(HEIGHT)
        self.message = plain_label("", size=FONT_SMALL, wraps=True)
        self.message.setContentsMargins(12, 0, 16, 6)
        self.message.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pages)
        column.addWidget(self.message)

    def tell(self, text: str, *, is_problem: bool = False) -> None:
        """Say something in the line below; "" takes it away."""
        tokens = current_tokens()
        tint(self.message, tokens.check if is_problem else tokens.secondary)
        self.message.setText(text)
        self.message.setVisible(bool(text))

    def refresh(self) -> None:
        """Show what is under way."""
        enhancer = self._enhancer
        running = enhancer.is_running
        self.pages.setCurrentIndex(1 if running else 0)
        self.preview.setText(tr("Cancel preview") if enhancer.is_previewing else tr("Preview"))
        self.run.setEnabled(not enhancer.is_previewing)
        has_preview = enhancer.enhancement.preview is not None
        self._mode_row.setVisible(has_preview)
        for number, (mode, _, _) in enumerate(_MODES):
            self.modes.button(number).setChecked(enhancer.enhancement.mode == mode)
        self.pause.setText(tr("Go on") if enhancer.is_paused else tr("Pause"))
        event = enhancer.progress
        self.bar.setValue(0 if event is None else round(1000 * event.fraction))
        self.told.setText("reading" if event is None else progress_text(event))

    def _on_preview(self) -> None:
        if self._enhancer.is_previewing:
            self._enhancer.cancel_preview()
        else:
            self.tell("")
            self.preview_requested.emit()

    def _on_settings(self) -> None:
        self.share.setText(local("{strength} %", strength=self.strength.value()))
        scale = SCALES[self.scale.currentIndex()]
        self.settings_changed.emit(scale, self.strength.value() / 100.0)


def progress_text(event: UpscaleEvent) -> str:
    """Return how far a run is, in few words."""
    if event.message == "paused":
        return tr("paused at {done} of {count} frames", done=int(event.done), count=event.count)
    text = tr("{done} of {count} frames", done=int(event.done), count=event.count)
    if event.rate:
        text += tr(", {rate:.2f} frames/s", rate=event.rate)
    if event.seconds_left is not None:
        minutes, seconds = divmod(round(event.seconds_left), 60)
        hours, minutes = divmod(minutes, 60)
        text += tr(
            ", {hours}:{minutes:02d}:{seconds:02d} left",
            hours=hours,
            minutes=minutes,
            seconds=seconds,
        )
    return text
