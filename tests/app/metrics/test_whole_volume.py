"""`acutance.metrics.whole_volume` and `.against_reference`: slab by slab as in one piece."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kurtosis
from skimage.metrics import structural_similarity

import phantoms
from acutance import metrics
from acutance.core.volume import Volume
from acutance.errors import GeometryMismatchError
from acutance.metrics import slabs
from acutance.metrics.against_reference import NAMES as REFERENCE_NAMES
from acutance.metrics.slabs import Slabs
from acutance.metrics.whole_volume import NAMES, _look_at_slices, measure_volume

RAS = np.diag([1.0, 1.0, 1.2, 1.0])


@pytest.fixture(autouse=True)
def small_slabs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a slab three slices of the phantom, so that every volume has many."""
    monkeypatch.setattr(slabs, "SLAB_VOXELS", 3 * 64 * 72)


@pytest.fixture(scope="module")
def head() -> Volume:
    return Volume(phantoms.head(noise_sigma=12.0), RAS, modality="MR")


def test_every_name_has_a_value_on_a_head(head: Volume) -> None:
    values, reasons, definitions = measure_volume(head)
    assert set(values) == set(NAMES)
    assert reasons == {}
    assert all(math.isfinite(value) for value in values.values() if value is not None)
    assert definitions["head_mask"] == "acu_head_otsu"
    assert metrics.volume_iqms(head) == values


def test_equal_to_the_plain_formulas_on_the_whole_array(head: Volume) -> None:
    values, _, definitions = measure_volume(head)
    mask, _ = _look_at_slices(Slabs(head, "axial", lambda: None), definitions["head_threshold"])
    mask = np.moveaxis(mask, 0, 2)
    image = head.array.astype(np.float64)
    assert values["efc"] == metrics.efc(image)
    assert values["fber"] == pytest.approx(metrics.fber(image, mask), rel=1e-6)
    for part, region in (("fg", image[mask]), ("bg", image[~mask])):
        median = np.median(region)
        expected = {
            "mean": region.mean(),
            "stdv": region.std(),
            "median": median,
            "mad": np.median(np.abs(region - median)) / 0.6744897501960817,
            "p05": np.percentile(region, 5),
            "p95": np.percentile(region, 95),
            "k": kurtosis(region),
            "n": region.size,
        }
        found = {name: values[f"acu_summary_{part}_{name}"] for name in expected}
        assert found == pytest.approx(expected, rel=1e-5)
    from acutance.metrics.sharpness import fwhm

    widths = fwhm(image, mask, (1.0, 1.0, 1.2))
    assert [values[f"acu_fwhm_{a}"] for a in "xyz"] == pytest.approx(widths, rel=1e-6)


def test_known_noise_is_found() -> None:
    # Without folds: at this size they are as fine as the noise.
    smooth = phantoms.head((96, 108, 90), sulci=False, noise_sigma=12.0)
    values = metrics.volume_iqms(Volume(smooth, RAS))
    assert values["acu_noise_air"] == pytest.approx(12.0, rel=0.05)
    assert values["acu_noise_sigma"] == pytest.approx(12.0, rel=0.1)
    assert values["acu_air_outlier_frac"] == pytest.approx(1e-3, abs=2e-3)


def test_rounded_air_gives_the_same_noise(head: Volume) -> None:
    values = metrics.volume_iqms(Volume(np.rint(head.array / 10).astype(np.int16), RAS, slope=10.0))
    assert values["acu_noise_air"] == pytest.approx(12.0, rel=0.1)


def test_order_and_direction_of_the_axes_change_nothing(head: Volume) -> None:
    # The same voxels at the same places, stored as superior-left-anterior.
    array = np.ascontiguousarray(head.array.transpose(2, 0, 1)[:, ::-1, :])
    affine = np.array([[0, -1.0, 0, 63], [0, 0, 1.0, 0], [1.2, 0, 0, 0], [0, 0, 0, 1.0]])
    turned = metrics.volume_iqms(Volume(array, affine, modality="MR"))
    assert turned == pytest.approx(metrics.volume_iqms(head), rel=1e-9)


def test_a_linear_scale_changes_no_ratio(head: Volume) -> None:
    scaled = metrics.volume_iqms(replace(head, slope=0.001))
    plain = metrics.volume_iqms(head)
    for name in ("efc", "acu_snr", "acu_snr_air", "acu_tenengrad", "acu_fwhm_avg"):
        assert scaled[name] == pytest.approx(plain[name], rel=1e-3)
    assert scaled["fber"] == pytest.approx(plain["fber"], rel=1e-3)


def test_motion_raises_the_entropy_and_lowers_the_energy_ratio(head: Volume) -> None:
    ghost = np.roll(head.array, 20, axis=1)
    moved = metrics.volume_iqms(head.with_array(0.8 * head.array + 0.2 * ghost))
    still = metrics.volume_iqms(head)
    assert moved["efc"] > still["efc"]
    assert moved["fber"] < still["fber"]


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.full((20, 20, 20), np.nan, np.float32), "finite"),
        (np.zeros((20, 20, 20), np.int16), "same value"),
        (np.where(phantoms.sphere((20, 20, 20), 8.0) > 0, 40, -1000), "signed"),
    ],
)
def test_what_cannot_be_measured_is_none_with_a_reason(array: np.ndarray, reason: str) -> None:
    values, reasons, _ = measure_volume(Volume(array, np.eye(4)))
    assert set(values) == set(NAMES)
    assert set(values.values()) == {None}
    assert all(reason in text for text in reasons.values())


def test_without_noise_in_the_air_only_the_air_is_missing() -> None:
    values, reasons, _ = measure_volume(Volume(phantoms.head(), RAS))
    assert values["fber"] is None
    assert "background is empty" in reasons["fber"]
    assert values["acu_noise_air"] is None
    assert values["efc"] is not None
    assert values["acu_summary_fg_mean"] is not None


def test_a_few_bad_voxels_count_as_zero(head: Volume) -> None:
    array, zeroed = head.array.copy(), head.array.copy()
    array[3, 4, 5:9] = (np.nan, np.inf, -np.inf, -5.0)
    zeroed[3, 4, 5:9] = 0
    _, _, definitions = measure_volume(head.with_array(array))
    assert definitions["nonfinite_voxels"] == 3
    found = metrics.volume_iqms(head.with_array(array))["efc"]
    assert found == metrics.volume_iqms(head.with_array(zeroed))["efc"]


def test_colour_is_measured_by_its_luma(head: Volume) -> None:
    grey = np.clip(head.array / 5, 0, 255).astype(np.uint8)
    colour = Volume(np.stack([grey] * 3, axis=-1), RAS)
    assert metrics.volume_iqms(colour)["efc"] == metrics.volume_iqms(Volume(grey, RAS))["efc"]


def test_unknown_spacing_gives_no_length(head: Volume) -> None:
    values, reasons, _ = measure_volume(replace(head, spacing_known=False))
    assert values["acu_fwhm_avg"] is None
    assert "spacing" in reasons["acu_fwhm_x"]


def test_few_thick_slices_are_looked_at_across(head: Volume) -> None:
    # Stored with equal spacing, so that only the shape tells; axial slices would be 5 wide.
    thin = Volume(head.array[30:35], np.eye(4))
    _, reasons, definitions = measure_volume(thin)
    assert definitions["plane"] == "sagittal"
    assert reasons == {}


def test_thin_slices_have_an_entropy_only() -> None:
    array = np.random.default_rng(1).random((8, 40, 9)).astype(np.float32)
    values, reasons, _ = measure_volume(Volume(array, np.eye(4)))
    assert values["efc"] is not None
    assert "smaller than 16" in reasons["fber"]


def test_reference_metrics_are_those_of_the_whole_arrays(head: Volume) -> None:
    noisy = head.with_array(head.array + phantoms.noise(head.shape, 30.0))
    values, reasons, definitions = metrics.reference_iqms(noisy, head)
    x, y = head.array.astype(np.float64), noisy.array.astype(np.float64)
    span = float(x.max() - x.min())
    assert set(values) == set(REFERENCE_NAMES)
    assert definitions["data_range"] == span
    assert values["ssim"] == pytest.approx(structural_similarity(x, y, data_range=span), abs=1e-9)
    slices = [
        structural_similarity(x[:, :, k], y[:, :, k], data_range=span) for k in range(x.shape[2])
    ]
    assert values["acu_ssim_2d"] == pytest.approx(np.mean(slices), abs=1e-6)
    assert values["psnr"] == pytest.approx(
        metrics.peak_signal_noise_ratio(x, y, data_range=span), abs=1e-9
    )
    assert values["nrmse"] == pytest.approx(metrics.normalized_root_mse(x, y), abs=1e-9)
    assert reasons == {"ms_ssim": "every side must have at least 161 voxels"}


def test_multi_scale_is_the_mean_over_the_slices() -> None:
    rng = np.random.default_rng(2)
    clean = rng.random((3, 170, 165)).astype(np.float32).cumsum(1)
    noisy = clean + rng.normal(0, 2, clean.shape).astype(np.float32)
    affine = np.diag([5.0, 1.0, 1.0, 1.0])
    values, reasons, definitions = metrics.reference_iqms(
        Volume(noisy, affine), Volume(clean, affine)
    )
    assert definitions["similarity_plane"] == "sagittal"
    expected = [
        metrics.multi_scale_structural_similarity(a, b, data_range=definitions["data_range"])
        for a, b in zip(clean, noisy, strict=True)
    ]
    assert values["ms_ssim"] == pytest.approx(np.mean(expected), abs=1e-9)
    assert values["ssim"] is None
    assert "7 voxels" in reasons["ssim"]


def test_a_volume_equals_itself(head: Volume) -> None:
    values, reasons, _ = metrics.reference_iqms(head, head)
    assert values["ssim"] == pytest.approx(1.0)
    assert values["nrmse"] == 0.0
    assert values["psnr"] is None
    assert "equal" in reasons["psnr"]


def test_another_grid_is_refused(head: Volume) -> None:
    with pytest.raises(GeometryMismatchError, match="64 x 72 x 59"):
        metrics.reference_iqms(head, Volume(head.array[:, :, 1:], RAS))
    shifted = RAS.copy()
    shifted[0, 3] = 0.5
    with pytest.raises(GeometryMismatchError, match=r"0\.5 mm apart"):
        metrics.reference_iqms(head, replace(head, affine=shifted))


def test_bad_or_constant_references_give_reasons(head: Volume) -> None:
    bad = head.array.copy()
    bad[0, 0, 0] = np.nan
    values, reasons, _ = metrics.reference_iqms(head.with_array(bad), head)
    assert set(values.values()) == {None}
    assert "1 voxels" in reasons["ssim"]
    flat = head.with_array(np.ones_like(head.array))
    _, reasons, _ = metrics.reference_iqms(head, flat)
    assert "constant" in reasons["psnr"]
