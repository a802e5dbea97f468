"""`acutance calibrate` from outside: mark, fit, list, score under it, go back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nibabel
import numpy as np
import pytest

import phantoms
from acutance import cli
from acutance.core.calibration import Mark
from acutance.export.calibration_store import CalibrationStore
from acutance_models.catalogue import get_descriptor

ROOT = Path(__file__).parents[2]


def here(*arguments: object) -> int:
    """Run a command in this process."""
    return cli.run(cli.parse([str(a) for a in arguments]))


def acutance(*arguments: object, store: Path) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join(str(ROOT / part) for part in ("app", "models", "resources"))
    return subprocess.run(
        [sys.executable, "-m", "acutance", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": paths,
            "ACUTANCE_CALIBRATION_DIR": str(store),
            "OMP_NUM_THREADS": "1",
        },
    )


def test_from_the_first_mark_to_the_way_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, scan = tmp_path / "store", tmp_path / "SECRET^NAME.nii"
    monkeypatch.setenv("ACUTANCE_CALIBRATION_DIR", str(folder))
    head = phantoms.head()[:, :, 20:28].astype(np.float32)
    nibabel.save(nibabel.Nifti1Image(head, np.diag([3, 3, 3, 1])), scan)
    added = acutance("calibrate", "add", scan, "--usable", "--device", "cpu", store=folder)
    assert added.returncode == 0, added.stderr
    assert "1 of at least 30 series marked" in added.stdout
    assert here("calibrate", "fit") == 1
    assert "29 more series are needed" in capsys.readouterr().err

    store, weights = CalibrationStore(folder), get_descriptor("iqa_resnet18").sha256
    (mine,) = store.marks()
    assert mine.weights_sha256 == weights
    for n, value in enumerate(np.linspace(0.0, 0.99, 40)):
        store.add(Mark(f"{n:064x}", float(value), bool(value > 0.5), weights))
    assert here("calibrate", "fit") == 0
    assert "version 1: 41 series" in capsys.readouterr().out
    assert "SECRET" not in "".join(p.read_text() for p in folder.iterdir())
    assert here("calibrate", "fit", "--date") == 0
    assert "version 2, made on 2" in capsys.readouterr().out

    scored = acutance("score", scan, "--json", "-", "--device", "cpu", store=folder)
    told = json.loads(scored.stdout)["parameters"]
    assert told["site_calibration"] == 2
    assert told["threshold_source"] == "site calibration"
    assert here("calibrate", "revert") == 0
    assert capsys.readouterr().out == "version 1 is in force\n"
    assert here("calibrate", "revert", "--version", "0") == 0
    assert here("calibrate", "revert") == 1
    assert "nothing to go back from" in capsys.readouterr().err
    assert here("calibrate", "revert", "--version", "2") == 0
    capsys.readouterr()
    assert here("calibrate", "list", "--json") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["in_force"] for line in lines] == [False, True]
    assert here("calibrate", "list") == 0
    assert "version 2, in force" in capsys.readouterr().out


def test_a_damaged_calibration_scores_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    (folder / "active.json").write_text("{")
    broken = acutance("score", tmp_path, "--json", "-", store=folder)
    assert broken.returncode == 1
    assert broken.stdout == ""
    assert "damaged" in broken.stderr
    assert here("calibrate", "revert", "--version", "0", "--store", folder) == 0
    assert CalibrationStore(folder).active() is None


@pytest.mark.parametrize(
    "arguments",
    [
        ["calibrate"],
        ["calibrate", "add", "x.nii"],
        ["calibrate", "add", "x.nii", "--usable", "--unusable"],
        ["calibrate", "fit", "--usable-from", "2"],
        ["calibrate", "fit", "--usable-from", "0.2", "--repeat-up-to", "0.3"],
        ["calibrate", "revert", "--version", "-1"],
    ],
)
def test_wrong_usage_exits_with_two(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.parse(arguments)
    assert caught.value.code == 2
