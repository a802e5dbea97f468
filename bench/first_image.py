"""Measure the time from a drop on the window to the first painted slice.

    python bench/first_image.py [--slices 500] [--size 512] [--rounds 5] [--limit 1.0]

The window runs already, its reading children too, as they do a moment after it stands; the page
cache is warm. The series is dropped with the events of a drop; time ends when a view has painted
a slice of it. Between rounds the series is closed, and what the reader keeps of headers is lost
with it: each round finds another copy of the files. With --limit the exit code tells whether the
median was kept. Drawn offscreen unless QT_QPA_PLATFORM says otherwise.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[1]
for source in ("app", "models", "resources", "bench"):
    sys.path.insert(0, str(ROOT / source))

if TYPE_CHECKING:
    from session_scripts import User

    from acutance.qt.main_window import MainWindow


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--slices", type=int, default=500)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit", type=float, help="seconds the median may take")
    options = parser.parse_args(arguments)
    from synthetic_dicom import write_stacks

    with tempfile.TemporaryDirectory(prefix="acutance-bench-") as scratch:
        first = Path(scratch) / "0"
        first.mkdir()
        write_stacks(first, series=1, slices=options.slices, size=options.size)
        seconds, whole = measure(first, options.rounds)
    median = statistics.median(seconds)
    print(
        json.dumps(
            {
                "slices": options.slices,
                "size": options.size,
                "first_slice_painted_s": [round(s, 3) for s in seconds],
                "median_s": round(median, 3),
                "all_voxels_s": round(statistics.median(whole), 3),
            }
        )
    )
    return int(options.limit is not None and median > options.limit)


def measure(first: Path, rounds: int) -> tuple[list[float], list[float]]:
    """Return the seconds to the first painted slice, and to the end of all reading."""
    from session_scripts import User

    from acutance.qt.application import create_main_window
    from acutance.qt.settings import Settings

    settings = Settings()
    settings.auto_score = False
    window = create_main_window(settings=settings)
    window.show()
    user = User(window, first, first)
    user.until(lambda: window.heartbeat.is_running, "a window")
    window.controller.warm_reader()
    user.rest(6.0)  # the children import what they need
    seconds, whole = [], []
    for number in range(rounds + 1):
        folder = first.with_name(str(number))
        if number:
            # Copied at once before it is looked at, so that the page cache holds it.
            shutil.copytree(first, folder)
        painted, done = one_drop(window, user, folder)
        if number:
            seconds.append(painted)
            whole.append(done)
            shutil.rmtree(folder)
    window.close()
    window.deleteLater()
    return seconds, whole


def one_drop(window: MainWindow, user: User, folder: Path) -> tuple[float, float]:
    """Drop a folder; return the seconds to the first painted slice and to the end."""
    session, seen = window.session, []
    start = 0.0

    def look() -> None:
        if session.active is not None and session.active.volume is not None and not seen:
            seen.append(time.perf_counter() - start)

    views = window.centre.grid.views
    for view in views:
        view.painted.connect(look)
    start = time.perf_counter()
    user.drop(folder, rest=0.0)
    user.until(lambda: seen, "a painted slice")
    user.until(lambda: not window.controller.jobs, "the end of the reading")
    done = time.perf_counter() - start
    for view in views:
        view.painted.disconnect(look)
    session.clear()
    user.rest(0.2)
    return seen[0], done


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
