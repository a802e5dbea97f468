"""The slices of a Siemens mosaic: one picture in which the slices of a volume lie as tiles.

Tiles fill a square grid row by row. The position in the header is that of a single slice as large
as the whole picture, so the first tile lies inward of it by half of what the picture is larger
than a tile. Slices follow each other along the slice normal of the private (CSA) header, whose
sign the public header does not tell.

References
----------
.. [1] Siemens, MAGNETOM DICOM Conformance Statement: private groups 0019 and 0029.
.. [2] nibabel documentation, "Siemens mosaic format" (derivation of the first tile's position).
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.foreign import quiet
from acutance.io._protocols import FOREIGN_ERRORS
from acutance.io.dicom_dataset import is_big_endian, named_refusal, read_elements
from acutance.io.dicom_frames import MAX_FRAMES
from acutance.io.dicom_geometry import valid_orientation
from acutance.io.dicom_header import build_header, with_defect
from acutance.io.dicom_stream import NotASlice
from acutance.io.dicom_syntax import is_readable
from acutance.io.dicom_text import HEADER_TAGS, integer, raw_bytes, raw_text

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from acutance.io.dicom_slice import SliceHeader

_HEADER_CREATOR, _TILE_COUNT = 0x00190010, 0x0019100A
_CSA_CREATOR, _CSA_IMAGE = 0x00290010, 0x00291010
#: The normal of the CSA header and that of the public header are parallel within this.
_PARALLEL = 0.99
#: No mosaic has more tiles.
_MAX_TILES = 1024


def read_mosaic(path: Path) -> list[SliceHeader]:
    """Return the slices of a mosaic; no pixel is read.

    Returns
    -------
    list of SliceHeader
        In acquisition order along the slice normal; `frame` counts tiles from 0.

    Raises
    ------
    NotASlice
        If the tiles cannot be told or placed, with the reason.
    """
    with named_refusal(), path.open("rb") as file, quiet():
        tags = (*HEADER_TAGS, _HEADER_CREATOR, _TILE_COUNT, _CSA_CREATOR, _CSA_IMAGE)
        dataset, stream, syntax = read_elements(file, tags, None)
        if syntax and not is_readable(syntax):
            raise NotASlice(f"its transfer syntax {syntax[:64]} is not read")
        base = with_defect(build_header(path, dataset, stream, syntax), stream)
        csa = _csa_tags(dataset)
        count = _tile_count(dataset, csa, is_big_endian(dataset, syntax))
        return _tiles(base, count, _slice_normal(csa, base))


def _csa_tags(dataset: Dataset) -> dict[str, list[Any]]:
    """Return the values of the CSA image header by name, none where there is no such header."""
    raw = raw_bytes(dataset, _CSA_IMAGE)
    if not raw or "SIEMENS CSA HEADER" not in raw_text(dataset, _CSA_CREATOR):
        return {}
    # nibabel warns on import that the package is experimental; the parser of this format is not.
    with quiet():
        from nibabel.nicom import csareader
    errors: tuple[type[Exception], ...] = (*FOREIGN_ERRORS, csareader.CSAError)
    try:
        tags = csareader.read(raw)["tags"]  # type: ignore[no-untyped-call] # nibabel types no more
        return {str(name): list(tag["items"]) for name, tag in tags.items()}
    except errors:
        return {}


def _tile_count(dataset: Dataset, csa: dict[str, list[Any]], is_big: bool) -> int:
    stated = csa.get("NumberOfImagesInMosaic") or [None]
    count = stated[0] if isinstance(stated[0], int) else None
    if not count and "SIEMENS" in raw_text(dataset, _HEADER_CREATOR):
        count = integer(dataset, _TILE_COUNT, is_big)
    if not count or not 1 <= count <= _MAX_TILES:
        raise NotASlice("a Siemens mosaic that does not say how many slices it holds")
    return count


def _slice_normal(csa: dict[str, list[Any]], base: SliceHeader) -> NDArray[np.float64]:
    frame = valid_orientation(base)
    if frame is None or base.position is None or base.pixel_spacing is None:
        raise NotASlice("a Siemens mosaic that does not say where its slices lie")
    values = csa.get("SliceNormalVector", [])
    normal = np.array(values if len(values) == 3 else [0.0] * 3, dtype=np.float64)
    along = float(normal @ frame[2])
    if not math.isfinite(along) or abs(along) < _PARALLEL:
        raise NotASlice(
            "a Siemens mosaic without a slice normal in its private header, so that the order of "
            "its slices cannot be told"
        )
    return np.asarray(frame[2] * math.copysign(1.0, along))


def _tiles(base: SliceHeader, count: int, normal: NDArray[np.float64]) -> list[SliceHeader]:
    side = math.isqrt(count - 1) + 1
    rows, columns = base.rows // side, base.columns // side
    frame = valid_orientation(base)
    if rows * side != base.rows or columns * side != base.columns or frame is None:
        raise NotASlice(
            f"a Siemens mosaic of {base.columns} x {base.rows} that is no square grid of "
            f"{count} slices"
        )
    row_mm, column_mm = base.pixel_spacing or (1.0, 1.0)
    step = abs(base.spacing_between or base.thickness or 0.0)
    if not step and count > 1:
        raise NotASlice("a Siemens mosaic that does not state the distance of its slices")
    first = (
        np.array(base.position)
        + frame[0] * column_mm * (base.columns - columns) / 2
        + frame[1] * row_mm * (base.rows - rows) / 2
    )
    return [
        replace(
            base,
            frame=number,
            sop_uid=f"{base.sop_uid}#{number}" if base.sop_uid else "",
            instance=(base.instance or 0) * MAX_FRAMES + number,
            rows=rows,
            columns=columns,
            tile=((number // side) * rows, (number % side) * columns, base.rows, base.columns),
            position=tuple((first + number * step * normal).tolist()),
            slice_location=None,
            image_type=tuple(word for word in base.image_type if word != "MOSAIC"),
        )
        for number in range(count)
    ]
