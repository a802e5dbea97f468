"""Work of `acutance watch`: score every series as soon as it has come to rest in a folder."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from acutance.batch.appending import AppendedLines
from acutance.batch.hot_folder import RESULTS, SCORED, HotFolder, listen
from acutance.batch.run import LOOK_SECONDS
from acutance.errors import AcutanceError, ExportError, ReadError
from acutance.headless import one_series, scoring_policy
from acutance.jobs.runner import Runner
from acutance.score_export import ScoreExport
from acutance.telling import Tally, complain, named, printable

if TYPE_CHECKING:
    import argparse

    from acutance.core.ledger import SeriesItem, SetAside
    from acutance.core.scoring import ScoringPolicy

DONE, NOTHING_DONE, SOME_FAILED = 0, 1, 3


def run(arguments: argparse.Namespace) -> int:
    """Watch until interrupted, or until nothing has come for `--stop-after`; return the exit code.

    A series whose file changes, or gains a file, is scored again.
    """
    if not arguments.folder.is_dir():
        complain(ReadError("There is no such folder.", remedy="Name one.", path=arguments.folder))
        return NOTHING_DONE
    try:
        arguments.output.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            lines, scored = (
                stack.enter_context(AppendedLines(arguments.output / name, _tell, _wait))
                for name in (RESULTS, SCORED)
            )
            runner = stack.enter_context(Runner(device=arguments.device))
            runner.warm_up("engine")
            scorer = _Scorer(arguments, runner, scoring_policy(arguments), lines)
            hot = HotFolder(
                arguments.folder,
                arguments.quiet,
                runner,
                scored,
                scorer.score,
                scorer.on_fault,
                _tell_aside,
                _tell,
            )
            bell = threading.Event()
            if not arguments.polling:
                stack.callback(listen(arguments.folder, bell))
            print(f"Watching {printable(str(arguments.folder))}; end with Ctrl+C.", flush=True)
            hot.watch(bell, is_polling=arguments.polling, idle_limit=arguments.stop_after)
            return scorer.tally.exit_code()
    except AcutanceError as error:
        complain(error)
    except OSError as error:
        complain(
            ExportError(
                f"The results cannot be written or the folder cannot be watched: {error.strerror}.",
                remedy="Choose a folder that you may write to; watch a network share with "
                "--polling.",
                path=arguments.output,
            )
        )
    return NOTHING_DONE


def _tell_aside(aside: SetAside) -> None:
    print(printable(f"{aside.file}: set aside: {aside.reason}"), file=sys.stderr)


def _tell(message: str) -> None:
    print(f"{message}.", file=sys.stderr, flush=True)


def _wait() -> bool:
    """Wait a while for the disk; Ctrl+C ends the waiting with everything else."""
    time.sleep(LOOK_SECONDS)
    return True


class _Scorer:
    """Scores what is handed over, and tells it on the terminal."""

    def __init__(
        self,
        arguments: argparse.Namespace,
        runner: Runner,
        policy: ScoringPolicy,
        lines: AppendedLines,
    ) -> None:
        self._arguments = arguments
        self._runner = runner
        self._policy = policy
        self._lines = lines
        self._export = ScoreExport(arguments.output, arguments.export, runner)
        self._number = 0
        self.tally = Tally()

    def score(self, item: SeriesItem) -> None:
        self._number += 1
        try:
            one_series(
                item, self._number, self._runner, self._arguments, self._lines, self.tally,
                self._policy, self._export,
            )  # fmt: skip
        except AcutanceError as error:
            self.on_fault(named(error, item))
        sys.stdout.flush()

    def on_fault(self, error: AcutanceError) -> None:
        self.tally.fail(error)
