"""The page of a video: its frame, and below it play, steps, a slider with times."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QSignalBlocker, QSize, Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QSlider,
    QStyle,
    QStyleOptionSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from acutance.qt.icons import icon
from acutance.qt.language import local, tr
from acutance.qt.panels.labels import plain_label
from acutance.qt.theme import FONT_SMALL
from acutance.qt.viewers.frame_captions import clock_text, pace_text
from acutance.qt.viewers.frame_view import FrameView
from acutance.qt.viewers.listening import listen

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QMouseEvent

    from acutance.session import Session

HEIGHT = 44
SPEEDS = (0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 4.0)


class VideoPage(QWidget):
    """A frame view and its controls; drives the clock of the session while a video plays.

    Parameters
    ----------
    session : Session

    Signals
    -------
    None of its own; those of `view` are used directly.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playback = session.playback
        self._session = session
        self.view = FrameView(session)
        self.view.play_requested.connect(self.toggle)
        self.controls = QWidget()
        self.controls.setFixedHeight(HEIGHT)
        self.play = self._button("play", tr("Play or stop (Space, C)"), self.toggle)
        self.back = self._button(
            "frame-back", tr("One frame back (comma, Up)"), lambda: self._playback.step(-1)
        )
        self.on = self._button(
            "frame-on", tr("One frame on (full stop, Down)"), lambda: self._playback.step(1)
        )
        self.slider = JumpSlider()
        self.slider.setAccessibleName(tr("Frame"))
        self.slider.valueChanged.connect(self._playback.set_frame)
        self.time = plain_label("", size=FONT_SMALL, is_secondary=True)
        self.pace = plain_label("", size=FONT_SMALL, is_secondary=True)
        row = QHBoxLayout(self.controls)
        row.setContentsMargins(12, 0, 16, 0)
        row.setSpacing(8)
        for widget in (self.play, self.back, self.on):
            row.addWidget(widget)
        row.addWidget(self.slider, 1)
        row.addWidget(self.time)
        row.addWidget(self.pace)
        self.speed = QComboBox()
        self.speed.setAccessibleName(tr("Speed"))
        self.speed.setToolTip(tr("How fast it plays"))
        self.speed.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.speed.addItems([local("{speed:g}×", speed=speed) for speed in SPEEDS])
        self.speed.setCurrentIndex(SPEEDS.index(1.0))
        self.speed.currentIndexChanged.connect(
            lambda n: self._playback.set_speed(SPEEDS[n], time.monotonic())
        )
        self.loop = self._button(
            "loop",
            tr("Begin anew at the end"),
            lambda: self._playback.set_loops(self.loop.isChecked()),
        )
        self.loop.setCheckable(True)
        self.loop.setChecked(True)
        self.whole = QToolButton()
        self.whole.setText(tr("Whole clip"))
        self.whole.setToolTip(tr("Play the whole clip again, not only what was previewed"))
        self.whole.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.whole.clicked.connect(lambda: self._playback.set_range(None))
        row.addWidget(self.whole)
        row.addWidget(self.speed)
        row.addWidget(self.loop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.view, 1)
        column.addWidget(self.controls)
        self._column = column
        self.setFocusProxy(self.view)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_time)
        listen(self, self._playback.video_changed, self._on_video)
        listen(self, self._playback.frame_changed, self._on_frame)
        listen(self, self._playback.range_changed, self._on_range)
        listen(self, self._playback.playing_changed, self._on_playing)
        self._on_video()

    def add_row(self, widget: QWidget) -> None:
        """Put something below the controls."""
        self._column.addWidget(widget)

    def toggle(self) -> None:
        """Play, or stop."""
        self._playback.toggle(time.monotonic())

    def changeEvent(self, event: QEvent) -> None:
        """Take the icons of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "on"):
            self._take_icons()

    def _take_icons(self) -> None:
        self.play.setIcon(icon("pause" if self._playback.is_playing else "play"))
        self.back.setIcon(icon("frame-back"))
        self.on.setIcon(icon("frame-on"))
        self.loop.setIcon(icon("loop"))

    def _button(self, name: str, tip: str, slot: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(name))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setAutoRaise(True)
        button.setFixedSize(32, 32)
        button.setIconSize(QSize(20, 20))
        button.setStyleSheet("padding: 0px;")
        # Keys belong to the view.
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(slot)
        return button

    def _on_video(self) -> None:
        count = self._playback.count
        self.controls.setVisible(count > 1)
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, max(0, count - 1))
            self.slider.setPageStep(max(1, count // 10))
        self._on_range()
        self._on_frame()

    def _on_range(self) -> None:
        """Show how it plays."""
        self.whole.setVisible(self._playback.range is not None)
        with QSignalBlocker(self.speed):
            if self._playback.speed in SPEEDS:
                self.speed.setCurrentIndex(SPEEDS.index(self._playback.speed))
        self.loop.setChecked(self._playback.loops)
        if self._playback.is_playing:
            self._schedule()

    def _on_frame(self, _number: int = 0) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(self._playback.frame)
        loaded = self._playback.loaded
        end = loaded.video.duration if loaded is not None else 0.0
        self.time.setText(
            tr(
                "{clock_text} of {clock_text_2}",
                clock_text=clock_text(self._playback.seconds),
                clock_text_2=clock_text(end),
            )
        )
        pace = pace_text(self._session)
        self.pace.setText(pace)
        self.pace.setVisible(bool(pace))

    def _on_playing(self, is_playing: bool) -> None:
        self._take_icons()
        self.play.setAccessibleName(tr("Stop") if is_playing else tr("Play"))
        if is_playing:
            self._schedule()
        else:
            self._timer.stop()
            self._on_frame()

    def _on_time(self) -> None:
        self._playback.tick(time.monotonic())
        if self._playback.is_playing:
            self._schedule()

    def _schedule(self) -> None:
        wait = self._playback.seconds_to_next(time.monotonic())
        # Frames that are late or not read yet are looked for at the pace of a screen.
        self._timer.start(max(4, round(1000 * wait)))


class JumpSlider(QSlider):
    """A slider that goes at once to where it is pressed, and follows the pointer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Jump."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._jump(event.position().toPoint())
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._jump(event.position().toPoint())
            event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Do nothing more."""
        event.accept()

    def _jump(self, place: QPoint) -> None:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        control, part = QStyle.ComplexControl.CC_Slider, QStyle.SubControl
        groove = self.style().subControlRect(control, option, part.SC_SliderGroove, self)
        handle = self.style().subControlRect(control, option, part.SC_SliderHandle, self)
        span = groove.width() - handle.width()
        at = place.x() - groove.left() - handle.width() // 2
        self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), at, span))
