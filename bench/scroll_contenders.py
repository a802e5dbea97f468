"""One viewer that shows three planes of a volume, and scrolls when it is told to; for `scrolling`.

    python bench/scroll_contenders.py acutance|pyqtgraph|napari VOLUME.npy

Reads one command a line: `look FILE` saves the slice A[:, :, middle] as it is painted, pixel for
pixel, `scroll N SEED` goes to N points, all three planes at once, and answers the milliseconds of
each until everything is painted. pyqtgraph's ImageView and napari's QtViewer stand side by side
three times, in one window, as their own examples have them.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import numpy as np

LOW, HIGH = 0, 4095
#: What the three views of the product measure in a window of 1440 x 900.
VIEW = (480, 397)


class Acutance:
    """Ours: the linked views of a session, with crosshair, letters and corner text."""

    def __init__(self, array: np.ndarray) -> None:
        root = Path(__file__).resolve().parents[1]
        sys.path.insert(0, str(root / "app"))
        sys.path.insert(0, str(root / "resources"))
        from acutance.core.ledger import Ledger, LoadedSeries, SeriesItem
        from acutance.core.volume import Volume
        from acutance.core.window import Window
        from acutance.qt.application import create_application
        from acutance.qt.viewers import LinkedGrid
        from acutance.session import Session

        self.app = create_application()
        item = SeriesItem("nifti", "noise.nii", ("noise.nii",), title="noise")
        self.session = Session()
        (series,) = self.session.add_items([item])
        # Right and back are where the first two axes go: the slice lies as the others draw it.
        volume = Volume(array, np.diag([-1.0, -1.0, 1.0, 1.0]))
        self.session.set_loaded(series, LoadedSeries(item, volume, Ledger(1, 1)))
        self.session.activate(series)
        self.session.set_window(Window((LOW + HIGH) / 2, HIGH - LOW))
        self.window = LinkedGrid(self.session)
        self.window.resize(2 * VIEW[0], 2 * VIEW[1])
        self.window.show()
        self.painted: set[str] = set()
        for view in self.window.views:
            view.painted.connect(lambda plane=view.plane: self.painted.add(plane))

    def go(self, index: tuple[int, int, int]) -> None:
        i, j, k = index
        self.painted.clear()
        self.session.set_cursor((-float(i), -float(j), float(k)))
        while len(self.painted) < 3:
            self.app.processEvents()

    def look(self, size: int) -> np.ndarray:
        self.session.toggle_crosshair()
        view = self.window.view("axial")
        view.set_overlay_visible(False)
        view.setParent(None)
        view.resize(size, size)
        view.show()
        return grey(view.grab())


class PyQtGraph:
    """pyqtgraph's ImageView, three times."""

    def __init__(self, array: np.ndarray) -> None:
        import pyqtgraph
        from PySide6.QtWidgets import QGridLayout, QWidget

        self.app = pyqtgraph.mkQApp()
        self.window = QWidget()
        grid = QGridLayout(self.window)
        grid.setContentsMargins(0, 0, 0, 0)
        self.views = []
        for axis in (2, 1, 0):
            view = pyqtgraph.ImageView()
            for part in (view.ui.histogram, view.ui.roiBtn, view.ui.menuBtn, view.ui.roiPlot):
                part.hide()
            x, y = (a for a in range(3) if a != axis)
            view.setImage(
                array,
                axes={"t": axis, "x": x, "y": y},
                levels=(LOW, HIGH),
                autoHistogramRange=False,
            )
            grid.addWidget(view, *divmod(len(self.views), 2))
            self.views.append(view)
        self.window.resize(2 * VIEW[0], 2 * VIEW[1])
        self.window.show()
        self.watch = watcher([view.ui.graphicsView.viewport() for view in self.views])

    def go(self, index: tuple[int, int, int]) -> None:
        self.watch.seen.clear()
        for view, place in zip(self.views, reversed(index), strict=True):
            view.setCurrentIndex(place)
        while len(self.watch.seen) < 3:
            self.app.processEvents()

    def look(self, size: int) -> np.ndarray:
        graphics = self.views[0].ui.graphicsView
        graphics.setParent(None)
        graphics.resize(size, size)
        graphics.show()
        self.views[0].getView().setRange(xRange=(0, size), yRange=(0, size), padding=0)
        self.app.processEvents()
        return grey(graphics.grab())


class Napari:
    """napari's QtViewer, three times."""

    def __init__(self, array: np.ndarray) -> None:
        from napari.components.viewer_model import ViewerModel
        from napari.qt import QtViewer, get_qapp
        from qtpy.QtWidgets import QGridLayout, QWidget

        self.app = get_qapp()
        self.array = array
        self.window = QWidget()
        grid = QGridLayout(self.window)
        grid.setContentsMargins(0, 0, 0, 0)
        self.models, self.viewers = [], []
        for axis in (2, 1, 0):
            model = ViewerModel()
            viewer = QtViewer(model)
            x, y = (a for a in range(3) if a != axis)
            model.add_image(array, contrast_limits=(LOW, HIGH), multiscale=False)
            model.dims.order = (axis, y, x)
            for name in ("dockLayerList", "dockLayerControls"):
                dock = getattr(viewer, name, None)
                if dock is not None:
                    dock.hide()
            grid.addWidget(viewer, *divmod(len(self.models), 2))
            self.models.append(model)
            self.viewers.append(viewer)
        self.window.resize(2 * VIEW[0], 2 * VIEW[1])
        self.window.show()
        for model in self.models:
            model.reset_view()
        self.watch = watcher([viewer.canvas.native for viewer in self.viewers])

    def go(self, index: tuple[int, int, int]) -> None:
        self.watch.seen.clear()
        for model, axis in zip(self.models, (2, 1, 0), strict=True):
            model.dims.set_current_step(axis, index[axis])
        while len(self.watch.seen) < 3:
            self.app.processEvents()

    def look(self, size: int) -> np.ndarray:
        model = self.models[0]
        model.camera.zoom = 1.0
        # Pixels of the slice on pixels of the screen, whether those are odd or even in number.
        native = self.viewers[0].canvas.native
        odd = native.height() % 2, native.width() % 2
        model.camera.center = (0.0, *((size - 1 - n) / 2 for n in odd))
        self.app.processEvents()
        shot = np.asarray(self.viewers[0].screenshot(flash=False))[..., 0].astype(np.uint8)
        # The canvas is smaller than the slice; which pixel is in its middle is found by trying.
        whole = np.zeros((size, size), np.uint8)
        rows, columns = (min(n, size) for n in shot.shape)
        part = middle_of(shot, rows, columns)
        stored = self.array[:, :, size // 2].T * (255.0 / (HIGH - LOW))
        places = [
            ((size - rows) // 2 + down, (size - columns) // 2 + right)
            for down in (-1, 0, 1)
            for right in (-1, 0, 1)
        ]
        places = [
            p for p in places if min(p) >= 0 and p[0] + rows <= size and p[1] + columns <= size
        ]
        row, column = min(
            places,
            key=lambda p: np.abs(stored[p[0] : p[0] + rows, p[1] : p[1] + columns] - part).mean(),
        )
        whole[row : row + rows, column : column + columns] = part
        return whole


def middle_of(picture: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Return the middle of a picture."""
    top, left = (picture.shape[0] - rows) // 2, (picture.shape[1] - columns) // 2
    return picture[top : top + rows, left : left + columns]


def watcher(widgets: list[Any]) -> Any:
    """Return an object whose `seen` holds the widgets that were painted."""
    try:
        from PySide6.QtCore import QEvent, QObject
    except ImportError:
        from qtpy.QtCore import QEvent, QObject

    class Watch(QObject):
        def __init__(self) -> None:
            super().__init__()
            self.seen: set[int] = set()

        def eventFilter(self, watched: Any, event: Any) -> bool:
            if event.type() == QEvent.Type.Paint:
                self.seen.add(id(watched))
            return False

    watch = Watch()
    for widget in widgets:
        widget.installEventFilter(watch)
    return watch


def grey(picture: Any) -> np.ndarray:
    """Return a pixmap as grey levels."""
    image = picture.toImage().convertToFormat(type(picture.toImage()).Format.Format_Grayscale8)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width()].copy()


def main(arguments: list[str]) -> None:
    name, path = arguments
    array = np.load(path, mmap_mode="r")
    array = np.asarray(array)
    contender = {"acutance": Acutance, "pyqtgraph": PyQtGraph, "napari": Napari}[name](array)
    for _ in range(5):
        contender.app.processEvents()
    print("ready", flush=True)
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "look":
            # By way of another point: who stands there already would paint nothing.
            contender.go((1, 1, 1))
            contender.go((array.shape[0] // 2, array.shape[1] // 2, array.shape[2] // 2))
            np.save(rest[0], contender.look(array.shape[0]))
            print("done", flush=True)
            continue
        draws = np.random.default_rng(int(rest[1]))
        times = []
        for _ in range(int(rest[0])):
            index = tuple(int(n) for n in draws.integers(1, array.shape[0] - 1, 3))
            start = time.perf_counter()
            contender.go(index)
            times.append((time.perf_counter() - start) * 1000)
        print(json.dumps(times), flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    finally:
        # Threads of a toolkit would keep a process that failed, and who asked it waiting.
        sys.stderr.flush()
        traceback.print_exc()
        os._exit(1)
