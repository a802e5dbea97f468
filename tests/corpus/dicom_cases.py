"""Rows 1 to 32: one DICOM file that is cut, lies or is odd."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus import raw_dicom as raw
from corpus.case import Case, Expect, Make, Series, loads, of_array, rejects, warns
from corpus.raw_dicom import Element, RawFile, items, mr_slice, picture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

CASES: list[Case] = []
#: What the plain slice must give.
PLAIN = of_array(raw.volume(), spacing=(0.5, 0.75, 2.0), used=1)
_SPACING = (0.5, 0.75, 2.0)


def _add(row: int, name: str, make: Make, expect: Expect, **bounds: Any) -> None:
    CASES.append(Case(row, name, make, expect, **bounds))


def _file(data: RawFile | Callable[[], RawFile | bytes] | bytes, name: str = "a.dcm") -> Make:
    """Return a maker of one file, made when the case runs."""

    def make(folder: Path) -> Path:
        made = data() if callable(data) else data
        path = folder / name
        path.write_bytes(made.to_bytes() if isinstance(made, RawFile) else made)
        return path

    return make


def _in_series(data: bytes, k: int = 2) -> Make:
    """Return a maker of four slices of which slice `k` is replaced."""

    def make(folder: Path) -> None:
        raw.write_series(folder)[k].write_bytes(data)

    return make


# Rows 1 to 12: cuts


def cut_points(file: RawFile) -> dict[str, int]:
    """Return the twelve places at which a file may be cut, in bytes."""
    whole = file.to_bytes()
    pixels = whole.rindex(struct.pack("<HH", 0x7FE0, 0x0010))
    value = pixels + 12
    rows = whole.rindex(struct.pack("<HH", 0x0028, 0x0010) + b"US")
    return {
        "at-0": 0,
        "at-64": 64,
        "at-130": 130,
        "at-134": 134,
        "mid-meta": 132 + 40,
        "mid-tag": rows + 2,
        "before-pixel-data": pixels,
        "inside-pixel-tag": pixels + 2,
        "inside-pixel-length": value - 2,
        "after-1-byte": value + 1,
        "half": value + (len(whole) - value) // 2,
        "last-byte": len(whole) - 1,
    }


for _name, _at in cut_points(mr_slice(2)).items():
    _cut = mr_slice(2).to_bytes()[:_at]
    _add(
        1,
        f"cut-{_name}",
        _file(_cut),
        rejects("empty" if _at == 0 else "zero|cut|ends before|damaged|no kind|no image|header"),
    )
    # The slice that is lost leaves a gap. Of a file cut before its series is named, the gap and
    # its name among the others tell.
    _add(
        1,
        f"series-cut-{_name}",
        _in_series(_cut),
        warns(
            "missing_slices",
            "unreadable_slices",
            series=[of_array(raw.volume([0, 1, 3]), used=3, spacing=_SPACING)],
        ),
    )


def _compressed_cut(at: float) -> bytes:
    whole = rle_slice().to_bytes()
    return whole[: int(len(whole) * at)]


def rle_slice(k: int = 2) -> RawFile:
    """Return slice k with its pixels as RLE (PS3.5 annex G): two byte planes, literal runs."""
    file = mr_slice(k, syntax=raw.RLE)
    return file.put(raw.PIXELS, "OB", items(rle(picture(k))), raw.UNDEFINED)


def rle(array: NDArray[np.int16]) -> bytes:
    planes = array.astype(">i2").tobytes()
    segments = [_literal(planes[0::2]), _literal(planes[1::2])]
    header = struct.pack("<16L", 2, 64, 64 + len(segments[0]), *[0] * 13)
    return header + b"".join(segments)


def _literal(data: bytes) -> bytes:
    runs = b"".join(
        bytes([len(data[n : n + 128]) - 1]) + data[n : n + 128] for n in range(0, len(data), 128)
    )
    return runs + b"\x00" * (len(runs) % 2)


_add(1, "rle-whole", _file(rle_slice), loads(of_array(raw.volume([2]), spacing=_SPACING)))
for _share in (0.9, 0.98):
    _add(1, f"rle-cut-{_share}", _file(_compressed_cut(_share)), rejects("cut"))
_add(
    1,
    "series-rle-cut",
    _in_series(_compressed_cut(0.95)),
    warns("missing_slices", "unreadable_slices", series=[of_array(raw.volume([0, 1, 3]), used=3)]),
)

# Rows 13 to 16: what is no DICOM image

_add(13, "bare-implicit", _file(lambda: mr_slice(syntax=raw.IMPLICIT).data_set()), loads(PLAIN))
_add(13, "bare-explicit", _file(lambda: mr_slice().data_set()), loads(PLAIN))
_add(13, "bare-explicit-no-suffix", _file(lambda: mr_slice().data_set(), "I0001"), loads(PLAIN))
_add(
    13,
    "no-preamble-but-meta",
    _file(lambda: mr_slice().to_bytes()[132:]),
    loads(PLAIN),
)


def _with_preamble(preamble: bytes) -> RawFile:
    file = mr_slice()
    file.preamble = preamble.ljust(128, b"\x00")[:128]
    return file


_add(
    14, "windows-program", _file(lambda: _with_preamble(b"MZ\x90\x00" + b"\x01" * 60)), loads(PLAIN)
)
_add(14, "elf-program", _file(lambda: _with_preamble(b"\x7fELF\x02\x01\x01")), loads(PLAIN))
_add(14, "tiff", _file(lambda: _with_preamble(b"II*\x00\x08\x00\x00\x00")), loads(PLAIN))
_add(14, "shell-script", _file(lambda: _with_preamble(b"#!/bin/sh\nexit 3\n")), loads(PLAIN))

_noise = np.random.default_rng(15)
_add(15, "random-bytes", _file(_noise.bytes(50_000)), rejects("no kind"))
_add(15, "random-bytes-behind-mark", _file(bytes(128) + b"DICM" + _noise.bytes(9000)), rejects("."))
_add(15, "zeros", _file(bytes(1 << 20)), rejects("zero"))
_add(15, "zeros-behind-mark", _file(bytes(128) + b"DICM" + bytes(1 << 20)), rejects("."))
_add(
    15,
    "zeros-behind-meta",
    _file(lambda: mr_slice().meta() + bytes(40 << 20)),
    rejects("zeros"),
    seconds=3.0,
)
_add(
    15,
    "zeros-behind-header",  # a transfer that broke into a file of the full size
    _file(lambda: mr_slice().to_bytes()[:500] + bytes(40 << 20)),
    rejects("zeros"),
    seconds=3.0,
)
_add(15, "png-mark", _file(b"\x89PNG\r\n\x1a\n" + _noise.bytes(400)), rejects("PNG"))


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Return a whole, valid grey PNG (ISO 15948)."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))
        )

    rows, columns = pixels.shape
    lines = b"".join(b"\x00" + row.tobytes() for row in pixels)
    head = struct.pack(">LLBBBBB", columns, rows, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


_add(15, "whole-png", _file(png(np.arange(64, dtype=np.uint8).reshape(8, 8))), rejects("PNG"))

_add(16, "no-pixel-data", _file(lambda: mr_slice().drop(raw.PIXELS)), rejects("pixels|image"))
_add(16, "empty-pixel-data", _file(lambda: mr_slice().put(raw.PIXELS, "OW", b"")), rejects("empty"))
_add(
    16,
    "empty-encapsulated",
    _file(lambda: mr_slice(syntax=raw.RLE).put(raw.PIXELS, "OB", items(), raw.UNDEFINED)),
    rejects("empty"),
)


def _report() -> RawFile:
    file = RawFile()
    file.put(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.88.11").put(0x00080018, "UI", "1.2.3.9")
    file.put(0x00080060, "CS", "SR").put(0x0020000E, "UI", "1.2.3.8")
    return file.put(0x0040A040, "CS", "CONTAINER")


_add(16, "structured-report", _file(_report), rejects("no image"))
_add(
    16,
    "structured-report-beside-series",
    lambda folder: (raw.write_series(folder), _report().write(folder / "report.dcm"))[2:] or None,
    loads(of_array(raw.volume(4), used=4)),
)

# Rows 17 to 20: claims

_CLAIM = {"memory_mb": 256.0, "seconds": 5.0}
_add(
    17,
    "rows-over-data",
    _file(lambda: mr_slice().put(raw.ROWS, "US", 4000)),
    rejects("pixels"),
    **_CLAIM,
)
_add(
    17,
    "one-row-over-data",
    _file(lambda: mr_slice().put(raw.ROWS, "US", 7)),
    rejects("pixels"),
    **_CLAIM,
)


def _giant(frames: int | None, syntax: str = raw.EXPLICIT) -> RawFile:
    file = mr_slice(syntax=syntax).put(raw.ROWS, "US", 65535).put(raw.COLUMNS, "US", 65535)
    if frames is not None:
        file.put(raw.FRAMES, "IS", frames)
    if syntax == raw.RLE:
        file.put(raw.PIXELS, "OB", items(rle(picture())), raw.UNDEFINED)
    return file


_TOO_LARGE = "pixels|claims|frames|size|damaged|decoded"
_add(17, "65535-squared", _file(lambda: _giant(None)), rejects(_TOO_LARGE), **_CLAIM)
_add(17, "65535-squared-1000-frames", _file(lambda: _giant(1000)), rejects(_TOO_LARGE), **_CLAIM)
_add(17, "65535-squared-rle", _file(lambda: _giant(None, raw.RLE)), rejects(_TOO_LARGE), **_CLAIM)
_add(
    17,
    "65535-squared-rle-1000",
    _file(lambda: _giant(1000, raw.RLE)),
    rejects(_TOO_LARGE),
    **_CLAIM,
)
_add(17, "rows-zero", _file(lambda: mr_slice().put(raw.ROWS, "US", 0)), rejects("size|rows"))
_add(17, "no-rows", _file(lambda: mr_slice().drop(raw.ROWS)), rejects("size|rows"))

for _text in ("0", "-3", "abc", "2147483647"):
    _add(
        18,
        f"frames-{_text}",
        _file(lambda text=_text: mr_slice().put(raw.FRAMES, "IS", text)),  # type: ignore[misc]
        rejects("frames"),
        **_CLAIM,
    )
_add(18, "frames-1", _file(lambda: mr_slice().put(raw.FRAMES, "IS", "1")), loads(PLAIN))

_add(19, "rows-as-ul", _file(lambda: mr_slice().put(raw.ROWS, "UL", 6)), loads(PLAIN))
_add(19, "rows-as-ss", _file(lambda: mr_slice().put(raw.ROWS, "SS", 6)), loads(PLAIN))
_add(19, "rows-as-is", _file(lambda: mr_slice().put(raw.ROWS, "IS", "6")), loads(PLAIN))
_add(19, "rows-as-lo", _file(lambda: mr_slice().put(raw.ROWS, "LO", "6")), loads(PLAIN))
_add(
    19,
    "rows-as-ob",
    _file(lambda: mr_slice().put(raw.ROWS, "OB", struct.pack("<H", 6))),
    loads(PLAIN),
)
_add(
    19,
    "text-in-spacing",
    _file(lambda: mr_slice().put(raw.SPACING, "DS", "wide\\narrow")),
    warns("bad_pixel_spacing", series=[of_array(raw.volume(), spacing="unknown")]),
)
_add(
    19,
    "vr-question-marks",
    _file(lambda: mr_slice().put(0x00180015, "??", b"HEAD")),
    loads(PLAIN),
)
_add(
    19,
    "vr-lower-case",
    _file(lambda: mr_slice().put(0x00180015, "cs", b"HEAD")),
    loads(PLAIN),
)
_add(
    19,
    "signed-as-text",
    _file(lambda: mr_slice().put(raw.SIGN, "IS", "1")),
    loads(PLAIN),
)


def _long_value(tag: int, vr: str, length: int) -> RawFile:
    file = mr_slice()
    value = file.elements[tag].value if tag in file.elements else b"x" * 40
    return file.put(tag, vr, value, length)


_add(
    20,
    "value-4-gib",
    _file(lambda: _long_value(0x00181030, "UT", 0xFFFFFFFE)),
    rejects("."),
    **_CLAIM,
)
_add(
    20,
    "value-4-gib-implicit",
    _file(lambda: _implicit_claim(0x00181030, 0xFFFFFFF0)),
    rejects("."),
    **_CLAIM,
)
_add(
    20,
    "pixels-2-gib",
    _file(lambda: _long_value(raw.PIXELS, "OW", 1 << 31)),
    rejects("cut"),
    **_CLAIM,
)


def _implicit_claim(tag: int, length: int) -> RawFile:
    return mr_slice(syntax=raw.IMPLICIT).put(tag, "LO", b"x" * 40, length)


def _fragment_claim(length: int) -> RawFile:
    file = rle_slice()
    body = items(rle(picture(2)))
    body = body[:12] + struct.pack("<L", length) + body[16:]
    return file.put(raw.PIXELS, "OB", body, raw.UNDEFINED)


_add(
    20,
    "fragment-4-gib",
    _file(lambda: _fragment_claim(0xFFFFFFFE)),
    rejects("cut|damaged"),
    **_CLAIM,
)
_add(
    20,
    "fragment-undefined",
    _file(lambda: _fragment_claim(0xFFFFFFFF)),
    rejects("damaged|cut"),
    **_CLAIM,
)
_add(
    20,
    "sequence-4-gib",
    _file(lambda: mr_slice().put(0x00081140, "SQ", b"", 0xFFFFFFFE)),
    rejects("."),
    **_CLAIM,
)

# Rows 21 to 27: values and their meaning

_TWELVE = np.array([[-1000, -1, 0], [1, 499, 500]], np.int16)


def _twelve_bits(rubbish: int, shift: int = 0) -> RawFile:
    stored = ((_TWELVE.astype(np.uint16) & 0x0FFF) << shift) | rubbish
    file = mr_slice(pixels=stored.astype(np.uint16))
    return file.put(raw.STORED, "US", 12).put(raw.HIGH, "US", 11 + shift).put(raw.SIGN, "US", 1)


_TWELVE_SERIES = of_array(_TWELVE.T[:, :, None])
_add(21, "clean", _file(lambda: _twelve_bits(0)), loads(_TWELVE_SERIES))
_add(21, "dirty-high-bits", _file(lambda: _twelve_bits(0xA000)), loads(_TWELVE_SERIES))
_add(21, "all-high-bits", _file(lambda: _twelve_bits(0xF000)), loads(_TWELVE_SERIES))
_add(21, "high-bit-15", _file(lambda: _twelve_bits(0x000F, 4)), loads(_TWELVE_SERIES))

_add(
    22, "monochrome1", _file(lambda: mr_slice().put(0x00280004, "CS", "MONOCHROME1")), loads(PLAIN)
)


def _rescaled(slope: object, intercept: object = "-10") -> RawFile:
    return mr_slice().put(raw.SLOPE, "DS", slope).put(raw.INTERCEPT, "DS", intercept)


_add(23, "good", _file(lambda: _rescaled("2.5")), loads(of_array(raw.volume() * 2.5 - 10)))
_add(23, "negative", _file(lambda: _rescaled("-2")), loads(of_array(raw.volume() * -2.0 - 10)))
for _text in ("0", "NaN", "Inf", "", "1,5", "1e-30", "1e38", "2\\3"):
    _add(
        23,
        f"slope-{_text or 'blank'}".replace("\\", "-"),
        _file(lambda text=_text: _rescaled(text)),  # type: ignore[misc]
        warns("bad_rescale", series=[PLAIN]),
        memory_mb=256,
    )
for _text in ("NaN", "Inf", "1e38", "x"):
    _add(
        23,
        f"intercept-{_text}",
        _file(lambda text=_text: _rescaled("1", text)),  # type: ignore[misc]
        warns("bad_rescale", series=[PLAIN]),
    )

for _text in ("0", "-5", "wide", "1e308", "NaN", ""):
    _add(
        24,
        f"width-{_text or 'blank'}",
        _file(lambda text=_text: mr_slice().put(raw.CENTRE, "DS", "40").put(raw.WIDTH, "DS", text)),  # type: ignore[misc]
        loads(PLAIN),
    )

for _text in ("0\\0", "-1\\-1", "0.75", "NaN\\NaN", "0\\0.5", "", "Inf\\1", "0.75\\0.5\\1"):
    _add(
        25,
        f"spacing-{_text or 'blank'}".replace("\\", "_"),
        _file(lambda text=_text: mr_slice().put(raw.SPACING, "DS", text)),  # type: ignore[misc]
        warns("bad_pixel_spacing", series=[of_array(raw.volume(), spacing="unknown")]),
    )
_add(
    25,
    "no-spacing",
    _file(lambda: mr_slice().drop(raw.SPACING)),
    warns("bad_pixel_spacing", series=[of_array(raw.volume(), spacing="unknown")]),
)

for _name, _text in {
    "zeros": "0\\0\\0\\0\\0\\0",
    "skew": "1\\0\\0\\0.5\\0.8660254\\0",
    "5-values": "1\\0\\0\\0\\1",
    "nan": "NaN\\0\\0\\0\\1\\0",
    "too-long": "2\\0\\0\\0\\2\\0",
    "parallel": "1\\0\\0\\1\\0\\0",
    "blank": "",
}.items():
    _add(
        26,
        _name,
        _file(lambda text=_text: mr_slice().put(raw.ORIENTATION, "DS", text)),  # type: ignore[misc]
        warns("bad_orientation", also=["no_position"], series=[of_array(raw.volume())]),
    )


def _float_pixels(*bad: float, kind: str = "f4") -> RawFile:
    pixels = picture().astype("<" + kind)
    pixels.ravel()[: len(bad)] = bad
    file = mr_slice().drop(raw.PIXELS, raw.STORED, raw.HIGH, raw.SIGN)
    file.put(raw.BITS, "US", pixels.dtype.itemsize * 8)
    tag, vr = (0x7FE00008, "OF") if kind == "f4" else (0x7FE00009, "OD")
    return file.put(tag, vr, pixels.tobytes())


def _finite(count: int) -> Series:
    values = raw.volume().astype(np.float64)
    flat = picture().astype(np.float64)
    flat.ravel()[:count] = np.nan
    return of_array(np.where(np.isnan(flat.T[:, :, None]), np.nan, values))


_add(27, "float", _file(lambda: _float_pixels()), loads(of_array(raw.volume())))
_add(27, "double", _file(lambda: _float_pixels(kind="f8")), loads(of_array(raw.volume())))
_add(
    27,
    "float-nan-inf",
    _file(lambda: _float_pixels(np.nan, np.inf, -np.inf)),
    warns("non_finite_values", series=[_finite(3)]),
)
_add(
    27,
    "double-nan",
    _file(lambda: _float_pixels(np.nan, kind="f8")),
    warns("non_finite_values", series=[_finite(1)]),
)
_add(
    27,
    "palette-without-table",
    _file(
        lambda: mr_slice(pixels=picture().astype(np.uint8)).put(0x00280004, "CS", "PALETTE COLOR")
    ),
    rejects("palette"),
)
_add(
    27,
    "bits-24",
    _file(
        lambda: mr_slice().put(raw.BITS, "US", 24).put(raw.STORED, "US", 24).put(raw.HIGH, "US", 23)
    ),
    rejects("24 bits"),
)
_add(
    27,
    "stored-over-allocated",
    _file(lambda: mr_slice().put(raw.STORED, "US", 24)),
    rejects("24 stored bits"),
)
_add(27, "bits-zero", _file(lambda: mr_slice().put(raw.BITS, "US", 0)), rejects("bits"))
_add(27, "stored-zero", _file(lambda: mr_slice().put(raw.STORED, "US", 0)), rejects("bits"))

# Rows 28 to 30: transfer syntaxes

_add(28, "explicit-in-name-only", _file(lambda: mr_slice().to_bytes(implicit=True)), loads(PLAIN))


def _implicit_in_name_only() -> bytes:
    return mr_slice(syntax=raw.IMPLICIT).to_bytes(implicit=False)


_add(28, "implicit-in-name-only", _file(_implicit_in_name_only), loads(PLAIN))
_add(28, "big-endian", _file(lambda: mr_slice(syntax=raw.BIG_ENDIAN)), loads(PLAIN))
_add(28, "deflated", _file(lambda: mr_slice(syntax=raw.DEFLATED)), loads(PLAIN))
_add(28, "implicit", _file(lambda: mr_slice(syntax=raw.IMPLICIT)), loads(PLAIN))
_add(
    28,
    "private",
    _file(lambda: mr_slice(syntax="1.2.826.0.1.99999.4.5")),
    rejects(r"1\.2\.826\.0\.1\.99999\.4\.5"),
)
_add(28, "no-syntax-named", _file(lambda: mr_slice(syntax="")), loads(PLAIN))
_add(
    28,
    "syntax-is-rubbish",
    _file(lambda: mr_slice(syntax="explicit please")),
    rejects("explicit please"),
)


def _rle_offsets(first: int, second: int, count: int = 2) -> RawFile:
    data = bytearray(rle(picture(2)))
    data[:12] = struct.pack("<3L", count, first, second)
    return rle_slice().put(raw.PIXELS, "OB", items(bytes(data)), raw.UNDEFINED)


_BROKEN = {"memory_mb": 256.0}
_DECODE = "decoded|damaged"
_add(29, "rle-offset-outside", _file(lambda: _rle_offsets(64, 60_000)), rejects(_DECODE), **_BROKEN)
_add(
    29,
    "rle-offsets-huge",
    _file(lambda: _rle_offsets(0xFFFFFFF0, 0xFFFFFFFF)),
    rejects(_DECODE),
    **_BROKEN,
)
_add(29, "rle-15-segments", _file(lambda: _rle_offsets(64, 96, 15)), rejects(_DECODE), **_BROKEN)
_add(
    29,
    "rle-2**32-segments",
    _file(lambda: _rle_offsets(64, 96, 0xFFFFFFFF)),
    rejects(_DECODE),
    **_BROKEN,
)


def _encapsulated(syntax: str, *fragments: bytes, bits: int = 8) -> RawFile:
    pixels = picture().astype(np.uint8 if bits == 8 else np.uint16)
    file = mr_slice(pixels=pixels, syntax=syntax)
    return file.put(raw.PIXELS, "OB", items(*fragments), raw.UNDEFINED)


_JPEG_24 = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9\x00\x00"
for _name, _syntax in {
    "jpeg-baseline": raw.JPEG_BASELINE,
    "jpeg-lossless": raw.JPEG_LOSSLESS,
    "jpeg-extended": "1.2.840.10008.1.2.4.51",
    "jpeg-ls": "1.2.840.10008.1.2.4.80",
    "jpeg-2000": "1.2.840.10008.1.2.4.90",
    "htj2k": "1.2.840.10008.1.2.4.201",
    "rle": raw.RLE,
}.items():
    _add(
        29,
        f"24-bytes-{_name}",
        _file(lambda syntax=_syntax: _encapsulated(syntax, _JPEG_24)),  # type: ignore[misc]
        rejects(_DECODE),
        **_BROKEN,
    )
    _add(
        29,
        f"noise-{_name}",
        _file(lambda syntax=_syntax: _encapsulated(syntax, np.random.default_rng(9).bytes(600))),  # type: ignore[misc]
        rejects(_DECODE),
        **_BROKEN,
    )
_add(
    29,
    "fewer-fragments-than-frames",
    _file(lambda: rle_slice().put(raw.FRAMES, "IS", "3")),
    rejects("frames|fragments"),
    **_BROKEN,
)
_add(
    29,
    "not-encapsulated",
    _file(lambda: mr_slice(syntax=raw.JPEG_LOSSLESS)),
    rejects("packed"),
    **_BROKEN,
)


def deflate_bomb(zeros: int, prefix: bytes) -> bytes:
    """Return a raw deflate stream of `prefix` and `zeros` zero bytes, made without inflating it."""
    one = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    start = one.compress(prefix) + one.flush(zlib.Z_FULL_FLUSH)
    block = 1 << 20
    piece = one.compress(bytes(block)) + one.flush(zlib.Z_FULL_FLUSH)
    return start + piece * (zeros // block) + one.flush()


def _bomb() -> bytes:
    file = mr_slice(syntax=raw.DEFLATED)
    file.put(raw.PIXELS, "OW", b"", 0xFFFFFFFE).put(raw.ROWS, "US", 65535)
    file.put(raw.COLUMNS, "US", 32768)
    return file.meta() + deflate_bomb(4 << 30, file.data_set())


_add(30, "4-gib", _file(_bomb), rejects("deflated"), memory_mb=768)
_add(
    30,
    "cut",
    _file(lambda: mr_slice(syntax=raw.DEFLATED).to_bytes()[:-20]),
    rejects("deflated data set is (cut|damaged)"),
)
_add(
    30,
    "damaged",
    _file(lambda: mr_slice(syntax=raw.DEFLATED).meta() + b"\xff" * 300),
    rejects("deflated data set is damaged"),
)

# Rows 31 and 32: structure and text


def _nested(depth: int, *, defined: bool = False) -> RawFile:
    """Return a slice with `depth` sequences inside each other."""
    if defined:
        body = b""
        for _ in range(depth):
            inner = struct.pack("<HHL", 0xFFFE, 0xE000, len(body)) + body
            body = struct.pack("<HH2sHL", 0x0040, 0xA730, b"SQ", 0, len(inner)) + inner
        value = struct.pack("<HHL", 0xFFFE, 0xE000, len(body)) + body
        return mr_slice().put(0x0040A730, "SQ", value)
    opening = struct.pack("<HHL", 0xFFFE, 0xE000, raw.UNDEFINED) + struct.pack(
        "<HH2sHL", 0x0040, 0xA730, b"SQ", 0, raw.UNDEFINED
    )
    closing = struct.pack("<HHLHHL", 0xFFFE, 0xE0DD, 0, 0xFFFE, 0xE00D, 0)
    value = opening * depth + closing * depth + struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
    return mr_slice().put(0x0040A730, "SQ", value, raw.UNDEFINED)


_add(31, "3000-nested", _file(lambda: _nested(3000)), rejects("header|nested"))
_add(31, "30-nested", _file(lambda: _nested(30)), loads(PLAIN))
_add(31, "30-nested-defined", _file(lambda: _nested(30, defined=True)), loads(PLAIN))


def _private_elements(count: int) -> RawFile:
    file = mr_slice()
    for number in range(count):
        group, element = 0x0009 + 2 * (number // 60_000), 0x1000 + number % 60_000
        if element > 0xFFFF:
            group, element = group + 0x100, element - 0xF000
        file.elements[group << 16 | element] = Element(b"LO", b"private ")
    return file


_add(31, "60000-private", _file(lambda: _private_elements(60_000)), loads(PLAIN))


def _charset(name: str, title: bytes = b"caf\xe9 \xff\xfe") -> RawFile:
    return mr_slice().put(0x00080005, "CS", name).put(0x0008103E, "LO", title)


for _name in ("ISO_IR 999", "ISO_IR 192", "ISO 2022 IR 87", "GB18030", "utf8", "\\ISO 2022 IR 149"):
    _add(
        32,
        f"charset-{_name}".replace("\\", "").replace(" ", "_"),
        _file(lambda n=_name: _charset(n)),
        loads(PLAIN),
    )  # type: ignore[misc]
_add(
    32,
    "text-70000",
    _file(lambda: mr_slice().put(0x00204000, "UT", b"A" * 70_000)),
    loads(PLAIN),
)
_add(
    32,
    "title-60000",
    _file(lambda: mr_slice().put(0x0008103E, "LO", b"A" * 60_000)),
    loads(PLAIN),
)
_add(
    32,
    "title-of-escapes",
    _file(lambda: mr_slice().put(0x0008103E, "LO", b"\x1b$B<b>\x00\n\r\x1b[31m")),
    loads(PLAIN),
)
