"""`acutance convert` from outside: one NIfTI and one record per series, neutral names."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from importlib import import_module
from pathlib import Path

import nibabel
import numpy as np
import pytest

from acutance import cli

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "app" / "io"))
factory = import_module("dicom_factory")


def convert(*arguments: object) -> int:
    return cli.run(cli.parse(["convert", *map(str, arguments)]))


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "Secret Person"
    array = factory.ramp((6, 5, 4))
    factory.write_series(
        folder / "SECRET77", array, orientation=factory.CORONAL, RescaleSlope=2, RescaleIntercept=-9
    )
    nibabel.save(
        nibabel.Nifti1Image(factory.ramp((3, 4, 5)), np.diag([2.0, 2.0, 2.0, 1.0])),
        folder / "Secret_Person.nii.gz",
    )
    (folder / "notes.txt").write_text("not a scan")
    return folder


def fingerprints(folder: Path) -> dict[Path, tuple[str, int]]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {f: (hashlib.sha256(f.read_bytes()).hexdigest(), f.stat().st_mtime_ns) for f in files}


def test_every_series_becomes_a_nifti_and_a_record(
    scans: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = fingerprints(scans)
    out = tmp_path / "out"
    assert convert(scans, "-o", out, "--json", "-") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    names = sorted(file.name for file in out.iterdir())
    assert len(lines) == 2
    assert len(names) == 4
    assert all(re.fullmatch(r"00[12]-[0-9a-f]{12}\.(nii\.gz|json)", name) for name in names)
    assert [name for line in lines for name in sorted(line["output"]["files"])] == names
    by_shape = {tuple(i.shape): i for i in map(nibabel.load, out.glob("*.nii.gz"))}
    dicom = by_shape[6, 5, 4]
    # Stored values and scale as in the files; LPS of the first slice becomes RAS+.
    np.testing.assert_array_equal(dicom.dataobj.get_unscaled(), factory.ramp((6, 5, 4)))
    assert (dicom.dataobj.slope, dicom.dataobj.inter) == (2.0, -9.0)
    np.testing.assert_allclose(dicom.affine[:3, 3], (10.0, 20.0, 30.0), atol=1e-5)
    assert nibabel.aff2axcodes(dicom.affine) == ("L", "I", "P")
    records = [json.loads(file.read_text()) for file in out.glob("*.json")]
    assert all(r["ledger"]["found"] >= r["ledger"]["used"] > 0 for r in records)
    assert {r["output"]["file"] for r in records} == {n for n in names if n.endswith("gz")}
    assert fingerprints(scans) == before


def test_the_same_input_gives_the_same_names_and_bytes(scans: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert convert(scans, "-o", tmp_path / name, "--format", "nii") == 0
    first, second = (
        {f.name: f.read_bytes() for f in (tmp_path / n).glob("*.nii")} for n in ("a", "b")
    )
    assert first == second
    assert len(first) == 2


def test_a_bad_file_is_not_the_end(
    scans: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = (scans / "Secret_Person.nii.gz").read_bytes()
    (scans / "cut.nii.gz").write_bytes(whole[:-9])
    assert convert(scans, "-o", tmp_path / "out") == 3
    assert "cut.nii.gz" in capsys.readouterr().err
    assert len(list((tmp_path / "out").glob("*.nii.gz"))) == 2


@pytest.mark.parametrize(
    "arguments", [["x"], ["SCANS", "-o", "SCANS/out"], ["SCANS", "-o", "FILE"]]
)
def test_wrong_usage_exits_with_two(scans: Path, arguments: list[str]) -> None:
    replaced = [
        a.replace("SCANS", str(scans)).replace("FILE", str(scans / "notes.txt")) for a in arguments
    ]
    with pytest.raises(SystemExit) as caught:
        convert(*replaced)
    assert caught.value.code == 2
