"""Measure the segmentation of slices of 256 x 256 against MONAI and a plain loop.

    PYTHONPATH=app:models:resources python bench/speed_segmentation.py [--slices 16]
        [--weights FILE] [--architecture NAME] [--rounds 5]

The slices are those of the sample scan. The network is the one that is shipped for brains; where
there is none, one of random and seeded weights. Ours is the engine's predictor with the backend
that a trial with these weights chooses and the slices confirm, as the engine takes it. Peers have
the same weights in float32: a loop of plain torch slice by slice, and MONAI's sliding window where
it is installed.
"""

from __future__ import annotations

import argparse
import copy
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from pairing import Outcome, ratios, take_turns
from torch.utils.flop_counter import FlopCounterMode

from acutance.core.backends import AUTO, LEAST_DICE
from acutance.core.quality import ModelFacts
from acutance.core.segmentation import BRAIN
from acutance.engines.backends.choice import Backends
from acutance.engines.backends.tasks import LabelTask, least_dice
from acutance.engines.checked_labels import checked, chosen
from acutance.engines.segmentation_network import SegmentationNetwork
from acutance.engines.tiling import TiledPredictor, probabilities
from acutance.engines.weights import channels_last, fold_normalisation
from acutance_models.catalogue import list_descriptors
from acutance_models.loading import load_network, load_unverified
from acutance_models.r2unet.network import build
from acutance_models.r2unet.preprocess import normalise

if TYPE_CHECKING:
    from acutance.engines.backends.base import ActiveBackend

SIDE = 256
CPU = torch.device("cpu")


def make(architecture: str) -> torch.nn.Module:
    """Return a network of seeded weights, its statistics as after training."""
    torch.manual_seed(0)
    network = build(architecture)
    with torch.inference_mode():
        for _ in range(3):
            network(torch.rand(2, 1, 128, 128))
    return network.eval()


def load(weights: Path | None, architecture: str) -> tuple[torch.nn.Module, str]:
    """Return the network of a file, else the shipped one, else a random one; and its name."""
    if weights is not None:
        network, found, _ = load_unverified(weights, t=None, device="cpu")
        return network.eval(), found
    for descriptor in list_descriptors():
        if descriptor.task == "segmentation" and descriptor.id.endswith(f"_{BRAIN}"):
            return load_network(descriptor.id, device="cpu"), descriptor.id
    return make(architecture), f"{architecture}, random weights"


def sample_slices(count: int) -> torch.Tensor:
    """Return slices of the sample scan through its middle, (count, 1, 256, 256)."""
    import nibabel
    from scipy.ndimage import zoom

    import acutance_resources

    image = nibabel.Nifti1Image.from_filename(acutance_resources.path("sample/sample_T1.nii.gz"))
    volume = np.asarray(image.dataobj, np.float32)
    numbers = np.linspace(0.3 * volume.shape[2], 0.7 * volume.shape[2], count).astype(int)
    scale = SIDE / max(volume.shape[:2])
    made = np.zeros((count, 1, SIDE, SIDE), np.float32)
    for place, number in enumerate(numbers):
        slice_ = zoom(volume[:, :, number], scale, order=1)[:SIDE, :SIDE]
        made[place, 0, : slice_.shape[0], : slice_.shape[1]] = slice_
        made[place, 0] = normalise(made[place, 0])
    return torch.from_numpy(made)


def of(active: ActiveBackend) -> TiledPredictor:
    """Return the engine's predictor with a backend."""
    return TiledPredictor(active.compute, CPU, tile=SIDE, context=0, flips=((),))


def measure(rounds: int, slices: int, weights: Path | None, architecture: str) -> Outcome:
    """Run the comparison."""
    images = sample_slices(slices)
    plain, name = load(weights, architecture)
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        plain(images[:1])
    model = SegmentationNetwork(
        channels_last(fold_normalisation(copy.deepcopy(plain))),
        ModelFacts(name, "", "0" * 64),
        (),
        1,
        0.0,
    )
    with tempfile.TemporaryDirectory() as folder:
        backends = Backends(model, CPU, Path(folder), LabelTask(1))
        trial = backends.try_all(lambda fraction: None)
        labelling = checked(
            chosen(backends, AUTO, slices, lambda fraction: None),
            backends,
            AUTO,
            images,  # all of them: what is timed has to agree
            lambda active, some: of(active).predict(some, lambda: None),
        )
        active = labelling.active
    for row in trial.rows:
        if row.milliseconds is not None:
            print(f"{row.backend}: {row.milliseconds:.1f} ms a slice, Dice {row.dice:.5f}")
        if active.note:
            print(active.note)
    predictor = of(active)

    def ours() -> torch.Tensor:
        return predictor.predict(images, lambda: None).argmax(1)

    def loop() -> torch.Tensor:
        with torch.inference_mode():
            return torch.cat([probabilities(plain(part)).argmax(1) for part in images.split(1)])

    contenders = {"ours": ours, "plain torch": loop}
    if find_spec("monai"):
        from monai.inferers import sliding_window_inference

        def monai() -> torch.Tensor:
            with torch.inference_mode():
                found = sliding_window_inference(images, (SIDE, SIDE), 4, plain, overlap=0.25)
                return found.argmax(1)

        contenders["MONAI sliding window"] = monai
    labels = {name: run() for name, run in contenders.items()}
    agreement = min(least_dice(other, labels["ours"]) for other in labels.values())
    if agreement < LEAST_DICE:
        raise SystemExit(f"The labels agree to Dice {agreement:.4f} only: no time counts.")
    seconds = take_turns(contenders, rounds=rounds, warm_up=1)
    medians = {name: float(np.median(times)) for name, times in seconds.items()}
    peer = next(name for name in reversed(contenders))
    ratio, low, high = ratios(seconds[peer], seconds["ours"])
    by_loop, *_ = ratios(seconds["plain torch"], seconds["ours"])
    return Outcome(
        f"{name}, {slices} slices {SIDE} x {SIDE}, {active.name}, as chosen",
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
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--architecture", default="r2unet-w16-i1-o5-t2-stepwise")
    options = parser.parse_args(arguments)
    return show(measure(options.rounds, options.slices, options.weights, options.architecture))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
