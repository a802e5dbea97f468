"""Build what is given to users.

    python installer/build.py bundle [--output DIR] [--no-test]

`bundle` is the folder with the program and all it needs; it goes to `dist/acutance`. Build it in
a virtual environment that holds Acutance and PyInstaller and nothing else: what else lies there
may be taken along.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

import smoke_test

ROOT = Path(__file__).resolve().parent.parent
SPEC = ROOT / "installer" / "acutance.spec"


def main(arguments: list[str]) -> int:
    """Build one artefact and test it; return an exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("artefact", choices=["bundle"])
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="folder to build into")
    parser.add_argument("--no-test", action="store_true", help="do not start what was built")
    options = parser.parse_args(arguments)

    started = time.monotonic()
    program = build_bundle(options.output.resolve())
    files = (file for file in program.parent.rglob("*") if file.is_file())
    size = sum(file.stat().st_size for file in files if not file.is_symlink())
    seconds = time.monotonic() - started
    print(f"{program.parent}: {size / 1e6:.0f} MB in {seconds:.0f} s", flush=True)
    return 0 if options.no_test else smoke_test.main([str(program)])


def build_bundle(output: Path) -> Path:
    """Build the one-folder bundle.

    Parameters
    ----------
    output : Path
        Folder that will hold ``acutance/``.

    Returns
    -------
    Path
        The program inside the bundle.

    Raises
    ------
    subprocess.CalledProcessError
        If PyInstaller failed.
    FileNotFoundError
        If it left no program.
    """
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN"]
    command += ["--distpath", str(output), "--workpath", str(output / "work"), str(SPEC)]
    subprocess.run(command, cwd=ROOT, check=True)
    program = output / "acutance" / ("acutance.exe" if sys.platform == "win32" else "acutance")
    if not program.is_file():
        raise FileNotFoundError(f"PyInstaller ended well but left no {program}")
    return program


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
