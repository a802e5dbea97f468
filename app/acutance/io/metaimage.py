"""MetaImage, with its voxels inside (.mha) or beside it (.mhd): one file or one with others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from acutance.core.ledger import SeriesItem
from acutance.core.volume import Volume
from acutance.io.assembling import assemble, chosen_position, index_each, title_of
from acutance.io.metaimage_header import (
    MAX_HEADER_BYTES,
    MetaImageHeader,
    is_header,
    parse_header,
)
from acutance.io.pieces import read_pieces
from acutance.io.voxels import file_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acutance.core.ledger import Index, LoadedSeries
    from acutance.io._protocols import Allocate, CancelToken, Progress

_SUFFIXES = (".mha", ".mhd")


def can_read(path: Path, head: bytes) -> bool:
    """Whether the first bytes are those of a MetaImage header."""
    del path
    return is_header(head)


def index_files(files: Sequence[Path], progress: Progress, token: CancelToken) -> Index:
    """Return one item per readable header; the others are set aside with the reason."""
    return index_each(files, _item, "Reading MetaImage headers", progress, token)


def read_volume(
    item: SeriesItem, allocate: Allocate, progress: Progress, token: CancelToken
) -> LoadedSeries:
    """Read one volume of a MetaImage.

    Raises
    ------
    CorruptFileError
        If a file is cut or damaged, or the header cannot be true.
    UnsupportedFormatError
        If it holds a kind of numbers that is not read.
    """
    path = Path(item.files[0])
    header = _read_header(path)
    position = header.layout.full_position(chosen_position(item, header.axes, path))
    array, trailing = read_pieces(header.layout, header.pieces, position, allocate, progress, token)
    progress.report(1.0, "Read")
    volume = Volume(
        array=array,
        affine=header.affine,
        slope=header.slope,
        intercept=header.intercept,
        modality=header.modality,
        name=item.title,
        orientation_known=header.orientation_known,
        spacing_known=header.spacing_known,
        facts=header.facts,
    )
    return assemble(item, volume, [*header.warnings, *trailing], header.notes)


def _item(path: Path) -> SeriesItem:
    header = _read_header(path)
    files = dict.fromkeys([str(path), *map(str, header.pieces.files)])
    return SeriesItem(
        "metaimage",
        str(path),
        tuple(files),
        title=title_of(path, _SUFFIXES, "MetaImage volume"),
        modality=header.modality,
        extra_axes=header.axes,
    )


def _read_header(path: Path) -> MetaImageHeader:
    with file_errors(path), path.open("rb") as file:
        return parse_header(file.read(MAX_HEADER_BYTES), path)
