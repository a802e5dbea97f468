"""`acutance_models.iqa_resnet.scope`, its training and what it is trained against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nibabel as nib
import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from skimage.io import imsave

from acutance_models.iqa_resnet.scope import ScopeNetwork, rank
from acutance_models.iqa_resnet.train_scope import main, train_scope
from acutance_models.simulation.distractors import DRAWN, draw_ct_head, shuffle_tiles

if TYPE_CHECKING:
    from pathlib import Path


def discs(count: int, seed: int, *, is_bright: bool) -> torch.Tensor:
    rng = np.random.default_rng(seed)
    rows, columns = np.meshgrid(*(np.linspace(-1, 1, 64),) * 2, indexing="ij")
    radius = rng.uniform(0.3, 0.9, (count, 1, 1))
    inside = np.hypot(rows, columns) < radius
    images = inside if is_bright else ~inside
    return torch.from_numpy(images[:, None].astype(np.float32))


def test_shape_range_and_independence_of_the_batch() -> None:
    torch.manual_seed(0)
    network = ScopeNetwork().eval()
    x = torch.rand(3, 1, 256, 256)
    with torch.inference_mode():
        judged = network(x)
        alone = torch.cat([network(one[None]) for one in x])
    assert judged.shape == (3,)
    assert bool(((judged > 0) & (judged < 1)).all())
    assert torch.allclose(judged, alone, atol=1e-6)


def test_two_kinds_are_told_apart() -> None:
    inside, outside = discs(128, 1, is_bright=True), discs(128, 2, is_bright=False)
    network = train_scope(inside, outside, epochs=6, seed=3)
    with torch.inference_mode():
        assert bool((network.judge(discs(32, 4, is_bright=True)) > 0.5).all())
        assert bool((network.judge(discs(32, 5, is_bright=False)) < 0.5).all())


@pytest.mark.parametrize("draw", DRAWN)
def test_what_is_drawn_is_seeded_and_never_constant(draw) -> None:  # type: ignore[no-untyped-def]
    for seed in range(5):
        image, again = (draw(np.random.default_rng(seed)) for _ in range(2))
        assert np.array_equal(image, again)
        assert image.shape == (128, 128)
        assert np.isfinite(image).all()
        assert image.std() > 0


def test_shuffling_keeps_the_pixels_and_moves_them() -> None:
    image = np.arange(64.0 * 64).reshape(64, 64)
    mixed = shuffle_tiles(image, np.random.default_rng(0))
    assert set(mixed.ravel().tolist()) <= set(image.ravel().tolist())
    assert not np.array_equal(mixed, image[: mixed.shape[0], : mixed.shape[1]])


def test_a_ct_head_shows_hardly_any_contrast_in_the_brain() -> None:
    rows, columns = np.meshgrid(*(np.linspace(-1, 1, 96),) * 2, indexing="ij")
    radius = np.hypot(rows, columns)
    labels = np.select([radius < 0.4, radius < 0.6, radius < 0.7], [2, 3, 507], 0)
    for seed in range(6):
        image = draw_ct_head(labels, np.random.default_rng(seed))
        assert image.shape == labels.shape
        brain = image[radius < 0.3]
        assert brain.std() < 0.35 * brain.mean()


def test_command_writes_a_network(tmp_path: Path) -> None:
    axes = np.meshgrid(*(np.linspace(-1, 1, 32),) * 3, indexing="ij")
    radius = np.sqrt(sum(axis**2 for axis in axes))
    for name, values in (
        ("scans", np.where(radius < 0.8, 2.0 + np.sin(6 * axes[0]), 0.0)),
        ("maps", np.select([radius < 0.5, radius < 0.8], [2.0, 3.0], 0.0)),
    ):
        (tmp_path / name).mkdir()
        image = nib.Nifti1Image(values.astype(np.float32), np.eye(4))
        nib.save(image, tmp_path / name / "someone_T1w.nii.gz")
    picture = np.random.default_rng(0).integers(0, 255, (80, 90)).astype(np.uint8)
    imsave(tmp_path / "picture.png", picture)
    out = tmp_path / "scope.safetensors"
    code = main(
        [
            *("--data", str(tmp_path / "scans"), "--label-maps", str(tmp_path / "maps")),
            *("--pictures", str(tmp_path), "--out", str(out), "--images", "64", "--epochs", "1"),
        ]
    )
    assert code == 0
    ScopeNetwork().load_state_dict(load_file(out))


def test_ranks_do_not_depend_on_the_intensity_mapping() -> None:
    images = torch.rand(3, 1, 16, 16).clamp_min(0.3) - 0.3
    ranks = rank(images)
    assert torch.equal(ranks, rank(0.2 * images**2))
    assert bool((ranks[images == 0] == 0).all())
    assert float(ranks.max()) == 1.0
    assert torch.equal(rank(torch.zeros(1, 1, 8, 8)), torch.zeros(1, 1, 8, 8))
