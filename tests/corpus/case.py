"""What one case of the corpus is, and what its outcome must be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Makes the input in a folder; returns what the user would name, the folder itself by default.
Make = Callable[[Path], "Path | Sequence[Path] | None"]


@dataclass(frozen=True)
class Series:
    """What one JSON line must say; fields that are None are not looked at.

    Parameters
    ----------
    shape : tuple of int
    total, low, high : float, optional
        Sum, least and greatest real-world value.
    spacing : tuple of float or "unknown", optional
        Millimetres; "unknown" where none may be told.
    kind : str
    used : int, optional
        Files used.
    """

    shape: tuple[int, ...] | None = None
    total: float | None = None
    low: float | None = None
    high: float | None = None
    spacing: tuple[float, ...] | str | None = None
    kind: str = "volume"
    used: int | None = None
    orientation_known: bool | None = None


def of_array(array: NDArray[Any], **fields: Any) -> Series:
    """Return what must be said of real-world values `array[i, j, k]`."""
    values = np.asarray(array, np.float64)
    finite = values[np.isfinite(values)]
    return Series(
        shape=array.shape if array.ndim >= 3 else (*array.shape, 1),
        total=float(finite.sum()),
        low=float(finite.min()),
        high=float(finite.max()),
        **fields,
    )


@dataclass(frozen=True)
class Expect:
    """The outcome.

    Parameters
    ----------
    outcome : "load", "warn" or "reject"
    series : tuple of Series
        One per JSON line, in order; empty where only their number and warnings count.
    warnings : frozenset of str
        Names that must stand there, over all series; with "load" none may.
    also : frozenset of str
        Names that may stand there besides.
    cause : str
        For "reject": a regular expression that every message must match.
    lines : int
        For "reject": how many messages, one per file that is refused.
    """

    outcome: str
    series: tuple[Series, ...] = ()
    warnings: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()
    cause: str = ""
    lines: int = 1


def loads(*series: Series) -> Expect:
    """The values are right and nothing is to be warned of."""
    return Expect("load", series)


def warns(*names: str, series: Sequence[Series] = (), also: Sequence[str] = ()) -> Expect:
    """It opens with exactly these warnings, perhaps with some of `also`."""
    return Expect("warn", tuple(series), frozenset(names), frozenset(also))


def rejects(cause: str, *, lines: int = 1) -> Expect:
    """Exit code 1 and one message per file that matches `cause`, letter case aside."""
    return Expect("reject", cause=cause, lines=lines)


@dataclass(frozen=True)
class Case:
    """One hostile input.

    Parameters
    ----------
    row : int
        Row of the table of malformed inputs.
    name : str
        Unique within the row.
    make : callable
    expect : Expect
    memory_mb : float, optional
        By how much the reading child may grow.
    seconds : float
        How long it may take.
    """

    row: int
    name: str
    make: Make = field(repr=False)
    expect: Expect
    memory_mb: float | None = None
    seconds: float = 10.0
    todo: str = ""

    @property
    def id(self) -> str:
        """Row and name."""
        return f"{self.row:02d}-{self.name}"
