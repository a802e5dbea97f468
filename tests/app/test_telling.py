"""What commands over many series tell, and the exit codes that scripts rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from acutance import cli
from acutance.core.ledger import Index, SeriesItem, SetAside
from acutance.core.quality import Verdict
from acutance.errors import CorruptFileError
from acutance.telling import Tally, existing, named, report_rejections

if TYPE_CHECKING:
    from pathlib import Path


def item(path: Path, *aside: Path) -> SeriesItem:
    entries = tuple(SetAside(str(file), "ends before its image") for file in aside)
    return SeriesItem("dicom", str(path), (str(path),), "", "", "MR", entries)


@pytest.mark.parametrize(
    ("done", "failed", "verdicts", "fail_on", "code"),
    [
        (2, 0, {Verdict.REPEAT}, None, cli.DONE),
        (2, 1, set(), None, cli.SOME_FAILED),
        (0, 1, set(), "error", cli.NOTHING_DONE),
        (0, 0, set(), None, cli.NOTHING_DONE),
        (1, 1, set(), "error", cli.FAIL_ON_REACHED),
        (1, 0, {Verdict.REPEAT}, "check", cli.FAIL_ON_REACHED),
        (1, 0, {Verdict.CHECK}, "repeat", cli.DONE),
    ],
)
def test_exit_codes(
    done: int, failed: int, verdicts: set[Verdict], fail_on: str | None, code: int
) -> None:
    assert Tally(done, failed, verdicts).exit_code(fail_on) == code


def test_what_is_named_and_comes_to_nothing_is_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad, index_file = (tmp_path / name for name in ("good.dcm", "bad.dcm", "DICOMDIR"))
    inner = tmp_path / "inner" / "bad.dcm"
    empty = tmp_path / "empty"
    for folder in (inner.parent, empty):
        folder.mkdir()
    monkeypatch.chdir(tmp_path)
    found = Index((item(good, bad, index_file, inner),))
    missing = tmp_path / "missing"
    tally = Tally(done=1)
    paths = existing([good, missing], tally)
    assert (paths, tally.failed) == ([], 2)  # neither is on the disk
    assert capsys.readouterr().err.count("There is no such file") == 2

    tally = Tally(done=1)
    report_rejections(found, [good, bad.relative_to(tmp_path), index_file, empty], tally)
    assert tally.failed == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("bad.dcm: ends before its image. Copy or export it again")
    assert lines[1].startswith(f"{empty}: a folder in which no scan was found. ")
    assert len(lines) == 2
    assert tally.exit_code() == cli.SOME_FAILED

    tally = Tally(done=1)
    report_rejections(found, [tmp_path], tally)
    assert (tally.exit_code(), capsys.readouterr().err) == (cli.DONE, "")


def test_an_error_without_a_path_gets_that_of_its_series(tmp_path: Path) -> None:
    bare = named(CorruptFileError("cut", remedy="Copy it."), item(tmp_path / "a"))
    assert (type(bare), str(bare.path)) == (CorruptFileError, str(tmp_path / "a"))
    told = CorruptFileError("cut", path=tmp_path / "b")
    assert named(told, item(tmp_path / "a")) is told
