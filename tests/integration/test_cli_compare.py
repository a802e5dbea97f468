"""`acutance compare` from outside: an answer with its interval, refusals, exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import nibabel
import numpy as np
import pytest

import phantoms
from commands import here as acutance

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("children")


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scans")
    head = phantoms.head((60, 64, 16), noise_sigma=4.0)
    affine = np.diag([3.0, 3.0, 8.0, 1.0])
    upside = affine.copy()
    upside[2, 2], upside[2, 3] = -8.0, 8.0 * 15
    for name, array, grid in (("a.nii", head, affine), ("b.nii", head[:, :, ::-1], upside)):
        nibabel.save(nibabel.Nifti1Image(array, grid), folder / name)
    return folder


def test_a_scan_against_itself_upside_down_is_no_difference(scans: Path) -> None:
    done = acutance("compare", scans / "a.nii", scans / "b.nii", "--plane", "axial", "--json", "-")
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["advice"] in ("no_difference", "not_comparable")
    assert record["plane"] == "axial" or record["advice"] == "not_comparable"
    for pair in record["slices"]:
        assert pair["index_a"] + pair["index_b"] == 15
        assert pair["difference"] == 0
    assert record["a"]["ssim_pred"] == record["b"]["ssim_pred"]
    assert record["iqms"]["efc"]["a"] == pytest.approx(record["iqms"]["efc"]["b"], rel=1e-6)


def test_what_is_no_series_is_one_message(scans: Path, tmp_path: Path) -> None:
    for other, words in ((tmp_path / "gone.nii", "no such file"), (scans, "holds 2")):
        done = acutance("compare", scans / "a.nii", other)
        assert done.returncode == 1
        assert words in done.stderr
        assert done.stdout == ""


def test_json_over_an_input_is_wrong_usage(scans: Path) -> None:
    a, b = scans / "a.nii", scans / "b.nii"
    assert acutance("compare", a, b, "--json", a).returncode == 2
    assert acutance("compare", a).returncode == 2
