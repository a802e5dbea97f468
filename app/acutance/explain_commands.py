"""`acutance score --explain`: why the worst slices of each series have their scores."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from acutance.core.explained_series import MOST_SLICES, ExplainedSeries, requests_for_worst
from acutance.core.explanation import CAPTION
from acutance.core.ledger import LoadedVideo
from acutance.errors import AcutanceError, JobCancelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acutance.core.explanation import ExplanationResult
    from acutance.core.ledger import Loaded
    from acutance.core.quality import QualityResult
    from acutance.core.scoring import ScoringPolicy
    from acutance.jobs.runner import Runner

_OPTION = "--explain"


def add_option(parser: argparse.ArgumentParser) -> None:
    """Add `--explain [N]` to the options of `score`."""
    parser.add_argument(
        _OPTION,
        nargs="?",
        const=1,
        type=_count,
        metavar="N",
        help="test which part of the N slices with the lowest predicted SSIM lowers it (1)",
    )


def with_count(arguments: Sequence[str]) -> list[str]:
    """Return arguments in which `--explain` never takes a path for its number."""
    following = [*arguments[1:], ""]
    return [
        f"{_OPTION}=1" if one == _OPTION and not _is_number(after) else one
        for one, after in zip(arguments, following, strict=True)
    ]


def explain_worst(
    loaded: Loaded,
    result: QualityResult | None,
    policy: ScoringPolicy | None,
    arguments: argparse.Namespace,
    runner: Runner,
) -> tuple[ExplainedSeries | None, AcutanceError | None]:
    """Explain the worst slices of a series that was scored, and test each explanation.

    Parameters
    ----------
    loaded : LoadedSeries or LoadedVideo
    result : QualityResult or None
    policy : ScoringPolicy or None
        By which it was scored.
    arguments : argparse.Namespace
        Says how many slices are asked for, if any.
    runner : Runner

    Returns
    -------
    ExplainedSeries or None
        What was found; a series that was not assessed says why it has none. None where nothing
        was asked for.
    AcutanceError or None
        What ended the explaining before its time; the scores stand all the same.

    Raises
    ------
    JobCancelled
    """
    count = getattr(arguments, "explain", None)
    if count is None or result is None or policy is None:
        return None, None
    if isinstance(loaded, LoadedVideo):
        return ExplainedSeries(reason=result.reason), None
    requests = requests_for_worst(
        loaded.volume,
        result,
        count,
        network=policy.network,
        weights=policy.weights,
        recurrence=policy.recurrence,
    )
    if not requests:
        return ExplainedSeries(reason=result.reason), None
    found: list[ExplanationResult] = []
    for request in requests:
        title = f"explaining {request.plane} {request.index} of {loaded.item.title}"
        try:
            found.append(runner.submit("explanation", request, title=title).value())
        except JobCancelled:
            raise
        except AcutanceError as error:
            return ExplainedSeries(tuple(found), error.message), error
    return ExplainedSeries(tuple(found)), None


def summary(explained: ExplainedSeries | None) -> list[str]:
    """Return the lines for a terminal; none where nothing was asked for."""
    if explained is None:
        return []
    lines = [f"  {line}" for line in explained.lines()]
    return [*lines, f"  {CAPTION}"] if explained.slices else lines


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _count(text: str) -> int:
    if not _is_number(text) or not 1 <= int(text) <= MOST_SLICES:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {MOST_SLICES}")
    return int(text)
