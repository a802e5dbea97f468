"""Say what a file is that no reader reads, by its content."""

from __future__ import annotations

import zlib

#: How many bytes of a file are looked at to tell its kind.
HEAD_BYTES = 4096

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (0, b"\xff\xd8\xff", "a JPEG picture"),
    (0, b"GIF8", "a GIF picture"),
    (0, b"BM", "a BMP picture"),
    (0, b"II*\x00", "a TIFF picture"),
    (0, b"MM\x00*", "a TIFF picture"),
    (0, b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (0, b"\xff\x4f\xff\x51", "a bare JPEG 2000 stream"),
    (0, b"%PDF", "a PDF document"),
    (0, b"PK\x03\x04", "a zip archive; unpack it first"),
    (0, b"PK\x05\x06", "an empty zip archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-zip archive; unpack it first"),
    (0, b"Rar!", "a RAR archive; unpack it first"),
    (0, b"BZh", "a bzip2 archive; unpack it first"),
    (0, b"\xfd7zXZ\x00", "an xz archive; unpack it first"),
    (0, b"\x28\xb5\x2f\xfd", "a zstd archive; unpack it first"),
    (257, b"ustar", "a tar archive; unpack it first"),
    (0, b"version https://git-lfs", "a pointer to a file that was not downloaded (Git LFS)"),
    (0, b"MZ", "a Windows program"),
    (0, b"\x7fELF", "a program"),
    (0, b"\x93NUMPY", "a numpy array"),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 or MINC file, which is not read yet"),
    (0, b"CDF\x01", "a NetCDF or MINC file, which is not read yet"),
    (0, b"NRRD000", "an NRRD file of a version that is not read"),
    (0, b"SQLite format 3", "a database"),
    (4, b"ftyp", "a picture of a phone (HEIF, AVIF) or a file of that family"),
    (0, b"RIFF", "a sound or a WebP picture"),
    (0, b"ID3", "a sound"),
    (0, b"fLaC", "a sound"),
    (0, b"#EXTM3U", "a playlist that names other files, which is not followed"),
    (0, b"ffconcat", "a script that names other files, which is not followed"),
)


def describe(head: bytes) -> str:
    """Return in a few words what the first bytes say a file is.

    Parameters
    ----------
    head : bytes
        The first bytes, up to `HEAD_BYTES`.
    """
    if head[:4] == b"PK\x03\x04" and _first_entry(head).endswith(b".npy"):
        return "an archive of NumPy arrays (.npz); save one array as .npy"
    for offset, mark, words in _SIGNATURES:
        if head[offset : offset + len(mark)] == mark:
            return words
    if head[:2] == b"\x1f\x8b":
        inside = inflate_head(head)
        return f"a gzip archive of {describe(inside)}" if inside else "a gzip archive that is cut"
    if not head.strip(b"\x00"):
        return "nothing but zero bytes"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page, perhaps the error page of a failed download"
    if start.startswith(b"<?xml"):
        return "an XML text"
    if start[:1] in b"{[" and _is_text(head):
        return "a JSON or other text"
    return "a text" if _is_text(head) else "of no kind that Acutance knows"


def _first_entry(head: bytes) -> bytes:
    """Return the name of the first file in a zip archive."""
    return head[30 : 30 + int.from_bytes(head[26:28], "little")]


def inflate_head(head: bytes, limit: int = HEAD_BYTES) -> bytes:
    """Return the first bytes inside a gzip stream, `b""` where there are none."""
    try:
        return zlib.decompressobj(wbits=31).decompress(head, limit)
    except zlib.error:
        return b""


def _is_text(head: bytes) -> bool:
    """Whether bytes read as UTF-8 or Latin text without control characters."""
    return bool(head) and not any(b < 9 or 13 < b < 32 for b in head[:1024])
