"""The list of exporters, and the report of a series made of them."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from acutance.errors import ExportError
from acutance.export import contact_sheet, html, picture
from acutance.export.evidence import Extras

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from acutance.core.ledger import Loaded, LoadedSeries, LoadedVideo
    from acutance.core.quality import QualityResult
    from acutance.export.contact_sheet import SheetFrame


@dataclass(frozen=True)
class Exporter:
    """One kind of file.

    Parameters
    ----------
    id : str
    suffix : str
        With the dot.
    write : callable
        `write(loaded, result, record, path, extras)`.
    """

    id: str
    suffix: str
    write: Callable[[LoadedSeries, QualityResult, dict[str, Any], Path, Extras], None]


def _write_json(
    loaded: LoadedSeries,
    result: QualityResult,
    record: dict[str, Any],
    path: Path,
    extras: Extras,
) -> None:
    del loaded, result, extras
    _write_record(record, path)


def _write_record(record: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(record, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def _write_picture(
    loaded: LoadedSeries,
    result: QualityResult,
    record: dict[str, Any],
    path: Path,
    extras: Extras,
) -> None:
    del record, extras
    picture.write_picture(loaded.volume, result, path)


def _write_html(
    loaded: LoadedSeries,
    result: QualityResult,
    record: dict[str, Any],
    path: Path,
    extras: Extras,
) -> None:
    html.write_report(loaded, result, record, path, extras)


def _write_pdf(
    loaded: LoadedSeries,
    result: QualityResult,
    record: dict[str, Any],
    path: Path,
    extras: Extras,
) -> None:
    from acutance.export import pdf  # half a second of imports that only a PDF needs

    pdf.write_pdf(loaded, result, record, path, extras)


EXPORTERS: tuple[Exporter, ...] = (
    Exporter("json", ".json", _write_json),
    Exporter("png", ".png", _write_picture),
    Exporter("html", ".html", _write_html),
    Exporter("pdf", ".pdf", _write_pdf),
)
#: What is written where nothing else is asked for.
DEFAULT_KINDS: tuple[str, ...] = ("json", "png", "html")


def report_stem(loaded: Loaded) -> str:
    """Return a file name for a series: its own stem, made safe, and a hash that tells it apart.

    Of a series with further axes the name tells the position along them.
    """
    place = "_".join(map(str, loaded.item.position))
    stem = re.sub(r"(\.nii)?(\.gz)?$", "", loaded.path.name)
    safe = re.sub(r"[^A-Za-z0-9_-]+", "_", stem).strip("_")[:48] or "series"
    return "-".join(filter(None, (safe, place, _digest(loaded))))


def neutral_stem(loaded: Loaded) -> str:
    """Return a file name that holds nothing of the input's own: "series" and the same hash."""
    place = "_".join(map(str, loaded.item.position))
    return "-".join(filter(None, ("series", place, _digest(loaded))))


def _digest(loaded: Loaded) -> str:
    item = loaded.item
    place = "_".join(map(str, item.position))
    identity = f"{loaded.path.resolve()}\0{item.key}" + (f"\0{place}" if place else "")
    return hashlib.sha256(identity.encode("utf-8", "surrogateescape")).hexdigest()[:8]


def write_series_report(
    loaded: LoadedSeries,
    result: QualityResult,
    record: dict[str, Any],
    folder: Path,
    *,
    kinds: Sequence[str] = DEFAULT_KINDS,
    stem: str = "",
    extras: Extras | None = None,
) -> list[Path]:
    """Write reports of a series into a folder, which is made where it is missing.

    Each file is written under a temporary name and renamed, so that no half file is ever seen.

    Parameters
    ----------
    kinds : sequence of str
        Ids of `EXPORTERS`; others are left out.
    stem : str
        Name of the files without suffix; `report_stem` by default.
    extras : Extras, optional

    Raises
    ------
    ExportError
        If the folder or a file cannot be written.
    """
    shown = extras or Extras()

    def writer(exporter: Exporter) -> Callable[[Path], None]:
        return lambda path: exporter.write(loaded, result, record, path, shown)

    chosen = {e.suffix: writer(e) for e in EXPORTERS if e.id in kinds}
    return _write_all(stem or report_stem(loaded), chosen, folder)


def write_video_report(
    loaded: LoadedVideo,
    frames: Sequence[SheetFrame],
    result: QualityResult,
    record: dict[str, Any],
    folder: Path,
    *,
    kinds: Sequence[str] = DEFAULT_KINDS,
    stem: str = "",
) -> list[Path]:
    """Write JSON, contact sheet and HTML report of a video, as `write_series_report` does.

    Parameters
    ----------
    frames : sequence of SheetFrame
        At least one; those that are shown.

    Raises
    ------
    ExportError
        If the folder or a file cannot be written.
    """
    writers: dict[str, Callable[[Path], None]] = {
        "json": partial(_write_record, record),
        "png": partial(contact_sheet.write_sheet, loaded.video, frames, result),
        "html": partial(html.write_video_report, loaded, frames, result, record),
    }
    chosen = {f".{kind}": write for kind, write in writers.items() if kind in kinds}
    return _write_all(stem or report_stem(loaded), chosen, folder)


def _write_all(
    stem: str, writers: Mapping[str, Callable[[Path], None]], folder: Path
) -> list[Path]:
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for suffix, write in writers.items():
            path = folder / f"{stem}{suffix}"
            temporary = folder / f".{stem}{suffix}.part"
            try:
                write(temporary)
                os.replace(temporary, path)
            finally:
                temporary.unlink(missing_ok=True)
            written.append(path)
    except OSError as error:
        raise ExportError(
            f"The report could not be written: {error.strerror or error}.",
            remedy="Choose a folder with room that you may write to.",
            path=folder,
        ) from error
    return written
