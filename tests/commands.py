"""Commands of the program as a user starts them: in a process of their own, or in this one.

Starting a process, and in it the children that load torch, takes most of the time of a small
command. Where a test is about what a command does, it runs here with children that every such test
shares; where it is about the process itself, it gets one.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from acutance import __main__
from acutance.batch.pool import LocalPool
from acutance.jobs.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
#: How long the shared children may take to start.
_START_SECONDS = 60.0
#: Where commands make their runner.
_MAKERS = ("jobs.runner", "headless", "segment_commands", "watch_commands", "selftest")


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


class KeptRunner:
    """A runner whose children outlive the command that closes it."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._runner, name)

    def __enter__(self) -> KeptRunner:
        return self

    def __exit__(self, *_: object) -> None:
        """Keep the children."""

    def close(self) -> None:
        """Keep the children."""


_shared: list[KeptRunner] = []


@contextlib.contextmanager
def shared_children() -> Iterator[None]:
    """Let commands that are run `here` share one reading child and one that computes."""
    with Runner(device="cpu", warm=True) as runner:
        limit = time.monotonic() + _START_SECONDS
        while len(multiprocessing.active_children()) < 2 and time.monotonic() < limit:
            time.sleep(0.01)
        _shared.append(KeptRunner(runner))
        try:
            yield
        finally:
            _shared.clear()


def shared_runner() -> KeptRunner:
    """Return the runner of the shared children."""
    (kept,) = _shared
    return kept


def _pool(kept: KeptRunner) -> LocalPool:
    return LocalPool(1, "cpu", make_runner=lambda device: kept)


def here(*arguments: object) -> Done:
    """Run a command in this process, with the shared children."""
    kept = shared_runner()
    out, err = io.StringIO(), io.StringIO()
    with contextlib.ExitStack() as stack:
        for module in _MAKERS:
            stack.enter_context(mock.patch(f"acutance.{module}.Runner", return_value=kept))
        stack.enter_context(
            mock.patch("acutance.batch.run._make_pool", side_effect=lambda _: _pool(kept))
        )
        stack.enter_context(contextlib.redirect_stdout(out))
        stack.enter_context(contextlib.redirect_stderr(err))
        try:
            code = __main__.main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
    return Done(code, out.getvalue(), err.getvalue())


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a process that finds the three packages."""
    paths = os.pathsep.join(str(ROOT / part) for part in ("app", "models", "resources"))
    return {**os.environ, "PYTHONPATH": paths, **more}


def process(*arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own; names in capitals go into its environment."""
    return subprocess.run(
        [sys.executable, "-m", "acutance", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
        env=environment(**more),
    )
