"""Open and close a volume again and again, and see whether memory comes back.

    python bench/open_close_memory.py [--count 50] [--megabytes 256] [--limit 0.05]

Each round opens a NIfTI file in the window, waits until it is painted, goes through some slices in
all planes, and closes it. Resident memory is that of the window's process and of all its children,
measured with nothing open; the first five rounds are warm-up. The figure is the largest growth over
the level after warm-up, as a share of it. Drawn offscreen unless QT_QPA_PLATFORM says otherwise.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[1]
for source in ("app", "models", "resources", "bench"):
    sys.path.insert(0, str(ROOT / source))

if TYPE_CHECKING:
    from session_scripts import User

WARM_UP = 5


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--limit", type=float, default=0.05, help="share that memory may grow")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="acutance-bench-") as scratch:
        path = Path(scratch) / "volume.nii"
        write_volume(path, options.megabytes)
        window, children, opened, before = measure(path, options.count)
    growth = {
        "window": largest_growth(window),
        "children": largest_growth(children),
        "both": largest_growth([a + b for a, b in zip(window, children, strict=True)]),
    }
    print(
        json.dumps(
            {
                "count": options.count,
                "megabytes": options.megabytes,
                "window_mb_before": round(before / 1e6, 1),
                "window_mb": [round(n / 1e6, 1) for n in window[:: max(1, len(window) // 10)]],
                "children_mb": [
                    round(n / 1e6, 1) for n in children[:: max(1, len(children) // 10)]
                ],
                "window_mb_while_open": round(opened / 1e6, 1),
                "growth": {name: round(share, 4) for name, share in growth.items()},
            }
        )
    )
    return int(max(growth.values()) > options.limit)


def write_volume(path: Path, megabytes: int) -> None:
    """Write a volume of int16 with a bright ball in it."""
    import nibabel

    depth = max(8, round(megabytes * 2**20 / (512 * 512 * 2)))
    row, column = np.mgrid[:512, :512] - 256
    ball = np.where(row**2 + column**2 < 200**2, 700, 20).astype(np.int16)
    array = np.repeat(ball[:, :, None], depth, axis=2)
    array[200:300, 200:300, :: max(2, depth // 20)] = 900
    nibabel.save(nibabel.Nifti1Image(array, np.diag([0.5, 0.5, 0.5, 1.0])), path)


def largest_growth(sizes: list[int]) -> float:
    """Return by how much sizes exceed the first of them, as a share of it."""
    return max(0.0, max(sizes[1:], default=sizes[0]) / sizes[0] - 1.0) if sizes[0] else 0.0


def measure(path: Path, count: int) -> tuple[list[int], list[int], int, int]:
    """Return resident bytes of the window and its children after each round, while open, before."""
    from session_scripts import User

    from acutance.qt.application import create_main_window
    from acutance.qt.settings import Settings

    settings = Settings()
    settings.auto_score = False
    window = create_main_window(settings=settings)
    window.show()
    user = User(window, path.parent, path)
    user.until(lambda: window.heartbeat.is_running, "a window")
    mine, theirs, opened = [], [], 0
    before, _ = resident()
    for number in range(WARM_UP + count + 1):
        if number >= WARM_UP:
            parent, children = resident()
            mine.append(parent)
            theirs.append(children)
        if number < WARM_UP + count:
            opened = max(opened, one_round(user, path))
    window.close()
    window.deleteLater()
    return mine, theirs, opened, before


def one_round(user: User, path: Path) -> int:
    """Open, look and close; return the resident bytes of the window while it was open."""
    session = user.session
    user.window.open_paths([path])
    user.until(
        lambda: session.active is not None and session.active.volume is not None, "the volume"
    )
    user.until(lambda: not user.window.controller.jobs, "the end of the reading")
    for plane in ("axial", "coronal", "sagittal"):
        for step in (10, 10, -5):
            session.step(plane, step)
            user.rest(0.01)
    opened, _ = resident()
    session.clear()
    user.rest(0.1)
    gc.collect()
    return opened


def resident() -> tuple[int, int]:
    """Return the resident bytes of this process and of its children."""
    import psutil

    here = psutil.Process()
    children = 0
    for child in here.children(recursive=True):
        try:
            children += child.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return here.memory_info().rss, children


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
