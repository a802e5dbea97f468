"""What every command over many series tells: each fault, the objects, and the exit code."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from acutance.core.quality import Verdict
from acutance.errors import AcutanceError, ReadError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from acutance.core.ledger import Index, SeriesItem
    from acutance.core.selection import Selection

#: Messages about single files printed before the rest is only counted.
MESSAGE_LIMIT = 20
_REMEDY = "Copy or export it again, or leave it out."
#: The index of a disc is used by reading the files it names.
_DICOMDIR = "DICOMDIR"


class TakesLines(Protocol):
    """Where lines go: a text file, or what appends to one."""

    def write(self, line: str, /) -> object:
        """Take a line, its end included."""

    def flush(self) -> object:
        """Hand on what was taken."""


@dataclass
class Tally:
    """What became of the series.

    Attributes
    ----------
    done, failed : int
    verdicts : set of Verdict
    """

    done: int = 0
    failed: int = 0
    verdicts: set[Verdict] = field(default_factory=set)

    def fail(self, error: AcutanceError) -> None:
        """Count a failure and tell it."""
        self.failed += 1
        complain(error)

    def exit_code(self, fail_on: str | None = None) -> int:
        """Return the exit code for what became of them."""
        from acutance import cli

        reached = (
            (fail_on == "error" and self.failed > 0)
            or (fail_on == "check" and self.verdicts & {Verdict.CHECK, Verdict.REPEAT})
            or (fail_on == "repeat" and Verdict.REPEAT in self.verdicts)
        )
        if reached and self.done:
            return cli.FAIL_ON_REACHED
        if not self.done:
            return cli.NOTHING_DONE
        return cli.SOME_FAILED if self.failed else cli.DONE


def existing(paths: Sequence[Path], tally: Tally) -> list[Path]:
    """Return the paths that are there; each of the others is a failure."""
    kept = []
    for path in paths:
        if os.path.lexists(path):
            kept.append(path)
        else:
            tally.fail(
                ReadError("There is no such file or folder.", remedy="Check the path.", path=path)
            )
    return kept


def wanted(index: Index, selection: Selection, tally: Tally) -> Iterator[SeriesItem]:
    """Return every volume that is asked for; a series that has no such volume is a failure."""
    for item in index.items:
        try:
            yield from selection.items(item)
        except ValueError as error:
            text = str(error)
            tally.fail(ReadError(f"{text[0].upper()}{text[1:]}.", path=item.path))


def report_rejections(index: Index, paths: Sequence[Path], tally: Tally) -> None:
    """Say what holds no series; what was named, and not only found in a folder, has failed.

    What is set aside beside a series stands in its ledger as well.
    """
    lost = _named_in_vain(index, paths) if index.items else []
    aside = [(entry.file, entry.reason) for entry in index.set_aside]
    aside += [entry for entry in lost if entry not in aside]
    tally.failed += len(lost)
    for file, reason in aside[:MESSAGE_LIMIT]:
        # A reason that is a sentence says itself what to do.
        remedy = "" if reason.endswith(".") else f". {_REMEDY}"
        print(printable(f"{file}: {reason}{remedy}"), file=sys.stderr)
    if len(aside) > MESSAGE_LIMIT:
        print(f"and {len(aside) - MESSAGE_LIMIT} more files", file=sys.stderr)
    if not index.items and not index.set_aside:
        where = ", ".join(map(str, paths[:3]))
        text = f"{where}: No files were found. Name a scan or a folder with scans."
        print(printable(text), file=sys.stderr)


def _named_in_vain(index: Index, paths: Sequence[Path]) -> list[tuple[str, str]]:
    """Return those of the paths that no series came of, each with the reason."""
    reasons = {
        os.path.abspath(entry.file): entry.reason
        for entry in (*index.set_aside, *(s for item in index.items for s in item.set_aside))
    }
    used = {os.path.abspath(name) for item in index.items for name in (item.path, *item.files)}
    lost = []
    for path in paths:
        place = os.path.abspath(path)
        if path.is_dir():
            below = place.rstrip(os.sep) + os.sep
            if not any(name == place or name.startswith(below) for name in used):
                lost.append((str(path), "a folder in which no scan was found"))
        elif place in reasons and path.name.upper() != _DICOMDIR:
            lost.append((str(path), reasons[place]))
    return lost


def named(error: AcutanceError, item: SeriesItem) -> AcutanceError:
    """Return the same error with the path of the series, unless it tells one."""
    if error.path:
        return error
    return type(error)(error.message, remedy=error.remedy, path=item.path)


def complain(error: AcutanceError) -> None:
    """Print an error on standard error."""
    print(printable(str(error)), file=sys.stderr)


def printable(text: str) -> str:
    """Return text for a terminal: what is not printed, in a name for instance, as an escape.

    A name may hold line ends, colours, a change of direction, or bytes that are no text.
    """
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


@contextmanager
def open_json(target: str | None) -> Iterator[TextIO | None]:
    """Open what `--json` names; None where it names nothing."""
    if target is None:
        yield None
    elif target == "-":
        yield sys.stdout
    else:
        with open(target, "w", encoding="utf-8") as file:
            yield file


def write_line(lines: TakesLines | None, record: dict[str, Any]) -> None:
    """Write the object of a series as one line, where lines are asked for."""
    if lines is not None:
        lines.write(json.dumps(record, allow_nan=False) + "\n")
        lines.flush()
