"""Any command by its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from acutance.qt.dialogs.overlays import Overlay
from acutance.qt.language import tr
from acutance.qt.panels.labels import plain_label
from acutance.qt.theme import FONT_NORMAL, FONT_SMALL, RADIUS, current_tokens, ui_font

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QAction

Index = QModelIndex | QPersistentModelIndex
_WIDTH, _HEIGHT, _ROW = 560, 420, 30
_OFFER_ROLE = Qt.ItemDataRole.UserRole
#: Keys of the field that move in the list.
_LIST_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


@dataclass(frozen=True, eq=False)
class Offer:
    """A command as the list shows it.

    Parameters
    ----------
    action : QAction
        What it does.
    text, place, keys : str
        Its name, the menus it stands in, and its keys, as shown.
    """

    action: QAction
    text: str
    place: str
    keys: str

    @property
    def is_enabled(self) -> bool:
        """Whether it can be used now."""
        return self.action.isEnabled()


def matching(offers: Sequence[Offer], wanted: str) -> list[Offer]:
    """Return the offers with every word of `wanted` in name or place, the closest first.

    Names that begin with it come before those in which a word does, and these before all others;
    what cannot be used now comes last. Otherwise the order stays. Case does not matter.
    """
    words = wanted.casefold().split()

    def distance(offer: Offer) -> tuple[bool, int]:
        name = offer.text.casefold()
        if not words or name.startswith(words[0]):
            return not offer.is_enabled, 0
        begins = any(part.startswith(words[0]) for part in name.replace("(", " ").split())
        return not offer.is_enabled, 1 if begins else 2

    found = [o for o in offers if all(w in f"{o.text} {o.place}".casefold() for w in words)]
    return sorted(found, key=distance)


class CommandPalette(Overlay):
    """A field and the commands whose names hold what is typed; Return does the one chosen.

    Parameters
    ----------
    offers : callable
        Return what can be chosen, as it is when the palette is opened.
    """

    def __init__(self, offers: Callable[[], Sequence[Offer]], parent: QWidget) -> None:
        super().__init__(parent)
        self._offers = offers
        self._all: Sequence[Offer] = ()
        self._last_focus: QWidget | None = None
        self.setAccessibleName(tr("Find a command"))
        self._card = QFrame(self)
        self._card.setAutoFillBackground(True)
        self._card.setBackgroundRole(self.palette().ColorRole.AlternateBase)
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Find a command"))
        self.field.setAccessibleName(tr("Find a command"))
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._fill)
        self.list = QListView()
        self.list.setAccessibleName(tr("Commands"))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._model = _OfferModel(self)
        self.list.setModel(self._model)
        self.list.setItemDelegate(_OfferDelegate(self))
        self.list.clicked.connect(self._choose)
        self._nothing = plain_label(tr("No command has such a name."), is_secondary=True)
        layout = QVBoxLayout(self._card)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        layout.addWidget(self.field)
        layout.addWidget(self._nothing, 1, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.list, 1)

    def shown(self) -> list[Offer]:
        """Return what is listed now."""
        return list(self._model.offers)

    def open(self) -> None:
        """Show every command and take the keyboard."""
        self._last_focus = self.window().focusWidget()
        self._all = self._offers()
        self.field.clear()
        self._fill()
        super().open()
        self.field.setFocus()

    def close_palette(self) -> None:
        """Hide, and give the keyboard back."""
        self.hide()
        if self._last_focus is not None:
            self._last_focus.setFocus()

    def _fill(self, _text: str = "") -> None:
        self._model.show(matching(self._all, self.field.text()))
        count = len(self._model.offers)
        self._nothing.setVisible(count == 0)
        self.list.setVisible(count > 0)
        self.list.setCurrentIndex(self._model.index(0))

    def _choose(self, index: QModelIndex) -> None:
        offer: Offer | None = index.data(_OFFER_ROLE)
        if offer is not None and offer.is_enabled:
            # First, so that what is done finds the keyboard where it was.
            self.close_palette()
            offer.action.trigger()

    def _cover(self) -> None:
        super()._cover()
        width = min(_WIDTH, self.width() - 32)
        height = min(_HEIGHT, self.height() - 32)
        top = min(max(16, self.height() // 6), self.height() - height - 16)
        self._card.setGeometry((self.width() - width) // 2, top, width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move in the list, choose and leave by keys of the field; follow the parent's size."""
        if watched is self.field and isinstance(event, QKeyEvent):
            return self._take_key(event)
        return super().eventFilter(watched, event)

    def _take_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if event.type() == QEvent.Type.ShortcutOverride:
            # Nothing of the window happens behind the veil.
            event.accept()
            return key in (*_LIST_KEYS, Qt.Key.Key_Escape)
        if event.type() != QEvent.Type.KeyPress:
            return False
        if key in _LIST_KEYS:
            self.list.keyPressEvent(event)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.list.currentIndex())
        elif key == Qt.Key.Key_Escape:
            self.close_palette()
        else:
            return key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Close on a click beside the card."""
        if not self._card.geometry().contains(event.position().toPoint()):
            self.close_palette()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the veil and the frame of the card."""
        painter = QPainter(self)
        try:
            self._dim(painter, 140)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(current_tokens().line))
            frame = QRectF(self._card.geometry()).adjusted(-0.5, -0.5, 0.5, 0.5)
            painter.drawRoundedRect(frame, RADIUS, RADIUS)
        finally:
            painter.end()


class _OfferModel(QAbstractListModel):
    """The offers that match."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.offers: list[Offer] = []

    def show(self, offers: list[Offer]) -> None:
        self.beginResetModel()
        self.offers = offers
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.offers)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        offer = self.offers[index.row()]
        if role == _OFFER_ROLE:
            return offer
        if role == Qt.ItemDataRole.DisplayRole:
            return offer.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            now = "" if offer.is_enabled else tr("not available now")
            return ", ".join(filter(None, (offer.text, offer.place, offer.keys, now)))
        return None


class _OfferDelegate(QStyledItemDelegate):
    """Draws name, place and keys in one row."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        offer: Offer = index.data(_OFFER_ROLE)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        tokens = current_tokens()
        painter.save()
        try:
            if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
                is_chosen = bool(state & QStyle.StateFlag.State_Selected)
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(tokens.line))
                if is_chosen:
                    painter.drawRoundedRect(rect, RADIUS, RADIUS)
                    bar = QRectF(rect.left(), rect.top() + 6, 3, rect.height() - 12)
                    painter.setBrush(QColor(tokens.accent))
                    painter.drawRoundedRect(bar, 1, 1)
                else:
                    painter.setOpacity(0.5)
                    painter.drawRoundedRect(rect, RADIUS, RADIUS)
                    painter.setOpacity(1.0)
            self._paint(painter, rect.adjusted(12, 0, -10, 0), offer)
        finally:
            painter.restore()

    @staticmethod
    def _paint(painter: QPainter, room: QRect, offer: Offer) -> None:
        tokens, middle = current_tokens(), Qt.AlignmentFlag.AlignVCenter
        faint = QColor(tokens.secondary if offer.is_enabled else tokens.disabled)
        painter.setFont(ui_font(FONT_SMALL, bold=True))
        painter.setPen(faint)
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, offer.keys)
        if offer.keys:
            room = room.adjusted(0, 0, -painter.fontMetrics().horizontalAdvance(offer.keys) - 12, 0)
        painter.setFont(ui_font(FONT_NORMAL))
        painter.setPen(QColor(tokens.text if offer.is_enabled else tokens.disabled))
        right = Qt.TextElideMode.ElideRight
        name = painter.fontMetrics().elidedText(offer.text, right, room.width())
        painter.drawText(room, middle, name)
        room = room.adjusted(painter.fontMetrics().horizontalAdvance(name) + 10, 0, 0, 0)
        painter.setFont(ui_font(FONT_SMALL))
        painter.setPen(faint)
        if room.width() > 40:
            place = painter.fontMetrics().elidedText(offer.place, right, room.width())
            painter.drawText(room, middle, place)
