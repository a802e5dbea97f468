"""`acutance_models.simulation.contrast`: each branch is its formula."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.exposure import equalize_adapthist

from acutance_models.simulation.contrast import (
    ClaheDraw,
    ContrastDraw,
    GammaDraw,
    IdentityDraw,
    LogDraw,
    SigmoidDraw,
    apply_contrast,
    draw_contrast,
)

IMAGE = np.random.default_rng(0).random((40, 50))


def min_max(image: np.ndarray) -> np.ndarray:
    return (image - image.min()) / (image.max() - image.min())


@pytest.mark.parametrize(
    ("draw", "formula"),
    [
        (GammaDraw(1.4), IMAGE**1.4),
        (ClaheDraw(30), equalize_adapthist(IMAGE, 30, 0.01, 512)),
        (SigmoidDraw(0.3, 2), 1 / (1 + np.exp(2 * (0.3 - IMAGE)))),
        (LogDraw(-0.2), np.log2(1 + IMAGE)),
        (LogDraw(0.4), np.log2(1 + IMAGE)),
        (IdentityDraw(), IMAGE),
    ],
    ids=lambda value: type(value).__name__,
)
def test_branch_is_its_formula(draw: ContrastDraw, formula: np.ndarray) -> None:
    changed = apply_contrast(IMAGE, draw)
    assert np.abs(changed - min_max(formula)).max() < 1e-10
    assert (changed.min(), changed.max()) == (0.0, 1.0)


def test_constant_becomes_0() -> None:
    assert not apply_contrast(np.full((9, 9), 0.3), IdentityDraw()).any()


def test_draws_are_in_range_and_equally_likely() -> None:
    rng = np.random.default_rng(1)
    draws = [draw_contrast(rng) for _ in range(2000)]
    kinds = [type(draw) for draw in draws]
    for kind in (GammaDraw, ClaheDraw, SigmoidDraw, LogDraw, IdentityDraw):
        assert kinds.count(kind) == pytest.approx(400, abs=80)
    for draw in draws:
        if isinstance(draw, GammaDraw):
            assert 0.75 <= draw.exponent <= 1.75
        elif isinstance(draw, ClaheDraw):
            assert 25 <= draw.tile <= 99
        elif isinstance(draw, SigmoidDraw):
            assert draw.gain in (1, 2, 3)
            assert 0.01 <= draw.cutoff <= 0.75
        elif isinstance(draw, LogDraw):
            assert -0.5 <= draw.gain <= 0.5
