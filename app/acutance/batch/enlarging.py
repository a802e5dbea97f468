"""The task that gives the videos of a batch more pixels."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

from acutance import NOT_FOR_DIAGNOSIS
from acutance.core.ledger import LoadedVideo
from acutance.core.upscaling import UpscaleSettings
from acutance.errors import ExportError, JobCancelled
from acutance.upscaling.plan import has_work, make_plan
from acutance.upscaling.run import Upscale, UpscaleOutcome
from acutance.upscaling.source import clip_of_video, value_ends

if TYPE_CHECKING:
    from pathlib import Path

    from acutance.batch.tasks import TaskRun
    from acutance.jobs.runner import Runner
    from acutance.upscaling.source import Clip


class Enlarging:
    """One video being enlarged into a file, to be waited for and cancelled like a job.

    Parameters
    ----------
    runner : Runner
    clip : Clip
    target : Path
    settings : UpscaleSettings
    """

    def __init__(self, runner: Runner, clip: Clip, target: Path, settings: UpscaleSettings) -> None:
        self._runner = runner
        self._clip = clip
        self._target = target
        self._settings = settings
        self._door = threading.Lock()
        self._is_cancelled = False
        self._run: Upscale | None = None

    def cancel(self) -> None:
        """End soon; chunks that are finished stay for the next run."""
        with self._door:
            self._is_cancelled = True
            run = self._run
        if run is not None:
            run.cancel()

    def value(self) -> UpscaleOutcome:
        """Do everything, going on with what an interrupted batch left.

        Raises
        ------
        AcutanceError
            If the video cannot be read, enlarged or written.
        JobCancelled
            If it was cancelled.
        """
        plan = make_plan(
            self._clip, self._target, self._settings, value_ends(self._runner, self._clip)
        )
        resumes = has_work(plan)
        try:
            return self._begin(Upscale(self._runner, plan, resumes=resumes))
        except ExportError:
            # What is left may be of another device: then all of it is made again. A disk that
            # refuses does so once more.
            if not resumes:
                raise
            return self._begin(Upscale(self._runner, plan))

    def _begin(self, run: Upscale) -> UpscaleOutcome:
        with self._door:
            if self._is_cancelled:
                raise JobCancelled
            self._run = run
        return run.run()


def enlarge(run: TaskRun) -> dict[str, Any]:
    """Return how a video was enlarged, and write it as a file that plays.

    The file holds nothing that names a patient: of DICOM it is a video of the frames, each with
    the mark in its pixels.
    """
    if not isinstance(run.loaded, LoadedVideo):
        return {"upscaling": {"reason": "Only videos are enlarged; this is a volume.", "files": []}}
    if run.folder is None:
        return {"upscaling": {"reason": "There is no folder to write to.", "files": []}}
    settings = UpscaleSettings(run.options.upscale_scale, weights=run.options.upscale_weights)
    target = run.folder / f"{run.name}-x{settings.scale}.mp4"
    clip = clip_of_video(run.loaded)
    outcome: UpscaleOutcome = run.wait(Enlarging(run.runner, clip, target, settings))
    record = outcome.record
    told = {
        name: record[name]
        for name in ("frames", "size", "model", "parameters", "fallbacks", "damaged_frames")
    }
    told["cleaned"] = {str(n): count for n, count in sorted(Counter(record["passes"]).items())}
    told["largest_departure"] = max(record["departures"])
    told["is_marked"] = record["marked"]
    told["notes"] = [*record["notes"], *outcome.notes]
    told["note"] = f"{NOT_FOR_DIAGNOSIS}."
    return {"upscaling": told | {"files": [target.name]}}
