from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from acutance_models.ot_restore import squared_w2, transport_operator
from acutance_models.ot_restore.gaussian import cap_gain
from acutance_models.ot_restore.moments import Moments, oas_coefficient, shrink

SEEDS = st.integers(0, 10_000)


def covariance(rng: np.random.Generator, size: int, rank: int | None = None) -> np.ndarray:
    factor = rng.normal(size=(size, 3 * size if rank is None else rank))
    return factor @ factor.T / factor.shape[1]


def relative(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


@settings(max_examples=12, deadline=None)
@given(SEEDS, st.integers(1, 40))
def test_operator_is_symmetric_and_carries_source_to_target(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    source, target = covariance(rng, size), covariance(rng, size)
    operator, noise = transport_operator(source, target)
    assert noise is None
    assert np.array_equal(operator, operator.T)
    assert np.linalg.eigvalsh(operator)[0] > 0
    assert relative(operator @ source @ operator.T, target) < 1e-10


def test_same_distribution_is_left_alone() -> None:
    source = covariance(np.random.default_rng(0), 36)
    operator, _ = transport_operator(source, source)
    assert np.abs(operator - np.eye(36)).max() < 1e-11


def test_affine_image_of_the_target_is_recovered() -> None:
    rng = np.random.default_rng(1)
    target, inverse = covariance(rng, 12), covariance(rng, 12) + np.eye(12)
    forward = np.linalg.inv(inverse)
    operator, _ = transport_operator(forward @ target @ forward.T, target)
    assert relative(operator, inverse) < 1e-9


@settings(max_examples=12, deadline=None)
@given(SEEDS, st.integers(1, 11))
def test_degenerate_source_is_finite_and_closed_by_the_noise(seed: int, rank: int) -> None:
    rng = np.random.default_rng(seed)
    source, target = covariance(rng, 12, rank), covariance(rng, 12)
    operator, noise = transport_operator(source, target)
    assert np.isfinite(operator).all()
    assert noise is not None
    assert np.linalg.eigvalsh(noise)[0] > -1e-12
    assert relative(operator @ source @ operator.T + noise, target) < 1e-10


@pytest.mark.parametrize("rank", range(1, 12))
def test_published_rule_stays_finite_at_every_rank(rank: int) -> None:
    rng = np.random.default_rng(rank)
    source, target = covariance(rng, 12, rank), covariance(rng, 12)
    operator, noise = transport_operator(source, target, eps=1e-7)
    assert np.isfinite(operator).all()
    assert noise is not None
    assert relative(operator @ source @ operator.T + noise, target) < 1e-2


def test_published_rule_follows_its_formula() -> None:
    rng = np.random.default_rng(2)
    source, target = covariance(rng, 12), covariance(rng, 12)
    operator, noise = transport_operator(source, target, eps=1e-7)
    values, vectors = np.linalg.eigh(source)
    root, inverse = (vectors * values**p @ vectors.T for p in (0.5, -0.5))
    values, vectors = np.linalg.eigh(root @ target @ root + 1e-7 * np.eye(12))
    assert noise is None
    assert np.allclose(
        operator, inverse @ (vectors * values**0.5 @ vectors.T) @ inverse, atol=1e-11
    )
    closing = relative(operator @ source @ operator.T, target)
    assert 1e-10 < closing < 1e-5  # eps leaves its mark; without it there is none


def test_tensors_come_back_as_tensors() -> None:
    source = torch.from_numpy(covariance(np.random.default_rng(3), 4))
    operator, noise = transport_operator(source, 4 * source)
    assert noise is None
    assert torch.allclose(operator, 2 * torch.eye(4, dtype=torch.float64))


@pytest.mark.parametrize(
    "source",
    [np.zeros((2, 3)), np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[np.nan]]), np.eye(3)],
)
def test_what_is_no_covariance_is_refused(source: np.ndarray) -> None:
    with pytest.raises(ValueError, match="Expected"):
        transport_operator(source, np.eye(2))


@settings(max_examples=12, deadline=None)
@given(SEEDS)
def test_w2_is_symmetric_and_zero_for_equals(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = covariance(rng, 6), covariance(rng, 6)
    m, n = rng.normal(size=(2, 6))
    forth, back = squared_w2(m, a, n, b), squared_w2(n, b, m, a)
    assert forth > 0
    assert forth == pytest.approx(back, rel=1e-9)
    assert squared_w2(m, a, m, a) < 1e-12 * np.trace(a) + 1e-12


def test_w2_of_commuting_matrices() -> None:
    a, b = np.array([1.0, 4.0, 9.0]), np.array([4.0, 4.0, 1.0])
    expected = 3.0 + ((np.sqrt(a) - np.sqrt(b)) ** 2).sum()
    assert squared_w2(np.zeros(3), np.diag(a), np.ones(3), np.diag(b)) == pytest.approx(expected)


def test_gain_is_capped_and_otherwise_untouched() -> None:
    operator = np.diag([0.5, 3.0, 20.0])
    capped, count = cap_gain(operator, 4.0)
    assert count == 1
    assert np.allclose(capped, np.diag([0.5, 3.0, 4.0]))
    assert cap_gain(operator, 20.0)[0] is operator


@settings(max_examples=12, deadline=None)
@given(SEEDS, st.lists(st.integers(0, 60), max_size=4))
def test_pieces_equal_the_whole(seed: int, cuts: list[int]) -> None:
    samples = np.random.default_rng(seed).normal(1000.0, 0.1, size=(60, 5))
    merged = Moments.empty(5)
    for part in np.split(samples, sorted(cuts)):
        merged = merged.merge(Moments.of(part))
    assert merged.count == 60
    assert np.allclose(merged.mean, samples.mean(axis=0), rtol=1e-14)
    assert np.allclose(merged.covariance, np.cov(samples.T), rtol=1e-9, atol=1e-13)


def test_moved_samples_have_the_moments_of_the_target() -> None:
    rng = np.random.default_rng(4)
    source, target = (rng.normal(size=(400, 9)) @ rng.normal(size=(9, 9)) + k for k in (0, 3))
    s, t = Moments.of(source), Moments.of(target)
    operator, _ = transport_operator(s.covariance, t.covariance)
    moved = Moments.of((source - s.mean) @ operator.T + t.mean)
    assert relative(moved.mean, t.mean) < 1e-10
    assert relative(moved.covariance, t.covariance) < 1e-10


def test_shrinkage_keeps_the_trace_and_falls_with_samples() -> None:
    matrix = covariance(np.random.default_rng(5), 8)
    few, many = oas_coefficient(matrix, 10), oas_coefficient(matrix, 1000)
    assert 0 < many < few <= 1
    assert np.trace(shrink(matrix, few)) == pytest.approx(np.trace(matrix))
    assert shrink(matrix, 0.0) is matrix
    assert np.allclose(shrink(matrix, 1.0), np.eye(8) * np.trace(matrix) / 8)
