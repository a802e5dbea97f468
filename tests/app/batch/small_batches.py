"""Small inputs, and a batch from beginning to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nibabel
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from acutance.batch.events import BatchOutcome
    from acutance.batch.run import Batch


def write_volume(path: Path, seed: int) -> Path:
    """Write a small noisy ball."""
    grid = np.mgrid[:16, :18, :14].astype(float) - 8
    ball = 900.0 * ((grid**2).sum(axis=0) < 40)
    noise = np.random.default_rng(seed).normal(0, 20, ball.shape)
    image = nibabel.Nifti1Image(np.abs(ball + noise).astype(np.int16), np.diag([3, 3, 3, 1]))
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(image, path)
    return path


def finish(batch: Batch) -> BatchOutcome:
    """Plan and run a batch and close it."""
    with batch:
        batch.plan()
        return batch.run()
