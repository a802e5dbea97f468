"""`acutance.engines.guarded_scoring`: a backend that is a little off changes no verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from acutance.core.backends import REFERENCE
from acutance.core.quality import Thresholds
from acutance.engines.backends.base import ActiveBackend, BackendUnavailableError
from acutance.engines.guarded_scoring import BATCH_SIZE, Decisions, GuardedScoring
from acutance.errors import DeviceMemoryError, EngineError, JobCancelled

if TYPE_CHECKING:
    from collections.abc import Callable

CPU = torch.device("cpu")
THRESHOLDS = Thresholds()
BAND = 0.01


class Token:
    is_cancelled = False

    def raise_if_cancelled(self) -> None:
        if self.is_cancelled:
            raise JobCancelled


class FakeBackends:
    """The reference reads the score out of the first pixel."""

    def __init__(self) -> None:
        self.reference = ActiveBackend(REFERENCE, exact)
        self.failed = ""

    def fall_back(self, name: str, why: str) -> ActiveBackend:
        self.failed = f"{name}: {why}"
        return ActiveBackend(REFERENCE, exact, note=why)


def exact(batch: torch.Tensor) -> np.ndarray:
    return batch[:, 0, 0, 0].double().numpy()


def off(by: Callable[[np.ndarray], np.ndarray]) -> ActiveBackend:
    """Return a backend whose scores are off by what the second pixel says."""
    return ActiveBackend(
        "openvino-bfloat16", lambda batch: exact(batch) + by(batch[:, 0, 0, 1].numpy()), BAND
    )


def pictures(scores: list[float], errors: list[float]) -> dict[int, np.ndarray]:
    found = {}
    for n, (score, error) in enumerate(zip(scores, errors, strict=True)):
        found[n] = np.zeros((2, 2), np.float32)
        found[n][0] = score, error
    return found


def decisions() -> Decisions:
    return Decisions(
        THRESHOLDS.verdict,
        THRESHOLDS.verdict,
        lambda values: float(np.mean(list(values.values()))) if values else None,
    )


def scoring(backends: FakeBackends | None = None) -> GuardedScoring:
    return GuardedScoring(backends or FakeBackends(), None, CPU, Token(), lambda done, of: None)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0.5, 0.95), st.floats(-1.0, 1.0)), min_size=1, max_size=40))
def test_verdicts_are_those_of_the_reference(drawn: list[tuple[float, float]]) -> None:
    true = [score for score, _ in drawn]
    images = pictures(true, [0.99 * BAND * share for _, share in drawn])
    verdict = THRESHOLDS.verdict
    for active in (off(lambda by: by), off(np.abs), off(lambda by: -np.abs(by))):
        scored = scoring().score(images, active, decisions())
        by_reference = scoring().score(images, FakeBackends().reference, decisions())
        for n in images:
            assert verdict(scored.values[n]) is verdict(by_reference.values[n])
        mean, other = (np.mean(list(one.values.values())) for one in (scored, by_reference))
        assert verdict(float(mean)) is verdict(float(other))


def test_only_what_a_verdict_depends_on_is_computed_again() -> None:
    images = pictures([0.7, 0.845, 0.75, 0.61, 0.7], [0.009] * 5)
    scored = scoring().score(images, off(lambda by: by), decisions())
    assert scored.recomputed == 1
    assert scored.values[1] == pytest.approx(0.845, abs=1e-6)
    assert scored.values[0] == pytest.approx(0.709, abs=1e-6)
    mean_at_the_threshold = pictures([0.8, 0.9], [0.009] * 2)
    scored = scoring().score(mean_at_the_threshold, off(lambda by: by), decisions())
    assert scored.recomputed == 2
    assert scored.values == {0: pytest.approx(0.8), 1: pytest.approx(0.9)}


def test_a_backend_that_fails_midway_leaves_no_score_behind() -> None:
    calls = []

    def failing(batch: torch.Tensor) -> np.ndarray:
        calls.append(len(batch))
        if len(calls) > 1:
            raise BackendUnavailableError("it failed with RuntimeError")
        return exact(batch) + 0.001

    images = pictures([0.7] * (BATCH_SIZE + 3), [0.0] * (BATCH_SIZE + 3))
    backends = FakeBackends()
    active = ActiveBackend("openvino-int8", failing, BAND)
    scored = scoring(backends).score(images, active, decisions())
    assert scored.backend.is_reference
    assert "RuntimeError" in scored.backend.note
    assert backends.failed.startswith("openvino-int8")
    assert set(scored.values.values()) == {0.7}
    assert scored.recomputed == 0


def test_a_score_that_is_no_number_is_the_backends_fault_and_then_the_networks() -> None:
    def spoilt(batch: torch.Tensor) -> np.ndarray:
        return np.full(len(batch), np.nan)

    images = pictures([0.7], [0.0])
    scored = scoring().score(images, ActiveBackend("torch-bfloat16", spoilt, BAND), decisions())
    assert scored.backend.is_reference
    with pytest.raises(EngineError, match="not a number"):
        scoring().score(images, ActiveBackend(REFERENCE, spoilt), decisions())


def test_batches_shrink_until_they_fit_and_one_slice_too_many_is_told() -> None:
    sizes = []

    def narrow(batch: torch.Tensor) -> np.ndarray:
        sizes.append(len(batch))
        if len(batch) > 4:
            raise torch.OutOfMemoryError("no room")
        return exact(batch)

    images = pictures([0.7] * 9, [0.0] * 9)
    scored = scoring().score(images, ActiveBackend(REFERENCE, narrow), decisions())
    assert (len(scored.values), sizes) == (9, [9, 8, 4, 4, 1])

    def full(batch: torch.Tensor) -> np.ndarray:
        raise torch.OutOfMemoryError("no room")

    with pytest.raises(DeviceMemoryError, match="one slice"):
        scoring().score(images, ActiveBackend(REFERENCE, full), decisions())
