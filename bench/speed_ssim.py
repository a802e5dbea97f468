"""Measure the slice-wise SSIM of two volumes of 256^3 against scikit-image.

python bench/speed_ssim.py [--rounds 7] [--side 256]
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from pairing import Outcome, ratios, take_turns
from scipy.ndimage import gaussian_filter
from skimage.metrics import structural_similarity

from acutance.metrics.slice_similarity import slice_wise_similarity

TOLERANCE = 1e-5


def measure(rounds: int, side: int) -> Outcome:
    """Run the comparison."""
    rng = np.random.default_rng(0)
    clean = gaussian_filter(rng.random((side,) * 3), 2.0)
    clean = (clean - clean.min()) / (clean.max() - clean.min())
    moved = np.clip(clean + 0.05 * rng.standard_normal(clean.shape), 0.0, 1.0)

    def ours() -> float:
        return float(slice_wise_similarity(clean, moved, data_range=1.0).mean())

    def peer() -> float:
        pairs = zip(clean, moved, strict=True)
        return float(np.mean([structural_similarity(x, y, data_range=1.0) for x, y in pairs]))

    difference = abs(ours() - peer())
    if difference > TOLERANCE:
        raise SystemExit(f"The means differ by {difference}: no time counts.")
    seconds = take_turns({"ours": ours, "peer": peer}, rounds=rounds)
    ratio, low, high = ratios(seconds["peer"], seconds["ours"])
    return Outcome(
        f"SSIM of two volumes of {side}^3, slice by slice",
        "5 x",
        "scikit-image",
        ratio,
        low,
        high,
        float(np.median(seconds["ours"])),
        float(np.median(seconds["peer"])),
        ratio >= 5.0,
        f"means differ by {difference:.1e}",
        bottleneck="memory: each slice goes through some forty passes that do little arithmetic",
    )


def main(arguments: list[str]) -> int:
    from run import show

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--side", type=int, default=256)
    options = parser.parse_args(arguments)
    return show(measure(options.rounds, options.side))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
