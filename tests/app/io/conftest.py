"""What the reader tests share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for `import dicom_factory`

from acutance.io.readers import index_paths, read_item

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from acutance.core.ledger import Index, LoadedSeries


class Silent:
    """Takes progress, checks its range, never cancels."""

    def report(self, fraction: float, message: str) -> None:
        assert -1e-9 <= fraction <= 1 + 1e-9
        assert message

    def raise_if_cancelled(self) -> None:
        return


def allocate(shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    return np.empty(shape, dtype)


@pytest.fixture
def silent() -> Silent:
    return Silent()


@pytest.fixture
def index() -> Callable[..., Index]:
    def run(*paths: Path) -> Index:
        result = index_paths(paths, Silent(), Silent())
        places = [s.file for s in result.set_aside]
        parts = set()
        for item in result.items:
            # Volumes of one file share it; each says which part of it is its own.
            (parts.update if item.part else places.extend)(item.files)
            places += [s.file for s in item.set_aside]
        assert len(places) == len(set(places)), "a file stands in two places"
        assert not parts & set(places), "a file is part of a volume and stands elsewhere"
        return result

    return run


@pytest.fixture
def load(index: Callable[..., Index]) -> Callable[..., LoadedSeries]:
    """Read the only series of some paths."""

    def run(*paths: Path, order: str = "C") -> LoadedSeries:
        found = index(*paths)
        assert len(found.items) == 1, found
        item = found.items[0]

        def give(shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
            return np.empty(shape, dtype, order=order)  # type: ignore[call-overload, no-any-return]

        loaded = read_item(item, give, Silent(), Silent())
        assert loaded.ledger.found == len(item.files) + len(item.set_aside)
        assert all(reason.reason for reason in loaded.ledger.set_aside)
        return loaded

    return run


@pytest.fixture
def load_all(index: Callable[..., Index]) -> Callable[..., list[LoadedSeries]]:
    def run(*paths: Path) -> list[LoadedSeries]:
        return [read_item(i, allocate, Silent(), Silent()) for i in index(*paths).items]

    return run
