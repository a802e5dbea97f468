"""`acutance_models.iqa_resnet.evaluation`."""

from __future__ import annotations

import numpy as np
import pytest

from acutance_models.iqa_resnet.evaluation import (
    OTHER_FAMILIES,
    TRAINED_FAMILIES,
    corrupt_slice,
)


def stack() -> np.ndarray:
    axes = np.meshgrid(*(np.linspace(-1, 1, n) for n in (9, 80, 70)), indexing="ij")
    inside = sum(axis**2 for axis in axes) < 0.7
    return np.where(inside, 2.0 + np.sin(6 * axes[1]) * np.cos(9 * axes[2] + axes[0]), 0.0)


@pytest.mark.parametrize("family", [*TRAINED_FAMILIES, *OTHER_FAMILIES])
@pytest.mark.parametrize("is_native", [True, False])
def test_every_family_gives_an_image_and_its_label(family: str, is_native: bool) -> None:
    first, again = (
        corrupt_slice(stack(), 4, family, np.random.default_rng(2), is_native=is_native)
        for _ in range(2)
    )
    assert first.image.shape == (256, 256)
    assert first.image.dtype == np.float32
    assert first.image.min() == 0.0
    assert 0.9 < first.image.max() <= 1.0
    assert -1.0 < first.label < 1.0
    assert first.label == again.label
    assert np.array_equal(first.image, again.image)


def test_more_rotation_means_a_lower_label() -> None:
    labels = [
        corrupt_slice(
            stack(),
            4,
            "rotation",
            np.random.default_rng(3),
            is_native=True,
            sigma_range_deg=(sigma, sigma),
        ).label
        for sigma in (0.0, 0.5, 2.0, 5.0)
    ]
    assert labels == sorted(labels, reverse=True)
    assert labels[0] == pytest.approx(1.0, abs=1e-6)


def test_what_cannot_be_corrupted_is_refused() -> None:
    with pytest.raises(ValueError, match="rotation, rigid"):
        corrupt_slice(stack(), 4, "unheard of", np.random.default_rng(0), is_native=True)
    with pytest.raises(ValueError, match="constant"):
        corrupt_slice(np.ones((1, 40, 40)), 0, "noise", np.random.default_rng(0), is_native=True)
