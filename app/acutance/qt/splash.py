"""What is shown from a double click to the window: name, version, and what is being done."""

from __future__ import annotations

import sys

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPainter, QPen, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSplashScreen, QWidget

from acutance import __version__
from acutance.qt.language import no_diagnosis, tr
from acutance.qt.theme import (
    FONT_NORMAL,
    FONT_SMALL,
    FONT_TITLE,
    RADIUS,
    Tokens,
    current_tokens,
)
from acutance_resources import path

WIDTH, HEIGHT = 420, 180
_MARGIN, _ICON = 32, 96


def is_wanted() -> bool:
    """Tell whether a start takes long enough for a splash: that of a bundle does, from disk."""
    return bool(getattr(sys, "frozen", False))


class Splash(QSplashScreen):
    """A picture of the program with a line for the stage it has come to."""

    def __init__(self) -> None:
        screen = QGuiApplication.primaryScreen()
        self._tokens = current_tokens()
        super().__init__(_draw(self._tokens, screen.devicePixelRatio() if screen else 1.0))
        self.setAccessibleName(tr("Acutance is starting"))
        self._stage = ""

    @property
    def stage(self) -> str:
        """What is being done."""
        return self._stage

    def tell(self, stage: str) -> None:
        """Say what is being done, and paint it before that begins."""
        self._stage = stage
        # The base class paints at once, which a label in an event loop would not.
        self.showMessage(stage)

    def close_for(self, window: QWidget) -> None:
        """Give way to a window as soon as that is on the screen."""
        self.finish(window)
        self.deleteLater()

    def drawContents(self, painter: QPainter) -> None:
        """Paint the stage under the name."""
        painter.setFont(_font(FONT_NORMAL))
        painter.setPen(QColor(self._tokens.secondary))
        left = _MARGIN + _ICON + _MARGIN // 2
        box = QRectF(left, 100, WIDTH - left - _MARGIN // 2, 24)
        painter.drawText(
            box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.stage
        )


def _draw(tokens: Tokens, ratio: float) -> QPixmap:
    picture = QPixmap(round(WIDTH * ratio), round(HEIGHT * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(QColor(tokens.surface))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(tokens.line), 1))
    painter.drawRoundedRect(QRectF(0.5, 0.5, WIDTH - 1, HEIGHT - 1), RADIUS, RADIUS)
    renderer = QSvgRenderer(str(path("icons/acutance.svg")))
    renderer.render(painter, QRectF(_MARGIN, (HEIGHT - _ICON) / 2, _ICON, _ICON))
    left = _MARGIN + _ICON + _MARGIN // 2
    painter.setPen(QColor(tokens.text))
    painter.setFont(_font(FONT_TITLE, is_bold=True))
    painter.drawText(QPointF(left, 76), "Acutance")
    painter.setPen(QColor(tokens.secondary))
    painter.setFont(_font(FONT_SMALL))
    painter.drawText(QPointF(left, 94), tr("version {version}", version=__version__))
    painter.drawText(QPointF(left, 146), no_diagnosis() + ".")
    painter.end()
    return picture


def _font(pixels: int, *, is_bold: bool = False) -> QFont:
    font = QFont(QGuiApplication.font())
    font.setPixelSize(pixels)
    font.setBold(is_bold)
    return font
