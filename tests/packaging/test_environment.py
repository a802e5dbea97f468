"""Faults of dependencies that our pins keep out."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QCoreApplication


@pytest.mark.usefixtures("qapp")
def test_calls_into_qt_return_none_without_losing_a_reference() -> None:
    # PySide6 6.12.0 drops a reference to None per call; on Python 3.11 that ends the process
    # after some thousand calls. From 3.12 on None is immortal and the count never moves.
    QCoreApplication.processEvents()
    before = sys.getrefcount(None)
    for _ in range(100):
        QCoreApplication.processEvents()
    assert abs(sys.getrefcount(None) - before) < 50
