"""Work of `acutance score`, `iqm`, `info` and `convert`: index, read, compute, write."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TextIO

from acutance import NOT_FOR_DIAGNOSIS, explain_commands
from acutance.batch.work import Work, work_on
from acutance.core.iqm import IqmRequest, IqmResult
from acutance.core.ledger import LoadedSeries, LoadedVideo, LoadWarning
from acutance.core.quality import SHIPPED, QualityResult, Verdict
from acutance.core.scoring import ScoringPolicy
from acutance.errors import AcutanceError, ExportError, ReadError, UnsupportedInputError
from acutance.export.record import (
    iqm_record,
    series_record,
    values_statistics,
    volume_statistics,
)
from acutance.jobs.runner import Runner
from acutance.telling import (
    MESSAGE_LIMIT,
    Tally,
    complain,
    existing,
    named,
    open_json,
    printable,
    report_rejections,
    wanted,
    write_line,
)

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from acutance.core.ledger import Loaded, SeriesItem
    from acutance.core.video import Video
    from acutance.export.record import Statistics
    from acutance.score_export import ScoreExport
    from acutance.telling import TakesLines

#: Frames of a video are read in parts of at most this size.
PART_BYTES = 64 * 1024**2
VERDICT_WORDS: dict[str, str] = {
    Verdict.USABLE: "usable",
    Verdict.CHECK: "check",
    Verdict.REPEAT: "repeat advised",
    Verdict.NOT_ASSESSED: "not assessed",
}


def run_series_command(arguments: argparse.Namespace) -> int:
    """Run `score`, `iqm`, `info` or `convert` and return the exit code.

    Every series ends in one JSON line, one line for the reader, or one message on standard
    error; one bad series is never the end of the others.
    """
    scoring = arguments.command == "score"
    tally = Tally()
    paths = existing(arguments.paths, tally)
    if not paths:
        return tally.exit_code()
    with ExitStack() as stack:
        lines = stack.enter_context(open_json(arguments.json))
        runner = stack.enter_context(Runner(device=getattr(arguments, "device", "cpu")))
        if scoring:
            runner.warm_up("engine")
        try:
            policy = scoring_policy(arguments) if scoring else None
            path = getattr(arguments, "reference", None)
            reference = None if path is None else read_one(runner, path, role="reference")
            index = runner.index(paths).value()
        except AcutanceError as error:
            complain(error)
            return 1
        report_rejections(index, paths, tally)
        export = _export(arguments, runner)
        for number, item in enumerate(wanted(index, arguments.select, tally), start=1):
            try:
                if arguments.command == "iqm":
                    _measure(item, runner, arguments, lines, reference)
                    tally.done += 1
                else:
                    one_series(item, number, runner, arguments, lines, tally, policy, export)
            except AcutanceError as error:
                tally.fail(named(error, item))
        if export is not None:
            _finish(export, arguments, tally)
    return tally.exit_code(getattr(arguments, "fail_on", None))


def one_series(
    item: SeriesItem,
    number: int,
    runner: Runner,
    arguments: argparse.Namespace,
    lines: TakesLines | None,
    tally: Tally,
    policy: ScoringPolicy | None,
    export: ScoreExport | None,
) -> None:
    """Read one series, score or convert it where asked, write and print what came of it.

    Raises
    ------
    AcutanceError
        If any of it cannot be done; the tally counts only what was.
    """
    started = time.monotonic()
    if policy is not None:
        work = Work(item, ("score",), arguments.plane, policy)
        loaded, result, record = work_on(work, runner)
    else:
        loaded, result = runner.read(item).value(), None
        seconds = time.monotonic() - started
        stats: Statistics | None = None
        if getattr(arguments, "stats", False):
            loaded, stats = _statistics(loaded, runner)
        record = series_record(loaded, result, seconds=seconds)
        if stats is not None:
            record["stats"] = stats
    explained, fault = explain_commands.explain_worst(loaded, result, policy, arguments, runner)
    if explained is not None:
        record["explanations"] = explained.to_plain()
    written = _convert(loaded, record, number, arguments) if arguments.command == "convert" else []
    write_line(lines, record)
    if arguments.json != "-":
        told = explain_commands.summary(explained)
        print(_summary(loaded, result, record.get("stats"), told))
    if result is not None:
        tally.verdicts.add(result.verdict)
    refused: list[AcutanceError] = []
    if result is not None and export is not None:
        written, refused = export.series(loaded, result, record, explained)
    if written and arguments.json != "-":
        print(printable("  written: " + ", ".join(str(path) for path in written)))
        if any(path.suffix == ".dcm" for path in written):
            print("  The structured report names the patient: it belongs to the study.")
    refused += [] if fault is None else [fault]
    if refused:
        raise refused[0]
    tally.done += 1


def scoring_policy(arguments: argparse.Namespace) -> ScoringPolicy:
    """Return how series are scored: by the site file that holds and the weights that were named.

    Raises
    ------
    SiteFileError, CalibrationError
        If site file or calibration cannot be used; nothing is then scored by other thresholds.
    """
    from acutance.export.calibration_store import CalibrationStore
    from acutance.io.site import load_site

    weights = "" if arguments.weights is None else str(arguments.weights)
    return ScoringPolicy(
        load_site(arguments.site),
        weights=weights,
        recurrence=arguments.t,
        calibration=CalibrationStore().in_force(),
        backend=arguments.backend,
    )


def _export(arguments: argparse.Namespace, runner: Runner) -> ScoreExport | None:
    if arguments.command != "score" or arguments.output is None:
        return None
    from acutance.score_export import ScoreExport

    return ScoreExport(arguments.output, arguments.export, runner)


def _finish(export: ScoreExport, arguments: argparse.Namespace, tally: Tally) -> None:
    try:
        written = export.finish()
    except AcutanceError as error:
        tally.fail(error)
        return
    if written and arguments.json != "-":
        print(printable("written: " + ", ".join(str(path) for path in written)))


def read_one(runner: Runner, path: Path, *, role: str) -> LoadedSeries:
    """Return the one volume of a path, named by its role where that fails.

    Raises
    ------
    ReadError
        If there is none there, or more than one series.
    """
    remedy = "Name one file or folder that holds one series."
    if not os.path.lexists(path):
        raise ReadError("There is no such file or folder.", remedy="Check the path.", path=path)
    index = runner.index([path]).value()
    if len(index.items) != 1:
        why = f": {index.set_aside[0].reason}" if index.set_aside else ""
        raise ReadError(
            f"The {role} must hold one series, it holds {len(index.items)}{why}.",
            remedy=remedy,
            path=path,
        )
    loaded = runner.read(index.items[0]).value()
    if isinstance(loaded, LoadedVideo):
        raise ReadError(f"The {role} is a video.", remedy=remedy, path=path)
    return loaded


def _measure(
    item: SeriesItem,
    runner: Runner,
    arguments: argparse.Namespace,
    lines: TextIO | None,
    reference: LoadedSeries | None,
) -> None:
    from acutance.segment_commands import find_tissues

    started = time.monotonic()
    loaded = runner.read(item).value()
    if isinstance(loaded, LoadedVideo):
        raise UnsupportedInputError("The metrics are for volumes; this is a video.")
    tissues = find_tissues(item, loaded.volume, runner, arguments)
    compared = None if reference is None else reference.volume
    request = IqmRequest(loaded.volume, compared, None if tissues is None else tissues.label_map)
    result: IqmResult = runner.submit("iqm", request, title=item.title).value()
    name = None if reference is None else str(reference.path)
    record = iqm_record(loaded, result, reference=name, seconds=time.monotonic() - started)
    if tissues is not None:
        plain = tissues.to_plain()
        record["tissues"] = {part: plain[part] for part in ("model", "parameters", "reason")}
    write_line(lines, record)
    if arguments.json != "-":
        print(_summary(loaded, None, None, _metric_lines(result)))


def _metric_lines(result: IqmResult) -> list[str]:
    return [
        f"{name} {value:.6g}"
        if value is not None
        else f"{name} \N{EM DASH} ({result.reasons.get(name, '')})"
        for name, value in sorted(result.values.items())
    ]


def _convert(
    loaded: Loaded, record: dict[str, Any], number: int, arguments: argparse.Namespace
) -> list[Path]:
    """Write a series as NIfTI; its record then names the files."""
    if isinstance(loaded, LoadedVideo):
        raise ExportError("A video cannot be written as NIfTI.", path=loaded.path)
    from acutance.export.conversion import write_converted

    written = write_converted(
        loaded, record, arguments.output, number=number, suffix=f".{arguments.format}"
    )
    record["output"] = {"files": [path.name for path in written]}
    return written


def _statistics(loaded: Loaded, runner: Runner) -> tuple[Loaded, Statistics]:
    """Return the statistics of all values, and what was loaded with the damage that came up."""
    if not isinstance(loaded, LoadedVideo):
        return loaded, volume_statistics(loaded.volume)
    video, damaged = loaded.video, 0

    def arrays() -> Iterator[NDArray[Any]]:
        nonlocal damaged
        for part in _all_frames(loaded, runner):
            damaged += int(part.facts.get("damaged_frames", 0))
            yield part.array

    stats = values_statistics(arrays(), slope=video.slope, intercept=video.intercept)
    if damaged and "damaged_frames" not in {w.name for w in loaded.warnings}:
        warning = LoadWarning(
            "damaged_frames",
            f"Bad frames: {damaged} of {video.count} cannot be decoded; the one before is shown "
            "in their place. No number from near them can be trusted.",
        )
        return replace(loaded, warnings=(*loaded.warnings, warning)), stats
    return loaded, stats


def _all_frames(loaded: LoadedVideo, runner: Runner) -> Iterator[Video]:
    """Read the frames of a video part by part, each part of bounded size."""
    _, height, width, channels = loaded.video.shape
    frame_bytes = height * width * channels * loaded.video.dtype.itemsize
    step = max(1, PART_BYTES // frame_bytes)
    for start in range(0, loaded.video.count, step):
        yield runner.frames(loaded.item, start, step).value()


def _describe(loaded: Loaded) -> str:
    if isinstance(loaded, LoadedVideo):
        video = loaded.video
        rate = f"{video.frame_rate:.4g} frames/s ({video.frame_time_source})"
        size = f"{video.width} x {video.height} pixels"
        return f"{video.name or 'video'}, {video.count} frames of {size}, {rate}"
    volume = loaded.volume
    shape = " x ".join(map(str, volume.shape))
    mm = (
        " x ".join(f"{s:.3g}" for s in volume.spacing) + " mm"
        if volume.spacing_known
        else "spacing not known"
    )
    return f"{volume.name or 'series'}, {shape} voxels, {mm}"


def _summary(
    loaded: Loaded,
    result: QualityResult | None,
    stats: Statistics | None,
    measured: Sequence[str] = (),
) -> str:
    text = [f"{loaded.path}: {_describe(loaded)}"]
    if result is not None:
        number = (
            "no predicted SSIM"
            if result.ssim_pred is None
            else f"predicted SSIM {result.ssim_pred:.2f}"
        )
        text.append(f"  verdict: {VERDICT_WORDS[result.verdict]} - {number} - {result.reason}")
        text.append(
            f"  {result.model.name} {result.model.version}{_doubt(result)}, {result.device}, "
            f"{result.seconds:.1f} s. {NOT_FOR_DIAGNOSIS}."
        )
    if result is not None and (limits := _limits(result)):
        text.append(limits)
    if stats is not None:
        text.append("  " + ", ".join(f"{name} {value}" for name, value in stats.items()))
    text += [f"  {line}" for line in measured]
    ledger = loaded.ledger
    text.append(f"  ledger: {ledger.used} of {ledger.found} files used")
    text += [f"  set aside: {s.file}: {s.reason}" for s in ledger.set_aside[:MESSAGE_LIMIT]]
    if len(ledger.set_aside) > MESSAGE_LIMIT:
        text.append(f"  and {len(ledger.set_aside) - MESSAGE_LIMIT} more set aside (see --json)")
    text += [f"  warning ({w.name}): {w.message}" for w in loaded.warnings]
    text += [f"  note: {note}" for note in loaded.notes]
    return "\n".join(map(printable, text))


def _limits(result: QualityResult) -> str:
    """Return the thresholds in words where they are not those built in; else nothing."""
    told = result.parameters
    source = str(told.get("threshold_source", "built-in"))
    if source == "built-in":
        return ""
    which = told.get("threshold_rule") or (
        told.get("site_calibration") if source == "site calibration" else ""
    )
    limits = result.thresholds
    return (
        f"  usable from {limits.usable:.2f}, repeat below {limits.repeat:.2f}: "
        f"{source} {which}".rstrip()
    )


def _doubt(result: QualityResult) -> str:
    return "" if result.model.status == SHIPPED else " weights"
