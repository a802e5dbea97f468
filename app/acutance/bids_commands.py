"""`acutance bids`: a BIDS-App. Names of options are those that users of MRIQC type.

References
----------
.. [1] BIDS execution specification: arguments, exit codes.
"""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acutance import NOT_FOR_DIAGNOSIS, __version__
from acutance.batch.settings import MAX_WORKERS
from acutance.batch.work import Work, work_on
from acutance.core.bids import SUFFIXES, BidsFilter
from acutance.core.iqm import IqmResult
from acutance.core.ledger import LoadedVideo
from acutance.errors import AcutanceError, ExportError, ReadError, UnsupportedInputError
from acutance.export import bids_derivative as derivative
from acutance.export.evidence import Extras
from acutance.export.exporters import write_series_report
from acutance.headless import scoring_policy
from acutance.io.bids import check_dataset, find_images
from acutance.jobs.runner import Runner
from acutance.telling import complain, printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from acutance.core.bids import BidsImage
    from acutance.core.scoring import ScoringPolicy

DONE, FAILED, INVALID, UNKNOWN_LEVEL, NOTHING_CHOSEN = 0, 1, 16, 17, 18
USAGE, NO_INPUT, CANNOT_CREATE = 64, 66, 73
LEVELS = ("participant", "group")
#: Suffixes of images that MRIQC measures and we do not.
_OTHERS = ("bold", "dwi")
#: Options of MRIQC that have nothing to act on here: with a value, and without one.
_IGNORED = {
    "--omp-nthreads": 1,
    "--mem": 1,
    "--mem_gb": 1,
    "--mem-gb": 1,
    "-w": 1,
    "--work-dir": 1,
    "--bids-database-dir": 1,
    "--use-plugin": 1,
    "--fd_thres": 1,
    "--no-sub": 0,
    "--notrack": 0,
    "--float32": 0,
    "--verbose-reports": 0,
    "--resource-monitor": 0,
}


def add_parser(
    commands: Any,
    *,
    device: Callable[[str], str],
    add_policy: Callable[[argparse.ArgumentParser], None],
) -> None:
    """Add `bids` to the commands; wrong usage of it exits with the code of the specification."""
    parser: Any = commands.add_parser(
        "bids",
        help="measure a BIDS dataset, as a BIDS-App with the options of MRIQC",
        description=(
            "Score and measure the anatomical images of a BIDS dataset and write a derivative: "
            f"a JSON and a report for each image, a table for each kind. {NOT_FOR_DIAGNOSIS}."
        ),
    )
    parser.error = partial(_refuse, parser)
    parser.set_defaults(refuse=parser.error)
    parser.add_argument("bids_dir", type=Path, metavar="BIDS_DIR")
    parser.add_argument("output_dir", type=Path, metavar="OUT")
    parser.add_argument("levels", nargs="+", metavar="participant|group")
    for names, key in (
        (("--participant-label", "--participant_label"), "participants"),
        (("--session-id", "--session_id"), "sessions"),
        (("--run-id", "--run_id"), "runs"),
        (("--task-id", "--task_id"), "task_ids"),
        (("-m", "--modalities"), "modalities"),
    ):
        parser.add_argument(*names, nargs="+", default=[], dest=key, metavar="LABEL")
    parser.add_argument(
        "--nprocs", "--n_procs", "--n_cpus", type=_count, default=1, dest="workers", metavar="N"
    )
    parser.add_argument("--device", default="auto", type=device, metavar="auto|cpu|cuda:N")
    parser.add_argument("--species", default="human", choices=["human"])
    parser.add_argument("--dry-run", action="store_true", help="say what would be measured")
    parser.add_argument(
        "--skip-bids-validation", "--skip_bids_validation", action="store_true", dest="is_lax"
    )
    parser.add_argument("-v", dest="verbosity", action="count", default=0, help="tell more")
    for name, values in _IGNORED.items():
        kind: dict[str, Any] = {"nargs": 1} if values else {"action": "store_true"}
        parser.add_argument(
            name, dest=f"ignored{name}", default=None, help="taken and not needed here", **kind
        )
    add_policy(parser)


def _refuse(parser: argparse.ArgumentParser, message: str) -> None:
    parser.print_usage(sys.stderr)
    parser.exit(USAGE, f"{parser.prog}: error: {message}\n")


@dataclass
class _Tally:
    """What became of the images."""

    done: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def run(arguments: argparse.Namespace) -> int:
    """Carry out `bids` and return an exit code of the BIDS-App specification."""
    for level in arguments.levels:
        if level not in LEVELS:
            _say(f"There is no analysis level {level!r}; there are {' and '.join(LEVELS)}.")
            return UNKNOWN_LEVEL
    for name in _IGNORED:
        if getattr(arguments, f"ignored{name}", None) not in (None, False):
            _say(f"{name} is taken and has nothing to act on here.")
    root, output = arguments.bids_dir, arguments.output_dir
    if not root.is_dir():
        complain(ReadError("There is no such folder.", remedy="Check the path.", path=root))
        return NO_INPUT
    if output.resolve() == root.resolve():
        _say(
            "The output is the dataset itself; name a folder such as DATASET/derivatives/acutance."
        )
        return USAGE
    try:
        if not arguments.is_lax:
            check_dataset(root)
    except ReadError as error:
        complain(error)
        return INVALID
    try:
        suffixes = _suffixes(arguments.modalities)
        wanted = BidsFilter(
            tuple(arguments.participants),
            tuple(arguments.sessions),
            tuple(arguments.runs),
            tuple(arguments.task_ids),
            suffixes,
        )
        if not suffixes:
            _say(f"There is nothing to measure; images measured are {', '.join(SUFFIXES)}.")
            return NOTHING_CHOSEN
        code = DONE
        if "participant" in arguments.levels:
            code = _participants(arguments, wanted)
        # As MRIQC does: the table follows by itself where nobody asked for some participants only.
        is_group = "group" in arguments.levels or not arguments.participants
        if is_group and not arguments.dry_run and code in (DONE, FAILED):
            code = max(code, _group(output, suffixes))
    except ExportError as error:
        complain(error)
        return CANNOT_CREATE
    except AcutanceError as error:
        complain(error)
        return FAILED
    return code


def _suffixes(wanted: list[str]) -> tuple[str, ...]:
    for name in wanted:
        if name in _OTHERS:
            _say(f"{name} images are not measured; acutance measures anatomical ones.")
        elif name not in SUFFIXES:
            _say(f"{name!r} is no kind of image that is measured.")
    return tuple(name for name in SUFFIXES if name in wanted) if wanted else SUFFIXES


def _participants(arguments: argparse.Namespace, wanted: BidsFilter) -> int:
    images = find_images(arguments.bids_dir, wanted)
    if not images:
        _say("No image of the dataset fits what was asked for.")
        return NOTHING_CHOSEN
    if arguments.dry_run:
        for image in images:
            print(printable(image.stem))
        return DONE
    derivative.write_description(arguments.output_dir)
    measuring = _Measuring(arguments, scoring_policy(arguments))
    tally = measuring.measure(images)
    print(
        f"{len(tally.done)} images measured, {len(tally.kept)} as they were, "
        f"{len(tally.failed)} failed. {NOT_FOR_DIAGNOSIS}."
    )
    return FAILED if tally.failed else DONE


class _Measuring:
    """Measures images, several at a time."""

    def __init__(self, arguments: argparse.Namespace, policy: ScoringPolicy) -> None:
        self._output: Path = arguments.output_dir
        self._workers: int = arguments.workers
        self._device: str = arguments.device
        self._plane = "auto"
        self._policy = policy
        self._tally = _Tally()
        self._door = threading.Lock()
        self._settings = {
            "plane": self._plane,
            "device": self._device,
            "network": policy.network,
            "weights": Path(policy.weights).name,
            "site_sha256": policy.site.sha256,
        }

    def measure(self, images: list[BidsImage]) -> _Tally:
        """Measure every image; one that cannot be is told and the others go on."""
        runners: list[Runner] = []
        mine = threading.local()

        def begin() -> None:
            mine.runner = Runner(device=self._device)
            with self._door:
                runners.append(mine.runner)

        def work(image: BidsImage) -> None:
            try:
                is_new = self._one(image, mine.runner)
            except AcutanceError as error:
                told = error if error.path else type(error)(
                    error.message, remedy=error.remedy, path=image.path
                )  # fmt: skip
                self._note(self._tally.failed, image, str(told))
            else:
                self._note(self._tally.done if is_new else self._tally.kept, image)

        try:
            with ThreadPoolExecutor(self._workers, "bids", initializer=begin) as pool:
                list(pool.map(work, images))
        finally:
            for runner in runners:
                runner.close()
        return self._tally

    def _note(self, names: list[str], image: BidsImage, fault: str = "") -> None:
        with self._door:
            names.append(image.stem)
            if fault:
                _say(fault)
            else:
                print(printable(image.stem), flush=True)

    def _one(self, image: BidsImage, runner: Runner) -> bool:
        """Measure an image; return False where that was done before by the same means."""
        md5sum = _md5(image.path)
        target = self._output / image.folder / f"{image.stem}.json"
        beside = target.with_name(record_name(image.stem))
        if beside.is_file() and self._is_done(target, md5sum):
            return False
        index = runner.index([image.path]).value()
        if not index.items:
            reason = index.set_aside[0].reason if index.set_aside else "holds no image"
            raise ReadError(f"{reason[0].upper()}{reason[1:]}", path=image.path)
        work = Work(index.items[0], ("score", "iqm"), self._plane, self._policy)
        loaded, result, record = work_on(work, runner)
        if isinstance(loaded, LoadedVideo) or result is None:
            raise UnsupportedInputError("This is a video.", path=image.path)
        told = derivative.image_json(
            image, loaded.volume, record, md5sum=md5sum, settings=self._settings
        )
        sources = (image.path,)
        iqms = IqmResult(record["iqms"], record["reasons"], record["definitions"])
        write_series_report(
            loaded, result, record, self._output,
            kinds=("html",), stem=image.stem, extras=Extras(iqms),
        )  # fmt: skip
        derivative.write_line(record, beside, sources)
        derivative.write_json(told, target, sources)
        return True

    def _is_done(self, target: Path, md5sum: str) -> bool:
        try:
            made = json.loads(target.read_text(encoding="utf-8"))["provenance"]
            key = (made["version"], made["md5sum"], made["settings"])
        except (OSError, ValueError, KeyError, TypeError):
            return False
        return bool(key == (__version__, md5sum, self._settings))


def _group(output: Path, suffixes: tuple[str, ...]) -> int:
    """Write table and report of each kind of image from what lies in the output."""
    from datetime import UTC, datetime

    from acutance.export.atomic import replacing
    from acutance.export.group_records import read_group
    from acutance.export.group_report import group_html

    written = 0
    for suffix in suffixes:
        images = list(_measured(output, suffix))
        if not images:
            continue
        written += 1
        with replacing(output / f"group_{suffix}.tsv") as temporary:
            rows = ((path.stem, told) for path, told in images)
            temporary.write_text(derivative.table_text(rows), encoding="utf-8", newline="")
        records = [path.with_name(record_name(path.stem)) for path, _ in images]
        group = read_group([path for path in records if path.is_file()])
        with replacing(output / f"group_{suffix}.html") as temporary:
            created = datetime.now(UTC).isoformat(timespec="seconds")
            page = group_html(group, created_utc=created)
            temporary.write_bytes(page.encode("utf-8", "backslashreplace"))
        print(f"group_{suffix}.tsv, group_{suffix}.html: {len(images)} images")
    if not written:
        _say("The output holds no measured image; run the level participant first.")
    return DONE if written else FAILED


def _measured(output: Path, suffix: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    for pattern in ("sub-*/anat", "sub-*/ses-*/anat"):
        for path in sorted(output.glob(f"{pattern}/*_{suffix}.json")):
            if f"_{derivative.RECORD}_" in path.name:
                continue
            try:
                told = json.loads(path.read_text(encoding="utf-8"))
                if told["provenance"]["software"] != "acutance":
                    raise ValueError("made by another program")
            except (OSError, ValueError, KeyError, TypeError):
                _say(f"{path}: set aside: not made by acutance, or damaged")
                continue
            yield path, told


def record_name(stem: str) -> str:
    """Return what the object of a whole series is called beside `stem`.json."""
    entities, _, suffix = stem.rpartition("_")
    return f"{entities}_{derivative.RECORD}_{suffix}.json"


def _md5(path: Path) -> str:
    """Return the MD5 of a file, which names it as MRIQC does and protects nothing."""
    with path.open("rb") as file:
        digest = partial(hashlib.md5, usedforsecurity=False)
        return hashlib.file_digest(file, digest).hexdigest()


def _count(text: str) -> int:
    import argparse

    if not text.isdecimal() or len(text) > 4 or not 1 <= int(text) <= MAX_WORKERS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {MAX_WORKERS}")
    return int(text)


def _say(text: str) -> None:
    print(printable(text), file=sys.stderr)
