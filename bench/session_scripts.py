"""The commonest tasks at the console, as a radiographer does them: keys, clicks and drags.

Each begins with a scan that is open and scored, and takes at most three actions. Only events of
the toolkit reach the window; what came of them is read from the session and the files. The tests
run these scripts with canned answers, `bench/sessions.py` with the real engines under a display.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QEventLoop, QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QWidget

from acutance.core.explanation import ExplanationResult
from acutance.core.restoration import RestorationResult
from acutance.core.review import Decision
from acutance.core.segmentation import SegmentationResult
from acutance.qt.dialogs.batch_dialog import BatchDialog
from acutance.qt.dialogs.files_dialog import FilesDialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from acutance.qt.main_window import MainWindow

#: More than this is more than a person at the console will put up with.
MOST_ACTIONS = 3
_CONTROL, _NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier


class User:
    """Acts on a window through events, and counts the actions.

    Parameters
    ----------
    window : MainWindow
    folder : Path
        Holds the scans; results may be written beside it.
    other : Path
        A scan that is not open yet.
    patience : float
        How long to wait for an outcome, in seconds.
    pace : float
        How long to wait between actions, in seconds.
    """

    def __init__(
        self,
        window: MainWindow,
        folder: Path,
        other: Path,
        *,
        patience: float = 120.0,
        pace: float = 0.4,
    ) -> None:
        self.window = window
        self.session = window.session
        self.folder = folder
        self.other = other
        self.actions = 0
        self._patience = patience
        self._pace = pace

    @property
    def view(self) -> Any:
        """The view of a slice that is in hand."""
        return self.window.centre.grid.current_view

    def key(
        self,
        key: Qt.Key,
        modifiers: Qt.KeyboardModifier = _NONE,
        *,
        widget: QWidget | None = None,
    ) -> None:
        """Press and release a key."""
        self.actions += 1
        QTest.keyClick(self.view if widget is None else widget, key, modifiers)
        self.rest()

    def write(self, widget: QWidget, text: str) -> None:
        """Paste a line and end it with Return."""
        self.actions += 1
        QApplication.clipboard().setText(text)
        QTest.keyClick(widget, Qt.Key.Key_V, _CONTROL)
        QTest.keyClick(widget, Qt.Key.Key_Return)
        self.rest()

    def click(self, widget: QWidget, place: QPoint | None = None) -> None:
        """Click a place in a widget, by default its middle."""
        self.actions += 1
        place = widget.rect().center() if place is None else place
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, _NONE, place)
        self.rest()

    def drag(self, widget: QWidget, start: QPoint, end: QPoint, steps: int = 12) -> None:
        """Drag with the left button."""
        self.actions += 1
        QTest.mousePress(widget, Qt.MouseButton.LeftButton, _NONE, start)
        for n in range(1, steps + 1):
            QTest.mouseMove(widget, start + (end - start) * n / steps)
            self.rest(0.01)
        QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, _NONE, end)
        self.rest()

    def drop(self, path: Path, rest: float | None = None) -> None:
        """Drop a file or folder on the window."""
        self.actions += 1
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path))])
        place, copy = self.window.rect().center(), Qt.DropAction.CopyAction
        left = Qt.MouseButton.LeftButton
        QApplication.sendEvent(self.window, QDragEnterEvent(place, copy, mime, left, _NONE))
        drop = QDropEvent(QPointF(place), copy, mime, left, _NONE, QEvent.Type.Drop)
        QApplication.sendEvent(self.window, drop)
        self.rest(rest)

    def rest(self, seconds: float | None = None) -> None:
        """Let the window live on for a while, by default as long as this user takes to act."""
        seconds = self._pace if seconds is None else seconds
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()

    def until(self, holds: Callable[[], object], what: str) -> None:
        """Wait for an outcome.

        Raises
        ------
        AssertionError
            If it does not come.
        """
        end = time.monotonic() + self._patience
        while not holds():
            if time.monotonic() > end:
                raise AssertionError(f"waited {self._patience:.0f} s in vain for {what}")
            self.rest(0.01)


@dataclass(frozen=True)
class Task:
    """One task.

    Parameters
    ----------
    name : str
    run : callable
        Does it; raises AssertionError where it fails.
    """

    name: str
    run: Callable[[User], None]


def _open_and_judge(user: User) -> None:
    count = len(user.session.entries)
    user.drop(user.other)
    user.until(lambda: len(user.session.entries) > count, "another series")
    if user.session.active is not user.session.entries[-1]:
        user.key(Qt.Key.Key_PageDown)
    user.until(lambda: user.session.active.result is not None, "its verdict")
    assert user.window.quality.word


def _worst_slice(user: User) -> None:
    user.key(Qt.Key.Key_N)
    worst = user.session.active.result.worst_first()[0]
    assert user.session.slice_index(worst.plane) == worst.index
    user.key(Qt.Key.Key_E)
    explanations = user.session.explanations
    user.until(lambda: explanations.answer(worst.plane) is not None, "a reason")
    answer = explanations.answer(worst.plane)
    assert isinstance(answer, ExplanationResult), answer


def _preset(user: User) -> None:
    before = user.session.window
    user.key(Qt.Key.Key_2)
    assert user.session.window != before
    user.key(Qt.Key.Key_0)
    assert user.session.window == before


def _three_planes(user: User) -> None:
    grid = user.window.centre.grid
    user.key(Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    user.key(Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert len(grid.shown_views) == 3
    others = [user.session.slice_index(plane) for plane in ("coronal", "sagittal")]
    axial = grid.view("axial")
    middle = axial.image_rect().center().toPoint()
    user.click(axial, middle + QPoint(31, 23))
    assert others != [user.session.slice_index(plane) for plane in ("coronal", "sagittal")]


def _compare(user: User) -> None:
    user.key(Qt.Key.Key_F6)
    assert user.session.comparing.mode == "swipe"
    rect = user.view.image_rect()
    edge = QPoint(round(rect.left() + user.session.comparing.swipe * rect.width()), 200)
    user.drag(user.view, edge, edge + QPoint(60, 0))
    assert user.session.comparing.swipe > 0.55
    user.key(Qt.Key.Key_F6)
    assert user.session.comparing.mode == ""


def _measure(user: User) -> None:
    user.key(Qt.Key.Key_D)
    middle = user.view.image_rect().center().toPoint()
    user.drag(user.view, middle - QPoint(40, 10), middle + QPoint(40, 10))
    assert len(user.session.measurements.of(user.session.active)) == 1
    user.key(Qt.Key.Key_Escape)
    assert user.session.tools.current == ""


def _segment(user: User) -> None:
    user.key(Qt.Key.Key_G, _CONTROL)
    found = user.session.segmentations
    user.until(lambda: found.answer is not None, "labels")
    assert isinstance(found.answer, SegmentationResult), found.answer


def _restore(user: User) -> None:
    user.key(Qt.Key.Key_R, _CONTROL)
    found = user.session.restorations
    user.until(lambda: found.answer is not None, "a restored image")
    assert isinstance(found.answer, RestorationResult), found.answer
    user.key(Qt.Key.Key_R, _CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert not found.is_shown


def _decide(user: User) -> None:
    user.key(Qt.Key.Key_3, _CONTROL)
    review = user.session.reviews.active
    assert review.decision is Decision.REPEAT
    user.write(QApplication.focusWidget(), "motion, frontal")
    assert user.session.reviews.active.note == "motion, frontal"


def _batch(user: User) -> None:
    user.key(Qt.Key.Key_B, _CONTROL)
    dialog = user.window.findChild(BatchDialog)
    user.click(dialog.plan_button)
    user.until(dialog.start_button.isEnabled, "a plan")
    user.click(dialog.start_button)
    user.until(lambda: not dialog.is_busy, "the end of the batch")
    assert any(Path(dialog.output.text()).iterdir())
    dialog.close()


def _report(user: User) -> None:
    target = user.folder.with_name("report")
    target.mkdir()
    user.key(Qt.Key.Key_E, _CONTROL)
    dialog = user.window.findChild(FilesDialog)
    user.click(dialog.choose)
    chooser = dialog.findChild(QFileDialog)
    line = chooser.findChild(QLineEdit)
    line.selectAll()
    user.write(line, str(target))
    user.until(lambda: any(target.rglob("*.pdf")), "a report")


TASKS: tuple[Task, ...] = (
    Task("open a scan, read its verdict", _open_and_judge),
    Task("find the worst slice, and why", _worst_slice),
    Task("take a window preset, and go back", _preset),
    Task("three planes through one point", _three_planes),
    Task("compare scan and repeat", _compare),
    Task("measure a distance", _measure),
    Task("segment", _segment),
    Task("restore, and see the source", _restore),
    Task("decide: repeat, with the reason", _decide),
    Task("score a folder as a batch", _batch),
    Task("export the report", _report),
)
