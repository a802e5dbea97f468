"""The list of readers, and the two passes over files: what is there, and the voxels of one series.

`index_paths` reads headers only and gives every file found one place; `read_item` fills the array
of one series. A new kind of file is a module of this package and a line in `READERS`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from acutance.core.ledger import PARTIAL_SEARCH, Index, Loaded, LoadWarning, SeriesItem
from acutance.errors import JobCancelled, ReadError, UnsupportedFormatError
from acutance.io import dicom, dicom_cine, metaimage, nifti, npy, nrrd, raster, tiff, video
from acutance.io._protocols import Allocate, CancelToken, HearsFinds, Progress, Span
from acutance.io.dicom_directory import expand
from acutance.io.known_names import remember
from acutance.io.mounts import as_known, error_as_known, on_disk
from acutance.io.search import Forward, Search, Teller
from acutance.io.walk import walk_files

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
    look_at : callable, optional
        Reads the header of a file ahead of `index`, and keeps it: the finds of such a reader are
        told while files are still being looked for.
    """

    id: str
    title: str
    can_read: Callable[[Path, bytes], bool]
    index: Callable[[Sequence[Path], Progress, CancelToken], Index]
    read: Callable[[SeriesItem, Allocate, Progress, CancelToken], Loaded]
    frames: Callable[[SeriesItem, int, int, Allocate, Progress, CancelToken], Video] | None = None
    look_at: Callable[[Path], None] | None = None


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


#: Of a series that was read before the search for its files had ended.
PARTIAL_WARNING = LoadWarning(
    PARTIAL_SEARCH,
    "The search for files had not ended; images of this series may be missing.",
)

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
            dicom.look_at,
        ),
        Reader("nifti", "NIfTI volume", nifti.can_read, nifti.index_files, nifti.read_volume),
        Reader("nrrd", "NRRD volume", nrrd.can_read, nrrd.index_files, nrrd.read_volume),
        Reader(
            "metaimage",
            "MetaImage volume",
            metaimage.can_read,
            metaimage.index_files,
            metaimage.read_volume,
        ),
        Reader("tiff", "TIFF image", tiff.can_read, tiff.index_files, tiff.read_volume),
        Reader("npy", "NumPy array", npy.can_read, npy.index_files, npy.read_volume),
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

    An archive is looked into. A DICOMDIR among `paths` stands for the files that it names.

    A progress that is `HearsFinds` is told from time to time what was found so far, as items that
    are partial. After a cancel it is told a last time, with every file that was found and not
    looked at set aside.

    Raises
    ------
    ReadError
        If a path does not exist.
    JobCancelled
        If the token says so.
    """
    search = Search(READERS)
    expanded = expand(paths)
    search.take_note(expanded.set_aside, expanded.warnings)
    tell = Teller(search, progress if isinstance(progress, HearsFinds) else None)
    progress = Forward(progress)
    try:
        for file in walk_files(expanded.paths, search.found, progress, token):
            token.raise_if_cancelled()
            seen, waiting = len(search.found.files), search.found.waiting
            progress.report(0.9 * seen / (seen + waiting), f"Looking at files: {seen}")
            search.look_at(file, progress, token)
            tell.perhaps()
        index = search.index(Span(progress, 0.9, 1.0), token)
    except JobCancelled:
        tell.last()
        raise
    progress.report(1.0, "Looked at all files")
    return index


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
    remember(item.mounts)
    try:
        loaded = _reader_of(item).read(on_disk(item), allocate, progress, token)
    except ReadError as error:
        if item.mounts:
            raise error_as_known(error, item) from error
        raise
    more = (PARTIAL_WARNING,) if item.is_partial else ()
    loaded = replace(loaded, warnings=(*item.warnings, *loaded.warnings, *more))
    return as_known(loaded, item)


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
    try:
        return reader.frames(on_disk(item), start, count, allocate, progress, token)
    except ReadError as error:
        if item.mounts:
            raise error_as_known(error, item) from error
        raise


def _reader_of(item: SeriesItem) -> Reader:
    reader = next((r for r in READERS if r.id == item.reader), None)
    if reader is None:
        raise UnsupportedFormatError(
            f"No reader is called {item.reader!r}.",
            remedy="Open the file again.",
            path=item.path,
        )
    return reader
