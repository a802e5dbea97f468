"""What readers of one file, one volume do alike: the position chosen, the account, the answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from acutance.core.ledger import ExtraAxis, Index, Ledger, LoadedSeries, SeriesItem, SetAside
from acutance.errors import CorruptFileError, ReadError, UnsupportedFormatError
from acutance.io._protocols import clean_text
from acutance.io.known_names import known_name, unpacked_beside
from acutance.io.values import check_values, size_words
from acutance.io.voxels import REMEDY_COPY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from acutance.core.ledger import LoadWarning
    from acutance.core.volume import Volume
    from acutance.io._protocols import CancelToken, Progress

_DICOM_SUFFIXES = (".dcm", ".dicom", ".dic", ".ima")


def index_each(
    files: Sequence[Path],
    make_item: Callable[[Path], SeriesItem],
    words: str,
    progress: Progress,
    token: CancelToken,
) -> Index:
    """Return one item per file that has one; the others are set aside with the reason.

    Parameters
    ----------
    make_item : callable
        Reads the header of a file; raises `ReadError` where it is none.
    words : str
        For the progress, such as "Reading NIfTI headers".
    """
    items: list[SeriesItem] = []
    aside: list[SetAside] = []
    for number, file in enumerate(files):
        token.raise_if_cancelled()
        progress.report(number / len(files), words)
        try:
            items.append(make_item(file))
        except ReadError as error:
            aside.append(refused(file, error))
    return Index(tuple(items), tuple(aside))


def refused(file: Path, error: ReadError) -> SetAside:
    """Return the entry of the ledger for a file that cannot be read: cause and remedy."""
    return SetAside(str(file), f"{error.message} {error.remedy}".strip())


def check_name(path: Path, kind: str) -> None:
    """Refuse a picture that its name passes off as DICOM: its place in a series is lost.

    Raises
    ------
    UnsupportedFormatError
        If it does.
    """
    if path.suffix.lower() in _DICOM_SUFFIXES:
        raise UnsupportedFormatError(
            f"{kind} picture, though its name says DICOM.",
            remedy="Rename it to open it as a picture.",
            path=path,
        )


def chosen_position(item: SeriesItem, axes: tuple[ExtraAxis, ...], path: Path) -> tuple[int, ...]:
    """Return the position of an item along the axes that its file has now.

    Raises
    ------
    CorruptFileError
        If the file has other axes than when it was indexed.
    """
    if item.extra_axes != axes:
        raise CorruptFileError(
            "The file has changed since it was looked at.", remedy="Open it again.", path=path
        )
    return item.position


def position_notes(item: SeriesItem) -> list[str]:
    """Return the remark that tells which of several volumes was read."""
    if not item.extra_axes:
        return []
    where = ", ".join(
        f"{axis.name} {position} of 0 to {axis.size - 1}"
        for axis, position in zip(item.extra_axes, item.position, strict=True)
    )
    return [f"read at {where}; choose with --select or above the images"]


def check_size(claimed: int, available: int, volume_bytes: int, limit: int, path: Path) -> None:
    """Hold what a header claims against what its file can hold, before any array is made.

    Parameters
    ----------
    claimed : int
        Bytes of numbers that the header tells of.
    available : int
        Bytes that the file, inflated at the very best, can hold.
    volume_bytes, limit : int
        Bytes of the volume to be made, and how many it may have.

    Raises
    ------
    CorruptFileError
        If it cannot be.
    """
    if claimed > available:
        raise CorruptFileError(
            f"The header claims {size_words(claimed)} of voxels, the file can hold at most "
            f"{size_words(max(0, available))}.",
            remedy=REMEDY_COPY,
            path=path,
        )
    if volume_bytes > limit:
        raise CorruptFileError(
            f"The volume would need {size_words(volume_bytes)}, the limit is {size_words(limit)}.",
            remedy="Save a part of it as a file of its own.",
            path=path,
        )


def assemble(
    item: SeriesItem, volume: Volume, warnings: Iterable[LoadWarning], notes: Iterable[str]
) -> LoadedSeries:
    """Return the loaded series of an item all of whose files were used; looks at the values."""
    warnings = [*warnings, *check_values(volume.array, volume.slope, volume.intercept)]
    notes = [*position_notes(item), *notes]
    if 1 in volume.shape:
        notes.append("single slice")
    found = len(item.files) + len(item.set_aside)
    ledger = Ledger(found, len(item.files), item.set_aside)
    return LoadedSeries(item, volume, ledger, tuple(warnings), tuple(notes))


def title_of(path: Path, suffixes: Sequence[str], otherwise: str) -> str:
    """Return a series name made of a file name less its suffixes."""
    name = known_name(path).name
    for suffix in suffixes:
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            name = name[: -len(suffix)]
    return clean_text(name) or otherwise


def safe_neighbour(path: Path, name: str) -> Path:
    """Return the file that a header names, which must lie in the folder of the header or below.

    Raises
    ------
    CorruptFileError
        If the name leads elsewhere, or there is no such regular file.
    """
    unpacked = unpacked_beside(path, name)
    if unpacked is not None:
        return unpacked
    folder = path.parent.resolve()
    # A drive or a backslash is a path on another system.
    named = Path(name.replace("\\", "/"))
    target = (folder / named).resolve() if "\x00" not in name and ":" not in name else folder
    if named.is_absolute() or target == folder or folder not in target.parents:
        raise CorruptFileError(
            f"The header names a file outside its folder ({clean_text(name, 80)!r}), which is "
            "never opened.",
            path=path,
        )
    if not target.is_file():
        raise CorruptFileError(
            f"The file with the voxels, {clean_text(name, 80)!r}, is not beside the header.",
            remedy="Put both files into one folder.",
            path=path,
        )
    return path.parent / named
