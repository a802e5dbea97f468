"""A segmentation as files: label map, uncertainty, tables; every write is atomic.

References
----------
.. [1] RFC 4180, "Common Format and MIME Type for CSV Files", 2005.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from acutance import NOT_FOR_DIAGNOSIS
from acutance.core.segmentation import UNCERTAINTY_STEPS
from acutance.core.volume import Volume
from acutance.export.atomic import replacing
from acutance.export.nifti import write_label_map, write_volume
from acutance.export.record import series_record

if TYPE_CHECKING:
    from pathlib import Path

    from acutance.core.ledger import LoadedSeries
    from acutance.core.segmentation import SegmentationResult

#: Columns of the table of regions; the last tells whether a person changed the labels.
COLUMNS = ("value", "name", "voxels", "volume_ml", "mean", "sd", "median", "p05", "p95", "origin")
NETWORK, EDITED = "network", "edited by hand"
#: A spreadsheet takes text that begins so as a formula.
_FORMULA = tuple("=+-@\t\r\n\0|%") + tuple("\uff1d\uff0b\uff0d\uff20")


def segmentation_record(
    loaded: LoadedSeries, result: SegmentationResult, *, seconds: float
) -> dict[str, Any]:
    """Return the JSON object of a segmented series.

    Returns
    -------
    dict
        The fields of `series_record` without scores, and `segmentation`: everything of the result
        but its arrays, with `not_for_diagnosis`.
    """
    record = series_record(loaded, None, seconds=seconds)
    plain = result.to_plain()
    record |= {name: plain.pop(name) for name in ("model", "device", "parameters")}
    record["segmentation"] = {**plain, "note": f"{NOT_FOR_DIAGNOSIS}."}
    return record


def write_json(record: dict[str, Any], path: Path, sources: tuple[Path, ...]) -> list[Path]:
    """Write the record; raise ExportError where that cannot be."""
    with replacing(path, sources=sources) as temporary:
        text = json.dumps(record, indent=2, allow_nan=False) + "\n"
        temporary.write_text(text, encoding="utf-8")
    return [path]


def write_csv(result: SegmentationResult, path: Path, sources: tuple[Path, ...]) -> list[Path]:
    """Write the table of regions, one row per label; raise ExportError where that cannot be.

    Text that a spreadsheet would compute gets a leading quote; a missing value is an empty cell.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for region in result.statistics:
        plain = region.to_plain() | {"origin": EDITED if result.edits else NETWORK}
        writer.writerow([_cell(plain[name]) for name in COLUMNS])
    with replacing(path, sources=sources) as temporary:
        temporary.write_bytes(buffer.getvalue().encode("utf-8"))
    return [path]


def write_nifti(
    loaded: LoadedSeries, result: SegmentationResult, path: Path, sources: tuple[Path, ...]
) -> list[Path]:
    """Write label map, its table, uncertainty and, where they are others, the network's labels.

    Parameters
    ----------
    loaded : LoadedSeries
        Gives the geometry.
    result : SegmentationResult
    path : Path
        Of the label map, ends in `.nii.gz`; the others have its name and `-uncertainty` (in [0, 1])
        or `-raw`: the labels before cleaning and edits.
    sources : tuple of Path
        Files that must not be replaced.

    Raises
    ------
    ExportError
        If a file cannot be written.
    """
    volume = loaded.volume
    written = [path]
    table = write_label_map(
        result.label_map, volume, path, sources=sources, provenance=_provenance(result)
    )
    written.append(table)
    stem = path.name.removesuffix(".nii.gz")
    sure = path.with_name(f"{stem}-uncertainty.nii.gz")
    write_volume(
        Volume(
            result.uncertainty,
            volume.affine,
            slope=1.0 / UNCERTAINTY_STEPS,
            orientation_known=volume.orientation_known,
            spacing_known=volume.spacing_known,
        ),
        sure,
        sources=sources,
    )
    written.append(sure)
    if result.is_cleaned or result.edits:
        raw = path.with_name(f"{stem}-raw.nii.gz")
        written += [raw, write_label_map(result.raw_label_map, volume, raw, sources=sources)]
    return written


def _provenance(result: SegmentationResult) -> dict[str, Any]:
    plain = result.to_plain()
    kept = ("plane", "statistics", "steps", "model", "device", "parameters", "reason", "edits")
    return {name: plain[name] for name in kept} | {"note": f"{NOT_FOR_DIAGNOSIS}."}


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = str(value)
    is_text = isinstance(value, str)
    return f"'{text}" if is_text and text.startswith(_FORMULA) else text
