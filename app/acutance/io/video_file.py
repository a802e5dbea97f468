"""One opened video: only through an allow-list, and only through the stream it was given.

FFmpeg gets a Python stream instead of a name, one demuxer that was told by the content, and a
refusal for every further file or address it may want: playlists, external references and
networks do not exist for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

import av
import av.logging
from av.sidedata.sidedata import Type as SideDataType

from acutance.errors import CorruptFileError, UnsupportedFormatError
from acutance.io._protocols import FOREIGN_ERRORS, plural
from acutance.io.video_signature import DEMUXERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

#: What PyAV raises, beside what any library does.
VIDEO_ERRORS: tuple[type[Exception], ...] = (av.FFmpegError, *FOREIGN_ERRORS)
#: The pixels of a frame may not be more: 8K films have 35.4 million.
MAX_PIXELS = 40_000_000
#: Decoders that are let near a file. No game, screen-capture or other rare codecs.
_DECODERS = frozenset(
    {
        "h264", "hevc", "libdav1d", "av1", "vp8", "vp9", "libvpx", "libvpx-vp9", "theora",
        "mpeg1video", "mpeg2video", "mpeg4", "msmpeg4", "msmpeg4v1", "msmpeg4v2", "h263", "h263p",
        "wmv1", "wmv2", "wmv3", "vc1", "flv",
        "mjpeg", "mjpegb", "jpegls", "jpeg2000", "png", "tiff", "bmp", "qtrle", "dvvideo",
        "prores", "dnxhd", "cfhd", "ffv1", "huffyuv", "ffvhuff", "utvideo", "magicyuv", "hap",
        "rawvideo", "v210", "v410", "yuv4", "cinepak", "msrle", "msvideo1", "rpza", "svq1", "svq3",
        "vp6", "vp6f", "wrapped_avframe",
    }
)  # fmt: skip
_RAW_DEMUXERS = frozenset({"h264", "hevc", "mpegvideo", "m4v"})
_BUFFER_BYTES = 256 * 1024


class VideoFile:
    """A container that is open, and the one video stream of it that is shown.

    Parameters
    ----------
    stream : binary file
        Seekable; stays open, and is closed with this object.
    demuxer : str
        One of `video_signature.DEMUXERS`, or a raw stream: "h264", "hevc", "mpegvideo", "m4v".
    path : Path
        For messages only; never given to the demuxer.

    Raises
    ------
    CorruptFileError
        If it is no container of that kind, holds no video, or claims more than can be.
    UnsupportedFormatError
        If its video is coded in a way that is not read.
    """

    def __init__(self, stream: BinaryIO, demuxer: str, path: Path) -> None:
        if demuxer not in DEMUXERS | _RAW_DEMUXERS:
            raise ValueError(f"no demuxer {demuxer!r} may be used")
        self._file = stream
        self.demuxer = demuxer
        self.path = path
        self._container: InputContainer | None = None
        try:
            self.restart()
            self._check()
        except BaseException:
            self.close()
            raise

    @property
    def container(self) -> InputContainer:
        """The open container."""
        if self._container is None:
            raise ValueError("the video is closed")
        return self._container

    @property
    def stream(self) -> VideoStream:
        """The stream that is shown: the largest picture, the first of equals."""
        return self._stream

    def restart(self) -> None:
        """Open the container anew, at its first packet.

        Raises
        ------
        CorruptFileError
        """
        if self._container is not None:
            self._container.close()
            self._container = None
        self._file.seek(0)
        try:
            self._container = av.open(
                _Nameless(self._file),
                "r",
                format=self.demuxer,
                options={
                    "protocol_whitelist": "file",
                    "format_whitelist": self.demuxer,
                    "codec_whitelist": ",".join(sorted(_DECODERS)),
                    "max_pixels": str(MAX_PIXELS),
                    "enable_drefs": "0",
                    "use_absolute_path": "0",
                },
                io_open=_refuse,
                metadata_errors="replace",
                buffer_size=_BUFFER_BYTES,
            )
        except VIDEO_ERRORS as error:
            raise CorruptFileError(
                "The video cannot be opened: it is cut or damaged, or its index is missing.",
                remedy="Copy the file again, or repair it with the program that recorded it.",
                path=self.path,
            ) from error
        self._stream = self._choose(self._container)
        context = self._stream.codec_context
        # Slices, not frames, in threads: a decoder with frame threads conceals damage differently
        # from run to run.
        context.thread_type = "SLICE"
        context.options = {"max_pixels": str(MAX_PIXELS)}

    def packets(self) -> Iterator[Packet[VideoStream]]:
        """Yield the packets of the stream from where the container stands, then an empty one.

        A damaged container ends there as if the file did.
        """
        try:
            yield from self.container.demux(self.stream)
        except VIDEO_ERRORS:
            return

    def close(self) -> None:
        """Close container and file."""
        if self._container is not None:
            self._container.close()
            self._container = None
        self._file.close()

    def other_streams(self) -> list[str]:
        """Return remarks on the streams that are not shown."""
        kinds: list[str] = [s.type for s in self.container.streams]
        notes = []
        others = [s for s in self._candidates(self.container) if s.index != self.stream.index]
        if others:
            sizes = ", ".join(f"{s.width} x {s.height}" for s in others[:4])
            notes.append(
                f"the file holds {plural(len(others) + 1, 'video stream')}; the largest, "
                f"{self.stream.width} x {self.stream.height}, is shown, not {sizes}"
            )
        for kind, word in (("audio", "sound track"), ("subtitle", "subtitle track")):
            if count := kinds.count(kind):
                notes.append(f"{plural(count, word)} not read")
        return notes

    def stream_counts(self) -> dict[str, int]:
        """Return how many streams of each kind there are."""
        kinds: list[str] = [s.type for s in self.container.streams]
        counts = {kind: kinds.count(kind) for kind in ("video", "audio", "subtitle")}
        return {f"{kind}_streams": count for kind, count in counts.items() if count}

    def _candidates(self, container: InputContainer) -> list[VideoStream]:
        covers = av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails
        return [s for s in container.streams.video if not s.disposition & covers]

    def _choose(self, container: InputContainer) -> VideoStream:
        streams = self._candidates(container)
        if not streams:
            what = "sound only" if container.streams.audio else "no video"
            raise CorruptFileError(f"The file holds {what}.", path=self.path)
        known = [s for s in streams if s.codec_context is not None]
        if not known:
            raise UnsupportedFormatError(
                "The video is coded in a way that is not known.", path=self.path
            )
        return max(known, key=lambda s: (s.width * s.height, -s.index))

    def _check(self) -> None:
        stream = self.stream
        name = stream.codec_context.name
        if name not in _DECODERS:
            raise UnsupportedFormatError(
                f"The video is coded as {name[:32]}, which is not read.",
                remedy="Convert it to H.264 in MP4 or to FFV1 in MKV.",
                path=self.path,
            )
        if stream.width < 1 or stream.height < 1:  # so are frames called that are too large
            raise CorruptFileError(
                "The video states no size of its frames, or one beyond "
                f"{MAX_PIXELS // 1_000_000} million pixels.",
                path=self.path,
            )
        if stream.width * stream.height > MAX_PIXELS:
            raise CorruptFileError(
                f"The video claims frames of {stream.width} x {stream.height} pixels; at most "
                f"{MAX_PIXELS // 1_000_000} million are read.",
                path=self.path,
            )


class _Nameless:
    """A stream without a name, so that no demuxer learns where the file lies."""

    def __init__(self, stream: BinaryIO) -> None:
        self._seek = stream.seek
        self.read = stream.read
        self.tell = stream.tell

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move; -1 where a damaged file leads before its own beginning or beyond any end."""
        try:
            return self._seek(offset, whence)
        except (OSError, ValueError, OverflowError):
            return -1


def _refuse(*_arguments: Any, **_options: Any) -> NoReturn:
    raise PermissionError("no other file is opened")


def decode(packet: Packet[Any]) -> list[VideoFrame] | None:
    """Return the frames that a packet completes, None where it is damaged."""
    try:
        return packet.decode()
    except VIDEO_ERRORS:
        return None


def display_matrix(frame: VideoFrame) -> tuple[int, ...] | None:
    """Return the nine integers of the display matrix of a frame, None where it has none."""
    container: Any = frame.side_data
    found = container.get(SideDataType.DISPLAYMATRIX)
    if found is None:
        return None
    data = bytes(found)
    if len(data) < 36:
        return None
    return tuple(int.from_bytes(data[n : n + 4], "little", signed=True) for n in range(0, 36, 4))
