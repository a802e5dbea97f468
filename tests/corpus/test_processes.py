"""Some cases once more from outside: a process of its own, its streams, its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from corpus.cases import CASES
from corpus.outcome import snapshot

if TYPE_CHECKING:
    from corpus.case import Case

ROOT = Path(__file__).parents[2]
CHOSEN = (
    "01-cut-half",
    "30-4-gib",
    "34-gap",
    "38-not-utf-8",
    "38-new-line-rejected",
    "41-5-gb-in-the-tail",
)


def acutance(*arguments: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join(str(ROOT / part) for part in ("app", "models", "resources"))
    return subprocess.run(
        [sys.executable, "-m", "acutance", *map(str, arguments)],
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=100,
        check=False,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": paths, **environment},
    )


@pytest.mark.parametrize("case", [pytest.param(c, id=c.id) for c in CASES if c.id in CHOSEN])
def test_a_process_of_its_own(case: Case, tmp_path: Path) -> None:
    inputs = tmp_path / "in"
    inputs.mkdir()
    named = case.make(inputs)
    path = inputs if named is None else named
    before = snapshot(tmp_path)
    # The C locale: names and messages must come through all the same.
    done = acutance(
        "info", path, "--json", "-", "--stats", cwd=tmp_path, LC_ALL="C", PYTHONUTF8="0"
    )
    assert snapshot(tmp_path) == before
    assert "Traceback" not in done.stderr
    if case.expect.outcome == "reject":
        assert (done.returncode, done.stdout) == (1, "")
        assert len(done.stderr.splitlines()) == 1, done.stderr
        return
    assert (done.returncode, done.stderr) == (0, "")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    names = {w["name"] for record in records for w in record["warnings"]}
    assert names >= case.expect.warnings


@pytest.mark.parametrize("name", [b"caf\xe9.nii", "\u202e\u6f22.nii".encode(), b"-x\n.nii"])
def test_words_for_odd_names_in_any_locale(name: bytes, tmp_path: Path) -> None:
    case = next(c for c in CASES if c.id == "38-not-utf-8")
    made = case.make(tmp_path)
    assert isinstance(made, Path)
    odd = made.rename(tmp_path / os.fsdecode(name))
    done = acutance("info", "--", odd.name, cwd=tmp_path, LC_ALL="C", PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 of 1 files used" in done.stdout
    assert done.stdout.replace("\n", "").isprintable()
