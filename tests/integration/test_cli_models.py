"""`acutance models` from outside: import, list, refusals, exit codes."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from acutance_models.iqa_resnet.network import build

ROOT = Path(__file__).parents[2]


def acutance(
    *arguments: object, home: Path, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join(str(ROOT / part) for part in ("app", "models", "resources"))
    return subprocess.run(
        [sys.executable, "-m", "acutance", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": paths, "WIN_PD_OVERRIDE_LOCAL_APPDATA": str(home),
             "XDG_DATA_HOME": str(home), "HOME": str(home)},
    )  # fmt: skip


def test_an_imported_checkpoint_is_listed_as_unverified(tmp_path: Path) -> None:
    home, given = tmp_path / "home", tmp_path / "my model.pth.tar"
    torch.save({"state_dict": build("resnet18").state_dict(), "epoch": 3}, given)
    done = acutance("models", "import", given, home=home)
    assert done.returncode == 0, done.stderr
    assert "resnet18" in done.stdout
    assert "unverified" in done.stdout
    assert "left out: epoch" in done.stdout
    listed = acutance("models", "list", "--json", "-", home=home)
    assert listed.returncode == 0, listed.stderr
    records = [json.loads(line) for line in listed.stdout.splitlines()]
    assert records[0]["status"] == "shipped"
    assert records[-1]["status"] == "unverified"
    assert records[-1]["id"].startswith("my_model-")
    assert Path(records[-1]["path"]).is_file()
    again = acutance("models", "import", given, home=home)
    assert again.returncode == 1
    assert "there already" in again.stderr
    Path(records[-1]["path"] + ".json").write_text("{")
    damaged = acutance("models", "list", home=home)
    assert damaged.returncode == 0
    assert "malformed" in damaged.stderr
    assert "iqa_resnet18" in damaged.stdout


class Payload:
    def __init__(self, marker: Path) -> None:
        self.marker = str(marker)

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (self.marker,)


def test_a_hostile_file_is_one_message(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    (tmp_path / "bad.pth").write_bytes(pickle.dumps(Payload(marker)))
    done = acutance(
        "models", "import", "bad.pth", "-o", "out.safetensors", home=tmp_path, cwd=tmp_path
    )
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "bad.pth: opening it would call" in done.stderr
    assert not marker.exists()
    assert [p.name for p in tmp_path.iterdir()] == ["bad.pth"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["models"],
        ["models", "import"],
        ["models", "import", "x.pth", "-o", "x.pth"],
        ["models", "import", "x.pth", "-o", "nowhere/x.safetensors"],
        ["models", "import", "x.pth", "--t", "-1"],
        ["models", "list", "--json", "nowhere/x.json"],
    ],
)
def test_wrong_usage_exits_with_two(tmp_path: Path, arguments: list[str]) -> None:
    done = acutance(*arguments, home=tmp_path, cwd=tmp_path)
    assert done.returncode == 2
    assert "usage" in done.stderr
