"""`bench/scoring_precision.py`: when a reduced precision may be used."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from torch import nn

from acutance.core.quality import ModelFacts
from acutance.engines.scoring_network import ScoringNetwork

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


@pytest.fixture(scope="module")
def model() -> ScoringNetwork:
    return ScoringNetwork(nn.Identity(), ModelFacts("none", "1", "a" * 64), None)


def test_equal_scores_are_allowed(bench: ModuleType, model: ScoringNetwork) -> None:
    scores = np.linspace(0.4, 0.99, 50)
    found = bench.compare(scores, scores, ["one"] * 50, model, 1e-5)
    assert found.is_allowed
    assert (found.slices, found.mean, found.largest, found.recomputed) == (50, 0.0, 0.0, 0)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (np.full(100, 0.0021), "mean"),
        (np.where(np.arange(100) < 2, 0.007, 0.0), "percentile_99"),
        (np.where(np.arange(100) < 1, 0.011, 0.0), "largest"),
    ],
)
def test_each_bound_holds_by_itself(
    bench: ModuleType, model: ScoringNetwork, change: np.ndarray, why: str
) -> None:
    full = np.full(100, 0.7)
    found = bench.compare(full, full + change, ["one"] * 100, model, 0.01)
    assert getattr(found, why) > 0.002
    assert not found.changed_slices
    assert not found.is_allowed


def test_the_band_keeps_verdicts_and_without_it_they_change(
    bench: ModuleType, model: ScoringNetwork
) -> None:
    full = np.array([0.7, 0.8501, 0.9])
    reduced = full - np.array([0.0, 0.0002, 0.0])
    bare = bench.compare(full, reduced, ["a", "b", "c"], model, 0.0)
    assert (bare.changed_slices, bare.changed_groups, bare.recomputed) == (1, 1, 0)
    assert not bare.is_allowed
    together = bench.compare(full, reduced, ["a", "a", "a"], model, 0.0)
    assert (together.changed_slices, together.changed_groups) == (1, 0)
    guarded = bench.compare(full, reduced, ["a", "b", "c"], model, 0.001)
    assert (guarded.changed_slices, guarded.changed_groups, guarded.recomputed) == (0, 0, 1)
    assert guarded.is_allowed
