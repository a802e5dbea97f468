"""Every row of the table of malformed inputs ends in its one allowed outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from acutance.jobs.runner import Runner
from corpus.cases import CASES
from corpus.outcome import check, make_and_run, run_info
from corpus.raw_dicom import write_series

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


def test_no_case_stands_twice() -> None:
    ids = [case.id for case in CASES]
    assert len(set(ids)) == len(ids)
