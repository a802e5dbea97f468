"""`acutance_models.simulation.painting`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from acutance_models.simulation.painting import (
    CONTRASTS,
    FIRST_EXTRACEREBRAL,
    PaintingDraw,
    draw_painting,
    paint,
    sample_coarsely,
    smooth_field,
)

CODES = (0, 2, 3, 4, 24, 507)


def head(*shape: int) -> np.ndarray:
    """Nested balls: white matter in grey matter in fluid in soft tissue."""
    axes = np.meshgrid(*(np.linspace(-1, 1, n) for n in shape), indexing="ij")
    radius = np.sqrt(sum(axis**2 for axis in axes))
    codes = np.zeros(shape, np.int16)
    for limit, code in ((0.9, 507), (0.75, 24), (0.65, 3), (0.5, 2), (0.15, 4)):
        codes[radius < limit] = code
    return codes


def still(draw: PaintingDraw) -> PaintingDraw:
    """The same draw without deformation, blur, shading, noise or intensity mapping."""
    return replace(
        draw,
        spreads=np.zeros_like(draw.spreads),
        matrix=np.eye(len(draw.matrix)),
        displacement=np.zeros_like(draw.displacement),
        blur=0.0,
        bias=np.zeros_like(draw.bias),
        gamma=1.0,
        noise=0.0,
    )


@pytest.mark.parametrize("shape", [(60, 52), (28, 30, 26)])
def test_the_same_draw_paints_the_same_image(shape: tuple[int, ...]) -> None:
    labels = head(*shape)
    draw = draw_painting(np.random.default_rng(1), CODES, len(shape), largest_thickness=4.0)
    (image, deformed), (again, _) = paint(labels, draw), paint(labels, draw)
    assert np.array_equal(image, again)
    assert image.shape == deformed.shape == shape
    assert image.dtype == np.float32
    assert deformed.dtype == labels.dtype
    assert image.min() >= 0.0
    assert image.max() == pytest.approx(1.0)
    assert set(np.unique(deformed)) <= set(CODES)
    assert not np.array_equal(deformed, labels)


def test_without_deformation_each_label_has_its_mean() -> None:
    labels = head(60, 52)
    draw = still(draw_painting(np.random.default_rng(2), CODES, 2))
    image, deformed = paint(labels, draw)
    assert np.array_equal(deformed, labels)
    brightest = max(draw.means[code] for code in CODES)
    for code in CODES:
        assert image[labels == code] == pytest.approx(draw.means[code] / brightest, abs=1e-5)


def test_extraction_leaves_no_trace_outside_the_brain_in_image_or_labels() -> None:
    labels = head(60, 52)
    draw = draw_painting(np.random.default_rng(3), CODES, 2, is_extracted=True)
    image, deformed = paint(labels, still(draw))
    assert deformed.max() < FIRST_EXTRACEREBRAL
    assert np.all(image[labels == 507] == 0.0)


@pytest.mark.parametrize("contrast", CONTRASTS[1:])
def test_named_contrasts_order_fluid_and_white_matter(contrast: str) -> None:
    rng = np.random.default_rng(4)
    draws = [draw_painting(rng, CODES, 2, contrast=contrast) for _ in range(20)]
    fluid_is_brighter = [draw.means[4] > draw.means[2] for draw in draws]
    assert all(fluid_is_brighter) if contrast == "T2" else not any(fluid_is_brighter)


def test_both_halves_of_the_brain_look_alike() -> None:
    draw = draw_painting(np.random.default_rng(5), (2, 3, 41, 42), 2)
    assert draw.means[41] == draw.means[2]
    assert draw.means[42] == draw.means[3]


def test_a_field_of_equal_controls_is_constant() -> None:
    field = smooth_field(np.full((7, 7), 2.5), (31, 40))
    assert field.shape == (31, 40)
    assert field == pytest.approx(2.5, abs=1e-5)


def test_a_linear_field_is_kept() -> None:
    field = smooth_field(np.arange(7.0), (41,))
    assert np.diff(field) == pytest.approx(np.full(40, 4.0 / 40), abs=1e-5)


def test_coarse_sampling_keeps_a_constant_and_blurs_an_edge_along_one_axis() -> None:
    edge = np.zeros((40, 20), np.float32)
    edge[20:] = 1.0
    assert sample_coarsely(np.ones((40, 20), np.float32), 0, 3.0) == pytest.approx(1.0, abs=1e-5)
    assert sample_coarsely(edge, 1, 3.0) == pytest.approx(edge, abs=1e-5)
    profile = sample_coarsely(edge, 0, 4.0)[:, 0]
    assert np.all(np.diff(profile) >= -1e-6)
    assert np.count_nonzero((profile > 0.05) & (profile < 0.95)) >= 3
    assert sample_coarsely(edge, 0, 1.0) is edge


def test_a_draw_for_other_axes_or_labels_is_refused() -> None:
    draw = draw_painting(np.random.default_rng(6), CODES, 3)
    with pytest.raises(ValueError, match="2 axes"):
        paint(head(30, 30), draw)
    few = draw_painting(np.random.default_rng(6), (0, 2), 2)
    with pytest.raises(ValueError, match="507"):
        paint(head(30, 30), few)
