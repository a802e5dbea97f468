"""`acutance deidentify` from outside: exit codes, neutral output, an account that tells nothing."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import nibabel
import numpy as np
import pydicom
import pytest

from acutance import cli

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "app" / "io"))
factory = import_module("dicom_factory")


def deidentify(*arguments: object) -> int:
    return cli.run(cli.parse(["deidentify", *map(str, arguments)]))


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "Secret Person"
    factory.write_series(folder / "SECRET77", factory.ramp((6, 5, 2)), StudyDate="20240229")
    nibabel.save(nibabel.Nifti1Image(factory.ramp((3, 4, 5)), np.eye(4)), folder / "Secret.nii.gz")
    (folder / "notes.txt").write_text("not a scan")
    return folder


def fingerprints(folder: Path) -> dict[Path, tuple[str, int]]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {f: (hashlib.sha256(f.read_bytes()).hexdigest(), f.stat().st_mtime_ns) for f in files}


def test_from_a_folder_to_a_neutral_one(
    scans: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = fingerprints(scans)
    out = tmp_path / "out"
    assert deidentify(scans, "-o", out, "--json", "-") == 0
    said = capsys.readouterr()
    report = json.loads(said.out)
    assert not re.search(r"secret|person|20240229", said.out, re.IGNORECASE)
    assert "notes.txt: not exported: it is neither" in said.err
    assert report["ledger"]["found"] == 4
    assert report["ledger"]["exported"] == len(report["exported"]) == 3
    assert [m["code"] for m in report["profile"]["methods"]] == ["113100"]
    files = sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file())
    assert files == sorted(e["file"] for e in report["exported"])
    for file in files:
        assert not re.search(b"secret|20240229", (out / file).read_bytes(), re.IGNORECASE)
    assert fingerprints(scans) == before


def test_options_and_key_from_the_command_line(scans: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(os.urandom(32))
    uids = []
    for name in ("a", "b"):
        arguments = ("-o", tmp_path / name, "--keep", "dates,patient", "--key-file", key)
        assert deidentify(scans, *arguments) == 0
        first = pydicom.dcmread(tmp_path / name / "series-001" / "IMG-000001.dcm")
        assert first.StudyDate == "20240229"
        assert [i.CodeValue for i in first.DeidentificationMethodCodeSequence] == [
            "113100", "113108", "113106",
        ]  # fmt: skip
        uids.append(first.SOPInstanceUID)
    assert uids[0] == uids[1]


def test_a_refused_file_is_told_and_the_others_are_exported(
    scans: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    us = factory.make_slice(np.zeros((4, 4), "<u2"), Modality="US")
    factory.write(us, scans / "us.dcm")
    assert deidentify(scans, "-o", tmp_path / "out") == 3
    said = capsys.readouterr()
    assert "us.dcm: not exported: names are often written" in said.err
    assert "3 of 5 files exported" in said.out
    assert deidentify(scans / "us.dcm", "-o", tmp_path / "none") == 1
    assert deidentify(scans / "us.dcm", "-o", tmp_path / "us", "--allow-burned-in") == 0
    assert "allowed" in capsys.readouterr().out


def test_an_output_with_files_in_it_is_refused(
    scans: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("x")
    assert deidentify(scans, "-o", tmp_path / "out") == 1
    assert "empty folder" in capsys.readouterr().err
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["mine"]


@pytest.mark.parametrize("content", [None, b"short", b"x" * 5000])
def test_a_bad_key_file_is_named(
    scans: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    key = tmp_path / "key"
    if content is not None:
        key.write_bytes(content)
    assert deidentify(scans, "-o", tmp_path / "out", "--key-file", key) == 1
    assert "key" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["SCANS"],
        ["SCANS", "-o", "SCANS/out"],
        ["SCANS", "-o", "OUT", "--keep", "faces"],
        ["SCANS", "-o", "OUT", "--keep", "dates,modified-dates"],
        ["SCANS", "-o", "OUT", "--json", "SCANS/report.json"],
    ],
)
def test_wrong_usage_exits_with_two(scans: Path, tmp_path: Path, arguments: list[str]) -> None:
    replaced = [
        a.replace("SCANS", str(scans)).replace("OUT", str(tmp_path / "out")) for a in arguments
    ]
    with pytest.raises(SystemExit) as caught:
        deidentify(*replaced)
    assert caught.value.code == 2


def test_as_a_program(scans: Path, tmp_path: Path) -> None:
    paths = os.pathsep.join(str(ROOT / part) for part in ("app", "models", "resources"))
    done = subprocess.run(
        [sys.executable, "-m", "acutance", "deidentify", scans, "nowhere", "-o", tmp_path / "out"],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert "nowhere" in done.stderr
    assert "Basic Application Confidentiality Profile (113100)" in done.stdout
