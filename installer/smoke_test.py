"""Start a frozen Acutance and check that it does its work.

    python installer/smoke_test.py dist/acutance/acutance

Runs `selftest`, scores the sample scan, and opens and closes the window on it unseen, with no
Python and no virtual environment in reach of the program.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT_SECONDS = 300
_PYTHON_VARIABLES = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")


class SmokeError(Exception):
    """The program did not do what it is for; the message says what was seen."""


def main(arguments: list[str]) -> int:
    """Run every check; return 0 if all passed, else 1."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("program", type=Path)
    program = parser.parse_args(arguments).program.resolve()
    with tempfile.TemporaryDirectory(prefix="acutance smoke ") as name:
        for check in (check_selftest, check_score, check_window):
            started = time.monotonic()
            try:
                check(program, Path(name))
            except (SmokeError, OSError, subprocess.TimeoutExpired) as error:
                print(f"{check.__name__}: FAILED: {error}", file=sys.stderr)
                return 1
            print(f"{check.__name__}: passed, {time.monotonic() - started:.1f} s", flush=True)
    return 0


def check_selftest(program: Path, folder: Path) -> None:
    """Run the program's own test of its installation."""
    run([str(program), "selftest"], folder)


def check_score(program: Path, folder: Path) -> None:
    """Score the clean and the moved sample; the clean one has to come out better."""
    scores = {}
    for name in ("sample_T1.nii.gz", "sample_T1_moved.nii.gz"):
        output = run([str(program), "score", str(sample(program, name)), "--json", "-"], folder)
        answer = json.loads(output)
        if answer["verdict"] not in ("usable", "check", "repeat"):
            raise SmokeError(f"{name} was not assessed: {answer['reason']}")
        scores[name] = answer["ssim_pred"]
    if not scores["sample_T1.nii.gz"] > scores["sample_T1_moved.nii.gz"]:
        raise SmokeError(f"the moved sample scores no worse than the clean one: {scores}")


def check_window(program: Path, folder: Path) -> None:
    """Open the window offscreen on the sample, take a picture of it, and close it."""
    picture = folder / "window.png"
    scan = sample(program, "sample_T1.nii.gz")
    arguments = ["gui", "--headless", str(scan), "--screenshot", str(picture), "--exit"]
    run([str(program), *arguments], folder)
    if not picture.is_file() or picture.stat().st_size < 10_000:
        raise SmokeError("the window left no picture of itself")


def sample(program: Path, name: str) -> Path:
    """Return where a sample scan lies in the bundle of a program."""
    return program.parent / "_internal" / "acutance_resources" / "sample" / name


def run(command: list[str], folder: Path) -> str:
    """Run a command far from any source folder and return its standard output.

    Raises
    ------
    SmokeError
        If it ended with another exit code than 0.
    """
    environment = {key: value for key, value in os.environ.items() if key not in _PYTHON_VARIABLES}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise SmokeError(
            f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
    return done.stdout


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
