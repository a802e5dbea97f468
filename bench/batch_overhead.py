"""What the queue, the hashes and the disk cost: a batch against the engine alone.

    python bench/batch_overhead.py --series 20 --pairs 3

scores the same volumes with one runner, one after the other, and with a batch of one worker, in
turn; both start with warm children. Prints the ratio of the times, engine alone over batch: 1 is no
cost at all, more than 1 means that reading ahead gains more than the queue costs.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import nibabel
import numpy as np
import psutil

from acutance.batch.pool import LocalPool
from acutance.batch.run import Batch
from acutance.batch.settings import BatchSettings
from acutance.core.quality import QualityRequest
from acutance.jobs.runner import Runner


def make_volumes(folder: Path, count: int, size: int) -> None:
    rng = np.random.default_rng(3)
    grid = np.mgrid[:size, :size, :size].astype(np.float32) - size / 2
    ball = 900.0 * ((grid**2).sum(axis=0) < (0.4 * size) ** 2)
    for n in range(count):
        voxels = np.abs(ball + rng.normal(0, 20, ball.shape)).astype(np.int16)
        image = nibabel.Nifti1Image(voxels, np.diag([2, 2, 2, 1]))
        nibabel.save(image, folder / f"sub-{n:03d}_T1w.nii.gz")


def alone(runner: Runner, source: Path) -> float:
    started = time.perf_counter()
    for item in runner.index([source]).value().items:
        loaded = runner.read(item).value()
        runner.submit("quality", QualityRequest(loaded.volume)).value()
    return time.perf_counter() - started


def batched(runner: Runner, source: Path, output: Path) -> float:
    pool = LocalPool(1, "cpu", make_runner=lambda device: runner)
    pool.close = pool.cancel  # the children stay for the next pair
    started = time.perf_counter()
    with Batch(BatchSettings(source, output, device="cpu"), pool=pool) as batch:
        batch.plan()
        done = batch.run().totals.items["done"]
    seconds = time.perf_counter() - started
    assert done == len(list(source.iterdir()))
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=20)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--size", type=int, default=64)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, Runner(device="cpu") as runner:
        source = Path(place) / "in"
        source.mkdir()
        make_volumes(source, arguments.series, arguments.size)
        alone(runner, source)
        ratios, memory = [], []
        for n in range(arguments.pairs):
            first = alone(runner, source)
            second = batched(runner, source, Path(place) / f"out{n}")
            ratios.append(first / second)
            memory.append(psutil.Process().memory_info().rss >> 20)
            print(f"pair {n + 1}: alone {first:.2f} s, batch {second:.2f} s", flush=True)
        print(
            f"engine alone / batch: median {statistics.median(ratios):.3f} of {len(ratios)} pairs"
        )
        print(f"memory of the parent after each batch, MiB: {memory}")


if __name__ == "__main__":
    main()
