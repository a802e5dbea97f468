"""`acutance.metrics.order`: what sorting gives, without sorting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from acutance.metrics.order import order_statistics, percentiles

FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(arrays(np.float32, st.integers(1, 60), elements=FLOATS), st.integers(1, 7))
def test_every_place_is_that_of_the_sorted_data(data: np.ndarray, step: int) -> None:
    def pieces() -> list[np.ndarray]:
        return [data[n : n + step] for n in range(0, data.size, step)]

    assert order_statistics(pieces, range(data.size)) == np.sort(data).astype(float).tolist()


def test_percentiles_are_those_of_numpy() -> None:
    data = np.random.default_rng(1).normal(0, 100, 4001).astype(np.float32)
    wanted = (0.0, 5.0, 37.3, 50.0, 99.9, 100.0)
    found = percentiles(lambda: [data[:1000], data[1000:]], data.size, wanted)
    assert found == pytest.approx(np.percentile(data.astype(float), wanted).tolist(), rel=1e-6)


def test_no_such_place_is_said() -> None:
    with pytest.raises(IndexError, match="no place 3 among 3"):
        order_statistics(lambda: [np.zeros(3, np.float32)], [3])
