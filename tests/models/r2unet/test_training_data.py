"""`acutance_models.r2unet.training_data` and `tissues`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from acutance_models.r2unet.tissues import (
    BRAIN_CLASSES,
    CSF,
    GREY,
    IGNORED,
    OTHER,
    WHITE,
    tissues_of,
)
from acutance_models.r2unet.training_data import (
    BrainSource,
    NucleiSource,
    draw_batch,
    extract_brain,
    make_label_map,
    paint_slice,
    read_brain_maps,
    read_nuclei,
    show_slice,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def _codes() -> NDArray[np.int16]:
    """Return nested balls: white, grey, fluid with a gap, skull; and a crumb in the air."""
    grid = np.moveaxis(np.indices((40, 44, 48)), 0, -1) - np.array([20, 22, 24])
    radius = np.linalg.norm(grid, axis=-1)
    codes = np.zeros(radius.shape, np.int16)
    for limit, code in ((19, 511), (15, 24), (13, 3), (9, 2), (3, 4)):
        codes[radius < limit] = code
    codes[0, 0, 0] = 24
    return codes


def test_codes_become_the_tissues_they_name() -> None:
    codes = np.array([0, 4, 24, 31, 3, 42, 10, 53, 8, 1005, 2035, 2, 41, 16, 60, 251, 502, 530, 29])
    expected = [0, *[CSF] * 3, *[GREY] * 7, *[WHITE] * 5, OTHER, OTHER, IGNORED]
    assert tissues_of(codes).tolist() == expected
    with pytest.raises(ValueError, match="codes"):
        tissues_of(np.array([-1]))


def test_what_is_not_joined_to_the_head_is_background() -> None:
    label_map = make_label_map(_codes())
    assert label_map.codes[0, 0, 0] == 0
    assert label_map.codes[20, 22, 24] == 4
    assert {axis for axis, _ in label_map.brain} == {0, 1, 2}
    with pytest.raises(ValueError, match="empty"):
        make_label_map(np.zeros((4, 4, 4), np.int16))


def test_extraction_keeps_the_brain_and_nothing_beyond_its_hull() -> None:
    codes = _codes()[:, :, 24]
    extracted = extract_brain(codes, 3)
    is_brain = np.isin(codes, (2, 3, 4))
    np.testing.assert_array_equal(extracted[is_brain], codes[is_brain])
    assert not (extracted >= 500).any()
    assert np.count_nonzero(extracted == 24) < 0.2 * np.count_nonzero(codes == 24)


def test_a_sulcus_stays_when_the_brain_is_extracted() -> None:
    codes = np.full((30, 30), 511, np.int16)
    codes[5:25, 5:25] = 3
    codes[5:15, 14:16] = 24
    # Only its open end is cut off, on a slant as deep as it is wide.
    assert (extract_brain(codes, 3)[6:15, 14:16] == 24).all()
    assert (extract_brain(codes, 3)[:5] == 0).all()


@pytest.mark.parametrize("is_extracted", [False, True])
def test_image_and_tissues_are_deformed_alike(is_extracted: bool) -> None:
    codes = _codes()[:, :, 24]
    rng = np.random.default_rng(4)
    image, labels = paint_slice(codes, rng, contrast="T1", is_extracted=is_extracted)
    assert image.shape == labels.shape == codes.shape
    # In T1 the means go up from fluid through grey to white.
    fluid, grey, white = (np.median(image[labels == tissue]) for tissue in (CSF, GREY, WHITE))
    assert fluid < grey < white
    assert (OTHER in labels) is not is_extracted


def test_a_seed_fixes_the_batch() -> None:
    source = BrainSource([make_label_map(_codes())])
    first, again = (draw_batch(source, 6, 32, np.random.default_rng(5)) for _ in range(2))
    assert first.images.equal(again.images)
    assert first.labels.equal(again.labels)
    assert first.images.shape == (6, 1, 32, 32)
    assert first.labels.shape == (6, 32, 32)
    assert 0.0 <= float(first.images.min()) <= float(first.images.max()) <= 1.0
    assert set(first.labels.unique().tolist()) <= set(range(len(BRAIN_CLASSES)))


def test_small_slices_are_put_on_black_background() -> None:
    source = BrainSource([make_label_map(_codes())])
    batch = draw_batch(source, 4, 96, np.random.default_rng(6))
    is_empty = batch.images[:, 0] == 0.0
    assert int((batch.labels[is_empty] > 0).sum()) < 100
    assert int((batch.labels == 0).sum()) > 4 * (96 * 96 - 48 * 44)


def test_a_real_scan_teaches_only_what_is_known() -> None:
    codes = _codes()
    image = np.where((codes > 0) & (codes < 500), 1.0 + codes, 0.0).astype(np.float32)
    codes = np.where((codes == 24) | (codes == 511), 0, codes)  # FreeSurfer labels no sulci
    label_map = make_label_map(codes, image)
    _, labels = show_slice(label_map, np.random.default_rng(1))
    assert set(np.unique(labels)) <= {0, CSF, GREY, WHITE, IGNORED}
    shown, labels = show_slice(label_map, np.random.default_rng(2))
    assert (labels[shown == 0.0] == 0).all()
    batch = draw_batch(BrainSource([label_map]), 4, 32, np.random.default_rng(0))
    assert IGNORED in batch.labels


def test_held_out_maps_are_not_trained_on(tmp_path: Path) -> None:
    for name in ("labelmap_01", "labelmap_03"):
        nib.save(nib.Nifti1Image(_codes(), np.eye(4)), tmp_path / f"{name}.nii.gz")
    training, held = read_brain_maps(tmp_path, None, held_out=("labelmap_03",))
    assert (len(training), len(held)) == (1, 1)
    scans = tmp_path / "scans"
    scans.mkdir()
    nib.save(nib.Nifti1Image(_codes(), np.eye(4)), scans / "a_aparc+aseg.nii.gz")
    scan = nib.Nifti1Image(_codes().astype(np.uint8), np.eye(4))
    nib.save(scan, scans / "a_brainmasked_T1w.nii.gz")
    training, _ = read_brain_maps(tmp_path, scans, held_out=("labelmap_03",))
    assert [item.image is not None for item in training] == [False, True]
    training, _ = read_brain_maps(tmp_path, scans, held_out=("labelmap_03", "a"))
    assert len(training) == 1


def test_every_sixth_picture_is_held_out(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
    for n in range(7):
        instances = np.zeros((40, 50), np.uint16)
        instances[10:20, 10:30] = 300
        picture = np.where(instances[..., None] > 0, 200, 20) + rng.integers(0, 10, (40, 50, 3))
        Image.fromarray(picture.astype(np.uint8)).save(tmp_path / "images" / f"{n}.png")
        Image.fromarray(instances).save(tmp_path / "masks" / f"{n}.png")
    training, held = read_nuclei(tmp_path)
    assert (len(training), len(held)) == (5, 2)
    assert int(training[0][1].sum()) == 200
    batch = draw_batch(NucleiSource(training), 4, 32, np.random.default_rng(1))
    assert batch.images.shape == (4, 3, 32, 32)
    assert set(batch.labels.unique().tolist()) == {0, 1}
    # What is labelled is brighter, wherever the picture was turned to.
    brightness = batch.images.mean(1)
    assert brightness[batch.labels == 1].mean() > brightness[batch.labels == 0].mean() + 0.2
