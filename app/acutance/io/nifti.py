"""NIfTI-1, NIfTI-2 and Analyze 7.5, one file or a pair, gzipped or not, told by content.

Arrays keep the axis order of the file. Of a file with several volumes the one that was chosen is
read, the first by default. The gzip checksum is verified over the whole file.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acutance.core.ledger import Index, LoadedSeries, LoadWarning, SeriesItem, SetAside
from acutance.core.restoration import RESTORED_WORD
from acutance.core.volume import Volume
from acutance.core.window import Window
from acutance.errors import CorruptFileError, ReadError, UnsupportedFormatError
from acutance.io._protocols import MAX_INFLATION, MAX_VOLUME_BYTES
from acutance.io.assembling import assemble, check_size, chosen_position, refused, title_of
from acutance.io.compressed import verify_tail
from acutance.io.gzip_stream import GzipStream
from acutance.io.nifti_geometry import find_geometry
from acutance.io.nifti_header import HEADER_BYTES, NiftiHeader, header_version, parse_header
from acutance.io.sniff import inflate_head
from acutance.io.voxels import Tape, allocate_volume, file_errors, fill_volume

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acutance.io._protocols import Allocate, CancelToken, Progress

_GZIP_MAGIC = b"\x1f\x8b"
_HEAD_BYTES = 4096
#: Extensions are looked for in this much of a file; there may be so many.
_EXTENSION_BYTES = 16 * 1024**2
_EXTENSION_LIMIT = 64
#: Where `descrip`, 80 bytes, begins in each version.
_DESCRIP_START = {1: 148, 2: 240}
_IMAGE_SUFFIXES = (".img", ".img.gz")


def can_read(path: Path, head: bytes) -> bool:
    """Whether the first bytes are those of a NIfTI or Analyze header, gzipped or not.

    The voxels of a pair are told by the header beside them.
    """
    return _starts_as_header(head) or _header_of(path) is not None


def index_files(files: Sequence[Path], progress: Progress, token: CancelToken) -> Index:
    """Return one item per readable file or pair; the others are set aside with the reason."""
    items: dict[str, SeriesItem] = {}
    aside: dict[str, SetAside] = {}
    for number, file in enumerate(files):
        token.raise_if_cancelled()
        progress.report(number / len(files), "Reading NIfTI headers")
        header_file = _header_of(file) or file
        if str(header_file) in items or str(header_file) in aside:
            continue
        try:
            source = _open_header(header_file)
        except ReadError as error:
            aside[str(header_file)] = refused(header_file, error)
            continue
        items[str(header_file)] = SeriesItem(
            "nifti",
            str(header_file),
            tuple(str(path) for path in source.files),
            title=title_of(header_file, (".gz", ".nii", ".hdr"), "NIfTI volume"),
            extra_axes=source.header.axes,
        )
    placed = {name for item in items.values() for name in item.files} | set(aside)
    for file in files:
        if str(file) not in placed:
            aside[str(file)] = SetAside(str(file), "the header beside it cannot be read")
    return Index(tuple(items.values()), tuple(aside.values()))


def read_volume(
    item: SeriesItem, allocate: Allocate, progress: Progress, token: CancelToken
) -> LoadedSeries:
    """Read one volume of a NIfTI file or pair.

    Raises
    ------
    CorruptFileError
        If the file is cut, fails its checksum, or its header cannot be true.
    UnsupportedFormatError
        If it holds a kind of numbers that is not read.
    """
    source = _open_header(Path(item.files[0]))
    header, path = source.header, source.voxels
    position = header.layout.full_position(chosen_position(item, header.axes, path))
    array = allocate_volume(header.layout, allocate)
    progress.report(0.0, "Reading voxels")
    with file_errors(path), path.open("rb") as file:
        if source.is_gzip:
            stream = GzipStream(file)
            _pass_over(stream, header.offset)
            tape = Tape(stream)
            fill_volume(array, header.layout, position, tape, progress, token, path)
            trailing = verify_tail(stream, header.layout.file_bytes - tape.at, token, path)
        else:
            file.seek(header.offset)
            fill_volume(array, header.layout, position, Tape(file, file), progress, token, path)
            trailing = []
    geometry = find_geometry(header)
    facts, extension_warnings = _facts(source)
    progress.report(1.0, "Read")
    is_complex = header.layout.dtype.kind == "c"
    volume = Volume(
        array=array,
        affine=geometry.affine,
        slope=abs(header.slope) if is_complex else header.slope,
        intercept=header.intercept,
        name=item.title,
        orientation_known=geometry.orientation_known,
        spacing_known=geometry.spacing_known,
        acquisition_axis=header.slice_axis,
        windows=_windows(header),
        facts=facts,
    )
    return assemble(
        item,
        volume,
        [*header.warnings, *geometry.warnings, *trailing, *extension_warnings],
        [*_notes(header), *geometry.notes],
    )


@dataclass(frozen=True)
class _Source:
    """A header, and where its voxels are.

    Parameters
    ----------
    header : NiftiHeader
    files : tuple of Path
        The header first, then the voxels of a pair.
    is_gzip, head_is_gzip : bool
        Whether the file with the voxels, and the one with the header, are gzipped.
    head : bytes
        The beginning of the inflated header file.
    """

    header: NiftiHeader
    files: tuple[Path, ...]
    is_gzip: bool
    head_is_gzip: bool
    head: bytes = field(repr=False)

    @property
    def voxels(self) -> Path:
        """The file that holds the voxels."""
        return self.files[-1]


def _open_header(path: Path) -> _Source:
    """Read a header, its claim held against the file."""
    with file_errors(path), path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    is_gzip = head_is_gzip = head[:2] == _GZIP_MAGIC
    head = inflate_head(head) if is_gzip else head
    image = _image_of(path)
    header = parse_header(head, path, may_be_analyze=image is not None)
    files: tuple[Path, ...] = (path,)
    if header.is_pair:
        if image is None:
            stem = title_of(path, (".gz", ".hdr"), path.name)
            raise CorruptFileError(
                f"The file is the header half of a pair, but its voxels, {stem}.img, are not "
                "beside it.",
                remedy="Put both files into one folder.",
                path=path,
            )
        files = (path, image)
        with file_errors(image), image.open("rb") as file:
            is_gzip = file.read(2) == _GZIP_MAGIC
    with file_errors(files[-1]):
        size = files[-1].stat().st_size
    layout = header.layout
    check_size(
        header.offset + layout.file_bytes,
        size * MAX_INFLATION if is_gzip else size,
        layout.volume_bytes,
        MAX_VOLUME_BYTES,
        path,
    )
    if layout.dtype.kind == "c" and header.intercept != 0:
        raise UnsupportedFormatError(
            "The file holds complex values that are to be shifted, which is not read.",
            remedy="Save the magnitude as a file of its own.",
            path=path,
        )
    return _Source(header, files, is_gzip, head_is_gzip, head)


def _starts_as_header(head: bytes) -> bool:
    if head[:2] == _GZIP_MAGIC:
        head = inflate_head(head)
    return header_version(head) is not None


def _header_of(image: Path) -> Path | None:
    """Return the header beside the voxels of a pair, None where a file is no such half."""
    path = _beside(image, _IMAGE_SUFFIXES, (".hdr", ".HDR", ".hdr.gz"))
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return None
    return path if _starts_as_header(head) else None


def _image_of(header: Path) -> Path | None:
    """Return the voxels beside the header of a pair."""
    return _beside(header, (".hdr", ".hdr.gz"), (".img", ".IMG", ".img.gz"))


def _beside(path: Path, suffixes: tuple[str, ...], others: tuple[str, ...]) -> Path | None:
    for suffix in sorted(suffixes, key=len, reverse=True):
        if path.name.lower().endswith(suffix):
            stem = path.name[: -len(suffix)]
            found = (path.with_name(stem + other) for other in others)
            return next((other for other in found if other.is_file()), None)
    return None


def _pass_over(stream: GzipStream, count: int) -> None:
    """Pass over the header and its extensions, whatever these say about themselves."""
    while count > 0:
        read = len(stream.read(min(count, 1 << 20)))
        if not read:
            raise EOFError("it ends before the voxels")
        count -= read


def _windows(header: NiftiHeader) -> tuple[Window, ...]:
    low, high = header.display_range
    try:
        return (Window((low + high) / 2, high - low, "stored"),) if high > low else ()
    except ValueError:
        return ()


def _notes(header: NiftiHeader) -> list[str]:
    notes = []
    if header.layout.dtype.kind == "c":
        notes.append("complex values; their magnitude is shown")
    if header.has_alpha:
        notes.append("transparency (alpha) left out")
    if header.version == 0 and header.slope != 1:
        notes.append("scaled by the factor that SPM wrote")
    return notes


def _facts(source: _Source) -> tuple[dict[str, Any], list[LoadWarning]]:
    header = source.header
    kind = {3: "RGB24", 4: "RGBA32"}
    channels = header.layout.sizes[0] if header.layout.colour is not None else 1
    facts: dict[str, Any] = {
        "nifti_version": header.version or "Analyze 7.5",
        "datatype": kind.get(channels, header.layout.dtype.newbyteorder("=").name),
        "sform_code": header.sform_code,
        "qform_code": header.qform_code,
        "axes": {axis.name: axis.size for axis in header.axes},
    }
    start = _DESCRIP_START.get(header.version)
    if start is not None:
        described = source.head[start : start + 80]
        if described.startswith(b"acutance ") and RESTORED_WORD.encode() in described:
            facts[RESTORED_WORD] = True
    if not header.has_extensions:
        return facts, []
    codes, is_sound = _extension_codes(source)
    facts["extension_codes"] = codes
    if is_sound:
        return facts, []
    warning = LoadWarning(
        "bad_extension",
        "An extension of the header says a size that cannot be; it was left out. The voxels are "
        "not concerned.",
    )
    return facts, [warning]


def _extension_codes(source: _Source) -> tuple[list[int], bool]:
    """Return the codes of the header's extensions and whether all of them hold together."""
    kind, path, codes = header_version(source.head), source.files[0], list[int]()
    if kind is None or (source.header.is_pair and source.head_is_gzip):
        return codes, True
    at, order = HEADER_BYTES[kind[0]] + 4, kind[1]
    with file_errors(path), path.open("rb") as file:
        end = path.stat().st_size if source.header.is_pair else source.header.offset
        tape = Tape(GzipStream(file)) if source.head_is_gzip else Tape(file, file)
        while at + 8 <= min(end, _EXTENSION_BYTES) and len(codes) < _EXTENSION_LIMIT:
            mark = bytearray(8)
            tape.move_to(at)
            tape.fill(memoryview(mark))
            size, code = struct.unpack(f"{order}ii", mark)
            if (size, code) == (0, 0) and codes:
                break  # padding up to the voxels
            if size < 8 or size % 16 or at + size > end:
                return codes, False
            codes.append(code)
            at += size
    return codes, True
