"""`acutance.metrics.regional`: known answers on painted tissues, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from acutance.core.iqm import IqmRequest, IqmResult
from acutance.core.label_map import Label, LabelMap
from acutance.core.volume import Volume
from acutance.errors import GeometryMismatchError
from acutance.jobs.runner import Runner
from acutance.metrics import anatomical
from acutance.metrics.regional import NAMES, regional_iqms

TABLE = tuple(
    Label(n, name, (0, 0, 0))
    for n, name in enumerate(
        ("background", "CSF", "grey matter", "white matter", "other head tissue")
    )
)
MEANS, DEVIATIONS = (30.0, 200.0, 500.0, 900.0, 650.0), (9.0, 40.0, 30.0, 25.0, 80.0)


def painted(noise: bool = True) -> tuple[Volume, LabelMap]:
    labels = np.zeros((40, 40, 20), np.uint8)
    labels[4:36, 4:36] = 4
    labels[8:32, 8:32, 2:18] = 3
    labels[8:16, 8:32, 2:18] = 2
    labels[28:32, 8:32, 2:18] = 1
    rng = np.random.default_rng(3)
    array = np.array(MEANS)[labels]
    if noise:
        array = np.abs(array + np.array(DEVIATIONS)[labels] * rng.standard_normal(labels.shape))
    return Volume(array.astype(np.float32), np.diag([2.0, 2.0, 2.0, 1.0])), LabelMap(labels, TABLE)


def test_known_tissues_give_known_ratios() -> None:
    volume, labels = painted()
    values, reasons, definitions = regional_iqms(volume, labels)
    assert set(NAMES) <= set(values)
    assert not reasons
    assert values["snr_wm"] == pytest.approx(900 / 25, rel=0.05)
    assert values["snr_gm"] == pytest.approx(500 / 30, rel=0.05)
    assert values["cjv"] == pytest.approx((25 + 30) / 400, rel=0.05)
    assert values["cnr"] == pytest.approx(400 / np.sqrt(9**2 + 25**2 + 30**2), rel=0.05)
    assert values["summary_wm_mean"] == pytest.approx(900, rel=0.01)
    assert values["summary_bg_stdv"] == pytest.approx(9, rel=0.1)
    assert values["icvs_gm"] == pytest.approx(8 / 24)
    assert values["summary_csf_n"] == 4 * 24 * 16
    assert values["snr_total"] == pytest.approx(
        np.mean([values[f"snr_{part}"] for part in ("csf", "gm", "wm")])
    )
    assert definitions["head_mask"] == definitions["tissue_masks"] == "segmentation"


def test_the_numbers_are_those_of_the_functions_that_bear_the_names() -> None:
    volume, labels = painted()
    values, _, _ = regional_iqms(volume, labels)
    tissue = volume.array[(labels.array > 0) & (labels.array < 4)]
    image = volume.array.astype(np.float64) * (1000.0 / float(np.median(tissue)))
    maps = {"gm": labels.array == 2, "wm": labels.array == 3, "bg": labels.array == 0}
    told = anatomical.summary_stats(image, maps, data_decimals=6)
    gm, wm, bg = told["gm"], told["wm"], told["bg"]
    assert values["cjv"] == pytest.approx(
        anatomical.cjv(wm["median"], gm["median"], wm["mad"], gm["mad"]), rel=1e-6
    )
    assert values["snrd_wm"] == pytest.approx(
        anatomical.snr_dietrich(wm["median"], bg["mad"], bg["stdv"]), rel=1e-6
    )
    assert values["wm2max"] == pytest.approx(anatomical.wm2max(image, wm["median"]), rel=1e-6)
    assert values["fber"] == pytest.approx(anatomical.fber(image, labels.array), rel=1e-6)


def test_scale_of_the_image_changes_no_ratio() -> None:
    volume, labels = painted()
    values, _, _ = regional_iqms(volume, labels)
    small, _, _ = regional_iqms(volume.with_array(volume.array / 4096), labels)
    for name in ("cjv", "cnr", "snr_wm", "snrd_gm", "wm2max", "fber", "summary_wm_k"):
        assert small[name] == pytest.approx(values[name], rel=1e-3)
    assert small["summary_wm_mean"] == pytest.approx(values["summary_wm_mean"] / 4096, rel=1e-3)


def test_what_is_not_defined_is_named() -> None:
    volume, labels = painted()
    fewer = LabelMap(labels.array, TABLE[:3])
    values, reasons, _ = regional_iqms(volume, fewer)
    assert set(values.values()) == {None}
    assert "no white matter" in reasons["cjv"]
    tiny = labels.array.copy()
    tiny[tiny == 1] = 0
    values, reasons, _ = regional_iqms(volume, LabelMap(tiny, TABLE))
    assert "fewer than 100 voxels are CSF" in reasons["snr_csf"]
    bare = volume.with_array(np.where(labels.array == 0, 0, volume.array).astype(np.float32))
    values, reasons, _ = regional_iqms(bare, labels)
    assert values["snr_wm"] > 0
    assert values["cnr"] is None
    assert "no noise around the head" in reasons["snrd_total"]
    assert "fber" not in values
    flat, _ = painted(noise=False)
    values, reasons, _ = regional_iqms(flat, labels)
    assert values["snr_wm"] is None
    assert "same value" in reasons["snr_wm"]
    zero = volume.with_array(np.zeros_like(volume.array))
    assert "not positive" in regional_iqms(zero, labels)[1]["cjv"]
    with pytest.raises(GeometryMismatchError):
        regional_iqms(volume, LabelMap(labels.array[1:], TABLE))


def test_the_engine_takes_tissues() -> None:
    volume, labels = painted()
    with Runner(device="cpu", synchronous=True) as runner:
        plain: IqmResult = runner.submit("iqm", IqmRequest(volume)).value()
        told: IqmResult = runner.submit("iqm", IqmRequest(volume, tissues=labels)).value()
    assert set(told.values) == set(plain.values) | set(NAMES)
    assert {name for name, value in told.values.items() if value is None} == set(told.reasons)
    assert told.values["efc"] == plain.values["efc"]
    assert told.definitions["head_mask"] == "segmentation"
    assert plain.definitions["head_mask"] == "acu_head_otsu"
