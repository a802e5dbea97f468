"""Work of `acutance backends`: the ways to compute scores and labels, measured on this machine."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acutance.core.backends import LEAST_DICE, SCORING, SEGMENTATION, TrialRequest
from acutance.core.quality import DEFAULT_NETWORK
from acutance.core.segmentation import BRAIN, MODELS
from acutance.errors import AcutanceError
from acutance.jobs.runner import Runner

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from acutance.core.backends import BackendRow, BackendTrial

DONE, NOTHING_DONE = 0, 1


def add_parser(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], *, device: Callable[[str], str]
) -> None:
    """Add the command.

    Parameters
    ----------
    device : callable
        Checks the text after `--device`.
    """
    parser = commands.add_parser("backends", help="measure the ways to compute scores or labels")
    parser.add_argument(
        "--segment",
        nargs="?",
        const=BRAIN,
        choices=MODELS,
        help="labels in place of scores, by the network of this model; brain by default",
    )
    parser.add_argument("--kept", action="store_true", help="show the last measurement, if any")
    parser.add_argument(
        "--weights", type=Path, metavar="FILE", help="of this network, as safetensors"
    )
    parser.add_argument("--t", type=int, metavar="N", help="steps of recurrence of these weights")
    parser.add_argument("--device", default="auto", type=device, metavar="auto|cpu|cuda:N")
    parser.add_argument("--json", nargs="?", const="-", metavar="FILE", help="as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Measure, print the table, and keep what was found; return the exit code."""
    weights = "" if arguments.weights is None else str(arguments.weights)
    measures = not arguments.kept
    labels = arguments.segment is not None
    network, task = (arguments.segment, SEGMENTATION) if labels else (DEFAULT_NETWORK, SCORING)
    request = TrialRequest(network, weights, arguments.t, measures, measures, task)
    try:
        with Runner(device=arguments.device) as runner:
            trial: BackendTrial = runner.submit("backend_trial", request, title="").value()
    except AcutanceError as error:
        print(error, file=sys.stderr)
        return NOTHING_DONE
    text = json.dumps(trial.to_plain()) + "\n"
    if arguments.json == "-":
        sys.stdout.write(text)
        return DONE
    if arguments.json is not None:
        Path(arguments.json).write_text(text, encoding="utf-8")
    for line in table(trial):
        print(line)
    return DONE


def table(trial: BackendTrial) -> list[str]:
    """Return a trial in lines for people."""
    if not trial.rows:
        return ["Nothing was measured with these weights on this machine: torch-float32 is used."]
    if any(row.dice is not None for row in trial.rows):
        lines = [f"{'backend':<20} {'ms a slice':>10} {'least Dice':>10}"]
        told = (
            "The labels of a volume are held against torch-float32 on some of its slices, too; "
            f"where they agree to less than Dice {LEAST_DICE}, it is labelled in float32."
        )
    else:
        lines = [f"{'backend':<20} {'ms a slice':>10} {'mean diff.':>10} {'largest':>9}"]
        told = (
            "Scores nearer to a threshold than twice the largest difference are computed in "
            "float32."
        )
    lines += [line(row, is_chosen=row.backend == trial.chosen) for row in trial.rows]
    lines.append(
        f"{trial.slices} made-up slices, {trial.threads} threads; chosen: {trial.chosen}. {told}"
    )
    return lines


def line(row: BackendRow, *, is_chosen: bool) -> str:
    """Return one backend in words."""
    if row.milliseconds is None:
        return f"{row.backend:<20} {'-':>10} {'-':>10} {'-':>9}  {row.reason}"
    told: Any = "chosen" if is_chosen else ("" if row.is_allowed else "not within the tolerance")
    if row.dice is not None:
        return f"{row.backend:<20} {row.milliseconds:>10.2f} {row.dice:>10.5f}  {told}".rstrip()
    return (
        f"{row.backend:<20} {row.milliseconds:>10.2f} {row.mean or 0.0:>10.5f} "
        f"{row.largest or 0.0:>9.5f}  {told}"
    ).rstrip()
