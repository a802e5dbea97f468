from __future__ import annotations

import errno
import gc
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from acutance.jobs import shared

INT16 = np.dtype("<i2")


def test_bytes_written_on_one_side_are_read_on_the_other() -> None:
    segment = shared.create(24)
    array = segment.array((3, 4), INT16)
    other = shared.attach(segment.path, 24, is_private=False).array((3, 4), INT16)
    other[...] = np.arange(12).reshape(3, 4)
    np.testing.assert_array_equal(array, np.arange(12).reshape(3, 4))


def test_what_is_written_to_a_private_mapping_stays_there() -> None:
    segment = shared.create(24)
    array = segment.array((12,), INT16)
    array[...] = 5
    other = shared.attach(segment.path, 24, is_private=True).array((12,), INT16)
    assert (other == 5).all()
    other[...] = 7
    assert (array == 5).all()


def test_a_view_keeps_the_segment_and_the_last_one_removes_the_file() -> None:
    segment = shared.create(24)
    path = Path(segment.path)
    view = segment.array((3, 4), INT16)[1:, ::-1].T
    del segment
    gc.collect()
    view[...] = 3
    assert path.exists()
    assert str(path) in shared.living()
    del view
    gc.collect()
    assert not path.exists()
    assert str(path) not in shared.living()


@pytest.mark.parametrize(
    "view",
    [
        lambda a: a,
        lambda a: a[1:3],
        lambda a: a.T,
        lambda a: a[::-1, ::2],
        lambda a: a[2, 3],
        lambda a: a.view("<u2"),
    ],
)
def test_find_describes_any_view(view: Any) -> None:
    segment = shared.create(400)
    array = segment.array((10, 20), INT16)
    array[...] = np.arange(200).reshape(10, 20)
    part = np.asarray(view(array))
    found = shared.find(part)
    if part.base is None:  # a scalar was copied out
        assert found is None
        return
    assert found is not None
    again = segment.array(
        found.shape, np.dtype(found.dtype), offset=found.offset, strides=found.strides
    )
    np.testing.assert_array_equal(again, part)
    assert again.ctypes.data == part.ctypes.data


def test_find_knows_no_stranger() -> None:
    segment = shared.create(64)
    assert shared.find(np.zeros(8)) is None
    assert segment.reference(np.zeros(8)) is None


def test_a_segment_needs_room() -> None:
    with pytest.raises(MemoryError):
        shared.create(1 << 60)


def test_an_array_outside_its_segment_is_refused() -> None:
    segment = shared.create(24)
    with pytest.raises((ValueError, TypeError)):
        segment.array((13,), INT16)
    with pytest.raises((ValueError, TypeError)):
        segment.array((2,), INT16, offset=0, strides=(-2,))
    with pytest.raises((ValueError, TypeError)):
        segment.array((2,), INT16, offset=0, strides=(100,))


def test_attach_refuses_what_is_gone_or_short(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        shared.attach(str(tmp_path / "none"), 10, is_private=True)
    (tmp_path / "short").write_bytes(b"123")
    with pytest.raises(OSError, match="shorter"):
        shared.attach(str(tmp_path / "short"), 10, is_private=True)


def test_a_full_memory_folder_gives_way_to_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    real = shared._reserve
    calls: list[int] = []

    def full_once(fd: int, size: int) -> None:
        calls.append(size)
        if len(calls) == 1 and sys.platform == "linux":
            raise OSError(errno.ENOSPC, "No space left on device")
        real(fd, size)

    monkeypatch.setattr(shared, "_reserve", full_once)
    before = set(shared._MEMORY_FOLDER.glob("acutance-*"))
    segment = shared.create(1000)
    assert Path(segment.path).parent == shared._private_folder
    assert Path(segment.path).stat().st_size == 1000
    if os.name == "posix":
        assert Path(segment.path).stat().st_mode & 0o777 == 0o600
    assert set(shared._MEMORY_FOLDER.glob("acutance-*")) == before


def test_room_is_reserved_where_the_system_has_no_call_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(os, "posix_fallocate", raising=False)
    segment = shared.create(3_000_000)
    assert len(segment) == 3_000_000
    assert segment.array((3_000_000,), np.dtype("u1")).sum() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="segments of the dead are in /dev/shm")
def test_sweep_removes_the_files_of_the_dead_and_no_others() -> None:
    code = (
        "import os\nfrom acutance.jobs import shared\n"
        "segment = shared.create(10)\nprint(segment.path, flush=True)\nos._exit(1)"
    )
    path = Path(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip()
    )
    mine = shared.create(10)
    assert path.exists()
    shared.sweep()
    assert path.exists()  # too young to be judged
    assert shared.sweep(minimum_age_seconds=0.0) >= 1
    assert not path.exists()
    assert Path(mine.path).exists()


def test_a_large_segment_goes_without_keeping_anybody() -> None:
    segment = shared.create(shared._LARGE)
    path = Path(segment.path)
    assert path.stat().st_size >= shared._LARGE
    del segment
    deadline = time.monotonic() + 10.0
    while shared._leaving and time.monotonic() < deadline:
        time.sleep(0.005)
    assert not path.exists()
    assert shared.living() == ()
