"""When each frame of a video is shown, and which of its frames are damaged.

One pass over the packets gives the times that the container states. A second pass decodes the
first frames, all of them where the clip is short: only decoding tells which packets become
pictures. Where the two disagree, the whole clip is decoded and the frames are believed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import av
import av.logging
import numpy as np

from acutance.core.ledger import LoadWarning
from acutance.errors import CorruptFileError
from acutance.io._protocols import plural
from acutance.io.video_file import decode
from acutance.io.video_picture import Picture, picture_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from numpy.typing import NDArray

    from acutance.io._protocols import CancelToken, Progress
    from acutance.io.video_file import VideoFile

#: Pixels decoded on opening: a second or two of work. Longer clips are checked in part.
CHECK_PIXELS = 300_000_000
#: No recording that is looked at has more frames (9 hours at 60 a second).
MAX_FRAMES = 2_000_000
#: Frames a second where nothing is stated.
ASSUMED_RATE = 25.0
#: What decoders say of a frame whose data are damaged, though they give a picture.
_DAMAGE_WORDS = (
    "concealing", "error while decoding", "damaged", "corrupt", "overread", "truncated",
    "invalid nal", "error at mb", "slice below image", "crc mismatch",
)  # fmt: skip
_REPORT_EVERY = 64


@dataclass(frozen=True)
class Timeline:
    """The frames of a video in the order they are shown.

    Parameters
    ----------
    times : ndarray, shape (T,), float64
        Seconds from the first frame, strictly increasing.
    stamps : ndarray, shape (T,), int64, or None
        Presentation time of each frame in units of the stream, strictly increasing; None where
        frames can only be counted from the first one.
    keys : ndarray, shape (K,), int64
        Presentation times of the packets at which decoding may begin, increasing.
    picture : Picture
        How frames become arrays.
    source : str
        "container" or "assumed".
    warnings, notes : tuple
    facts : dict
    """

    times: NDArray[np.float64]
    stamps: NDArray[np.int64] | None
    keys: NDArray[np.int64]
    picture: Picture
    source: str = "container"
    warnings: tuple[LoadWarning, ...] = ()
    notes: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class _Packets:
    """What the packets say: one entry each."""

    stamps: list[int] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    unstamped: int = 0
    discarded: int = 0
    damaged: int = 0
    end: int = 0

    @property
    def count(self) -> int:
        return len(self.stamps) + self.unstamped


@dataclass
class _Frames:
    """What decoding gave: one entry for each frame."""

    stamps: list[int | None] = field(default_factory=list)
    picture: Picture | None = None
    damaged: int = 0
    other_size: int = 0
    is_whole: bool = False


def build_timeline(video: VideoFile, progress: Progress, token: CancelToken) -> Timeline:
    """Look through a video; it stands at its end afterwards.

    Raises
    ------
    CorruptFileError
        If no frame can be decoded, or there are more than `MAX_FRAMES`.
    JobCancelled
        If the token says so.
    """
    stated = max(0, int(video.stream.frames))
    packets = _read_packets(video, stated, progress, token)
    video.restart()
    area = max(1, video.stream.width * video.stream.height)
    wanted = max(1, CHECK_PIXELS // area)
    frames = _decode(video, packets, wanted, progress, token)
    if frames.picture is None:
        raise CorruptFileError(
            "No frame of the video can be decoded.",
            remedy="Copy the file again, or repair it with the program that recorded it.",
            path=video.path,
        )
    picture = frames.picture
    assert video.stream.time_base is not None
    unit = video.stream.time_base
    stamps: Sequence[int | None]
    stamps = frames.stamps if frames.is_whole else sorted(packets.stamps)
    times, source, repeated = _times(stamps, unit, _stated_rate(video))
    is_seekable = not repeated and all(stamp is not None for stamp in stamps)
    is_seekable = is_seekable and not packets.unstamped and bool(packets.keys)
    warnings = _warnings(video, packets, frames, stated, times, repeated)
    notes = list(picture.notes)
    if not frames.is_whole:
        notes.append(
            f"decoded in part on opening: the first {len(frames.stamps)} of {len(stamps)} frames "
            "were checked for damage"
        )
    if source == "assumed":
        notes.append("no times stated; shown at 25 frames per second, which is assumed")
    facts: dict[str, Any] = {}
    if len(times) > 2:
        steps = np.diff(times)
        # Containers round to their own clock: two ticks of it are no variable rate.
        if float(np.ptp(steps)) > max(2.5 * float(unit), 0.1 * float(np.median(steps))):
            facts["variable_frame_rate"] = True
            notes.append(
                f"frames are not evenly spaced: {1000 * steps.min():.4g} to "
                f"{1000 * steps.max():.4g} ms apart; each has its own time"
            )
    return Timeline(
        times,
        np.array(stamps, dtype=np.int64) if is_seekable else None,
        np.array(sorted(set(packets.keys)), dtype=np.int64),
        picture,
        source,
        tuple(warnings),
        tuple(notes),
        facts,
    )


def _read_packets(
    video: VideoFile, stated: int, progress: Progress, token: CancelToken
) -> _Packets:
    packets = _Packets()
    for packet in video.packets():
        if not packet.size:
            continue
        if packets.count % _REPORT_EVERY == 0:
            token.raise_if_cancelled()
            progress.report(0.1 * min(1.0, packets.count / (stated or MAX_FRAMES)), "Reading times")
        if packets.count >= MAX_FRAMES:
            raise CorruptFileError(
                f"The video claims more than {MAX_FRAMES} frames.", path=video.path
            )
        packets.damaged += packet.is_corrupt
        if packet.is_discard:
            packets.discarded += 1
            continue
        if packet.pts is None:
            packets.unstamped += 1
            continue
        packets.stamps.append(packet.pts)
        packets.end = max(packets.end, packet.pts + (packet.duration or 0))
        if packet.is_keyframe:
            packets.keys.append(packet.pts)
    return packets


def _decode(
    video: VideoFile, packets: _Packets, wanted: int, progress: Progress, token: CancelToken
) -> _Frames:
    """Decode the first `wanted` frames; all of them where they are not what the packets say."""
    frames = _Frames()
    expected = None if packets.unstamped else sorted(packets.stamps)
    agrees = expected is not None
    level = av.logging.get_level()
    av.logging.set_level(av.logging.ERROR)
    try:
        with av.logging.Capture(local=False) as said:
            for number, packet in enumerate(video.packets()):
                if number % _REPORT_EVERY == 0:
                    token.raise_if_cancelled()
                    share = len(frames.stamps) / max(1, packets.count)
                    progress.report(0.1 + 0.9 * min(1.0, share), "Checking frames")
                del said[:]
                decoded = decode(packet)
                is_damaged = _tells_of_damage(said)
                for frame in decoded or ():
                    if frames.picture is None:
                        frames.picture = picture_of(frame)
                    size = (frame.width, frame.height)
                    frames.other_size += size != (frames.picture.width, frames.picture.height)
                    stamp = frame.pts if frame.pts is not None else frame.dts
                    if agrees and expected is not None:
                        place = len(frames.stamps)
                        agrees = place < len(expected) and expected[place] == stamp
                    frames.stamps.append(stamp)
                    is_damaged = is_damaged or frame.is_corrupt
                if decoded is not None:  # a packet without a picture is counted as missing
                    frames.damaged += is_damaged
                if agrees and len(frames.stamps) >= wanted:
                    return frames
    finally:
        av.logging.set_level(level)
    frames.is_whole = True
    return frames


def _tells_of_damage(said: list[tuple[int, str, str]]) -> bool:
    return any(word in text.lower() for _, _, text in said for word in _DAMAGE_WORDS)


def _stated_rate(video: VideoFile) -> float:
    for rate in (video.stream.average_rate, video.stream.guessed_rate):
        if rate and 0 < rate < 1e5:
            return float(rate)
    return 0.0


def _times(
    stamps: Sequence[int | None], unit: Fraction, rate: float
) -> tuple[NDArray[np.float64], str, int]:
    """Return strictly increasing times from 0, where they come from, and how many were repeated.

    A frame that is not later than all before it is placed between its neighbours.
    """
    count = len(stamps)
    source = "container" if rate else "assumed"
    step = 1.0 / (rate or ASSUMED_RATE)
    known = [(n, stamp) for n, stamp in enumerate(stamps) if stamp is not None]
    if len({stamp for _, stamp in known}) < min(2, count):
        return np.arange(count, dtype=np.float64) * np.float64(step), source, 0
    kept: list[tuple[int, int]] = []
    for n, stamp in known:
        if not kept or stamp > kept[-1][1]:
            kept.append((n, stamp))
    places = np.array([n for n, _ in kept])
    first = kept[0][1]
    scale = unit.numerator / unit.denominator
    seconds = np.array([(stamp - first) * scale for _, stamp in kept])
    if len(kept) > 1:
        step = float(np.median(np.diff(seconds) / np.diff(places)))
    numbers = np.arange(count)
    times = np.interp(numbers, places, seconds)
    times = np.where(numbers > places[-1], seconds[-1] + (numbers - places[-1]) * step, times)
    times = np.where(numbers < places[0], (numbers - places[0]) * step, times)
    return times - times[0], "container", count - len(kept)


def _warnings(
    video: VideoFile,
    packets: _Packets,
    frames: _Frames,
    stated: int,
    times: NDArray[np.float64],
    repeated: int,
) -> list[LoadWarning]:
    warnings = []
    held = packets.count
    lost = max(0, held - len(frames.stamps)) if frames.is_whole else 0
    cut = max(0, stated - held - packets.discarded) if video.demuxer in ("mov", "avi") else 0
    about = ""
    if not cut and (shortfall := _shortfall(video, packets, times)):
        cut, about = shortfall, "about "
    bad = lost + cut + frames.damaged
    if lost and not _every_packet_is_a_frame(video):
        bad -= lost
        lost = 0
    if bad:
        parts = []
        if cut:
            parts.append(f"{about}{cut} missing because the file ends too early")
        if lost:
            parts.append(f"{lost} left out that cannot be decoded")
        if frames.damaged:
            parts.append(f"{frames.damaged} shown with damage")
        warnings.append(
            LoadWarning(
                "damaged_frames",
                f"Bad frames: {about}{bad} of {max(held, stated, held + cut)} "
                f"({'; '.join(parts)}). No number from near them can be trusted.",
            )
        )
    if repeated:
        warnings.append(
            LoadWarning(
                "repeated_timestamps",
                f"{plural(repeated, 'frame')} with no time of its own or one that is not later "
                "than that before; placed between the neighbours. Speeds are not exact there.",
            )
        )
    if frames.other_size:
        warnings.append(
            LoadWarning(
                "frame_size_changes",
                f"{plural(frames.other_size, 'frame')} of another size than the first, scaled "
                "to it.",
            )
        )
    return warnings


def _every_packet_is_a_frame(video: VideoFile) -> bool:
    """Whether a packet without a picture is a loss; these codecs have packets never shown."""
    return video.stream.codec_context.name not in ("vp8", "libvpx", "vp9", "libvpx-vp9", "av1")


def _shortfall(video: VideoFile, packets: _Packets, times: NDArray[np.float64]) -> int:
    """Return about how many frames a file without a count lacks at its end, by its duration."""
    duration = video.container.duration
    if not duration or len(video.container.streams) > 1 or video.demuxer not in _STATE_DURATION:
        return 0
    if video.stream.time_base is None or len(times) < 2 or not packets.stamps:
        return 0
    end = float(packets.end * video.stream.time_base)
    step = float(np.median(np.diff(times)))
    missing = duration / av.time_base - end
    return round(missing / step) if missing > max(0.25, 3 * step) else 0


_STATE_DURATION = frozenset({"matroska"})
