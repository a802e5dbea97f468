"""Work of `acutance deidentify`: export files without the identity of patients, give account."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from acutance import __version__, cli
from acutance.core.deidentification import DeidentificationRequest, new_key
from acutance.errors import AcutanceError, ExportError, ReadError
from acutance.jobs.runner import Runner

if TYPE_CHECKING:
    import argparse

    from acutance.core.deidentification import DeidentificationResult

#: Messages about single files printed before the rest is only counted.
MESSAGE_LIMIT = 20


def run_deidentify_command(arguments: argparse.Namespace) -> int:
    """Run `deidentify` and return the exit code.

    Standard error names the files that were set aside, for the user alone; the JSON report names
    none, so that it can go along with the export.
    """
    paths = [path for path in arguments.paths if os.path.lexists(path)]
    missing = [path for path in arguments.paths if path not in paths]
    for path in missing:
        _complain(
            ReadError("There is no such file or folder.", remedy="Check the path.", path=path)
        )
    if not paths:
        return cli.NOTHING_DONE
    try:
        key = new_key() if arguments.key_file is None else _read_key(arguments.key_file)
        request = DeidentificationRequest(
            tuple(paths),
            arguments.output,
            arguments.keep,
            allows_burned_in=arguments.allow_burned_in,
            key=key,
        )
        with Runner(device="cpu") as runner:
            result = runner.deidentify(request).value()
        _write_report(result, arguments.json)
    except AcutanceError as error:
        _complain(error)
        return cli.NOTHING_DONE
    _tell(result, is_quiet=arguments.json == "-")
    if not result.exported:
        return cli.NOTHING_DONE
    return cli.SOME_FAILED if result.refused or missing else cli.DONE


def _read_key(path: Path) -> bytes:
    """Return the bytes of a key file.

    Raises
    ------
    ExportError
        If it cannot be read, or is too short or long to be one.
    """
    try:
        with path.open("rb") as file:
            key = file.read(cli.KEY_FILE_BYTES[1] + 1)
    except OSError as error:
        raise ExportError(f"The key cannot be read ({error.strerror}).", path=path) from error
    low, high = cli.KEY_FILE_BYTES
    if not low <= len(key) <= high:
        raise ExportError(
            f"A key file has {low} to {high} bytes.",
            remedy="Make one of random bytes and keep it secret.",
            path=path,
        )
    return key


def _write_report(result: DeidentificationResult, target: str | None) -> None:
    if target is None:
        return
    text = json.dumps(result.report(__version__), indent=2, allow_nan=False) + "\n"
    if target == "-":
        sys.stdout.write(text)
        return
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ExportError(
            f"The report could not be written: {error.strerror}.", path=target
        ) from error


def _tell(result: DeidentificationResult, *, is_quiet: bool) -> None:
    for aside in result.set_aside[:MESSAGE_LIMIT]:
        print(f"{aside.file}: not exported: {aside.reason}", file=sys.stderr)
    if len(result.set_aside) > MESSAGE_LIMIT:
        rest = len(result.set_aside) - MESSAGE_LIMIT
        print(f"and {rest} more files that were not exported", file=sys.stderr)
    if is_quiet:
        return
    methods = ", ".join(f"{m.meaning} ({m.code})" for m in result.methods)
    print(f"{len(result.exported)} of {result.found} files exported to {result.output}")
    print(f"  {methods}")
    warned = [(e, w) for e in result.exported for w in e.warnings]
    for exported, warning in warned[:MESSAGE_LIMIT]:
        print(f"  {exported.name}: {warning}")
    if len(warned) > MESSAGE_LIMIT:
        print(f"  and {len(warned) - MESSAGE_LIMIT} more remarks (see --json)")
    if result.exported:
        print("  Each file was read again and verified. Pixels are unchanged: faces stay faces.")


def _complain(error: AcutanceError) -> None:
    print(str(error).replace("\n", " "), file=sys.stderr)
