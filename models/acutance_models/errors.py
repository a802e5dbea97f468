"""Named failures of the networks package.

``AcutanceModelsError``
    ``WeightsError``: a weights file or state dict cannot be trusted or does not fit.
        ``UnsafeCheckpointError``: opening it would run code.
    ``UnknownNetworkError``: nothing here answers to that name or layout.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class AcutanceModelsError(Exception):
    """Base of every error this package raises on purpose."""


class WeightsError(AcutanceModelsError):
    """A weights file or state dict is missing, damaged or of another network.

    Parameters
    ----------
    message : str
        What was expected, what came, and what the user can do.
    path : Path, optional
        The file in question, where there is one.
    keys : tuple of str
        Names of the entries at fault, where there are any.
    """

    def __init__(
        self, message: str, *, path: Path | None = None, keys: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.path = path
        self.keys = keys


class UnsafeCheckpointError(WeightsError):
    """A checkpoint asks for more than tensors when it is opened, and was not opened."""


class UnknownNetworkError(AcutanceModelsError):
    """No network of that id, architecture or layout is known.

    Parameters
    ----------
    message : str
        What was asked for and what is known.
    known : tuple of str
        The names that would have been accepted.
    """

    def __init__(self, message: str, *, known: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.known = known
