"""Fit the model of pristine images that NIQE is measured against.

    PYTHONPATH=app:models:resources python bench/fit_niqe.py VIDEOS [--out FILE]

VIDEOS is a folder with the clips named below. They are halved, as the clips that networks are
trained on are, and every sixth frame is taken; clips that are held out of training are not among
them. The pictures come with scikit-image. Without ``--out`` the file that is shipped is replaced.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data

from acutance.metrics.niqe import PRISTINE, block_features, fit_niqe_model, natural_image_quality
from acutance_models.negvsr.training_data import read_clips

CLIPS = (
    "asl_book", "asl_sister", "bottles_640x360", "mdn_crystal_720x480", "mdn_elf_720x480",
    "mdn_pig_720x480", "stream_480x360",
)  # fmt: skip
PICTURES = ("astronaut", "camera", "chelsea", "coffee", "rocket")
EVERY = 6
SHIPPED = Path(__file__).resolve().parents[1] / "resources" / "acutance_resources" / PRISTINE


def main() -> int:
    parser = argparse.ArgumentParser(description="Fit the model of NIQE.")
    parser.add_argument("videos", type=Path)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    options = parser.parse_args()
    clips = read_clips(options.videos, CLIPS, is_halved=True)
    images = [frame for clip in clips.values() for frame in clip[::EVERY]]
    images += [np.asarray(getattr(data, name)()) for name in PICTURES]
    model = fit_niqe_model(images, data_range=255.0)
    model.save(options.out)
    blocks = sum(len(block_features(image, data_range=255.0)[0]) for image in images)
    print(f"{len(images)} images, {blocks} blocks, {options.out.stat().st_size} bytes")
    for name in PICTURES:
        picture = np.asarray(getattr(data, name)())
        height, width = picture.shape[:2]
        small = Image.fromarray(picture).resize((width // 4, height // 4), Image.Resampling.BOX)
        large = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))
        scores = [natural_image_quality(x, data_range=255.0, model=model) for x in (picture, large)]
        print(f"{name}: {scores[0]:.2f}, a quarter enlarged {scores[1]:.2f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
