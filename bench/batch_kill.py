"""Kill a batch with signal 9 again and again, resume it, and compare with the run nobody killed.

    python bench/batch_kill.py --items 200 --kills 100 --step-kills 5

makes a folder of volumes, DICOM series, videos, broken files and duplicates, runs a batch on it
in peace, then again with kills: at random moments and at each step of writing. It prints what was
compared and ends with 1 where anything is lost, doubled, half written or different.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import math
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nibabel
import numpy as np

from acutance.batch.folder import ITEMS, LEDGER, QUEUE, RESULTS
from acutance.batch.pool import LocalPool, SynchronousPool
from acutance.batch.run import Batch
from acutance.batch.settings import BatchSettings, parse_tasks
from acutance.batch.tables import TIME_FIELDS, iter_ledger
from acutance.jobs.runner import Runner

sys.path.insert(0, str(Path(__file__).parent))
from synthetic_dicom import write_stacks

STEPS = ("write", "fsync", "rename", "renamed", "commit", "committed")


def make_items(folder: Path, count: int, seed: int) -> None:
    """Fill a folder with so many inputs of every kind; the same for the same seed."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    originals: list[Path] = []
    for n in range(count):
        kind = n % 10
        place = folder / f"site{n % 3}"
        place.mkdir(exist_ok=True)
        if kind in (0, 1, 2, 3):
            target = place / (f"sub-{n:03d}_T1w.nii.gz" if kind % 2 else f"scan {n}.nii")
            write_volume(target, rng)
            originals.append(target)
        elif kind in (4, 5):
            write_stacks(place / f"series{n}", series=1, slices=4, size=32, seed=n)
            patch_series(place / f"series{n}", n)
        elif kind == 6:
            write_video(place / f"clip{n}.avi", n)
        elif kind == 7:
            data = originals[n % len(originals)].read_bytes()
            (place / f"cut{n}{originals[n % len(originals)].suffix}").write_bytes(data[: 400 + n])
        elif kind == 8:
            (place / f"rubbish{n}.dcm").write_bytes(rng.bytes(500 + n))
        else:
            source = originals[n % len(originals)]
            (place / f"copy{n}{''.join(source.suffixes)}").write_bytes(source.read_bytes())


def write_volume(path: Path, rng: np.random.Generator) -> None:
    grid = np.mgrid[:20, :22, :18].astype(float) - 10
    head = 900.0 * ((grid**2).sum(axis=0) < 64) + rng.normal(0, 20, grid.shape[1:])
    image = nibabel.Nifti1Image(np.abs(head).astype(np.int16), np.diag([3, 3, 3, 1]))
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(image.to_bytes(), mtime=0))
    else:
        path.write_bytes(image.to_bytes())


def patch_series(folder: Path, number: int) -> None:
    """Give a series a UID of its own."""
    for file in folder.iterdir():
        file.write_bytes(file.read_bytes().replace(b".9100000", f".9{100000 + number}".encode()))


def write_video(path: Path, seed: int) -> None:
    try:
        import av
    except ImportError:  # the extra `video` is not installed: a volume more
        write_volume(path.with_suffix(".nii"), np.random.default_rng(seed))
        return
    rng = np.random.default_rng(seed)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        for _ in range(4):
            pixels = rng.integers(0, 255, (48, 64, 3), dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))


def child(arguments: argparse.Namespace) -> int:
    """Run or resume the batch, and die at the step that was asked for."""
    wanted, left = arguments.die_at, arguments.die_after

    def step(name: str) -> None:
        nonlocal left
        if name == wanted:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    if arguments.synchronous:
        pool = SynchronousPool(Runner(device="cpu", synchronous=True))
    else:
        pool = LocalPool(1, "cpu")
    settings = BatchSettings(
        arguments.folder / "in",
        arguments.out,
        tasks=arguments.tasks,
        device="cpu",
        is_resumed=True,
    )
    with Batch(settings, pool=pool, step=step) as batch:
        batch.plan()
        batch.run()
    return 0


def replaced(arguments: argparse.Namespace, **changes: object) -> argparse.Namespace:
    return argparse.Namespace(**{**vars(arguments), **changes})


class Forked:
    """A copy of this process that runs one batch: the imports are there already."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        sys.stdout.flush()
        self._code: int | None = None
        self._pid = os.fork()
        if self._pid == 0:
            code = 1
            try:
                code = child(arguments)
            finally:
                os._exit(code)

    def send_signal(self, number: int) -> None:
        os.kill(self._pid, number)

    def wait(self, timeout: float | None = None) -> int:
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        while self._code is None:
            pid, status = os.waitpid(self._pid, os.WNOHANG if timeout is not None else 0)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
            elif time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired("batch", timeout or 0.0)
            else:
                time.sleep(0.005)
        return self._code


def startup(arguments: argparse.Namespace) -> float:
    """Return the seconds before a run does anything: none where it is a copy of this process."""
    is_copy = arguments.synchronous and hasattr(os, "fork")
    return 0.0 if is_copy else float(arguments.startup)


def start(arguments: argparse.Namespace, out: Path, die_at: str = "", die_after: int = 0):
    if arguments.synchronous and hasattr(os, "fork"):
        return Forked(replaced(arguments, out=out, die_at=die_at, die_after=die_after))
    command = [sys.executable, __file__, "--folder", str(arguments.folder), "--out", str(out)]
    command += ["--tasks", ",".join(arguments.tasks)]
    command += ["--die-at", die_at, "--die-after", str(die_after)]
    command += ["--synchronous"] if arguments.synchronous else []
    return subprocess.Popen(command)


def harm(arguments: argparse.Namespace, out: Path, seconds: float, draws: random.Random) -> dict:
    """Run a batch to its end through kills; return how often which one struck."""
    struck = dict.fromkeys(("random", *STEPS), 0)
    plan = ["random"] * arguments.kills + list(STEPS) * arguments.step_kills
    draws.shuffle(plan)
    pace = 2.0 * seconds / max(1, len(plan))
    while True:
        how = plan.pop() if plan else ""
        if how in STEPS:
            # Objects are written in two parts each, tables line by line.
            process = start(arguments, out, how, draws.randrange(4))
        else:
            process = start(arguments, out)
        if how == "random":
            try:
                process.wait(startup(arguments) + draws.uniform(0.0, pace))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
        code = process.wait()
        if code == -signal.SIGKILL:
            struck[how] += 1
        elif code != 0:
            sys.exit(f"a run ended with {code}")
        else:
            return struck


def compare(peace: Path, killed: Path) -> list[str]:
    """Return what differs, in words; nothing where all is well."""
    faults = []
    for name in (RESULTS, LEDGER):
        if (peace / name).read_bytes() != (killed / name).read_bytes():
            faults.append(f"{name} differs")
    names = [sorted(os.listdir(root / ITEMS)) for root in (peace, killed)]
    if names[0] != names[1]:
        faults.append(f"items differ: {sorted(set(names[0]) ^ set(names[1]))}")
    for name in set(names[0]) & set(names[1]):
        first, second = (json.loads((root / ITEMS / name).read_text()) for root in (peace, killed))
        for field in TIME_FIELDS:
            first.pop(field), second.pop(field)
        if first != second:
            faults.append(f"items/{name} differs")
    if any(".part" in name for name in [*names[1], *os.listdir(killed)]):
        faults.append("a half file is left")
    with sqlite3.connect(killed / QUEUE) as queue:
        if queue.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            faults.append("the queue is damaged")
        count = queue.execute("SELECT count(*) FROM items WHERE state = 'done'").fetchone()[0]
    queue.close()
    lines = (killed / RESULTS).read_text(encoding="utf-8").splitlines()
    paths = [json.loads(line)["path"] for line in lines]
    if not len(paths) == len(set(paths)) == count == len(names[1]):
        faults.append(f"{len(paths)} results, {len(set(paths))} of them different, {count} done")
    return faults


def unaccounted(source: Path, out: Path) -> list[str]:
    """Return the files of the input that are not in exactly one state of the ledger."""
    lines = list(iter_ledger(out))
    files = sorted(str(path) for path in source.rglob("*") if path.is_file())
    told = sorted(line.file for line in lines)
    allowed = {"done", "set aside", "failed"}
    return sorted(set(files) ^ set(told)) + [x.file for x in lines if x.state not in allowed]


def fingerprint(folder: Path) -> str:
    """Return a hash of names, times and bytes of all files below a folder."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        found.update(f"{path} {path.stat().st_mtime_ns}".encode())
        found.update(path.read_bytes() if path.is_file() else b"")
    return found.hexdigest()


def measure(arguments: argparse.Namespace) -> int:
    draws = random.Random(arguments.seed)
    source = arguments.folder / "in"
    make_items(source, arguments.items, arguments.seed)
    before = fingerprint(source)
    peace = arguments.folder / "peace"
    started = time.monotonic()
    if arguments.synchronous:  # here, so that what is forked afterwards has everything imported
        child(replaced(arguments, out=peace))
    elif start(arguments, peace).wait() != 0:
        sys.exit("the run in peace failed")
    seconds = time.monotonic() - started
    print(f"in peace: {arguments.items} inputs, {seconds:.1f} s", flush=True)
    total = dict.fromkeys(("random", *STEPS), 0)
    wanted = {"random": arguments.kills, **dict.fromkeys(STEPS, arguments.step_kills)}
    faults: list[str] = []
    rounds = 0
    while any(total[how] < count for how, count in wanted.items()):
        rounds += 1
        if rounds > 50:
            sys.exit(f"too few kills struck: {total}")
        killed = arguments.folder / f"killed{rounds}"
        struck = harm(arguments, killed, max(0.0, seconds - startup(arguments)), draws)
        for how, count in struck.items():
            total[how] += count
        faults += compare(peace, killed)
        print(f"batch {rounds}: killed {struck}; faults: {faults or 'none'}", flush=True)
    lost = unaccounted(source, peace)
    is_untouched = fingerprint(source) == before
    states = [line.state for line in iter_ledger(peace)]
    print(f"kills: {total}, {sum(total.values())} in {rounds} batches")
    print(f"ledger: { {state: states.count(state) for state in sorted(set(states))} }")
    print(f"files not in exactly one state: {lost or 'none'}")
    print(f"inputs unchanged: {is_untouched}; differences: {faults or 'none'}")
    return 1 if faults or lost or not is_untouched else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--kills", type=int, default=100, help="at random moments")
    parser.add_argument("--step-kills", type=int, default=5, help="at each step of writing")
    parser.add_argument("--tasks", type=parse_tasks, default=("iqm",))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--startup", type=float, default=0.3, help="seconds of a run that are never killed"
    )
    parser.add_argument("--synchronous", action="store_true", help="without child processes")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--die-at", default="", help=argparse.SUPPRESS)
    parser.add_argument("--die-after", type=int, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.out is not None:
        return child(arguments)
    with tempfile.TemporaryDirectory(prefix="acutance-kill-") as folder:
        arguments.folder = Path(folder)
        return measure(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
