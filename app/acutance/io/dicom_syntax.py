"""Transfer syntaxes and multi-frame classes: which are read, and how.

References
----------
.. [1] DICOM PS3.5, section 10 and annex A; PS3.6, table A-1; PS3.4, table B.5-1.
"""

from __future__ import annotations

from functools import lru_cache

from acutance.io._protocols import FOREIGN_ERRORS

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
RLE = "1.2.840.10008.1.2.5"
_NATIVE = frozenset({"", IMPLICIT, EXPLICIT, DEFLATED, BIG_ENDIAN})
_JPEG = "1.2.840.10008.1.2.4."
JPEG_BASELINE = _JPEG + "50"
JPEG_EXTENDED = _JPEG + "51"
JPEG_LS, JPEG_LS_LOSSY = _JPEG + "80", _JPEG + "81"
JPEG_2000_LOSSLESS, JPEG_2000 = _JPEG + "90", _JPEG + "91"
JPEG_LOSSLESS = (_JPEG + "57", _JPEG + "70")
#: Lossy JPEG that may have 12 bits.
JPEG_12_BIT = frozenset({JPEG_EXTENDED, _JPEG + "53", _JPEG + "55"})
#: JPEG baseline and extended, JPEG-LS near-lossless, JPEG 2000 and its part 2, high-throughput:
#: those that may lose values.
_LOSSY = frozenset(_JPEG + end for end in ("50", "51", "53", "55", "81", "91", "93", "203"))
_STORAGE = "1.2.840.10008.5.1.4.1.1."
PARAMETRIC_MAP = _STORAGE + "30"
NUCLEAR_MEDICINE = _STORAGE + "20"
#: Images whose geometry stands per frame: enhanced and legacy converted CT, MR (colour too), PET,
#: three-dimensional X-ray, and parametric maps.
ENHANCED_CLASSES = frozenset(
    _STORAGE + end
    for end in (
        *("2.1", "2.2", "4.1", "4.3", "4.4", "128.1", "130"),
        *("13.1.1", "13.1.2", "13.1.3", "30"),
    )
)

#: Video streams: the demuxer for a bare stream, by the end of the transfer syntax. ".1" behind
#: one means that the stream may come in several fragments.
_VIDEO = {
    **dict.fromkeys(("100", "101"), "mpegvideo"),
    **dict.fromkeys(("102", "103", "104", "105", "106"), "h264"),
    **dict.fromkeys(("107", "108"), "hevc"),
}


def video_demuxer(syntax: str) -> str:
    """Return the demuxer for the bare stream of a video transfer syntax, `""` for others."""
    if not syntax.startswith(_JPEG):
        return ""
    return _VIDEO.get(syntax[len(_JPEG) :].removesuffix(".1"), "")


def is_video(syntax: str) -> bool:
    """Whether the pixel data are an MPEG-2, MPEG-4 AVC or HEVC stream."""
    return bool(video_demuxer(syntax))


def is_native(syntax: str) -> bool:
    """Whether pixels stand in the file as they are (after inflating, where deflated)."""
    return syntax in _NATIVE


def is_encapsulated(syntax: str) -> bool:
    """Whether pixels stand in the file as compressed fragments."""
    return syntax not in _NATIVE


#: Decoders of imagecodecs per transfer syntax, in the order they are tried.
_FALLBACKS: dict[str, tuple[str, ...]] = {
    _JPEG + "50": ("jpeg8",),
    JPEG_EXTENDED: ("jpeg8",),
    _JPEG + "53": ("jpeg8",),  # spectral selection and full progression: retired, still about
    _JPEG + "55": ("jpeg8",),
    **dict.fromkeys(JPEG_LOSSLESS, ("ljpeg",)),
    _JPEG + "80": ("jpegls",),
    _JPEG + "81": ("jpegls",),
    _JPEG + "90": ("jpeg2k",),
    _JPEG + "91": ("jpeg2k",),
    _JPEG + "201": ("htj2k", "jpeg2k"),
    _JPEG + "202": ("htj2k", "jpeg2k"),
    _JPEG + "203": ("htj2k", "jpeg2k"),
}


@lru_cache(maxsize=64)
def fallback_codecs(syntax: str) -> tuple[str, ...]:
    """Return the installed decoders of imagecodecs that read a transfer syntax."""
    names = _FALLBACKS.get(syntax, ())
    if not names:
        return ()
    try:
        import imagecodecs

        return tuple(n for n in names if getattr(imagecodecs, n.upper()).available)
    except FOREIGN_ERRORS:
        return ()


def is_plain_encapsulated(syntax: str) -> bool:
    """Whether the standard says that the header is explicit and the pixels are compressed."""
    return syntax == RLE or syntax.startswith(_JPEG)


@lru_cache(maxsize=64)
def is_readable(syntax: str) -> bool:
    """Whether a transfer syntax can be read with the codecs that are installed."""
    if is_native(syntax):
        return True
    if syntax != RLE and not syntax.startswith(_JPEG):
        return False
    from pydicom.pixels.decoders.base import get_decoder

    try:
        if get_decoder(syntax).is_available:
            return True
    except FOREIGN_ERRORS:
        pass  # pydicom knows no decoder of it at all
    return bool(fallback_codecs(syntax))


def lossy_words(syntax: str, stated: str) -> str:
    """Return `"stated"` or `"by transfer syntax"` where compression has lost values, else `""`."""
    if stated == "01":
        return "stated"
    return "by transfer syntax" if syntax in _LOSSY else ""
