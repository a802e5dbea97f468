"""Work of `acutance restore`: read each series, restore it, write it so that it tells."""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from acutance import NOT_FOR_DIAGNOSIS, cli
from acutance.core.ledger import LoadedVideo
from acutance.core.quality import SHIPPED, QualityRequest
from acutance.core.restoration import (
    DENOISE,
    TASKS,
    RestorationRequest,
    RestorationResult,
    restored_volume,
    score_warning,
)
from acutance.core.segmentation import BRAIN, SegmentationRequest, region_warnings
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
from acutance_models.catalogue import list_descriptors

if TYPE_CHECKING:
    from acutance.core.ledger import LoadedSeries, SeriesItem

#: Files beside a series that are named with it.
NAMED_ASIDES = 5
FORMATS = ("nifti", "dicom", "png")
_SUFFIXES = {".nii": "nifti", ".nii.gz": "nifti", ".dcm": "dicom", ".png": "png"}
_NATIVE = {"dicom": "dicom", "raster": "png", "tiff": "png"}


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Add `restore` to the commands; paths, JSON, selection and device are the caller's."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "restore",
        help="remove noise, motion or compression, between least error and natural appearance",
        epilog="acutance restore fit: fit an operator for the perceptual end (see its --help)",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="OUT",
        required=True,
        help="a file where it ends in .nii, .nii.gz, .dcm or .png, else a folder",
    )
    parser.add_argument("--task", default=DENOISE, choices=TASKS)
    parser.add_argument(
        "--alpha",
        type=_alpha,
        default=1.0,
        metavar="A",
        help="from 1, faithful (the default), to 0, perceptual; below 1 an operator is needed",
    )
    parser.add_argument(
        "--operator", type=Path, metavar="FILE", help="a fitted operator in place of the shipped"
    )
    parser.add_argument(
        "--model", type=Path, metavar="FILE", help="a network as safetensors in place of the task's"
    )
    parser.add_argument(
        "--vae", type=Path, metavar="FILE", help="the autoencoder that the operator was fitted with"
    )
    parser.add_argument("--plane", default="auto", choices=("auto", "axial", "coronal", "sagittal"))
    parser.add_argument(
        "--format", choices=FORMATS, help="of files in a folder; by default that of the input"
    )
    parser.add_argument(
        "--no-check", action="store_true", help="leave out the score before and after"
    )
    parser.add_argument(
        "--site", type=Path, metavar="FILE", help="site file; its least_alpha bounds --alpha (TOML)"
    )
    return parser


def check(parser: argparse.ArgumentParser, namespace: argparse.Namespace) -> None:
    """Refuse files that are not there, and an output that lies in an input."""
    for option in ("operator", "model", "vae"):
        path = getattr(namespace, option, None)
        if path is None:
            continue
        if path.suffix != ".safetensors":
            parser.error(
                f"--{option} {path} is not named .safetensors; convert a checkpoint first: "
                "acutance models import FILE"
            )
        if not path.is_file():
            parser.error(f"--{option} {path}: there is no such file")
    if namespace.command != "restore":
        return
    if file_kind(namespace.output) is None:
        if namespace.output.exists() and not namespace.output.is_dir():
            parser.error(f"the output {namespace.output} is a file; name a folder")
    elif namespace.format not in (None, file_kind(namespace.output)):
        parser.error(f"--format {namespace.format} is not what the output's name ends in")
    target = namespace.output.resolve()
    for path in namespace.paths:
        source = path.resolve()
        if target == source or (source.is_dir() and source in target.parents):
            parser.error(
                f"the output {namespace.output} lies in the input {path}; choose another place"
            )


def file_kind(output: Path) -> str | None:
    """Return which format a file name stands for; None for a folder."""
    name = output.name.lower()
    return next((kind for suffix, kind in _SUFFIXES.items() if name.endswith(suffix)), None)


def _alpha(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return value


def run(arguments: argparse.Namespace) -> int:
    """Carry out `restore` and return the exit code; one bad series never ends the others."""
    tally = Tally()
    paths = existing(arguments.paths, tally)
    try:
        _respect_site(arguments)
    except AcutanceError as error:
        tally.fail(error)
        return cli.NOTHING_DONE
    if not paths:
        return tally.exit_code()
    with ExitStack() as stack:
        lines = stack.enter_context(open_json(arguments.json))
        runner = stack.enter_context(Runner(device=arguments.device))
        try:
            index = runner.index(paths).value()
            report_rejections(index, paths, tally)
            items = list(wanted(index, arguments.select, tally))
            if len(items) > 1 and file_kind(arguments.output) is not None:
                raise ExportError(
                    f"There are {len(items)} series, and one file was named.",
                    remedy="Name a folder.",
                    path=arguments.output,
                )
        except AcutanceError as error:
            tally.fail(error)
            return tally.exit_code()
        for item in items:
            try:
                _one_series(item, runner, arguments, lines, tally)
            except AcutanceError as error:
                tally.fail(named(error, item))
    return tally.exit_code()


def _respect_site(arguments: argparse.Namespace) -> None:
    """Raise where a position lies beyond what the site allows.

    Raises
    ------
    AcutanceError
        If it does, or the site file cannot be used.
    """
    from acutance.io.site import find_site_file, read_site_file

    path = find_site_file(arguments.site)
    if path is None:
        return
    least = read_site_file(path).least_alpha
    if arguments.alpha < least:
        raise UnsupportedInputError(
            f"The site file allows no alpha below {least:g}; {arguments.alpha:g} was asked for.",
            remedy=f"Give --alpha {least:g} or more.",
            path=path,
        )


def _one_series(
    item: SeriesItem,
    runner: Runner,
    arguments: argparse.Namespace,
    lines: TextIO | None,
    tally: Tally,
) -> None:
    from acutance.export.restoration import restoration_record

    started = time.monotonic()
    loaded = runner.read(item).value()
    if isinstance(loaded, LoadedVideo):
        raise UnsupportedInputError(
            "A video cannot be restored.", remedy="Save the frames you need as pictures."
        )
    request = RestorationRequest(
        loaded.volume,
        task=arguments.task,
        weights=_named(arguments.model),
        operator=_named(arguments.operator),
        autoencoder=_named(arguments.vae),
        plane=arguments.plane,
    )
    result: RestorationResult = runner.submit("restoration", request, title=item.title).value()
    if arguments.alpha < 1 and not result.has_ends:
        raise UnsupportedInputError(
            f"No operator is installed for the task {arguments.task!r}, so there is no alpha "
            "below 1.",
            remedy="Fit one: acutance restore fit; then --operator FILE.",
        )
    warnings = [] if arguments.no_check else before_and_after(loaded, result, runner, arguments)
    record = restoration_record(loaded, result, arguments.alpha, seconds=time.monotonic() - started)
    record["restoration"]["warnings"] = warnings
    written = _write(loaded, result, record, runner, arguments)
    record["output"] = {"files": [path.name for path in written]}
    write_line(lines, record)
    if arguments.json != "-":
        print(_summary(loaded, result, record, written, arguments.alpha))
    tally.done += 1


def _named(path: Path | None) -> str:
    return "" if path is None else str(path)


def before_and_after(
    loaded: LoadedSeries,
    result: RestorationResult,
    runner: Runner,
    arguments: argparse.Namespace,
) -> list[str]:
    """Return what scorer and segmenter see before and after, as warnings; never a verdict.

    Raises
    ------
    AcutanceError
        If one of them fails.
    """
    before = runner.submit("quality", QualityRequest(loaded.volume)).value()
    if before.ssim_pred is None:
        return []
    # Shown to the networks as if it were a scan: what is restored is never assessed otherwise.
    after = restored_volume(loaded.volume, result, arguments.alpha)
    after = replace(after, facts=loaded.volume.facts)
    seen = runner.submit("quality", QualityRequest(after)).value()
    warnings = []
    if seen.ssim_pred is not None:
        warnings.append(score_warning(before.ssim_pred, seen.ssim_pred))
    if before.in_scope and any(
        d.task == "segmentation" and d.id.endswith(BRAIN) for d in list_descriptors()
    ):
        one, other = (
            runner.submit("segmentation", SegmentationRequest(volume)).value()
            for volume in (loaded.volume, after)
        )
        warnings += region_warnings(one, other)
    return warnings


def _write(
    loaded: LoadedSeries,
    result: RestorationResult,
    record: dict[str, Any],
    runner: Runner,
    arguments: argparse.Namespace,
) -> list[Path]:
    """Write the restored series and, in a folder, its change map; return the files.

    Raises
    ------
    ExportError
        If a file cannot be written.
    """
    from acutance.export import restoration as export
    from acutance.export.exporters import report_stem

    output: Path = arguments.output
    alpha: float = arguments.alpha
    sources = tuple(map(Path, loaded.item.files))
    kind = file_kind(output)
    is_folder = kind is None
    kind = kind or arguments.format or _NATIVE.get(loaded.item.reader, "nifti")
    stem = f"{report_stem(loaded)}{export.DESCRIPTION}"
    if is_folder:
        output = output / (stem if kind == "dicom" else stem + _suffix(kind))
    elif kind == "png" and loaded.volume.shape[result.axis] > 1:
        raise ExportError(
            f"A PNG holds one slice; this series has {loaded.volume.shape[result.axis]}.",
            remedy="Name a folder, and give --format png.",
            path=output,
        )
    record["restoration"]["change"] = None
    written: list[Path] = []
    change = _change(loaded, result, alpha, record)
    if kind == "dicom":
        asked = export.dicom_request(loaded, result, alpha, output)
        made = runner.export_derived(asked).value()
        written += map(Path, made.paths)
        written.append(export.write_sidecar(record, output, sources))
    elif kind == "png":
        written += export.write_pictures(loaded, result, alpha, record, output, sources)
    else:
        written += export.write_nifti(loaded, result, alpha, record, output, sources)
    if is_folder and change is not None:
        target = arguments.output / f"{stem}-change.nii.gz"
        written += export.write_change(loaded.volume, change, target, sources)
    return written


def _suffix(kind: str) -> str:
    return ".png" if kind == "png" else ".nii.gz"


def _change(
    loaded: LoadedSeries, result: RestorationResult, alpha: float, record: dict[str, Any]
) -> Any:
    """Return the change map and tell its shares in the record; None where there is no noise."""
    if result.noise.sigma <= 0:
        return None
    from acutance.core.change import SCALES_MM, THRESHOLD
    from acutance.metrics.change import change_volume

    change, shares = change_volume(loaded.volume, result.blend(alpha), result.noise, result.plane)
    known = [share for share in shares if share is not None]
    record["restoration"]["change"] = {
        "threshold_sd": THRESHOLD,
        "scales_mm": list(SCALES_MM),
        "changed_share": round(sum(known) / len(known), 6) if known else None,
        "changed_share_by_slice": list(shares),
    }
    return change


def _summary(
    loaded: LoadedSeries,
    result: RestorationResult,
    record: dict[str, Any],
    written: list[Path],
    alpha: float,
) -> str:
    told = record["restoration"]
    text = [f"{loaded.path}: {loaded.volume.name or 'series'}, {result.plane} slices"]
    added = told["added_rms_error"]
    error = f"adds {added:.2%} of the range to the expected error"
    if told["expected_rms_error"] is not None:
        error = f"expected error {told['expected_rms_error']:.2%} of the range, {added:.2%} of it"
        error += " added"
    index = told["perceptual_index"]
    seen = "" if index is None else f", distance to sharp images {index:.0%}"
    text.append(f"  alpha {alpha:g}: {error}{seen}")
    noise = result.noise
    if noise.sigma > 0:
        share = f"{result.relative_noise:.1%} of the range"
        where = f"noise {noise.sigma:.4g}, {share} (measured in {noise.source})"
        change = told["change"]
        if change and change["changed_share"] is not None:
            where += f"; {change['changed_share']:.1%} changed beyond it"
        text.append(f"  {where}")
    text += [f"  warning: {warning}" for warning in told["warnings"]]
    if result.reason:
        text.append(f"  out of scope: {result.reason}")
    if result.operator is not None and alpha < 1:
        operator = result.operator
        made_for = f", for noise {operator.noise:.1%}" if operator.noise else ""
        text.append(f"  operator {operator.name} {operator.version} ({operator.status}){made_for}")
    doubt = "" if result.model.status == SHIPPED else " weights"
    text.append(
        f"  {result.model.name} {result.model.version}{doubt}, {result.device}, "
        f"{result.seconds:.1f} s. Computed, not acquired. {NOT_FOR_DIAGNOSIS}."
    )
    text += [f"  warning ({w.name}): {w.message}" for w in loaded.warnings]
    asides = loaded.ledger.set_aside
    text += [f"  set aside: {aside.file}: {aside.reason}" for aside in asides[:NAMED_ASIDES]]
    if len(asides) > NAMED_ASIDES:
        text.append(f"  and {len(asides) - NAMED_ASIDES} more files set aside")
    shown = ", ".join(str(path) for path in written[:4])
    more = f" and {len(written) - 4} more files" if len(written) > 4 else ""
    text.append(f"  written: {shown}{more}")
    return "\n".join(map(printable, text))
