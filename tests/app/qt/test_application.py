"""The whole window with real child processes; what must not be imported is looked at outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from acutance.qt.application import create_main_window
from acutance.qt.display import display_problem
from acutance.qt.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
LIMIT = 90_000


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    """A small head as NIfTI."""
    import nibabel

    shape = (64, 72, 24)
    grid = np.indices(shape) - (np.array(shape).reshape(3, 1, 1, 1) - 1) / 2
    distance = sum((grid[a] / (shape[a] * 0.42)) ** 2 for a in range(3))
    array = np.where(distance < 1, 600 + 300 * np.cos(9 * distance), 0).astype(np.int16)
    path = tmp_path_factory.mktemp("scan") / "head.nii.gz"
    nibabel.save(nibabel.Nifti1Image(array, np.diag([3.0, 3.0, 5.0, 1.0])), path)
    return path


def run_python(*arguments, **environment):
    paths = os.pathsep.join(str(ROOT / name) for name in ("app", "models", "resources"))
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


SCRIPT = """
import sys
import psutil
from PySide6.QtCore import QTimer
from acutance.qt.application import create_application, create_main_window
from acutance.qt.settings import Settings

if __name__ == "__main__":
    from pathlib import Path

    settings = Settings()
    app = create_application()
    window = create_main_window(settings=settings)
    session = window.session

    def look():
        entry = session.active
        if entry is not None and (entry.error or entry.scoring_error or entry.result):
            app.exit()

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(20)
    QTimer.singleShot(90_000, app.exit)
    window.show()
    window.open_paths([Path(sys.argv[1])])
    app.exec()
    entry = session.active
    print("loaded", entry is not None and entry.loaded is not None)
    print("error", entry and (entry.error or entry.scoring_error))
    print("scored", bool(entry and entry.result))
    # The tracker of multiprocessing is Python's own; it ends with the process.
    children = [
        child
        for child in psutil.Process().children(recursive=True)
        if not any("resource_tracker" in word for word in child.cmdline())
    ]
    print("children", len(children))
    window.close()
    psutil.wait_procs(children, timeout=5)
    print("left", sum(c.is_running() and c.status() != "zombie" for c in children))
    heavy = ("torch", "nibabel", "pydicom", "scipy", "pyqtgraph", "acutance_models")
    print("heavy", sorted(name for name in heavy if name in sys.modules))
"""


@pytest.mark.slow
def test_window_scores_without_torch_or_readers_in_its_process(scan, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = run_python(script, scan, QT_QPA_PLATFORM="offscreen")
    said = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert said["loaded"] == "True", done.stderr
    assert said["heavy"] == "[]"
    assert said["children"] == "3"  # one reads, one reads while the first searches, one scores
    assert said["left"] == "0"
    if said["scored"] != "True" and "weights" in said["error"]:
        pytest.skip(f"no weights here: {said['error']}")
    assert said["scored"] == "True", said["error"]


@pytest.mark.slow
def test_killed_engine_child_costs_one_retry_and_nothing_else(scan, qtbot):
    window = create_main_window(settings=Settings())
    try:
        killed = []

        def kill_once(job):
            pid = window.runner.engine_pid
            # Progress comes from the child: it has the job in hand by then.
            if job.task == "quality" and job.fraction > 0.0 and pid and not killed:
                killed.append((job, pid))
                os.kill(pid, signal.SIGKILL)

        window.controller.bridge.progressed.connect(kill_once)
        with qtbot.waitSignal(window.first_painted):
            window.show()
        window.open_paths([scan])

        def has_outcome():
            entry = window.session.active
            return entry is not None and bool(entry.result or entry.scoring_error)

        qtbot.waitUntil(has_outcome, timeout=LIMIT)
        (job, pid) = killed[0]
        entry = window.session.active
        if entry.scoring_error is not None and "weights" in str(entry.scoring_error):
            pytest.skip(f"no weights here: {entry.scoring_error}")
        assert entry.result is not None, str(entry.scoring_error)
        assert job.attempts == 2
        assert window.runner.engine_pid not in (None, pid)
        assert window.isVisible()
    finally:
        window.close()
        window.deleteLater()


def test_headless_opens_takes_a_picture_and_exits(scan, tmp_path):
    picture = tmp_path / "new" / "window.png"
    done = run_python(
        "-m", "acutance", "gui", "--headless", scan, "--screenshot", picture, "--exit"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_headless_says_why_nothing_was_opened(tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("no scan")
    done = run_python("-m", "acutance", "gui", "--headless", text, "--exit")
    assert done.returncode == 1
    assert "notes.txt" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_display_there_is_a_message_and_no_abort():
    nowhere = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}
    done = run_python("-m", "acutance", "gui", **nowhere)
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux can lack a display")
    assert done.returncode == 1
    assert "There is no display" in done.stderr
    assert "--headless" in done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks an X server")
def test_display_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    monkeypatch.setenv("DISPLAY", ":4321")
    assert ":4321 does not answer" in display_problem()
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert display_problem() == ""
