"""NIfTI-1 and NIfTI-2, .nii and .nii.gz: one file, one volume, told by content.

Arrays keep the axis order of the file. Of a file with several volumes the first is read, with a
warning. The gzip checksum is verified over the whole file.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from acutance.core.ledger import (
    Index,
    Ledger,
    LoadedSeries,
    LoadWarning,
    SeriesItem,
    SetAside,
)
from acutance.core.volume import Volume
from acutance.core.window import Window
from acutance.errors import CorruptFileError, ReadError
from acutance.io._protocols import (
    MAX_INFLATION,
    MAX_VOLUME_BYTES,
    clean_text,
)
from acutance.io.gzip_stream import GzipStream
from acutance.io.nifti_geometry import find_geometry
from acutance.io.nifti_header import NiftiHeader, check_claim, header_version, parse_header
from acutance.io.sniff import inflate_head
from acutance.io.values import check_values, slab_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from acutance.io._protocols import Allocate, CancelToken, Progress

_GZIP_MAGIC = b"\x1f\x8b"
_HEAD_BYTES = 4096


def can_read(path: Path, head: bytes) -> bool:
    """Whether the first bytes are those of a NIfTI or Analyze header, gzipped or not."""
    if head[:2] == _GZIP_MAGIC:
        head = inflate_head(head)
    return header_version(head) is not None


def index_files(files: Sequence[Path], progress: Progress, token: CancelToken) -> Index:
    """Return one item per readable file; the others are set aside with the reason."""
    items: list[SeriesItem] = []
    aside: list[SetAside] = []
    for number, file in enumerate(files):
        token.raise_if_cancelled()
        progress.report(number / len(files), "Reading NIfTI headers")
        try:
            _, _ = _read_header(file)
        except ReadError as error:
            aside.append(SetAside(str(file), error.message))
            continue
        items.append(SeriesItem("nifti", str(file), (str(file),), title=_title(file), modality=""))
    return Index(tuple(items), tuple(aside))


def read_volume(
    item: SeriesItem, allocate: Allocate, progress: Progress, token: CancelToken
) -> LoadedSeries:
    """Read the (first) volume of a NIfTI file.

    Raises
    ------
    CorruptFileError
        If the file is cut, fails its checksum, or its header cannot be true.
    UnsupportedFormatError
        If it holds colour, complex values, vectors or more than four dimensions.
    """
    path = Path(item.files[0])
    header, is_gzip = _read_header(path)
    array = allocate(header.shape, header.dtype.newbyteorder("="))
    progress.report(0.0, "Reading voxels")
    extra: list[LoadWarning] = []
    try:
        with path.open("rb") as file:
            stream = GzipStream(file) if is_gzip else file
            _skip(stream, header.offset)
            _fill(array, stream, header, progress, token, path)
            if isinstance(stream, GzipStream):
                extra.extend(_verify(stream, header, token, path))
    except (zlib.error, EOFError) as error:
        raise CorruptFileError(
            f"The gzip archive is damaged or cut ({error}).",
            remedy="Copy or download the file again.",
            path=path,
        ) from error
    except OSError as error:
        raise ReadError(f"The file cannot be read ({error.strerror}).", path=path) from error
    geometry = find_geometry(header)
    warnings = [*header.warnings, *geometry.warnings, *extra]
    notes = list(geometry.notes)
    if header.volumes > 1:
        warnings.append(
            LoadWarning(
                "first_volume_only",
                f"The file holds {header.volumes} volumes; only the first is shown and scored.",
            )
        )
    warnings.extend(check_values(array, header.slope, header.intercept))
    if 1 in header.shape:
        notes.append("single slice")
    progress.report(1.0, "Read")
    volume = Volume(
        array=array,
        affine=geometry.affine,
        slope=header.slope,
        intercept=header.intercept,
        name=item.title,
        orientation_known=geometry.orientation_known,
        spacing_known=geometry.spacing_known,
        acquisition_axis=header.slice_axis,
        windows=_windows(header),
        facts=_facts(header),
    )
    found = len(item.files) + len(item.set_aside)
    aside = (
        *item.set_aside,
        *(SetAside(name, "the item is another file") for name in item.files[1:]),
    )
    return LoadedSeries(
        item,
        volume,
        Ledger(found, 1, aside),
        tuple(warnings),
        tuple(notes),
    )


def _read_header(path: Path) -> tuple[NiftiHeader, bool]:
    """Return the header, its claim held against the file, and whether the file is gzipped."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise ReadError(f"The file cannot be read ({error.strerror}).", path=path) from error
    is_gzip = head[:2] == _GZIP_MAGIC
    header = parse_header(inflate_head(head) if is_gzip else head, path)
    check_claim(header, size * MAX_INFLATION if is_gzip else size, MAX_VOLUME_BYTES, path)
    return header, is_gzip


def _skip(stream: BinaryIO | GzipStream, count: int) -> None:
    """Pass over the header and its extensions, whatever these say about themselves."""
    if isinstance(stream, GzipStream):
        while count > 0:
            read = len(stream.read(min(count, 1 << 20)))
            if not read:
                raise EOFError("it ends before the voxels")
            count -= read
    else:
        stream.seek(count)


def _fill(
    array: NDArray[Any],
    stream: BinaryIO | GzipStream,
    header: NiftiHeader,
    progress: Progress,
    token: CancelToken,
    path: Path,
) -> None:
    """Fill an array of any memory order; the first axis is the fastest in the file."""
    depth = header.shape[2]
    step = slab_count(header.shape, header.dtype.itemsize, 8 * 1024**2)
    is_native = header.dtype.isnative
    direct = array.T.flags.c_contiguous and is_native
    for start in range(0, depth, step):
        token.raise_if_cancelled()
        progress.report(start / depth, "Reading voxels")
        count = min(step, depth - start)
        if direct:
            slab = array.T[start : start + count]
        else:
            slab = np.empty((count, header.shape[1], header.shape[0]), header.dtype)
        _read_exactly(stream, slab, path)
        if not direct:
            array[:, :, start : start + count] = slab.T


def _read_exactly(stream: BinaryIO | GzipStream, slab: NDArray[Any], path: Path) -> None:
    view = slab.reshape(-1).view(np.uint8).data
    while view:
        read = stream.readinto(view)  # type: ignore[union-attr]
        if not read:
            raise CorruptFileError(
                "The file ends before its last voxel.",
                remedy="Copy or download the file again.",
                path=path,
            )
        view = view[read:]


def _verify(
    stream: GzipStream, header: NiftiHeader, token: CancelToken, path: Path
) -> list[LoadWarning]:
    """Read the rest of a gzip file so that its checksum is verified, within a bound."""
    rest = header.claimed_bytes - header.volume_bytes
    tail_bound = 64 * 1024**2
    read = 0
    while chunk := stream.read(1 << 20):
        token.raise_if_cancelled()
        read += len(chunk)
        if read > rest + tail_bound:
            return [
                LoadWarning(
                    "trailing_data",
                    "The archive holds much more than its header says; the rest was not read and "
                    "its checksum not verified.",
                    (str(path),),
                )
            ]
    if read < rest:
        raise CorruptFileError(
            f"The header claims {header.volumes} volumes, the file holds fewer.",
            remedy="Copy or download the file again.",
            path=path,
        )
    if stream.has_rubbish:
        return [
            LoadWarning(
                "trailing_data", "Foreign bytes follow the end of the archive.", (str(path),)
            )
        ]
    return []


def _windows(header: NiftiHeader) -> tuple[Window, ...]:
    low, high = header.display_range
    try:
        return (Window((low + high) / 2, high - low, "stored"),) if high > low else ()
    except ValueError:
        return ()


def _facts(header: NiftiHeader) -> dict[str, Any]:
    return {
        "nifti_version": header.version,
        "datatype": header.dtype.newbyteorder("=").name,
        "sform_code": header.sform_code,
        "qform_code": header.qform_code,
        "volumes": header.volumes,
    }


def _title(path: Path) -> str:
    name = path.name
    for suffix in (".gz", ".nii"):
        if name.lower().endswith(suffix):
            name = name[: -len(suffix)]
    return clean_text(name) or "NIfTI volume"
