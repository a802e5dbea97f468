"""Measure the time from the start of the process to the first painted window.

    python bench/startup.py [--runs 5] [--limit 1.5]

Each run is a fresh process, drawn offscreen; the time counts from just before the process is
made, so the interpreter is in it. Bytecode is cached, as in an installed copy. With --limit the
exit code tells whether it was kept.
"""

from __future__ import annotations

import argparse
import atexit
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("app", "models", "resources")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--limit", type=float, help="seconds the median may take")
    options = parser.parse_args(arguments)
    seconds = []
    for _ in range(options.runs + 1):
        seconds.append(one_run())
        print(f"{seconds[-1]:.3f} s", flush=True)
    # The first run fills the disk cache and the bytecode.
    median = statistics.median(seconds[1:])
    print(f"median of {options.runs}: {median:.3f} s, slowest {max(seconds[1:]):.3f} s")
    return int(options.limit is not None and median > options.limit)


@cache
def bytecode_folder() -> str:
    """Return a folder for the bytecode of these runs, which goes when they are over."""
    folder = tempfile.TemporaryDirectory(prefix="acutance-bytecode-")
    atexit.register(folder.cleanup)
    return folder.name


def cache_bytecode(environment: dict[str, str]) -> None:
    """Have bytecode cached, as installed programs have it; a checkout may write none."""
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = bytecode_folder()


def one_run() -> float:
    """Return the seconds of one start."""
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen")
    paths = [str(ROOT / source) for source in SOURCES]
    environment["PYTHONPATH"] = os.pathsep.join([*paths, environment.get("PYTHONPATH", "")])
    cache_bytecode(environment)
    environment["ACUTANCE_STARTUP_TRACE"] = repr(time.time())
    done = subprocess.run(
        [sys.executable, "-m", "acutance", "gui", "--headless", "--exit"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found = re.search(r"after ([\d.]+) s", done.stderr)
    if found is None:
        raise SystemExit(f"no time was printed: {done.stderr}")
    return float(found.group(1))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
