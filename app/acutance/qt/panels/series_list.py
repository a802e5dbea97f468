"""The list of open series: thumbnail, name, size, verdict."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import (
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from acutance.qt.panels.labels import plain_tip
from acutance.qt.theme import (
    FONT_NORMAL,
    FONT_SMALL,
    RADIUS,
    VERDICT_STYLE,
    current_tokens,
    draw_verdict_shape,
    ui_font,
)
from acutance.qt.viewers.listening import listen
from acutance.session import SeriesState

if TYPE_CHECKING:
    from acutance.session import SeriesEntry, Session

Index = QModelIndex | QPersistentModelIndex
_ROW_HEIGHT = 64
_THUMBNAIL = 48
_ENTRY_ROLE = Qt.ItemDataRole.UserRole
#: How readers title one of several volumes of a series.
_PART = re.compile(r"(.+) \(volume (\d+) of (\d+)(?:, (.+))?\)")


def describe(entry: SeriesEntry) -> str:
    """Return the second line of a series: modality and shape, or what it waits for."""
    if entry.state is SeriesState.LOADING:
        return f"loading {entry.progress:.0%}" if entry.progress > 0 else "loading…"
    if entry.state is SeriesState.FAILED:
        return "could not be read"
    volume = entry.volume
    modality = (volume.modality if volume is not None else "") or entry.item.modality
    if volume is not None:
        shape = "×".join(map(str, volume.shape))
        so_far = "so far" if entry.item.is_partial else ""
        return "  ".join(filter(None, (modality, shape, so_far)))
    video = entry.video
    if video is not None:
        frames = f"{video.count} frame{'s' * (video.count != 1)}"
        return f"{modality}  {frames}" if modality else f"{frames}, {video.duration:.3g} s"
    count = len(entry.item.files)
    so_far = " so far" if entry.item.is_partial else ""
    return "  ".join(filter(None, (modality, f"{count} file{'s' * (count != 1)}{so_far}")))


def status_word(entry: SeriesEntry) -> str:
    """Return the state of a series in words: the verdict, or why there is none."""
    if entry.result is not None:
        return VERDICT_STYLE[entry.result.verdict].word
    if entry.scoring_error is not None:
        return "Could not be scored"
    return {
        SeriesState.LISTED: "Not loaded",
        SeriesState.LOADING: "Loading",
        SeriesState.LOADED: "Not scored",
        SeriesState.FAILED: "Could not be read",
    }[entry.state]


class SeriesModel(QAbstractListModel):
    """The entries of a session as a Qt list."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._ids = [entry.id for entry in session.entries]
        listen(self, session.listed, self._on_listed)
        listen(self, session.series_changed, self._on_changed)
        listen(self, session.series_removed, self._on_removed)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - a Qt value
        """Return the number of series."""
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return name, tool tip, spoken text or the entry itself."""
        entry = self.entry(index.row()) if index.isValid() else None
        if entry is None:
            return None
        if role == _ENTRY_ROLE:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title
        if role == Qt.ItemDataRole.ToolTipRole:
            lines = (entry.title, describe(entry), status_word(entry), entry.item.path)
            return plain_tip("\n".join(lines))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{entry.title}, {describe(entry)}, {status_word(entry)}"
        return None

    def entry(self, row: int) -> SeriesEntry | None:
        """Return the entry of a row."""
        return self._session.entry(self._ids[row]) if 0 <= row < len(self._ids) else None

    def row_of(self, id: int) -> int:
        """Return the row of a series; -1 where it is not listed."""
        return self._ids.index(id) if id in self._ids else -1

    def _on_listed(self, ids: tuple[int, ...]) -> None:
        row = len(self._ids)
        if row:
            self.dataChanged.emit(self.index(0), self.index(row - 1))
        if ids:
            self.beginInsertRows(QModelIndex(), row, row + len(ids) - 1)
            self._ids.extend(ids)
            self.endInsertRows()

    def _on_changed(self, id: int) -> None:
        row = self.row_of(id)
        if row >= 0:
            self.dataChanged.emit(self.index(row), self.index(row))

    def _on_removed(self, id: int) -> None:
        row = self.row_of(id)
        if row >= 0:
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._ids[row]
            self.endRemoveRows()


class _SeriesDelegate(QStyledItemDelegate):
    """Draws one series."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size of a row."""
        return QSize(120, _ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw thumbnail, two lines, and the verdict."""
        entry: SeriesEntry = index.data(_ENTRY_ROLE)
        state: QStyle.StateFlag = option.state
        rect: QRect = option.rect
        painter.save()
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
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


class SeriesList(QListView):
    """The open series; the selected one is the active one.

    Signals
    -------
    load_requested : int
        Read a series again.
    score_requested : int
        Score a series.
    """

    load_requested = Signal(int)
    score_requested = Signal(int)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._model = SeriesModel(session, self)
        self.setModel(self._model)
        self.setItemDelegate(_SeriesDelegate(self))
        self.setAccessibleName("Series")
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.setBackgroundRole(QPalette.ColorRole.Window)
        self.selectionModel().currentChanged.connect(self._on_current)
        listen(self, session.active_changed, self._on_active)

    def entry_at(self, row: int) -> SeriesEntry | None:
        """Return the entry of a row."""
        return self._model.entry(row)

    def sizeHint(self) -> QSize:
        """Prefer the width of the panel."""
        return QSize(200, 400)

    def menu_for(self, entry: SeriesEntry) -> QMenu:
        """Return the context menu of a series; the caller shows and deletes it."""
        menu = QMenu(self)
        if entry.state is SeriesState.LOADED:
            menu.addAction("Score").triggered.connect(lambda: self.score_requested.emit(entry.id))
        elif entry.state is not SeriesState.LOADING:
            menu.addAction("Load").triggered.connect(lambda: self.load_requested.emit(entry.id))
        menu.addAction("Remove from list").triggered.connect(lambda: self._session.remove(entry.id))
        return menu

    def _show_menu(self, position: QPoint) -> None:
        entry = self.entry_at(self.indexAt(position).row())
        if entry is not None:
            menu = self.menu_for(entry)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.viewport().mapToGlobal(position))

    def _on_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        entry = self.entry_at(current.row())
        if entry is not None and entry is not self._session.active:
            self._session.activate(entry.id)

    def _on_active(self, id: int | None) -> None:
        row = -1 if id is None else self._model.row_of(id)
        if row >= 0:
            # Also when it is the current row: a list that was given focus has one unselected.
            self.selectionModel().setCurrentIndex(
                self._model.index(row), QItemSelectionModel.SelectionFlag.ClearAndSelect
            )
        else:
            self.clearSelection()
