"""Gather the encoded chunks of a clip in one file, with the times and the sound of the source.

Runs in the child of exports, which opens the source as the readers do: by content, through one
demuxer, with no way to any other file.
"""

from __future__ import annotations

import heapq
import itertools
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import av
import numpy as np

from acutance.core.clip_export import ClipWritten
from acutance.errors import ExportError, ReadError
from acutance.export.atomic import replacing
from acutance.export.video_packets import even_sides, find_codec, make_encoder, read_packets
from acutance.io.video import open_file
from acutance.io.video_file import VIDEO_ERRORS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.container import OutputContainer
    from av.packet import Packet as AvPacket
    from numpy.typing import NDArray

    from acutance.core.clip_export import ClipFinish
    from acutance.export.deidentify import CancelToken, Progress
    from acutance.io.video_file import VideoFile

#: The clock of clips that have none of their own: 90 kHz, as in ISO/IEC 13818-1.
OWN_CLOCK = Fraction(1, 90_000)
_FORMATS = {".mp4": "mp4", ".mkv": "matroska", ".avi": "avi"}
_Timed = tuple[float, int, Any]


def finish_clip(request: ClipFinish, progress: Progress, token: CancelToken) -> ClipWritten:
    """Write the file; it is complete or not there.

    Raises
    ------
    ExportError
        If a chunk is missing or damaged, or the file cannot be written.
    JobCancelled
        If the user cancelled; looked at before each packet.
    """
    source, notes = _open_source(request)
    try:
        with replacing(request.target, sources=(request.source,)) as temporary:
            try:
                with temporary.open("wb") as stream:
                    tracks = _write(request, stream, source, notes, progress, token)
            except (av.FFmpegError, ValueError) as error:
                raise ExportError(
                    f"The video cannot be put together ({type(error).__name__}).",
                    remedy="Choose .mkv, which holds most kinds of sound and times.",
                    path=request.target,
                ) from error
    finally:
        if source is not None:
            source.close()
    progress.report(1.0, "Written")
    return ClipWritten(str(request.target), len(request.times), tracks, tuple(notes))


def _open_source(request: ClipFinish) -> tuple[VideoFile | None, list[str]]:
    if not request.is_container:
        return None, []
    try:
        return open_file(request.source), []
    except ReadError as error:
        raise ExportError(
            f"The source cannot be read for its sound: {error.message}",
            remedy="Put it back where it was and run again with --resume.",
            path=request.source,
        ) from error


def _write(
    request: ClipFinish,
    stream: Any,
    source: VideoFile | None,
    notes: list[str],
    progress: Progress,
    token: CancelToken,
) -> int:
    suffix = request.target.suffix.lower()
    options = {"fflags": "+bitexact"}
    with av.open(stream, "w", format=_FORMATS[suffix], options=options) as container:
        clock = _clock(source, suffix, request.times)
        video = _add_video(container, request, clock)
        sounds = {} if source is None else _add_sounds(container, source, suffix, notes)
        container.metadata["comment"] = request.title
        stamps = frame_stamps(request.times, clock, suffix)
        flows = [_video_packets(request, video, stamps, clock)]
        if source is not None and sounds:
            flows.append(_sound_packets(source, sounds, request))
        for number, (_, _, packet) in enumerate(heapq.merge(*flows, key=lambda item: item[:2])):
            if number % 64 == 0:
                token.raise_if_cancelled()
                progress.report(min(0.99, number / (2 * len(stamps))), "Putting frames together")
            container.mux(packet)
        return len(sounds)


def _clock(source: VideoFile | None, suffix: str, times: NDArray[Any]) -> Fraction:
    """Return the unit of time stamps: that of the source, in AVI that of its frames."""
    if suffix == ".avi":
        rate = (len(times) - 1) / float(times[-1] - times[0]) if len(times) > 1 else 25.0
        return 1 / Fraction(rate).limit_denominator(1001)
    if source is not None and source.stream.time_base is not None:
        return source.stream.time_base
    return OWN_CLOCK


def frame_stamps(times: NDArray[Any], clock: Fraction, suffix: str) -> NDArray[np.int64]:
    """Return the time of each frame in units of a clock, strictly increasing.

    AVI knows frames at an even rate only: there, those that are not due are put one after another.
    """
    stamps = np.rint(np.asarray(times) / float(clock)).astype(np.int64)
    if suffix == ".avi" or bool(np.any(np.diff(stamps) < 1)):
        numbers = np.arange(len(stamps))
        stamps = np.maximum.accumulate(stamps - numbers) + numbers
    return stamps


def _add_video(container: OutputContainer, request: ClipFinish, clock: Fraction) -> Any:
    """Add the stream that the packets of the chunks belong to, with the header of their encoder."""
    codec = find_codec(request.codec)
    even = even_sides(np.empty((1, request.height, request.width, 1), np.uint8)).shape
    rate = _rate(request.times)
    is_deep = request.channels == 3 and request.bits > 8 and bool(codec.deep)
    stream = container.add_stream(codec.encoder, rate=Fraction(rate).limit_denominator(1001))
    encoder = make_encoder(codec, even[2], even[1], is_deep=is_deep, rate=rate)
    context = cast("av.VideoCodecContext", stream.codec_context)
    context.width, context.height = even[2], even[1]
    for name in ("pix_fmt", "flags", "options", "thread_count"):
        setattr(context, name, getattr(encoder, name))
    # The header is that of the encoder which made the chunks, with its unit of time: MPEG-4 reads
    # stamps in the frames by it, and knows none finer than 1/65535 s.
    context.time_base = encoder.time_base
    stream.time_base = clock
    if encoder.colorspace:
        context.colorspace = encoder.colorspace
    if request.pixel_aspect != 1.0:
        aspect = Fraction(request.pixel_aspect).limit_denominator(1000)
        context.sample_aspect_ratio = aspect
    return stream


def _rate(times: NDArray[Any]) -> float:
    return (len(times) - 1) / float(times[-1] - times[0]) if len(times) > 1 else 25.0


def _add_sounds(
    container: OutputContainer, source: VideoFile, suffix: str, notes: list[str]
) -> dict[int, Any]:
    """Add a stream for each sound track that this kind of file can hold."""
    added: dict[int, Any] = {}
    holds = container.supported_codecs
    for number, track in enumerate(source.container.streams.audio, start=1):
        name = track.codec_context.name if track.codec_context is not None else "unknown"
        codec = str(getattr(getattr(track, "codec", None), "canonical_name", name) or name)
        if codec not in holds and name not in holds:
            notes.append(f"sound track {number} ({name}) does not fit in {suffix}; left out")
            continue
        added[track.index] = container.add_stream_from_template(track, opaque=True)
    others = len(source.container.streams.subtitles)
    if others:
        notes.append(f"subtitle tracks are not carried over: {others}")
    return added


def _video_packets(
    request: ClipFinish, stream: Any, stamps: NDArray[np.int64], clock: Fraction
) -> Iterator[_Timed]:
    steps = np.diff(stamps)
    last = int(np.median(steps)) if len(steps) else max(1, round(1 / 25 / float(clock)))
    count = 0
    for packet in itertools.chain.from_iterable(map(read_packets, request.parts)):
        if packet.number != count:
            raise ExportError(
                "The finished chunks are not in a row.", remedy="Run again without --resume."
            )
        made = av.Packet(packet.data)
        made.pts = made.dts = int(stamps[count])
        made.duration = int(steps[count]) if count < len(steps) else last
        made.time_base, made.stream = clock, stream
        made.is_keyframe = packet.is_key
        yield float(stamps[count] * clock), 0, made
        count += 1
    if count != len(stamps):
        raise ExportError(
            f"{count} of {len(stamps)} frames are there.", remedy="Run again without --resume."
        )


def _sound_packets(
    source: VideoFile, streams: dict[int, Any], request: ClipFinish
) -> Iterator[_Timed]:
    """Yield the packets of the sound, timed from the first frame that is written.

    Of a part of a clip only the sound that goes with it is kept, of a whole one all.
    """
    begin = _video_begin(source) + float(request.plan.get("begin", 0.0))
    is_part = bool(request.plan.get("is_part", False))
    until = float(request.times[-1]) + 1.0 / max(_rate(request.times), 1e-3)
    source.restart()
    tracks = [s for s in source.container.streams.audio if s.index in streams]
    try:
        packets: Iterator[AvPacket[Any]] = source.container.demux(*tracks)
        for packet in packets:
            if not packet.size or packet.pts is None or packet.time_base is None:
                continue
            unit = float(packet.time_base)
            index, shift = packet.stream.index, round(begin / unit)
            if is_part and not 0.0 <= (packet.pts - shift) * unit < until:
                continue
            packet.pts -= shift
            packet.dts = packet.pts if packet.dts is None else packet.dts - shift
            packet.stream = streams[index]
            yield packet.dts * unit, 1 + index, packet
    except VIDEO_ERRORS:
        return


def _video_begin(source: VideoFile) -> float:
    """Return when the first frame of the source is shown, in its own seconds."""
    stream = source.stream
    if stream.start_time is not None and stream.time_base is not None:
        return float(stream.start_time * stream.time_base)
    return 0.0
