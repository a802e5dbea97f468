"""Measure a drop of very many files on the window: first series, end of the search, stalls.

    python bench/index_folder.py [--files 20000] [--series 40] [--size 32] [--keep FOLDER]

Drawn offscreen, in the window with its reading children, page cache warm; the children have been
started as they are a moment after the window stands. Goals: the first series listed and shown at
most 1 s after the drop, the search over within 10 s, and the window never held up for more than
100 ms (`acutance.qt.heartbeat` measures it). A JSON object is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[1]
for source in ("app", "models", "resources", "bench"):
    sys.path.insert(0, str(ROOT / source))


def index_alone(folder: Path) -> float:
    """Return the seconds of the index pass in this process, nobody listening."""
    from acutance.io.readers import index_paths

    class Quiet:
        def report(self, fraction: float, message: str) -> None:
            pass

        def raise_if_cancelled(self) -> None:
            pass

    start = time.perf_counter()
    index_paths([folder], Quiet(), Quiet())
    return time.perf_counter() - start


def drop(folder: Path, limit: float) -> dict[str, object]:
    """Return what happened after the drop, in seconds and ms."""
    from PySide6.QtWidgets import QApplication

    from acutance.qt.application import create_main_window
    from acutance.qt.heartbeat import Heartbeat
    from acutance.qt.settings import Settings

    settings = Settings()
    settings.auto_score = False
    window = create_main_window(settings=settings)
    app = QApplication.instance()
    assert app is not None
    window.show()
    window.controller.warm_reader()
    ready = time.perf_counter() + 6.0  # the children import what they need
    while time.perf_counter() < ready:
        app.processEvents()
    heart = Heartbeat()
    seen: dict[str, float] = {}
    session = window.session
    start = time.perf_counter()

    def note(name: str) -> None:
        seen.setdefault(name, round(time.perf_counter() - start, 3))

    def look(_id: object = None) -> None:
        if session.active is not None and session.active.loaded is not None:
            note("first_series_shown_s")

    session.listed.connect(lambda _ids: note("first_series_listed_s"))
    session.series_changed.connect(look)
    window.controller.opened.connect(lambda _count: note("search_over_s"))
    heart.start()
    window.open_paths([folder])
    while "search_over_s" not in seen and time.perf_counter() - start < limit:
        app.processEvents()
        time.sleep(0.001)
    settle = time.perf_counter() + 2.0
    while time.perf_counter() < settle:
        app.processEvents()
        time.sleep(0.001)
    heart.stop()
    found = sum(len(e.item.files) + len(e.item.set_aside) for e in session.entries)
    answer: dict[str, object] = {
        **seen,
        "series": len(session.entries),
        "files_accounted_for": found,
        "stalls_over_100_ms": heart.stalls,
        "longest_stall_ms": round(heart.longest_ms, 1),
        "beats": heart.beats,
    }
    window.close()
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--series", type=int, default=40)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--keep", type=Path, help="make the files here, or use those that are here")
    options = parser.parse_args()
    from synthetic_dicom import write_stacks

    with tempfile.TemporaryDirectory(prefix="acutance-bench-") as scratch:
        folder = options.keep or Path(scratch)
        if not folder.is_dir() or not any(folder.iterdir()):
            slices = options.files // options.series
            write_stacks(folder, series=options.series, slices=slices, size=options.size)
        index_alone(folder)  # the page cache is warm, imports are done
        from acutance.io import dicom

        dicom._kept.clear()
        answer = {"files": options.files, "index_alone_s": round(index_alone(folder), 3)}
        answer |= drop(folder, 120.0)
        print(json.dumps(answer, indent=1))


if __name__ == "__main__":
    main()
