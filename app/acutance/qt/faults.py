"""The last resort: an error nobody caught is told in the window and logged without contents."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import TYPE_CHECKING

from acutance.qt.language import tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_log = logging.getLogger(__name__)


def scrubbed_traceback(error: BaseException) -> str:
    """Return where an error came from: modules, lines, types; no message, path or value.

    Messages and folders can hold names of patients.
    """
    lines: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(lines) < 200:
        lines.append(type(cause).__name__)
        for frame in traceback.extract_tb(cause.__traceback__):
            module = frame.filename.replace("\\", "/").split("/")[-1]
            lines.append(f"  {module}:{frame.lineno} {frame.name}")
        cause = cause.__cause__ or cause.__context__
    return "\n".join(lines)


def install(
    tell: Callable[[str], None], note: Callable[[str], None] | None = None
) -> Callable[[], None]:
    """Replace the exception hook by one that logs, and tells the user in one line.

    Parameters
    ----------
    tell : callable
        Shows a line; called on the thread the error came from, which is the GUI thread for
        everything Qt calls.

    note : callable, optional
        Keeps the scrubbed traceback for a report; called before `tell`.

    Returns
    -------
    callable
        Puts the hook back that was there.
    """
    previous = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, Exception):
            previous(kind, error, trace)
            return
        trail = scrubbed_traceback(error)
        _log.error("unexpected error\n%s", trail)
        if note is not None:
            note(trail)
        tell(
            tr(
                "Something went wrong inside Acutance ({kind}). What is open stays open; "
                "please report it.",
                kind=kind.__name__,
            )
        )

    sys.excepthook = hook

    def restore() -> None:
        sys.excepthook = previous

    return restore
