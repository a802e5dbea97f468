from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from acutance import __main__, cli

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_reader_that_leaves_is_no_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """As in `acutance models list | head -1`: no traceback, and nothing is written on."""
    reading, writing = os.pipe()
    os.close(reading)
    stdout = os.fdopen(writing, "w")
    monkeypatch.setattr(sys, "stdout", stdout)

    def run(_: object) -> int:
        print("x" * 100_000)
        return 0

    monkeypatch.setattr(cli, "run", run)
    assert __main__.main(["models", "list"]) == __main__.READER_LEFT
    print("y" * 100_000)
    stdout.close()
    assert capfd.readouterr().err == ""
