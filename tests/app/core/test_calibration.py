"""`acutance.core.calibration`: hashes of content, and values that are checked on the way in."""

from __future__ import annotations

import numpy as np
import pytest

from acutance.core.calibration import Mark, SiteCalibration, content_sha256
from acutance.core.volume import Volume

A, B = "a" * 64, "b" * 64


def volume(array: np.ndarray, **options: object) -> Volume:
    return Volume(array, np.eye(4), **options)


def test_the_hash_is_of_the_voxels_alone() -> None:
    array = np.random.default_rng(0).integers(0, 999, (4, 5, 6)).astype(np.int16)
    first = content_sha256(volume(array))
    assert content_sha256(volume(np.asfortranarray(array), name="other", modality="MR")) == first
    assert content_sha256(volume(array.astype(">i2"))) == first
    assert content_sha256(volume(array.astype(np.int32))) != first
    changed = array.copy()
    changed[3, 4, 5] += 1
    assert content_sha256(volume(changed)) != first
    assert content_sha256(volume(array.reshape(5, 4, 6))) != first


@pytest.mark.parametrize("dtype", [np.uint8, np.bool_, np.float32, np.float64])
def test_every_kind_of_voxel_has_a_hash(dtype: type) -> None:
    assert len(content_sha256(volume(np.ones((2, 3, 4), dtype)))) == 64


def test_colour_has_a_hash() -> None:
    assert len(content_sha256(volume(np.ones((2, 3, 4, 3), np.uint8)))) == 64


@pytest.mark.parametrize(
    "change",
    [
        {"usable": 1},
        {"ssim_pred": 1.5},
        {"ssim_pred": float("nan")},
        {"ssim_pred": True},
        {"content_sha256": "../../etc/passwd"},
        {"weights_sha256": ""},
    ],
)
def test_a_mark_of_other_values_is_refused(change: dict[str, object]) -> None:
    plain = Mark(A, 0.5, True, B).to_plain()
    assert Mark.from_plain(plain) == Mark(A, 0.5, True, B)
    with pytest.raises(ValueError, match=r"expected|true or false|hash"):
        Mark.from_plain(plain | change)


def made(**change: object) -> SiteCalibration:
    values = {"version": 1, "weights_sha256": A, "scores": (0.5, 0.9), "probabilities": (0.1, 0.9),
              "usable": 0.88, "repeat": 0.55, "marks": (), "reliability": (), "brier": 0.1,
              "brier_base": 0.2}  # fmt: skip
    return SiteCalibration(**(values | change))


def test_the_curve_is_linear_between_knots_and_flat_beyond() -> None:
    calibration = made()
    assert calibration.probability(0.7) == pytest.approx(0.5)
    assert (calibration.probability(0.0), calibration.probability(1.0)) == (0.1, 0.9)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 0},
        {"probabilities": (0.9, 0.1)},
        {"scores": (0.9, 0.5)},
        {"scores": (0.5,)},
        {"scores": (), "probabilities": ()},
        {"scores": (0.5, 1.2)},
        {"probabilities": (0.1, float("nan"))},
        {"usable": 0.5, "repeat": 0.6},
    ],
)
def test_what_is_no_rising_curve_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"never falls|need 0 <="):
        made(**change)
