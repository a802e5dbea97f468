"""Open a DICOM file with pydicom: the wanted elements raw, the stream at its pixels.

References
----------
.. [1] DICOM PS3.5, 7.1.2 (explicit value representation), A.5 (deflated).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

import pydicom
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from acutance.io._protocols import FOREIGN_ERRORS
from acutance.io.dicom_stream import (
    PIXEL_KINDS,
    DamagedSlice,
    NotASlice,
    meta_text,
    open_inflated,
)
from acutance.io.dicom_syntax import BIG_ENDIAN, DEFLATED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from acutance.io.dicom_text import Elements

#: A header value longer than this is passed over; none that is needed comes near it.
_DEFER_BYTES = 65536
_DICOMDIR = "1.2.840.10008.1.3.10"


@contextmanager
def named_refusal() -> Iterator[None]:
    """Turn what damaged files make libraries raise into `NotASlice`."""
    try:
        yield
    except NotASlice:
        raise
    except PermissionError as error:
        raise NotASlice("not allowed to read it") from error
    except FOREIGN_ERRORS as error:
        raise DamagedSlice("a DICOM file whose header cannot be read (damaged or cut)") from error


def read_elements(
    file: BinaryIO, tags: Sequence[str | int], defer_bytes: int | None = _DEFER_BYTES
) -> tuple[Dataset, BinaryIO, str]:
    """Return the wanted elements, the stream at the pixel data, and the transfer syntax."""
    stream = open_inflated(file)
    if stream is not file:
        start = stream.tell()
        body = pydicom.filereader.read_dataset(
            stream,
            is_implicit_VR=False,
            is_little_endian=True,
            stop_when=_ends_header,
            defer_size=defer_bytes,
            specific_tags=[Tag(name) for name in tags],
        )
        dataset = Dataset(body)
        dataset.set_original_encoding(False, True)
        if stream.tell() == start:
            raise DamagedSlice("its deflated data set is empty")
        return dataset, stream, DEFLATED
    try:
        whole = _parse(file, tags, defer_bytes)
        is_whole = _stands_at_pixels(file)
    except FOREIGN_ERRORS:
        is_whole = False
    if not is_whole:
        # pydicom takes an unknown VR for a switch to implicit encoding and then believes a length
        # that is none. Where no pixels were reached, read on as PS3.5 7.1.2 asks for.
        switch = pydicom.config.assume_implicit_vr_switch
        pydicom.config.assume_implicit_vr_switch = not switch
        try:
            file.seek(0)
            other = _parse(file, tags, defer_bytes)
        finally:
            pydicom.config.assume_implicit_vr_switch = switch
        if not _stands_at_pixels(file):
            file.seek(0)
            other = _parse(file, tags, defer_bytes)
        whole = other
    refuse_directory(meta_text(whole.file_meta, "MediaStorageSOPClassUID"))
    return whole, file, meta_text(whole.file_meta, "TransferSyntaxUID")


def _parse(file: BinaryIO, tags: Sequence[str | int], defer_bytes: int | None) -> Any:
    return pydicom.filereader.read_partial(
        file,
        stop_when=_ends_header,
        defer_size=defer_bytes,
        force=True,
        specific_tags=[Tag(name) for name in tags],
    )


def _ends_header(tag: int, _vr: str | None, _length: int) -> bool:
    """Whether an element is the pixels; zeros, of a transfer that broke, would be read for long."""
    if int(tag) == 0:
        raise DamagedSlice("holds zeros where its header should go on; it was not fully copied")
    return int(tag) in PIXEL_KINDS


def _stands_at_pixels(file: BinaryIO) -> bool:
    at = file.tell()
    is_there = len(file.read(8)) == 8
    file.seek(at)
    return is_there


def refuse_directory(media_class: str) -> None:
    """Refuse a DICOMDIR, by its SOP class.

    Raises
    ------
    NotASlice
        If it is one.
    """
    if media_class == _DICOMDIR:
        raise NotASlice("a DICOMDIR index; the files it names are found by themselves")


def is_big_endian(dataset: Elements, syntax: str) -> bool:
    """Whether binary values of a data set have the high byte first."""
    return syntax == BIG_ENDIAN or dataset.original_encoding[1] is False
