"""Measure the memory of `acutance upscale` over clips of several lengths.

    PYTHONPATH=app:models:resources python bench/video_memory.py [--frames 80 240 960]
        [--layout tiny] [--weights FILE] [--codec ID] [--chunk N] [--scale 4]
        [--strength 1] [--output mp4] [--json FILE] [-v]

The command runs as users run it, with its children. Two sums over all of them are taken:

- highest: the greatest resident size that the system noted of each process (VmHWM), whenever that
  was. Nothing escapes it, and pages that several processes map count several times: a bound.
- at once: the proportional set size (PSS), where such pages count once, looked at every second.

A clip of 80 frames is the shortest with a chunk that has context on both sides. The clip is a
drifting texture of 320 x 180, with sound. Without --weights the network is random: "tiny" is one of
the compact family with 8 channels, "compact" the one for workstations. Linux only.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil
import torch
from safetensors.torch import save_file

from acutance_models.negvsr.network import build_vsr

HEIGHT, WIDTH, RATE, SOUND_RATE = 180, 320, 25, 16000
LAYOUTS = {"tiny": "vsr-w8-b1-direct-small-c8x1", "compact": "compact"}
LIMIT_BYTES = 1.5e9
#: The longest clip may take so much more than the shortest one that has every stage at work.
FLAT = 1.05
LOOK_SECONDS, TELL_SECONDS = 1.0, 30.0


def write_clip(path: Path, frames: int, size: tuple[int, int] = (HEIGHT, WIDTH)) -> None:
    """Write a clip of a texture that drifts to and fro, with a tone."""
    height, width = size
    rng = np.random.default_rng(0)
    noise = rng.uniform(0, 255, (height // 4 + 64, width // 4 + 64, 3))
    texture = noise.repeat(4, axis=0).repeat(4, axis=1).astype(np.uint8)
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=RATE)
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        video.codec_context.gop_size = 50
        audio = container.add_stream("aac", rate=SOUND_RATE)
        for number in range(frames):
            place = abs(number % 240 - 120)
            pixels = texture[place : place + height, place : place + width]
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(video.encode(frame))
            first, end = (n * SOUND_RATE // RATE // 1024 for n in (number, number + 1))
            for start in range(1024 * first, 1024 * end, 1024):
                tone = np.sin(np.arange(start, start + 1024) / 20.0).astype(np.float32)
                sound = av.AudioFrame.from_ndarray(tone[None], format="fltp", layout="mono")
                sound.pts, sound.sample_rate = start, SOUND_RATE
                sound.time_base = Fraction(1, SOUND_RATE)
                container.mux(audio.encode(sound))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))


def random_weights(layout: str, path: Path) -> Path:
    """Write weights that change a picture by little, as trained ones do."""
    torch.manual_seed(0)
    network = build_vsr(layout)
    with torch.no_grad():
        network.basicvsr.conv_last.weight.normal_(0.0, 0.01)
        network.image_cleaning[1].weight.mul_(0.05)
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, path)
    return path


def noted(pid: int, file: str, name: str) -> int:
    """Return a size that the system notes of a process, in bytes; 0 where it is gone."""
    try:
        text = Path(f"/proc/{pid}/{file}").read_text("ascii", "replace")
    except OSError:
        return 0
    line = next((line for line in text.splitlines() if line.startswith(name)), f"{name}: 0 kB")
    return 1024 * int(line.split()[1])


def watch(command: list[str], frames: int, is_told: bool) -> dict[str, Any]:
    """Run a command and return what it took."""
    started = told = time.monotonic()
    at_once: list[int] = []
    highest: dict[int, int] = {}
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)
        root = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                family = [process.pid, *(child.pid for child in root.children(recursive=True))]
            except psutil.NoSuchProcess:
                break
            for pid in family:
                highest[pid] = max(highest.get(pid, 0), noted(pid, "status", "VmHWM"))
            at_once.append(sum(noted(pid, "smaps_rollup", "Pss") for pid in family))
            if is_told and time.monotonic() - told > TELL_SECONDS:
                told = time.monotonic()
                print(
                    f"{told - started:6.0f} s: highest {sum(highest.values()) / 1e6:.0f} MB, "
                    f"now {at_once[-1] / 1e6:.0f} MB",
                    file=sys.stderr,
                    flush=True,
                )
            time.sleep(LOOK_SECONDS)
        process.wait()
        if process.returncode:
            errors.seek(0)
            raise SystemExit(errors.read().decode("utf-8", "replace"))
    return {
        "frames": frames,
        "seconds": round(time.monotonic() - started, 1),
        "highest_bytes": sum(highest.values()),
        "at_once_bytes": max(at_once),
        "process_bytes": list(highest.values()),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--frames", type=int, nargs="+", default=[80, 240, 960])
    parser.add_argument("--layout", choices=tuple(LAYOUTS), default="tiny")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--scale", type=int, choices=(2, 4), default=4)
    parser.add_argument("--strength", type=float, default=1.0, help="0 runs without the network")
    parser.add_argument("--codec", default="", help="mpeg4 is quick")
    parser.add_argument("--chunk", type=int)
    parser.add_argument("--output", default="mp4")
    parser.add_argument("--json", type=Path)
    parser.add_argument("-v", "--verbose", action="store_true", help="tell every ten seconds")
    options = parser.parse_args()
    rows = []
    print("| frames | s | highest MB | at once MB | highest of each process MB |")
    print("|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        weights = options.weights or random_weights(
            LAYOUTS[options.layout], folder / "random.safetensors"
        )
        for frames in options.frames:
            clip, target = folder / "clip.mp4", folder / f"out.{options.output}"
            write_clip(clip, frames)
            command = [sys.executable, "-m", "acutance", "upscale", str(clip), "-o", str(target)]
            command += ["--model", str(weights), "--device", "cpu"]
            command += ["--scale", str(options.scale), "--strength", str(options.strength)]
            if options.codec:
                command += ["--codec", options.codec]
            if options.chunk is not None:
                command += ["--chunk", str(options.chunk)]
            row = watch(command, frames, options.verbose)
            rows.append(row)
            each = ", ".join(f"{size / 1e6:.0f}" for size in row["process_bytes"])
            print(
                f"| {frames} | {row['seconds']:.0f} | {row['highest_bytes'] / 1e6:.0f} "
                f"| {row['at_once_bytes'] / 1e6:.0f} | {each} |",
                flush=True,
            )
    peaks = [row["highest_bytes"] for row in rows]
    is_flat = len(peaks) < 2 or peaks[-1] <= FLAT * peaks[-2]
    is_met = max(peaks) <= LIMIT_BYTES and is_flat
    print(
        f"\n{'met' if is_met else 'MISSED'}: at most {LIMIT_BYTES / 1e6:.0f} MB, and the longest "
        f"clip at most {FLAT:g} x the next shorter one."
    )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1), "utf-8")
    return 0 if is_met else 1


if __name__ == "__main__":
    raise SystemExit(main())
