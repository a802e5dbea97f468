"""Work of `acutance segment`: read each series, segment it, write label maps and tables."""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from acutance import NOT_FOR_DIAGNOSIS
from acutance.core.backends import AUTO, LABEL_CHOICES
from acutance.core.ledger import LoadedVideo
from acutance.core.quality import SHIPPED
from acutance.core.segmentation import BRAIN, MODELS, SegmentationRequest, SegmentationResult
from acutance.core.segmentation_export import SegExport
from acutance.errors import AcutanceError, ExportError, UnsupportedInputError
from acutance.jobs.runner import Runner
from acutance.telling import (
    Tally,
    existing,
    named,
    open_json,
    printable,
    report_rejections,
    wanted,
    write_line,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from acutance.core.ledger import LoadedSeries, SeriesItem
    from acutance.core.volume import Volume

EXPORTS = ("nifti", "seg", "csv")
PLANES = ("auto", "axial", "coronal", "sagittal")


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Add `segment` to the commands; paths, JSON, selection and device are the caller's."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "segment", help="find regions: the tissues of a brain, nuclei in a microscope picture"
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="DIR", required=True, help="write the files here"
    )
    parser.add_argument(
        "--model",
        default=MODELS[0],
        metavar="brain|nuclei|FILE",
        help="which network, or a file of weights as safetensors",
    )
    parser.add_argument(
        "--t", type=int, metavar="N", help="steps of recurrence, for a file that does not tell"
    )
    parser.add_argument("--plane", default="auto", choices=PLANES)
    parser.add_argument(
        "--flips", action="store_true", help="also segment mirrored slices and average"
    )
    parser.add_argument(
        "--keep-specks", action="store_true", help="leave small parts where they are"
    )
    parser.add_argument(
        "--backend",
        default=AUTO,
        choices=LABEL_CHOICES,
        help="how labels are computed; see `backends`",
    )
    parser.add_argument(
        "--export",
        type=_exports,
        default=("nifti", "csv"),
        metavar="KIND[,...]",
        help=f"{', '.join(EXPORTS)}; by default nifti,csv. A JSON record is always written",
    )
    return parser


def add_tissues(parser: argparse.ArgumentParser) -> None:
    """Add the options of a command that may use the tissues of a brain."""
    parser.add_argument(
        "--tissues",
        metavar="brain|FILE",
        help="segment first, and add the metrics that need the tissues of a brain",
    )
    parser.add_argument(
        "--t", type=int, metavar="N", help="steps of recurrence, for a file that does not tell"
    )


def check(parser: argparse.ArgumentParser, namespace: argparse.Namespace) -> None:
    """Refuse a model that is neither known nor a file, and steps that no network has."""
    option = "--model" if namespace.command == "segment" else "--tissues"
    known = MODELS if namespace.command == "segment" else (BRAIN,)
    model = getattr(namespace, option[2:])
    if model is not None and model not in known:
        path = Path(model)
        if path.suffix != ".safetensors":
            parser.error(
                f"{option} {model} is none of {', '.join(known)} and not named "
                ".safetensors; convert a checkpoint first: acutance models import FILE"
            )
        if not path.is_file():
            parser.error(f"{option} {model}: there is no such file")
    elif namespace.t is not None:
        parser.error(f"--t goes with {option} FILE")
    if namespace.t is not None and not 0 <= namespace.t <= 100:
        parser.error(f"--t {namespace.t} is not a number of steps from 0 to 100")


def find_tissues(
    item: SeriesItem, volume: Volume, runner: Runner, arguments: argparse.Namespace
) -> SegmentationResult | None:
    """Return the tissues of a volume for a command with `add_tissues`; None where none are asked.

    Raises
    ------
    AcutanceError
        If it cannot be segmented.
    """
    if arguments.tissues is None:
        return None
    weights = "" if arguments.tissues == BRAIN else str(arguments.tissues)
    request = SegmentationRequest(volume, weights=weights, recurrence=arguments.t)
    result: SegmentationResult = runner.submit("segmentation", request, title=item.title).value()
    return result


def _exports(text: str) -> tuple[str, ...]:
    kinds = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    unknown = [kind for kind in kinds if kind not in EXPORTS]
    if unknown or not kinds:
        raise argparse.ArgumentTypeError(f"{text!r} is not of {', '.join(EXPORTS)}")
    return kinds


def run(arguments: argparse.Namespace) -> int:
    """Carry out `segment` and return the exit code; one bad series never ends the others."""
    tally = Tally()
    paths = existing(arguments.paths, tally)
    if not paths:
        return tally.exit_code()
    with ExitStack() as stack:
        lines = stack.enter_context(open_json(arguments.json))
        runner = stack.enter_context(Runner(device=arguments.device))
        try:
            index = runner.index(paths).value()
        except AcutanceError as error:
            tally.fail(error)
            return tally.exit_code()
        report_rejections(index, paths, tally)
        for item in wanted(index, arguments.select, tally):
            try:
                _one_series(item, runner, arguments, lines, tally)
            except AcutanceError as error:
                tally.fail(named(error, item))
    return tally.exit_code()


def _one_series(
    item: SeriesItem,
    runner: Runner,
    arguments: argparse.Namespace,
    lines: TextIO | None,
    tally: Tally,
) -> None:
    from acutance.export.segmentation import segmentation_record

    started = time.monotonic()
    loaded = runner.read(item).value()
    if isinstance(loaded, LoadedVideo):
        raise UnsupportedInputError(
            "A video cannot be segmented.", remedy="Save the frames you need as pictures."
        )
    is_file = arguments.model not in MODELS
    request = SegmentationRequest(
        loaded.volume,
        weights=arguments.model if is_file else "",
        **({} if is_file else {"model": arguments.model}),
        recurrence=arguments.t,
        plane=arguments.plane,
        flips=arguments.flips,
        cleans=not arguments.keep_specks,
        backend=arguments.backend,
    )
    result: SegmentationResult = runner.submit("segmentation", request, title=item.title).value()
    record = segmentation_record(loaded, result, seconds=time.monotonic() - started)
    written, faults = _write(loaded, result, record, runner, arguments)
    record["output"] = {"files": [path.name for path in written]}
    write_line(lines, record)
    if arguments.json != "-":
        print(_summary(loaded, result, written))
    tally.done += 1
    for fault in faults:
        tally.fail(fault)


def _write(
    loaded: LoadedSeries,
    result: SegmentationResult,
    record: dict[str, Any],
    runner: Runner,
    arguments: argparse.Namespace,
) -> tuple[list[Path], list[AcutanceError]]:
    """Write every kind that was asked for; a kind that cannot be is told, the others are written.

    Raises
    ------
    ExportError
        If not even the record can be written.
    """
    from acutance.export import segmentation as export
    from acutance.export.exporters import report_stem

    folder: Path = arguments.output
    stem = f"{report_stem(loaded)}-segmentation"
    sources = tuple(map(Path, loaded.item.files))

    def seg() -> list[Path]:
        if loaded.item.reader != "dicom":
            raise ExportError(
                "A DICOM SEG needs DICOM images to refer to; this series has none.",
                remedy="Export it as NIfTI.",
                path=loaded.path,
            )
        target = folder / f"{stem}.dcm"
        labels = result.label_map
        asked = SegExport(
            sources, labels.array, loaded.volume.affine, labels.labels, result.model, target
        )
        return [Path(runner.export_seg(asked).value().path)]

    writers: dict[str, Callable[[], list[Path]]] = {
        "nifti": lambda: export.write_nifti(loaded, result, folder / f"{stem}.nii.gz", sources),
        "csv": lambda: export.write_csv(result, folder / f"{stem}.csv", sources),
        "seg": seg,
    }
    written = export.write_json(record, folder / f"{stem}-record.json", sources)
    faults: list[AcutanceError] = []
    for kind in arguments.export:
        try:
            written += writers[kind]()
        except AcutanceError as error:
            faults.append(error)
    return written, faults


def _summary(loaded: LoadedSeries, result: SegmentationResult, written: list[Path]) -> str:
    text = [f"{loaded.path}: {loaded.volume.name or 'series'}, {result.plane} slices"]
    for region in result.statistics:
        size = f"{region.voxels} voxels"
        if region.volume_ml is not None:
            size = f"{region.volume_ml:.1f} ml"
        median = "" if region.median is None else f", median {region.median:.4g}"
        text.append(f"  {region.name}: {size}{median}")
    for step in result.steps:
        if step.voxels:
            text.append(f"  {step.name}: {step.parts} parts, {step.voxels} voxels")
    if result.reason:
        text.append(f"  out of scope: {result.reason}")
    doubt = "" if result.model.status == SHIPPED else " weights"
    text.append(
        f"  {result.model.name} {result.model.version}{doubt}, {result.device}, "
        f"{result.seconds:.1f} s. {NOT_FOR_DIAGNOSIS}."
    )
    text += [f"  warning ({w.name}): {w.message}" for w in loaded.warnings]
    text.append("  written: " + ", ".join(str(path) for path in written))
    return "\n".join(map(printable, text))
