"""`acutance.io.arrivals`: which files have come to rest."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from acutance.io.arrivals import Arrivals

if TYPE_CHECKING:
    from pathlib import Path


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def ready(arrivals: Arrivals) -> list[str]:
    arrivals.look()
    return list(arrivals.ready())


def test_a_file_that_grows_is_not_at_rest(tmp_path: Path, clock: Clock) -> None:
    arrivals = Arrivals(str(tmp_path), 4.0, clock)
    file = tmp_path / "a" / "one.dcm"
    file.parent.mkdir()
    for n in range(1, 6):
        file.write_bytes(b"x" * n)
        assert ready(arrivals) == []
        assert not arrivals.is_at_rest([str(file)])
        clock.now += 3.0
    assert arrivals.is_pending
    clock.now += 1.0
    assert ready(arrivals) == [str(file.parent)]
    assert arrivals.is_at_rest([str(file)])
    assert arrivals.take(str(file.parent)) == [str(file)]
    assert not arrivals.is_pending
    assert ready(arrivals) == []


def test_time_that_nobody_looked_is_no_rest(tmp_path: Path, clock: Clock) -> None:
    arrivals = Arrivals(str(tmp_path), 4.0, clock)
    file = tmp_path / "1"
    file.write_bytes(b"x")
    arrivals.look()
    clock.now += 60.0
    assert list(arrivals.ready()) == []
    file.write_bytes(b"xx")
    assert ready(arrivals) == []
    clock.now += 4.0
    assert ready(arrivals) == [str(tmp_path)]


def test_a_late_file_opens_its_folder_again_and_no_other(tmp_path: Path, clock: Clock) -> None:
    arrivals = Arrivals(str(tmp_path), 4.0, clock)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1").write_bytes(b"x")
    assert ready(arrivals) == []
    clock.now += 4.0
    folders = ready(arrivals)
    assert folders == [str(tmp_path / "a"), str(tmp_path / "b")]
    for folder in folders:
        arrivals.take(folder)
    late = tmp_path / "b" / "2"
    late.write_bytes(b"y")
    assert ready(arrivals) == []
    clock.now += 4.0
    assert ready(arrivals) == [str(tmp_path / "b")]
    assert len(arrivals.take(str(tmp_path / "b"))) == 2


def test_a_file_replaced_by_one_of_the_same_size_is_new(tmp_path: Path, clock: Clock) -> None:
    arrivals = Arrivals(str(tmp_path), 1.0, clock)
    file = tmp_path / "1"
    file.write_bytes(b"x")
    arrivals.look()
    clock.now += 1.0
    arrivals.look()
    before = arrivals.states(arrivals.take(str(tmp_path)))
    os.utime(file, ns=(1, 1))
    arrivals.look()
    assert arrivals.is_pending
    clock.now += 1.0
    arrivals.look()
    assert arrivals.states(arrivals.take(str(tmp_path))) != before


def test_unfinished_hidden_and_linked_files_are_not_looked_at(tmp_path: Path, clock: Clock) -> None:
    watched = tmp_path / "in"
    (watched / ".hidden").mkdir(parents=True)
    for name in ("a.part", "b.tmp", ".c", ".hidden/d"):
        (watched / name).write_bytes(b"x")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "e").write_bytes(b"x")
    (watched / "link").symlink_to(outside)
    (watched / "file").symlink_to(outside / "e")
    arrivals = Arrivals(str(watched), 1.0, clock)
    arrivals.look()
    assert not arrivals.is_pending
    (watched / "a.part").rename(watched / "a")
    arrivals.look()
    clock.now += 1.0
    arrivals.look()
    assert arrivals.take(str(watched)) == [str(watched / "a")]


def test_a_folder_that_vanished_is_an_error(tmp_path: Path, clock: Clock) -> None:
    arrivals = Arrivals(str(tmp_path / "gone"), 1.0, clock)
    with pytest.raises(OSError, match="gone"):
        arrivals.look()
    with pytest.raises(ValueError, match="positive"):
        Arrivals(str(tmp_path), 0.0, clock)
