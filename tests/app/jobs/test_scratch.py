from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from acutance.jobs import scratch
from acutance.jobs.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Callable

    from acutance.jobs.runner import Runner


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_folder_is_private_and_goes_with_its_owner(temporary: Path) -> None:
    owner = Scratch()
    assert not list(temporary.iterdir())
    folder = owner.folder
    assert folder.parent == temporary
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert owner.folder == folder
    (folder / "x").mkdir()
    owner.remove()
    owner.remove()
    assert not folder.exists()


def test_folders_of_the_dead_are_removed_and_those_of_the_living_stay(temporary: Path) -> None:
    program = (
        "import sys, tempfile; tempfile.tempdir = sys.argv[1]\n"
        "from acutance.jobs.scratch import Scratch\n"
        "owner = Scratch(); (owner.folder / 'file').write_text('x'); print(owner.folder)\n"
        "sys.stdout.flush(); sys.stdin.read()\n"
    )
    done = subprocess.Popen(
        [sys.executable, "-c", program, str(temporary)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert done.stdout is not None
    folder = Path(done.stdout.readline().strip())
    scratch.sweep()
    assert (folder / "file").is_file()
    done.kill()
    done.communicate()
    scratch.sweep()
    assert not folder.exists()


def test_the_child_removes_the_folder_of_a_parent_that_was_killed(temporary: Path) -> None:
    program = temporary / "program.py"
    program.write_text(
        "import sys, time\n"
        "from pathlib import Path\n"
        "from acutance.jobs.runner import Runner\n"
        "if __name__ == '__main__':\n"
        "    runner = Runner()\n"
        "    runner.index([Path(sys.argv[1])]).value(60)\n"
        "    print(runner._scratch.folder, flush=True)\n"
        "    time.sleep(60)\n"
    )
    done = subprocess.Popen(
        [sys.executable, str(program), str(program)],
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ, TMPDIR=str(temporary)),
    )
    assert done.stdout is not None
    folder = Path(done.stdout.readline().strip())
    assert folder.is_dir()
    done.kill()
    done.communicate()
    deadline = time.monotonic() + 10
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not folder.exists()


def test_a_runner_removes_its_folder(temporary: Path, make_runner: Callable[..., Runner]) -> None:
    runner = make_runner(synchronous=True)
    runner.index([Path("a")]).value()
    (folder,) = temporary.glob("acutance-scratch-*")
    runner.close()
    assert not folder.exists()


def test_what_is_not_a_folder_of_ours_is_left_alone(temporary: Path) -> None:
    stranger = temporary / "acutance-scratch-mine"
    stranger.mkdir()
    (temporary / "acutance-scratch-link").symlink_to(temporary)
    scratch.sweep()
    assert stranger.is_dir()
