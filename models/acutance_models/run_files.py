"""The TOML files that say what a training run does. No torch."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def read_fields(path: Path, kind: type) -> dict[str, Any]:
    """Read the fields of a frozen configuration, lists as tuples.

    Parameters
    ----------
    path : Path
        A TOML file.
    kind : type
        The dataclass whose fields it holds.

    Returns
    -------
    dict of str to object
        Each list that stands directly in a field, and each in such a list, as a tuple.

    Raises
    ------
    ValueError
        If a field is unknown, or it is no TOML.
    """
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    unknown = set(table) - {item.name for item in fields(kind)}
    if unknown:
        raise ValueError(f"Expected fields of {kind.__name__}; got {', '.join(sorted(unknown))}.")
    return {name: _frozen(value) for name, value in table.items()}


def _frozen(value: Any) -> Any:
    return tuple(_frozen(part) for part in value) if isinstance(value, list) else value
