"""`acutance batch` from outside: the plan, the account, exit codes, Ctrl-C, the same object."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import nibabel
import numpy as np
import pytest

import phantoms
from commands import environment, process
from commands import here as acutance

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("children")


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scans with spaces")
    head = phantoms.head((48, 54, 20)).astype(np.int16)
    for number in range(2):
        image = nibabel.Nifti1Image(head + number, np.diag([4, 4, 9, 1]))
        nibabel.save(image, folder / f"sub-{number}_T1w.nii.gz")
    data = (folder / "sub-0_T1w.nii.gz").read_bytes()
    (folder / "cut.nii.gz").write_bytes(data[:3000])
    return folder


def without_time(line: str) -> dict[str, object]:
    record = json.loads(line)
    return {n: v for n, v in record.items() if n not in ("created_utc", "seconds")}


def test_batch_plans_works_and_gives_account(scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = process("batch", scans, out, "--device", "cpu", "--fail-on", "error")
    assert done.returncode == 4, done.stderr
    said = done.stdout.splitlines()
    # On a busy machine it first says what it is looking at.
    lines = list(itertools.dropwhile(lambda line: line.startswith(("Looking", "Hashing")), said))
    assert "3 volumes and 0 videos in 3 files" in lines[0]
    assert lines[1].startswith("  to do: 3, about ")
    assert "  ledger: 3 files: 2 done, 1 failed" in lines
    assert "Not for diagnosis." in done.stdout
    complaint = done.stderr.splitlines()
    assert len(complaint) == 1
    assert "cut.nii.gz: The file is cut" in complaint[0]
    scored = acutance("score", scans, "--json", "-", "--device", "cpu")
    expected = [without_time(line) for line in scored.stdout.splitlines()]
    assert [json.loads(x) for x in (out / "results.jsonl").read_text().splitlines()] == expected
    again = acutance("batch", scans, out, "--device", "cpu")
    assert again.returncode == 1
    assert "--resume" in again.stderr
    resumed = acutance("batch", scans, out, "--device", "cpu", "--resume")
    assert resumed.returncode == 3
    assert "finished before: 2 done, 1 failed" in resumed.stdout


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_interrupt_ends_well_and_resume_goes_on(scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "acutance", "batch", str(scans), str(out), "--tasks", "iqm"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdout is not None
        while "to do" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        asked = time.monotonic()
        _, errors = process.communicate(timeout=60)
        assert time.monotonic() - asked < 20
    assert process.returncode == 130, errors
    assert "Go on with --resume" in errors
    assert "Traceback" not in errors
    resumed = acutance("batch", scans, out, "--tasks", "iqm", "--resume")
    assert resumed.returncode == 3, resumed.stderr
    assert "ledger: 3 files: 2 done, 1 failed" in resumed.stdout


def test_shards_are_merged(scans: Path, tmp_path: Path) -> None:
    parts = []
    for number in (1, 2):
        parts.append(tmp_path / f"part{number}")
        done = acutance(
            "batch", scans, parts[-1], "--tasks", "iqm", "--shard", f"{number}/2", "--json", "-"
        )
        assert done.returncode in (0, 1, 3), done.stderr
    merged = acutance("batch", "merge", *parts, tmp_path / "whole")
    assert merged.returncode == 3, merged.stderr
    assert "ledger: 3 files: 2 done, 1 failed" in merged.stdout
    assert len((tmp_path / "whole" / "results.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["in"],
        ["a", "b", "c"],
        ["in", "out", "--workers", "-1"],
        ["in", "out", "--tasks", "paint"],
        ["in", "out", "--shard", "3/2"],
        ["in", "out", "--retry-failed"],
        ["in", "in"],
    ],
)
def test_wrong_usage_is_told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    from acutance import __main__

    with pytest.raises(SystemExit) as ended:
        __main__.main(["batch", *arguments])
    assert ended.value.code == 2
    assert "acutance" in capsys.readouterr().err
