"""`acutance_models.iqa_resnet.training_data`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nibabel as nib
import numpy as np
import pytest

from acutance_models.iqa_resnet.training_data import (
    draw_batch,
    find_volumes,
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


def test_batches_are_seeded_and_in_range() -> None:
    volumes = [make_volume(ball(), "one"), make_volume(ball() ** 2, "two")]
    batches = [draw_batch(volumes, 18, np.random.default_rng(7)) for _ in range(2)]
    images, labels = batches[0]
    assert images.shape == (18, 1, 256, 256)
    assert float(images.min()) >= 0.0
    assert float(images.max()) <= 1.0
    assert labels.shape == (18,)
    assert bool(((labels > -1) & (labels <= 1)).all())
    assert float(labels.std()) > 0.02
    assert bool((images == batches[1][0]).all())
    assert bool((labels == batches[1][1]).all())
