"""Work of `acutance timeline`: the quality of a clip frame by frame, and its best seconds."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acutance import NOT_FOR_DIAGNOSIS, cli
from acutance.errors import AcutanceError, ExportError
from acutance.export.atomic import replacing
from acutance.telling import printable

if TYPE_CHECKING:
    import argparse

    from acutance.upscaling.source import Clip
    from acutance.upscaling.timeline import ClipQuality


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Add `timeline` to the commands."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "timeline", help="measure each frame of a clip, and find its best seconds"
    )
    parser.add_argument("path", type=Path, metavar="PATH")
    parser.add_argument(
        "--best", type=cli.seconds, default=3.0, metavar="SECONDS", help="how long (3)"
    )
    parser.add_argument(
        "--warping", action="store_true", help="add the temporal warping error, which takes longest"
    )
    parser.add_argument(
        "--niqe", action="store_true", help="add NIQE against our own pristine pictures"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write a CSV table")
    parser.add_argument("--json", metavar="FILE", help="everything; - for standard output")
    return parser


def check(parser: argparse.ArgumentParser, namespace: argparse.Namespace) -> None:
    """Refuse outputs that would replace what is read."""
    if namespace.json not in (None, "-"):
        cli.check_json(parser, Path(namespace.json), [namespace.path])
    if namespace.output is not None and namespace.output.is_dir():
        parser.error(f"the output {namespace.output} is a folder; name a file")


def run(arguments: argparse.Namespace) -> int:
    """Carry out `timeline` and return the exit code."""
    from acutance.jobs.runner import Runner
    from acutance.upscaling.source import open_clip
    from acutance.upscaling.timeline import measure_clip

    try:
        with Runner(device="cpu") as runner:
            clip = open_clip(runner, arguments.path)
            found = measure_clip(runner, clip, warps=arguments.warping, rates=arguments.niqe)
        if arguments.output is not None:
            _write_table(found, arguments.output, clip)
        record = _record(found, arguments.best)
        if arguments.json == "-":
            sys.stdout.write(json.dumps(record, allow_nan=False) + "\n")
        elif arguments.json is not None:
            Path(arguments.json).write_text(json.dumps(record, allow_nan=False) + "\n", "utf-8")
    except AcutanceError as error:
        print(printable(str(error)), file=sys.stderr)
        return cli.NOTHING_DONE
    if arguments.json != "-":
        print(summary(clip, found, arguments.best))
    return cli.DONE


def summary(clip: Clip, found: ClipQuality, seconds: float) -> str:
    """Return what was found, for people."""
    values = found.quality.values

    def mean(name: str) -> float:
        known = [v for v in values[name] if v is not None]
        return sum(known) / len(known) if known else 0.0

    start, stop = found.best(seconds)
    text = [
        f"{clip.path}: {found.quality.count} frames",
        f"  sharpness {mean('sharpness'):.4g}, noise {mean('noise'):.4g}, "
        f"blockiness {mean('blockiness'):.3f}, brightness {mean('mean'):.3f} (means)",
        f"  frames that stand still: {found.standing}",
        f"  best {seconds:g} s: frames {start + 1} to {stop}, "
        f"{found.times[start]:.3f} s to {found.times[stop - 1]:.3f} s",
    ]
    if any(v is not None for v in values["niqe"]):
        text.append(f"  NIQE {mean('niqe'):.3f} (our own pristine set; lower is more natural)")
    if any(v is not None for v in values["warping_error"]):
        text.append(f"  warping error {mean('warping_error'):.4g}")
    if found.damaged:
        text.append(f"  damaged frames: {found.damaged}; the one before stands in their place")
    text.append(f"  {NOT_FOR_DIAGNOSIS}.")
    return "\n".join(map(printable, text))


def _record(found: ClipQuality, seconds: float) -> dict[str, Any]:
    start, stop = found.best(seconds)
    return {
        "not_for_diagnosis": NOT_FOR_DIAGNOSIS,
        "times": [round(float(t), 9) for t in found.times],
        **found.quality.to_plain(),
        "goodness": [round(float(g), 4) for g in found.goodness],
        "standing": found.standing,
        "damaged_frames": found.damaged,
        "best": {"seconds": seconds, "first_frame": start, "frames": stop - start},
    }


def _write_table(found: ClipQuality, path: Path, clip: Clip) -> None:
    from acutance.upscaling.timeline import COLUMNS

    try:
        with (
            replacing(path, sources=clip.files) as temporary,
            temporary.open("w", newline="", encoding="utf-8") as file,
        ):
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows(found.rows())
    except OSError as error:
        raise ExportError(f"The table could not be written: {error}.", path=path) from error
