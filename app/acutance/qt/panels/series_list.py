"""How one series is drawn in a list: thumbnail, name, size, verdict."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import (
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from acutance.qt.language import tr, trn
from acutance.qt.theme import (
    FONT_NORMAL,
    FONT_SMALL,
    RADIUS,
    VERDICT_STYLE,
    current_tokens,
    draw_verdict_shape,
    ui_font,
)
from acutance.session import SeriesState

if TYPE_CHECKING:
    from acutance.session import SeriesEntry

Index = QModelIndex | QPersistentModelIndex
_ROW_HEIGHT, _HEADING_HEIGHT = 64, 26
_THUMBNAIL = 48
ENTRY_ROLE = Qt.ItemDataRole.UserRole
#: How readers title one of several volumes of a series.
_PART = re.compile(r"(.+) \(volume (\d+) of (\d+)(?:, (.+))?\)")


def describe(entry: SeriesEntry) -> str:
    """Return the second line of a series: modality and shape, or what it waits for."""
    if entry.state is SeriesState.LOADING:
        return (
            tr("loading {progress:.0%}", progress=entry.progress)
            if entry.progress > 0
            else tr("loading…")
        )
    if entry.state is SeriesState.FAILED:
        return tr("could not be read")
    volume = entry.volume
    modality = (volume.modality if volume is not None else "") or entry.item.modality
    if volume is not None:
        shape = "×".join(map(str, volume.shape))
        so_far = tr("so far") if entry.item.is_partial else ""
        return "  ".join(filter(None, (modality, shape, so_far)))
    video = entry.video
    if video is not None:
        frames = trn("{n} frame", "{n} frames", video.count)
        return (
            f"{modality}  {frames}"
            if modality
            else tr("{frames}, {duration:.3g} s", frames=frames, duration=video.duration)
        )
    count = len(entry.item.files)
    files = trn("{n} file", "{n} files", count)
    if entry.item.is_partial:
        files = trn("{n} file so far", "{n} files so far", count)
    return "  ".join(filter(None, (modality, files)))


def status_word(entry: SeriesEntry) -> str:
    """Return the state of a series in words: the verdict, or why there is none."""
    if entry.result is not None:
        return tr(VERDICT_STYLE[entry.result.verdict].word)
    if entry.scoring_error is not None:
        return tr("Could not be scored")
    return {
        SeriesState.LISTED: tr("Not loaded"),
        SeriesState.LOADING: tr("Loading"),
        SeriesState.LOADED: tr("Not scored"),
        SeriesState.FAILED: tr("Could not be read"),
    }[entry.state]


class SeriesDelegate(QStyledItemDelegate):
    """Draws one series."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size of a row; a heading needs less."""
        return QSize(120, _ROW_HEIGHT if index.data(ENTRY_ROLE) is not None else _HEADING_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw thumbnail, two lines, and the verdict."""
        entry: SeriesEntry | None = index.data(ENTRY_ROLE)
        state: QStyle.StateFlag = option.state
        rect: QRect = option.rect
        painter.save()
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if entry is None:
                is_open = bool(state & QStyle.StateFlag.State_Open)
                _paint_heading(painter, rect, str(index.data()), is_open=is_open)
            else:
                self._paint(painter, rect, entry, state)
        finally:
            painter.restore()

    def _paint(
        self, painter: QPainter, rect: QRect, entry: SeriesEntry, state: QStyle.StateFlag
    ) -> None:
        tokens = current_tokens()
        box = QRectF(rect).adjusted(4, 2, -4, -2)
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        if is_selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.raised))
            painter.drawRoundedRect(box, RADIUS, RADIUS)
        if is_selected:
            painter.setBrush(QColor(tokens.accent))
            painter.drawRoundedRect(QRectF(box.left(), box.top() + 8, 3, box.height() - 16), 1, 1)
        picture = QRectF(box.left() + 8, box.center().y() - _THUMBNAIL / 2, _THUMBNAIL, _THUMBNAIL)
        painter.fillRect(picture, QColor(tokens.view))
        if entry.thumbnail is not None:
            painter.drawImage(picture, to_image(entry.thumbnail))
        if entry.item.kind == "video":
            _paint_badge(painter, picture)
        left = picture.right() + 8
        text = QRectF(left, box.top(), box.right() - 6 - left, box.height())
        sign = QRectF(text.right() - 14, box.top() + 8, 14, 14)
        self._paint_sign(painter, sign, entry)
        painter.setFont(ui_font(FONT_NORMAL))
        lines = two_lines(entry.title, painter.font(), int(text.width()) - 20)
        top = box.top() + (11 if len(lines) == 1 else 5)
        painter.setPen(QColor(tokens.text))
        for line in lines:
            place = QRectF(left, top, text.width(), 18)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, line)
            top += 16
        painter.setFont(ui_font(FONT_SMALL))
        painter.setPen(QColor(tokens.secondary))
        place = QRectF(left, top + 2, text.width(), 18)
        shown = painter.fontMetrics().elidedText(
            describe(entry), Qt.TextElideMode.ElideMiddle, int(place.width())
        )
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, shown)
        is_busy = entry.progress > 0 or entry.state is SeriesState.LOADING
        if is_busy:
            bar = QRectF(left, box.bottom() - 3, box.right() - 8 - left, 2)
            painter.fillRect(bar, QColor(tokens.line))
            bar.setWidth(bar.width() * max(0.04, entry.progress))
            painter.fillRect(bar, QColor(tokens.accent))

    def _paint_sign(self, painter: QPainter, sign: QRectF, entry: SeriesEntry) -> None:
        tokens = current_tokens()
        if entry.result is not None:
            draw_verdict_shape(painter, sign, entry.result.verdict)
        elif entry.state is SeriesState.FAILED or entry.scoring_error is not None:
            painter.setPen(QPen(QColor(tokens.repeat), 2))
            inner = sign.adjusted(3, 3, -3, -3)
            painter.drawLine(inner.topLeft(), inner.bottomRight())
            painter.drawLine(inner.topRight(), inner.bottomLeft())


def _paint_heading(painter: QPainter, rect: QRect, text: str, *, is_open: bool) -> None:
    """Draw the line over the series of a patient or a study, with the sign that it is open."""
    tokens = current_tokens()
    x, y = rect.left() + 12, rect.center().y() + 0.5
    painter.setPen(QPen(QColor(tokens.secondary), 1.4))
    if is_open:
        sign = [QPointF(x - 3.5, y - 2), QPointF(x, y + 2), QPointF(x + 3.5, y - 2)]
    else:
        sign = [QPointF(x - 2, y - 3.5), QPointF(x + 2, y), QPointF(x - 2, y + 3.5)]
    painter.drawPolyline(QPolygonF(sign))
    painter.setFont(ui_font(FONT_SMALL, bold=True))
    painter.setPen(QColor(tokens.secondary))
    room = rect.adjusted(22, 0, -8, 0)
    middle = Qt.TextElideMode.ElideMiddle
    shown = painter.fontMetrics().elidedText(text, middle, room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)


def _paint_badge(painter: QPainter, picture: QRectF) -> None:
    """Mark a picture as that of a video: a white triangle on a dark disc, in its corner."""
    disc = QRectF(picture.right() - 17, picture.bottom() - 17, 15, 15)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 190))
    painter.drawEllipse(disc)
    painter.setBrush(QColor("#ffffff"))
    x, y = disc.center().x() + 0.5, disc.center().y()
    painter.drawPolygon(
        QPolygonF([QPointF(x - 2.5, y - 4), QPointF(x - 2.5, y + 4), QPointF(x + 4, y)])
    )


def two_lines(text: str, font: QFont, width: int) -> list[str]:
    """Break a name into at most two lines, between words where it can be; the second is elided."""
    metrics = QFontMetrics(font)
    if (part := _PART.fullmatch(text)) is not None:
        # What tells the volumes of a series apart stands on a line of its own, whole.
        name, number, count, label = part.groups()
        shown = " ".join(filter(None, (f"{number}/{count}", label)))
        return [
            metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, width),
            metrics.elidedText(shown, Qt.TextElideMode.ElideRight, width + 14),
        ]
    if metrics.horizontalAdvance(text) <= width:
        return [text]
    fits = next(
        (n for n in range(len(text), 0, -1) if metrics.horizontalAdvance(text[:n]) <= width), 1
    )
    gaps = [n + 1 for n, mark in enumerate(text[:fits]) if mark in " _-./"]
    cut = gaps[-1] if gaps and gaps[-1] > fits * 0.6 else fits
    rest = metrics.elidedText(text[cut:].strip(), Qt.TextElideMode.ElideMiddle, width + 14)
    return [text[:cut].rstrip(), rest]


def to_image(grey: Any) -> QImage:
    """Return a grey picture of an array of shape (rows, columns), uint8; the data is copied."""
    rows, columns = grey.shape
    image = QImage(grey.tobytes(), columns, rows, columns, QImage.Format.Format_Grayscale8)
    return image.copy()
