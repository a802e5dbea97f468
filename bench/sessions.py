"""Do the commonest tasks under an X server while engines work, and read the pulse of the window.

    python bench/sessions.py [--repeat 1] [--quiet-engines] [--display offscreen]

Without a display an Xvfb of its own is started. The scans are the sample and a noisier repeat of
it; the scorer and the denoiser are those that are shipped, the segmenter is a small network without
training. All the while one series is scored again and again, one segmented again and again, and
one read again and again. The heartbeat of the product tells how long the window did not
answer; the goals are no stall over 100 ms and 99.9 % of all beats within 33 ms.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
for source in ("app", "models", "resources", "bench"):
    sys.path.insert(0, str(ROOT / source))

if TYPE_CHECKING:
    from collections.abc import Iterator

    from session_scripts import Task, User

    from acutance.qt.main_window import MainWindow

#: Slices that are kept of the sample: enough for a verdict, few enough for two cores.
SLICES = 40
GOAL_SHARE = 0.999
SCAN, LATER, LARGE = "scans/scan_T1w.nii", "later/later_T1w.nii", "load/large_T1w.nii.gz"
WEIGHTS = "untrained/five.safetensors"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--repeat", type=int, default=1, help="do all tasks so many times")
    parser.add_argument("--quiet-engines", action="store_true", help="without work beside")
    parser.add_argument("--display", choices=("x", "offscreen"), default="x")
    parser.add_argument("--task", action="append", default=[], help="only tasks with this in them")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.make is not None:
        make_scans(options.make)
        return 0
    os.environ["QT_QPA_PLATFORM"] = "xcb" if options.display == "x" else "offscreen"
    with contextlib.ExitStack() as stack:
        if options.display == "x" and not os.environ.get("DISPLAY"):
            stack.enter_context(x_server())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="acutance-")))
        rows = []
        for _ in range(options.repeat):
            rows += session(folder, is_busy=not options.quiet_engines, only=options.task)
            for entry in folder.iterdir():
                shutil.rmtree(entry)
    return report(rows)


@contextlib.contextmanager
def x_server() -> Iterator[None]:
    """Start a virtual X server, and end it.

    Raises
    ------
    SystemExit
        If there is none.
    """
    program = shutil.which("Xvfb")
    if program is None:
        raise SystemExit("There is no X server: install xvfb, or use --display offscreen.")
    read, write = os.pipe()
    server = subprocess.Popen(
        [program, "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as told:
            os.environ["DISPLAY"] = f":{told.readline().strip()}"
        yield
    finally:
        server.terminate()
        server.wait()


def make_scans(folder: Path) -> None:
    """Write scan and repeat, a scan to open later, one to read all the while, and weights."""
    import nibabel
    import numpy as np
    import torch
    from safetensors.torch import save_file

    from acutance_models.r2unet.network import build
    from acutance_resources import path

    def save(array: np.ndarray, place: Path) -> None:
        nibabel.save(nibabel.Nifti1Image(array.astype(np.int16), sample.affine), place)

    sample = nibabel.load(path("sample/sample_T1_moved.nii.gz"))
    array = np.asarray(sample.dataobj)
    first = (array.shape[2] - SLICES) // 2
    array = array[:, :, first : first + SLICES]
    draws = np.random.default_rng(0)
    for name in ("scans", "later", "load", "untrained"):
        (folder / name).mkdir()
    spread = float(array.std())
    for target, noise in (
        (SCAN, 0.0),
        ("scans/repeat_T1w.nii", 0.05),
        (LATER, 0.1),
    ):
        noisy = array + draws.normal(0, noise * spread + 1e-6, array.shape)
        save(np.clip(noisy, 0, None), folder / target)
    save(np.tile(array, (3, 3, 12)), folder / LARGE)
    torch.manual_seed(5)
    save_file(build("unet-w2-i1-o5").state_dict(), folder / WEIGHTS)


class OwnWork:
    """Tells late beats in which the window itself computed from those in which it had no core.

    On a machine that others use too, a beat may be late because the process waited for a core; the
    processor time of the window's thread between two beats does not count that.

    Attributes
    ----------
    slow, stalls : int
        Gaps between beats with more than 33 and 100 ms of the window's own work.
    longest_ms : float
        The most own work between two beats.
    """

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        from acutance.qt.heartbeat import INTERVAL_MS

        self.slow = self.stalls = 0
        self.longest_ms = 0.0
        self._last = time.thread_time()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(INTERVAL_MS)

    def reset(self) -> None:
        self.slow = self.stalls = 0
        self.longest_ms = 0.0
        self._last = time.thread_time()

    def _beat(self) -> None:
        from acutance.qt.heartbeat import SLOW_MS, STALL_MS

        now = time.thread_time()
        own, self._last = (now - self._last) * 1000.0, now
        self.longest_ms = max(self.longest_ms, own)
        self.slow += own > SLOW_MS
        self.stalls += own > STALL_MS


class Load:
    """Keeps a score, a segmentation and a load going beside what the user does."""

    def __init__(self, window: MainWindow, path: Path, weights: Path) -> None:
        from PySide6.QtCore import QTimer

        self._window = window
        self._path = path
        self._weights = weights
        self._jobs: dict[str, Any] = {}
        self.done = dict.fromkeys(("score", "segmentation", "load"), 0)
        self._timer = QTimer()
        self._timer.timeout.connect(self._go_on)
        self._timer.start(20)

    def stop(self) -> None:
        self._timer.stop()
        for job in self._jobs.values():
            job.cancel()

    def _go_on(self) -> None:
        from acutance.core.segmentation import SegmentationRequest

        window = self._window
        entry = next((e for e in window.session.entries if e.volume is not None), None)
        if entry is None or window.controller.is_closed:
            return
        for name in self.done:
            job = self._jobs.get(name)
            if job is not None and not job.is_finished:
                continue
            if job is not None and job.error is not None:
                raise SystemExit(f"{name} beside: {job.error}")
            self.done[name] += job is not None
            runner = window.runner
            if name == "score":
                request = window.controller.scoring.policy().request(entry.volume)
                job = runner.submit("quality", request, title="Scoring beside")
            elif name == "segmentation":
                wish = SegmentationRequest(entry.volume, weights=str(self._weights))
                job = runner.submit("segmentation", wish, title="Segmenting beside")
            else:
                job = self._next_read(job)
            self._jobs[name] = job
            window.controller.watch(job)

    def _next_read(self, last: Any) -> Any:
        """Look for the large scan, or read what was found."""
        if last is not None and last.task == "index" and last.error is None:
            return self._window.runner.read(last.result.items[0])
        return self._window.runner.index([self._path])


def session(folder: Path, *, is_busy: bool, only: list[str]) -> list[dict[str, Any]]:
    """Do all tasks in one window; return a row for each."""
    from session_scripts import TASKS, User

    from acutance.qt.application import create_application, create_main_window
    from acutance.qt.settings import Settings

    # Elsewhere, so that no network is loaded into the process of the window.
    subprocess.run([sys.executable, __file__, "--make", str(folder)], check=True)
    scans = (folder / SCAN).parent
    app = create_application()
    settings = Settings()
    settings.auto_score = True
    window = create_main_window(settings=settings)
    window.segmenter.weights = folder / WEIGHTS
    user = User(window, scans, folder / LATER)
    window.show()
    window.activateWindow()
    user.until(lambda: window.heartbeat.is_running and window.isActiveWindow(), "a window")
    window.open_paths([scans])
    user.until(lambda: len(window.session.entries) == 2, "both scans")
    for entry in window.session.entries:
        window.controller.load(entry.id)
    for entry in window.session.entries:
        user.until(lambda entry=entry: entry.volume is not None, "the voxels")
        window.controller.score(entry.id)
    for entry in window.session.entries:
        user.until(lambda entry=entry: window.session.entry(entry.id).result, "the verdict")
    window.session.activate(window.session.entries[0].id)
    work = OwnWork()
    load = Load(window, folder / LARGE, folder / WEIGHTS) if is_busy else None
    rows = []
    for task in TASKS:
        if not only or any(word in task.name for word in only):
            rows.append(do(task, user, work))
    if load is not None:
        load.stop()
        print("beside:", ", ".join(f"{n} x {name}" for name, n in load.done.items()), flush=True)
    window.close()
    window.deleteLater()
    app.processEvents()
    return rows


def do(task: Task, user: User, work: OwnWork) -> dict[str, Any]:
    """Do one task; return what it took."""
    heart = user.window.heartbeat
    # Where there is no window manager nobody gives the window back the keyboard of a dialog.
    user.window.activateWindow()
    user.until(user.window.isActiveWindow, "the keyboard")
    user.rest(0.2)
    user.view.setFocus()
    heart.reset()
    work.reset()
    user.actions = 0
    problem = ""
    try:
        task.run(user)
    except AssertionError as error:
        problem = str(error) or "it did not come out as it should"
    row = {
        "task": task.name,
        "actions": user.actions,
        "beats": heart.beats,
        "slow": heart.slow,
        "stalls": heart.stalls,
        "longest_ms": round(heart.longest_ms, 1),
        "own_slow": work.slow,
        "own_stalls": work.stalls,
        "own_longest_ms": round(work.longest_ms, 1),
        "problem": problem,
    }
    print(
        f"{task.name:40s} {row['actions']:2d} actions {row['beats']:6d} beats, longest delay "
        f"{row['longest_ms']:6.1f} ms, own work {row['own_longest_ms']:5.1f} ms"
        f"{'; ' + problem if problem else ''}",
        flush=True,
    )
    return row


def report(rows: list[dict[str, Any]]) -> int:
    """Print the sum of all rows; return 0 where every goal was met."""
    from session_scripts import MOST_ACTIONS

    beats, slow = sum(r["beats"] for r in rows), sum(r["slow"] for r in rows)
    share = 1.0 - slow / max(1, beats)
    whole = {
        "tasks": len(rows),
        "failed": sum(bool(r["problem"]) for r in rows),
        "most_actions": max(r["actions"] for r in rows),
        "beats": beats,
        "stalls_over_100_ms": sum(r["stalls"] for r in rows),
        "share_within_33_ms": round(share, 5),
        "longest_ms": max(r["longest_ms"] for r in rows),
        "gaps_with_over_33_ms_own_work": sum(r["own_slow"] for r in rows),
        "gaps_with_over_100_ms_own_work": sum(r["own_stalls"] for r in rows),
        "longest_own_work_ms": max(r["own_longest_ms"] for r in rows),
    }
    print(json.dumps(whole))
    is_met = (
        not whole["failed"]
        and not whole["stalls_over_100_ms"]
        and share >= GOAL_SHARE
        and whole["most_actions"] <= MOST_ACTIONS
    )
    print("met" if is_met else "missed")
    return int(not is_met)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
