"""Train the network that tells brain MR slices from everything else.

    python -m acutance_models.iqa_resnet.train_scope --data DIR --label-maps DIR --out FILE
        [--pictures DIR]

In scope are the slices the regression network is trained on, with their motion; out of scope what
`acutance_models.simulation.distractors` draws, shuffled brain slices, and the pictures of a folder
where one is given. No phantom, chest or CT that was acquired is trained on.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from safetensors.torch import save_file
from skimage.io import imread
from torch.nn import functional

from acutance_models.iqa_resnet.batch_simulation import floor_noise
from acutance_models.iqa_resnet.corruption import corrupt
from acutance_models.iqa_resnet.preprocess import NOISE_FLOOR, SIZE, to_square
from acutance_models.iqa_resnet.schedule import HELD_OUT
from acutance_models.iqa_resnet.scope import SHRINK, ScopeNetwork
from acutance_models.iqa_resnet.training_data import draw_batch, draw_clean_images
from acutance_models.iqa_resnet.volumes import find_volumes, read_label_volumes, read_volumes
from acutance_models.simulation.distractors import DRAWN, draw_ct_head, shuffle_tiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from acutance_models.iqa_resnet.volumes import TrainingVolume

log = logging.getLogger(__name__)

SMALL = SIZE // SHRINK
MADE_AT = 2 * SMALL  # pixels: brain slices are corrupted on this grid, then shrunk
BATCH = 128


def draw_inside(volumes: Sequence[TrainingVolume], count: int, rng: np.random.Generator) -> Tensor:
    """Draw brain slices (count, 1, 64, 64), a quarter of what is scored: half moved, half clean.

    Clean ones are made coarser every other time: what counts is the layout, not the detail.
    """
    moved = draw_batch(volumes, count // 2, rng, side=MADE_AT).images
    clean = draw_clean_images(volumes, count - count // 2, rng, side=SMALL)
    for image in clean[::2]:
        coarse = functional.interpolate(
            image[None], size=(int(rng.integers(20, SMALL)),) * 2, mode="bilinear", antialias=True
        )
        image.copy_(functional.interpolate(coarse, size=(SMALL, SMALL), mode="bilinear")[0])
    return torch.cat([functional.avg_pool2d(moved, MADE_AT // SMALL), clean])


def draw_outside(
    label_maps: Sequence[TrainingVolume],
    pictures: Sequence[NDArray[np.float32]],
    brains: Tensor,
    rng: np.random.Generator,
) -> Tensor:
    """Draw one image (1, 64, 64) that is out of scope, every other one with motion.

    Parameters
    ----------
    label_maps : sequence of TrainingVolume
        To paint heads on as CT shows them; may be empty.
    pictures : sequence of ndarray, shape (H, W), float32
        To cut from; may be empty.
    brains : Tensor, shape (N, 1, 64, 64)
        Slices in scope, to be shuffled.
    rng : numpy.random.Generator
        Advanced by the call.

    Returns
    -------
    Tensor, shape (1, 64, 64), float32, in [0, 1]
    """
    kinds = ["drawn"] * 5 + ["shuffled"] + ["head"] * bool(label_maps) + ["cut"] * bool(pictures)
    kind = kinds[int(rng.integers(len(kinds)))]
    if kind == "drawn":
        image = DRAWN[int(rng.integers(len(DRAWN)))](rng)
    elif kind == "shuffled":
        image = shuffle_tiles(brains[rng.integers(len(brains)), 0].numpy(), rng)
    elif kind == "head":
        volume = label_maps[int(rng.integers(len(label_maps)))]
        view = volume.views[int(rng.integers(len(volume.views)))]
        image = draw_ct_head(view.slices[rng.integers(len(view.slices))].astype(np.int32), rng)
    else:
        picture = pictures[int(rng.integers(len(pictures)))]
        side = int(rng.integers(min(64, *picture.shape), min(picture.shape) + 1))
        top, left = (int(rng.integers(n - side + 1)) for n in picture.shape)
        image = picture[top : top + side, left : left + side]
    turned = np.rot90(image, int(rng.integers(4))).astype(np.float32)
    clean = floor_noise(torch.from_numpy(np.ascontiguousarray(turned))[None], NOISE_FLOOR)
    if max(clean.shape[-2:]) > MADE_AT:
        clean = to_square(clean, MADE_AT)
    if rng.random() < 0.5:
        clean = floor_noise(corrupt(clean, rng), NOISE_FLOOR)
    return to_square(clean, SMALL)


def read_pictures(folder: Path) -> list[NDArray[np.float32]]:
    """Read all PNG files of a folder as grey images."""
    pictures = []
    for path in sorted(folder.glob("*.png")):
        picture = np.asarray(imread(path), dtype=np.float32)
        pictures.append(picture if picture.ndim == 2 else picture[..., :3].mean(-1))
    return [picture for picture in pictures if min(picture.shape) >= SMALL]


def train_scope(inside: Tensor, outside: Tensor, *, epochs: int, seed: int) -> ScopeNetwork:
    """Train on images (N, 1, 64, 64) of both kinds, with flips and quarter turns.

    Parameters
    ----------
    inside, outside : Tensor, shape (N, 1, 64, 64), float32, in [0, 1]
    epochs, seed : int

    Returns
    -------
    ScopeNetwork
        In evaluation mode.
    """
    torch.manual_seed(seed)
    network = ScopeNetwork()
    images = torch.cat([inside, outside])
    truth = torch.cat([torch.ones(len(inside)), torch.zeros(len(outside))])
    steps = epochs * (len(images) // BATCH)
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=max(steps, 1))
    network.train()
    for _ in range(epochs):
        order = torch.randperm(len(images))
        losses = []
        for part in torch.split(order, BATCH)[: len(images) // BATCH]:
            batch = torch.rot90(images[part], int(torch.randint(4, ())), (-2, -1))
            batch = batch.flip(-1) if torch.rand(()) < 0.5 else batch
            loss = functional.binary_cross_entropy_with_logits(network.logits(batch), truth[part])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            losses.append(float(loss.detach()))
        log.info("cross entropy %.4f", float(np.mean(losses)))
    return network.eval()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(description="Train the network that judges the scope.")
    parser.add_argument("--data", type=Path, required=True, help="folder of NIfTI volumes")
    parser.add_argument("--label-maps", type=Path, required=True, help="folder of label maps")
    parser.add_argument("--pictures", type=Path, help="folder of PNG files that show no brain")
    parser.add_argument("--out", type=Path, required=True, help="safetensors file to write")
    parser.add_argument("--images", type=int, default=6000, help="of each kind")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stdout)
    rng = np.random.default_rng(options.seed)
    volumes = read_volumes(find_volumes(options.data, held_out=HELD_OUT)[0])
    label_maps = read_label_volumes(find_volumes(options.label_maps, held_out=HELD_OUT)[0])
    pictures = read_pictures(options.pictures) if options.pictures else []
    parts = [draw_inside([*volumes, *label_maps], 64, rng) for _ in range(options.images // 64)]
    inside = torch.cat(parts)
    log.info("%d slices in scope", len(inside))
    outside = torch.stack(
        [draw_outside(label_maps, pictures, inside, rng) for _ in range(len(inside))]
    )
    log.info("%d images out of scope, %d pictures", len(outside), len(pictures))
    network = train_scope(inside, outside, epochs=options.epochs, seed=options.seed)
    save_file(network.state_dict(), str(options.out))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
