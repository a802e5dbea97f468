"""Build what is given to users.

    python installer/build.py bundle|deb|tar|windows|macos [--variant cpu|cuda] [--output DIR]
    python installer/build.py compare FIRST SECOND

`bundle` is the folder with the program and all it needs. `deb` and `tar` pack it for Linux,
`windows` and `macos` for the systems of that name. Each makes the bundle in a clean virtual
environment of pinned versions first, unless --bundle names one that is there. Beside every
artefact go its SHA-256 and its bill of materials. `compare` tells in what two bundles differ.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

import environment  # beside this file
import smoke_test

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "installer"
SPEC = HERE / "acutance.spec"
ARTEFACTS = ("bundle", "deb", "tar", "windows", "macos")
VARIANTS = ("cpu", "cuda")
#: Files that may differ between two builds of one commit, and why.
MAY_DIFFER: dict[str, str] = {}


class BuildError(Exception):
    """An artefact cannot be made here; the message says what is missing."""


def main(arguments: list[str]) -> int:
    """Build one artefact and test it; return an exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    actions = parser.add_subparsers(dest="artefact", required=True)
    for name in ARTEFACTS:
        action = actions.add_parser(name)
        action.add_argument("--variant", choices=VARIANTS, default="cpu")
        action.add_argument("--output", type=Path, default=ROOT / "dist", help="folder for it")
        action.add_argument("--bundle", type=Path, help="take this bundle instead of building one")
        action.add_argument("--no-test", action="store_true", help="do not start what was built")
    comparison = actions.add_parser("compare")
    comparison.add_argument("first", type=Path)
    comparison.add_argument("second", type=Path)
    options = parser.parse_args(arguments)
    try:
        if options.artefact == "compare":
            return compare(options.first, options.second)
        return build(options)
    except (BuildError, subprocess.CalledProcessError, OSError) as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1


def build(options: argparse.Namespace) -> int:
    """Build the artefact that the options name; return an exit code."""
    started = time.monotonic()
    output = options.output.resolve()
    output.mkdir(parents=True, exist_ok=True)
    refuse_foreign(options.artefact)
    if options.bundle is None:
        bundle = build_bundle(output, options.variant)
    else:
        bundle = options.bundle.resolve()
    print(f"{bundle}: {folder_size(bundle) / 1e6:.0f} MB", flush=True)
    if not options.no_test:
        failed = smoke_test.main([str(program_in(bundle))])
        if failed:
            return failed
    if options.artefact != "bundle":
        made = load(options.artefact).make(bundle, output, version(), options.variant)
        write_checksums(output, made)
        for path in made:
            print(f"{path}: {path.stat().st_size / 1e6:.0f} MB", flush=True)
    print(f"done in {time.monotonic() - started:.0f} s", flush=True)
    return 0


def refuse_foreign(artefact: str) -> None:
    """Raise `BuildError` for an artefact of another system, whose programs cannot be made here."""
    needs = {"deb": "Linux", "tar": "Linux", "windows": "Windows", "macos": "Darwin"}
    system = needs.get(artefact, platform.system())
    if system != platform.system():
        raise BuildError(
            f"{artefact} has to be built on {system.replace('Darwin', 'macOS')}: PyInstaller "
            f"builds for the system it runs on. See installer/{artefact}/README.md."
        )


def build_bundle(output: Path, variant: str) -> Path:
    """Build the one-folder bundle in a clean environment.

    Parameters
    ----------
    output : Path
        Folder that will hold ``acutance/``, replaced.
    variant : str
        ``"cpu"`` or ``"cuda"``.

    Returns
    -------
    Path
        The bundle.

    Raises
    ------
    subprocess.CalledProcessError
        If a step failed.
    """
    python = environment.prepare(output / f"environment-{variant}", variant)
    # The same hash seed and time make the same bytes.
    variables = {
        **os.environ,
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": environment.epoch(),
        "ACUTANCE_VARIANT": variant,
    }
    # In a folder that is ignored: the specification looks for icons there.
    icons = [str(python), str(HERE / "icons.py"), str(HERE / "work")]
    subprocess.run(icons, cwd=ROOT, check=True, env=variables)
    command = [str(python), "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN"]
    command += ["--distpath", str(output), "--workpath", str(output / "work"), str(SPEC)]
    subprocess.run(command, cwd=ROOT, check=True, env=variables)
    bundle = output / "acutance"
    strip(bundle)
    command = [str(python), str(HERE / "contents.py"), str(bundle), "--variant", variant]
    subprocess.run(command, cwd=ROOT, check=True, env=variables)
    return bundle


def strip(bundle: Path) -> None:
    """Take the symbols out of torch's libraries, a quarter of the bundle, where `strip` is there.

    Nothing else: the libraries beside NumPy, SciPy and Pillow do not load afterwards.
    """
    if not sys.platform.startswith("linux") or shutil.which("strip") is None:
        return
    for name in ("libtorch_cpu.so", "libtorch_python.so"):
        library = bundle / "_internal" / "torch" / "lib" / name
        subprocess.run(["strip", "--strip-unneeded", str(library)], check=True)


def program_in(bundle: Path) -> Path:
    """Return the program inside a bundle.

    Raises
    ------
    BuildError
        If there is none.
    """
    program = bundle / ("acutance.exe" if sys.platform == "win32" else "acutance")
    if not program.is_file():
        raise BuildError(f"{bundle} holds no program {program.name}.")
    return program


def load(artefact: str):  # type: ignore[no-untyped-def]
    """Import what packs for a system, from the folder of that name."""
    folder = "linux" if artefact in ("deb", "tar") else artefact
    path = HERE / folder / f"{'make_' + artefact}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def version() -> str:
    """Return the version of the program, from the one place where it stands."""
    for line in (ROOT / "app" / "acutance" / "__init__.py").read_text("utf-8").splitlines():
        if line.startswith("__version__"):
            return line.split('"')[1]
    raise BuildError("app/acutance/__init__.py states no version.")


def folder_size(folder: Path) -> int:
    """Return the bytes of all files of a folder, links not followed."""
    files = (file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    return sum(file.stat().st_size for file in files)


def write_checksums(output: Path, files: list[Path]) -> None:
    """Write the SHA-256 of each file beside it, in the form that ``sha256sum -c`` reads."""
    for file in files:
        text = f"{_digest(file)}  {file.name}\n"
        (output / f"{file.name}.sha256").write_text(text, "ascii")


def compare(first: Path, second: Path) -> int:
    """Print in what two bundles differ; return 0 where they have the same files and hashes."""
    names = [
        {str(file.relative_to(folder)) for file in folder.rglob("*") if not file.is_dir()}
        for folder in (first, second)
    ]
    for title, missing in (
        ("only in the first", names[0] - names[1]),
        ("only in the second", names[1] - names[0]),
    ):
        for name in sorted(missing):
            print(f"{title}: {name}")
    differ = [
        name
        for name in sorted(names[0] & names[1])
        if _digest(first / name) != _digest(second / name)
    ]
    for name in differ:
        print(f"differs: {name}{' (expected)' if name in MAY_DIFFER else ''}")
    unexpected = [name for name in differ if name not in MAY_DIFFER]
    alike = len(names[0] & names[1]) - len(differ)
    print(f"{alike} files alike, {len(differ)} differ, {len(names[0] ^ names[1])} not in both")
    return 1 if unexpected or names[0] != names[1] else 0


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
