"""The command line: what there is and how it is asked. Never imports Qt or torch."""

from __future__ import annotations

import argparse
import logging
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from acutance import NOT_FOR_DIAGNOSIS, __version__, window_command
from acutance.core.backends import AUTO, CHOICES
from acutance.core.calibration import REPEAT_UP_TO, USABLE_FROM
from acutance.core.deidentification import MIN_KEY_BYTES, OPTIONS, check_options
from acutance.core.selection import Selection, parse_selection

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, NOTHING_DONE, WRONG_USAGE, SOME_FAILED, FAIL_ON_REACHED, INTERRUPTED = 0, 1, 2, 3, 4, 130
#: The least and the most that a key file may hold.
KEY_FILE_BYTES = (MIN_KEY_BYTES, 4096)
#: What `score --export` writes: reports of each series, then tables of all.
EXPORT_KINDS = ("json", "png", "html", "pdf", "sr", "csv", "tsv")
_DEVICE = re.compile(r"auto|cpu|cuda:\d{1,3}")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of every command, the window's included."""
    parser = argparse.ArgumentParser(
        prog="acutance",
        description=f"Image quality of medical and scientific scans. {NOT_FOR_DIAGNOSIS}.",
    )
    parser.add_argument(
        "--version", action="version", version=f"acutance {__version__} - {NOT_FOR_DIAGNOSIS}"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    window_command.add_arguments(
        commands.add_parser(window_command.NAME, help="open the window (the default)")
    )

    score = commands.add_parser("score", help="predict the SSIM of each slice, give a verdict")
    _add_inputs(score)
    score.add_argument("-o", "--output", type=Path, metavar="DIR", help="write reports here")
    score.add_argument(
        "--export",
        type=_kinds,
        metavar="KIND[,...]",
        help=f"what to write: {', '.join(EXPORT_KINDS)}; else json, png, html",
    )
    score.add_argument("--device", default="auto", type=_device, metavar="auto|cpu|cuda:N")
    score.add_argument(
        "--plane", default="auto", choices=["auto", "axial", "coronal", "sagittal", "all"]
    )
    score.add_argument(
        "--fail-on",
        choices=["check", "repeat", "error"],
        help="exit 4 when a series is at least this bad",
    )
    _add_policy(score)
    from acutance import explain_commands

    explain_commands.add_option(score)

    iqm = commands.add_parser("iqm", help="measure the quality metrics that have a formula")
    _add_inputs(iqm)
    iqm.add_argument(
        "--reference", type=Path, metavar="FILE", help="also compare with this scan, same grid"
    )
    from acutance import segment_commands

    segment_commands.add_tissues(iqm)

    segment = segment_commands.add_parser(commands)
    _add_inputs(segment)
    segment.add_argument("--device", default="auto", type=_device, metavar="auto|cpu|cuda:N")

    from acutance import upscale_commands

    upscale = upscale_commands.add_parser(commands)
    upscale.add_argument("--device", default="auto", type=_device, metavar="auto|cpu|cuda:N")
    from acutance import restore_commands

    restore = restore_commands.add_parser(commands)
    _add_inputs(restore)
    restore.add_argument("--device", default="auto", type=_device, metavar="auto|cpu|cuda:N")

    from acutance import timeline_commands

    timeline_commands.add_parser(commands)

    info = commands.add_parser("info", help="say what is in a file or folder")
    _add_inputs(info)
    info.add_argument("--stats", action="store_true", help="add min, max, mean and sum")

    convert = commands.add_parser("convert", help="write each series as NIfTI, with its record")
    _add_inputs(convert)
    convert.add_argument(
        "-o", "--output", type=Path, metavar="DIR", required=True, help="write the files here"
    )
    convert.add_argument(
        "--format", default="nii.gz", choices=["nii.gz", "nii"], help="compressed or not"
    )

    deidentify = commands.add_parser(
        "deidentify", help="export DICOM and NIfTI files without the identity of patients"
    )
    deidentify.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    deidentify.add_argument(
        "-o", "--output", type=Path, metavar="DIR", required=True, help="a new or empty folder"
    )
    deidentify.add_argument(
        "--keep",
        type=_options,
        default=(),
        metavar="OPTION[,...]",
        help="options of the standard; without any, the strict basic profile: "
        + ", ".join(option.id for option in OPTIONS),
    )
    deidentify.add_argument(
        "--allow-burned-in",
        action="store_true",
        help="also export images whose pixels may show a name or a face",
    )
    deidentify.add_argument(
        "--key-file",
        type=Path,
        metavar="FILE",
        help="secret bytes, so that a later export gives the same UIDs; else random",
    )
    deidentify.add_argument(
        "--json", metavar="FILE", help="the account, which names nobody; - for standard output"
    )

    from acutance import batch_commands, bids_commands, compare_commands, history_commands

    batch_commands.add_parser(commands, device=_device, add_policy=_add_policy)
    compare_commands.add_parser(commands, device=_device, add_policy=_add_policy)
    history_commands.add_parser(commands)
    bids_commands.add_parser(commands, device=_device, add_policy=_add_policy)

    models = commands.add_parser("models", help="list networks, import weights from elsewhere")
    verbs = models.add_subparsers(dest="models_command", metavar="list|import", required=True)
    listing = verbs.add_parser("list", help="the networks there are")
    listing.add_argument("--json", metavar="FILE", help="one JSON object per network and line")
    importing = verbs.add_parser(
        "import", help="convert a checkpoint to safetensors, in a process that can do little else"
    )
    importing.add_argument("file", type=Path, metavar="FILE")
    importing.add_argument("-o", "--output", type=Path, metavar="OUT", help="the file to write")
    importing.add_argument(
        "--t", type=int, metavar="N", help="steps of recurrence, for networks that have some"
    )

    _add_calibrate(commands)

    site = commands.add_parser("site", help="check a site file, or print one to start from")
    site_verbs = site.add_subparsers(dest="site_command", metavar="check|example", required=True)
    checking = site_verbs.add_parser("check", help="say what a site file means")
    checking.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="by default the one that holds here"
    )
    site_verbs.add_parser("example", help="print a site file to start from")

    report = commands.add_parser("report", help="one report of many series, outliers first")
    report.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="RESULTS",
        help="JSON lines of score, iqm or batch, or the folder that -o or batch wrote",
    )
    report.add_argument(
        "-o", "--output", type=Path, metavar="DIR", required=True, help="write the report here"
    )
    report.add_argument(
        "--key", type=Path, metavar="FILE", help="also write which series is which scan, as TSV"
    )

    watch = commands.add_parser("watch", help="score each series as soon as it has arrived")
    watch.add_argument("folder", type=Path, metavar="DIR", help="where scans arrive")
    watch.add_argument("output", type=Path, metavar="OUT", help="write results and reports here")
    watch.add_argument(
        "--quiet",
        type=seconds,
        default=4.0,
        metavar="SECONDS",
        help="how long the files of a series must not have changed (4)",
    )
    watch.add_argument(
        "--polling", action="store_true", help="look every second; for network shares"
    )
    watch.add_argument(
        "--stop-after", type=seconds, metavar="SECONDS", help="end when nothing new came so long"
    )
    watch.add_argument(
        "--export", type=_watch_kinds, metavar="KIND[,...]", help="as for score, less csv and tsv"
    )
    watch.add_argument("--device", default="auto", type=_device, metavar="auto|cpu|cuda:N")
    watch.add_argument(
        "--plane", default="auto", choices=["auto", "axial", "coronal", "sagittal", "all"]
    )
    _add_policy(watch)
    watch.set_defaults(json=None)

    from acutance import backend_commands

    backend_commands.add_parser(commands, device=_device)

    selftest = commands.add_parser("selftest", help="check weights, children and the sample scan")
    selftest.add_argument("--device", default="auto", type=_device, metavar="auto|cpu|cuda:N")
    return parser


def _add_calibrate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    calibrate = commands.add_parser("calibrate", help="learn from local series what is usable")
    verbs = calibrate.add_subparsers(
        dest="calibrate_command", metavar="add|fit|list|revert", required=True
    )
    add = verbs.add_parser("add", help="score series and mark them")
    add.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    kind = add.add_mutually_exclusive_group(required=True)
    kind.add_argument("--usable", action="store_true", help="these are usable")
    kind.add_argument("--unusable", action="store_true", help="these are not")
    add.add_argument("--device", default="auto", type=_device, metavar="auto|cpu|cuda:N")
    fit = verbs.add_parser("fit", help="make the next version and put it in force")
    fit.add_argument("--date", action="store_true", help="keep the date of today in it")
    fit.add_argument("--usable-from", default=USABLE_FROM, type=_share, metavar="P")
    fit.add_argument("--repeat-up-to", default=REPEAT_UP_TO, type=_share, metavar="P")
    listing = verbs.add_parser("list", help="the marks and versions there are")
    listing.add_argument("--json", action="store_const", const="-", help="as JSON lines")
    revert = verbs.add_parser("revert", help="put the version before in force, or another one")
    revert.add_argument(
        "--version", dest="version", type=_version, metavar="N", help="this one; 0 for none"
    )
    for verb in (add, fit, listing, revert):
        verb.add_argument("--store", type=Path, metavar="DIR", help="the folder of the calibration")


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a probability from 0 to 1")
    return value


def _version(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 6:
        raise argparse.ArgumentTypeError(f"{text!r} is not a version")
    return int(text)


def _add_policy(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--weights",
        type=Path,
        metavar="FILE",
        help="a scoring network as safetensors; without a model card nothing is called usable",
    )
    parser.add_argument(
        "--t", type=int, metavar="N", help="steps of recurrence, for networks that have some"
    )
    parser.add_argument(
        "--backend", default=AUTO, choices=CHOICES, help="how scores are computed; see `backends`"
    )
    window_command.add_site(parser)


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument(
        "--json", metavar="FILE", help="one JSON object per series and line; - for standard output"
    )
    parser.add_argument(
        "--select",
        type=_selection,
        default=Selection(),
        metavar="AXIS=N[,...]|N[,...]|all",
        help="which volumes of a series with further axes, such as time=3; from 0, else the first",
    )


def _selection(text: str) -> Selection:
    try:
        return parse_selection(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _kinds(text: str) -> tuple[str, ...]:
    wanted = [part.strip() for part in text.split(",") if part.strip()]
    unknown = [kind for kind in wanted if kind not in EXPORT_KINDS]
    if unknown or not wanted:
        raise argparse.ArgumentTypeError(f"{text!r} is not made of {', '.join(EXPORT_KINDS)}")
    return tuple(kind for kind in EXPORT_KINDS if kind in wanted)


def _watch_kinds(text: str) -> tuple[str, ...]:
    kinds = _kinds(text)
    if {"csv", "tsv"} & set(kinds):
        raise argparse.ArgumentTypeError("tables are made of the results: acutance report OUT")
    return kinds


def seconds(text: str) -> float:
    """Read a time of 0.1 seconds to a day; for arguments."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.1 <= seconds <= 86400:
        raise argparse.ArgumentTypeError(f"{text!r} is no time from 0.1 to 86400 seconds")
    return seconds


def _options(text: str) -> tuple[str, ...]:
    try:
        return check_options(part.strip() for part in text.split(",") if part.strip())
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _device(text: str) -> str:
    if not _DEVICE.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not auto, cpu or cuda:N")
    return text


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse arguments; without a command the window is meant. Wrong usage exits with 2."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = build_parser()
    if not arguments:
        arguments = [window_command.NAME]
    if arguments[0] == "score":
        from acutance import explain_commands

        arguments = explain_commands.with_count(arguments)
    if arguments[:2] == ["restore", "fit"]:
        from acutance import restore_fit_commands

        parser = restore_fit_commands.build_parser(device=_device)
        arguments = arguments[2:]
    namespace, unknown = parser.parse_known_args(arguments)
    if unknown:
        refuse = getattr(namespace, "refuse", parser.error)
        refuse(f"unrecognized arguments: {' '.join(unknown)}")
    if namespace.command in ("score", "segment", "convert", "deidentify"):
        _check_output(parser, namespace.output, namespace.paths)
    if namespace.command == "watch":
        _check_output(parser, namespace.output, [namespace.folder])
        _check_weights(parser, namespace)
    if getattr(namespace, "export", None) is not None and namespace.output is None:
        parser.error("--export needs a folder to write to: -o DIR")
    if getattr(namespace, "json", None) not in (None, "-"):
        inputs = [*getattr(namespace, "paths", ())]
        if getattr(namespace, "reference", None) is not None:
            inputs.append(namespace.reference)
        check_json(parser, Path(namespace.json), inputs)
    if namespace.command == "models":
        _check_models(parser, namespace)
    if namespace.command in ("score", "batch", "backends"):
        _check_weights(parser, namespace)
    if (
        getattr(namespace, "calibrate_command", None) == "fit"
        and not namespace.repeat_up_to < namespace.usable_from
    ):
        parser.error("--repeat-up-to has to be less than --usable-from")
    if namespace.command == "batch":
        from acutance import batch_commands

        _check_output(parser, *batch_commands.places(parser, namespace))
    if namespace.command in ("restore", "restore-fit"):
        from acutance import restore_commands

        restore_commands.check(parser, namespace)
    if namespace.command in ("segment", "iqm"):
        from acutance import segment_commands

        segment_commands.check(parser, namespace)
    if namespace.command == "upscale":
        from acutance import upscale_commands

        upscale_commands.check(parser, namespace)
    if namespace.command == "timeline":
        from acutance import timeline_commands

        timeline_commands.check(parser, namespace)
    return namespace


def _check_weights(parser: argparse.ArgumentParser, namespace: argparse.Namespace) -> None:
    weights = namespace.weights
    if weights is None:
        if namespace.t is not None:
            parser.error("--t goes with --weights")
        return
    if weights.suffix != ".safetensors":
        parser.error(
            f"--weights {weights} is not named .safetensors; convert a checkpoint first: "
            "acutance models import FILE"
        )
    if not weights.is_file():
        parser.error(f"--weights {weights}: there is no such file")
    _check_steps(parser, namespace.t)


def _check_steps(parser: argparse.ArgumentParser, steps: int | None) -> None:
    if steps is not None and not 0 <= steps <= 100:
        parser.error(f"--t {steps} is not a number of steps from 0 to 100")


def _check_models(parser: argparse.ArgumentParser, namespace: argparse.Namespace) -> None:
    if namespace.models_command == "list":
        return
    output = namespace.output
    if output is not None and output.suffix != ".safetensors":
        parser.error(f"the output {output} is not named .safetensors")
    if output is not None and not output.parent.is_dir():
        parser.error(f"the output {output}: there is no folder {output.parent}")
    _check_steps(parser, namespace.t)


def _check_output(
    parser: argparse.ArgumentParser, output: Path | None, inputs: Sequence[Path]
) -> None:
    """Refuse an output folder that is, or lies inside, an input: inputs are never changed."""
    if output is None:
        return
    target = output.resolve()
    for path in inputs:
        source = path.resolve()
        if target == source or (source.is_dir() and source in target.parents):
            parser.error(f"the output {output} lies in the input {path}; choose another folder")
    if output.exists() and not output.is_dir():
        parser.error(f"the output {output} is a file; name a folder")


def check_json(parser: argparse.ArgumentParser, target: Path, inputs: Sequence[Path]) -> None:
    """Refuse a file for JSON that is, or lies inside, an input, or has no folder."""
    resolved = target.resolve()
    for path in inputs:
        source = path.resolve()
        if resolved == source or (source.is_dir() and source in resolved.parents):
            parser.error(f"--json {target} lies in the input {path}; choose another place")
    if target.is_dir():
        parser.error(f"--json {target} is a folder; name a file")
    if not target.parent.is_dir():
        parser.error(f"--json {target}: there is no folder {target.parent}")


def run(arguments: argparse.Namespace) -> int:
    """Carry out a headless command and return its exit code (see the module constants)."""
    from acutance import headless

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        if arguments.command == "selftest":
            from acutance import selftest

            return selftest.run(arguments.device)
        if arguments.command == "backends":
            from acutance import backend_commands

            return backend_commands.run(arguments)
        if arguments.command == "deidentify":
            from acutance import exporting

            return exporting.run_deidentify_command(arguments)
        if arguments.command == "models":
            from acutance import model_commands

            return model_commands.run(arguments)
        if arguments.command == "calibrate":
            from acutance import calibrate_commands

            return calibrate_commands.run(arguments)
        if arguments.command == "segment":
            from acutance import segment_commands

            return segment_commands.run(arguments)
        if arguments.command == "upscale":
            from acutance import upscale_commands

            return upscale_commands.run(arguments)
        if arguments.command == "restore-fit":
            from acutance import restore_fit_commands

            return restore_fit_commands.run(arguments)
        if arguments.command == "restore":
            from acutance import restore_commands

            return restore_commands.run(arguments)
        if arguments.command == "timeline":
            from acutance import timeline_commands

            return timeline_commands.run(arguments)
        if arguments.command == "site":
            from acutance import site_commands

            return site_commands.run(arguments)
        if arguments.command == "compare":
            from acutance import compare_commands

            return compare_commands.run(arguments)
        if arguments.command == "bids":
            from acutance import bids_commands

            return bids_commands.run(arguments)
        if arguments.command == "history":
            from acutance import history_commands

            return history_commands.run(arguments)
        if arguments.command == "batch":
            from acutance import batching

            return batching.run_batch_command(arguments)
        if arguments.command == "watch":
            from acutance import watch_commands

            return watch_commands.run(arguments)
        if arguments.command == "report":
            from acutance import report_commands

            return report_commands.run(arguments)
        return headless.run_series_command(arguments)
    except KeyboardInterrupt:
        print("Interrupted; what was finished is kept.", file=sys.stderr)
        return INTERRUPTED
