"""The change map flags spheres that a restoration erased or invented, and little else."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

import phantoms

if TYPE_CHECKING:
    from types import ModuleType

BENCH = Path(__file__).parents[2] / "bench" / "planted_lesions.py"
SHAPE = (120, 120, 20)


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("planted_lesions", BENCH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["planted_lesions"] = module
    spec.loader.exec_module(module)
    return module


def head_in_air() -> np.ndarray:
    """Return a head of 100 x 100 x 20 voxels without noise, soft at its edges, air around it."""
    clean = np.zeros(SHAPE, np.float32)
    clean[10:110, 10:110] = phantoms.head((100, 100, SHAPE[2]))
    return gaussian_filter(clean, (0.7, 0.7, 0.0)).astype(np.float32)


def test_planted_spheres_are_flagged_and_unchanged_brain_is_not(bench) -> None:
    clean = head_in_air()
    brain = bench.deep_head(clean, np.array([1.0, 1.0, 4.0]))
    assert brain.sum() > 10000
    found = bench.measure(clean, brain, np.diag([1.0, 1, 4, 1]), bench.non_local_means, 0.05, 12)
    row = found[""]
    assert row["spheres"] >= 12
    assert row["erased flagged"] >= 0.95
    assert row["invented flagged"] >= 0.95
    assert row["unchanged brain flagged"] <= 0.05
    assert row["noise in air"] == 1.0


def test_spheres_lie_in_the_brain_and_apart(bench) -> None:
    brain = np.zeros((60, 60, 40), bool)
    brain[5:55, 5:55, 5:35] = True
    rng = np.random.default_rng(1)
    planted = bench.plant(brain, (1.0, 1.0, 1.0), 100.0, 6, rng)
    assert len(planted.masks) >= 3
    for mask, diameter in zip(planted.masks, planted.diameters_mm, strict=True):
        assert brain.reshape(-1)[mask].all()
        assert mask.size == pytest.approx(np.pi / 6 * diameter**3, rel=0.3)
        values = planted.field.reshape(-1)[mask]
        assert np.sign(values).min() == np.sign(values).max() != 0
    for one, other in zip(planted.masks, planted.masks[1:], strict=False):
        assert not np.intersect1d(one, other).size
