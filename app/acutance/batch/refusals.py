"""Why a batch cannot use its folders, in words."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from acutance.errors import ExportError

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from acutance.batch.settings import BatchSettings


def refuse_overlap(settings: BatchSettings) -> None:
    """Raise where input and output lie one in the other.

    Raises
    ------
    ExportError
        If they do.
    """
    source, output = settings.source.resolve(), settings.output.resolve()
    if source == output or source in output.parents or output in source.parents:
        raise ExportError(
            "The output folder and the input lie one in the other.",
            remedy="Choose another folder; what is read is never changed.",
            path=settings.output,
        )


def is_there(source: Path) -> bool:
    """Whether an input can be looked at. A share that is gone may leave an empty folder behind."""
    try:
        if source.is_dir():
            with os.scandir(source) as entries:
                return any(entries)
        return source.exists()
    except OSError:
        return False


def cannot_write(settings: BatchSettings, error: OSError | sqlite3.Error) -> ExportError:
    """Return the error to tell where the output folder cannot be written."""
    return ExportError(
        f"The output folder cannot be written: {why(error)}.",
        remedy="Choose a folder with room that you may write to.",
        path=settings.output,
    )


def why(error: OSError | sqlite3.Error) -> str:
    """Return the cause of a fault of the disk in words."""
    return (error.strerror or "input/output error") if isinstance(error, OSError) else str(error)
