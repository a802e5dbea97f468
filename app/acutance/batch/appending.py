"""A file of lines that grows while scans arrive: whole lines only, whatever ends the writing."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from acutance.batch.refusals import why

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType

#: Read at a time while the end of the last whole line is looked for.
_BLOCK_BYTES = 1 << 16


def _give_up() -> bool:
    return False


class AppendedLines:
    """Appends lines, each on the disk before `write` returns; also a context manager.

    What a crash left of a line that was being written is removed when the file is opened.

    Parameters
    ----------
    path : Path
        Made where it is missing.
    tell : callable, optional
        Hears that the disk refuses, and that it takes lines again.
    wait : callable
        Called while the disk refuses; waits a while and returns whether to try again.

    Raises
    ------
    OSError
        If it cannot be opened for writing.
    """

    def __init__(
        self,
        path: Path,
        tell: Callable[[str], None] | None = None,
        wait: Callable[[], bool] = _give_up,
    ) -> None:
        self._path, self._tell, self._wait = path, tell, wait
        self._file = open(path, "a+b", buffering=0)  # noqa: SIM115 (see `close`)
        try:
            self._drop_half_a_line()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def flush(self) -> None:
        """Do nothing: what was written is on the disk."""

    def write(self, line: str) -> int:
        """Append a line, all of it or nothing; return its length.

        Raises
        ------
        OSError
            If it cannot be written and nobody wants to wait.
        """
        data = line.encode("utf-8", "surrogateescape")
        is_held = False
        while True:
            try:
                self._append(data)
            except OSError as error:
                if self._tell is not None and not is_held:
                    self._tell(f"The results cannot be written ({why(error)}); waiting")
                is_held = True
                if not self._wait():
                    raise
            else:
                if is_held and self._tell is not None:
                    self._tell("Going on")
                return len(line)

    def lines(self) -> Iterator[str]:
        """Return every line of before."""
        with open(self._path, "rb") as whole:
            for line in whole:
                yield line.decode("utf-8", "surrogateescape")

    def _append(self, data: bytes) -> None:
        size = os.fstat(self._file.fileno()).st_size
        try:
            left = memoryview(data)
            while left:
                left = left[self._file.write(left) :]
            os.fsync(self._file.fileno())
        except OSError:
            # Where even this fails, the next start removes the rest.
            with suppress(OSError):
                self._file.truncate(size)
            raise

    def _drop_half_a_line(self) -> None:
        end = size = os.fstat(self._file.fileno()).st_size
        while end > 0:
            start = max(0, end - _BLOCK_BYTES)
            self._file.seek(start)
            found = self._file.read(end - start).rfind(b"\n")
            if found >= 0:
                end = start + found + 1
                break
            end = start
        if end < size:
            self._file.truncate(end)
