"""What importing costs and needs: no toolkit outside qt, no torch before it is asked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [ROOT / "app", ROOT / "models", ROOT / "resources"]
HEAVY = ("torch", "torchvision", "PySide6", "shiboken6", "pyqtgraph")


def run_python(code: str, *arguments: str) -> str:
    """Run code in a fresh Python that sees the sources; return its standard output."""
    path = os.pathsep.join(map(str, SOURCES))
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def modules() -> list[str]:
    """Return every module of ours outside qt, without importing any."""
    found = []
    for source in SOURCES:
        for file in sorted(source.rglob("*.py")):
            name = ".".join(file.relative_to(source).with_suffix("").parts)
            name = name.removesuffix(".__init__")
            if name != "acutance.qt" and not name.startswith("acutance.qt."):
                found.append(name)
    return found


def loaded_after(statement: str) -> set[str]:
    """Return which of the heavy packages are loaded after a statement."""
    code = f"{statement}\nimport json, sys; print(json.dumps(sorted(sys.modules)))"
    names = json.loads(run_python(code).splitlines()[-1])
    return {name for name in names if name in HEAVY}


def test_everything_outside_qt_imports_without_the_toolkit() -> None:
    code = """
import importlib, sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("PySide6", "shiboken6", "pyqtgraph"):
            raise ImportError(f"{name} is blocked in this test")
sys.meta_path.insert(0, Blocked())
for name in sys.argv[1:]:
    importlib.import_module(name)
"""
    names = modules()
    assert len(names) > 20
    run_python(code, *names)


def test_importing_the_application_loads_neither_torch_nor_the_toolkit() -> None:
    assert loaded_after("import acutance, acutance.__main__") == set()


def test_importing_the_command_line_loads_neither_torch_nor_the_toolkit() -> None:
    assert loaded_after("import acutance.cli") == set()


def test_importing_the_models_loads_no_torch() -> None:
    assert loaded_after("import acutance_models") == set()


def test_importing_the_window_loads_no_torch() -> None:
    assert not loaded_after("import acutance.qt.application") & {"torch", "torchvision"}


def test_main_module_imports_nothing_of_ours_at_its_top() -> None:
    code = "import acutance.__main__, sys; print([m for m in sys.modules if 'acutance' in m])"
    assert run_python(code).strip() == "['acutance', 'acutance.__main__']"


def test_listing_engines_loads_no_torch() -> None:
    assert loaded_after("import acutance.engines.catalogue, acutance.engines.base") == set()
