"""Kill a batch with signal 9 again and again, resume it, and compare with the run nobody killed.

    python bench/batch_kill.py --items 200 --kills 100 --step-kills 5

makes a folder of volumes, DICOM series, videos, broken files and duplicates, runs a batch on it
in peace, then again with kills: at random moments and at each step of writing. It prints what was
compared and ends with 1 where anything is lost, doubled, half written or different. The networks
of --tasks segment,restore,upscale are small ones that nobody trained: the work is real, the answers
are not. Every run is a copy of this process, so that its imports are there already; with
--synchronous it reads and computes in itself, else in child processes of its own.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import importlib
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
import traceback
from pathlib import Path

import nibabel
import numpy as np

from acutance.batch.folder import FILES, ITEMS, LEDGER, QUEUE, RESULTS
from acutance.batch.pool import LocalPool, SynchronousPool
from acutance.batch.run import Batch
from acutance.batch.settings import BatchSettings, parse_tasks
from acutance.batch.tables import TIME_FIELDS, iter_ledger
from acutance.batch.tasks import TaskOptions
from acutance.jobs.runner import Runner

sys.path.insert(0, str(Path(__file__).parent))
from synthetic_dicom import write_stacks

ENGINES = tuple(
    f"engines.{name}" for name in ("quality", "segmentation", "restoration", "super_resolution")
)
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


def make_networks(folder: Path) -> None:
    """Write a small network for each task that needs one; the same every time."""
    import torch
    from safetensors.torch import save_file

    from acutance_models.negvsr.network import build_vsr
    from acutance_models.r2unet.network import build

    folder.mkdir()
    torch.manual_seed(1)
    networks = {
        "segment": build("r2unet-w2-i1-o5-t1"),
        "restore": build("unet-w2-i1-o1"),
        "upscale": build_vsr("vsr-w8-b1-shuffle-small-c8x1"),
    }
    for name, network in networks.items():
        state = {key: value.contiguous() for key, value in network.state_dict().items()}
        save_file(state, folder / f"{name}.safetensors")


def import_all(tasks: tuple[str, ...]) -> None:
    """Import what the work needs; nothing is run, for threads do not outlive a copy."""
    engines = ENGINES if set(tasks) - {"iqm"} else ()
    own = [f"acutance.{name}" for name in (*engines, "io.readers", "metrics.anatomical")]
    for name in ("scipy.ndimage", "skimage.metrics", *own):
        importlib.import_module(name)


def options_of(folder: Path) -> TaskOptions:
    """Return what the tasks are told; networks where `make_networks` wrote some."""
    paths = [folder / f"{name}.safetensors" for name in ("segment", "restore", "upscale")]
    if not folder.is_dir():
        return TaskOptions()
    segment, restore, upscale = map(str, paths)
    return TaskOptions(segment, 1, "denoise", restore, 2, upscale)


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
        options=options_of(arguments.folder / "networks"),
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
            # Children of its own would run this file again to find what they never use.
            vars(sys.modules["__main__"]).pop("__file__", None)
            try:
                code = child(arguments)
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
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


def start(arguments: argparse.Namespace, out: Path, die_at: str = "", die_after: int = 0) -> Forked:
    return Forked(replaced(arguments, out=out, die_at=die_at, die_after=die_after))


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
                process.wait(arguments.startup + draws.uniform(0.0, pace))
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
    written = [contents(root / FILES) for root in (peace, killed)]
    for name in sorted(set(written[0]) | set(written[1])):
        if written[0].get(name) != written[1].get(name):
            faults.append(f"files/{name} differs")
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


def contents(folder: Path) -> dict[str, str]:
    """Return the hash of every file below a folder; of a sidecar less its moment."""
    found = {}
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        data = path.read_bytes() if path.is_file() else b""
        if path.suffix == ".json":
            plain = json.loads(data)
            for field in TIME_FIELDS:
                plain.pop(field, None)
            data = json.dumps(plain, sort_keys=True).encode()
        found[path.relative_to(folder).as_posix()] = hashlib.sha256(data).hexdigest()
    return found


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
    if {"segment", "restore", "upscale"} & set(arguments.tasks):
        make_networks(arguments.folder / "networks")
    if arguments.synchronous:
        import_all(arguments.tasks)
    before = fingerprint(source)
    peace = arguments.folder / "peace"
    started = time.monotonic()
    if start(arguments, peace).wait() != 0:
        sys.exit("the run in peace failed")
    seconds = time.monotonic() - started
    started = time.monotonic()
    if start(arguments, peace).wait() != 0:  # nothing is left to do: what every run costs
        sys.exit("the run after the one in peace failed")
    arguments.startup = 0.5 * (time.monotonic() - started)
    print(
        f"in peace: {arguments.items} inputs, {seconds:.1f} s; kills come from "
        f"{arguments.startup:.1f} s of a run on",
        flush=True,
    )
    total = dict.fromkeys(("random", *STEPS), 0)
    wanted = {"random": arguments.kills, **dict.fromkeys(STEPS, arguments.step_kills)}
    faults: list[str] = []
    rounds = 0
    while any(total[how] < count for how, count in wanted.items()):
        rounds += 1
        if rounds > 50:
            sys.exit(f"too few kills struck: {total}")
        killed = arguments.folder / f"killed{rounds}"
        struck = harm(arguments, killed, max(0.0, seconds - arguments.startup), draws)
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
    parser.add_argument("--synchronous", action="store_true", help="without child processes")
    arguments = parser.parse_args()
    arguments.die_at, arguments.die_after = "", 0
    with tempfile.TemporaryDirectory(prefix="acutance-kill-") as folder:
        arguments.folder = Path(folder)
        return measure(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
