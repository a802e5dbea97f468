"""`acutance bids` from outside: the derivative, the table, filters, exit codes, a second run."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING
from unittest import mock

import nibabel
import numpy as np
import pytest

import commands
import phantoms
from acutance.core.bids import parse_name
from acutance.export.history_store import Process
from acutance.export.history_table import read_table
from commands import Done
from commands import here as acutance

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("children")


def bids(*arguments: object) -> Done:
    kept = commands.shared_runner()
    with mock.patch("acutance.bids_commands.Runner", return_value=kept):
        return acutance("bids", *arguments)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("ds")
    (root / "dataset_description.json").write_text('{"Name": "x", "BIDSVersion": "1.9.0"}')
    (root / "T1w.json").write_text('{"ManufacturersModelName": "Skyra", "PatientName": "Zebedee"}')
    head = phantoms.head((48, 54, 20)).astype(np.int16)
    # Array axes are A, S, R: sizes are told by direction.
    affine = np.array([[0, 0, 4, -90], [4, 0, 0, -100], [0, 9, 0, -90], [0, 0, 0, 1.0]])
    turned = nibabel.Nifti1Image(np.transpose(head, (1, 2, 0)), affine)
    for place in ("sub-01/ses-a/anat/sub-01_ses-a_T1w", "sub-02/anat/sub-02_run-1_T1w"):
        (root / place).parent.mkdir(parents=True)
        nibabel.save(turned, root / f"{place}.nii.gz")
    (root / "sub-02/anat/sub-02_T1w.json").write_text('{"ReceiveCoilName": "H20"}')
    (root / "sub-02/anat/sub-02_run-1_T2w.nii.gz").write_bytes(b"no image")
    (root / "sub-02/anat/other.nii.gz").write_bytes(b"no BIDS name")
    return root


def test_derivative_table_and_a_second_run(dataset: Path, tmp_path: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in dataset.rglob("*") if p.is_file()}
    out = tmp_path / "out"
    done = bids(dataset, out, "participant", "--nprocs", 1, "--no-sub", "--mem_gb", 4)
    assert done.returncode == 1, done.stderr
    assert "2 images measured, 0 as they were, 1 failed" in done.stdout
    assert "sub-02_run-1_T2w.nii.gz" in done.stderr
    assert "--no-sub is taken" in done.stderr
    description = json.loads((out / "dataset_description.json").read_text())
    assert description["DatasetType"] == "derivative"
    assert description["GeneratedBy"][0]["Name"] == "acutance"
    told = json.loads((out / "sub-01/ses-a/anat/sub-01_ses-a_T1w.json").read_text())
    metrics = [name for name in told if name not in ("bids_meta", "provenance")]
    assert metrics == sorted(metrics)
    assert {"efc", "fber", "acu_ssim_pred", "acu_verdict"} <= set(metrics)
    assert [told[f"size_{a}"] for a in "xyz"] == [48, 54, 20]
    assert [told[f"spacing_{a}"] for a in "xyz"] == [4, 4, 9]
    assert told["bids_meta"]["subject"] == "01"
    assert told["bids_meta"]["session"] == "a"
    assert told["bids_meta"]["ManufacturersModelName"] == "Skyra"
    image = dataset / "sub-01/ses-a/anat/sub-01_ses-a_T1w.nii.gz"
    assert told["provenance"]["md5sum"] == hashlib.md5(image.read_bytes()).hexdigest()
    other = json.loads((out / "sub-02/anat/sub-02_run-1_T1w.json").read_text())
    assert other["bids_meta"]["ReceiveCoilName"] == "H20"
    assert (out / "sub-01_ses-a_T1w.html").is_file()
    # No participant was asked for alone, so the table is there; our own import reads it.
    lines = (out / "group_T1w.tsv").read_text().splitlines()
    assert [line.split("\t")[0] for line in lines] == [
        "bids_name", "sub-01_ses-a_T1w", "sub-02_run-1_T1w",
    ]  # fmt: skip
    table = read_table(out / "group_T1w.tsv", Process(source="bids"))
    assert table.entries[0].numbers["efc"] == told["efc"]
    assert (out / "group_T1w.html").is_file()
    assert not (out / "group_T2w.tsv").exists()
    for path in out.rglob("*"):
        assert not path.is_file() or b"Zebedee" not in path.read_bytes()
    again = bids(dataset, out, "participant", "-m", "T1w", "bold", "--participant-label", "sub-02")
    assert again.returncode == 0, again.stderr
    assert "0 images measured, 1 as they were" in again.stdout
    assert "bold images are not measured" in again.stderr
    assert {p: p.stat().st_mtime_ns for p in dataset.rglob("*") if p.is_file()} == before


def test_exit_codes_are_those_of_the_specification(dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert bids(dataset, out, "subject").returncode == 17
    assert bids(dataset, out, "participant", "--session-id", "zz").returncode == 18
    assert bids(dataset, out, "participant", "-m", "bold").returncode == 18
    assert bids(tmp_path / "gone", out, "participant").returncode == 66
    assert bids(dataset, out, "participant", "--frobnicate").returncode == 64
    assert bids(dataset, dataset, "participant").returncode == 64
    assert bids(dataset, out, "group").returncode == 1
    plain = tmp_path / "plain"
    plain.mkdir()
    invalid = bids(plain, out, "participant")
    assert invalid.returncode == 16
    assert "no BIDS dataset" in invalid.stderr
    file = tmp_path / "file"
    file.write_text("x")
    assert bids(dataset, file / "out", "participant", "-m", "T1w").returncode == 73
    dry = bids(dataset, out, "participant", "--dry-run", "--run-id", "1", "-m", "T1w")
    assert (dry.returncode, dry.stdout) == (0, "sub-02_run-1_T1w\n")
    assert not out.exists()


def test_names() -> None:
    assert parse_name("sub-1_ses-2_acq-x_T1w.nii.gz") == (
        {"sub": "1", "ses": "2", "acq": "x"}, "T1w",
    )  # fmt: skip
    for name in ("T1w.nii", "ses-1_T1w.nii", "sub-1.nii", "sub-_T1w.nii", "sub-1_T1w.json"):
        assert parse_name(name) is None
