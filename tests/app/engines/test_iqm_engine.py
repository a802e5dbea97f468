"""`acutance.engines.iqm`: through the runner, without torch, cancelled between slabs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import phantoms
from acutance.core.iqm import IqmRequest, IqmResult
from acutance.core.volume import Volume
from acutance.engines.iqm import IqmEngine
from acutance.errors import GeometryMismatchError, JobCancelled
from acutance.jobs.runner import Runner

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def head() -> Volume:
    return Volume(phantoms.head((40, 44, 36), noise_sigma=9.0), np.eye(4), modality="MR")


class Watch:
    """Hears progress, and cancels after some looks."""

    def __init__(self, looks: int | None = None) -> None:
        self.looks = looks
        self.seen = 0
        self.fractions: list[float] = []

    def report(self, fraction: float, message: str) -> None:
        assert message
        self.fractions.append(fraction)

    @property
    def is_cancelled(self) -> bool:
        return self.looks is not None and self.seen > self.looks

    def raise_if_cancelled(self) -> None:
        self.seen += 1
        if self.is_cancelled:
            raise JobCancelled


def test_answers_through_a_child_process(head: Volume) -> None:
    with Runner(device="cpu") as runner:
        result = runner.submit("iqm", IqmRequest(head, head)).value()
    assert isinstance(result, IqmResult)
    assert result.values["ssim"] == pytest.approx(1.0)
    assert result.values["efc"] is not None
    assert result.reasons["psnr"]
    assert result.definitions["version"] == "1"


def test_the_same_twice(head: Volume) -> None:
    first, second = (IqmEngine("cpu").run(IqmRequest(head), Watch(), Watch()) for _ in range(2))
    assert first.values == second.values


def test_progress_never_falls(head: Volume) -> None:
    watch = Watch()
    IqmEngine("cpu").run(IqmRequest(head, head), watch, watch)
    assert watch.fractions == sorted(watch.fractions)
    assert watch.fractions[-1] == 1.0


def test_cancelled_at_every_boundary(head: Volume) -> None:
    watch = Watch()
    IqmEngine("cpu").run(IqmRequest(head, head), watch, watch)
    assert watch.seen > 20
    for looks in range(0, watch.seen, 4):
        with pytest.raises(JobCancelled):
            IqmEngine("cpu").run(IqmRequest(head, head), Watch(), Watch(looks))


def test_another_grid_is_refused_before_anything_is_measured(head: Volume) -> None:
    watch = Watch()
    with pytest.raises(GeometryMismatchError):
        IqmEngine("cpu").run(
            IqmRequest(head, Volume(head.array, np.diag([2.0, 1, 1, 1]))), watch, watch
        )
    assert watch.seen == 0


def test_needs_no_torch() -> None:
    code = "import acutance.engines.iqm, json, sys; print(json.dumps(sorted(sys.modules)))"
    path = os.pathsep.join(str(ROOT / part) for part in ("app", "models", "resources"))
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "torch" not in json.loads(done.stdout)


def test_a_result_that_is_not_finite_is_refused() -> None:
    plain = IqmResult({"efc": 0.5, "fber": None}, {"fber": "no air"}).to_plain()
    assert IqmResult.from_plain(plain).values == {"efc": 0.5, "fber": None}
    for value in (float("nan"), "0.5", True):
        with pytest.raises(ValueError, match="finite"):
            IqmResult.from_plain({**plain, "values": {"efc": value}})
