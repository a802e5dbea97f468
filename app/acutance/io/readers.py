"""The list of readers, and the two passes over files: what is there, and the voxels of one series.

`index_paths` reads headers only and gives every file found one place; `read_item` fills the array
of one series. A new kind of file is a module of this package and a line in `READERS`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from acutance.core.ledger import Index, Loaded, SeriesItem, SetAside
from acutance.errors import UnsupportedFormatError
from acutance.io import dicom, dicom_cine, nifti, raster, tiff, video
from acutance.io._protocols import Allocate, CancelToken, Progress, Span, natural_key
from acutance.io.companions import settle
from acutance.io.sniff import HEAD_BYTES, describe
from acutance.io.walk import find_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from acutance.core.video import Video


@dataclass(frozen=True)
class Reader:
    """One kind of file.

    Parameters
    ----------
    id : str
        Stands in `SeriesItem.reader`; unique.
    title : str
        For the user.
    can_read : callable
        Takes a path and its first bytes; tells by content, never by suffix.
    index : callable
        Takes files that `can_read` accepted; places each in exactly one item or aside.
    read : callable
        Takes an item, fills the array that `allocate` gives, returns the loaded series; of a
        video the array holds the times of its frames.
    frames : callable, optional
        Takes an item that is a video, the first frame and how many, fills the array that
        `allocate` gives.
    """

    id: str
    title: str
    can_read: Callable[[Path, bytes], bool]
    index: Callable[[Sequence[Path], Progress, CancelToken], Index]
    read: Callable[[SeriesItem, Allocate, Progress, CancelToken], Loaded]
    frames: Callable[[SeriesItem, int, int, Allocate, Progress, CancelToken], Video] | None = None


def ordered_readers(readers: Iterable[Reader]) -> tuple[Reader, ...]:
    """Return readers as a tuple.

    Raises
    ------
    ValueError
        If an id stands there twice.
    """
    listed = tuple(readers)
    ids = [reader.id for reader in listed]
    if len(set(ids)) != len(ids):
        raise ValueError(f"each reader needs an id of its own, not {ids}")
    return listed


#: The first reader that accepts a file gets it.
READERS: tuple[Reader, ...] = ordered_readers(
    (
        Reader(
            "dicom",
            "DICOM series",
            dicom.can_read,
            dicom.index_files,
            dicom.read_item,
            dicom_cine.read_cine_frames,
        ),
        Reader("nifti", "NIfTI volume", nifti.can_read, nifti.index_files, nifti.read_volume),
        Reader("tiff", "TIFF image", tiff.can_read, tiff.index_files, tiff.read_volume),
        Reader("raster", "Pictures", raster.can_read, raster.index_files, raster.read_volume),
        Reader(
            "video", "Video", video.can_read, video.index_files, video.read_video, video.read_frames
        ),
    )
)


def index_paths(paths: Sequence[Path], progress: Progress, token: CancelToken) -> Index:
    """Find the series in files and folders; headers only.

    Every file found is in exactly one place. Files that belong to no series go to the series whose
    names they share, else to the first item, or to the index itself where there is no item. The
    order of the items is that of their paths, numbers counted, then of their series numbers.

    Raises
    ------
    ReadError
        If a path does not exist.
    JobCancelled
        If the token says so.
    """
    found = find_files(paths, progress, token)
    aside = list(found.set_aside)
    by_reader: dict[str, list[Path]] = {reader.id: [] for reader in READERS}
    for number, file in enumerate(found.files):
        token.raise_if_cancelled()
        progress.report(0.2 * number / len(found.files), "Looking at files")
        try:
            with file.open("rb") as stream:
                head = stream.read(HEAD_BYTES)
        except OSError as error:
            aside.append(SetAside(str(file), f"cannot be read ({error.strerror})"))
            continue
        reader = next((r for r in READERS if r.can_read(file, head)), None)
        if reader is None:
            aside.append(SetAside(str(file), f"{describe(head)}, which holds no scan"))
        else:
            by_reader[reader.id].append(file)
    items: list[SeriesItem] = []
    done = 0
    for reader in READERS:
        files = by_reader[reader.id]
        if not files:
            continue
        share = 0.8 / len(found.files)
        span = Span(progress, 0.2 + done * share, 0.2 + (done + len(files)) * share)
        index = reader.index(files, span, token)
        items.extend(index.items)
        aside.extend(index.set_aside)
        done += len(files)
    items.sort(key=lambda item: natural_key(item.path))
    # Bare voxels have no kind of their own until a header names them.
    used = {name for item in items for name in item.files}
    aside = [entry for entry in aside if entry.file not in used]
    aside.sort(key=lambda entry: natural_key(entry.file))
    progress.report(1.0, "Looked at all files")
    if not items:
        return Index((), tuple(aside))
    return Index(settle(items, aside))


def read_item(
    item: SeriesItem, allocate: Allocate, progress: Progress, token: CancelToken
) -> Loaded:
    """Read the voxels of one series into the array that `allocate` gives.

    `allocate` is called once, with the final shape and dtype, after the size was held against the
    files; the volume holds that very array. In the ledger, found = files + set aside of the item.

    Raises
    ------
    CorruptFileError, InconsistentSeriesError, UnsupportedFormatError
        If no volume can be made of the files.
    JobCancelled
        If the token says so.
    """
    token.raise_if_cancelled()
    loaded = _reader_of(item).read(item, allocate, progress, token)
    return replace(loaded, warnings=(*item.warnings, *loaded.warnings))


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
    CorruptFileError, UnsupportedFormatError
        If there are no such frames.
    JobCancelled
        If the token says so.
    """
    token.raise_if_cancelled()
    reader = _reader_of(item)
    if reader.frames is None or item.kind != "video":
        raise UnsupportedFormatError("The file holds a volume, not frames in time.", path=item.path)
    return reader.frames(item, start, count, allocate, progress, token)


def _reader_of(item: SeriesItem) -> Reader:
    reader = next((r for r in READERS if r.id == item.reader), None)
    if reader is None:
        raise UnsupportedFormatError(
            f"No reader is called {item.reader!r}.",
            remedy="Open the file again.",
            path=item.path,
        )
    return reader
