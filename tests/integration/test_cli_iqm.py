"""`acutance iqm` from outside: JSON lines, a reference, refusals, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import nibabel
import numpy as np
import pytest

import phantoms
from acutance.metrics.against_reference import NAMES as REFERENCE_NAMES
from acutance.metrics.whole_volume import NAMES
from commands import here as acutance

pytestmark = pytest.mark.usefixtures("children")

ROOT = Path(__file__).parents[2]
RECORD = {
    "path", "series", "modality", "acquisition", "shape", "spacing_mm", "software", "parameters",
    "created_utc",
    "seconds", "ledger", "warnings", "notes", "iqms", "reasons", "definitions", "reference",
}  # fmt: skip


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scans")
    head = phantoms.head((40, 44, 36), noise_sigma=9.0)
    for name, array in (
        ("a.nii.gz", head),
        ("b.nii", head + phantoms.noise(head.shape, 20.0)),
        ("c.nii", np.zeros((40, 44, 35), np.float32)),
    ):
        nibabel.save(nibabel.Nifti1Image(array, np.diag([3, 3, 3, 1])), folder / name)
    return folder


def test_one_object_per_series(scans: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    done = acutance("iqm", scans, "--json", target)
    assert done.returncode == 0, done.stderr
    assert "efc 0." in done.stdout
    assert "every voxel has the same value" in done.stdout
    records = [json.loads(line) for line in target.read_text().splitlines()]
    assert [Path(record["path"]).name for record in records] == ["a.nii.gz", "b.nii", "c.nii"]
    for record in records:
        assert set(record) >= RECORD
        assert list(record["iqms"]) == sorted(NAMES)
        assert record["definitions"]["version"] == "1"
        assert {n for n, v in record["iqms"].items() if v is None} == set(record["reasons"])
    assert set(records[2]["iqms"].values()) == {None}


def test_a_reference_adds_metrics_and_another_grid_is_one_message(scans: Path) -> None:
    reference = scans / "a.nii.gz"
    done = acutance(
        "iqm", scans / "b.nii", scans / "c.nii", "--reference", reference, "--json", "-"
    )
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "c.nii" in done.stderr
    assert "40 x 44 x 36" in done.stderr
    (record,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert set(record["iqms"]) == {*NAMES, *REFERENCE_NAMES}
    assert 0 < record["iqms"]["ssim"] < 1
    assert record["reference"] == str(reference)


def test_a_reference_that_is_not_one_series_is_refused(scans: Path, tmp_path: Path) -> None:
    for reference, message in (
        (scans, "holds 3"),
        (tmp_path / "gone.nii", "no such file"),
        (ROOT / "README.md", "holds 0"),
    ):
        done = acutance("iqm", scans / "a.nii.gz", "--reference", reference)
        assert done.returncode == 1
        assert message in done.stderr
        assert done.stdout == ""


def test_json_over_an_input_is_wrong_usage(scans: Path) -> None:
    inputs = (scans / "b.nii", "--reference", scans / "a.nii.gz")
    assert acutance("iqm", *inputs, "--json", scans / "a.nii.gz").returncode == 2
    assert acutance("iqm").returncode == 2
