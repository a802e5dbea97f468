"""Strokes, fills, and diffs that lead back to the last byte."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from acutance.core.label_edit import HandEdits, SliceDiff, flood, paint_line, slice_of


@given(
    seed=st.integers(0, 2**32 - 1),
    axis=st.integers(0, 2),
    share=st.floats(0, 1),
)
@settings(max_examples=20, deadline=None)
def test_a_diff_leads_there_and_back(seed: int, axis: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    array = np.asfortranarray(rng.integers(0, 5, (4, 5, 6)).astype(np.uint8))
    first = array.tobytes()
    before = slice_of(array, axis, 2).copy()
    plane = slice_of(array, axis, 2)
    plane[rng.random(plane.shape) < share] = 3
    second = array.tobytes()
    diff = SliceDiff.between(axis, 2, before, plane)
    assert diff.count == int((before != plane).sum())
    diff.undo(array)
    assert array.tobytes() == first
    diff.redo(array)
    assert array.tobytes() == second
    gains = np.bincount(plane.reshape(-1), minlength=256) - np.bincount(
        before.reshape(-1), minlength=256
    )
    assert np.array_equal(diff.gains(), gains)


def test_a_large_fill_takes_little_memory() -> None:
    before = np.zeros((512, 512), np.uint8)
    diff = SliceDiff.between(0, 0, before, before + 1)
    assert diff.count == 512 * 512
    assert diff.n_bytes < 10_000


@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(1, 12),
    columns=st.integers(1, 12),
    kinds=st.integers(1, 3),
)
@settings(max_examples=40, deadline=None)
def test_a_flood_is_the_component_of_an_independent_labelling(
    seed: int, rows: int, columns: int, kinds: int
) -> None:
    rng = np.random.default_rng(seed)
    plane = rng.integers(0, kinds, (rows, columns)).astype(np.uint8)
    at = int(rng.integers(rows)), int(rng.integers(columns))
    parts, _ = ndimage.label(plane == plane[at])
    assert np.array_equal(flood(plane, at), parts == parts[at])


def test_a_flood_beyond_the_slice_is_refused() -> None:
    with pytest.raises(IndexError):
        flood(np.zeros((3, 4), np.uint8), (3, 0))


def test_a_brush_is_round_in_millimetres() -> None:
    plane = np.zeros((41, 41), np.uint8)
    paint_line(plane, (20, 20), (20, 20), radius=6.0, spacing=(1.0, 3.0), value=2)
    rows, columns = np.nonzero(plane)
    assert rows.max() - 20 == 20 - rows.min() == 6
    assert columns.max() - 20 == 20 - columns.min() == 2
    y, x = np.indices(plane.shape)
    inside = (y - 20) ** 2 + (3.0 * (x - 20)) ** 2 <= 36.0
    assert np.array_equal(plane == 2, inside)


def test_a_stroke_has_no_gaps_and_takes_at_least_the_pixel_under_it() -> None:
    plane = np.zeros((30, 30), np.uint8)
    paint_line(plane, (3.2, 4.4), (25.0, 20.0), radius=2.0, spacing=(1.0, 1.0), value=1)
    _parts, count = ndimage.label(plane)
    assert count == 1
    assert plane[3, 4] == plane[25, 20] == 1
    thin = np.zeros((5, 5), np.uint8)
    paint_line(thin, (2.3, 1.7), (2.3, 1.7), radius=0.1, spacing=(1.0, 1.0), value=1)
    assert np.argwhere(thin).tolist() == [[2, 2]]


def test_a_stroke_outside_changes_nothing() -> None:
    plane = np.zeros((5, 5), np.uint8)
    paint_line(plane, (-9.0, -9.0), (-8.0, 40.0), radius=2.0, spacing=(1.0, 1.0), value=1)
    assert not plane.any()


def test_edits_cross_as_plain_values() -> None:
    edits = HandEdits(3, 41, ("brush", "fill"))
    assert HandEdits.from_plain(edits.to_plain()) == edits
