"""Rows 33 and 55: indexes and archives that lead out, lie about themselves or are damaged."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus import raw_dicom as raw
from corpus.case import Case, Expect, Make, loads, of_array, rejects, warns
from corpus.dicom_cases import deflate_bomb
from corpus.raw_dicom import RawFile, mr_slice
from corpus.raw_nifti import RawNifti, ramp

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CASES: list[Case] = []
_FOUR = of_array(raw.volume(4), spacing=(0.5, 0.75, 2.0), used=4)
_NIFTI = of_array(ramp(), used=1)


def _add(row: int, name: str, make: Make, expect: Expect, **bounds: Any) -> None:
    CASES.append(Case(row, name, make, expect, **bounds))


# Row 33: an index of media (PS3.10, 8; PS3.3, F.3)


def _record(*parts: str) -> bytes:
    """Return one item of the sequence of directory records: an IMAGE that names a file."""
    file = RawFile()
    file.put(0x00041400, "UL", 0).put(0x00041410, "US", 0xFFFF).put(0x00041420, "UL", 0)
    file.put(0x00041430, "CS", "IMAGE").put(0x00041500, "CS", "\\".join(parts))
    body = file.data_set()
    return struct.pack("<HHL", 0xFFFE, 0xE000, len(body)) + body


def _dicomdir(folder: Path, *names: tuple[str, ...]) -> Path:
    file = RawFile()
    file.put(0x00041130, "CS", "MEDIA").put(0x00041200, "UL", 0).put(0x00041202, "UL", 0)
    file.put(0x00041212, "US", 0).put(0x00041220, "SQ", b"".join(_record(*n) for n in names))
    whole = file.to_bytes().replace(
        raw.MR_STORAGE.encode() + b"\x00", b"1.2.840.10008.1.3.10".ljust(26, b"\x00")
    )
    path = folder / "DICOMDIR"
    path.write_bytes(whole)
    return path


def _media(folder: Path, *extra: tuple[str, ...]) -> Path:
    """Write four slices, an index of them and of `extra`, and what lies outside."""
    raw.write_series(folder / "disc" / "DICOM")
    for path in (folder / "disc" / "DICOM").iterdir():
        path.rename(path.with_suffix(""))
    mr_slice(9).write(folder / "outside" / "SECRET")
    names = [("DICOM", f"IM{k + 1:03d}") for k in range(4)]
    return _dicomdir(folder / "disc", *names, *extra)


_OUT = (("..", "outside", "SECRET"), ("DICOM", "..", "..", "outside", "SECRET"))
_add(33, "folder-of-a-climbing-index", lambda f: _media(f, *_OUT).parent, loads(_FOUR))
_add(33, "folder-of-a-good-index", lambda f: _media(f).parent, loads(_FOUR))
_add(
    33,
    "index-that-names-absolute-paths",
    lambda f: _media(f, ("", "etc", "passwd"), (str(f / "outside" / "SECRET"),)).parent,
    loads(_FOUR),
)

_add(33, "good-index", _media, loads(_FOUR))
_add(33, "climbing-index", lambda f: _media(f, *_OUT), loads(_FOUR))
_add(
    33,
    "index-that-names-a-missing-file",
    lambda f: _media(f, ("DICOM", "IM099")),
    warns("missing_files", series=[_FOUR]),
)
_add(
    33, "index-of-nothing-inside", lambda f: _only_outside(f), rejects("outside|DICOMDIR", lines=2)
)


def _only_outside(folder: Path) -> Path:
    mr_slice(9).write(folder / "outside" / "SECRET")
    (folder / "disc").mkdir()
    return _dicomdir(folder / "disc", _OUT[0])


# Row 55: zip


def zipped(
    *entries: tuple[zipfile.ZipInfo | str, bytes], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """Return an archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in entries:
            info = zipfile.ZipInfo(name) if isinstance(name, str) else name
            info.compress_type = method
            archive.writestr(info, data)
    return stream.getvalue()


def _zip(data: Callable[[], bytes] | bytes, name: str = "a.zip") -> Make:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(data() if callable(data) else data)
        return path

    return make


def _slices(prefix: str = "scan/", count: int = 4) -> list[tuple[zipfile.ZipInfo | str, bytes]]:
    return [(f"{prefix}IM{k + 1:03d}.dcm", mr_slice(k).to_bytes()) for k in range(count)]


def _with(*entries: tuple[zipfile.ZipInfo | str, bytes]) -> Make:
    """Return a maker of an archive of a good series and of more entries."""
    return _zip(lambda: zipped(*_slices(), *entries))


def _link(name: str, target: str) -> tuple[zipfile.ZipInfo, bytes]:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info, target.encode()


_SECRET = mr_slice(9).to_bytes()
_add(55, "good", _with(), loads(_FOUR))
_add(55, "good-stored", _zip(lambda: zipped(*_slices(), method=zipfile.ZIP_STORED)), loads(_FOUR))
_add(55, "good-without-suffix", _zip(lambda: zipped(*_slices()), "scan"), loads(_FOUR))
for _name, _path in {
    "climbing": "../out.dcm",
    "climbing-deep": "scan/../../../../out.dcm",
    "absolute": "/tmp/corpus-out.dcm",
    "backslash": "..\\out.dcm",
    "drive": "C:\\out.dcm",
    "drive-relative": "C:out.dcm",
    "device-con": "CON.dcm",
    "device-nul": "scan/nul",
}.items():
    _add(55, _name, _with((_path, _SECRET)), loads(_FOUR))
    _add(55, f"{_name}-alone", _zip(lambda p=_path: zipped((p, _SECRET))), rejects("out of|device"))  # type: ignore[misc]
_add(55, "link", _with(_link("scan/IM009.dcm", "/etc/passwd")), loads(_FOUR))
_add(
    55,
    "link-then-entry",
    _with(_link("way", "/tmp"), ("way/corpus-out.dcm", b"x" * 99)),
    loads(_FOUR),
)
_add(55, "link-alone", _zip(lambda: zipped(_link("a.dcm", "/etc/passwd"))), rejects("link"))


def _large() -> bytes:
    """Return an archive with an entry of 1 GiB of zeros, made without deflating them."""
    squeezed = deflate_bomb(1 << 30, b"")
    data = bytearray(zipped(*_slices(), ("zeros.dcm", squeezed), method=zipfile.ZIP_STORED))
    local = data.index(b"zeros.dcm") - 30
    central = data.index(b"zeros.dcm", local + 40 + len(squeezed)) - 46
    # Stored bytes that say that they are deflated: method and size, in both places.
    struct.pack_into("<H", data, local + 8, zipfile.ZIP_DEFLATED)
    struct.pack_into("<L", data, local + 22, 1 << 30)
    struct.pack_into("<H", data, central + 10, zipfile.ZIP_DEFLATED)
    struct.pack_into("<L", data, central + 24, 1 << 30)
    return bytes(data)


_add(55, "1-gib-entry", _zip(_large), loads(_FOUR), memory_mb=256)
_add(
    55,
    "20000-entries",
    _zip(lambda: zipped(*_slices(), *((f"n/{n}.txt", b"") for n in range(20_000)))),
    loads(_FOUR),
)
_add(55, "cut-half", _zip(lambda: zipped(*_slices())[:1500]), rejects("cut|damaged"))
_add(55, "cut-last-byte", _zip(lambda: zipped(*_slices())[:-1]), rejects("cut|damaged"))
_add(55, "no-entries", _zip(zipped()), rejects("empty|no files|archive"))
_add(
    55,
    "rubbish-behind-mark",
    _zip(b"PK\x03\x04" + np.random.default_rng(55).bytes(4000)),
    rejects("cut|damaged"),
)


def _duplicate() -> bytes:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return zipped(*_slices(), ("scan/IM002.dcm", _SECRET))


_add(55, "duplicate-names", _zip(_duplicate), loads(_FOUR))
_add(55, "case-clash", _with(("scan/im002.DCM", _SECRET)), loads(_FOUR))


def _encrypted() -> bytes:
    """Return an archive whose entries say that they are encrypted (APPNOTE 4.4.4, bit 0)."""
    data = bytearray(zipped(*_slices(count=2), method=zipfile.ZIP_STORED))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(mark)
        while place >= 0:
            data[place + at] |= 1
            place = data.find(mark, place + 4)
    return bytes(data)


_add(55, "encrypted", _zip(_encrypted), rejects("encrypted|password", lines=2))


def _bad_crc(k: int = 1) -> bytes:
    data = bytearray(zipped(*_slices(), method=zipfile.ZIP_STORED))
    value = raw.picture(k).tobytes()
    data[data.index(value)] ^= 0x40
    return bytes(data)


_add(
    55,
    "bad-crc",
    _zip(_bad_crc),
    warns(
        "missing_slices",
        also=["unreadable_slices"],
        series=[of_array(raw.volume([0, 2, 3]), used=3)],
    ),
)


def _nested(depth: int) -> bytes:
    data = zipped(*_slices())
    for number in range(depth):
        data = zipped((f"{number}.zip", data))
    return data


_add(55, "nested-once", _zip(lambda: _nested(1)), loads(_FOUR))
_add(55, "nested-30", _zip(lambda: _nested(30)), rejects("archive"))
_add(
    55, "nifti-inside", _zip(lambda: zipped(("b.nii", RawNifti(ramp()).to_bytes()))), loads(_NIFTI)
)


def _size_lies(claim: int) -> bytes:
    """Return an archive whose first entry claims another size than it has, in both places."""
    data = bytearray(zipped(*_slices()))
    struct.pack_into("<L", data, 22, claim)
    struct.pack_into("<L", data, data.index(b"PK\x01\x02") + 24, claim)
    return bytes(data)


for _claim in (0, 10, 0xFFFFFFF0):
    _add(
        55,
        f"size-claims-{_claim}",
        _zip(lambda c=_claim: _size_lies(c)),  # type: ignore[misc]
        warns(
            series=[of_array(raw.volume([1, 2, 3]), used=3)],
            also=["missing_slices", "unreadable_slices"],
        ),
        memory_mb=256,
    )
