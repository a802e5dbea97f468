"""`acutance_models.iqa_resnet.training_data`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nibabel as nib
import numpy as np
import pytest
import torch

from acutance_models.iqa_resnet import batch_simulation
from acutance_models.iqa_resnet.corruption import corrupt
from acutance_models.iqa_resnet.preprocess import NOISE_FLOOR, preprocess, to_square
from acutance_models.iqa_resnet.training_data import draw_batch
from acutance_models.iqa_resnet.volumes import (
    find_volumes,
    make_label_volume,
    make_volume,
    person_of,
    read_volumes,
)

if TYPE_CHECKING:
    from pathlib import Path


def ball(shape: tuple[int, int, int] = (40, 44, 36)) -> np.ndarray:
    axes = np.meshgrid(*(np.linspace(-1, 1, n) for n in shape), indexing="ij")
    inside = sum(axis**2 for axis in axes) < 0.7
    return np.where(inside, 2.0 + np.sin(6 * axes[0]) * np.cos(5 * axes[1]), 0.0).astype(np.float32)


def test_all_scans_of_a_person_stay_together() -> None:
    assert {person_of(f"stroke_{name}.nii.gz") for name in ("T1", "T2", "FLAIR")} == {"stroke"}
    assert person_of("ms_patient07_T1w.nii.gz") == person_of("ms_patient07_FLAIR.nii.gz")
    assert person_of("ms_patient07_T1w.nii.gz") != person_of("ms_patient19_T1w.nii.gz")
    assert person_of("adult_prisma_T1w.nii.gz") != person_of("adult_xa30_T1w_2mm.nii.gz")


def test_held_out_people_are_never_trained_on(tmp_path: Path) -> None:
    names = ["ms_patient07_T1w", "ms_patient19_T1w", "ms_patient19_FLAIR", "stroke_T1", "id001_T1w"]
    for name in names:
        (tmp_path / f"{name}.nii.gz").touch()
    training, held = find_volumes(tmp_path, held_out=("stroke", "ms_patient19"))
    assert [path.name[:5] for path in training] == ["id001", "ms_pa"]
    assert len(held) == 3
    assert not {person_of(p.name) for p in training} & {person_of(p.name) for p in held}
    assert len(find_volumes(tmp_path, held_out=())[0]) == 5


def test_views_are_the_middle_half_with_square_pixels() -> None:
    volume = make_volume(ball(), "someone", (1.0, 1.0, 2.0))
    assert [view.slices.shape for view in volume.views] == [
        (20, 44, 72),
        (22, 40, 72),
        (18, 40, 44),
    ]


def test_thick_slices_are_mostly_seen_in_plane() -> None:
    weights = [view.weight for view in make_volume(ball((64, 64, 16)), "someone").views]
    assert weights[2] / sum(weights) == pytest.approx(0.8)


def test_a_blank_volume_is_refused() -> None:
    with pytest.raises(ValueError, match="blank"):
        make_volume(np.zeros((8, 8, 8), np.float32), "nobody")


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "stroke_T1.nii.gz"
    nib.save(nib.Nifti1Image(ball(), np.diag([1.0, 1.0, 2.0, 1.0])), path)
    (volume,) = read_volumes([path])
    assert volume.person == "stroke"
    assert volume.views[0].slices.shape == (20, 44, 72)


def label_ball() -> np.ndarray:
    shells = ball((72, 68, 70))
    return np.where(shells > 2.2, 2, np.where(shells > 0, 3, 0)).astype(np.int16)


def test_batches_are_seeded_and_in_range() -> None:
    volumes = [
        make_volume(ball(), "one"),
        make_volume(ball() ** 2, "two"),
        make_label_volume(label_ball(), "three"),
    ]
    first, again = (draw_batch(volumes, 18, np.random.default_rng(7)) for _ in range(2))
    assert first.images.shape == (18, 1, 256, 256)
    assert float(first.images.min()) >= 0.0
    assert float(first.images.max()) <= 1.0
    assert first.labels.shape == (18,)
    assert bool(((first.labels > -1) & (first.labels <= 1)).all())
    assert float(first.labels.std()) > 0.02
    for ours, theirs in zip(first, again, strict=True):
        assert bool((ours == theirs).all())


def test_cells_have_the_mean_of_the_label() -> None:
    batch = draw_batch([make_volume(ball(), "one")], 8, np.random.default_rng(1))
    assert batch.cells.shape == (8, 16, 16)
    assert float((batch.cells.mean((1, 2)) - batch.labels).abs().max()) < 0.02


def test_label_maps_are_painted_and_never_seen_as_images() -> None:
    volume = make_label_volume(label_ball(), "three")
    assert volume.is_label_map
    assert [view.slices.dtype for view in volume.views] == [np.uint16] * 3
    images = draw_batch([volume], 4, np.random.default_rng(2)).images
    assert all(len(torch.unique(image)) > 1000 for image in images)


def test_label_maps_of_thick_slices_are_refused() -> None:
    with pytest.raises(ValueError, match="cubic"):
        make_label_volume(label_ball(), "three", (1.0, 1.0, 3.0))


def test_a_corrupted_slice_is_prepared_as_scoring_prepares_it() -> None:
    """On the grid of the scan first the floor is removed, then the slice is resized."""
    clean = torch.from_numpy(make_volume(ball(), "one").views[0].slices[:4].astype(np.float32))
    corrupted = corrupt(clean, np.random.default_rng(3))
    seen = to_square(batch_simulation.floor_noise(corrupted, NOISE_FLOOR))
    for ours, scan in zip(seen.numpy(), corrupted.numpy(), strict=True):
        scored = preprocess(700.0 * scan + 30.0)
        assert scored is not None
        # A pixel within rounding of the floor may fall on either side of it.
        assert np.mean(np.abs(ours - scored) > 1e-4) < 1e-3


def test_the_phase_encoding_axis_is_drawn_for_each_slice() -> None:
    clean = torch.from_numpy(make_volume(ball(), "one").views[0].slices[:1].astype(np.float32))
    change = (corrupt(clean.repeat(16, 1, 1), np.random.default_rng(4)) - clean).numpy()
    # Motion of lines along one axis spreads energy beyond the object along that axis only.
    outside = np.abs(change) * (clean.numpy() == 0)
    rows, columns = (clean[0] > 0).any(1).numpy(), (clean[0] > 0).any(0).numpy()
    above = outside[:, ~rows][:, :, columns].mean((1, 2))
    beside = outside[:, rows][:, :, ~columns].mean((1, 2))
    assert (above > 2 * beside).any()
    assert (beside > 2 * above).any()


def test_an_early_stage_makes_small_images() -> None:
    batch = draw_batch([make_volume(ball(), "one")], 6, np.random.default_rng(5), side=64)
    assert batch.images.shape == (6, 1, 64, 64)
    assert batch.cells.shape == (6, 16, 16)
