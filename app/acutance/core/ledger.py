"""What a load found, used and set aside, and what may make its numbers wrong."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acutance.core.video import VideoSource
    from acutance.core.volume import Volume


@dataclass(frozen=True)
class SetAside:
    """A file that was found and not used.

    Parameters
    ----------
    file : str
        Its path.
    reason : str
        Why, in one sentence a radiographer understands.
    may_be_lost : bool
        Whether the file may be a part of a series that was lost, as far as its content tells;
        looked at while files are placed, not kept.
    """

    file: str
    reason: str
    may_be_lost: bool = field(default=True, compare=False, repr=False)


@dataclass(frozen=True)
class Ledger:
    """The account of a load: found = used + set aside, always.

    Raises
    ------
    ValueError
        If the sum does not hold.
    """

    found: int
    used: int
    set_aside: tuple[SetAside, ...] = ()

    def __post_init__(self) -> None:
        """Check the sum."""
        if self.used < 0 or self.found != self.used + len(self.set_aside):
            raise ValueError(
                f"ledger does not add up: {self.found} found, {self.used} used, "
                f"{len(self.set_aside)} set aside"
            )

    def to_plain(self) -> dict[str, Any]:
        """Return the ledger as JSON-ready values."""
        return {
            "found": self.found,
            "used": self.used,
            "set_aside": [{"file": s.file, "reason": s.reason} for s in self.set_aside],
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Ledger:
        """Rebuild a ledger; checks the sum again."""
        aside = tuple(SetAside(str(s["file"]), str(s["reason"])) for s in plain["set_aside"])
        return cls(int(plain["found"]), int(plain["used"]), aside)


@dataclass(frozen=True)
class LoadWarning:
    """Something that may make a number wrong.

    Parameters
    ----------
    name : str
        Machine name, snake_case, such as "missing_slices".
    message : str
        What it is and what it means for the numbers.
    files : tuple of str
        The files concerned; empty for the whole series.
    """

    name: str
    message: str
    files: tuple[str, ...] = ()

    def to_plain(self) -> dict[str, Any]:
        """Return the warning as JSON-ready values."""
        return {"name": self.name, "message": self.message, "files": list(self.files)}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> LoadWarning:
        """Rebuild a warning."""
        return cls(str(plain["name"]), str(plain["message"]), tuple(map(str, plain["files"])))


#: Name of the warning on a series that was read before the search for its files had ended.
PARTIAL_SEARCH = "partial_search"


@dataclass(frozen=True)
class ExtraAxis:
    """An axis of a file beyond the three of space: what it is, the user says, not the program.

    Parameters
    ----------
    name : str
        What the file calls it, such as "time" or "dimension 5".
    size : int
        Number of volumes along it.
    """

    name: str
    size: int


@dataclass(frozen=True)
class SeriesItem:
    """A series that an index pass found and that can be read; headers only, no pixels.

    Parameters
    ----------
    reader : str
        Id of the reader in `acutance.io.readers.READERS`.
    path : str
        The file, or the folder, that names the series to the user.
    files : tuple of str
        Files the series is made of, in no particular order.
    key : str
        What tells this series from others in the same files (hashed, no identity); may be empty.
    title : str
        Series name without personal data, for lists.
    modality : str
        DICOM modality code or "".
    set_aside : tuple of SetAside
        Files accounted to this series that are already known not to be used.
    kind : str
        "volume" or "video".
    part : str
        Which part of its files this item is, in the words of its reader; empty for all of them.
    extra_axes : tuple of ExtraAxis
        Axes of which one position is read at a time.
    selection : tuple of int
        The position along each of them, from 0; empty for the first.
    mounts : tuple of (str, str)
        Where files of an archive were unpacked to, and how the user knows that place:
        ("/tmp/x/0", "/data/scan.zip"). Names are told with the second.
    warnings : tuple of LoadWarning
        What the files around it say against it; the read hands them on with its own.
    is_partial : bool
        Whether files were still being looked for when this was found; more may belong to it.
    file_bytes : int
        Size of the files, together.
    """

    reader: str
    path: str
    files: tuple[str, ...]
    key: str = ""
    title: str = ""
    modality: str = ""
    set_aside: tuple[SetAside, ...] = ()
    kind: str = "volume"
    part: str = ""
    extra_axes: tuple[ExtraAxis, ...] = ()
    selection: tuple[int, ...] = ()
    mounts: tuple[tuple[str, str], ...] = ()
    warnings: tuple[LoadWarning, ...] = ()
    is_partial: bool = False
    file_bytes: int = 0

    def select(self, selection: Sequence[int]) -> SeriesItem:
        """Return the same series at another position along its extra axes.

        Raises
        ------
        ValueError
            If there is no such position; the message says what there is.
        """
        wanted = tuple(map(int, selection))
        sizes = [axis.size for axis in self.extra_axes]
        if len(wanted) != len(sizes) or any(
            not 0 <= n < size for n, size in zip(wanted, sizes, strict=True)
        ):
            there = ", ".join(f"{axis.name} 0 to {axis.size - 1}" for axis in self.extra_axes)
            raise ValueError(f"{wanted} is no position along {there or 'no further axis'}")
        return replace(self, selection=wanted)

    @property
    def position(self) -> tuple[int, ...]:
        """The position along each extra axis that is read."""
        return self.selection or (0,) * len(self.extra_axes)

    def to_plain(self) -> dict[str, Any]:
        """Return the item as JSON-ready values."""
        return {
            "reader": self.reader,
            "path": self.path,
            "files": list(self.files),
            "key": self.key,
            "title": self.title,
            "modality": self.modality,
            "set_aside": [{"file": s.file, "reason": s.reason} for s in self.set_aside],
            "kind": self.kind,
            "part": self.part,
            "extra_axes": [[axis.name, axis.size] for axis in self.extra_axes],
            "selection": list(self.selection),
            "mounts": [list(mount) for mount in self.mounts],
            "warnings": [warning.to_plain() for warning in self.warnings],
            "is_partial": self.is_partial,
            "file_bytes": self.file_bytes,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> SeriesItem:
        """Rebuild an item.

        Raises
        ------
        ValueError
            If it is neither a volume nor a video.
        """
        if plain["kind"] not in ("volume", "video"):
            raise ValueError("an item is a volume or a video")
        return cls(
            str(plain["reader"]),
            str(plain["path"]),
            tuple(map(str, plain["files"])),
            str(plain["key"]),
            str(plain["title"]),
            str(plain["modality"]),
            tuple(SetAside(str(s["file"]), str(s["reason"])) for s in plain["set_aside"]),
            kind=str(plain["kind"]),
            part=str(plain["part"]),
            extra_axes=tuple(ExtraAxis(str(n), int(size)) for n, size in plain["extra_axes"]),
            selection=tuple(map(int, plain["selection"])),
            mounts=tuple((str(a), str(b)) for a, b in plain["mounts"]),
            warnings=tuple(LoadWarning.from_plain(w) for w in plain["warnings"]),
            is_partial=bool(plain["is_partial"]),
            file_bytes=int(plain["file_bytes"]),
        )


@dataclass(frozen=True)
class Index:
    """The answer of an index pass over files and folders.

    Every file found is in exactly one place: `files` or `set_aside` of one item, or, when no
    series was found at all, in `set_aside` here. Only items with a `part` share files: each is
    another volume of them.
    """

    items: tuple[SeriesItem, ...]
    set_aside: tuple[SetAside, ...] = ()

    def to_plain(self) -> dict[str, Any]:
        """Return the index as JSON-ready values."""
        return {
            "items": [item.to_plain() for item in self.items],
            "set_aside": [{"file": s.file, "reason": s.reason} for s in self.set_aside],
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Index:
        """Rebuild an index."""
        return cls(
            tuple(SeriesItem.from_plain(item) for item in plain["items"]),
            tuple(SetAside(str(s["file"]), str(s["reason"])) for s in plain["set_aside"]),
        )


@dataclass(frozen=True)
class LoadedSeries:
    """A series with its voxels, its ledger, and what the user must know.

    Parameters
    ----------
    item : SeriesItem
        What was asked for.
    volume : Volume
    ledger : Ledger
    warnings : tuple of LoadWarning
        Things that may make a number wrong.
    notes : tuple of str
        Remarks (units not stated, single slice).
    """

    item: SeriesItem
    volume: Volume
    ledger: Ledger
    warnings: tuple[LoadWarning, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """The file or folder that names the series."""
        return Path(self.item.path)


@dataclass(frozen=True)
class LoadedVideo:
    """A video that was opened, its ledger, and what the user must know.

    Parameters
    ----------
    item : SeriesItem
        What was asked for.
    video : VideoSource
        Times and sizes; frames are read on demand.
    ledger : Ledger
    warnings : tuple of LoadWarning
        Things that may make a number wrong.
    notes : tuple of str
        Remarks (frame rate assumed, decoded in part).
    """

    item: SeriesItem
    video: VideoSource
    ledger: Ledger
    warnings: tuple[LoadWarning, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """The file that names the video."""
        return Path(self.item.path)


Loaded = LoadedSeries | LoadedVideo
