"""What holds for whole process trees: seen from a parent of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

HERE = Path(__file__).parent

SCRIPT = """
import sys
sys.path.insert(0, {here!r})
from pathlib import Path
from acutance.jobs import shared
from acutance.jobs.runner import Runner
from fake_engines import ENTRIES

def main():
    runner = Runner(engines=ENTRIES, readers="fake_readers", warm=True)
    item = runner.index([Path("plain")]).value(30).items[0]
    volume = runner.read(item).value(30).volume
    runner.submit("look", [volume.array]).value(30)
    held = sorted({{"torch", "nibabel", "pydicom", "PySide6"}} & set(sys.modules))
    print(runner.reader_pid, runner.engine_pid, *shared.living(), "loaded", *held, flush=True)
    {rest}

if __name__ == "__main__":
    main()
"""


def _start(rest: str) -> subprocess.Popen[str]:
    script = SCRIPT.format(here=str(HERE), rest=rest)
    return subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _wait_gone(pids: list[int], paths: list[str], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not any(map(_is_running, pids)) and not any(map(os.path.exists, paths)):
            return True
        time.sleep(0.02)
    return False


def _is_running(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.mark.skipif(os.name != "posix", reason="needs a parent that can be killed by signal")
@pytest.mark.parametrize(
    "rest", ["import time; time.sleep(60)", "runner.submit('stubborn', 0).wait(60)"]
)
def test_children_and_segments_go_with_a_parent_that_is_killed(rest: str) -> None:
    parent = _start(rest)
    assert parent.stdout is not None
    assert parent.stderr is not None
    reader, engine, path, *_ = parent.stdout.readline().split()
    pids = [int(reader), int(engine)]
    assert all(map(_is_running, pids))
    assert os.path.exists(path)
    parent.kill()
    parent.wait()
    # Elsewhere than on Linux the file is in the temporary folder, which the system clears.
    assert _wait_gone(pids, [path] if sys.platform == "linux" else [], 3.0)
    parent.stdout.close()
    parent.stderr.close()


@pytest.mark.parametrize("rest", ["runner.close()", "pass", "runner.close(); del volume"])
def test_a_program_ends_without_a_word_and_leaves_nothing(rest: str) -> None:
    parent = _start(rest)
    out, err = parent.communicate(timeout=60)
    assert parent.returncode == 0
    assert err == ""
    reader, engine, path, *held = out.split()
    assert held == ["loaded"]  # neither torch nor a file library in the parent
    assert _wait_gone([int(reader), int(engine)], [path], 3.0)


def test_importing_the_child_side_loads_no_library_of_its_work() -> None:
    code = (
        "import sys, acutance.jobs.worker\n"
        "print(sorted({'torch', 'acutance.io', 'nibabel', 'PySide6'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
