"""A watched folder among faults: whole lines only, a disk that is full, a folder that goes away."""

from __future__ import annotations

import errno
import os
import threading
from typing import TYPE_CHECKING, Any

import pytest
from small_batches import write_volume

from acutance.batch import appending, hot_folder
from acutance.batch.appending import AppendedLines
from acutance.batch.hot_folder import HotFolder
from acutance.jobs.runner import Runner

if TYPE_CHECKING:
    from pathlib import Path

    from acutance.core.ledger import SeriesItem


def test_half_a_line_of_a_crash_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appending, "_BLOCK_BYTES", 4)
    path = tmp_path / "lines"
    for before, kept in (
        (b'{"a": 1}\n{"b"', b'{"a": 1}\n'),
        (b'{"a": 1}\n', b'{"a": 1}\n'),
        (b"no line end at all", b""),
        (b"", b""),
    ):
        path.write_bytes(before)
        with AppendedLines(path) as lines:
            assert path.read_bytes() == kept
            lines.write("next\n")
            assert list(lines.lines()) == [*kept.decode().splitlines(keepends=True), "next\n"]


def test_full_disk_is_waited_for_and_leaves_no_half_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    faults = [errno.ENOSPC, errno.EIO]
    seen: list[bytes] = []
    real = os.fsync

    def fsync(fd: int) -> None:
        if faults:
            raise OSError(faults[-1], os.strerror(faults[-1]))
        real(fd)

    def wait() -> bool:
        seen.append((tmp_path / "lines").read_bytes())
        faults.pop()
        return True

    with AppendedLines(tmp_path / "lines", told.append, wait) as lines:
        monkeypatch.setattr(appending.os, "fsync", fsync)
        lines.write("line\n")
        assert seen == [b"", b""]
        assert (tmp_path / "lines").read_bytes() == b"line\n"
        assert told == [
            f"The results cannot be written ({os.strerror(errno.EIO)}); waiting",
            "Going on",
        ]
        # Where nobody waits the fault is told to whoever writes.
        faults.append(errno.ENOSPC)
        with (
            AppendedLines(tmp_path / "lines") as other,
            pytest.raises(OSError, match=os.strerror(errno.ENOSPC)),
        ):
            other.write("more\n")
        assert (tmp_path / "lines").read_bytes() == b"line\n"


def test_folder_that_goes_away_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hot_folder, "_LOOK_SECONDS", 0.02)
    folder, away = tmp_path / "in", tmp_path / "away"
    first = write_volume(folder / "sub-01_T1w.nii", 1)
    handled: list[str] = []
    told: list[str] = []
    stop, bell = threading.Event(), threading.Event()

    def handle(item: SeriesItem) -> None:
        handled.append(os.path.basename(item.path))
        if item.path == str(first):
            folder.rename(away)
        else:
            stop.set()

    def tell(message: str) -> None:
        told.append(message)
        if "gone" in message:
            write_volume(away / "sub-02_T1w.nii", 2)
            away.rename(folder)

    def never(*_: Any) -> None:
        raise AssertionError("no fault of a file")

    with (
        Runner(device="cpu", synchronous=True) as runner,
        AppendedLines(tmp_path / "watch.jsonl") as scored,
    ):
        hot = HotFolder(folder, 0.05, runner, scored, handle, never, never, tell)
        hot.watch(bell, is_polling=True, stop=stop)
    assert handled == ["sub-01_T1w.nii", "sub-02_T1w.nii"]
    assert told == ["The watched folder is gone; waiting until it is back", "Going on"]
    assert len((tmp_path / "watch.jsonl").read_text().splitlines()) == 2
