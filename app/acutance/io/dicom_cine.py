"""DICOM files of frames in time: ultrasound, angiography, endoscopy, captures.

One file is one video. Frames are read when they are asked for; their times come from the header
in the order frame time vector, frame time, recommended display frame rate, cine rate, then from
the embedded stream, and are assumed, and so named, where nothing states them.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np

from acutance.core.foreign import quiet
from acutance.core.ledger import Index, Ledger, LoadedVideo, LoadWarning, SeriesItem, SetAside
from acutance.core.video import Video, VideoSource
from acutance.core.window import Window
from acutance.errors import CorruptFileError, ReadError, UnsupportedFormatError
from acutance.io._protocols import MAX_INFLATION, plural
from acutance.io.dicom_cine_frames import JoinedFragments, StillFrames
from acutance.io.dicom_cine_header import (
    CineHeader,
    FrameTimes,
    NotACine,
    frame_times,
    pixel_spacing,
    read_cine_header,
)
from acutance.io.dicom_dataset import named_refusal
from acutance.io.dicom_stream import UNDEFINED_LENGTH, NotASlice, walk_fragments
from acutance.io.dicom_syntax import is_encapsulated, is_video, video_demuxer
from acutance.io.sniff import HEAD_BYTES
from acutance.io.values import size_words
from acutance.io.video import (
    OpenReaders,
    checked_count,
    file_key,
    fill_frames,
    missing_backend,
    pixel_aspect,
)
from acutance.io.video_signature import demuxer_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from acutance.io._protocols import Allocate, CancelToken, Progress
    from acutance.io.video_frames import FrameReader

#: Pixels decoded on opening to look for damage; native frames cannot be damaged in this way.
CHECK_PIXELS = 40_000_000
ASSUMED_RATE = 25.0
_KEPT_OPEN = 3


class Cine:
    """An open file of frames.

    Parameters
    ----------
    path : Path

    Raises
    ------
    NotASlice
        If it holds no frames that can be read, with the reason.
    """

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("rb")
        try:
            with named_refusal(), quiet():
                self.header, self.stream = read_cine_header(path, self._file)
        except BaseException:
            self._file.close()
            raise
        self.stills: StillFrames | None = None
        self.video: FrameReader | None = None
        self.damaged: set[int] = set()
        self.checked = 0

    @property
    def count(self) -> int:
        """Number of frames that are there."""
        if self.video is not None:
            return self.video.count
        return 0 if self.stills is None else self.stills.count

    def open_frames(self, progress: Progress, token: CancelToken) -> None:
        """Find the frames and check the first of them.

        Raises
        ------
        NotASlice
            If there are none.
        ReadError
            If the embedded stream cannot be decoded, or PyAV is missing.
        """
        if is_video(self.header.syntax):
            self._open_video(progress, token)
            return
        with named_refusal(), quiet():
            self.stills = StillFrames(self.header, self.stream)
        if is_encapsulated(self.header.syntax):
            self._check_stills(self.stills, progress, token)

    def fill(self, start: int, out: Any, token: CancelToken) -> int:
        """Fill an array with still frames from `start` on; return how many are damaged.

        In the place of a damaged frame stands the one before it.
        """
        assert self.stills is not None
        damaged = 0
        for place in range(len(out)):
            token.raise_if_cancelled()
            number = start + place
            pixels = self.stills.frame(number)
            if pixels is None:
                damaged += 1
                if place:
                    out[place] = out[place - 1]
                    continue
                pixels = self._before(number)
            out[place] = pixels
        return damaged

    def close(self) -> None:
        """Close the file."""
        if self.video is not None:
            self.video.close()
        self._file.close()

    def _before(self, number: int) -> Any:
        assert self.stills is not None
        for earlier in range(number - 1, max(-1, number - 64), -1):
            pixels = self.stills.frame(earlier)
            if pixels is not None:
                return pixels
        return np.zeros(_shape(self.header), self.header.dtype)

    def _check_stills(self, stills: StillFrames, progress: Progress, token: CancelToken) -> None:
        area = self.header.rows * self.header.columns
        wanted = min(stills.count, max(1, CHECK_PIXELS // area))
        for number in range(wanted):
            token.raise_if_cancelled()
            progress.report(number / wanted, "Checking frames")
            if stills.frame(number) is None:
                self.damaged.add(number)
        self.checked = wanted
        if len(self.damaged) == wanted:
            raise NotASlice("not one of its frames can be decoded")

    def _open_video(self, progress: Progress, token: CancelToken) -> None:
        if missing := missing_backend():
            raise UnsupportedFormatError(f"This is {missing}.", path=self.header.path)
        from acutance.io.video_file import VideoFile
        from acutance.io.video_frames import FrameReader
        from acutance.io.video_timeline import build_timeline

        if self.header.pixel_length != UNDEFINED_LENGTH:
            raise NotASlice("its pixel data is not packed as its transfer syntax asks for")
        with named_refusal():
            items, defect = walk_fragments(self.stream, self.header.pixel_offset)
        if len(items) < 2:
            raise NotASlice(defect or "its pixel data is empty")
        joined = cast("BinaryIO", JoinedFragments(self.stream, items[1:]))
        head = joined.read(HEAD_BYTES)
        demuxer = demuxer_of(head) or video_demuxer(self.header.syntax)
        file = VideoFile(joined, demuxer, Path(self.header.path))
        try:
            self.video = FrameReader(file, build_timeline(file, progress, token))
        except BaseException:
            file.close()
            raise


def index_cine(path: Path) -> SeriesItem:
    """Return the item of a file of frames; its header only is read.

    Raises
    ------
    NotASlice
        If it is none, with the reason.
    """
    if not path.is_file():
        raise NotASlice("is gone")
    cine = Cine(path)
    try:
        header = cine.header
        if is_video(header.syntax) and (missing := missing_backend()):
            raise NotASlice(missing)
    finally:
        cine.close()
    return SeriesItem(
        "dicom",
        str(path),
        (str(path),),
        key=header.key,
        title=header.title,
        modality=header.modality,
        kind="video",
        part="" if header.instance is None else f"clip {header.instance}",
    )


def with_titles(items: Sequence[SeriesItem]) -> list[SeriesItem]:
    """Return items whose titles tell clips of one name apart by their instance numbers."""
    titles = [item.title for item in items]
    return [
        replace(item, title=f"{item.title}, {item.part}")
        if item.part and titles.count(item.title) > 1
        else item
        for item in items
    ]


def read_cine(
    item: SeriesItem, allocate: Allocate, progress: Progress, token: CancelToken
) -> LoadedVideo:
    """Read the times of a file of frames, and check the first of them.

    Raises
    ------
    CorruptFileError
        If it holds no frame that can be decoded, or claims more than can be.
    UnsupportedFormatError
        If it holds a video stream and PyAV is missing.
    """
    cine = _open(item, progress, token)
    header, count = cine.header, cine.count
    stated = frame_times(header.dataset, count, header.stated_frames)
    warnings = [*stated.warnings, *_count_warnings(cine), *_damage_warnings(cine)]
    notes: list[str] = []
    facts = dict(header.facts)
    if cine.video is not None:
        timeline = cine.video.timeline
        warnings += timeline.warnings
        notes += timeline.notes
        rows, columns, channels = timeline.picture.shape
        dtype = timeline.picture.dtype
        aspect, aspect_notes = pixel_aspect(cine.video.video, is_turned=timeline.picture.turn[0])
        notes += aspect_notes
        facts |= timeline.picture.facts | timeline.facts | aspect
        facts["codec"] = cine.video.video.stream.codec_context.name
        if stated.times is None and timeline.source == "container":
            stated = FrameTimes(timeline.times, "container")
    else:
        rows, columns, channels = _shape(header)
        dtype = header.dtype
    if stated.times is None:
        stated = FrameTimes(np.arange(count) / ASSUMED_RATE, "assumed")
        notes.append("no times stated; shown at 25 frames per second, which is assumed")
    spacing, spacing_notes = pixel_spacing(header.dataset)
    times = allocate((count,), np.dtype(np.float64))
    times[...] = stated.times
    slope, intercept = 1.0, 0.0
    if channels == 1:
        slope, intercept = header.rescale.slope, header.rescale.intercept
        if header.rescale.problem:
            warnings.append(
                LoadWarning(
                    "bad_rescale",
                    f"Slope and intercept ({header.rescale.problem}) cannot be used; stored "
                    "values are shown.",
                )
            )
    source = VideoSource(
        times,
        rows,
        columns,
        channels,
        dtype,
        frame_time_source=stated.source,
        pixel_spacing=spacing,
        slope=slope,
        intercept=intercept,
        unit=header.unit if channels == 1 and header.unit not in ("US", "NONE") else "",
        modality=item.modality,
        name=item.title,
        windows=tuple(Window(*window) for window in header.windows) if channels == 1 else (),
        facts=facts,
    )
    progress.report(1.0, "Read")
    found = len(item.files) + len(item.set_aside)
    notes += [*spacing_notes, *_notes(cine)]
    return LoadedVideo(
        item, source, Ledger(found, 1, item.set_aside), tuple(warnings), tuple(notes)
    )


def read_cine_frames(
    item: SeriesItem,
    start: int,
    count: int,
    allocate: Allocate,
    progress: Progress,
    token: CancelToken,
) -> Video:
    """Read frames, fewer than asked for where the file ends before.

    Raises
    ------
    CorruptFileError
        If there are no such frames.
    """
    cine = _open(item, progress, token)
    header = cine.header
    if cine.video is not None:
        part = fill_frames(cine.video, item, start, count, allocate, token)
        array, facts = part.array, part.facts
    else:
        count = checked_count(start, count, cine.count, header.frame_bytes, item.path)
        array = allocate((count, *_shape(header)), header.dtype)
        damaged = cine.fill(start, array, token)
        facts = {"damaged_frames": damaged} if damaged else {}
    stated = frame_times(header.dataset, cine.count, header.stated_frames).times
    if stated is None:
        is_timed = cine.video is not None and cine.video.timeline.source == "container"
        stated = cine.video.timeline.times if cine.video is not None and is_timed else None
    if stated is None:
        stated = np.arange(cine.count) / ASSUMED_RATE
    return Video(array, stated[start : start + len(array)], item.title, facts)


#: Of this process.
open_cines: OpenReaders[Cine] = OpenReaders(_KEPT_OPEN)


def _open(item: SeriesItem, progress: Progress, token: CancelToken) -> Cine:
    path = Path(item.files[0])

    def make() -> Cine:
        cine = Cine(path)
        try:
            _check_claim(cine.header, path)
            cine.open_frames(progress, token)
        except BaseException:
            cine.close()
            raise
        return cine

    try:
        return open_cines.get(file_key(path), make)
    except NotASlice as reason:
        raise CorruptFileError(
            f"The frames cannot be read: {reason}.",
            remedy="Copy the file from the scanner or archive again.",
            path=path,
        ) from reason
    except OSError as error:
        raise ReadError(f"The file cannot be read ({error.strerror}).", path=path) from error


def _check_claim(header: CineHeader, path: Path) -> None:
    size = path.stat().st_size
    if not is_video(header.syntax) and header.stored_bytes > size * MAX_INFLATION:
        raise CorruptFileError(
            f"The file claims frames of {size_words(header.stored_bytes)} in {size_words(size)}.",
            remedy="Copy the file again or leave it out.",
            path=path,
        )


def _shape(header: CineHeader) -> tuple[int, int, int]:
    return header.rows, header.columns, 3 if header.is_colour else 1


def _count_warnings(cine: Cine) -> list[LoadWarning]:
    stated, there = cine.header.stated_frames, cine.count
    defect = "" if cine.stills is None else cine.stills.defect
    if stated == there and not defect:
        return []
    if is_video(cine.header.syntax) and stated == 1:
        return []  # a stream of one frame or, more often, a number that nobody filled in
    why = f" ({defect})" if defect else ""
    return [
        LoadWarning(
            "frame_count_mismatch",
            f"The header says {plural(stated, 'frame')}, {there} can be shown{why}.",
        )
    ]


def _damage_warnings(cine: Cine) -> list[LoadWarning]:
    if not cine.damaged:
        return []
    return [
        LoadWarning(
            "damaged_frames",
            f"Bad frames: {len(cine.damaged)} of {cine.checked} cannot be decoded; the one before "
            "is shown in their place. No number from near them can be trusted.",
        )
    ]


def _notes(cine: Cine) -> list[str]:
    header = cine.header
    notes = []
    if cine.stills is not None and 0 < cine.checked < cine.count:
        notes.append(
            f"decoded in part on opening: the first {cine.checked} of {cine.count} frames were "
            "checked for damage"
        )
    if header.facts["burned_in_annotation"] == "YES":
        notes.append("names or other text are burned into the picture")
    elif header.facts["burned_in_annotation"] != "NO":
        notes.append("not stated whether text is burned into the picture; look before sharing it")
    if "lossy_compression" in header.facts:
        notes.append("compressed with loss before it came here")
    if header.photometric == "MONOCHROME1":
        notes.append("stored for inverted display (MONOCHROME1); values unchanged")
    return notes


def index_cines(files: Mapping[Path, str], token: CancelToken) -> Index:
    """Return an item for each file of frames, and why the others are none.

    Parameters
    ----------
    files : mapping of Path to str
        Files, and why they hold no slices: what is told of those that hold no frames either.
    token : CancelToken
    """
    items: list[SeriesItem] = []
    aside: list[SetAside] = []
    for file, otherwise in files.items():
        token.raise_if_cancelled()
        try:
            items.append(index_cine(file))
        except NotACine:
            aside.append(SetAside(str(file), otherwise))
        except NotASlice as reason:
            aside.append(SetAside(str(file), str(reason)))
    return Index(tuple(with_titles(items)), tuple(aside))
