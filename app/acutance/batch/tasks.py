"""What a batch can do with a series: one entry for each task, and nothing else knows them by name.

A task reads the series that was loaded, asks the runner for work, may write files, and returns the
fields it adds to the JSON object of the series. To add one, write its `run` and list it in `TASKS`.
"""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from acutance.core.backends import REFERENCE
from acutance.core.iqm import DEFINITIONS_VERSION, IqmRequest, IqmResult
from acutance.core.ledger import LoadedVideo
from acutance.core.restoration import DENOISE, RestorationRequest, RestorationResult
from acutance.core.segmentation import BRAIN, MODELS, SegmentationRequest, SegmentationResult
from acutance.core.upscaling import NETWORK_SCALE
from acutance.errors import UnsupportedInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from acutance.core.ledger import Loaded
    from acutance.jobs.job import Job
    from acutance.jobs.runner import Runner

#: How the ids of networks of the catalogue that enlarge videos end.
_ENLARGING_ID = "_vsr"


@dataclass(frozen=True)
class TaskOptions:
    """What the tasks are told beside the series.

    Parameters
    ----------
    segment_model : str
        "brain", "nuclei", or a safetensors file of a segmentation network.
    segment_recurrence : int or None
        Steps of recurrence of that file, where the network has some.
    restore_task : str
        What is restored: "denoise", "motion" or "artifacts".
    restore_weights : str
        A safetensors file in place of the network for it; empty for that one.
    upscale_scale : int
        4 or 2.
    upscale_weights : str
        A safetensors file of a network that enlarges videos; empty for the shipped one.
    """

    segment_model: str = BRAIN
    segment_recurrence: int | None = None
    restore_task: str = DENOISE
    restore_weights: str = ""
    upscale_scale: int = NETWORK_SCALE
    upscale_weights: str = ""

    def __post_init__(self) -> None:
        """Make paths of files absolute: children and other machines have their own place."""
        if self.segment_model not in MODELS:
            object.__setattr__(self, "segment_model", str(Path(self.segment_model).absolute()))
        for name in ("restore_weights", "upscale_weights"):
            if path := getattr(self, name):
                object.__setattr__(self, name, str(Path(path).absolute()))


class Awaited(Protocol):
    """What a task waits for: a job, or work of many jobs."""

    def value(self) -> Any:
        """Wait, and return the answer or raise the fault."""

    def cancel(self) -> None:
        """End it soon; from any thread."""


@dataclass(frozen=True)
class TaskRun:
    """One task at work on one series.

    Parameters
    ----------
    loaded : LoadedSeries or LoadedVideo
    runner : Runner
    wait : callable
        Gives the value of a job, or of work of many jobs.
    options : TaskOptions
    plane : str
    folder : Path or None
        Where files go; None where nothing is written.
    name : str
        What their names begin with; no other series has it.
    """

    loaded: Loaded
    runner: Runner
    wait: Callable[[Awaited], Any]
    options: TaskOptions
    plane: str
    folder: Path | None
    name: str


@dataclass(frozen=True)
class Task:
    """One task.

    Parameters
    ----------
    id : str
        As it is typed.
    title : str
        What the window calls it.
    seconds : tuple of float
        For a series, and for each MiB of a volume's files: a rough guess at two CPU cores, only
        for the plan.
    room : float
        Bytes of files for each byte of a volume, at most, roughly.
    run : callable or None
        Does the task and returns the fields it adds; None for scoring, which `work` does.
    parameters : callable
        Gives what its results depend on beside input, version and what scoring depends on.
    missing : callable
        Gives why the task cannot be done here at all, and the remedy; empty where it can.
    video_seconds, video_room : float
        For each MiB of a video, and bytes for each byte of it. Most tasks only read its header.
    """

    id: str
    title: str
    seconds: tuple[float, float]
    room: float
    run: Callable[[TaskRun], dict[str, Any]] | None
    parameters: Callable[[TaskOptions], Mapping[str, Any]]
    missing: Callable[[TaskOptions], tuple[str, str]]
    video_seconds: float = 0.0
    video_room: float = 0.0


def _nothing(_options: TaskOptions) -> dict[str, Any]:
    return {}


def _never(_options: TaskOptions) -> tuple[str, str]:
    return "", ""


def _measure(run: TaskRun) -> dict[str, Any]:
    """Return the metrics that have a formula; of a video, why there are none."""
    names = ("iqms", "reasons", "definitions", "reference")
    if isinstance(run.loaded, LoadedVideo):
        reason = {"iqms": "The metrics are for volumes; this is a video."}
        return dict(zip(names, ({}, reason, {}, None), strict=True))
    job: Job[IqmResult] = run.runner.submit(
        "iqm", IqmRequest(run.loaded.volume), title=run.loaded.item.title
    )
    plain = run.wait(job).to_plain()
    measured = (plain["values"], plain["reasons"], plain["definitions"], None)
    return dict(zip(names, measured, strict=True))


def _segment(run: TaskRun) -> dict[str, Any]:
    """Return what a segmentation says, and write label map, uncertainty and table of regions."""
    from acutance.export import segmentation as export

    if isinstance(run.loaded, LoadedVideo):
        return {"segmentation": {"reason": "A video cannot be segmented.", "files": []}}
    is_file = run.options.segment_model not in MODELS
    request = SegmentationRequest(
        run.loaded.volume,
        model=BRAIN if is_file else run.options.segment_model,
        weights=run.options.segment_model if is_file else "",
        recurrence=run.options.segment_recurrence,
        plane="auto" if run.plane == "all" else run.plane,
        backend=REFERENCE,  # the labels of one batch come from one backend
    )
    job = run.runner.submit("segmentation", request, title=run.loaded.item.title)
    result: SegmentationResult = run.wait(job)
    record = export.segmentation_record(run.loaded, result, seconds=0.0)
    told = {name: record[name] for name in ("model", "device", "parameters")}
    told |= record["segmentation"]
    told.pop("seconds", None)
    written: list[Path] = []
    if run.folder is not None:
        sources = tuple(map(Path, run.loaded.item.files))
        stem = run.folder / f"{run.name}-segmentation"
        written += export.write_nifti(
            run.loaded, result, stem.with_name(f"{stem.name}.nii.gz"), sources
        )
        written += export.write_csv(result, stem.with_name(f"{stem.name}.csv"), sources)
    return {"segmentation": told | {"files": sorted(path.name for path in written)}}


def _restore(run: TaskRun) -> dict[str, Any]:
    """Return what a restoration says, and write its faithful end with a sidecar."""
    from acutance.export import restoration as export

    if isinstance(run.loaded, LoadedVideo):
        return {"restoration": {"reason": "A video cannot be restored.", "files": []}}
    request = RestorationRequest(
        run.loaded.volume,
        task=run.options.restore_task,
        weights=run.options.restore_weights,
        plane="auto" if run.plane == "all" else run.plane,
    )
    job = run.runner.submit("restoration", request, title=run.loaded.item.title)
    result: RestorationResult = run.wait(job)
    record = export.restoration_record(run.loaded, result, 1.0, seconds=0.0)
    told = {name: record[name] for name in ("model", "device", "parameters")}
    told |= record["restoration"]
    told.pop("seconds", None)
    written: list[Path] = []
    if run.folder is not None:
        sources = tuple(map(Path, run.loaded.item.files))
        target = run.folder / f"{run.name}-restored.nii.gz"
        beside = {"software": record["software"], "restoration": told}
        written = export.write_nifti(run.loaded, result, 1.0, beside, target, sources)
    return {"restoration": told | {"files": sorted(path.name for path in written)}}


def _restore_parameters(options: TaskOptions) -> dict[str, Any]:
    if not options.restore_weights:
        return {"restore": [options.restore_task]}
    return {"restore": [options.restore_task, _sha256(options.restore_weights)]}


def _restore_missing(options: TaskOptions) -> tuple[str, str]:
    from acutance_models.catalogue import list_descriptors

    ends = {d.id.rpartition("_")[2] for d in list_descriptors()}
    if options.restore_weights or options.restore_task in ends:
        return "", ""
    return (
        f"This copy of Acutance carries no weights to restore with ({options.restore_task}).",
        "Name an image-to-image network as safetensors: --restore-model FILE.",
    )


def _segment_parameters(options: TaskOptions) -> dict[str, Any]:
    told = [options.segment_model, str(options.segment_recurrence or "")]
    if options.segment_model not in MODELS:
        told = ["file", told[1], _sha256(options.segment_model)]
    return {"segment_model": told}


def _upscale(run: TaskRun) -> dict[str, Any]:
    from acutance.batch.enlarging import enlarge

    return enlarge(run)


def _upscale_missing(options: TaskOptions) -> tuple[str, str]:
    from acutance_models.catalogue import list_descriptors

    if importlib.util.find_spec("av") is None:
        return (
            "Videos cannot be enlarged without PyAV, which is not installed.",
            "Install the extra: pip install 'acutance[video]'.",
        )
    known = any(d.id.endswith(_ENLARGING_ID) for d in list_descriptors())
    if options.upscale_weights or known:
        return "", ""
    return (
        "This copy of Acutance carries no weights to enlarge videos with.",
        "Name a network that enlarges videos as safetensors: --upscale-model FILE, or in the "
        "window the weights for the task.",
    )


def _upscale_parameters(options: TaskOptions) -> dict[str, Any]:
    weights = options.upscale_weights
    return {"upscale": [options.upscale_scale, _sha256(weights) if weights else ""]}


def _sha256(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _segment_missing(options: TaskOptions) -> tuple[str, str]:
    from acutance_models.catalogue import list_descriptors

    model = options.segment_model
    known = [d.id for d in list_descriptors() if d.task == "segmentation"]
    if model not in MODELS or any(model in (id, id.rpartition("_")[2]) for id in known):
        return "", ""
    return (
        f"This copy of Acutance carries no weights to segment with (model {model!r}).",
        "Name a segmentation network as safetensors: --segment-model FILE, or in the window the "
        "weights for the task.",
    )


#: In the order in which they are done.
TASKS: tuple[Task, ...] = (
    Task("score", "Score: predicted SSIM and verdict", (1.0, 0.35), 0.0, None, _nothing, _never),
    Task(
        "iqm",
        "Metrics that have a formula",
        (0.3, 0.6),
        0.0,
        _measure,
        lambda _: {"definitions": DEFINITIONS_VERSION},
        _never,
    ),
    Task(
        "segment",
        "Segment: label maps and volumes",
        (2.0, 4.0),
        1.5,
        _segment,
        _segment_parameters,
        _segment_missing,
    ),
    Task(
        "restore",
        "Restore: a volume with less noise",
        (2.0, 6.0),
        4.0,
        _restore,
        _restore_parameters,
        _restore_missing,
    ),
    Task(
        "upscale",
        "Upscale: videos with more pixels",
        (0.5, 0.0),
        0.0,
        _upscale,
        _upscale_parameters,
        _upscale_missing,
        video_seconds=900.0,
        video_room=32.0,
    ),
)
BY_ID = {task.id: task for task in TASKS}


def only_for_volumes(tasks: tuple[str, ...]) -> bool:
    """Whether none of some tasks says anything of a video."""
    return not {"score", "upscale"} & set(tasks)


def only_for_videos(tasks: tuple[str, ...]) -> bool:
    """Whether none of some tasks says anything of a volume."""
    return set(tasks) == {"upscale"}


def refuse_missing(tasks: tuple[str, ...], options: TaskOptions) -> None:
    """Raise where a task cannot be done here at all, before any work begins.

    Raises
    ------
    UnsupportedInputError
        If a network it needs is not installed.
    """
    for id in tasks:
        message, remedy = BY_ID[id].missing(options)
        if message:
            raise UnsupportedInputError(message, remedy=remedy)
