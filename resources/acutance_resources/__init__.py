"""Files the application carries: icons and the sample scan."""

from __future__ import annotations

from pathlib import Path

__all__ = ["path"]

_ROOT = Path(__file__).resolve().parent


def path(name: str) -> Path:
    """Return where a resource lies on this disk.

    Parameters
    ----------
    name : str
        Path inside the package with forward slashes, such as ``"icons/acutance.svg"``.

    Returns
    -------
    Path
        An existing file or folder.

    Raises
    ------
    ValueError
        If the name leaves the package.
    FileNotFoundError
        If the package carries nothing of that name.
    """
    found = (_ROOT / name).resolve()
    if not found.is_relative_to(_ROOT):
        raise ValueError(f"a resource name stays inside the package, got {name!r}")
    if not found.exists():
        raise FileNotFoundError(f"no resource named {name!r} in {_ROOT}")
    return found
