"""Frames of a chunk encoded by themselves: packets that can be put behind those of any other.

Each chunk begins with a key frame and ends complete, so that chunks may be made in any order, at
any time, and the file that they make does not depend on it. Packets wait in files of our own.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.clip_export import CODECS
from acutance.errors import ExportError
from acutance.export.atomic import replacing
from acutance.export.frames import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import av
    from numpy.typing import NDArray

    from acutance.core.clip_export import Codec, Look

_MAGIC = b"AcuPack1"
_LENGTH = struct.Struct("<I")
#: Rows from which colours are those of high definition (ITU-R BT.709), below BT.601.
_HD_ROWS = 720
_BT709, _BT601 = 1, 6


@dataclass(frozen=True)
class Packet:
    """One encoded frame.

    Parameters
    ----------
    number : int
        Of the frame in the clip.
    is_key : bool
    data : bytes
    """

    number: int
    is_key: bool
    data: bytes


def find_codec(codec_id: str) -> Codec:
    """Return a codec of the list; raise ValueError where it has none of that id."""
    for codec in CODECS:
        if codec.id == codec_id:
            return codec
    raise ValueError(f"no codec {codec_id!r}")


def make_encoder(
    codec: Codec, width: int, height: int, *, is_deep: bool, rate: float
) -> av.VideoCodecContext:
    """Return an encoder that has not begun.

    Raises
    ------
    ExportError
        If PyAV is missing or was built without it.
    """
    try:
        import av
    except ImportError as error:
        raise ExportError(
            "Video is written by PyAV, which is not installed.",
            remedy='Install it (pip install "acutance[video]"), or name a folder: frames are then '
            "written as PNG.",
        ) from error
    try:
        context = av.CodecContext.create(codec.encoder, "w")
    except (av.FFmpegError, ValueError) as error:
        raise ExportError(
            f"This copy of FFmpeg has no encoder for {codec.title}.", remedy="Name another codec."
        ) from error
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height = width, height
    context.pix_fmt = codec.deep if is_deep and codec.deep else codec.plain
    context.time_base = Fraction(1, 1000)
    context.framerate = Fraction(rate).limit_denominator(1000)
    # One thread: the bytes shall not depend on the machine.
    context.thread_count = 1
    if (
        "rgb" not in context.pix_fmt
        and "bgr" not in context.pix_fmt
        and "gbr" not in context.pix_fmt
    ):
        context.colorspace = _BT709 if height >= _HD_ROWS else _BT601
    if codec.encoder == "mpeg4":
        context.flags |= int(av.codec.context.Flags.qscale)
        context.options = {**codec.options, "global_quality": str(3 * 118)}
    else:
        context.options = dict(codec.options)
    context.flags |= int(av.codec.context.Flags.global_header)
    return context


def encode_chunk(
    frames: NDArray[Any], first: int, look: Look, codec: Codec, rate: float
) -> list[Packet]:
    """Encode neighbouring frames by themselves.

    Parameters
    ----------
    frames : ndarray, shape (T, Y, X, C), stored dtype
        Sides may be odd: the last row or column is then repeated, since most formats halve colours.
    first : int
        Number of the first of them.
    look : Look
    codec : Codec
    rate : float
        Mean frames a second.

    Raises
    ------
    ExportError
        If the encoder is missing or gives up.
    """
    is_deep = frames.shape[3] == 3 and frames.dtype.itemsize > 1 and bool(codec.deep)
    pixels = frames if is_deep else shown(frames, look)
    pixels = even_sides(pixels)
    _, height, width, _ = pixels.shape
    encoder = make_encoder(codec, width, height, is_deep=is_deep, rate=rate)
    import av

    packets: list[Packet] = []

    def take(made: Sequence[Any]) -> None:
        packets.extend(
            Packet(first + int(p.pts), bool(p.is_keyframe), bytes(p)) for p in made if p.size
        )

    try:
        for number, image in enumerate(pixels):
            frame = _frame(image, encoder)
            frame.pts, frame.time_base = number, encoder.time_base
            take(encoder.encode(frame))
        take(encoder.encode(None))
    except (av.FFmpegError, ValueError) as error:
        raise ExportError(
            f"The encoder for {codec.title} gave up ({type(error).__name__}).",
            remedy="Name another codec, or a folder: frames are then written as PNG.",
        ) from error
    packets.sort(key=lambda packet: packet.number)
    if [p.number for p in packets] != list(range(first, first + len(frames))):
        raise ExportError(
            f"The encoder for {codec.title} did not give one packet for each frame.",
            remedy="Name another codec.",
        )
    return packets


def even_sides(frames: NDArray[Any]) -> NDArray[Any]:
    """Repeat the last row or column of frames with odd sides."""
    below, right = frames.shape[1] % 2, frames.shape[2] % 2
    if not below and not right:
        return frames
    return np.pad(frames, ((0, 0), (0, below), (0, right), (0, 0)), mode="edge")


def write_packets(path: Path, packets: Sequence[Packet]) -> int:
    """Write packets to a file of our own; return its size.

    Raises
    ------
    ExportError
        If it cannot be written.
    """
    table = json.dumps([[p.number, int(p.is_key), len(p.data)] for p in packets]).encode("ascii")
    with replacing(path) as temporary, temporary.open("wb") as file:
        file.write(_MAGIC + _LENGTH.pack(len(table)) + table)
        for packet in packets:
            file.write(packet.data)
        return file.tell()


def read_packets(path: Path) -> Iterator[Packet]:
    """Yield the packets of a file that `write_packets` made.

    Raises
    ------
    ExportError
        If it is none, or cut.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                raise ValueError("no file of packets")
            (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
            for number, is_key, size in json.loads(file.read(length)):
                data = file.read(size)
                if len(data) != size:
                    raise ValueError("cut")
                yield Packet(int(number), bool(is_key), data)
    except (OSError, ValueError, struct.error) as error:
        raise ExportError(
            "A finished chunk cannot be read any more.",
            remedy="Run again without --resume.",
            path=path,
        ) from error


def _frame(image: NDArray[Any], encoder: av.VideoCodecContext) -> av.VideoFrame:
    """Return pixels as the encoder takes them, in the colours of its size."""
    import av

    grey = image.shape[2] == 1
    kind = "gray" if grey else ("rgb48le" if image.dtype.itemsize > 1 else "rgb24")
    pixels = np.ascontiguousarray(image[..., 0] if grey else image)
    frame = av.VideoFrame.from_ndarray(pixels, format=kind)
    assert encoder.pix_fmt is not None
    return frame.reformat(format=encoder.pix_fmt, dst_colorspace=encoder.colorspace or None)
