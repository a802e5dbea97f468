"""`acutance site` and `acutance score --site --weights` from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nibabel
import numpy as np
import pytest
from safetensors.torch import save_file

import phantoms
from acutance_models.iqa_resnet.network import build

ROOT = Path(__file__).parents[2]


def acutance(*arguments: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join(str(ROOT / part) for part in ("app", "models", "resources"))
    kept = {n: v for n, v in os.environ.items() if n != "ACUTANCE_SITE_FILE"}
    return subprocess.run(
        [sys.executable, "-m", "acutance", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        cwd=cwd,
        env={**kept, "PYTHONPATH": paths, "XDG_CONFIG_DIRS": str(cwd), **environment},
    )


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    head = phantoms.head()[:, :, 20:28].astype(np.float32)
    nibabel.save(nibabel.Nifti1Image(head, np.diag([3, 3, 3, 1])), tmp_path / "head.nii")
    return tmp_path / "head.nii"


def test_the_example_is_a_site_file(tmp_path: Path) -> None:
    shown = acutance("site", "example", cwd=tmp_path)
    (tmp_path / "site.toml").write_text(shown.stdout)
    checked = acutance("site", "check", "site.toml", cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr
    assert "1. T1 volume of the head: usable from 0.90, repeat below 0.70" in checked.stdout
    told = acutance("site", "check", cwd=tmp_path, ACUTANCE_SITE_FILE=str(tmp_path / "site.toml"))
    assert "site.toml: understood" in told.stdout


def test_a_bad_site_file_scores_nothing(tmp_path: Path, scan: Path) -> None:
    (tmp_path / "site.toml").write_text("format = 1\n[thresholds]\nusable = 2\nrepeat = 0.1\n")
    for command in (("site", "check", "site.toml"), ("score", scan, "--site", "site.toml")):
        done = acutance(*command, cwd=tmp_path)
        assert done.returncode == 1
        assert done.stdout == ""
        assert "site.toml: Key [thresholds], usable" in done.stderr
    assert acutance("site", "check", cwd=tmp_path).returncode == 0


def test_rule_and_weights_stand_in_the_json(tmp_path: Path, scan: Path) -> None:
    (tmp_path / "site.toml").write_text(
        'format = 1\n[[protocol]]\nname = "heads"\nseries = "head*"\nusable = 0.5\nrepeat = 0.1\n'
    )
    save_file(build("resnet18").state_dict(), tmp_path / "w.safetensors")
    done = acutance(
        "score", scan, "--site", "site.toml", "--weights", "w.safetensors", "--device", "cpu",
        "--json", "-", cwd=tmp_path, OMP_NUM_THREADS="1",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["parameters"]["threshold_usable"] == 0.5
    assert record["parameters"]["threshold_rule"] == "heads"
    assert record["model"]["status"] == "unverified"
    assert record["verdict"] != "usable"
    assert record["ssim_interval"] is None
    told = acutance(
        "score", scan, "--site", "site.toml", "--device", "cpu", cwd=tmp_path, OMP_NUM_THREADS="1"
    )
    assert "usable from 0.50, repeat below 0.10: site protocol heads\n" in told.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["site"],
        ["score", "x.nii", "--weights", "x.pth"],
        ["score", "x.nii", "--weights", "gone.safetensors"],
        ["score", "x.nii", "--t", "2"],
    ],
)
def test_wrong_usage_exits_with_two(tmp_path: Path, arguments: list[str]) -> None:
    done = acutance(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert "usage" in done.stderr
