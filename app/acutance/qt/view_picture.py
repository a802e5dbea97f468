"""A view as a picture: copied, or saved as PNG; its marks go with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QRect, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QImageWriter, QPainter
from PySide6.QtWidgets import QFileDialog, QMessageBox

from acutance.errors import AcutanceError
from acutance.export.atomic import replacing
from acutance.qt.language import error_text, no_diagnosis, tr
from acutance.qt.theme import DARK, FONT_SMALL, ui_font
from acutance.qt.viewers.overlay import draw_text

if TYPE_CHECKING:
    from acutance.qt.main_window import MainWindow
    from acutance.qt.viewers.slice_view import SliceView
    from acutance.session import Session

#: Height of the line under the image that says what it is, in pixels.
FOOT = 22


def picture_of(view: SliceView, session: Session, *, shows_name: bool = False) -> QImage:
    """Return a view as it is drawn, with a line under it that nobody can take off.

    Corner text, letters, measurements and whatever else marks the image are always drawn, also
    where the user has hidden them. The name of the series is left out unless `shows_name`.

    Returns
    -------
    QImage
        In the pixels of the screen; nothing is embedded beside the pixels.
    """
    ratio = view.devicePixelRatioF()
    size = view.size()
    size.setHeight(size.height() + FOOT)
    picture = QImage(size * ratio, QImage.Format.Format_RGB32)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.black)
    painter = QPainter(picture)
    try:
        painter.save()
        painter.setClipRect(view.rect())
        view.paint_picture(painter, shows_name=shows_name)
        painter.restore()
        foot = QRect(0, view.height(), view.width(), FOOT)
        painter.fillRect(foot, Qt.GlobalColor.black)
        painter.setFont(ui_font(FONT_SMALL))
        metrics = painter.fontMetrics()
        elided = Qt.TextElideMode.ElideRight
        text = metrics.elidedText(foot_text(view, session), elided, foot.width() - 12)
        x = foot.center().x() - metrics.horizontalAdvance(text) / 2
        y = foot.center().y() + (metrics.ascent() - metrics.descent()) / 2
        draw_text(painter, x, y, text, QColor(DARK.check))
    finally:
        painter.end()
    return picture


def foot_text(view: SliceView, session: Session) -> str:
    """Return what the line under a picture says: first of all that it is not for diagnosis."""
    parts = [no_diagnosis() + "."]
    entry, found = view.pane.entry, session.segmentations
    geometry = view.geometry_of_slice
    if (
        geometry is not None
        and not view.is_resampled
        and session.restorations.draws_restored(entry, geometry.axis, view.index)
    ):
        parts.append(tr("Restored: computed, not acquired."))
    result = session.labels.result_of(entry)
    if found.is_shown and result is not None:
        edited = session.labels.edited_of(entry)
        hand = tr(", edited by hand") if edited is not None and edited.count else ""
        parts.append(tr("Labels predicted by {name}{hand}.", name=result.model.name, hand=hand))
    return " ".join(parts)


def png_of(picture: QImage) -> bytes:
    """Return the bytes of a PNG file."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"PNG")).write(picture)
    return bytes(buffer.data().data())


class ViewPictures(QObject):
    """Copies and saves the view in use.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.shows_name = False

    @property
    def picture(self) -> QImage | None:
        """The view in use as a picture; None without an image."""
        view = self._window.centre.grid.current_view
        if view.pane.volume is None:
            return None
        return picture_of(view, self._window.session, shows_name=self.shows_name)

    def copy(self) -> None:
        """Put the view in use on the clipboard."""
        picture = self.picture
        if picture is not None:
            QGuiApplication.clipboard().setImage(picture)
            self._window.tell(tr("The view was copied."))

    def ask(self) -> None:
        """Let the user choose where the view in use is saved; the name tells of nobody."""
        view = self._window.centre.grid.current_view
        if view.pane.volume is None:
            return
        across = "-resampled" if view.is_resampled else ""
        name = f"{view.plane}-{view.index}{across}.png"
        dialog = QFileDialog(
            self._window,
            tr("Save view"),
            name,
        )
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(tr("PNG picture (*.png)"))
        dialog.setDefaultSuffix("png")
        dialog.selectFile(name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.save(Path(name)))
        dialog.open()

    def save(self, path: Path) -> None:
        """Write the view in use as PNG; a file of the series is never replaced."""
        picture, entry = self.picture, self._window.centre.grid.current_view.pane.entry
        if picture is None or entry is None:
            return
        try:
            with replacing(path, sources=map(Path, entry.item.files)) as temporary:
                temporary.write_bytes(png_of(picture))
        except AcutanceError as error:
            box = QMessageBox(self._window)
            box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            box.setIcon(QMessageBox.Icon.Warning)
            box.setWindowTitle(tr("Save view"))
            box.setTextFormat(Qt.TextFormat.PlainText)
            box.setText(error_text(error))
            box.open()
        else:
            self._window.tell(tr("Saved: {path}", path=path))
