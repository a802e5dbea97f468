"""Measure a step of the slider on a slice of 256 x 256 against computing the position anew.

    PYTHONPATH=app:models:resources:bench python bench/speed_restoration.py [--rounds 5]

Ours blends the two ends that were computed once. The peer does what a script does that follows the
paper: encode, transport, decode, and blend, for every position. Both have the networks and the
operator of the catalogue, start from the same restored slice and end in the same grey levels. What
the ends cost once is told under the stages.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
import torch
from pairing import Outcome, ratios, take_turns

from acutance.core.restoration import blend_ends
from acutance.core.window import Window, apply
from acutance.engines.restoration_network import load_shipped, load_transport
from acutance_models.ot_restore.restore import blend, perceptual_end

SIDE = 256
NOISE = 0.05
ALPHAS = (0.7, 0.3)
GOAL = 10.0
TOLERANCE = 1  # grey level, of 255: the rounding of a blend in another order


def make_slice() -> torch.Tensor:
    """Return a head of ellipses with Rician noise, shape (1, 1, SIDE, SIDE), float32."""
    rows, columns = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    image = np.zeros((SIDE, SIDE))
    for level, tall, wide, down, right in (
        (0.9, 0.9, 0.75, 0, 0), (-0.4, 0.8, 0.66, 0, 0), (0.25, 0.5, 0.2, 0, 0.3),
        (-0.3, 0.3, 0.12, -0.1, -0.25), (0.2, 0.12, 0.12, 0.4, 0.1),
    ):  # fmt: skip
        distance = np.hypot((rows - down) / tall, (columns - right) / wide)
        image += level / (1.0 + np.exp(30.0 * (distance - 1.0)))
    noise = NOISE * np.random.default_rng(0).standard_normal((2, SIDE, SIDE))
    noisy = np.hypot(np.clip(image, 0.0, 1.0) + noise[0], noise[1])
    return torch.from_numpy(np.clip(noisy, 0.0, 1.0).astype(np.float32))[None, None]


def measure(rounds: int) -> Outcome:
    """Run the comparison."""
    device = torch.device("cpu")
    model = load_shipped("denoise", device)
    transport = load_transport(None, "denoise", device, noise=NOISE)
    assert transport is not None
    window = Window(0.5, 1.0)

    def end(restored: torch.Tensor) -> torch.Tensor:
        assert transport is not None
        with torch.inference_mode():
            return perceptual_end(restored, transport.space, transport.operator).clamp(0.0, 1.0)

    start = time.perf_counter()
    with torch.inference_mode():
        restored = model.network(make_slice()).clamp(0.0, 1.0)
    faithful_seconds = time.perf_counter() - start
    start = time.perf_counter()
    moved = end(restored)
    perceptual_seconds = time.perf_counter() - start
    ends = np.stack([restored[0, 0].numpy(), moved[0, 0].numpy()])

    def ours() -> list[np.ndarray]:
        return [apply(blend_ends(ends, alpha), window) for alpha in ALPHAS]

    def eager() -> list[np.ndarray]:
        return [apply(blend(end(restored), restored, a)[0, 0].numpy(), window) for a in ALPHAS]

    pairs = zip(ours(), eager(), strict=True)
    difference = max(int(np.abs(x.astype(int) - y).max()) for x, y in pairs)
    if difference > TOLERANCE:
        raise SystemExit(f"The pictures differ by {difference} grey levels: no time counts.")
    seconds = take_turns({"ours": ours, "peer": eager}, rounds=rounds, warm_up=1)
    ratio, low, high = ratios(seconds["peer"], seconds["ours"])
    medians = {name: float(np.median(s)) / len(ALPHAS) for name, s in seconds.items()}
    return Outcome(
        f"slider of a restoration, one position of a slice of {SIDE} x {SIDE}",
        f"{GOAL:g} x",
        "encode, transport and decode at each position",
        ratio,
        low,
        high,
        medians["ours"],
        medians["peer"],
        ratio >= GOAL,
        f"pictures agree to {difference} grey level",
        {"faithful end, once": faithful_seconds, "perceptual end, once": perceptual_seconds},
        "the two ends, which a slice costs once",
    )


def main(arguments: list[str]) -> int:
    from run import show

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(arguments)
    return show(measure(options.rounds))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
