"""What the texts and tags of a TIFF say of its pixels: their size, and where not to believe it.

References
----------
.. [1] TIFF Revision 6.0, Adobe, 1992, section 8 (XResolution, ResolutionUnit).
.. [2] OME model, Pixels element, http://www.openmicroscopy.org/Schemas/OME/2016-06
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from acutance.errors import CorruptFileError
from acutance.io.lengths import mm_per
from acutance.io.unplaced import Spacing, is_length
from acutance.io.voxels import REMEDY_COPY

if TYPE_CHECKING:
    from pathlib import Path

    import tifffile

#: Dots per inch of screens and printers: they say nothing of the object.
_PRINT_DPI = (72, 75, 90, 96, 100, 120, 150, 180, 200, 240, 300, 360, 400, 600, 720, 1200, 2400)
_COUNTS = re.compile(
    r"\b(?:Size[XYZCT]|IFD|PlaneCount|First[ZCT])\s*=\s*[\"']\s*(\d+)\s*[\"']", re.ASCII
)
_COUNT_LIMIT = 1 << 24
_TEXT_LIMIT = 64 * 1024**2


def check_text(text: str, path: Path) -> None:
    """Refuse an OME text that would make its parser work without end.

    Raises
    ------
    CorruptFileError
        If it declares entities, is too long, or counts more planes than a file can hold.
    """
    head = text[:4096].upper()
    if len(text) > _TEXT_LIMIT or "<!DOCTYPE" in head or "<!ENTITY" in text.upper():
        raise CorruptFileError("The OME text in the file is not one that is parsed.", path=path)
    for match in _COUNTS.finditer(text):
        if len(match[1]) > 9 or int(match[1]) > _COUNT_LIMIT:
            raise CorruptFileError(
                f"The OME text in the file counts {match[1][:20]} planes or pixels, which cannot "
                "be.",
                remedy=REMEDY_COPY,
                path=path,
            )


def read_spacing(tif: tifffile.TiffFile, number: int, page: tifffile.TiffPage) -> Spacing:
    """Return the pixel size that OME, ImageJ or the resolution tags state, in this order."""
    if tif.is_ome and tif.ome_metadata:
        spacing = ome_spacing(tif.ome_metadata, number)
    elif tif.is_imagej:
        spacing = _imagej_spacing(tif.imagej_metadata or {}, page)
    else:
        spacing = _tag_spacing(page)
    return spacing


def ome_spacing(text: str, number: int) -> Spacing:
    """Return the physical pixel size of one image of an OME text, checked before."""
    try:
        root = ElementTree.fromstring(text.encode("utf-8"))
    except (ElementTree.ParseError, ValueError):
        return Spacing()
    images = [node for node in root.iter() if node.tag.endswith("}Pixels") or node.tag == "Pixels"]
    if number >= len(images):
        return Spacing()
    i, j, k = (_ome_size(images[number], axis) for axis in "XYZ")
    return Spacing(i, j, k, "the OME text")


def _ome_size(pixels: ElementTree.Element, axis: str) -> float | None:
    size = _number(pixels.get(f"PhysicalSize{axis}"))
    factor = mm_per(pixels.get(f"PhysicalSize{axis}Unit", "um"))
    return size * factor if size is not None and factor is not None else None


def _imagej_spacing(metadata: dict[str, Any], page: tifffile.TiffPage) -> Spacing:
    factor = mm_per(str(metadata.get("unit", "")))
    if factor is None:
        return Spacing()
    i, j = (_per_pixel(page, name) for name in ("XResolution", "YResolution"))
    k = _number(metadata.get("spacing"))
    i, j, k = (None if v is None else v * factor for v in (i, j, k))
    return Spacing(i, j, k, "ImageJ's text")


def _tag_spacing(page: tifffile.TiffPage) -> Spacing:
    unit = page.tags.valueof(296)  # ResolutionUnit: 2 inch, 3 centimetre [1]_
    factor = {2: 25.4, 3: 10.0}.get(int(unit) if unit is not None else 2)
    i, j = (_per_pixel(page, name) for name in ("XResolution", "YResolution"))
    if factor is None or i is None or j is None:
        return Spacing()
    if any(abs(25.4 / (v * factor) - dpi) < 0.51 for v in (i, j) for dpi in _PRINT_DPI):
        return Spacing()
    return Spacing(i * factor, j * factor, None, "the resolution tags")


def _per_pixel(page: tifffile.TiffPage, name: str) -> float | None:
    """Return units per pixel of a resolution tag, which states pixels per unit."""
    value = page.tags.valueof(name)
    try:
        above, below = value
        size = float(below) / float(above)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return size if is_length(size) else None


def _number(value: object) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if is_length(number) else None
