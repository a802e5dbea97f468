"""`acutance.metrics.overlap`."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from acutance.metrics import ConfusionCounts, count_confusion, dice_coefficient, jaccard_index

TRUTH = np.array([[1, 1, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0]], bool)
PREDICTED = np.array([[1, 1, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0]], bool)
NOTHING = np.zeros((3, 4), bool)


def test_every_measure_is_that_of_a_matrix_made_by_hand() -> None:
    counts = count_confusion(TRUTH, PREDICTED)
    assert counts == ConfusionCounts(2, 1, 2, 7)
    assert counts.dice == counts.f1 == pytest.approx(4 / 7)
    assert counts.jaccard == pytest.approx(2 / 5)
    assert counts.sensitivity == pytest.approx(2 / 4)
    assert counts.specificity == pytest.approx(7 / 8)
    assert counts.precision == pytest.approx(2 / 3)
    assert counts.accuracy == pytest.approx(9 / 12)


def test_nothing_found_where_nothing_is_agrees_in_full() -> None:
    counts = count_confusion(NOTHING, NOTHING)
    assert counts.dice == counts.jaccard == counts.accuracy == counts.specificity == 1.0
    assert math.isnan(counts.sensitivity)
    assert math.isnan(counts.precision)


def test_something_found_where_nothing_is_does_not_agree() -> None:
    counts = count_confusion(NOTHING, PREDICTED)
    assert counts.dice == counts.jaccard == counts.precision == 0.0
    assert counts.specificity == pytest.approx(9 / 12)
    assert math.isnan(counts.sensitivity)


def test_nothing_found_where_something_is_does_not_agree() -> None:
    counts = count_confusion(TRUTH, NOTHING)
    assert counts.dice == counts.jaccard == counts.sensitivity == 0.0
    assert counts.specificity == 1.0
    assert math.isnan(counts.precision)


def test_a_full_truth_has_no_specificity() -> None:
    full = ~NOTHING
    assert math.isnan(count_confusion(full, full).specificity)
    assert count_confusion(full, full).dice == 1.0


def test_no_voxels_at_all_have_no_accuracy() -> None:
    assert math.isnan(count_confusion(NOTHING[:0], NOTHING[:0]).accuracy)


def test_counts_of_two_pictures_are_those_of_both_together() -> None:
    together = count_confusion(np.stack([TRUTH, PREDICTED]), np.stack([PREDICTED, PREDICTED]))
    assert count_confusion(TRUTH, PREDICTED) + count_confusion(PREDICTED, PREDICTED) == together


@given(arrays.arrays(bool, (2, 4, 5), elements=st.booleans()))
def test_dice_and_jaccard_are_functions_of_each_other(masks: np.ndarray) -> None:
    dice, jaccard = dice_coefficient(*masks), jaccard_index(*masks)
    assert dice == dice_coefficient(masks[1], masks[0])
    assert dice == pytest.approx(2 * jaccard / (1 + jaccard))


def test_other_shapes_and_label_maps_are_refused() -> None:
    with pytest.raises(ValueError, match="one shape"):
        count_confusion(TRUTH, TRUTH[:1])
    with pytest.raises(TypeError, match="boolean"):
        count_confusion(TRUTH.astype(np.uint8), TRUTH)  # type: ignore[arg-type]
