"""One bar per slice: where in the scan the quality is low, and the way to go there."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QEvent,
    QIODevice,
    QPoint,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QImage,
    QImageWriter,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from acutance.core.affine import Plane, plane_axis
from acutance.core.quality import SliceScore, Thresholds, choose_planes
from acutance.core.slicing import extract_colour, extract_slice, volume_geometry
from acutance.core.window import apply
from acutance.qt.language import tr, translated
from acutance.qt.viewers import strip_painting
from acutance.qt.viewers.listening import listen
from acutance.qt.viewers.slice_image import is_inverted
from acutance.session import SeriesEntry, SeriesState, Session

if TYPE_CHECKING:
    from acutance.core.volume import Volume

HEIGHT = 64
_THUMBNAIL = 96


class ScoreStrip(QWidget):
    """The predicted SSIM of every slice of a plane; drag, click or arrow keys scrub.

    Slices count from 0, in file order, as in every report. Where several planes were scored, the
    names on the left choose one, and so do Up and Down.

    Parameters
    ----------
    session : Session

    Signals
    -------
    plane_changed : str
        Another plane is shown.
    """

    plane_changed = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._thresholds = Thresholds()
        self._plane: Plane = "axial"
        self._scores: dict[int, SliceScore] = {}
        self._volume: Volume | None = None
        self._hovered: int | None = None
        self._scrubbing = False
        self.setObjectName("score_strip")
        self.setAccessibleName(tr("Score strip"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setFixedHeight(HEIGHT)
        self.setMinimumWidth(240)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        listen(self, session.active_changed, self._on_series)
        listen(self, session.series_changed, self._on_series)
        listen(self, session.result_changed, self._on_series)
        listen(self, session.cursor_changed, self._on_cursor)
        listen(self, session.visited, self._on_visited)
        self._on_series()

    @property
    def plane(self) -> Plane:
        """The plane whose slices are shown."""
        return self._plane

    @property
    def planes(self) -> tuple[Plane, ...]:
        """The planes that were scored."""
        entry = self._session.active
        return () if entry is None or entry.result is None else entry.result.planes

    @property
    def count(self) -> int:
        """Slices of the volume in the plane shown; 0 without a volume."""
        if self._volume is None:
            return 0
        return self._volume.shape[plane_axis(self._volume.affine, self._plane)]

    @property
    def thresholds(self) -> Thresholds:
        """The predicted SSIM at which the colour of a bar changes."""
        return self._thresholds

    def set_thresholds(self, thresholds: Thresholds) -> None:
        """Choose at which predicted SSIM the colour of a bar changes."""
        self._thresholds = thresholds
        self.update()

    def set_plane(self, plane: Plane) -> None:
        """Show the slices of another plane.

        Raises
        ------
        ValueError
            If the plane was not scored.
        """
        if plane not in self.planes:
            raise ValueError(f"plane must be one of {self.planes}, not {plane!r}")
        self._change_plane(plane)

    def status_text(self) -> str:
        """Return what is written in place of the bars; empty where there are bars."""
        entry = self._session.active
        if entry is None or self._scores:
            return ""
        return _status(entry)

    def slice_text(self, index: int) -> str:
        """Return what is known of a slice, in one line."""
        score = self._scores.get(index)
        if score is None:
            return tr("slice {index} · not scored", index=index)
        if score.ssim_pred is None:
            return tr(
                "slice {index} · {reason}",
                index=index,
                reason=translated(score.reason) or tr("not assessed"),
            )
        return tr(
            "slice {index} · predicted SSIM {ssim_pred:.2f}", index=index, ssim_pred=score.ssim_pred
        )

    def slice_at(self, x: float) -> int | None:
        """Return the slice under a horizontal place, clamped to the ends; None without a volume."""
        bars, count = self.bars_rect(), self.count
        if count == 0:
            return None
        return min(max(int((x - bars.left()) * count / bars.width()), 0), count - 1)

    def bars_rect(self) -> QRectF:
        """Return where the bars are drawn."""
        return strip_painting.bars_rect(QRectF(self.rect()))

    def sizeHint(self) -> QSize:
        """Prefer the width of the image grid."""
        return QSize(720, HEIGHT)

    # What the session tells.

    def _on_series(self, *_: object) -> None:
        volume = self._session.active_volume
        if volume is not self._volume:
            self._volume = volume
            if volume is not None and not self.planes:
                self._change_plane(choose_planes(volume, "auto")[0])
        if self.planes and self._plane not in self.planes:
            self._change_plane(self.planes[0])
        self._scores = {s.index: s for s in self._session.scores(self._plane)}
        entry = self._session.active
        if entry is not None and entry.result is not None:
            self._thresholds = entry.result.thresholds
        self._describe()
        self.update()

    def _on_cursor(self, *_: object) -> None:
        self._describe()
        self.update()

    def _on_visited(self, score: SliceScore) -> None:
        if score.plane != self._plane and score.plane in self.planes:
            self._change_plane(score.plane)

    def _change_plane(self, plane: Plane) -> None:
        if plane == self._plane:
            return
        self._plane = plane
        self._hovered = None
        self._scores = {s.index: s for s in self._session.scores(plane)}
        self._describe()
        self.plane_changed.emit(plane)
        self.update()

    def _describe(self) -> None:
        if self._volume is not None:
            index = self._session.slice_index(self._plane)
            self.setAccessibleDescription(f"{tr(self._plane)} {self.slice_text(index)}")

    # Painting.

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw plane names, bars, thresholds and the current slice."""
        painter = QPainter(self)
        try:
            self._paint(painter)
        finally:
            painter.end()

    def _paint(self, painter: QPainter) -> None:
        rect = QRectF(self.rect())
        strip_painting.draw_background(painter, rect, has_focus=self.hasFocus())
        entry = self._session.active
        if entry is None or self._volume is None:
            return
        bars, count = self.bars_rect(), self.count
        current = self._session.slice_index(self._plane)
        strip_painting.draw_planes(painter, rect, self.planes or (self._plane,), self._plane)
        if self._scores:
            strip_painting.draw_headline(painter, bars, self._scores.values(), count)
            strip_painting.draw_bars(painter, bars, self._scores, count, self._thresholds)
            strip_painting.draw_thresholds(painter, bars, self._thresholds)
        else:
            fraction = entry.progress if entry.scoring_error is None else 0.0
            strip_painting.draw_status(painter, bars, self.status_text(), fraction)
        if self._hovered is not None:
            strip_painting.draw_hover(painter, bars, self._hovered, count)
        strip_painting.draw_marker(painter, bars, current, count, is_short=not self._scores)
        strip_painting.draw_position(painter, rect, current, count, is_scored=bool(self._scores))

    # Mouse and keys.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a plane, or begin to scrub."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        chosen = strip_painting.plane_at(QRectF(self.rect()), self.planes, event.position())
        if chosen is not None:
            self._change_plane(chosen)
        elif event.position().x() >= self.bars_rect().left() - 4:
            self._scrubbing = True
            self._scrub(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scrub, or tell of the slice under the pointer."""
        if self._scrubbing:
            self._scrub(event.position())
        inside = self.bars_rect().adjusted(0, -8, 0, 8).contains(event.position())
        hovered = self.slice_at(event.position().x()) if inside or self._scrubbing else None
        if hovered != self._hovered:
            self._hovered = hovered
            self.update()
            if hovered is None:
                QToolTip.hideText()
            else:
                self._show_tip(hovered)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the scrub."""
        self._scrubbing = False

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the pointer."""
        self._hovered = None
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll slices, as over an image."""
        delta = event.angleDelta().y() or event.angleDelta().x()
        if delta:
            self._session.step(self._plane, -1 if delta > 0 else 1)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step with Left and Right, ten with Shift; choose a plane with Up and Down."""
        far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        key, keys = event.key(), Qt.Key
        if key == keys.Key_Left:
            self._session.step(self._plane, -far)
        elif key == keys.Key_Right:
            self._session.step(self._plane, far)
        elif key == keys.Key_Home:
            self._session.set_slice(self._plane, 0)
        elif key == keys.Key_End:
            self._session.set_slice(self._plane, self.count - 1)
        elif key in (keys.Key_Up, keys.Key_Down) and len(self.planes) > 1:
            at = self.planes.index(self._plane) + (1 if key == keys.Key_Down else -1)
            self._change_plane(self.planes[at % len(self.planes)])
        else:
            super().keyPressEvent(event)

    def _scrub(self, position: QPointF) -> None:
        index = self.slice_at(position.x())
        if index is not None:
            self._session.set_slice(self._plane, index)

    def _show_tip(self, index: int) -> None:
        text = self.slice_text(index)
        if self._volume is not None and not self._scrubbing:
            picture = _picture(self._volume, self._plane, index, self._session)
            text = f'<center><img src="data:image/png;base64,{picture}"><br>{text}</center>'
        bars = self.bars_rect()
        x = round(bars.left() + (index + 0.5) * bars.width() / max(self.count, 1))
        lift = _THUMBNAIL + 60 if not self._scrubbing else 48
        QToolTip.showText(self.mapToGlobal(QPoint(x - _THUMBNAIL // 2, -lift)), text, self)


def _status(entry: SeriesEntry) -> str:
    if entry.scoring_error is not None:
        return tr("Could not be scored: {message}", message=translated(entry.scoring_error.message))
    if entry.result is not None:
        return translated(entry.result.reason) or tr("Not assessed")
    if entry.state is SeriesState.LOADED and entry.progress > 0:
        return tr("Scoring… {progress:.0f} %", progress=entry.progress * 100)
    return tr("Not scored yet")


def _picture(volume: Volume, plane: Plane, index: int, session: Session) -> str:
    """Return a slice as drawn, as a small PNG in base64."""
    geometry = volume_geometry(volume, plane, convention=session.convention)
    if volume.is_colour:
        pixels = extract_colour(volume, geometry, index)
    else:
        pixels = apply(extract_slice(volume, geometry, index), session.window)
        pixels = 255 - pixels if is_inverted(volume) else pixels
    rows, columns, *samples = pixels.shape
    form = QImage.Format.Format_RGB888 if samples else QImage.Format.Format_Grayscale8
    image = QImage(pixels.tobytes(), columns, rows, pixels.strides[0], form)
    height, width = (n * mm for n, mm in zip(geometry.size, geometry.pixel_spacing, strict=True))
    scale = _THUMBNAIL / max(height, width)
    small = image.scaled(
        max(1, round(width * scale)),
        max(1, round(height * scale)),
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(small)
    return base64.b64encode(buffer.data().data()).decode("ascii")
