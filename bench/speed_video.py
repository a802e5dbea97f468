"""Measure the enlarging of a clip against a plain loop over the same network.

    PYTHONPATH=app:models:resources python bench/speed_video.py [--rounds 5] [--threads 0]
        [--frames 16] [--weights FILE] [--layout compact]

Ours is the engine as `acutance upscale` asks it, chunk by chunk: levels of a stored clip in, stored
frames out, in the precision that it chooses on this machine. The peer is the same network in torch
eager, float32, over the whole clip at once, with the same conversions around it. Frames are
compared first; times count only where they agree to 50 dB. Without --weights the network is random,
which takes the same time. The clip is a drifting texture of 320 x 180.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from pairing import Outcome, ratios, take_turns
from safetensors.torch import save_file

from acutance.core.upscaling import UpscaleRequest, UpscaleSettings, ValueRange, read_range
from acutance.engines.super_resolution import SuperResolutionEngine
from acutance.engines.weights import load_without_card
from acutance_models.negvsr.network import build_vsr

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEIGHT, WIDTH, CHUNK = 180, 320, 32
TOLERANCE_DB = 50.0
GOAL = 3.0


class Silent:
    """Takes progress, and never cancels."""

    is_cancelled = False

    def report(self, fraction: float, message: str) -> None:
        """Take it."""

    def raise_if_cancelled(self) -> None:
        """Do nothing."""


def drifting(count: int) -> NDArray[np.uint8]:
    """Return a clip of texture, shape (count, 180, 320, 3)."""
    noise = np.random.default_rng(0).uniform(0, 255, (HEIGHT // 4 + count, WIDTH // 4 + count, 3))
    large = noise.repeat(4, axis=0).repeat(4, axis=1).astype(np.uint8)
    return np.stack([large[n : n + HEIGHT, 2 * n : 2 * n + WIDTH] for n in range(count)])


def random_weights(layout: str, folder: Path) -> Path:
    """Write weights that change a picture by little, as trained ones do."""
    torch.manual_seed(0)
    network = build_vsr(layout)
    with torch.no_grad():
        network.basicvsr.conv_last.weight.normal_(0.0, 0.01)
        if network.layout.has_cleaning:
            network.image_cleaning[1].weight.mul_(0.05)
    path = folder / "random.safetensors"
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, path)
    return path


def by_engine(frames: NDArray[np.uint8], weights: Path, stages: dict[str, float]) -> Any:
    """Return a function that enlarges a clip as the program does."""
    engine, silent = SuperResolutionEngine("cpu"), Silent()
    settings = UpscaleSettings(weights=str(weights))
    runs = iter(range(1 << 30))

    def run() -> NDArray[np.uint8]:
        parts, clip = [], f"run {next(runs)}"
        for start in range(0, len(frames), CHUNK):
            stop = min(start + CHUNK, len(frames))
            first, end = read_range(start, stop, len(frames))
            request = UpscaleRequest(
                frames[first:end], first, start, stop, settings, ValueRange(0.0, 255.0), clip
            )
            result = engine.run(request, silent, silent)
            parts.append(result.array)
            stages.update(result.stages)
            stages["frames"] = stop - start
            run.precision = result.parameters["precision"]  # type: ignore[attr-defined]
        return np.concatenate(parts)

    return run


def by_loop(frames: NDArray[np.uint8], weights: Path) -> Any:
    """Return a function that enlarges a clip with the network as it is loaded."""
    network, _ = load_without_card(weights, None, torch.device("cpu"))

    def run() -> NDArray[np.uint8]:
        with torch.inference_mode():
            levels = torch.from_numpy(frames.astype(np.float32) / 255.0).permute(0, 3, 1, 2)
            made = network(levels[None])[0].clamp(0.0, 1.0) * 255.0
            found: NDArray[np.uint8] = made.round().byte().permute(0, 2, 3, 1).numpy()
        return found

    return run


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Return the peak signal-to-noise ratio in dB."""
    error = float(np.mean((one.astype(np.float64) - other) ** 2))
    return 10.0 * float(np.log10(255.0**2 / max(error, 1e-10)))


def main() -> int:
    """Compare and print; return 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=0, help="0: as torch chooses")
    parser.add_argument("--frames", type=int, default=16)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--layout", default="compact")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    frames = drifting(options.frames)
    stages: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        weights = options.weights or random_weights(options.layout, Path(folder))
        ours, peer = by_engine(frames, weights, stages), by_loop(frames, weights)
        agreement = psnr(ours(), peer())
        seconds = take_turns({"ours": ours, "peer": peer}, rounds=options.rounds, warm_up=1)
    median, low, high = ratios(seconds["peer"], seconds["ours"])
    own = float(np.median(seconds["ours"]))
    count = stages.pop("frames")
    from run import show

    return show(
        Outcome(
            f"{options.frames} frames of 320 x 180 to 1280 x 720, {options.layout}, "
            f"{ours.precision}, {torch.get_num_threads()} threads, "
            f"{options.frames / own:.2f} frames/s",
            f"{GOAL:g} x at {TOLERANCE_DB:g} dB",
            "torch eager, whole clip, float32",
            median,
            low,
            high,
            own,
            float(np.median(seconds["peer"])),
            agreement >= TOLERANCE_DB and median >= GOAL,
            f"frames agree to {agreement:.1f} dB",
            {f"{name}, of the last {count} frames": value for name, value in stages.items()},
            max(stages, key=lambda name: stages[name]),
        )
    )


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    raise SystemExit(main())
