"""Rows 52 to 54: videos that are none, are damaged, lie about themselves or name other files."""

from __future__ import annotations

import os
import struct
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.case import Case, Expect, Make, Series, loads, rejects, warns

if TYPE_CHECKING:
    from collections.abc import Callable

try:
    import av
except ModuleNotFoundError:  # the extra `video`
    av = None  # type: ignore[assignment]

CASES: list[Case] = []
_NONE = "no video|no kind|holds no scan|opened|damaged|cut|empty|sound|claims|size|frame|read"


def _add(row: int, name: str, make: Make, expect: Expect, **bounds: Any) -> None:
    if av is not None:
        CASES.append(Case(row, name, make, expect, **bounds))


def _file(data: Callable[[], bytes] | bytes, name: str = "a.mp4") -> Make:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(data() if callable(data) else data)
        return path

    return make


@cache
def video(
    kind: str = "mp4", rows: int = 48, columns: int = 64, count: int = 20, **options: Any
) -> bytes:
    """Return a small video."""
    import tempfile

    sys.path.insert(0, str(Path(__file__).parents[1] / "app" / "io"))
    import video_factory

    frames = video_factory.moving(count, rows, columns)
    grey = options.pop("grey", "")
    if grey:
        frames = (frames[..., 0].astype(np.uint16) << 8) if grey == "gray16le" else frames[..., 0]
        options |= {"source": grey}
    with tempfile.TemporaryDirectory() as folder:
        path = video_factory.encode(Path(folder) / f"v.{kind}", frames, **options)
        return path.read_bytes()


def sound() -> bytes:
    import tempfile

    import video_factory

    with tempfile.TemporaryDirectory() as folder:
        return video_factory.sound(Path(folder) / "s.mp4").read_bytes()


def _flipped(data: bytes, share: float = 0.002, seed: int = 4) -> bytes:
    """Return data with bits flipped in its middle, header and index left whole."""
    out = np.frombuffer(data, np.uint8).copy()
    rng = np.random.default_rng(seed)
    low, high = len(out) // 4, 3 * len(out) // 4
    places = rng.integers(low, high, max(1, int(share * (high - low))))
    out[places] ^= (1 << rng.integers(0, 8, len(places))).astype(np.uint8)
    return out.tobytes()


_noise = np.random.default_rng(52)
_add(52, "empty", _file(b""), rejects("empty"))
_add(52, "text", _file(b"this is not a video\n" * 40), rejects("text"))
_add(52, "random", _file(_noise.bytes(20_000)), rejects("no kind"))
_add(
    52,
    "random-behind-ftyp",
    _file(b"\x00\x00\x00\x18ftypisom" + _noise.bytes(9000)),
    rejects(_NONE),
)
_add(
    52, "random-behind-ebml", _file(b"\x1aE\xdf\xa3" + _noise.bytes(9000), "a.mkv"), rejects(_NONE)
)
_add(
    52,
    "random-behind-riff",
    _file(b"RIFF\x00\x90\x00\x00AVI LIST" + _noise.bytes(9000), "a.avi"),
    rejects(_NONE),
)
_add(52, "header-only", _file(lambda: video()[:40]), rejects(_NONE))
_add(52, "zero-frames", _file(lambda: _without_frames()), rejects(_NONE))
_add(52, "audio-only", _file(sound), rejects("sound"))
_WHOLE = Series(shape=(20, 48, 64, 3), kind="video")
for _kind in ("mp4", "mov", "avi", "mkv"):
    _add(52, f"whole-{_kind}", _file(lambda kind=_kind: video(kind), f"a.{_kind}"), loads(_WHOLE))  # type: ignore[misc]
_add(52, "cut-without-index", _file(lambda: video()[: len(video()) // 2]), rejects(_NONE))
_add(
    52,
    "cut-with-index",
    _file(lambda: _faststart()[: int(0.6 * len(_faststart()))]),
    warns("damaged_frames"),
)
_add(
    52,
    "cut-mkv",
    _file(lambda: video("mkv")[: int(0.6 * len(video("mkv")))], "a.mkv"),
    warns("damaged_frames"),
)
_add(
    52,
    "cut-avi",
    _file(lambda: video("avi")[: int(0.6 * len(video("avi")))], "a.avi"),
    warns("damaged_frames"),
)
_add(
    52,
    "bit-flips",
    _file(lambda: _flipped(video(gop=4))),
    warns("damaged_frames", also=["repeated_timestamps"]),
)
_add(
    52,
    "bit-flips-mkv",
    _file(lambda: _flipped(video("mkv"), 0.01), "a.mkv"),
    warns("damaged_frames", also=["repeated_timestamps", "frame_size_changes"]),
)


def _faststart() -> bytes:
    return _moved(video())


def _moved(data: bytes) -> bytes:
    """Return an MP4 with its index before its frames (ISO 14496-12, 8.2)."""
    atoms, at = [], 0
    while at < len(data):
        size = struct.unpack(">L", data[at : at + 4])[0]
        atoms.append((data[at + 4 : at + 8], data[at : at + size]))
        at += size
    index = next(body for kind, body in atoms if kind == b"moov")
    before = b"".join(body for kind, body in atoms[:1])
    rest = b"".join(body for kind, body in atoms[1:] if kind != b"moov")
    return before + _shifted(index, len(index)) + rest


def _shifted(index: bytes, by: int) -> bytes:
    """Return an index whose chunk offsets (stco) are moved."""
    at = index.index(b"stco") + 8
    count = struct.unpack(">L", index[at : at + 4])[0]
    offsets = struct.unpack(f">{count}L", index[at + 4 : at + 4 + 4 * count])
    moved = struct.pack(f">{count}L", *(offset + by for offset in offsets))
    return index[: at + 4] + moved + index[at + 4 + 4 * count :]


def _without_frames() -> bytes:
    """Return an MP4 whose sample tables say that there are none."""
    data = bytearray(_moved(video()))
    for kind, width in ((b"stsz", 8), (b"stts", 4), (b"stsc", 4), (b"stco", 4)):
        at = data.index(kind) + 4 + width
        data[at : at + 4] = bytes(4)
    return bytes(data)


# Row 53: sizes, depths, times
for _rows, _columns in ((47, 63), (16, 16), (16, 4096)):
    _add(
        53,
        f"{_columns}x{_rows}",
        _file(
            lambda r=_rows, c=_columns: video("mkv", r, c, 4, codec="ffv1", pix_fmt="bgr0"), "a.mkv"
        ),  # type: ignore[misc]
        loads(Series(shape=(4, _rows, _columns, 3), kind="video")),
    )
_add(
    53, "1-frame", _file(lambda: video(count=1)), loads(Series(shape=(1, 48, 64, 3), kind="video"))
)
_add(
    53,
    "10-bit",
    _file(lambda: video("mkv", codec="ffv1", pix_fmt="yuv420p10le"), "a.mkv"),
    loads(Series(shape=(20, 48, 64, 3), kind="video")),
)
_add(
    53,
    "16-bit-grey",
    _file(lambda: video("mkv", codec="ffv1", pix_fmt="gray16le", grey="gray16le"), "a.mkv"),
    loads(Series(shape=(20, 48, 64, 1), kind="video")),
)
_TIMES = (
    0,
    40,
    70,
    200,
    210,
    400,
    1000,
    1001,
    1100,
    1300,
    1310,
    1400,
    1500,
    1600,
    1700,
    1800,
    1900,
    2000,
    2100,
    2500,
)
_add(
    53,
    "variable-rate",
    _file(lambda: video("mkv", stamps=_TIMES, codec="ffv1", pix_fmt="bgr0"), "a.mkv"),
    loads(_WHOLE),
)
_add(
    53,
    "rate-0",
    _file(lambda: _rate_zero(), "a.avi"),
    warns(also=["repeated_timestamps"]),
    seconds=5.0,
)
_add(
    53,
    "60000-squared",
    _file(lambda: _claims(video(), 60_000)),
    rejects("claims|size|pixels"),
    memory_mb=512,
)
_add(
    53,
    "60000-squared-in-the-container",
    # The pictures themselves say the truth, and they are what is decoded.
    _file(lambda: _avi_claims(60_000), "a.avi"),
    loads(_WHOLE),
    memory_mb=512,
)
_add(
    53,
    "60000-squared-in-the-pictures",
    _file(lambda: _jpeg_claims(_avi_claims(60_000), 60_000), "a.avi"),
    rejects("claims|size|pixels"),
    memory_mb=512,
)


def _claims(data: bytes, size: int) -> bytes:
    """Return an MP4 whose track and sample entry claim frames of that size."""
    out = bytearray(data)
    at = out.index(b"mp4v") + 4 + 24
    struct.pack_into(">HH", out, at, size & 0xFFFF, size & 0xFFFF)
    at = out.index(b"tkhd") + 4 + 76
    struct.pack_into(">LL", out, at, (size & 0xFFFF) << 16, (size & 0xFFFF) << 16)
    esds = out.index(b"esds")
    # The sizes in the stream itself stand in its decoder configuration: nothing to decode with.
    return bytes(out[:esds]) + b"free" + bytes(out[esds + 4 :])


def _avi_claims(size: int) -> bytes:
    out = bytearray(video("avi", codec="mjpeg", pix_fmt="yuvj420p"))
    at = out.index(b"strf") + 8
    struct.pack_into("<LL", out, at + 4, size, size)
    return bytes(out)


def _jpeg_claims(data: bytes, size: int) -> bytes:
    """Return data in which every JPEG frame header (SOF0) claims that size."""
    out = bytearray(data)
    at = out.find(b"\xff\xc0\x00\x11")
    while at >= 0:
        struct.pack_into(">HH", out, at + 5, size, size)
        at = out.find(b"\xff\xc0\x00\x11", at + 1)
    return bytes(out)


def _rate_zero() -> bytes:
    """Return an AVI whose stream header states a scale and a rate of 0."""
    out = bytearray(video("avi", codec="mjpeg", pix_fmt="yuvj420p"))
    at = out.index(b"strh") + 8
    struct.pack_into("<LL", out, at + 20, 0, 0)
    return bytes(out)


# Row 54: scripts
_CANARY = "canary.mp4"


def _script(text: str, name: str = "a.mp4") -> Make:
    def make(folder: Path) -> Path:
        os.mkfifo(folder / _CANARY)  # whoever opens it waits for ever
        path = folder / name
        path.write_text(text.replace("CANARY", str(folder / _CANARY)))
        return path

    return make


_HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n"
for _name, _text in {
    "hls-local": _HLS.format("CANARY"),
    "hls-relative": _HLS.format(_CANARY),
    "hls-network": _HLS.format("http://127.0.0.1:9/a.ts"),
    "concat-script": "ffconcat version 1.0\nfile CANARY\n",
    "concat-protocol": "ffconcat version 1.0\nfile concat:CANARY|CANARY\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n",
    "dash": "<?xml version='1.0'?><MPD><Period><BaseURL>CANARY</BaseURL></Period></MPD>",
}.items():
    for _suffix in (".mp4", ".m3u8") if "hls" in _name else (".mp4",):
        _add(
            54, f"{_name}{_suffix}", _script(_text, f"a{_suffix}"), rejects("text|XML|not followed")
        )
