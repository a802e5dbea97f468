"""Measure opening scans against dicomsdl, SimpleITK and nibabel, interleaved in one run.

    python bench/open_series.py [--pairs 9] [--slices 512] [--peers FOLDER] [--keep FOLDER]

Each peer runs in one process of its own, in a virtual environment outside the repository that is
made at the first run (or skipped with a message where pip cannot install them). Voxels are compared
first; times count only then. In each round all take turns in a random order, page cache warm, our
kept headers forgotten; two rounds of warm-up. Reported are medians of the ratios of a round with a
bootstrap 95 % interval, raw seconds as an appendix, and the peak memory of our process.

Goals: opening uncompressed CT at most 0.5 x SimpleITK's series reader and 1.4 x dicomsdl's bare
decode, in the process and through the runner; the middle slice within 250 ms; .nii.gz at most
0.8 x nibabel; peak memory at most 1.25 x the array + 150 MB.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from pairing import MARK, Outcome, interval

ROOT = Path(__file__).resolve().parents[1]
for source in ("app", "models", "resources", "bench"):
    sys.path.insert(0, str(ROOT / source))

#: What runs in the environment of the peers: reads one word a line, answers seconds and a digest.
_PEER = r"""
import hashlib, json, os, sys, time
import numpy as np
name, series, volume = sys.argv[1:]
if name == "dicomsdl":
    import dicomsdl
    def run():
        files = sorted(os.listdir(series))
        out = None
        for n, file in enumerate(files):
            ds = dicomsdl.open(os.path.join(series, file))
            if out is None:
                info = ds.getPixelDataInfo()
                out = np.empty((len(files), info["Rows"], info["Cols"]), np.int16)
            ds.copyFrameData(0, out[n])
        return out
elif name == "SimpleITK":
    import SimpleITK
    def run():
        reader = SimpleITK.ImageSeriesReader()
        reader.SetFileNames(reader.GetGDCMSeriesFileNames(series))
        return SimpleITK.GetArrayFromImage(reader.Execute())
else:
    import nibabel
    def run():
        return np.asarray(nibabel.load(volume).dataobj).T
print("ready", flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    array = run()
    seconds = time.perf_counter() - start
    digest = ""
    if line.strip() == "digest":
        slices = [hashlib.sha256(np.ascontiguousarray(s, np.int16)).hexdigest() for s in array]
        # Bare decoders take slices by file name: compared without their order.
        digest = hashlib.sha256("".join(sorted(slices)).encode()).hexdigest()
    del array
    print(json.dumps([seconds, digest]), flush=True)
"""
#: The same of ours; "runner" goes through the reading child.
_OURS = r"""
import hashlib, json, sys, time
from pathlib import Path
import numpy as np
name, series, volume = sys.argv[1:]
path = Path(volume if name == "nifti" else series)

class Quiet:
    first = 0.0
    array = None
    def report(self, fraction, message):
        if self.array is not None and not self.first and self.array[self.array.shape[0] // 2].any():
            self.first = time.perf_counter()
    def raise_if_cancelled(self):
        pass

def in_process():
    from acutance.io import dicom
    from acutance.io.readers import index_paths, read_item
    dicom._kept.clear()
    quiet = Quiet()
    start = time.perf_counter()
    (item,) = index_paths([path], quiet, quiet).items
    def give(shape, dtype):
        array = np.empty(shape, dtype)
        array[shape[0] // 2] = 0
        quiet.array = array
        return array
    array = read_item(item, give, quiet, quiet).volume.array
    end = time.perf_counter()
    return array, end - start, (quiet.first or end) - start

def main():
    runner = None
    if name == "runner":
        from acutance.jobs.runner import Runner
        runner = Runner()
        runner.index([path]).value(60)
    def through_runner():
        from os import utime
        for file in path.iterdir():
            utime(file)  # headers that the child keeps are forgotten
        start = time.perf_counter()
        (item,) = runner.index([path]).value(60).items
        array = runner.read(item).value(60).volume.array
        seconds = time.perf_counter() - start
        return array, seconds, seconds
    print("ready", flush=True)
    for line in sys.stdin:
        array, seconds, first = through_runner() if runner else in_process()
        digest = ""
        if line.strip() == "digest":
            slices = [hashlib.sha256(np.ascontiguousarray(s)).hexdigest() for s in array.T]
            digest = hashlib.sha256("".join(sorted(slices)).encode()).hexdigest()
        peak = 0
        if sys.platform == "linux":
            with open("/proc/self/status") as file:
                peak = next(int(l.split()[1]) for l in file if l.startswith("VmHWM")) * 1024
        del array
        print(json.dumps([seconds, digest, first, peak]), flush=True)
    if runner:
        runner.close()

if __name__ == "__main__":
    main()
"""


class Contender:
    """A process that opens when it is told to."""

    def __init__(self, python: str, script: Path, name: str, series: Path, volume: Path) -> None:
        paths = [str(ROOT / source) for source in ("app", "models", "resources")]
        self.name = name
        self._process = subprocess.Popen(
            [python, str(script), name, str(series), str(volume)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=dict(os.environ, PYTHONPATH=os.pathsep.join(paths)),
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != "ready":
            raise RuntimeError(f"{name} does not start")

    def run(self, word: str = "time") -> list[Any]:
        """Open once; return seconds, digest and, of ours, first slice and peak memory."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()
        answer: list[Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


def make_peers(folder: Path) -> str | None:
    """Return the Python of an environment with the peers, None where it cannot be made."""
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    wanted = ["SimpleITK", "dicomsdl", "nibabel", "numpy"]
    if not python.is_file():
        venv.create(folder, with_pip=True)
        done = subprocess.run([str(python), "-m", "pip", "install", "-q", *wanted], check=False)
        if done.returncode != 0:
            print("The peers cannot be installed here; they are skipped.", file=sys.stderr)
            return None
    return str(python)


def make_volume(path: Path, size: int) -> None:
    """Write a head-like .nii.gz, int16."""
    import nibabel

    axis = np.arange(size) - size / 2
    distance = axis[:, None, None] ** 2 + axis[:, None] ** 2 + axis**2
    array = ((distance < (0.4 * size) ** 2) * 800).astype(np.int16)
    part = slice(size // 5, 4 * size // 5)
    noise = np.random.default_rng(0).integers(0, 64, array[part, part, part].shape)
    array[part, part, part] += noise.astype(np.int16)
    nibabel.save(nibabel.Nifti1Image(array, np.eye(4)), path)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--slices", type=int, default=512)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument(
        "--peers", type=Path, default=Path(tempfile.gettempdir()) / "acutance-peers"
    )
    parser.add_argument("--keep", type=Path, help="keep the files here for the next run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="acutance-bench-") as scratch:
        folder = options.keep or Path(scratch)
        report(options, folder, Path(scratch))


def report(options: argparse.Namespace, folder: Path, scratch: Path) -> None:
    from synthetic_dicom import write_stacks

    series, volume = folder / "ct", folder / "volume.nii.gz"
    if not series.is_dir():
        write_stacks(series, series=1, slices=options.slices, size=options.size)
        make_volume(volume, options.size)
    for name, text in (("peer.py", _PEER), ("ours.py", _OURS)):
        (scratch / name).write_text(text)
    python = make_peers(options.peers)
    places = (series, volume)
    ours = [Contender(sys.executable, scratch / "ours.py", n, *places) for n in ("dicom", "runner")]
    ours.append(Contender(sys.executable, scratch / "ours.py", "nifti", *places))
    peers = []
    if python is not None:
        for name in ("dicomsdl", "SimpleITK", "nibabel"):
            peers.append(Contender(python, scratch / "peer.py", name, *places))
    everyone = {one.name: one for one in (*ours, *peers)}
    digests = {name: one.run("digest")[1] for name, one in everyone.items()}
    for name, others in (
        ("dicom", ("runner", "dicomsdl", "SimpleITK")),
        ("nifti", ("nibabel",)),
    ):
        for other in others:
            if other in digests and digests[other] != digests[name]:
                raise SystemExit(f"{other} read other voxels than {name}: no time counts")
    times: dict[str, list[list[Any]]] = {name: [] for name in everyone}
    for round_number in range(options.pairs + 2):
        turns = list(everyone)
        random.Random(round_number).shuffle(turns)
        for name in turns:
            answer = everyone[name].run()
            if round_number >= 2:
                times[name].append(answer)
    for one in everyone.values():
        one.close()
    show(times, options)


def show(times: dict[str, list[list[Any]]], options: argparse.Namespace) -> None:
    """Print ratios, then seconds."""
    for name, peer, goal in (
        ("dicom", "SimpleITK", 0.5),
        ("dicom", "dicomsdl", 1.4),
        ("runner", "SimpleITK", 0.5),
        ("runner", "dicomsdl", 1.4),
        ("nifti", "nibabel", 0.8),
    ):
        if peer not in times:
            continue
        pairs = zip(times[name], times[peer], strict=True)
        median, low, high = interval([a[0] / b[0] for a, b in pairs])
        smallest = min(a[0] for a in times[name]) / min(b[0] for b in times[peer])
        print(
            f"{name:7} / {peer:9} {median:5.2f}  [{low:.2f}, {high:.2f}]  of minima "
            f"{smallest:.2f}  goal {goal}"
        )
    if "SimpleITK" in times:
        own, others = ([a[0] for a in times[name]] for name in ("runner", "SimpleITK"))
        inverse = [other / mine for other, mine in zip(others, own, strict=True)]
        outcome = Outcome(
            f"DICOM series of {options.slices} slices {options.size} x {options.size} opened",
            "2 x (half its time)",
            "SimpleITK's series reader",
            *interval(inverse),
            float(np.median(own)),
            float(np.median(others)),
            float(np.median(inverse)) >= 2.0,
            "the same voxels, by their digest",
            bottleneck="reading the pixels, which every reader has to",
        )
        print(MARK + json.dumps(asdict(outcome)))
    firsts = [answer[2] for answer in times["dicom"]]
    print(f"middle slice after {np.median(firsts):.3f} s, at best {min(firsts):.3f} s  goal 0.25")
    array = options.slices * options.size**2 * 2
    for name in ("dicom", "nifti"):
        peak = max(answer[3] for answer in times[name])
        bound = 1.25 * array + 150e6
        print(f"{name}: peak memory {peak / 1e6:.0f} MB  goal {bound / 1e6:.0f} MB")
    print("seconds, median and smallest:")
    for name, answers in times.items():
        seconds = [answer[0] for answer in answers]
        print(f"  {name:9} {np.median(seconds):.3f}  {min(seconds):.3f}")


if __name__ == "__main__":
    start = time.perf_counter()
    main()
    print(f"({time.perf_counter() - start:.0f} s)")
