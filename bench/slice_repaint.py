"""Time from a new cursor to all three planes painted, at 256 x 256 x 256 uint16.

Run: QT_QPA_PLATFORM=offscreen python bench/slice_repaint.py [--count 200] [--size 256]
The goal is a median of at most 16 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "app"))

import numpy as np
from PySide6.QtWidgets import QApplication

from acutance.core.affine import PLANES
from acutance.core.ledger import Ledger, LoadedSeries, SeriesItem
from acutance.core.volume import Volume
from acutance.qt.theme import apply_theme
from acutance.qt.viewers import LinkedGrid
from acutance.session import Session


def measure(size: int, count: int) -> list[float]:
    """Return the milliseconds of each repaint of all three views."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    apply_theme(app)
    draws = np.random.default_rng(7)
    array = draws.integers(0, 4096, (size, size, size), dtype=np.uint16)
    item = SeriesItem("nifti", "noise.nii", ("noise.nii",), title="noise")
    session = Session()
    (series,) = session.add_items([item])
    session.set_loaded(series, LoadedSeries(item, Volume(array, np.eye(4)), Ledger(1, 1)))
    session.activate(series)
    grid = LinkedGrid(session)
    grid.resize(960, 796)
    grid.show()
    app.processEvents()
    painted: set[str] = set()
    for view in grid.views:
        view.painted.connect(lambda plane=view.plane: painted.add(plane))
    times = []
    for _ in range(count + 10):
        point = draws.uniform(1, size - 2, 3)
        painted.clear()
        start = time.perf_counter()
        session.set_cursor(tuple(point))
        while len(painted) < len(PLANES):
            app.processEvents()
        times.append((time.perf_counter() - start) * 1000)
    grid.close()
    grid.deleteLater()
    # The first repaints warm the caches.
    return times[10:]


def main() -> None:
    """Print median and 95th percentile as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--size", type=int, default=256)
    options = parser.parse_args()
    times = measure(options.size, options.count)
    print(
        json.dumps(
            {
                "size": options.size,
                "count": len(times),
                "median_ms": round(float(np.median(times)), 2),
                "p95_ms": round(float(np.percentile(times, 95)), 2),
            }
        )
    )


if __name__ == "__main__":
    main()
