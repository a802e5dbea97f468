"""Measure video networks on clips they were never trained on, degraded as published.

    PYTHONPATH=app:models:resources python bench/video_quality.py VIDEOS
        [--network NAME=FILE_OR_ID ...] [--clip NAME ...] [--frames N] [--seeds N]
        [--out REPORT.md] [--json FILE]

VIDEOS is the folder of clips. They are halved, cut to multiples of four, and degraded to a quarter
of that size by the published pipeline, once for every seed; the same recordings go to bicubic
interpolation and to every network. A network is an id of the catalogue or a safetensors file.
Without ``--clip`` those are taken that the catalogue's network was not trained on.

- PSNR and SSIM are against the original, which was not sharpened: PSNR over the colours of a clip,
  SSIM of grey levels, the mean over frames.
- NIQE is that of a frame, the mean over frames; its model is Acutance's own (`bench/fit_niqe.py`).
- Warping error: mean absolute difference, in grey levels of 255, of a frame and the next one taken
  back along the flow of the originals, where that flow leads back to its place within a pixel and
  both places lie inside. That of the originals is given beside: no method need be below it.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from safetensors.torch import load_file

from acutance.metrics import natural_image_quality, structural_similarity
from acutance_models import import_state_dict, load_network
from acutance_models.catalogue import list_descriptors
from acutance_models.negvsr.degradation import degrade
from acutance_models.negvsr.flow import SmallFlow, warp
from acutance_models.negvsr.tasks import enlarge
from acutance_models.negvsr.training_data import SCALE, read_clips

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray
    from torch import Tensor

    Method = Callable[[Tensor], Tensor]

HELD_OUT = ("cars_768x432", "flower_960x540", "friday_640x480")
METRICS = ("psnr", "ssim", "niqe", "warping_error")
GREY = np.array([0.299, 0.587, 0.114])


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure video networks.")
    parser.add_argument("videos", type=Path)
    parser.add_argument("--network", action="append", default=[], metavar="NAME=FILE_OR_ID")
    parser.add_argument("--clip", action="append", default=[])
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    shipped = [d for d in list_descriptors() if d.id.endswith("_vsr")]
    named = options.network or [f"{d.id}={d.id}" for d in shipped]
    held_out = shipped[0].held_out if shipped else HELD_OUT
    methods: dict[str, Method] = {"bicubic": enlarge}
    for text in named:
        name, _, source = text.partition("=")
        methods[name] = load(source)
    clips = read_clips(options.videos, options.clip or held_out, is_halved=True)
    rows = []
    for name, clip in clips.items():
        for seed in range(options.seeds):
            rows += measure(name, original_of(clip, options.frames), seed, methods)
            print(name, seed, file=sys.stderr)
    report = table(rows, [*methods, "original"])
    print(report)
    if options.out:
        options.out.write_text(report, "utf-8")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1), "utf-8")
    return 0


def load(source: str) -> Method:
    """Return a catalogue's network, or one from a file, as a function of recordings."""
    known = {d.id for d in list_descriptors()}
    network = load_network(source) if source in known else import_state_dict(load_file(source))

    def run(frames: Tensor) -> Tensor:
        large: Tensor = network(frames).clamp(0.0, 1.0)
        return large

    return run


def original_of(clip: NDArray[np.uint8], frames: int) -> NDArray[np.float32]:
    """Return frames from the middle of a clip, cut to multiples of four, in [0, 1]."""
    start = max(0, (len(clip) - frames) // 2)
    rows, columns = (side - side % SCALE for side in clip.shape[1:3])
    return clip[start : start + frames, :rows, :columns].astype(np.float32) / np.float32(255.0)


def measure(
    name: str, original: NDArray[np.float32], seed: int, methods: dict[str, Method]
) -> list[dict[str, float | str]]:
    """Return one row for every method, and one for the original itself."""
    size = (original.shape[1] // SCALE, original.shape[2] // SCALE)
    small = as_tensor(degrade(original, size, np.random.default_rng(seed)))
    truth = as_tensor(original)
    rows: list[dict[str, float | str]] = []
    with torch.inference_mode():
        flow, is_known = flow_of(truth[0])
        answers = {method: run(small) for method, run in methods.items()}
        for method, answer in {**answers, "original": truth}.items():
            row: dict[str, float | str] = {"clip": name, "seed": seed, "method": method}
            row["warping_error"] = warping_error(answer[0], flow, is_known)
            frames = answer[0].movedim(1, -1).numpy()
            row["niqe"] = mean(natural_image_quality(f, data_range=1.0) for f in frames)
            if method != "original":
                error = float(((answer - truth).double() ** 2).mean())
                row["psnr"] = -10.0 * float(np.log10(error))
                row["ssim"] = mean(
                    structural_similarity(a @ GREY, b @ GREY, data_range=1.0)
                    for a, b in zip(original, frames, strict=True)
                )
            rows.append(row)
    return rows


def flow_of(frames: Tensor) -> tuple[Tensor, Tensor]:
    """Return the flow from each frame (T, 3, H, W) to the next, and where it can be trusted.

    An untrained flow network that matches is used, so that no method's own flow judges it.
    """
    torch.manual_seed(0)
    network = SmallFlow().eval()
    for level in network.basic_module:  # the convolutions are untrained: let matches decide
        level.sharpness.data.fill_(60.0)
    there, back = network(frames[:-1], frames[1:]), network(frames[1:], frames[:-1])
    returned = there + warp(back, there, padding="border")
    inside = warp(torch.ones_like(there[:, :1]), there) > 0.999
    return there, inside & (returned.norm(dim=1, keepdim=True) < 1.0)


def warping_error(frames: Tensor, flow: Tensor, is_known: Tensor) -> float:
    """Return how much frames (T, 3, H, W) change along a flow, in grey levels of 255."""
    difference = (frames[:-1] - warp(frames[1:], flow, padding="border")).abs()
    return 255.0 * float((difference * is_known).sum() / (3.0 * is_known.sum()))


def table(rows: list[dict[str, float | str]], methods: list[str]) -> str:
    """Return a table in Markdown: every clip, the mean over seeds; then the mean of all."""
    clips = list(dict.fromkeys(str(row["clip"]) for row in rows))
    lines = [
        "| clip | method | PSNR dB | SSIM | NIQE | warping error |",
        "|---|---|---|---|---|---|",
    ]
    for clip in [*clips, "mean"]:
        for method in methods:
            chosen = [r for r in rows if r["method"] == method and clip in (r["clip"], "mean")]
            cells = [
                f"{mean(float(r[m]) for r in chosen):.{digits}f}" if m in chosen[0] else ""
                for m, digits in zip(METRICS, (2, 4, 2, 2), strict=True)
            ]
            lines.append(f"| {clip} | {method} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def as_tensor(clip: NDArray[np.float32]) -> Tensor:
    """Return (T, H, W, 3) as (1, T, 3, H, W)."""
    return torch.from_numpy(np.ascontiguousarray(clip)).movedim(-1, 1)[None]


def mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


if __name__ == "__main__":
    raise SystemExit(main())
