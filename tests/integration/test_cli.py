"""The command line from outside: exit codes, JSON lines, refusals, and the same bytes twice."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nibabel
import numpy as np
import pytest

import phantoms
from commands import here as acutance
from commands import process

pytestmark = pytest.mark.usefixtures("children")

#: Few slices: each costs the scoring network as much as in a large scan.
SHAPE = (48, 54, 20)
RECORD = {
    "path", "series", "modality", "acquisition", "shape", "kind", "spacing_mm", "verdict", "reason",
    "in_scope", "verdict_code", "ssim_interval",
    "ssim_pred", "slices", "model", "device", "software", "parameters", "created_utc", "seconds",
    "ledger", "warnings", "notes",
}  # fmt: skip


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scans with spaces")
    head = phantoms.head(SHAPE).astype(np.float32)
    nibabel.save(nibabel.Nifti1Image(head, np.diag([4, 4, 9, 1])), folder / "a.nii.gz")
    nibabel.save(nibabel.Nifti1Image(np.zeros_like(head), np.diag([4, 4, 9, 1])), folder / "b.nii")
    (folder / "notes.txt").write_text("not a scan")
    return folder


def without_time(line: str) -> dict[str, object]:
    record = json.loads(line)
    return {n: v for n, v in record.items() if n not in ("created_utc", "seconds")}


def test_score_gives_one_object_per_series_and_the_same_twice(scans: Path) -> None:
    first = acutance("score", scans, "--json", "-", "--device", "cpu")
    assert first.returncode == 0, first.stderr
    lines = first.stdout.splitlines()
    records = [json.loads(line) for line in lines]
    assert len(records) == 2
    assert all(set(record) == RECORD for record in records)
    by_name = {Path(record["path"]).name: record for record in records}
    assert 0 < by_name["a.nii.gz"]["ssim_pred"] < 1
    assert by_name["b.nii"]["verdict"] == "not_assessed"
    assert by_name["b.nii"]["ssim_pred"] is None
    ledgers = [record["ledger"] for record in records]
    assert all(led["found"] == led["used"] + len(led["set_aside"]) for led in ledgers)
    assert sum(led["found"] for led in ledgers) == 3
    second = process("score", scans, "--json", "-", "--device", "cpu")
    assert [without_time(a) for a in lines] == [without_time(b) for b in second.stdout.splitlines()]


def test_info_gives_statistics_and_no_scores(scans: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    done = acutance("info", scans / "a.nii.gz", "--stats", "--json", target)
    assert done.returncode == 0, done.stderr
    record = json.loads(target.read_text())
    assert set(record["stats"]) == {"min", "max", "mean", "sum"}
    assert "ssim_pred" not in record
    head = phantoms.head(SHAPE).astype(np.float32)
    assert record["stats"]["sum"] == pytest.approx(float(head.sum(dtype=np.float64)), rel=1e-6)


def test_reports_are_written_only_on_request(scans: Path, tmp_path: Path) -> None:
    before = sorted(scans.iterdir())
    done = acutance("score", scans / "a.nii.gz", "-o", tmp_path / "out dir")
    assert done.returncode == 0, done.stderr
    assert "predicted SSIM" in done.stdout
    assert "Not for diagnosis" in done.stdout
    assert {p.suffix for p in (tmp_path / "out dir").iterdir()} == {".json", ".html", ".png"}
    assert sorted(scans.iterdir()) == before


def test_chosen_reports_are_named_neutrally_and_tables_hold_every_series(
    scans: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = acutance("score", scans, "-o", out, "--export", "pdf,csv", "--device", "cpu")
    assert done.returncode == 0, done.stderr
    names = sorted(p.name for p in out.iterdir())
    assert names[0] == "scores.csv"
    assert len(names) == 3
    assert all(re.fullmatch(r"series-[0-9a-f]{8}\.pdf", name) for name in names[1:])
    table = (out / "scores.csv").read_text(encoding="utf-8")
    assert "efc" in table.splitlines()[0]
    assert table.count("\n") == 3
    no_dicom = acutance("score", scans / "a.nii.gz", "-o", out, "--export", "sr", "--json", "-")
    assert no_dicom.returncode == 1
    assert "this scan is no DICOM" in no_dicom.stderr
    assert len(list(out.iterdir())) == 3
    alone = acutance("score", scans, "--export", "pdf")
    assert alone.returncode == 2
    assert "-o DIR" in alone.stderr
    assert acutance("score", scans, "-o", out, "--export", "pdf,doc").returncode == 2


def test_a_bad_file_is_one_message_and_not_the_end(scans: Path, tmp_path: Path) -> None:
    broken = tmp_path / "cut.nii.gz"
    broken.write_bytes((scans / "a.nii.gz").read_bytes()[:-200])
    alone = acutance("score", broken, "--json", "-")
    assert alone.returncode == 1
    assert alone.stdout == ""
    assert len(alone.stderr.strip().splitlines()) == 1
    assert "cut.nii.gz" in alone.stderr
    assert "Traceback" not in alone.stderr
    both = acutance("score", broken, scans / "b.nii", "--json", "-")
    assert both.returncode == 3
    assert len(both.stdout.splitlines()) == 1


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = acutance("info", tmp_path / "nowhere.nii")
    assert done.returncode == 1
    assert "nowhere.nii" in done.stderr


def test_nothing_readable_is_said(scans: Path) -> None:
    done = acutance("info", scans / "notes.txt")
    assert done.returncode == 1
    assert "notes.txt" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["score"],
        ["score", "x", "--device", "tpu"],
        ["score", "x", "--plane", "oblique"],
        ["score", "SCANS", "-o", "SCANS"],
        ["score", "SCANS", "-o", "SCANS/inside"],
        ["info", "SCANS/a.nii.gz", "--json", "SCANS/a.nii.gz"],
        ["frobnicate"],
        ["info", "x", "--frobnicate"],
    ],
)
def test_wrong_usage_exits_with_two(scans: Path, arguments: list[str]) -> None:
    done = acutance(*(a.replace("SCANS", str(scans)) for a in arguments))
    assert done.returncode == 2
    assert "usage" in done.stderr
    assert done.stdout == ""


def test_fail_on_reports_the_verdict_as_exit_code(scans: Path) -> None:
    record = json.loads(acutance("score", scans / "a.nii.gz", "--json", "-").stdout)
    done = acutance("score", scans / "a.nii.gz", "--fail-on", "check")
    assert done.returncode == (4 if record["verdict"] in ("check", "repeat") else 0)


def test_works_without_home_and_in_the_c_locale(scans: Path) -> None:
    done = process("info", scans / "a.nii.gz", "--json", "-", HOME="", LC_ALL="C", LANG="C")
    assert done.returncode == 0, done.stderr
    json.loads(done.stdout)


def test_selftest_passes() -> None:
    done = acutance("selftest", "--device", "cpu")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()[1:]
    assert all(line.startswith(("ok  ", "skip")) for line in lines)
    assert len(lines) == 6
    assert sum(line.startswith("ok") for line in lines) >= 3


def test_positions_along_further_axes_are_chosen(tmp_path: Path) -> None:
    array = np.arange(4 * 4 * 3 * 3, dtype=np.int16).reshape(4, 4, 3, 3)
    image = nibabel.Nifti1Image(array, np.eye(4))
    image.header.set_xyzt_units("mm", "sec")
    nibabel.save(image, tmp_path / "a.nii")
    nibabel.save(nibabel.Nifti1Image(array[..., 0], np.eye(4)), tmp_path / "b.nii")
    done = acutance("info", tmp_path / "a.nii", "--select", "all", "--stats", "--json", "-")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [record["stats"]["sum"] for record in records] == [
        int(array[..., t].sum()) for t in range(3)
    ]
    places = [record["selection"] for record in records]
    assert places == [[{"axis": "time", "size": 3, "position": t}] for t in range(3)]
    one = acutance("info", tmp_path, "--select", "time=2", "--json", "-")
    assert one.returncode == 3
    assert "b.nii" in one.stderr
    assert json.loads(one.stdout)["selection"][0]["position"] == 2
    assert acutance("info", tmp_path, "--select", "later").returncode == 2
