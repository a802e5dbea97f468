"""What every backend looks like to the engine that scores."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Protocol, TypeVar

import torch

from acutance.core.backends import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")


class BackendUnavailableError(Exception):
    """A backend cannot be used on this machine; the text says why, and the engine does without."""


def installed_version(package: str) -> str:
    """Return the version of an optional package; empty where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


class Scorer(Protocol):
    """A scoring network, ready."""

    def __call__(self, batch: torch.Tensor) -> NDArray[np.float64]:
        """Score slices (N, 1, 256, 256), float32, on the device; return (N,)."""


class OptionalScorer:
    """A scorer whose runtime may fail in any way: what it raises becomes one exception.

    Parameters
    ----------
    load : callable
        Returns the scorer.

    Raises
    ------
    BackendUnavailableError
        If it cannot be had; so does a call that fails.
    """

    def __init__(self, load: Callable[[], Scorer]) -> None:
        self._scorer = translated(load)

    def __call__(self, batch: torch.Tensor) -> NDArray[np.float64]:
        """Score slices (N, 1, 256, 256); return (N,)."""
        return translated(lambda: self._scorer(batch))


def translated(work: Callable[[], T]) -> T:
    """Return what work gives; whatever a runtime raises becomes `BackendUnavailableError`.

    Memory that ends on a CUDA device is left alone: a smaller batch may do.
    """
    try:
        return work()
    except (BackendUnavailableError, torch.OutOfMemoryError):
        raise
    except Exception as error:  # the edge of runtimes that have no base for what they raise
        text = f"it failed with {type(error).__name__}"
        raise BackendUnavailableError(text) from error


@dataclass(frozen=True, eq=False)
class ActiveBackend:
    """What scores now.

    Parameters
    ----------
    name : str
        One of `acutance.core.backends.BACKENDS`.
    scorer : Scorer
    band : float
        Scores nearer to a threshold than this are computed once more by the reference.
    note : str
        Why it is not what was asked for; empty where it is.
    """

    name: str
    scorer: Scorer
    band: float = 0.0
    note: str = ""

    @property
    def is_reference(self) -> bool:
        """Whether this is what all others are held against."""
        return self.name == REFERENCE
