"""What is enlarged, as frames by number: a video, a DICOM cine, a folder of pictures, slices.

Frames of videos and pictures are read when they are needed; those that the next chunk needs too
are kept, so that each is read once.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.affine import axis_plane
from acutance.core.frames import spread
from acutance.core.ledger import LoadedSeries, LoadedVideo, LoadWarning, SeriesItem
from acutance.core.natural_order import natural_key
from acutance.core.slicing import extract_colour, extract_slice, volume_geometry
from acutance.core.video import VideoSource
from acutance.errors import CorruptFileError, ReadError, UnsupportedInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.volume import Volume
    from acutance.jobs.job import Job
    from acutance.jobs.runner import Runner

VIDEO, CINE, PICTURES, SLICES = "video", "cine", "pictures", "slices"
#: Frames a second of pictures and slices, which state none.
ASSUMED_RATE = 25.0
#: Frames are asked for in parts of about this size.
_PART_BYTES = 48 << 20
#: Frames looked at for the least and the greatest value.
_LOOKED_AT = 9
_REMEDY = "Name one video, one DICOM file of frames, or one folder of pictures."


@dataclass(frozen=True)
class Clip:
    """A clip that can be enlarged; none of its frames is in memory.

    Parameters
    ----------
    item : SeriesItem
    kind : str
        `VIDEO`, `CINE`, `PICTURES` or `SLICES`.
    video : VideoSource
    warnings : tuple of LoadWarning
    notes : tuple of str
    volume : Volume or None
        The slices, which are in memory.
    """

    item: SeriesItem
    kind: str
    video: VideoSource
    warnings: tuple[LoadWarning, ...] = ()
    notes: tuple[str, ...] = ()
    volume: Volume | None = None

    @property
    def path(self) -> Path:
        """The file, or the folder, that names the clip to the user."""
        return Path(self.item.path)

    @property
    def files(self) -> tuple[Path, ...]:
        """What must not be replaced."""
        return tuple(map(Path, self.item.files))

    @property
    def is_medical(self) -> bool:
        """Whether it shows a patient for all that is known: results are marked in their pixels.

        That is what comes from DICOM, and slices of any other format for scans.
        """
        return self.item.reader == "dicom" or (self.kind == SLICES and self.item.reader != "tiff")


def open_clip(runner: Runner, path: Path) -> Clip:
    """Return the one clip of a path.

    Raises
    ------
    ReadError
        If there is none, more than one, or it cannot be read.
    """
    if not os.path.lexists(path):
        raise ReadError("There is no such file or folder.", remedy="Check the path.", path=path)
    index = runner.index([path]).value()
    if len(index.items) != 1:
        why = f": {index.set_aside[0].reason}" if index.set_aside and not index.items else ""
        raise ReadError(
            f"One clip was expected, {len(index.items)} were found{why}.",
            remedy=_REMEDY,
            path=path,
        )
    return clip_of(runner, index.items[0])


def clip_of(runner: Runner, item: SeriesItem) -> Clip:
    """Return an item as a clip.

    Raises
    ------
    ReadError
        If it cannot be read.
    """
    if item.kind == "video":
        loaded = runner.read(item).value()
        assert isinstance(loaded, LoadedVideo)
        return clip_of_video(loaded)
    if item.reader == "raster":
        return _pictures(runner, item)
    series = runner.read(item).value()
    assert isinstance(series, LoadedSeries)
    return _slices(series)


def clip_of_video(loaded: LoadedVideo) -> Clip:
    """Return a video that was opened as a clip."""
    kind = CINE if loaded.item.reader == "dicom" else VIDEO
    # Sound is not read, as the reader says, but it is copied.
    notes = tuple(note for note in loaded.notes if "sound track" not in note)
    return Clip(loaded.item, kind, loaded.video, loaded.warnings, notes)


def _pictures(runner: Runner, item: SeriesItem) -> Clip:
    files = tuple(sorted(item.files, key=natural_key))
    item = replace(item, files=files)
    first = runner.read(replace(item, files=files[:1])).value()
    assert isinstance(first, LoadedSeries)
    frame = _frames_of(first.volume)
    video = VideoSource(
        np.arange(len(files)) / ASSUMED_RATE,
        frame.shape[1],
        frame.shape[2],
        frame.shape[3],
        frame.dtype,
        frame_time_source="assumed",
        name=item.title,
        facts=dict(first.volume.facts),
    )
    note = f"pictures state no times; {ASSUMED_RATE:g} frames a second are assumed"
    return Clip(item, PICTURES, video, item.warnings, (note,))


def _slices(loaded: LoadedSeries) -> Clip:
    volume = loaded.volume
    if volume.array.dtype.kind not in "iu":
        raise UnsupportedInputError(
            "A volume of fractions cannot be taken for frames.", remedy=_REMEDY, path=loaded.path
        )
    geometry = volume_geometry(volume, _plane(volume))
    channels = 3 if volume.is_colour else 1
    rows, columns = geometry.size
    video = VideoSource(
        np.arange(geometry.count) / ASSUMED_RATE,
        rows,
        columns,
        channels,
        volume.array.dtype,
        frame_time_source="assumed",
        slope=volume.slope,
        intercept=volume.intercept,
        unit=volume.unit,
        modality=volume.modality,
        name=volume.name,
        windows=volume.windows,
        facts=dict(volume.facts),
    )
    warning = LoadWarning(
        "volume_as_video",
        "These are slices of a volume, not frames in time. What differs from slice to slice is "
        "anatomy, not motion: the network may copy structures from one slice into another. "
        "Do not use the result for any measurement.",
    )
    return Clip(loaded.item, SLICES, video, (warning, *loaded.warnings), loaded.notes, volume)


def _plane(volume: Volume) -> str:
    axis = volume.acquisition_axis
    return axis_plane(volume.affine, 2 if axis is None else axis)


def _frames_of(volume: Volume) -> NDArray[Any]:
    """Return the pictures of a stack, (K, J, I, C): `io.raster` has columns, rows, pictures."""
    array = volume.array
    if array.ndim == 3:
        array = array[..., None]
    return np.ascontiguousarray(array.transpose(2, 1, 0, 3))


class FrameFeed:
    """Gives frames of a clip; keeps those that were given last, and reads ahead.

    Parameters
    ----------
    runner : Runner
    clip : Clip

    Attributes
    ----------
    damaged : int
        Frames so far in whose place the one before stands.
    """

    def __init__(self, runner: Runner, clip: Clip) -> None:
        self._runner = runner
        self._clip = clip
        self._held: NDArray[Any] | None = None
        self._first = 0
        self._ahead: tuple[int, int, Job[Any]] | None = None
        self.damaged = 0

    def get(self, first: int, end: int) -> NDArray[Any]:
        """Return frames `first` to `end`, shape (T, Y, X, C), stored dtype.

        Raises
        ------
        ReadError
            If they cannot be read.
        """
        held, begin = self._held, self._first
        parts: list[NDArray[Any]] = []
        start = first
        if held is not None and begin <= first < begin + len(held):
            kept = held[first - begin : end - begin]
            parts.append(kept)
            start = first + len(kept)
        while start < end:
            part = self._read(start, min(end, start + self._step))
            parts.append(part)
            start += len(part)
        # A copy: parts of shared memory are let go.
        frames = np.concatenate(parts)
        self._held, self._first = frames, first
        return frames

    def read_ahead(self, first: int, end: int) -> None:
        """Begin to read what of these frames is not held, as far as one part goes."""
        if self._held is not None:
            first = max(first, self._first + len(self._held))
        end = min(end, first + self._step)
        if first >= end or self._ahead is not None or self._clip.item.kind != "video":
            return
        self._ahead = first, end, self._runner.frames(self._clip.item, first, end - first)

    def close(self) -> None:
        """Let go of everything."""
        if self._ahead is not None:
            self._ahead[2].cancel()
        self._ahead = self._held = None

    @property
    def _step(self) -> int:
        _, height, width, channels = self._clip.video.shape
        frame_bytes = height * width * channels * self._clip.video.dtype.itemsize
        return max(1, _PART_BYTES // frame_bytes)

    def _read(self, first: int, end: int) -> NDArray[Any]:
        clip = self._clip
        if clip.kind == SLICES:
            return _read_slices(clip, first, end)
        if clip.kind == PICTURES:
            return self._read_pictures(first, end)
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead[:2] == (first, end):
            part = ahead[2].value()
        else:
            part = self._runner.frames(clip.item, first, end - first).value()
        self.damaged += int(part.facts.get("damaged_frames", 0))
        frames: NDArray[Any] = part.array
        if frames.shape != (end - first, *clip.video.shape[1:]) or frames.dtype != clip.video.dtype:
            raise CorruptFileError(
                "The clip changed on the disk.", remedy="Run again.", path=clip.path
            )
        return frames

    def _read_pictures(self, first: int, end: int) -> NDArray[Any]:
        item = self._clip.item
        part = replace(item, files=item.files[first:end])
        loaded = self._runner.read(part).value()
        assert isinstance(loaded, LoadedSeries)
        frames = _frames_of(loaded.volume)
        if frames.shape != (end - first, *self._clip.video.shape[1:]):
            lost = loaded.ledger.set_aside[0].file if loaded.ledger.set_aside else item.path
            raise CorruptFileError(
                "A picture cannot be read, or is of another size than the first.",
                remedy="Replace it or take it out of the folder.",
                path=lost,
            )
        return frames


def _read_slices(clip: Clip, first: int, end: int) -> NDArray[Any]:
    volume = clip.volume
    assert volume is not None
    geometry = volume_geometry(volume, _plane(volume))
    if volume.is_colour:
        return np.stack([extract_colour(volume, geometry, n) for n in range(first, end)])
    values = np.stack([extract_slice(volume, geometry, n) for n in range(first, end)])
    stored = (values - volume.intercept) / volume.slope
    frames: NDArray[Any] = np.rint(stored).astype(volume.array.dtype)[..., None]
    return frames


def value_ends(runner: Runner, clip: Clip) -> tuple[int, int]:
    """Return the least and the greatest stored value of some frames, evenly spread.

    Raises
    ------
    ReadError
        If they cannot be read.
    """
    lows, highs = [], []
    feed = FrameFeed(runner, clip)
    for number in spread(clip.video.count, _LOOKED_AT):
        frame = feed.get(number, number + 1)
        lows.append(int(frame.min()))
        highs.append(int(frame.max()))
    feed.close()
    return min(lows), max(highs)
