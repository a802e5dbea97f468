"""Enlarge a clip chunk by chunk: while one is enlarged, the next is read and the last written."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from acutance import NOT_FOR_DIAGNOSIS, __version__
from acutance.core.clip_export import (
    PACKETS,
    PICTURES,
    RECORD_NAME,
    STORED,
    ChunkWrite,
    ChunkWritten,
    ClipFinish,
    ClipWritten,
)
from acutance.core.upscaling import UpscaleRequest, UpscaleResult, read_range
from acutance.errors import DeviceMemoryError, ExportError, JobCancelled
from acutance.export.atomic import refuse_sources, replacing
from acutance.export.dicom_cine import MAX_PIXEL_BYTES, pixel_bytes, too_large
from acutance.jobs.allocation import available_bytes
from acutance.upscaling.plan import WHOLE, UpscalePlan, Work, opened_work
from acutance.upscaling.source import VIDEO, FrameFeed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from acutance.jobs.job import Job, JobEvent
    from acutance.jobs.runner import Runner

_CHUNK_WRITER = "acutance.export.chunk:write_chunk"
_MUXER = "acutance.upscaling.muxing:finish_clip"
_CINE_WRITER = "acutance.export.dicom_cine:write_cine"
_CHUNK_WRITTEN = "acutance.core.clip_export:ChunkWritten"
_CLIP_WRITTEN = "acutance.core.clip_export:ClipWritten"
#: Bytes of features for each pixel of a whole clip, at the usual 64 channels of float32, and
#: share of the free memory that they may take.
_WHOLE_BYTES, _MEMORY_SHARE = 64 * 4 + 60, 0.6
#: Frames a second are told over about so many of the last seconds.
_PACE_SECONDS = 20.0


@dataclass(frozen=True)
class UpscaleEvent:
    """How far a run is.

    Parameters
    ----------
    done, count : int or float
        Frames that are enlarged, of all.
    rate : float
        Frames a second lately; 0 where nothing is known.
    seconds_left : float or None
    message : str
    """

    done: float
    count: int
    rate: float
    seconds_left: float | None
    message: str

    @property
    def fraction(self) -> float:
        """How far, in [0, 1]."""
        return min(1.0, self.done / self.count)


@dataclass
class UpscaleOutcome:
    """What came of a run.

    Parameters
    ----------
    path : Path
    frames : int
    reused : int
        Of them, those of an earlier run that this one went on with.
    record : dict
        Everything the frames depend on, and how they came about; JSON-ready, without times, so
        that a run that was interrupted gives the same.
    seconds : float
    sound_tracks : int
    damaged : int
        Frames of the source in whose place the one before stands.
    notes : tuple of str
    stages : dict of str to float
        Seconds of each stage of the network.
    """

    path: Path
    frames: int
    reused: int = 0
    record: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    sound_tracks: int = 0
    damaged: int = 0
    notes: tuple[str, ...] = ()
    stages: dict[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Frames a second of those that this run enlarged."""
        made = self.frames - self.reused
        return made / self.seconds if self.seconds > 0 else 0.0


class Upscale:
    """One run over one clip. May be steered from any thread.

    Parameters
    ----------
    runner : Runner
    plan : UpscalePlan
    listener : callable, optional
        Hears every `UpscaleEvent`, on whatever thread.
    resumes : bool
        Go on with the finished chunks of an earlier run.
    """

    def __init__(
        self,
        runner: Runner,
        plan: UpscalePlan,
        *,
        listener: Callable[[UpscaleEvent], None] = lambda _: None,
        resumes: bool = False,
    ) -> None:
        self._runner = runner
        self.plan = plan
        self._listener = listener
        self._resumes = resumes
        self._door = threading.Lock()
        self._going = threading.Event()
        self._going.set()
        self._is_cancelled = False
        self._job: Job[Any] | None = None
        self._pace: list[tuple[float, float]] = []

    # Steering.

    def cancel(self) -> None:
        """End soon; finished chunks stay, and a later run can go on with them."""
        with self._door:
            self._is_cancelled = True
            job = self._job
        self._going.set()
        if job is not None:
            job.cancel()

    def pause(self) -> None:
        """Stop computing soon; the chunk that is under way begins anew afterwards."""
        with self._door:
            self._going.clear()
            job = self._job
        if job is not None:
            job.cancel()

    def go_on(self) -> None:
        """Compute again after a pause."""
        self._going.set()

    @property
    def is_paused(self) -> bool:
        """Whether it waits to go on."""
        return not self._going.is_set()

    # Work.

    def run(self) -> UpscaleOutcome:
        """Do everything; return when the target is there.

        Raises
        ------
        AcutanceError
            If the clip cannot be read, enlarged or written; finished chunks stay.
        JobCancelled
            If it was cancelled.
        """
        check_target(self.plan)
        started = time.monotonic()
        if (found := self._already_there()) is not None:
            return found
        self._check_memory()
        with opened_work(self.plan, resumes=self._resumes, uids=new_uids()) as work:
            records, reused, damaged, stages = self._chunks(work)
            self._tell(self.plan.count, "putting it together")
            record = self._record(records, damaged)
            written = self._finish(work, record)
            work.remove()
        return UpscaleOutcome(
            self.plan.target,
            self.plan.count,
            reused,
            record,
            time.monotonic() - started,
            written.sound_tracks,
            damaged,
            written.notes,
            stages,
        )

    def _chunks(self, work: Work) -> tuple[list[dict[str, Any]], int, int, dict[str, float]]:
        """Make every chunk that is not there; return all records."""
        plan = self.plan
        feed = FrameFeed(self._runner, plan.clip)
        records: list[dict[str, Any]] = []
        writing: _Writing | None = None
        stages: Counter[str] = Counter()
        reused = 0
        try:
            for number, (start, stop) in enumerate(plan.chunks):
                self._check()
                found = work.finished(start)
                if found is not None:
                    records.append(found)
                    reused += stop - start
                    continue
                result = self._enlarge(feed, number, start, stop)
                stages.update(result.stages)
                record = result.to_plain() | {"damaged": feed.damaged}
                for name in ("seconds", "stages"):
                    del record[name]
                feed.damaged = 0
                _check_alike(records, record, plan)
                if writing is not None:
                    writing.finish(work)
                writing = _Writing(start, record, self._write(work, result, start))
                records.append(record)
                self._tell(stop - plan.start, "enlarging")
            if writing is not None:
                writing.finish(work)
        except BaseException:
            if writing is not None:
                writing.settle(work)
            raise
        finally:
            feed.close()
        damaged = sum(int(record["damaged"]) for record in records)
        return records, reused, damaged, dict(stages)

    def _enlarge(self, feed: FrameFeed, number: int, start: int, stop: int) -> UpscaleResult:
        plan = self.plan
        count = plan.clip.video.count
        is_whole = plan.chunk == WHOLE
        first, end = (plan.start, plan.stop) if is_whole else read_range(start, stop, count)
        frames = feed.get(first, end)
        request = UpscaleRequest(
            frames, first, start, stop, plan.settings, plan.range, f"{id(self):x}", is_whole
        )
        following = plan.chunks[number + 1 : number + 2]
        if following:
            feed.read_ahead(*read_range(*following[0], count))

        def listen(job: Job[Any], event: JobEvent) -> None:
            if event.kind == "progress":
                done = start - plan.start + event.fraction * (stop - start)
                self._tell(done, "enlarging")

        while True:
            self._rest(start - plan.start)
            job = self._runner.submit("super_resolution", request, listener=listen)
            with self._door:
                self._job = job
                is_unwanted = self._is_cancelled or not self._going.is_set()
            if is_unwanted:
                job.cancel()
            try:
                result: UpscaleResult = job.value()
            except JobCancelled:
                continue
            finally:
                with self._door:
                    self._job = None
            return result

    def _write(self, work: Work, result: UpscaleResult, start: int) -> Job[ChunkWritten]:
        plan = self.plan
        rate = plan.clip.video.frame_rate or 25.0
        request = ChunkWrite(
            result.array,
            result.first - plan.start,
            plan.kind,
            work.pictures,
            work.part(start),
            plan.look,
            "" if plan.codec is None else plan.codec.id,
            rate,
            max(6, len(str(plan.count))),
        )
        return self._runner.export(
            _CHUNK_WRITER, request, _CHUNK_WRITTEN, title="Writing frames", path=plan.target
        )

    def _finish(self, work: Work, record: dict[str, Any]) -> ClipWritten:
        plan = self.plan
        if plan.kind == PICTURES:
            path = work.pictures / RECORD_NAME
            with replacing(path) as temporary:
                text = json.dumps(record, indent=1, allow_nan=False) + "\n"
                temporary.write_text(text, encoding="utf-8")
            _move_folder(work.pictures, plan.target)
            return ClipWritten(str(plan.target), plan.count)
        video = plan.clip.video
        times = video.times[plan.start : plan.stop] - video.times[plan.start]
        scale = plan.settings.scale
        request = ClipFinish(
            tuple(work.part(start) for start, _ in plan.chunks),
            plan.target,
            plan.clip.files[0],
            plan.clip.kind == VIDEO,
            times,
            video.height * scale,
            video.width * scale,
            video.channels,
            8 * video.dtype.itemsize,
            scale,
            plan.look,
            "" if plan.codec is None else plan.codec.id,
            float(video.facts.get("pixel_aspect", 1.0)),
            f"Enhanced x{scale} by Acutance {__version__}. {NOT_FOR_DIAGNOSIS}.",
            {
                **work.facts,
                "model": record["model"],
                "begin": float(video.times[plan.start]),
                "is_part": plan.count < video.count,
                "start": plan.start,
                "stop": plan.stop,
                "is_signed": video.dtype.kind == "i",
            },
        )
        writer = _MUXER if plan.kind == PACKETS else _CINE_WRITER
        job: Job[ClipWritten] = self._runner.export(
            writer, request, _CLIP_WRITTEN, title="Writing the clip", path=plan.target
        )
        return job.value()

    def _record(self, records: list[dict[str, Any]], damaged: int) -> dict[str, Any]:
        """Return what the folder of pictures keeps, and `--json` prints."""
        plan, video = self.plan, self.plan.clip.video
        return {
            "acutance": __version__,
            "not_for_diagnosis": NOT_FOR_DIAGNOSIS,
            "frames": plan.count,
            "first_frame": plan.start,
            "size": [video.height * plan.settings.scale, video.width * plan.settings.scale],
            "times": [round(float(t), 9) for t in video.times[plan.start : plan.stop]],
            "frame_time_source": video.frame_time_source,
            "model": records[0]["model"],
            "parameters": records[0]["parameters"],
            "chunk": plan.chunk or plan.count,
            "passes": [n for record in records for n in record["passes"]],
            "departures": [n for record in records for n in record["departures"]],
            "fallbacks": [n for record in records for n in record["fallbacks"]],
            "damaged_frames": damaged,
            "marked": plan.marks,
            "warnings": [w.to_plain() for w in plan.clip.warnings],
            "notes": list(plan.clip.notes),
            "plan": plan.to_plain(),
        }

    def _already_there(self) -> UpscaleOutcome | None:
        """Return the outcome of a finished run with the same plan, where this one would go on."""
        if not self._resumes or self.plan.kind != PICTURES:
            return None
        try:
            found = json.loads((self.plan.target / RECORD_NAME).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(found, dict) or found.get("plan") != self.plan.to_plain():
            return None
        return UpscaleOutcome(self.plan.target, self.plan.count, self.plan.count, found)

    def _rest(self, done: int) -> None:
        """Wait while paused."""
        self._check()
        if self.is_paused:
            self._tell(done, "paused")
            self._going.wait()
            self._pace.clear()
            self._check()

    def _check(self) -> None:
        if self._is_cancelled:
            raise JobCancelled

    def _check_memory(self) -> None:
        """Refuse a whole clip that cannot be in memory at once."""
        if self.plan.chunk != WHOLE or self.plan.settings.strength == 0.0:
            return
        _, height, width, channels = self.plan.clip.video.shape
        pixels = self.plan.count * height * width
        scale = self.plan.settings.scale**2 * self.plan.clip.video.dtype.itemsize
        needed = pixels * (_WHOLE_BYTES + 2 * scale * channels)
        if needed > _MEMORY_SHARE * available_bytes():
            raise DeviceMemoryError(
                f"The whole clip at once needs about {needed / 1e9:.1f} GB of memory.",
                remedy="Leave out --chunk 0: chunks need the same memory however long a clip is.",
            )

    def _tell(self, done: float, message: str) -> None:
        now = time.monotonic()
        pace = self._pace
        pace.append((now, done))
        while len(pace) > 2 and now - pace[0][0] > _PACE_SECONDS:
            del pace[0]
        passed, made = now - pace[0][0], done - pace[0][1]
        rate = made / passed if passed > 0 and made > 0 else 0.0
        left = (self.plan.count - done) / rate if rate else None
        self._listener(UpscaleEvent(done, self.plan.count, rate, left, message))


class _Writing:
    """A chunk that is being written while the next one is enlarged."""

    def __init__(self, start: int, record: dict[str, Any], job: Job[ChunkWritten]) -> None:
        self._start, self._record, self._job = start, record, job

    def finish(self, work: Work) -> None:
        """Wait until it is written, then note that it is finished."""
        self._job.value()
        work.finish(self._start, self._record)

    def settle(self, work: Work) -> None:
        """Note it where it was written after all; a fault of its own is not told a second time."""
        self._job.wait()
        if self._job.error is None:
            work.finish(self._start, self._record)


def check_target(plan: UpscalePlan) -> None:
    """Refuse, before any work, a target that could not be written at its end.

    Raises
    ------
    ExportError
        If it is the source, lies in it, or is taken.
    """
    target = plan.target
    refuse_sources(target, plan.clip.files)
    folder = plan.clip.path.resolve()
    if folder.is_dir() and folder in (target.resolve(), *target.resolve().parents):
        raise ExportError(
            "The output lies in the folder that is read.",
            remedy="Choose another folder; what was read is never changed.",
            path=target,
        )
    if plan.kind != PICTURES:
        if target.is_dir():
            raise ExportError("A folder has this name.", remedy="Choose another.", path=target)
        if plan.kind == STORED and cine_bytes(plan) > MAX_PIXEL_BYTES:
            raise too_large(cine_bytes(plan), target)
        return
    if os.path.lexists(target) and not target.is_dir():
        raise ExportError(
            "This is a file; pictures are written to a folder.",
            remedy="Choose another name, or one that ends in .mp4, .mkv, .avi or .dcm.",
            path=target,
        )
    if target.is_dir() and any(target.iterdir()) and not (target / RECORD_NAME).is_file():
        raise ExportError("The folder is not empty.", remedy="Choose a new one.", path=target)


def cine_bytes(plan: UpscalePlan) -> int:
    """Return what the pixels of a DICOM result take."""
    _, height, width, channels = plan.clip.video.shape
    scale, bits = plan.settings.scale, 8 * plan.clip.video.dtype.itemsize
    return pixel_bytes(plan.count, height * scale, width * scale, channels, bits)


def _move_folder(made: Path, target: Path) -> None:
    """Put a finished folder in its place; an earlier result there gives way."""
    if target.is_dir():
        names = {entry.name for entry in target.iterdir()}
        if any(not name.endswith(".png") and name != RECORD_NAME for name in names):
            raise ExportError("The folder is not empty.", remedy="Choose a new one.", path=target)
        for name in sorted(names):
            (target / name).unlink()
        target.rmdir()
    os.replace(made, target)


def _check_alike(records: list[dict[str, Any]], record: dict[str, Any], plan: UpscalePlan) -> None:
    """Refuse to put chunks together that were made in different ways."""
    if not records:
        return
    before, now = records[-1], record
    if any(before[name] != now[name] for name in ("model", "device", "parameters")):
        raise ExportError(
            "What is there of an earlier run was made on another device, with other weights or "
            "another version of torch, or memory ended meanwhile.",
            remedy="Run again without --resume; if memory is short, with a smaller --tile.",
            path=plan.target,
        )


def new_uids() -> list[str]:
    """Return UIDs for a series and an instance, as DICOM PS3.5, B.2 makes them of UUIDs."""
    import uuid

    return [f"2.25.{uuid.uuid4().int}" for _ in range(2)]
