"""Work of `acutance calibrate`: mark local series, fit, list, go back."""

from __future__ import annotations

import datetime
import json
import os
import sys
from typing import TYPE_CHECKING

from acutance import __version__
from acutance.core.calibration import FEWEST_MARKS, Mark, missing_marks
from acutance.core.ledger import LoadedVideo
from acutance.core.quality import DEFAULT_NETWORK
from acutance.core.scoring import ScoringPolicy
from acutance.errors import AcutanceError, CalibrationError, ReadError, UnsupportedInputError
from acutance.export.calibration_store import CalibrationStore
from acutance.jobs.runner import Runner
from acutance.telling import printable
from acutance_models.catalogue import get_descriptor

if TYPE_CHECKING:
    import argparse

    from acutance.core.calibration import SiteCalibration
    from acutance.core.ledger import SeriesItem

DONE, NOTHING_DONE, SOME_FAILED = 0, 1, 3


def run(arguments: argparse.Namespace) -> int:
    """Carry out one of the `calibrate` commands; return the exit code."""
    store = CalibrationStore(arguments.store)
    verb = {"add": _add, "fit": _fit, "list": _list, "revert": _revert}
    try:
        return verb[arguments.calibrate_command](store, arguments)
    except AcutanceError as error:
        print(printable(str(error)), file=sys.stderr)
        return NOTHING_DONE


def _add(store: CalibrationStore, arguments: argparse.Namespace) -> int:
    store.marks()  # damaged marks are told before anything is scored
    done = failed = 0
    paths = []
    for path in arguments.paths:
        if os.path.lexists(path):
            paths.append(path)
        else:
            failed += 1
            error = ReadError("There is no such file or folder.", path=path)
            print(printable(str(error)), file=sys.stderr)
    if not paths:
        return NOTHING_DONE
    with Runner(device=arguments.device) as runner:
        for item in runner.index(paths).value().items:
            try:
                mark = _score(runner, item, is_usable=arguments.usable)
                store.add(mark)
            except AcutanceError as error:
                failed += 1
                print(printable(str(error)), file=sys.stderr)
                continue
            done += 1
            word = "usable" if mark.is_usable else "not usable"
            print(printable(f"{item.path}: predicted SSIM {mark.ssim_pred:.2f}, marked {word}"))
    marks = store.marks(get_descriptor(DEFAULT_NETWORK).sha256)
    usable = sum(mark.is_usable for mark in marks)
    print(
        f"{len(marks)} of at least {FEWEST_MARKS} series marked, {usable} usable, "
        f"{len(marks) - usable} not"
    )
    if not done:
        return NOTHING_DONE
    return SOME_FAILED if failed else DONE


def _score(runner: Runner, item: SeriesItem, *, is_usable: bool) -> Mark:
    loaded = runner.read(item).value()
    if isinstance(loaded, LoadedVideo):
        raise UnsupportedInputError("A video has no score to calibrate.", path=item.path)
    request = ScoringPolicy(identify=True).request(loaded.volume)
    result = runner.submit("quality", request, title=item.title).value()
    if result.ssim_pred is None or not result.in_scope:
        raise UnsupportedInputError(
            f"The series is not assessed: {result.reason}.",
            remedy="Mark series that have a score.",
            path=item.path,
        )
    content = str(result.parameters["content_sha256"])
    return Mark(content, result.ssim_pred, is_usable, result.model.sha256)


def _fit(store: CalibrationStore, arguments: argparse.Namespace) -> int:
    from acutance.metrics.recalibration import fit_calibration

    weights = get_descriptor(DEFAULT_NETWORK).sha256
    marks = store.marks(weights)
    other = len(store.marks()) - len(marks)
    if missing := missing_marks(marks):
        raise CalibrationError(
            f"The marks do not make a calibration: {missing}.",
            remedy="Mark more with `acutance calibrate add PATH --usable` or `--unusable`.",
            path=store.folder,
        )
    made_on = datetime.date.today().isoformat() if arguments.date else ""
    calibration = fit_calibration(
        marks,
        version=store.next_version(),
        usable_from=arguments.usable_from,
        repeat_up_to=arguments.repeat_up_to,
        made_on=made_on,
        software=__version__,
    )
    path = store.write(calibration)
    store.apply(calibration.version)
    print(_summary(calibration))
    if other:
        print(f"  {other} marks of other weights were left out")
    print(f"  written: {path}; in force from now on, `acutance calibrate revert` undoes it")
    return DONE


def _list(store: CalibrationStore, arguments: argparse.Namespace) -> int:
    marks, active = store.marks(), store.active_version()
    current = get_descriptor(DEFAULT_NETWORK).sha256
    calibrations = [store.read(version) for version in store.versions()]
    if arguments.json is not None:
        lines = [json.dumps(c.to_plain() | {"in_force": c.version == active}) for c in calibrations]
        print("\n".join(lines), end="\n" if lines else "")
        return DONE
    usable = sum(mark.is_usable for mark in marks)
    print(f"{store.folder}: {len(marks)} series marked, {usable} usable, {len(marks) - usable} not")
    for calibration in calibrations:
        force = ", in force" if calibration.version == active else ""
        force += "" if calibration.weights_sha256 == current else ", for other weights"
        print(_summary(calibration, force))
    if active == 0:
        print("no calibration is in force")
    return DONE


def _revert(store: CalibrationStore, arguments: argparse.Namespace) -> int:
    version = arguments.version
    if version is None:
        active = store.active_version()
        if active == 0:
            raise CalibrationError(
                "No calibration is in force, so there is nothing to go back from.",
                remedy="`acutance calibrate list` shows the versions there are.",
                path=store.folder,
            )
        version = max((v for v in store.versions() if v < active), default=0)
    store.apply(version)
    print(f"version {version} is in force" if version else "no calibration is in force")
    return DONE


def _summary(calibration: SiteCalibration, force: str = "") -> str:
    usable = sum(mark.is_usable for mark in calibration.marks)
    limits = calibration.thresholds
    made = f", made on {calibration.made_on}" if calibration.made_on else ""
    lines = [
        f"version {calibration.version}{force}{made}: {len(calibration.marks)} series, "
        f"{usable} usable; Brier score {calibration.brier:.3f}, without it "
        f"{calibration.brier_base:.3f}",
        "  thresholds suggested: none, the marks do not bear them out"
        if limits is None
        else f"  thresholds suggested: usable from {limits.usable:.2f} "
        f"({calibration.usable_from:.0%} usable), repeat below {limits.repeat:.2f} "
        f"({calibration.repeat_up_to:.0%})",
    ]
    lines += [
        f"  predicted {b.low:.1f} to {b.high:.1f}: {b.count} series"
        + ("" if b.observed is None else f", {b.predicted:.2f} predicted, {b.observed:.2f} usable")
        for b in calibration.reliability
    ]
    return "\n".join(lines)
