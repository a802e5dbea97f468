"""Finds are told while files are looked for, and add up also when the search is given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dicom_factory import ramp, write_series

from acutance.core.ledger import PARTIAL_SEARCH
from acutance.errors import JobCancelled
from acutance.io import search
from acutance.io.readers import index_paths, read_item

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from acutance.core.ledger import Index


class Listening:
    """Hears finds, and cancels after some."""

    def __init__(self, cancel_after: int = 1 << 30) -> None:
        self.heard: list[Index] = []
        self.fractions: list[float] = []
        self._cancel_after = cancel_after
        self._looked = 0

    def report(self, fraction: float, message: str) -> None:
        assert message
        self.fractions.append(fraction)

    def found(self, index: Index) -> None:
        self.heard.append(index)

    def raise_if_cancelled(self) -> None:
        self._looked += 1
        if self._looked > self._cancel_after:
            raise JobCancelled


@pytest.fixture
def two_series(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of two series; every file is a moment to tell."""
    monkeypatch.setattr(search, "_FIRST_TELLING", 0.0)
    monkeypatch.setattr(search, "_NEXT_TELLING", 0.0)
    monkeypatch.setattr(search, "_TELLING_SHARE", 1e9)
    write_series(tmp_path / "a", ramp((5, 4, 6)), series_uid="1.2.3")
    write_series(tmp_path / "b", ramp((5, 4, 3)), series_uid="1.2.4")
    (tmp_path / "notes.txt").write_text("nothing")
    return tmp_path


def _count(index: Index) -> int:
    items = index.items
    return len(index.set_aside) + sum(len(i.files) + len(i.set_aside) for i in items)


def test_finds_grow_until_the_answer(two_series: Path) -> None:
    progress = Listening()
    answer = index_paths([two_series], progress, progress)
    counts = [sum(len(item.files) for item in index.items) for index in progress.heard]
    assert counts == sorted(counts)
    assert counts[0] == 1
    assert all(item.is_partial for index in progress.heard for item in index.items)
    assert not any(item.is_partial for item in answer.items)
    assert [len(item.files) for item in answer.items] == [6, 3]
    assert _count(answer) == 10
    assert progress.fractions == sorted(progress.fractions)
    assert all(item.file_bytes > 500 * len(item.files) for item in answer.items)


def test_a_cancelled_search_accounts_for_every_file(two_series: Path) -> None:
    progress = Listening(cancel_after=12)
    with pytest.raises(JobCancelled):
        index_paths([two_series], progress, progress)
    last = progress.heard[-1]
    assert last.items
    assert all(item.is_partial for item in last.items)
    reasons = [s.reason for item in last.items for s in item.set_aside]
    assert _count(last) < 10  # the walk had not come to the end
    assert sum(len(item.files) for item in last.items) + len(reasons) == _count(last)
    assert any("cancelled" in reason for reason in reasons)


def test_a_partial_series_warns_when_it_is_read(two_series: Path) -> None:
    progress = Listening()
    index_paths([two_series], progress, progress)
    item = progress.heard[3].items[0]

    def give(shape: tuple[int, ...], dtype: Any) -> Any:
        import numpy as np

        return np.empty(shape, dtype)

    quiet = Listening()
    loaded = read_item(item, give, quiet, quiet)
    assert PARTIAL_SEARCH in [w.name for w in loaded.warnings]
    assert loaded.ledger.used == len(item.files) < 6


def test_nobody_is_told_where_nobody_listens(two_series: Path, silent: Any) -> None:
    assert len(index_paths([two_series], silent, silent).items) == 2
