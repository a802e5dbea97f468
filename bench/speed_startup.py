"""Measure the time to the first painted window against napari's.

    PYTHONPATH=app:models python bench/speed_startup.py [--rounds 5] [--peers FOLDER]

Each run is a fresh process drawn offscreen; the time counts from just before the process is made.
napari is installed into a virtual environment outside the repository at the first run; where that
cannot be had, there is no comparison. A window is painted when its first paint event is through.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

import numpy as np
from pairing import Outcome, ratios
from startup import cache_bytecode, one_run

_NAPARI = r"""
import os, time
import napari
from qtpy.QtCore import QEvent, QObject, QTimer
from qtpy.QtWidgets import QApplication
class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and watched.isWidgetType() and watched.isWindow():
            QTimer.singleShot(0, done)
        return False
def done():
    print(f"after {time.time() - float(os.environ['STARTED']):.3f} s", flush=True)
    os._exit(0)
viewer = napari.Viewer(show=False)
watch = Watch()
QApplication.instance().installEventFilter(watch)
viewer.window.show()
napari.run()
"""


def main(arguments: list[str]) -> int:
    from run import show

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--peers", type=Path, default=Path(tempfile.gettempdir()) / "acutance-napari"
    )
    options = parser.parse_args(arguments)
    python = install(options.peers)
    ours, peer = [], []
    for number in range(options.rounds + 1):
        turns = [(ours, one_run), (peer, lambda: napari_run(python))]
        for seconds, run in turns[:: 1 if number % 2 else -1]:
            taken = run()
            if number:
                seconds.append(taken)
    ratio, low, high = ratios(peer, ours)
    return show(
        Outcome(
            "First painted window",
            "2.5 x (0.4 of its time)",
            "napari",
            ratio,
            low,
            high,
            float(np.median(ours)),
            float(np.median(peer)),
            ratio >= 2.5,
            "both paint an empty window offscreen, with their bytecode cached",
            bottleneck="importing Qt and NumPy, then building the panels",
        )
    )


def install(folder: Path) -> Path:
    """Return a Python that imports napari."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        command = [str(python), "-m", "pip", "install", "-q", "napari", "PySide6<6.12"]
        subprocess.run(command, check=True)
    return python


def napari_run(python: Path) -> float:
    """Return the seconds of one start of napari."""
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen", STARTED=repr(time.time()))
    environment.pop("PYTHONPATH", None)
    cache_bytecode(environment)
    done = subprocess.run(
        [str(python), "-c", _NAPARI],
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    found = re.search(r"after ([\d.]+) s", done.stdout)
    if found is None:
        raise SystemExit(f"napari painted nothing: {done.stderr[-500:]}")
    return float(found.group(1))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
