"""Measure R2U-Net on a stack of slices of 256 x 256 against MONAI and a plain loop.

    PYTHONPATH=app:models python bench/speed_segmentation.py [--slices 16]
        [--architecture NAME] [--rounds 5]

The weights are random and seeded: what they find does not matter, that all find the same does.
Ours is the engine's predictor with the network as it loads it. Peers have the same weights in
float32: a loop of plain torch slice by slice, and MONAI's sliding window where it is installed.
"""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec

import numpy as np
import torch
from pairing import Outcome, ratios, take_turns
from torch.utils.flop_counter import FlopCounterMode

from acutance.engines.tiling import TiledPredictor, probabilities
from acutance.engines.weights import channels_last, fold_normalisation
from acutance_models.r2unet.network import build

SIDE = 256
TOLERANCE = 0.997


def make(architecture: str) -> torch.nn.Module:
    """Return a network of seeded weights, its statistics as after training."""
    torch.manual_seed(0)
    network = build(architecture)
    with torch.inference_mode():
        for _ in range(3):
            network(torch.rand(2, 1, 128, 128))
    return network.eval()


def dice(first: np.ndarray, second: np.ndarray) -> float:
    """Return the least Dice over the labels that either has."""
    values = []
    for label in np.union1d(first, second):
        a, b = first == label, second == label
        values.append(2.0 * np.count_nonzero(a & b) / (np.count_nonzero(a) + np.count_nonzero(b)))
    return float(min(values))


def measure(rounds: int, slices: int, architecture: str) -> Outcome:
    """Run the comparison."""
    images = torch.from_numpy(np.random.default_rng(0).random((slices, 1, SIDE, SIDE), np.float32))
    plain = make(architecture)
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        plain(images[:1])
    predictor = TiledPredictor(
        channels_last(fold_normalisation(make(architecture))),
        torch.device("cpu"),
        tile=0,
        context=0,
        flips=((),),
    )

    def ours() -> np.ndarray:
        return predictor.predict(images, lambda: None).argmax(1).numpy()

    def loop() -> np.ndarray:
        with torch.inference_mode():
            parts = [probabilities(plain(part)).argmax(1) for part in images.split(1)]
            return torch.cat(parts).numpy()

    contenders = {"ours": ours, "plain torch": loop}
    if find_spec("monai"):
        from monai.inferers import sliding_window_inference

        def monai() -> np.ndarray:
            with torch.inference_mode():
                found = sliding_window_inference(images, (SIDE, SIDE), 4, plain, overlap=0.25)
                return found.argmax(1).numpy()

        contenders["MONAI sliding window"] = monai
    labels = {name: run() for name, run in contenders.items()}
    agreement = min(dice(labels["ours"], other) for other in labels.values())
    if agreement < TOLERANCE:
        raise SystemExit(f"The labels agree to Dice {agreement:.4f} only: no time counts.")
    seconds = take_turns(contenders, rounds=rounds, warm_up=1)
    medians = {name: float(np.median(times)) for name, times in seconds.items()}
    peer = next(name for name in reversed(contenders))
    ratio, low, high = ratios(seconds[peer], seconds["ours"])
    by_loop, *_ = ratios(seconds["plain torch"], seconds["ours"])
    return Outcome(
        f"{architecture}, {slices} slices {SIDE} x {SIDE}, float32",
        "3 x MONAI, 1.5 x the plain loop",
        peer,
        ratio,
        low,
        high,
        medians["ours"],
        medians[peer],
        by_loop >= 1.5 and peer.startswith("MONAI") and ratio >= 3.0,
        f"least Dice between ours and a peer {agreement:.5f}; plain loop / ours {by_loop:.2f} x",
        {name: value for name, value in medians.items() if name != "ours"},
        "convolutions of few channels at full resolution, which wait for memory",
        float(counter.get_total_flops()) * slices,
    )


def main(arguments: list[str]) -> int:
    from run import show

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slices", type=int, default=16)
    parser.add_argument("--architecture", default="r2unet-w16-i1-o5-t2-stepwise")
    options = parser.parse_args(arguments)
    return show(measure(options.rounds, options.slices, options.architecture))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
