"""Work of `acutance upscale`: one clip at more pixels, as a video, pictures or a DICOM cine."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acutance import NOT_FOR_DIAGNOSIS, cli
from acutance.core.clip_export import CODECS
from acutance.core.quality import SHIPPED
from acutance.core.upscaling import (
    DEFAULT_THETA,
    MAX_TILE,
    MIN_TILE,
    SCALES,
    UpscaleSettings,
)
from acutance.errors import AcutanceError, JobCancelled
from acutance.telling import printable

if TYPE_CHECKING:
    from acutance.upscaling.run import UpscaleEvent, UpscaleOutcome
    from acutance.upscaling.source import Clip

#: Seconds between two lines of progress where they are not written over each other.
_LINE_SECONDS = 10.0


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Add `upscale` to the commands; the device is the caller's."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "upscale", help="give a video, a DICOM cine or a folder of frames more pixels"
    )
    parser.add_argument("path", type=Path, metavar="PATH")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="OUT",
        required=True,
        help="a file that ends in .mp4, .mkv, .avi or .dcm, else a folder for PNG frames",
    )
    parser.add_argument("--scale", type=int, default=4, choices=SCALES)
    parser.add_argument(
        "--strength",
        type=_share,
        default=1.0,
        metavar="0..1",
        help="share of the network, the rest is bicubic interpolation (1)",
    )
    parser.add_argument(
        "--model", default="", metavar="NAME|FILE", help="a network, or its weights as safetensors"
    )
    parser.add_argument(
        "--chunk",
        type=_frames,
        metavar="N",
        help="frames enlarged at once; 0 for the whole clip, which needs much memory",
    )
    parser.add_argument(
        "--tile",
        type=_tile,
        default=0,
        metavar="auto|N",
        help="longest side computed at once, in pixels of the input",
    )
    parser.add_argument(
        "--theta",
        type=_levels,
        default=DEFAULT_THETA,
        metavar="LEVELS",
        help="frames are cleaned again, at most three times, while that changes more than this "
        f"({DEFAULT_THETA:g} of 255)",
    )
    parser.add_argument(
        "--codec",
        default="",
        choices=["", *(codec.id for codec in CODECS)],
        metavar="CODEC",
        help="of a video: "
        + ", ".join(f"{codec.id} ({codec.licence})" for codec in CODECS)
        + "; by default the first that fits",
    )
    parser.add_argument("--resume", action="store_true", help="go on with an interrupted run")
    parser.add_argument("--json", metavar="FILE", help="the record; - for standard output")
    return parser


def check(parser: argparse.ArgumentParser, namespace: argparse.Namespace) -> None:
    """Refuse weights that are no file, and a record that would replace what is read."""
    if namespace.json not in (None, "-"):
        cli.check_json(parser, Path(namespace.json), [namespace.path])
    model = Path(namespace.model)
    if model.suffix and model.suffix != ".safetensors":
        parser.error(
            f"--model {model} is not named .safetensors; convert a checkpoint first: "
            "acutance models import FILE"
        )
    if model.suffix and not model.is_file():
        parser.error(f"--model {model}: there is no such file")


def run(arguments: argparse.Namespace) -> int:
    """Carry out `upscale` and return the exit code."""
    from acutance.jobs.runner import Runner
    from acutance.upscaling.plan import make_plan
    from acutance.upscaling.run import Upscale
    from acutance.upscaling.source import open_clip, value_ends

    is_file = arguments.model.endswith(".safetensors")
    settings = UpscaleSettings(
        arguments.scale,
        arguments.strength,
        "" if is_file else arguments.model,
        str(Path(arguments.model).resolve()) if is_file else "",
        arguments.theta,
        arguments.tile,
    )
    teller = Teller(sys.stderr)
    with Runner(device=arguments.device) as runner:
        if settings.strength > 0:
            runner.warm_up("engine")
        try:
            clip = open_clip(runner, arguments.path)
            for warning in clip.warnings:
                teller.say(f"warning ({warning.name}): {warning.message}")
            plan = make_plan(
                clip,
                arguments.output,
                settings,
                value_ends(runner, clip),
                chunk=arguments.chunk,
                codec=arguments.codec,
            )
            upscale = Upscale(runner, plan, listener=teller.hear, resumes=arguments.resume)
            outcome = upscale.run()
        except JobCancelled:
            teller.say("Interrupted; finished chunks are kept: run again with --resume.")
            return cli.INTERRUPTED
        except KeyboardInterrupt:
            teller.say("Interrupted; finished chunks are kept: run again with --resume.")
            return cli.INTERRUPTED
        except AcutanceError as error:
            teller.say(str(error))
            return cli.NOTHING_DONE
    teller.end()
    record = outcome.record | {
        "seconds": round(outcome.seconds, 3),
        "frames_per_second": round(outcome.rate, 3),
        "frames_of_an_earlier_run": outcome.reused,
        "sound_tracks": outcome.sound_tracks,
        "stages": {name: round(value, 3) for name, value in outcome.stages.items()},
        "output_notes": list(outcome.notes),
    }
    _write_json(record, arguments.json)
    if arguments.json != "-":
        print(summary(clip, outcome))
    return cli.DONE


class Teller:
    """Tells how far a run is, on one line of a terminal or on a few lines of a file."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._is_terminal = bool(stream.isatty())
        self._next = time.monotonic() + (0.0 if self._is_terminal else _LINE_SECONDS)
        self._width = 0

    def hear(self, event: UpscaleEvent) -> None:
        """Take an event; most are passed over."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (0.25 if self._is_terminal else _LINE_SECONDS)
        text = pace_words(event)
        if not self._is_terminal:
            print(text, file=self._stream, flush=True)
            return
        self._stream.write("\r" + text.ljust(self._width))
        self._stream.flush()
        self._width = len(text)

    def say(self, text: str) -> None:
        """Print a line of its own."""
        self.end()
        print(printable(text), file=self._stream, flush=True)

    def end(self) -> None:
        """End the line that is written over."""
        if self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._width = 0


def pace_words(event: UpscaleEvent) -> str:
    """Return how far a run is, in words."""
    text = f"{event.message}: {int(event.done)} of {event.count} frames"
    if event.rate:
        text += f", {event.rate:.2f} frames/s"
    if event.seconds_left is not None:
        minutes, seconds = divmod(round(event.seconds_left), 60)
        hours, minutes = divmod(minutes, 60)
        text += f", {hours}:{minutes:02d}:{seconds:02d} left"
    return text


def summary(clip: Clip, outcome: UpscaleOutcome) -> str:
    """Return what came of a run, for people."""
    record, video = outcome.record, clip.video
    height, width = record["size"]
    parameters, model = record["parameters"], record["model"]
    text = [
        f"{clip.path}: {outcome.frames} frames of {video.width} x {video.height} pixels "
        f"are {width} x {height} now",
        f"  {model['name']} {model['version']}".rstrip()
        + ("" if model["status"] == SHIPPED else " weights")
        + f", strength {parameters['strength']:g}, {parameters['precision']}",
    ]
    passes = _counted(record["passes"])
    if any(record["passes"]):
        text.append(f"  cleaned (theta {parameters['theta']:g}): {passes}")
    fallbacks = record["fallbacks"]
    if fallbacks:
        text.append(
            f"  {len(fallbacks)} frames departed from their input and are bicubic instead: "
            + ", ".join(str(n + 1) for n in fallbacks[:10])
            + (", ..." if len(fallbacks) > 10 else "")
        )
    if outcome.damaged:
        text.append(f"  {outcome.damaged} frames of the source are damaged; the one before stands")
    if outcome.reused:
        text.append(f"  {outcome.reused} frames are of the interrupted run")
    if outcome.sound_tracks:
        text.append(f"  sound tracks kept: {outcome.sound_tracks}")
    text += [f"  note: {note}" for note in (*clip.notes, *outcome.notes)]
    text.append(f"  {outcome.seconds:.1f} s, {outcome.rate:.2f} frames/s. {NOT_FOR_DIAGNOSIS}.")
    text.append(f"  written: {outcome.path}")
    return "\n".join(map(printable, text))


def _counted(passes: list[int]) -> str:
    found = Counter(passes)
    return ", ".join(
        f"{frames} frames {'once' if n == 1 else 'twice' if n == 2 else f'{n} times'}"
        for n, frames in sorted(found.items())
    )


def _write_json(record: dict[str, Any], target: str | None) -> None:
    if target is None:
        return
    text = json.dumps(record, allow_nan=False) + "\n"
    if target == "-":
        sys.stdout.write(text)
    else:
        Path(target).write_text(text, encoding="utf-8")


def _share(text: str) -> float:
    return _number(text, 0.0, 1.0)


def _levels(text: str) -> float:
    return _number(text, 0.0, 255.0)


def _number(text: str, low: float, high: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = low - 1.0
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from {low:g} to {high:g}")
    return value


def _frames(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 7:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of frames")
    return int(text)


def _tile(text: str) -> int:
    if text == "auto":
        return 0
    if not text.isascii() or not text.isdecimal() or not MIN_TILE <= int(text[:9]) <= MAX_TILE:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not auto or a number of pixels from {MIN_TILE} to {MAX_TILE}"
        )
    return int(text)
