"""The command line of `acutance batch`: how it is asked. What it does is in `batching`."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acutance import NOT_FOR_DIAGNOSIS
from acutance.batch.settings import MAX_WORKERS, TASKS, Shard, parse_shard, parse_tasks
from acutance.core.restoration import DENOISE
from acutance.core.restoration import TASKS as RESTORATIONS
from acutance.core.segmentation import BRAIN, MODELS
from acutance.core.upscaling import SCALES

if TYPE_CHECKING:
    from collections.abc import Callable

MERGE = "merge"


def add_parser(
    commands: Any,
    *,
    device: Callable[[str], str],
    add_policy: Callable[[argparse.ArgumentParser], None],
) -> None:
    """Add `batch` to the commands.

    Parameters
    ----------
    commands : subparsers of argparse
    device : callable
        Checks a device.
    add_policy : callable
        Adds what scoring depends on beside the series.
    """
    batch = commands.add_parser(
        "batch",
        help="work on every series of a folder, to be gone on with after any interruption",
        usage="acutance batch [options] IN OUT\n       acutance batch merge SHARD... OUT",
        description=(
            "Work on every series below IN; results go to OUT, a new folder. Ctrl-C ends, "
            f"--resume goes on. 'merge' joins the folders of all shards. {NOT_FOR_DIAGNOSIS}."
        ),
    )
    batch.add_argument("paths", nargs="+", type=Path, metavar="IN OUT")
    batch.add_argument(
        "--tasks",
        type=_tasks,
        default=("score",),
        metavar=",".join(TASKS),
        help="what to do (score)",
    )
    batch.add_argument(
        "--workers", type=_workers, default=1, metavar="N", help="series at a time; memory grows"
    )
    batch.add_argument("--device", default="auto", type=device, metavar="auto|cpu|cuda:N")
    batch.add_argument(
        "--plane", default="auto", choices=["auto", "axial", "coronal", "sagittal", "all"]
    )
    add_policy(batch)
    batch.add_argument(
        "--segment-model",
        default=BRAIN,
        metavar="brain|nuclei|FILE",
        help="for the task segment: which network, or its weights as safetensors",
    )
    batch.add_argument(
        "--segment-t", type=int, metavar="N", help="steps of recurrence of that file"
    )
    batch.add_argument(
        "--restore-task", default=DENOISE, choices=RESTORATIONS, help="for the task restore"
    )
    batch.add_argument(
        "--restore-model", type=Path, metavar="FILE", help="weights for it, as safetensors"
    )
    batch.add_argument(
        "--upscale-scale", type=int, default=SCALES[0], choices=SCALES, help="for the task upscale"
    )
    batch.add_argument(
        "--upscale-model", type=Path, metavar="FILE", help="weights for it, as safetensors"
    )
    batch.add_argument(
        "--resume", action="store_true", help="go on with the batch in OUT, if there is one"
    )
    batch.add_argument(
        "--retry-failed", action="store_true", help="with --resume, try again what failed"
    )
    batch.add_argument(
        "--fail-on",
        choices=["check", "repeat", "error"],
        help="exit 4 when a series is at least this bad",
    )
    batch.add_argument(
        "--shard", type=_shard, default=Shard(), metavar="K/N", help="only this share of IN"
    )
    batch.add_argument(
        "--scheduler",
        type=_scheduler,
        metavar="tcp://HOST:PORT",
        help="run on an existing Dask cluster that sees the same folders",
    )
    batch.add_argument(
        "--json", metavar="FILE", help="one JSON object per series and line; - for standard output"
    )


def places(
    parser: argparse.ArgumentParser, namespace: argparse.Namespace
) -> tuple[Path, list[Path]]:
    """Return the output and the inputs; what cannot be meant ends with 2."""
    *inputs, output = namespace.paths
    if not inputs or (len(inputs) > 1 and str(inputs[0]) != MERGE):
        parser.error("batch wants IN and OUT, or merge SHARD... OUT")
    if namespace.retry_failed and not namespace.resume:
        parser.error("--retry-failed goes with --resume")
    _check_model(parser, namespace.segment_model, namespace.segment_t)
    for option in ("--restore-model", "--upscale-model"):
        weights = getattr(namespace, option[2:].replace("-", "_"))
        if weights is not None and (weights.suffix != ".safetensors" or not weights.is_file()):
            parser.error(f"{option} {weights} is no file named .safetensors")
    return output, inputs[1:] if len(inputs) > 1 else inputs


def _check_model(parser: argparse.ArgumentParser, model: str, steps: int | None) -> None:
    if steps is not None and (model in MODELS or not 0 <= steps <= 100):
        parser.error("--segment-t goes with --segment-model FILE, and is from 0 to 100")
    if model in MODELS:
        return
    if not model.endswith(".safetensors") or not Path(model).is_file():
        parser.error(
            f"--segment-model {model} is none of {', '.join(MODELS)} and no file named .safetensors"
        )


def _tasks(text: str) -> tuple[str, ...]:
    try:
        return parse_tasks(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _shard(text: str) -> Shard:
    try:
        return parse_shard(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _scheduler(text: str) -> str:
    if not re.fullmatch(r"(tcp|tls)://\S+:\d{1,5}", text) or int(text.rpartition(":")[2]) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not tcp://HOST:PORT")
    return text


def _workers(text: str) -> int:
    if not text.isdecimal() or len(text) > 4 or not 1 <= int(text) <= MAX_WORKERS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {MAX_WORKERS}")
    return int(text)
