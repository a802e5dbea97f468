"""`acutance watch`: series are scored when they have come to rest, once, and as `score` would."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest

import phantoms
from acutance import cli

ROOT = Path(__file__).parents[2]
CANARY = "Zebedee"


def start(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "acutance", *map(str, arguments), "--device", "cpu"]
    return subprocess.Popen(
        command, cwd=ROOT / "app", text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def results(out: Path) -> list[dict[str, Any]]:
    file = out / "results.jsonl"
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    return [json.loads(line) for line in text.splitlines()]


def without_time(record: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in record.items() if k not in ("created_utc", "seconds")}


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "head.nii"
    affine = np.diag([2.0, 2.0, 2.0, 1.0])
    nibabel.save(nibabel.Nifti1Image(phantoms.head().astype(np.float32), affine), path)
    return path


def test_arrivals_are_scored_once_and_as_score_would(tmp_path: Path, scan: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    shutil.copyfile(scan, folder / f"{CANARY}.nii")
    (folder / "notes.nii").write_bytes(b"no scan")
    watch = ("watch", folder, out, "--quiet", "0.5", "--export", "html")
    running = start(*watch, "--stop-after", "2.5")
    line = running.stdout
    assert line is not None
    assert "Watching" in line.readline()
    # While it watches another one arrives in parts, under its own name.
    data = scan.read_bytes()
    with (folder / "late.nii").open("wb") as file:
        for n in range(4):
            file.write(data[n * len(data) // 4 : (n + 1) * len(data) // 4])
            file.flush()
            time.sleep(0.2)
    output, errors = running.communicate(timeout=120)
    assert running.returncode == 0, errors + output
    found = {Path(r["path"]).name: r for r in results(out)}
    assert len(results(out)) == 2
    assert sorted(found) == [f"{CANARY}.nii", "late.nii"]
    assert all(r["ledger"]["found"] == r["ledger"]["used"] + len(r["ledger"]["set_aside"])
               for r in found.values())  # fmt: skip
    reports = list(out.glob("series-*.html"))
    assert len(reports) == 2
    for path in (*reports, out / "watch.jsonl"):
        assert CANARY.encode() not in path.read_bytes()
    # A second run, without events, has nothing to do; a changed file is scored again.
    (folder / "late.nii").touch()
    again = start(*watch, "--polling", "--stop-after", "1")
    _, errors = again.communicate(timeout=120)
    assert again.returncode == 0, errors
    assert [Path(r["path"]).name for r in results(out)][2:] == ["late.nii"]
    scored = subprocess.run(
        [sys.executable, "-m", "acutance", "score", folder, "--json", "-", "--device", "cpu"],
        cwd=ROOT / "app", capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    same = {Path(r["path"]).name: r for r in map(json.loads, scored.stdout.splitlines())}
    assert without_time(same["late.nii"]) == without_time(found["late.nii"])


def test_results_never_go_into_the_folder_that_is_watched(tmp_path: Path, capsys) -> None:
    for arguments in (
        ["watch", str(tmp_path), str(tmp_path / "out")],
        ["watch", str(tmp_path), str(tmp_path)],
        ["watch", str(tmp_path / "in"), str(tmp_path / "out"), "--export", "csv"],
        ["watch", str(tmp_path / "in"), str(tmp_path / "out"), "--quiet", "0"],
    ):
        with pytest.raises(SystemExit) as stop:
            cli.parse(arguments)
        assert stop.value.code == cli.WRONG_USAGE
    missing = cli.parse(["watch", str(tmp_path / "in"), str(tmp_path / "out")])
    assert cli.run(missing) == cli.NOTHING_DONE
    assert "no such folder" in capsys.readouterr().err
