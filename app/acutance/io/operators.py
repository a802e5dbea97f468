"""Where fitted operators are kept, and which version comes next."""

from __future__ import annotations

import re
from pathlib import Path

import platformdirs

_VERSION = re.compile(r"-v(\d{1,6})\.safetensors$")


def operators_folder() -> Path:
    """Return where operators are kept unless the user names a place."""
    return Path(platformdirs.user_data_dir("acutance", appauthor=False)) / "operators"


def next_version(folder: Path, name: str) -> str:
    """Return the number after the highest version of an operator in a folder."""
    taken = [
        int(match[1])
        for path in (folder.iterdir() if folder.is_dir() else ())
        if path.name.startswith(f"{name}-v") and (match := _VERSION.search(path.name))
    ]
    return str(max(taken, default=0) + 1)
