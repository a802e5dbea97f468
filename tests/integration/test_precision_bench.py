"""`bench/scoring_precision.py`: when a reduced precision may be used."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from types import ModuleType

BENCH = Path(__file__).parents[2] / "bench" / "scoring_precision.py"


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("scoring_precision", BENCH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["scoring_precision"] = module
    spec.loader.exec_module(module)
    return module


def test_equal_scores_are_allowed(bench: ModuleType) -> None:
    scores = np.linspace(0.4, 0.99, 50)
    found = bench.compare(scores, scores, ["one"] * 50)
    assert found.is_allowed
    assert (found.slices, found.mean, found.largest) == (50, 0.0, 0.0)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (np.full(100, 0.0021), "mean"),
        (np.where(np.arange(100) < 2, 0.007, 0.0), "percentile_99"),
    ],
)
def test_each_bound_holds_by_itself(bench: ModuleType, change: np.ndarray, why: str) -> None:
    full = np.full(100, 0.7)
    found = bench.compare(full, full + change, ["one"] * 100)
    assert getattr(found, why) > 0.002
    assert not found.changed_slices
    assert not found.is_allowed


def test_one_verdict_that_changes_is_enough(bench: ModuleType) -> None:
    full = np.array([0.7, 0.8501, 0.9])
    found = bench.compare(full, full - np.array([0.0, 0.0002, 0.0]), ["a", "b", "c"])
    assert (found.changed_slices, found.changed_groups) == (1, 1)
    assert not found.is_allowed
    together = bench.compare(full, full - np.array([0.0, 0.0002, 0.0]), ["a", "a", "a"])
    assert (together.changed_slices, together.changed_groups) == (1, 0)
