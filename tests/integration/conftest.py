"""Children that the commands of these tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from commands import shared_children

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package")
def children() -> Iterator[None]:
    """Start them before a test counts children."""
    with shared_children():
        yield
