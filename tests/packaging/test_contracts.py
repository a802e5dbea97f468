"""The rules of the house, checked with the tools that state them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON_FILES = ["app", "models", "resources", "tests", "installer", "bench", "run.py"]


def check(*command: str) -> None:
    """Run a tool of this environment and fail with what it says."""
    path = os.pathsep.join(str(ROOT / name) for name in ("app", "models", "resources"))
    environment = {**os.environ, "PYTHONPATH": path, "NO_COLOR": "1", "COLUMNS": "100"}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_import_contracts_are_kept() -> None:
    # Through Python and not the `lint-imports` script: scripts of a moved environment are dead.
    check(
        "-c",
        "import sys; from importlinter.cli import lint_imports;"
        "sys.exit(lint_imports(no_cache=True))",
    )


def test_ruff_finds_nothing() -> None:
    check("-m", "ruff", "check", "--no-cache", *PYTHON_FILES)


def test_ruff_would_format_nothing() -> None:
    check("-m", "ruff", "format", "--check", "--no-cache", *PYTHON_FILES)


@pytest.mark.slow
@pytest.mark.timeout(600)  # half a minute alone, several on a machine at work
def test_mypy_is_clean(tmp_path: Path) -> None:
    # The project's own cache is left alone where one is kept; a first run fills it.
    check("-m", "mypy")


def test_run_script_passes_mypy() -> None:
    check("-m", "mypy", "--config-file=", "--strict", "run.py")
