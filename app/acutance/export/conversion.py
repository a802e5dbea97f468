"""A series that was read, as one NIfTI file and the record of how it came about."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.errors import ExportError
from acutance.export.atomic import replacing
from acutance.export.nifti import SUFFIXES, write_volume

if TYPE_CHECKING:
    from acutance.core.ledger import LoadedSeries
    from acutance.core.volume import Volume

_HASH_CHARACTERS = 12


def content_hash(volume: Volume) -> str:
    """Return the SHA-256 of voxels, shape, kind, scale and geometry, as hexadecimal digits.

    The same for the same image wherever it was read from; memory order does not count.
    """
    digest = hashlib.sha256()
    scale = [float(volume.slope), float(volume.intercept)]
    facts = [list(volume.array.shape), volume.array.dtype.str, volume.affine.tolist(), scale]
    digest.update(json.dumps(facts).encode("ascii"))
    for slab in np.moveaxis(volume.array, 2, 0):
        digest.update(np.ascontiguousarray(slab).data)
    return digest.hexdigest()


def write_converted(
    loaded: LoadedSeries,
    record: dict[str, Any],
    folder: Path,
    *,
    number: int,
    suffix: str = ".nii.gz",
) -> list[Path]:
    """Write a series as NIfTI, and its record as JSON beside it.

    The name is made of the series' number and the first digits of its content hash: nothing that
    a file says about itself, and not its own name, becomes a name.

    Parameters
    ----------
    loaded : LoadedSeries
    record : dict
        See `acutance.export.record.series_record`; `output` is added.
    folder : Path
        Made where it is missing.
    number : int
        Counts the series of one run, from 1.
    suffix : str
        ".nii.gz" or ".nii".

    Returns
    -------
    list of Path
        The image and the record.

    Raises
    ------
    ExportError
        If a file cannot be written, or would replace one that was read.
    """
    if suffix not in SUFFIXES:
        raise ValueError(f"suffix must be one of {SUFFIXES}, not {suffix!r}")
    digest = content_hash(loaded.volume)
    stem = f"{number:03d}-{digest[:_HASH_CHARACTERS]}"
    image, text = folder / f"{stem}{suffix}", folder / f"{stem}.json"
    archives = [known for _, known in loaded.item.mounts]
    sources = [Path(name) for name in (*loaded.item.files, *archives)]
    write_volume(loaded.volume, image, sources=sources)
    whole = {**record, "output": {"file": image.name, "content_sha256": digest}}
    try:
        data = json.dumps(whole, indent=2, allow_nan=False) + "\n"
    except ValueError as error:
        raise ExportError(f"The record cannot be written: {error}.", path=text) from error
    with replacing(text, sources=sources) as temporary:
        temporary.write_text(data, encoding="utf-8")
    return [image, text]
