"""`acutance.metrics.anatomical`: the numbers of MRIQC, and refusals where it gives none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acutance import metrics
from acutance.metrics.anatomical import weighted_quantiles

# What mriqc 24.0.2 answered about the arrays of `case`; bench/iqm_against_mriqc.py asks it anew.
SUMMARY = {
    "wm": {"mean": 69.2819, "median": 47.0, "p95": 217.0, "p05": 2.0, "k": 2.2241,
           "stdv": 74.8704, "mad": 63.7171, "n": 652.123},
    "gm": {"mean": 67.75, "median": 43.0, "p95": 216.0, "p05": 2.0, "k": 4.0951,
           "stdv": 77.5884, "mad": 57.7623, "n": 432.0},
}  # fmt: skip


@pytest.fixture
def case() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    image = rng.gamma(2.0, 50.0, (12, 11, 10))
    wm = np.round(rng.random(image.shape), 3)
    gm = (rng.random(image.shape) < 0.3).astype(np.uint8)
    head = (np.indices(image.shape).sum(0) > 12).astype(np.uint8)
    frame = np.zeros(image.shape, np.uint8)
    frame[:2] = 1
    image[head == 0] *= 0.05
    return {"image": image, "wm": wm, "gm": gm, "head": head, "frame": frame}


def test_entropy_is_that_of_mriqc(case: dict[str, np.ndarray]) -> None:
    assert metrics.efc(case["image"]) == 0.6432
    assert metrics.efc(case["image"], case["frame"]) == 0.6795
    exact = metrics.efc(case["image"], decimals=None)
    assert exact == pytest.approx(0.643161915866942, abs=1e-12)


def test_energy_ratio_is_that_of_mriqc(case: dict[str, np.ndarray]) -> None:
    assert metrics.fber(case["image"], case["head"]) == 456.42
    assert metrics.fber(case["image"], case["head"], case["frame"]) == 463.8646


def test_ratios_of_tissues_are_those_of_mriqc(case: dict[str, np.ndarray]) -> None:
    assert metrics.snr(120.0, 15.0, 40) == pytest.approx(7.899367063252599, abs=1e-12)
    assert metrics.snr_dietrich(120.0, 3.0, 9.0) == pytest.approx(26.205456, abs=1e-12)
    assert metrics.snr_dietrich(120.0, 0.5, 9.0) == pytest.approx(8.735152, abs=1e-12)
    assert metrics.cnr(120.0, 90.0, 3.0, 10.0, 8.0) == pytest.approx(2.2808577638091165, abs=1e-12)
    assert metrics.cjv(120.0, 90.0, 10.0, 8.0) == pytest.approx(0.6, abs=1e-12)
    assert metrics.wm2max(case["image"], 130.0) == pytest.approx(0.2941446320516323, abs=1e-12)


def test_artefact_share_is_that_of_mriqc(case: dict[str, np.ndarray]) -> None:
    air = (1 - case["head"]).astype(np.uint8)
    share = metrics.art_qi1(air, case["gm"] * air)
    assert share == pytest.approx(0.25675675675675674, abs=1e-15)


def test_masks_of_eight_bits_do_not_overflow() -> None:
    assert metrics.art_qi1(np.ones(1000, np.uint8), np.ones(1000, np.uint8)) == 0.5


def test_summary_is_that_of_mriqc(case: dict[str, np.ndarray]) -> None:
    found = metrics.summary_stats(case["image"], {"wm": case["wm"], "gm": case["gm"]})
    assert found.keys() == SUMMARY.keys()
    for tissue, expected in SUMMARY.items():
        assert found[tissue] == pytest.approx(expected, abs=1e-9)


def test_entropy_is_zero_for_one_voxel_and_one_for_a_constant() -> None:
    spike = np.zeros((8, 8))
    spike[3, 3] = 5.0
    assert metrics.efc(spike) == pytest.approx(0.0, abs=1e-12)
    assert metrics.efc(np.full((8, 8), 5.0)) == 1.0


def test_quantile_on_the_boundary_is_the_middle() -> None:
    assert weighted_quantiles(np.array([3.0, 1.0]), np.array([1.0, 1.0]), (0.5,)) == (2.0,)


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=40), st.floats(0.01, 0.99))
def test_weighted_quantile_of_whole_weights_is_that_of_the_repeated_data(
    values: list[int], p: float
) -> None:
    weights = np.array([1 + abs(v) % 3 for v in values], dtype=np.float64)
    (found,) = weighted_quantiles(np.array(values, dtype=np.float64), weights, (p,))
    repeated = np.sort(np.repeat(values, weights.astype(int)))
    assert found == pytest.approx(
        float(np.quantile(repeated, p, method="averaged_inverted_cdf")), abs=1e-12
    )


def test_what_mriqc_calls_undefined_is_minus_one() -> None:
    head = np.zeros((4, 4), np.uint8)
    head[:2] = 1
    assert metrics.fber(head * 100.0, head) == -1.0
    assert metrics.snr_dietrich(100.0, 0.0, 0.0) == -1.0
    assert metrics.art_qi1(np.zeros(4), np.zeros(4)) == -1.0


@pytest.mark.parametrize(
    "image",
    [np.zeros((4, 4)), -np.ones((4, 4)), np.full((4, 4), math.nan), np.ones(1)],
    ids=["empty", "negative", "not finite", "one voxel"],
)
def test_entropy_refuses_what_it_is_not_defined_for(image: np.ndarray) -> None:
    with pytest.raises(ValueError, match="entropy"):
        metrics.efc(image)


def test_ratios_refuse_a_division_by_nothing() -> None:
    with pytest.raises(ValueError, match="deviation"):
        metrics.snr(1.0, 0.0, 10)
    with pytest.raises(ValueError, match="noise"):
        metrics.cnr(2.0, 1.0, 0.0, 0.0, 0.0)
    with pytest.raises(ValueError, match="means"):
        metrics.cjv(1.0, 1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="empty"):
        metrics.wm2max(np.zeros(4), 1.0)
    with pytest.raises(ValueError, match="inside and outside"):
        metrics.fber(np.ones((2, 2)), np.ones((2, 2)))
    with pytest.raises(ValueError, match="map of wm"):
        metrics.summary_stats(np.ones((2, 2)), {"wm": np.zeros((2, 2))})
