"""What every backend looks like to the engine that uses it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

import torch

from acutance.core.backends import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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


class Part(NamedTuple):
    """One of the modules that make a network when each takes what the one before gives.

    Parameters
    ----------
    module : nn.Module
        In evaluation mode, float32.
    channels : int
        Of what it takes, (N, channels, H, W).
    is_exact : bool
        Whether it stays in float32 where the rest is computed in bfloat16.
    """

    module: torch.nn.Module
    channels: int
    is_exact: bool = False


class Run(Protocol):
    """A network, ready."""

    def __call__(self, batch: torch.Tensor) -> torch.Tensor:
        """Map (N, C, H, W), float32, on the device, to what the network gives, float32."""


class Compute(Protocol):
    """A network, ready, whose answer is what its task is about."""

    def __call__(self, batch: torch.Tensor) -> Any:
        """Map slices (N, C, H, W), float32, on the device; of scores return (N,), float64."""


class OptionalCompute:
    """A network whose runtime may fail in any way: what it raises becomes one exception.

    Parameters
    ----------
    load : callable
        Returns the network.
    answer : callable
        Turns what it gives into what the task is about.

    Raises
    ------
    BackendUnavailableError
        If it cannot be had; so does a call that fails.
    """

    def __init__(self, load: Callable[[], Run], answer: Callable[[torch.Tensor], Any]) -> None:
        self._run = translated(load)
        self._answer = answer

    def __call__(self, batch: torch.Tensor) -> Any:
        """Map slices (N, C, H, W)."""
        return translated(lambda: self._answer(self._run(batch)))


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


class Agreement(NamedTuple):
    """How far the answers of a backend are from those of the reference.

    Parameters
    ----------
    differences : ndarray, float
        Absolute, one for each score; of labels one for each pixel, of its probabilities.
    dice : float or None
        Of labels, the least of those that are not rare; None for scores.
    """

    differences: NDArray[np.floating]
    dice: float | None = None


class Task(Protocol):
    """What a network is for, as far as a trial of its backends has to know."""

    #: Backends that may be tried, the reference first.
    backends: tuple[str, ...]
    #: Channels of a slice, slices that a trial compares, and slices of a batch.
    channels: int
    count: int
    batch: int

    @property
    def side(self) -> int:
        """Side of the slices of a trial, in pixels."""

    @property
    def is_of_one_size(self) -> bool:
        """Whether all slices are of that side."""

    def slices(self) -> NDArray[np.float32]:
        """Return made-up slices, (count, channels, side, side), the same ones each time."""

    def whole(self, network: torch.nn.Module) -> torch.nn.Module:
        """Return the network as it is converted in float32."""

    def parts(self, network: torch.nn.Module) -> Sequence[Part]:
        """Return the parts of a network for a reduced precision."""

    def answer(self, found: torch.Tensor) -> Any:
        """Turn what the network gives into what the task is about."""

    def agreement(self, reference: Sequence[Any], found: Sequence[Any]) -> Agreement:
        """Hold the answers for some batches against those of the reference.

        Raises
        ------
        BackendUnavailableError
            If these are no such answers.
        """


@dataclass(frozen=True, eq=False)
class ActiveBackend:
    """What computes now.

    Parameters
    ----------
    name : str
        One of `acutance.core.backends.BACKENDS`.
    compute : Compute
    band : float
        Scores nearer to a threshold than this are computed once more by the reference.
    note : str
        Why it is not what was asked for; empty where it is.
    """

    name: str
    compute: Compute
    band: float = 0.0
    note: str = ""

    @property
    def is_reference(self) -> bool:
        """Whether this is what all others are held against."""
        return self.name == REFERENCE
