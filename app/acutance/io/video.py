"""Video files: MP4, MOV, AVI, MKV, WebM and their kin, through PyAV, frame by frame.

What a video says of itself is read in one pass; its frames are decoded when they are asked for.
PyAV is optional: without it such files are set aside with the way to install it.
"""

from __future__ import annotations

import atexit
import importlib.util
import os
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from acutance.core.ledger import Index, Ledger, LoadedVideo, SeriesItem, SetAside
from acutance.core.video import Video, VideoSource
from acutance.errors import AcutanceError, CorruptFileError, ReadError, UnsupportedFormatError
from acutance.io._protocols import MAX_VOLUME_BYTES, clean_text
from acutance.io.sniff import HEAD_BYTES
from acutance.io.values import size_words
from acutance.io.video_signature import demuxer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from acutance.io._protocols import Allocate, CancelToken, Progress
    from acutance.io.video_file import VideoFile
    from acutance.io.video_frames import FrameReader

#: Versions before this could be ended by a cut MP4.
LOWEST_PYAV = (18, 1)
#: Videos that stay open, each with its decoder, between two calls.
_KEPT_OPEN = 3
_INSTALL = 'install PyAV 18.1 or newer: pip install "acutance[video]"'


def can_read(path: Path, head: bytes) -> bool:
    """Whether the first bytes are a container of video; `path` is not looked at."""
    return demuxer_of(head) is not None


def missing_backend() -> str:
    """Return why no video can be read here and what to do, `""` where it can."""
    if importlib.util.find_spec("av") is None:
        return f"a video; to read video {_INSTALL}"
    import av

    numbers = tuple(int(part) for part in av.__version__.split(".")[:2] if part.isdecimal())
    if numbers < LOWEST_PYAV:
        return f"a video; PyAV {av.__version__} is too old to read it safely, {_INSTALL}"
    return ""


def index_files(files: Sequence[Path], progress: Progress, token: CancelToken) -> Index:
    """Return an item for each file that holds a video; headers only."""
    items: list[SeriesItem] = []
    aside: list[SetAside] = []
    missing = missing_backend()
    for number, file in enumerate(files):
        token.raise_if_cancelled()
        progress.report(number / len(files), "Looking at videos")
        if missing:
            aside.append(SetAside(str(file), missing))
            continue
        try:
            open_file(file).close()
        except ReadError as error:
            aside.append(SetAside(str(file), _reason(error)))
        else:
            title = clean_text(file.stem) or "video"
            items.append(SeriesItem("video", str(file), (str(file),), title=title, kind="video"))
    return Index(tuple(items), tuple(aside))


def read_video(
    item: SeriesItem, allocate: Allocate, progress: Progress, token: CancelToken
) -> LoadedVideo:
    """Read the times of a video's frames, and check the first of them.

    Raises
    ------
    CorruptFileError
        If it holds no frame that can be decoded, or claims more than can be.
    UnsupportedFormatError
        If PyAV is missing, or the video is coded in a way that is not read.
    """
    reader = _reader_of(item, progress, token)
    timeline, file = reader.timeline, reader.video
    picture = timeline.picture
    rows, columns, channels = picture.shape
    times = allocate(timeline.times.shape, timeline.times.dtype)
    times[...] = timeline.times
    aspect, aspect_notes = pixel_aspect(file, is_turned=picture.turn[0])
    source = VideoSource(
        times,
        rows,
        columns,
        channels,
        picture.dtype,
        frame_time_source=timeline.source,
        name=item.title,
        facts={
            "container": file.demuxer,
            "codec": file.stream.codec_context.name,
            **picture.facts,
            **timeline.facts,
            **aspect,
            **file.stream_counts(),
        },
    )
    progress.report(1.0, "Read")
    notes = (*timeline.notes, *aspect_notes, *file.other_streams())
    found = len(item.files) + len(item.set_aside)
    return LoadedVideo(item, source, Ledger(found, 1, item.set_aside), timeline.warnings, notes)


def read_frames(
    item: SeriesItem,
    start: int,
    count: int,
    allocate: Allocate,
    progress: Progress,
    token: CancelToken,
) -> Video:
    """Read frames of a video, fewer than asked for where it ends before.

    Raises
    ------
    CorruptFileError
        If there are no such frames, or none of them can be decoded.
    """
    reader = _reader_of(item, progress, token)
    return fill_frames(reader, item, start, count, allocate, token)


def fill_frames(
    reader: FrameReader,
    item: SeriesItem,
    start: int,
    count: int,
    allocate: Allocate,
    token: CancelToken,
) -> Video:
    """Return frames that a `FrameReader` gives, in the array that `allocate` gives.

    Raises
    ------
    CorruptFileError
        If there are no such frames, or none of them can be decoded.
    """
    picture = reader.timeline.picture
    count = checked_count(start, count, reader.count, picture.frame_bytes, item.path)
    array = allocate((count, *picture.shape), picture.dtype)
    missing = reader.fill(start, array, token)
    facts = {"damaged_frames": missing} if missing else {}
    return Video(array, reader.timeline.times[start : start + count], item.title, facts)


def checked_count(start: int, count: int, there: int, frame_bytes: int, path: str) -> int:
    """Return how many frames can be given from `start` on.

    Raises
    ------
    CorruptFileError
        If there is no frame `start`.
    ReadError
        If they need more memory than one job may take.
    """
    if start >= there:
        raise CorruptFileError(f"There is no frame {start + 1}; the video has {there}.", path=path)
    count = min(count, there - start)
    if count * frame_bytes > MAX_VOLUME_BYTES:
        raise ReadError(
            f"{count} frames need {size_words(count * frame_bytes)}, the limit is "
            f"{size_words(MAX_VOLUME_BYTES)}.",
            remedy="Ask for fewer at a time.",
            path=path,
        )
    return count


def pixel_aspect(file: VideoFile, *, is_turned: bool) -> tuple[dict[str, Any], list[str]]:
    """Return width by height of a pixel as shown, as facts and remarks; empty where square."""
    stated = file.stream.sample_aspect_ratio
    if not stated or stated == 1 or not 0.05 < stated < 20:
        return {}, []
    shown = 1 / stated if is_turned else stated
    return {"pixel_aspect": float(shown)}, [
        f"pixels are not square ({shown.numerator}:{shown.denominator}); frames are as stored"
    ]


class _Closable(Protocol):
    def close(self) -> None:
        """Let go of the file."""


R = TypeVar("R", bound=_Closable)


class OpenReaders(Generic[R]):
    """The few files that stay open between two calls; the one unused for longest is closed.

    Parameters
    ----------
    limit : int
        How many.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._readers: OrderedDict[tuple[Any, ...], R] = OrderedDict()
        atexit.register(self.close)

    def get(self, key: tuple[Any, ...], make: Callable[[], R]) -> R:
        """Return the reader of a key, made where it is not open."""
        reader = self._readers.pop(key, None)
        if reader is None:
            reader = make()
        self._readers[key] = reader
        while len(self._readers) > self._limit:
            self._readers.popitem(last=False)[1].close()
        return reader

    def close(self) -> None:
        """Close all."""
        while self._readers:
            self._readers.popitem()[1].close()


#: Of this process.
open_readers: OpenReaders[FrameReader] = OpenReaders(_KEPT_OPEN)


def file_key(path: Path) -> tuple[str, int, int]:
    """Return what tells a file from what stood at its path before.

    Raises
    ------
    ReadError
        If it is gone.
    """
    try:
        status = os.stat(path)
    except OSError as error:
        raise ReadError(
            f"The file cannot be read any more ({error.strerror}).",
            remedy="Check that it is still there.",
            path=path,
        ) from error
    return str(path), status.st_mtime_ns, status.st_size


def _reader_of(item: SeriesItem, progress: Progress, token: CancelToken) -> FrameReader:
    if missing := missing_backend():
        raise UnsupportedFormatError(f"This is {missing}.", path=item.path)
    path = Path(item.files[0])

    def make() -> FrameReader:
        from acutance.io.video_frames import FrameReader
        from acutance.io.video_timeline import build_timeline

        file = open_file(path)
        try:
            return FrameReader(file, build_timeline(file, progress, token))
        except BaseException:
            file.close()
            raise

    return open_readers.get(file_key(path), make)


def open_file(path: Path) -> VideoFile:
    """Open a video by its content, through the one demuxer that this calls for.

    Raises
    ------
    ReadError
        If it is gone, or no video that can be read.
    """
    from acutance.io.video_file import VideoFile

    try:
        stream = path.open("rb", buffering=0)
    except OSError as error:
        raise ReadError(f"The file cannot be read ({error.strerror}).", path=path) from error
    head = stream.read(HEAD_BYTES) or b""
    demuxer = demuxer_of(head)
    if demuxer is None:
        stream.close()
        raise UnsupportedFormatError("The file is no video any more.", path=path)
    return VideoFile(stream, demuxer, path)


def _reason(error: AcutanceError) -> str:
    text = error.message.rstrip(".")
    return f"{text[:1].lower()}{text[1:]}" if text[:2] != text[:2].upper() else text
