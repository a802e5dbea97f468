"""Icons in the colours of the theme."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from acutance.qt.theme import Tokens, current_tokens, draw_verdict_shape
from acutance_resources import path

if TYPE_CHECKING:
    from acutance.core.quality import Verdict

#: The stroke colour of the icon files, replaced by that of the theme.
_STROKE = "#808a93"
#: Sides in pixels of the pictures of an icon.
_SIZES = (16, 20, 32, 40)


def icon(name: str) -> QIcon:
    """Return an icon by the name of its file, in the current theme's colours."""
    tokens = current_tokens()
    result = QIcon()
    for mode, color in (
        (QIcon.Mode.Normal, tokens.text),
        (QIcon.Mode.Active, tokens.text),
        (QIcon.Mode.Disabled, tokens.disabled),
    ):
        for picture in _pixmaps(name, color, _SIZES):
            result.addPixmap(picture, mode)
    return result


def pixmap(name: str, color: str, size: int, ratio: float = 1.0) -> QPixmap:
    """Return an icon as a pixmap of `size` device-independent pixels."""
    picture = QPixmap(*_pixmaps(name, color, (round(size * ratio),)))
    picture.setDevicePixelRatio(ratio)
    return picture


def application_icon() -> QIcon:
    """Return the icon of the program."""
    result = QIcon()
    for picture in _pixmaps("acutance", _STROKE, (32, 64, 128)):
        result.addPixmap(picture)
    return result


def verdict_icon(verdict: Verdict, size: int = 16) -> QIcon:
    """Return the sign of a verdict."""
    return QIcon(_verdict_pixmap(verdict, current_tokens(), size))


@lru_cache(maxsize=256)
def _pixmaps(name: str, color: str, sizes: tuple[int, ...]) -> tuple[QPixmap, ...]:
    """Draw one icon file in several sizes; reading it takes longer than drawing it."""
    source = path(f"icons/{name}.svg").read_text(encoding="utf-8").replace(_STROKE, color)
    renderer = QSvgRenderer(QByteArray(source.encode()))
    pictures = []
    for size in sizes:
        picture = QPixmap(QSize(size, size))
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        try:
            renderer.render(painter, QRectF(0, 0, size, size))
        finally:
            painter.end()
        pictures.append(picture)
    return tuple(pictures)


@lru_cache(maxsize=32)
def _verdict_pixmap(verdict: Verdict, tokens: Tokens, size: int) -> QPixmap:
    picture = QPixmap(QSize(size * 2, size * 2))
    picture.fill(Qt.GlobalColor.transparent)
    picture.setDevicePixelRatio(2.0)
    painter = QPainter(picture)
    try:
        draw_verdict_shape(painter, QRectF(0, 0, size, size), verdict, tokens)
    finally:
        painter.end()
    return picture
