"""Tables of results as CSV and TSV: one row per series, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import math
from typing import TYPE_CHECKING, Any

from acutance.export.words import clean_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Row = dict[str, Any]

#: Columns that every table has, in their order; metrics follow, sorted by name.
COLUMNS: tuple[str, ...] = (
    "id", "name", "kind", "modality", "verdict", "verdict_code", "in_scope", "ssim_pred",
    "ssim_lo", "ssim_hi", "ssim_slice_min", "worst_plane", "worst_slice", "slices",
    "slices_repeat_frac", "files_found", "files_used", "warnings", "model", "model_version",
    "model_status", "device", "software_version", "reason",
)  # fmt: skip
#: A spreadsheet takes text that begins so as a formula; some do so for the wide forms, too.
_FORMULA = tuple("=+-@\t\r\n\0|%") + tuple("\uff1d\uff0b\uff0d\uff20")


def table_row(record: Mapping[str, Any], id: str) -> Row:
    """Return the row of a JSON record: numbers, and nothing that names patient, file or folder.

    Parameters
    ----------
    record : mapping
        An object of `acutance score --json` or `acutance iqm --json`.
    id : str
        What the series is called in the table.
    """
    low, high = record.get("ssim_interval") or (None, None)
    slices = record.get("slices") or []
    scored = [s for s in slices if s.get("ssim_pred") is not None]
    worst = min(scored, key=lambda s: s["ssim_pred"], default=None)
    bound = (record.get("parameters") or {}).get("threshold_repeat")
    repeat = None
    if scored and bound is not None:
        repeat = sum(s["ssim_pred"] < bound for s in scored) / len(scored)
    model, ledger = record.get("model") or {}, record.get("ledger") or {}
    row: Row = {
        "id": id,
        "name": clean_words(str(record.get("series") or "")),
        "kind": record.get("kind"),
        "modality": record.get("modality"),
        "verdict": record.get("verdict"),
        "verdict_code": record.get("verdict_code"),
        "in_scope": record.get("in_scope"),
        "ssim_pred": record.get("ssim_pred"),
        "ssim_lo": low,
        "ssim_hi": high,
        "ssim_slice_min": None if worst is None else worst["ssim_pred"],
        "worst_plane": None if worst is None else worst["plane"],
        "worst_slice": None if worst is None else worst["index"],
        "slices": len(slices) if "slices" in record else None,
        "slices_repeat_frac": repeat,
        "files_found": ledger.get("found"),
        "files_used": ledger.get("used"),
        "warnings": len(record.get("warnings") or []),
        "model": model.get("name"),
        "model_status": model.get("status"),
        "model_version": model.get("version"),
        "device": record.get("device"),
        "software_version": (record.get("software") or {}).get("version"),
        "reason": record.get("reason"),
    }
    return row | dict(record.get("iqms") or {})


def columns_of(rows: Iterable[Row]) -> tuple[str, ...]:
    """Return the fixed columns, then every other column of any row, sorted."""
    extra = {name for row in rows for name in row} - set(COLUMNS)
    return (*COLUMNS, *sorted(extra))


def csv_text(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """Return rows as CSV (RFC 4180); text that a spreadsheet would compute gets a leading quote.

    A missing value is an empty cell; its column stays.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([safe_text(name) for name in columns])
    writer.writerows([[cell(row.get(name)) for name in columns] for row in rows])
    return buffer.getvalue()


def tsv_text(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """Return rows as tab-separated values; tabs and line ends inside text become spaces."""
    lines = ["\t".join(_one_line(safe_text(name)) for name in columns)]
    lines += ["\t".join(_one_line(cell(row.get(name))) for name in columns) for row in rows]
    return "\n".join(lines) + "\n"


def cell(value: object) -> str:
    """Return a value as the text of a cell: numbers stay numbers, text is made safe.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        if not math.isfinite(value):
            raise ValueError(f"a cell holds a finite number, not {value!r}")
        return repr(value)
    return safe_text(str(value))


def safe_text(text: str) -> str:
    """Return text that no spreadsheet takes as a formula: a quote goes before what would be."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) else text


def _one_line(text: str) -> str:
    return " ".join(text.replace("\0", "").split())
