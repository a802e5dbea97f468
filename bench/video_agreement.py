"""Hold chunks against the whole clip, tiles against the whole frame, and kill a run in the middle.

    PYTHONPATH=app:models:resources python bench/video_agreement.py [--weights FILE]
        [--layout compact] [--clip VIDEO] [--frames 40] [--size 96 160] [--chunk 4 8 16]
        [--tile-size 180 320] [--tile-frames 4] [--precision float32] [--no-kill]

- Chunks: the exact whole clip (`--chunk 0`: propagated and cleaned as one) against chunks of
  several lengths with their context, as `acutance upscale` cuts them.
- Tiles: whole frames against tiles of 160 pixels with their context.
- Kill: `acutance upscale` is killed with its children (SIGKILL) after its second finished chunk,
  gone on with by `--resume`, and its file compared with that of an uninterrupted run.

Without --weights the network is as a training begins, and the guard, which might put bicubic frames
in the place of its results, is off. How much the network does is told beside, as the agreement of
its frames with bicubic ones. Without --clip it is a
drifting texture. The peak signal-to-noise ratio is that of the stored frames, in dB; 50 are wanted.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors.torch import save_file
from speed_video import Silent, psnr
from video_memory import LAYOUTS, write_clip

from acutance.core.upscaling import UpscaleRequest, UpscaleSettings, ValueRange, read_range
from acutance.engines import video_pixels
from acutance.engines.super_resolution import SuperResolutionEngine
from acutance_models.negvsr.network import build_vsr

if TYPE_CHECKING:
    from numpy.typing import NDArray

GOAL_DB = 50.0
TILE = 160
BYTES = ValueRange(0.0, 255.0)
LIMIT_SECONDS = 1800.0


def live_weights(layout: str, path: Path) -> Path:
    """Write the weights that a training begins with, halved where features come from a neighbour.

    Every one of them takes part, and what a frame passes on fades, as it does in trained networks;
    a random network that never forgets is another one for every length of clip.
    """
    torch.manual_seed(0)
    network = build_vsr(layout)
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if "resblocks" in name and name.endswith("main.0.weight"):
                weight.mul_(0.5)
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, path)
    return path


def read_frames(path: Path, count: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the first frames of a video, cut from its middle to at most a size."""
    import av

    frames = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            pixels = frame.to_ndarray(format="rgb24")
            top, left = (max(0, (s - n) // 2) for s, n in zip(pixels.shape, size, strict=False))
            frames.append(pixels[top : top + size[0], left : left + size[1]])
            if len(frames) == count:
                break
    return np.stack(frames)


def drifting(count: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return a clip of smooth texture that drifts by one pixel a frame."""
    from scipy.ndimage import gaussian_filter

    noise = np.random.default_rng(0).normal(size=(size[0] + count, size[1] + count, 3))
    smooth = gaussian_filter(noise, (2.0, 2.0, 0.0))
    texture = np.clip(128 + 50 * smooth / smooth.std(), 0, 255).astype(np.uint8)
    return np.stack([texture[n : n + size[0], n : n + size[1]] for n in range(count)])


def enlarge(
    engine: Any, frames: NDArray[np.uint8], settings: UpscaleSettings, chunk: int
) -> NDArray[np.uint8]:
    """Return all frames enlarged in chunks; 0 for the exact whole clip."""
    silent, parts, count = Silent(), [], len(frames)
    step = chunk or count
    for start in range(0, count, step):
        stop = min(start + step, count)
        first, end = read_range(start, stop, count) if chunk else (0, count)
        request = UpscaleRequest(
            frames[first:end], first, start, stop, settings, BYTES, f"by {chunk}", not chunk
        )
        result = engine.run(request, silent, silent)
        if result.fallbacks:
            print(f"  {len(result.fallbacks)} frames of {start} to {stop} are bicubic", flush=True)
        parts.append(result.array)
    return np.concatenate(parts)


def told(name: str, one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    """Print how well two results agree; return whether well enough."""
    found = psnr(one, other)
    worst = min(psnr(a, b) for a, b in zip(one, other, strict=True))
    is_met = found >= GOAL_DB
    print(
        f"| {name} | {found:.1f} | {worst:.1f} | {'met' if is_met else 'MISSED'} |",
        flush=True,
    )
    return is_met


def killed_run(folder: Path, weights: Path, size: tuple[int, int]) -> bool:
    """Kill a run in its middle, go on with it, and return whether nothing shows of it."""
    write_clip(folder / "clip.mp4", 28, size)

    def command(name: str, *more: str) -> list[str]:
        return [
            sys.executable, "-m", "acutance", "upscale", str(folder / "clip.mp4"),
            "-o", str(folder / name), "--model", str(weights), "--device", "cpu",
            "--scale", "2", "--chunk", "4", *more,
        ]  # fmt: skip

    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(command("whole.mp4"), check=True, **quiet)  # type: ignore[call-overload]
    run = subprocess.Popen(command("broken.mp4"), start_new_session=True, **quiet)  # type: ignore[call-overload]
    work, limit = folder / ".broken.mp4.upscaling", time.monotonic() + LIMIT_SECONDS
    while len(list(work.glob("chunk-*.json"))) < 2:
        if run.poll() is not None or time.monotonic() > limit:
            raise SystemExit("the run ended before it could be killed")
        time.sleep(0.02)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    kept = len(list(work.glob("chunk-*.json")))
    subprocess.run(command("broken.mp4", "--resume"), check=True, **quiet)  # type: ignore[call-overload]
    is_equal = (folder / "whole.mp4").read_bytes() == (folder / "broken.mp4").read_bytes()
    is_clean = not work.exists()
    print(
        f"\nkilled after {kept} of 7 chunks, then --resume: "
        f"{'identical' if is_equal else 'DIFFERENT'}{'' if is_clean else ', work left behind'}"
    )
    return is_equal and is_clean


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--layout", default="compact")
    parser.add_argument("--clip", type=Path)
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--size", type=int, nargs=2, default=(96, 160))
    parser.add_argument("--chunk", type=int, nargs="+", default=[4, 8, 16])
    parser.add_argument("--tile-size", type=int, nargs=2, default=(180, 320))
    parser.add_argument("--tile-frames", type=int, default=4)
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--no-kill", action="store_true")
    options = parser.parse_args()

    def clip_of(count: int, size: tuple[int, int]) -> NDArray[np.uint8]:
        if options.clip is None:
            return drifting(count, size)
        return read_frames(options.clip, count, size)

    fine = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        weights = options.weights or live_weights(options.layout, folder / "live.safetensors")
        if options.weights is None:
            video_pixels.LARGEST_DEPARTURE = video_pixels.LARGEST_CELL_DEPARTURE = 1e9
        engine = SuperResolutionEngine("cpu")
        settings = UpscaleSettings(weights=str(weights), precision=options.precision)
        print("| compared | dB | worst frame | |\n|---|---|---|---|", flush=True)
        frames = clip_of(options.frames, tuple(options.size))
        whole = enlarge(engine, frames, settings, 0)
        plain = enlarge(engine, frames, UpscaleSettings(strength=0.0), 0)
        print(f"| bicubic interpolation, whole clip | {psnr(plain, whole):.1f} | | |", flush=True)
        for chunk in options.chunk:
            made = enlarge(engine, frames, settings, chunk)
            fine &= told(f"chunks of {chunk}, whole clip of {len(frames)}", made, whole)
        frames = clip_of(options.tile_frames, tuple(options.tile_size))
        tiles = [
            enlarge(
                engine,
                frames,
                UpscaleSettings(weights=str(weights), precision=options.precision, tile=tile),
                len(frames),
            )
            for tile in (4096, TILE)
        ]
        height, width = frames.shape[1:3]
        fine &= told(f"tiles of {TILE}, whole frames of {width} x {height}", tiles[1], tiles[0])
        if not options.no_kill:
            tiny = options.weights or live_weights(LAYOUTS["tiny"], folder / "tiny.safetensors")
            fine &= killed_run(folder, tiny, tuple(options.size))
    return 0 if fine else 1


if __name__ == "__main__":
    raise SystemExit(main())
