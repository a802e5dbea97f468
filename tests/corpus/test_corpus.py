"""Every row of the table of malformed inputs ends in its one allowed outcome."""

from __future__ import annotations

import os
from contextlib import nullcontext
from typing import TYPE_CHECKING
from unittest import mock

import nibabel
import pytest

from acutance import cli, headless
from acutance.jobs.runner import Runner
from corpus.cases import CASES
from corpus.outcome import check, make_and_run, run_info
from corpus.raw_dicom import write_series
from corpus.raw_nifti import ramp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from corpus.case import Case


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    with Runner(device="cpu") as shared:
        # The child has to be there before a test counts children, with what it reads with loaded.
        write_series(tmp_path_factory.mktemp("first"))
        run_info([tmp_path_factory.getbasetemp()], shared)
        yield shared


def _parameter(case: Case) -> object:
    marks = [pytest.mark.xfail(reason=case.todo, strict=True)] if case.todo else []
    return pytest.param(case, id=case.id, marks=marks)


@pytest.mark.parametrize("case", [_parameter(case) for case in CASES])
def test_outcome(case: Case, tmp_path: Path, runner: Runner) -> None:
    outcome, paths = make_and_run(case, tmp_path, runner)
    check(case, outcome, paths)


def test_outputs_of_neighbours_do_not_clash(tmp_path: Path, runner: Runner) -> None:
    case = next(c for c in CASES if c.id == "51-both")
    (tmp_path / "in").mkdir()
    case.make(tmp_path / "in")
    argv = ["convert", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--json", os.devnull]
    with mock.patch.object(headless, "Runner", return_value=nullcontext(runner)):
        assert cli.run(cli.parse(argv)) == 0
    written = [p for p in (tmp_path / "out").iterdir() if ".nii" in p.name]
    sums = sorted(int(nibabel.load(p).get_fdata().sum()) for p in written)
    assert sums == [int(ramp().sum()), int((ramp() + 100).sum())]


def test_no_case_stands_twice() -> None:
    ids = [case.id for case in CASES]
    assert len(set(ids)) == len(ids)
