"""Which container a video is, by its first bytes: the name of the one demuxer that may open it.

A playlist, a concat script, a subtitle or a text is none of these, whatever it is called, so that
nothing that could name another file is ever handed to the demuxers.
"""

from __future__ import annotations

#: Atoms that a QuickTime or MP4 file may begin with.
_MOV_ATOMS = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"skip", b"free", b"pnot"})
#: Brands of that family that hold still pictures or sound.
_NO_VIDEO_BRANDS = frozenset({b"heic", b"heix", b"mif1", b"avif", b"jxl ", b"jp2 ", b"jpx "})
_MARKS: tuple[tuple[bytes, str], ...] = (
    (b"\x1aE\xdf\xa3", "matroska"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c", "asf"),
    (b"FLV\x01", "flv"),
    (b"OggS", "ogg"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"\x00\x00\x01\xb3", "mpegvideo"),
    (b"DKIF", "ivf"),
    (b"YUV4MPEG2 ", "yuv4mpegpipe"),
    (b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02", "mxf"),
)
_TS_PACKET = 188
DEMUXERS = frozenset({"mov", "avi", "mpegts", *(name for _, name in _MARKS)})


def demuxer_of(head: bytes) -> str | None:
    """Return the demuxer for a file that begins so, None where it is no video that is read.

    Parameters
    ----------
    head : bytes
        The first bytes, `acutance.io.sniff.HEAD_BYTES` where there are as many.
    """
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if head[:4] == b"RIFF" and head[8:12] in (b"AVI ", b"AVIX"):
        return "avi"
    if head[4:8] in _MOV_ATOMS and not (head[4:8] == b"ftyp" and head[8:12] in _NO_VIDEO_BRANDS):
        return "mov"
    sync = head[0 : 5 * _TS_PACKET : _TS_PACKET]
    return "mpegts" if len(sync) == 5 and sync == b"\x47" * 5 else None
