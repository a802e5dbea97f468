"""Runners for tests; engines and readers come from this folder, in the children too."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# Children inherit the path, so that they can import the fakes.
sys.path.insert(0, str(Path(__file__).parent))

from fake_engines import ENTRIES

from acutance.jobs import shared
from acutance.jobs.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def make_runner() -> Iterator[Callable[..., Runner]]:
    """Return a function that makes runners with the fakes; they are closed in the end."""
    made: list[Runner] = []
    # A window of an earlier test may still wait for the garbage collector, with its volume.
    gc.collect()

    def make(**settings: object) -> Runner:
        arguments = {"engines": ENTRIES, "readers": "fake_readers", **settings}
        runner = Runner(**arguments)
        made.append(runner)
        return runner

    yield make
    for runner in made:
        runner.close()
    assert shared.living() == ()


@pytest.fixture
def runner(make_runner: Callable[..., Runner]) -> Runner:
    """Return a runner with children of its own."""
    return make_runner()


@pytest.fixture(scope="module")
def steady() -> Iterator[Runner]:
    """Return a runner that a module shares, for jobs that do its children no harm."""
    with Runner(engines=ENTRIES, readers="fake_readers") as runner:
        # Both children run before a test begins, so that none of them counts as left behind.
        runner.index([]).value(30.0)
        runner.submit("echo", None).value(30.0)
        yield runner
