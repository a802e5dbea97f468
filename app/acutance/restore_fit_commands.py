"""Work of `acutance restore fit`: an operator from about a dozen sharp images or slices."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from acutance import cli
from acutance.core.ledger import LoadedVideo
from acutance.core.quality import choose_planes
from acutance.core.restoration import DENOISE, TASKS
from acutance.core.restoration_fit import (
    MOST_NOISE,
    PATCHES,
    USUAL_SLICES,
    FitImages,
    FitRequest,
    FitResult,
    check_name,
    spread_slices,
)
from acutance.core.slicing import volume_geometry
from acutance.errors import AcutanceError, ReadError, UnsupportedInputError
from acutance.io.operators import next_version, operators_folder
from acutance.jobs.runner import Runner
from acutance.telling import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from acutance.core.volume import Volume

#: What tells `restore fit` from `restore`, after which a PATH may follow.
COMMAND = "restore-fit"


def build_parser(*, device: Callable[[str], str]) -> argparse.ArgumentParser:
    """Return the parser of what follows `restore fit`.

    Parameters
    ----------
    device : callable
        Checks the text after `--device`.
    """
    parser = argparse.ArgumentParser(prog="acutance restore fit")
    parser.set_defaults(command=COMMAND)
    parser.add_argument("--device", default="auto", type=device, metavar="auto|cpu|cuda:N")
    parser.add_argument("paths", nargs="+", type=Path, metavar="SHARP")
    parser.add_argument(
        "--degraded",
        nargs="+",
        type=Path,
        default=[],
        metavar="PATH",
        help="scans to restore for the other side, unpaired; else the sharp ones are damaged",
    )
    parser.add_argument("--name", type=_name, required=True, help="of the operator")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="DIR", help="else the folder of your operators"
    )
    parser.add_argument("--task", default=DENOISE, choices=TASKS)
    parser.add_argument("--model", type=Path, metavar="FILE", help="as for restore")
    parser.add_argument("--vae", type=Path, metavar="FILE", help="an autoencoder as safetensors")
    parser.add_argument(
        "--slices",
        type=_count,
        default=USUAL_SLICES,
        metavar="N",
        help=f"taken of all sharp volumes together ({USUAL_SLICES})",
    )
    parser.add_argument("--patch", type=int, choices=PATCHES, default=PATCHES[0])
    parser.add_argument(
        "--noise",
        type=_noise,
        default=0.0,
        metavar="SD",
        help="put in for a fit in pairs, of the range, 0.001 to 0.2; else of all usual strengths",
    )
    parser.add_argument(
        "--keep-mean",
        action="store_true",
        help="leave the brightness alone, for use on other series than these",
    )
    parser.add_argument("--json", metavar="FILE", help="the report; - for standard output")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Carry out `restore fit` and return the exit code."""
    folder = arguments.output or operators_folder()
    try:
        with Runner(device=arguments.device) as runner:
            sharp = _read(arguments.paths, runner)
            degraded = _read(arguments.degraded, runner)
            request = FitRequest(
                _chosen(sharp, arguments.slices),
                _chosen(degraded, arguments.slices),
                arguments.name,
                next_version(folder, arguments.name),
                folder,
                task=arguments.task,
                weights="" if arguments.model is None else str(arguments.model),
                autoencoder="" if arguments.vae is None else str(arguments.vae),
                patch=arguments.patch,
                noise=arguments.noise,
                moves_mean=not arguments.keep_mean,
            )
            result: FitResult = runner.submit("restoration_fit", request).value()
    except ValueError as error:
        _complain(UnsupportedInputError(f"{str(error)[0].upper()}{str(error)[1:]}."))
        return cli.NOTHING_DONE
    except AcutanceError as error:
        _complain(error)
        return cli.NOTHING_DONE
    if arguments.json is not None:
        text = json.dumps(result.to_plain(), allow_nan=False) + "\n"
        if arguments.json == "-":
            sys.stdout.write(text)
        else:
            Path(arguments.json).write_text(text, encoding="utf-8")
    if arguments.json != "-":
        print(summary(result))
    return cli.DONE


def summary(result: FitResult) -> str:
    """Return in a few lines what was fitted, and what speaks against it."""
    report = result.report

    def number(name: str) -> str:
        value = report.get(name)
        return "infinite" if value is None else f"{value:.3g}"

    pairing = "in pairs, damaged for the fit" if result.is_paired else "unpaired"
    text = [
        f"{result.name} version {result.version}: {result.sharp_slices} sharp and "
        f"{result.source_slices} restored slices, {pairing}, in {result.space}",
        f"  effective samples {number('source_effective')} restored, "
        f"{number('target_effective')} sharp, for {result.size} values of a patch; "
        f"shrinkage {number('shrinkage')}",
        f"  condition {number('source_condition')} restored, {number('target_condition')} sharp; "
        f"largest gain {number('largest_gain')}",
        *(f"  warning: {warning}" for warning in result.warnings()),
        f"  {result.network}, {result.seconds:.1f} s; sha256 {result.sha256[:16]}",
        f"  written: {result.path}",
    ]
    return "\n".join(map(printable, text))


def _read(paths: list[Path], runner: Runner) -> list[Volume]:
    if not paths:
        return []
    index = runner.index(paths).value()
    volumes = []
    for item in index.items:
        loaded = runner.read(item).value()
        if not isinstance(loaded, LoadedVideo):
            volumes.append(loaded.volume)
    if not volumes:
        raise ReadError("No scan or picture was found.", remedy="Check the path.", path=paths[0])
    return volumes


def _chosen(volumes: list[Volume], wanted: int) -> tuple[FitImages, ...]:
    """Return so many slices of all volumes together, at least one of each."""
    each = max(1, -(-wanted // max(1, len(volumes))))
    chosen = []
    for volume in volumes:
        plane = choose_planes(volume, "auto")[0]
        count = volume_geometry(volume, plane).count
        chosen.append(FitImages(volume, plane, spread_slices(count, each)))
    return tuple(chosen)


def _name(text: str) -> str:
    try:
        return check_name(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 2 <= int(text[:6]) <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of slices from 2 to 1000")
    return int(text)


def _noise(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.001 <= value <= MOST_NOISE:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0.001 to {MOST_NOISE}")
    return value


def _complain(error: AcutanceError) -> None:
    print(printable(str(error)), file=sys.stderr)
