"""The clean virtual environment that a bundle is built in.

Nothing but the program, what it needs in pinned versions (`constraints.txt`) and the build tools:
what else lies in an environment may be taken along, and versions that move make no two builds
alike.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "installer"
CONSTRAINTS = HERE / "constraints.txt"
#: Tools that build; none of them is in the bundle.
TOOLS = ("pyinstaller", "cyclonedx-python-lib", "argparse-manpage", "packaging")
#: Where PyTorch's own builds lie, by variant.
TORCH_INDEXES = {
    "cpu": "https://download.pytorch.org/whl/cpu",
    "cuda": "https://download.pytorch.org/whl/cu128",
}
STAMP = "acutance-build.sha256"


def prepare(folder: Path, variant: str) -> Path:
    """Make the environment, or take it as it is if it was made from the same pins.

    Parameters
    ----------
    folder : Path
        Of the environment; removed first where it is out of date.
    variant : str
        ``"cpu"`` or ``"cuda"``. On macOS, and where the variable ACUTANCE_TORCH_INDEX is set and
        empty, PyTorch comes from the index that pip is configured for.

    Returns
    -------
    Path
        Its Python.

    Raises
    ------
    subprocess.CalledProcessError
        If something could not be installed.
    """
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    wanted = _digest(variant)
    stamp = folder / STAMP
    if not (python.is_file() and stamp.is_file() and stamp.read_text("ascii") == wanted):
        if folder.exists():
            shutil.rmtree(folder)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        # torch first and alone: else what depends on it fetches the build of another variant.
        _install(python, f"torch=={_pinned('torch')}", *_torch_index(variant))
        _install(python, *TOOLS)
        _install(python, f"{ROOT}[video]")
        stamp.write_text(wanted, "ascii")
    else:
        _install(python, "--no-deps", "--force-reinstall", str(ROOT))
    return python


def epoch() -> str:
    """Return the time of the newest commit, seconds since 1970, the time of all that is built."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return given
    command = ["git", "log", "-1", "--format=%ct"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "1700000000"


def _pinned(package: str) -> str:
    for line in CONSTRAINTS.read_text("utf-8").splitlines():
        name, _, version = line.partition("==")
        if name == package:
            return version
    raise KeyError(package)


def _torch_index(variant: str) -> list[str]:
    index = os.environ.get("ACUTANCE_TORCH_INDEX")
    if index is None:
        index = "" if sys.platform == "darwin" else TORCH_INDEXES[variant]
    return ["--index-url", index] if index else []


def _install(python: Path, *what: str) -> None:
    command = [str(python), "-m", "pip", "install", "--quiet", "--constraint", str(CONSTRAINTS)]
    subprocess.run([*command, *what], check=True)


def _digest(variant: str) -> str:
    parts = [variant, sys.version, *TOOLS, CONSTRAINTS.read_text("utf-8")]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
