"""What a run is to make of a clip, and the folder in which its finished chunks wait.

The folder lies beside the target under a hidden name. A chunk is finished when its record is
there; records are written last, and each file is complete or absent. A run that goes on compares
the plan that lies there with its own, and goes on only where the two are the same.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acutance import __version__
from acutance.core.clip_export import (
    CINE_SUFFIX,
    PACKETS,
    PICTURES,
    STORED,
    VIDEO_SUFFIXES,
    Codec,
    Look,
    codec_for,
)
from acutance.core.frames import is_inverted
from acutance.core.upscaling import JUDGED_FRAMES, UpscaleSettings, ValueRange, value_range
from acutance.errors import ExportError, UnsupportedInputError
from acutance.export.atomic import replacing
from acutance.upscaling.source import CINE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from acutance.upscaling.source import Clip

#: What the enlarged frames of a chunk may take, and how many it has at most.
CHUNK_BYTES, LONGEST_CHUNK = 96 << 20, 32
#: Names a whole clip in the place of a number of frames.
WHOLE = 0
_PLAN, _LOCK = "plan.json", "lock"


@dataclass(frozen=True)
class UpscalePlan:
    """Everything about a run.

    Parameters
    ----------
    clip : Clip
    target : Path
        A file, or the folder of pictures.
    settings : UpscaleSettings
    chunk : int
        Frames of a chunk; `WHOLE` for the whole clip at once.
    range : ValueRange
    codec : Codec or None
        Of a video file.
    start, stop : int
        Frames of the clip that are enlarged.
    marks : bool
        Whether every frame bears the mark in its pixels.
    """

    clip: Clip
    target: Path
    settings: UpscaleSettings
    chunk: int
    range: ValueRange
    codec: Codec | None
    start: int
    stop: int
    marks: bool = False

    @property
    def kind(self) -> str:
        """How the frames of a chunk are kept until all are there."""
        if self.codec is not None:
            return PACKETS
        return STORED if self.target.suffix.lower() == CINE_SUFFIX else PICTURES

    @property
    def count(self) -> int:
        """How many frames are enlarged."""
        return self.stop - self.start

    @property
    def chunks(self) -> list[tuple[int, int]]:
        """First frame and end of each chunk, in numbers of the clip."""
        step = self.chunk or self.count
        return [(n, min(n + step, self.stop)) for n in range(self.start, self.stop, step)]

    @property
    def look(self) -> Look:
        """How values become pixels."""
        mark = f"ENHANCED x{self.settings.scale} - not for diagnosis" if self.marks else ""
        return Look(self.range, is_inverted(self.clip.video), mark)

    @property
    def work(self) -> Path:
        """The folder of the finished chunks."""
        return self.target.with_name(f".{self.target.name}.upscaling")

    def to_plain(self) -> dict[str, Any]:
        """Return what the frames depend on, as JSON-ready values; no name of a file."""
        video = self.clip.video
        return {
            "acutance": __version__,
            "source": source_key(self.clip),
            "frames": list(video.shape),
            "dtype": video.dtype.str,
            "start": self.start,
            "stop": self.stop,
            "chunk": self.chunk,
            "settings": self.settings.to_plain() | _weights_key(self.settings),
            "range": [self.range.low, self.range.high],
            "kind": self.kind,
            "suffix": self.target.suffix.lower() if self.kind != PICTURES else "",
            "codec": "" if self.codec is None else self.codec.id,
            "marks": self.marks,
        }


def make_plan(
    clip: Clip,
    target: Path,
    settings: UpscaleSettings,
    ends: tuple[int, int],
    *,
    chunk: int | None = None,
    codec: str = "",
    start: int = 0,
    stop: int | None = None,
) -> UpscalePlan:
    """Return the plan of a run.

    Parameters
    ----------
    clip : Clip
    target : Path
    settings : UpscaleSettings
    ends : tuple of int
        The least and the greatest stored value.
    chunk : int, optional
        Frames of a chunk; chosen by the size of the frames where it is not given.
    codec : str
        Id in `core.clip_export.CODECS`; of video files.
    start, stop : int, optional
        Frames that are enlarged; all by default.

    Raises
    ------
    ExportError
        If such a file cannot be made of this clip.
    ValueError
        If there are no such frames.
    """
    stop = clip.video.count if stop is None else stop
    if not 0 <= start < stop <= clip.video.count:
        raise ValueError(f"no frames {start} to {stop} of {clip.video.count}")
    suffix = target.suffix.lower()
    chosen: Codec | None = None
    if suffix in VIDEO_SUFFIXES:
        try:
            chosen = codec_for(suffix, codec)
        except ValueError as error:
            text = str(error)
            raise ExportError(f"{text[0].upper()}{text[1:]}.", path=target) from error
    elif codec:
        raise ExportError(
            "A codec goes with a video file.",
            remedy=f"Name a file that ends in {', '.join(VIDEO_SUFFIXES)}.",
            path=target,
        )
    elif suffix == CINE_SUFFIX and clip.kind != CINE:
        raise ExportError(
            "A DICOM file takes patient and study from a DICOM file of frames; this is none.",
            remedy=f"Name a file that ends in {', '.join(VIDEO_SUFFIXES)}, or a folder.",
            path=target,
        )
    values = value_range(clip.video, *ends, None)
    length = default_chunk(clip, settings.scale) if chunk is None else chunk
    return UpscalePlan(
        clip, target, settings, length, values, chosen, start, stop, marks=clip.is_medical
    )


def default_chunk(clip: Clip, scale: int) -> int:
    """Return how many frames a chunk has: as many as fit in `CHUNK_BYTES`, whole judged blocks."""
    _, height, width, channels = clip.video.shape
    frame_bytes = height * width * channels * clip.video.dtype.itemsize * scale**2
    fitting = min(LONGEST_CHUNK, CHUNK_BYTES // frame_bytes) // JUDGED_FRAMES * JUDGED_FRAMES
    return max(JUDGED_FRAMES, fitting)


def source_key(clip: Clip) -> str:
    """Return what tells the source, as it is now, from any other; no path can be read from it.

    Raises
    ------
    UnsupportedInputError
        If it is gone.
    """
    digest = hashlib.sha256()
    for file in clip.files:
        try:
            facts = os.stat(file)
        except OSError as error:
            raise UnsupportedInputError("The source is gone.", path=clip.path) from error
        digest.update(f"{file.name}\0{facts.st_size}\0{facts.st_mtime_ns}\0".encode())
    digest.update(f"{clip.item.key}\0{clip.item.part}\0{clip.item.position}".encode())
    return digest.hexdigest()[:32]


def _weights_key(settings: UpscaleSettings) -> dict[str, Any]:
    """Return the settings with the content of a weights file in the place of its path."""
    if not settings.weights:
        return {}
    try:
        data = Path(settings.weights).read_bytes()
    except OSError as error:
        raise UnsupportedInputError(
            f"The weights cannot be read ({error.strerror}).", path=settings.weights
        ) from error
    return {"weights": hashlib.sha256(data).hexdigest()}


@dataclass
class Work:
    """The folder of a run: its plan, and the records of finished chunks.

    Parameters
    ----------
    plan : UpscalePlan
    facts : dict
        What the plan on the disk holds beside: moment and UIDs of the result.
    """

    plan: UpscalePlan
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self.plan.work

    @property
    def pictures(self) -> Path:
        """Where pictures gather; becomes the target."""
        return self.folder / "pictures"

    def part(self, start: int) -> Path:
        """Return the file of a chunk's packets or values."""
        return self.folder / f"chunk-{start:07d}.part"

    def finished(self, start: int) -> dict[str, Any] | None:
        """Return the record of a chunk, None where it is not finished."""
        path = self._record(start)
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def finish(self, start: int, record: dict[str, Any]) -> None:
        """Note that a chunk is finished."""
        _write_json(self._record(start), record)

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _record(self, start: int) -> Path:
        return self.folder / f"chunk-{start:07d}.json"


def has_work(plan: UpscalePlan) -> bool:
    """Return whether finished chunks of the same plan wait to be gone on with."""
    found = _read_plan(plan.work)
    return found is not None and found.get("plan") == plan.to_plain()


@contextmanager
def opened_work(plan: UpscalePlan, *, resumes: bool, uids: list[str]) -> Iterator[Work]:
    """Give the folder of a run, which nobody else may use meanwhile.

    Parameters
    ----------
    plan : UpscalePlan
    resumes : bool
        Go on with what is there; else it is removed first.
    uids : list of str
        New UIDs for the result; those of an earlier run are kept where it goes on.

    Raises
    ------
    ExportError
        If what is there belongs to another plan, another program uses it, or nothing can be
        written.
    """
    work = Work(plan)
    try:
        work.folder.parent.mkdir(parents=True, exist_ok=True)
        work.folder.mkdir(exist_ok=True)
        with _locked(work.folder / _LOCK, plan):
            if not resumes:
                _empty(work.folder)
            wanted = plan.to_plain()
            found = _read_plan(work.folder)
            if found is not None and found.get("plan") != wanted:
                raise ExportError(
                    "What is there of an earlier run was made of another source or with other "
                    "settings.",
                    remedy="Run again as then, or without --resume to begin anew.",
                    path=plan.target,
                )
            if found is None:
                _empty(work.folder)
                now = datetime.now()
                found = {"plan": wanted, "uids": uids, "moment": now.strftime("%Y%m%d%H%M%S")}
                _write_json(work.folder / _PLAN, found)
            work.facts = {name: found[name] for name in ("uids", "moment")}
            yield work
    except OSError as error:
        raise ExportError(
            f"The result could not be written: {error.strerror or error}.",
            remedy="Choose a folder with room that you may write to.",
            path=plan.target,
        ) from error


@contextmanager
def _locked(path: Path, plan: UpscalePlan) -> Iterator[None]:
    """Hold a lock of the system, which a process that is killed lets go of."""
    with path.open("a+b") as file:
        if not _try_lock(file.fileno()):
            raise ExportError(
                "Another program is enlarging to this place.",
                remedy="Wait for it, or choose another name.",
                path=plan.target,
            )
        yield


def _try_lock(handle: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.name == _LOCK:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _read_plan(folder: Path) -> dict[str, Any] | None:
    try:
        found = json.loads((folder / _PLAN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and {"plan", "uids", "moment"} <= set(found) else None


def _write_json(path: Path, value: dict[str, Any]) -> None:
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(value, allow_nan=False), encoding="utf-8")
