"""A BIDS derivative of metrics: one JSON for each image, one table for each kind of image.

Names are MRIQC's where the formula is (`efc`, `fber`, `size_*`, `spacing_*`) and else our own,
which begin with `acu_`.

References
----------
.. [1] The Brain Imaging Data Structure Specification 1.10: derivatives; missing values are "n/a".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance import __version__
from acutance.core.affine import world_axes
from acutance.core.bids import DESCRIPTION, ENTITIES
from acutance.export.atomic import replacing
from acutance.export.table import cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from acutance.core.bids import BidsImage
    from acutance.core.volume import Volume

BIDS_VERSION = "1.10.0"
#: Fields of an image's JSON that are no metrics.
_NO_METRICS = ("bids_meta", "provenance")
#: What the object of a whole series is called, beside the metrics of the image.
RECORD = "desc-acutance"
_MISSING = "n/a"


def image_json(
    image: BidsImage, volume: Volume, record: Mapping[str, Any], *, md5sum: str, settings: Any
) -> dict[str, Any]:
    """Return the JSON of an image: metrics by name, sorted, then what it is and how it was made.

    Parameters
    ----------
    image : BidsImage
    volume : Volume
        Its size and spacing are told along right-left, back-front and foot-head.
    record : mapping
        The object of the series, with scores and metrics.
    md5sum : str
        Of the bytes of the file, as MRIQC tells it.
    settings : JSON-ready value
    """
    low, high = record["ssim_interval"] or (None, None)
    scored = [s["ssim_pred"] for s in record["slices"] if s["ssim_pred"] is not None]
    bound = record["parameters"].get("threshold_repeat")
    red = None
    if scored and bound is not None:
        red = sum(value < bound for value in scored) / len(scored)
    metrics: dict[str, Any] = {
        **record["iqms"],
        "acu_ssim_pred": record["ssim_pred"],
        "acu_ssim_lo": low,
        "acu_ssim_hi": high,
        "acu_ssim_slice_min": min(scored, default=None),
        "acu_slices_red_frac": red,
        "acu_verdict": record["verdict"],
        "acu_model": f"{record['model']['name']} {record['model']['version']}",
        "acu_device": record["device"],
        **_grid(volume),
    }
    meta = {ENTITIES.get(key, key): label for key, label in image.entities.items()}
    meta |= {"suffix": image.suffix, "datatype": "anat", "modality": record["modality"]}
    provenance = {
        "software": "acutance",
        "version": __version__,
        "md5sum": md5sum,
        "settings": settings,
        "model_sha256": record["model"]["sha256"],
        "note": "Not for diagnosis.",
    }
    return {
        **dict(sorted(metrics.items())),
        "bids_meta": meta | image.sidecar,
        "provenance": provenance,
    }


def write_json(told: Mapping[str, Any], path: Path, sources: Iterable[Path] = ()) -> None:
    """Write a JSON file with two spaces of indent; raise ExportError where that cannot be."""
    with replacing(path, sources=sources) as temporary:
        text = json.dumps(told, indent=2, allow_nan=False) + "\n"
        temporary.write_text(text, encoding="utf-8")


def write_line(told: Mapping[str, Any], path: Path, sources: Iterable[Path] = ()) -> None:
    """Write an object as one line, as `acutance report` reads it."""
    with replacing(path, sources=sources) as temporary:
        temporary.write_text(json.dumps(told, allow_nan=False) + "\n", encoding="utf-8")


def write_description(output: Path) -> None:
    """Write the description of the derivative; raise ExportError where that cannot be."""
    told = {
        "Name": "Acutance: image quality metrics and predicted SSIM",
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "derivative",
        "GeneratedBy": [
            {
                "Name": "acutance",
                "Version": __version__,
                "Description": "Not for diagnosis.",
            }
        ],
    }
    write_json(told, output / DESCRIPTION)


def table_text(images: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    """Return the table of a group: `bids_name` first, then every metric; rows sorted by name.

    Parameters
    ----------
    images : iterable of (str, mapping)
        Name without suffixes, and the JSON of the image; of a name that comes twice the last
        counts.
    """
    rows = {name: {k: v for k, v in t.items() if k not in _NO_METRICS} for name, t in images}
    columns = sorted({name for row in rows.values() for name in row})
    lines = ["\t".join(("bids_name", *columns))]
    for name in sorted(rows):
        cells = (cell(rows[name].get(column)) or _MISSING for column in columns)
        lines.append("\t".join((name, *(" ".join(text.split()) for text in cells))))
    return "\n".join(lines) + "\n"


def _grid(volume: Volume) -> dict[str, Any]:
    """Return size and spacing by direction, as a conformed image has them."""
    axes = world_axes(volume.affine)
    told: dict[str, Any] = {}
    for name, axis in zip("xyz", np.argsort(axes), strict=True):
        told[f"size_{name}"] = volume.shape[axis]
        spacing = round(volume.spacing[axis], 6) if volume.spacing_known else None
        told[f"spacing_{name}"] = spacing
    return told
