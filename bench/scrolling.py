"""Measure repaints of three linked planes of 512^3 against pyqtgraph's ImageView and napari.

    python bench/scrolling.py [--size 512] [--rounds 5] [--steps 40] [--peers FOLDER]

Each contender is one process that shows the same file, uint16, in three views as large as the
product's; all go to the same points in turns, all three planes at once. What they paint of one
slice is compared first, pixel for pixel. All run under an X server, which is started where
there is none; napari draws there in software. napari comes from the virtual environment that
`speed_startup.py` makes; where that cannot be had, it is left out, and so said.
Goal: a median of at least 60 repaints of all three planes in a second.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from pairing import Outcome, ratios

HERE = Path(__file__).resolve().parent
GOAL = 60.0
#: Grey levels that a rounding may lie apart, and the share of the middle that is compared.
_ROUNDING, _MIDDLE = 2, 0.4


class Contender:
    """A process that scrolls when told to."""

    def __init__(self, name: str, python: str, path: Path) -> None:
        environment = dict(os.environ, QT_QPA_PLATFORM="xcb")
        if name == "napari":
            environment.pop("PYTHONPATH", None)
        self.name = name
        self._process = subprocess.Popen(
            [python, str(HERE / "scroll_contenders.py"), name, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            text=True,
        )
        self.is_ready = self._answer() == "ready"

    def ask(self, line: str) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(("ready", "done", "[")):
                return line.strip()
        return ""


def main(arguments: list[str]) -> int:
    from run import show

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument(
        "--peers", type=Path, default=Path(tempfile.gettempdir()) / "acutance-napari"
    )
    options = parser.parse_args(arguments)
    from sessions import x_server

    with contextlib.ExitStack() as stack:
        if not os.environ.get("DISPLAY"):
            stack.enter_context(x_server())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=_memory())))
        path = folder / "volume.npy"
        np.save(path, volume(options.size))
        pythons = {"acutance": sys.executable, "pyqtgraph": sys.executable}
        napari = options.peers / "bin" / "python"
        if napari.exists():
            pythons["napari"] = str(napari)
        agreement = compare(pythons, path, folder)
        medians = take_turns(pythons, path, options.rounds, options.steps)
    ours = medians.pop("acutance")
    per_second = 1000.0 / float(np.median(ours))
    best = min(medians, key=lambda name: float(np.median(medians[name])))
    ratio, low, high = ratios(medians[best], ours)
    absent = "" if "napari" in medians else "; napari is not installed, so it was left out"
    stages = {
        f"{name}, all three planes": float(np.median(t)) / 1000 for name, t in medians.items()
    }
    return show(
        Outcome(
            f"Three linked planes of {options.size}^3 scrolled, {per_second:.0f} repaints/s",
            f"{GOAL:.0f} repaints/s",
            f"{best}, the faster of {len(medians)}",
            ratio,
            low,
            high,
            float(np.median(ours)) / 1000,
            float(np.median(medians[best])) / 1000,
            per_second >= GOAL,
            agreement + absent,
            stages,
            "gathering the plane whose voxels lie apart",
        )
    )


def volume(size: int) -> np.ndarray:
    """Return noise on slow waves, uint16 below 4096."""
    draws = np.random.default_rng(7)
    axis = 1000.0 * (1 + np.sin(np.arange(size) / 23.0))
    array = draws.integers(0, 800, (size, size, size), dtype=np.uint16)
    array += axis[:, None, None].astype(np.uint16)
    array += (0.6 * axis[None, :, None]).astype(np.uint16)
    return array


def compare(pythons: dict[str, str], path: Path, folder: Path) -> str:
    """Compare what each paints of one slice.

    Raises
    ------
    SystemExit
        If a peer does not paint the slice that we do.
    """
    pictures = {}
    for name, python in pythons.items():
        contender = Contender(name, python, path)
        target = folder / f"{name}.npy"
        contender.ask(f"look {target}")
        contender.close()
        if not target.exists():
            raise SystemExit(f"{name} painted nothing")
        pictures[name] = middle(np.load(target)).astype(int)
    ours = pictures.pop("acutance")
    words = []
    for name, picture in pictures.items():
        apart = int(np.abs(picture - ours).max())
        if apart > _ROUNDING:
            raise SystemExit(f"{name} paints the slice otherwise: grey levels differ by {apart}")
        words.append(f"{name} by {apart}")
    return f"the middle of one slice, painted 1:1, differs from {' and '.join(words)} grey levels"


def middle(picture: np.ndarray) -> np.ndarray:
    """Return the middle of a picture, clear of letters."""
    rows, columns = (round(n * _MIDDLE / 2) for n in picture.shape)
    r, c = (n // 2 for n in picture.shape)
    return picture[r - rows : r + rows, c - columns : c + columns]


def take_turns(
    pythons: dict[str, str], path: Path, rounds: int, steps: int
) -> dict[str, list[float]]:
    """Return the median milliseconds of each round, for each contender."""
    contenders = [Contender(name, python, path) for name, python in pythons.items()]
    medians: dict[str, list[float]] = {c.name: [] for c in contenders}
    try:
        for number in range(rounds + 1):
            for contender in contenders[:: 1 if number % 2 else -1]:
                times = json.loads(contender.ask(f"scroll {steps} {number}"))
                if number:
                    medians[contender.name].append(float(np.median(times)))
    finally:
        for contender in contenders:
            contender.close()
    return medians


def _memory() -> str | None:
    """Return a folder that is memory, so that no contender waits for a disk."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
