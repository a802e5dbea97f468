"""`acutance compare`: two acquisitions of the same, and which one to keep."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acutance import NOT_FOR_DIAGNOSIS
from acutance.core.comparison import Scored, compare, iqm_rows
from acutance.core.iqm import IqmRequest
from acutance.core.quality import choose_planes

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from acutance.core.comparison import Comparison
    from acutance.core.iqm import IqmResult
    from acutance.core.ledger import LoadedSeries
    from acutance.core.quality import QualityResult
    from acutance.core.scoring import ScoringPolicy
    from acutance.jobs.runner import Runner


def add_parser(
    commands: Any,
    *,
    device: Callable[[str], str],
    add_policy: Callable[[argparse.ArgumentParser], None],
) -> None:
    """Add `compare` to the commands; the parameters are those of `batch_commands.add_parser`."""
    parser = commands.add_parser(
        "compare",
        help="two acquisitions of the same: which one to keep",
        description=(
            "Score two series in the same plane, and say which one to keep as far as their "
            f"intervals tell. {NOT_FOR_DIAGNOSIS}."
        ),
    )
    for label in "AB":
        parser.add_argument("paths", action="append", type=Path, metavar=label)
    parser.add_argument(
        "--plane",
        default="auto",
        choices=["auto", "axial", "coronal", "sagittal"],
        help="auto is the plane in which A would be scored",
    )
    parser.add_argument("--device", default="auto", type=device, metavar="auto|cpu|cuda:N")
    parser.add_argument("--no-iqm", action="store_true", help="leave the other metrics out")
    add_policy(parser)
    parser.add_argument("--json", metavar="FILE", help="one JSON object; - for standard output")


def run(arguments: argparse.Namespace) -> int:
    """Compare two series; 0 when there is an answer, 1 when one of them gives no scores at all."""
    from acutance import cli, headless, telling
    from acutance.errors import AcutanceError
    from acutance.export.record import series_record
    from acutance.jobs.runner import Runner

    with ExitStack() as stack:
        lines = stack.enter_context(telling.open_json(arguments.json))
        runner = stack.enter_context(Runner(device=arguments.device))
        runner.warm_up("engine")
        started = time.monotonic()
        try:
            policy = headless.scoring_policy(arguments)
            loaded = [headless.read_one(runner, path, role="series") for path in arguments.paths]
            plane = arguments.plane
            if plane == "auto":
                plane = choose_planes(loaded[0].volume, "auto")[0]
            results = [_score(runner, policy, one, plane) for one in loaded]
            measured = [] if arguments.no_iqm else [_measure(runner, one) for one in loaded]
        except AcutanceError as error:
            telling.complain(error)
            return cli.NOTHING_DONE
        a, b = (
            Scored(one.volume.name, one.volume, result)
            for one, result in zip(loaded, results, strict=True)
        )
        comparison = compare(a, b)
        seconds = time.monotonic() - started
        record = comparison.to_plain() | {
            "iqms": {name: {"a": x, "b": y} for name, x, y in _rows(measured)},
            "a": series_record(loaded[0], results[0], seconds=seconds),
            "b": series_record(loaded[1], results[1], seconds=seconds),
        }
        telling.write_line(lines, record)
        if arguments.json != "-":
            for line in _summary(arguments.paths, results, comparison, _rows(measured)):
                print(telling.printable(line))
    return cli.DONE


def _score(
    runner: Runner, policy: ScoringPolicy, loaded: LoadedSeries, plane: str
) -> QualityResult:
    request = policy.request(loaded.volume, plane=plane)
    result: QualityResult = runner.submit("quality", request, title=loaded.item.title).value()
    return result


def _measure(runner: Runner, loaded: LoadedSeries) -> IqmResult:
    result: IqmResult = runner.submit("iqm", IqmRequest(loaded.volume)).value()
    return result


def _rows(measured: list[IqmResult]) -> tuple[tuple[str, float | None, float | None], ...]:
    return iqm_rows(*measured) if measured else ()


def _summary(
    paths: list[Path],
    results: list[QualityResult],
    comparison: Comparison,
    rows: tuple[tuple[str, float | None, float | None], ...],
) -> list[str]:
    lines = []
    for label, path, result in zip("AB", paths, results, strict=True):
        score = "no number" if result.ssim_pred is None else f"{result.ssim_pred:.2f}"
        word = result.verdict.value.replace("_", " ")
        lines += [f"{label}: {path}", f"   {word}, predicted SSIM {score}; {result.reason}"]
    lines.append(comparison.sentence)
    if comparison.pairs:
        worst = sorted(comparison.pairs, key=lambda pair: -abs(pair.difference))[:3]
        lines.append(f"{len(comparison.pairs)} slices matched by {comparison.matched_by}; largest:")
        lines += [
            f"   {comparison.plane} {pair.index_a} / {pair.index_b}: {pair.ssim_a:.2f} / "
            f"{pair.ssim_b:.2f} ({pair.difference:+.2f})"
            for pair in worst
        ]
    lines += [f"note: {note}" for note in comparison.notes]
    lines += [f"   {name}: {_value(x)} / {_value(y)}" for name, x, y in rows]
    return [*lines, f"{NOT_FOR_DIAGNOSIS}. Predictions without a reference image."]


def _value(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
