from __future__ import annotations

import logging
import sys

from acutance.qt import faults


def test_uncaught_error_is_told_and_logged_without_its_contents(caplog):
    told = []
    restore = faults.install(told.append)
    try:
        try:
            raise KeyError("Doe^Jane")
        except KeyError as error:
            with caplog.at_level(logging.ERROR):
                sys.excepthook(KeyError, error, error.__traceback__)
    finally:
        restore()
    assert "KeyError" in told[0]
    assert "Doe" not in caplog.text + told[0]
    assert "test_faults.py" in caplog.text


def test_hook_that_was_there_is_put_back():
    before = sys.excepthook
    faults.install(print)()
    assert sys.excepthook is before
