"""Every exception of the application.

::

    AcutanceError
    ├── ReadError
    │   ├── UnsupportedFormatError
    │   ├── CorruptFileError
    │   └── InconsistentSeriesError
    ├── GeometryMismatchError
    ├── ExportError
    ├── SiteFileError
    ├── CalibrationError
    ├── EngineError
    │   ├── UnsupportedInputError
    │   ├── DeviceMemoryError
    │   └── WorkerDiedError
    └── JobCancelled
"""

from __future__ import annotations

from pathlib import Path


class AcutanceError(Exception):
    """Base of every error a user can meet.

    Parameters
    ----------
    message : str
        What was expected and what came, in one sentence.
    remedy : str
        What the user can do, in one sentence; may be empty.
    path : Path or str, optional
        The file or folder concerned.
    """

    def __init__(self, message: str, *, remedy: str = "", path: Path | str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.path = None if path is None else Path(path)

    def __str__(self) -> str:
        """Name file, cause and remedy on one line."""
        prefix = f"{self.path}: " if self.path is not None else ""
        suffix = f" {self.remedy}" if self.remedy else ""
        return f"{prefix}{self.message}{suffix}"


class ReadError(AcutanceError):
    """A file could not be read."""


class UnsupportedFormatError(ReadError):
    """The file is of no kind that Acutance reads."""


class CorruptFileError(ReadError):
    """The file is of a known kind but cut, damaged or false about itself."""


class InconsistentSeriesError(ReadError):
    """The files of a series do not form one volume."""


class GeometryMismatchError(AcutanceError):
    """Two volumes do not share shape and affine."""


class ExportError(AcutanceError):
    """A result could not be written."""


class SiteFileError(AcutanceError):
    """The site file is missing, or holds something that is not understood."""


class CalibrationError(AcutanceError):
    """The calibration of the site is missing, damaged, or cannot be made."""


class EngineError(AcutanceError):
    """An engine could not finish."""


class UnsupportedInputError(EngineError):
    """The engine cannot work on this kind of input."""


class DeviceMemoryError(EngineError):
    """The device has too little memory, even for the smallest batch."""


class WorkerDiedError(EngineError):
    """The child process ended before it answered."""


class JobCancelled(AcutanceError):  # noqa: N818 - an outcome, not a fault
    """The job was cancelled."""

    def __init__(self, message: str = "The job was cancelled.") -> None:
        super().__init__(message)


#: Errors that may cross the process boundary by name (plain data, never pickles).
ERRORS_BY_NAME: dict[str, type[AcutanceError]] = {
    error.__name__: error
    for error in (
        AcutanceError,
        ReadError,
        UnsupportedFormatError,
        CorruptFileError,
        InconsistentSeriesError,
        GeometryMismatchError,
        ExportError,
        SiteFileError,
        CalibrationError,
        EngineError,
        UnsupportedInputError,
        DeviceMemoryError,
        WorkerDiedError,
    )
}


def error_to_plain(error: AcutanceError) -> dict[str, str]:
    """Return an error as a dict of strings that can cross a process boundary."""
    return {
        "type": type(error).__name__,
        "message": error.message,
        "remedy": error.remedy,
        "path": "" if error.path is None else str(error.path),
    }


def error_from_plain(plain: dict[str, object]) -> AcutanceError:
    """Rebuild an error from `error_to_plain`; an unknown type becomes `AcutanceError`."""
    message = str(plain.get("message", ""))
    if plain.get("type") == "JobCancelled":
        return JobCancelled(message)
    kind = ERRORS_BY_NAME.get(str(plain.get("type")), AcutanceError)
    return kind(
        message, remedy=str(plain.get("remedy", "")), path=str(plain.get("path") or "") or None
    )
