"""The folder with a site's marks and calibrations: one file per version, none ever rewritten."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_data_path

from acutance.core.calibration import MOST_MARKS, Mark, SiteCalibration
from acutance.errors import CalibrationError
from acutance.export.atomic import replacing

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMAT = 1
#: Names the folder where the command line does not.
VARIABLE = "ACUTANCE_CALIBRATION_DIR"
_MARKS, _ACTIVE = "marks.json", "active.json"
_VERSION = re.compile(r"calibration-([1-9]\d{0,5})\.json")
_SIZE_LIMIT_BYTES = 64 << 20


def default_folder() -> Path:
    """Return the folder of the environment, else that of the user."""
    told = os.environ.get(VARIABLE, "")
    return Path(told) if told else user_data_path("acutance", appauthor=False) / "calibration"


class CalibrationStore:
    """Marks, versions, and which version is in force.

    Every file is replaced whole. A version is written once; to go back is to name another one.

    Parameters
    ----------
    folder : Path, optional
        Made when something is written first; by default `default_folder`.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = default_folder() if folder is None else folder

    def marks(self, weights_sha256: str = "") -> tuple[Mark, ...]:
        """Return the marks, by default of all weights.

        Raises
        ------
        CalibrationError
            If the file is damaged.
        """
        path = self.folder / _MARKS
        if not path.is_file():
            return ()
        plain = _read(path)
        try:
            listed = plain["series"]
            if not isinstance(listed, list) or len(listed) > MOST_MARKS:
                raise ValueError("expected a list of series")
            marks = tuple(Mark.from_plain(mark) for mark in listed)
        except (ValueError, KeyError, TypeError) as error:
            raise _damaged(path, error) from error
        return tuple(m for m in marks if weights_sha256 in ("", m.weights_sha256))

    def mark_of(self, content_sha256: str, weights_sha256: str) -> Mark | None:
        """Return the mark of a series, if it has one."""
        for mark in self.marks(weights_sha256):
            if mark.content_sha256 == content_sha256:
                return mark
        return None

    def add(self, mark: Mark) -> None:
        """Keep a mark; it takes the place of an earlier one of the same series and weights.

        Raises
        ------
        CalibrationError, ExportError
            If the marks cannot be read or written.
        """
        self._write_marks((*self._others(mark.content_sha256, mark.weights_sha256), mark))

    def forget(self, content_sha256: str, weights_sha256: str) -> bool:
        """Remove the mark of a series; return whether there was one."""
        kept = self._others(content_sha256, weights_sha256)
        had = len(kept) != len(self.marks())
        if had:
            self._write_marks(kept)
        return had

    def versions(self) -> tuple[int, ...]:
        """Return the versions there are, ascending."""
        if not self.folder.is_dir():
            return ()
        found = (_VERSION.fullmatch(path.name) for path in self.folder.iterdir())
        return tuple(sorted(int(match[1]) for match in found if match))

    def next_version(self) -> int:
        """Return the number of the version that is made next."""
        return max(self.versions(), default=0) + 1

    def read(self, version: int) -> SiteCalibration:
        """Read one version.

        Raises
        ------
        CalibrationError
            If it is missing or damaged.
        """
        path = self._path(version)
        if not path.is_file():
            known = ", ".join(map(str, self.versions())) or "none"
            raise CalibrationError(
                f"There is no version {version} of the site calibration; there are: {known}.",
                remedy="`acutance calibrate list` shows them.",
                path=self.folder,
            )
        plain = _read(path)
        try:
            calibration = SiteCalibration.from_plain(plain)
            if calibration.version != version:
                raise ValueError(f"it says that it is version {calibration.version}")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _damaged(path, error) from error
        return calibration

    def write(self, calibration: SiteCalibration) -> Path:
        """Write a new version and return its file; it is not in force by that.

        Raises
        ------
        CalibrationError
            If there is such a version already.
        ExportError
            If it cannot be written.
        """
        path = self._path(calibration.version)
        if path.exists():
            raise CalibrationError(
                f"Version {calibration.version} is there already and is never rewritten.",
                remedy="Fit again; the next number is taken.",
                path=path,
            )
        _write(path, calibration.to_plain())
        return path

    def active_version(self) -> int:
        """Return the version in force, 0 for none.

        Raises
        ------
        CalibrationError
            If the file that says so is damaged.
        """
        path = self.folder / _ACTIVE
        if not path.is_file():
            return 0
        version = _read(path).get("version")
        if type(version) is not int or version < 0:
            raise _damaged(path, ValueError("expected a version"))
        return version

    def active(self) -> SiteCalibration | None:
        """Return the calibration in force, None for none.

        Raises
        ------
        CalibrationError
            If it is missing or damaged: what a site decided is never silently left out.
        """
        version = self.active_version()
        return None if version == 0 else self.read(version)

    def in_force(self) -> SiteCalibration | None:
        """Return the calibration in force without its marks, as a request carries it."""
        active = self.active()
        return None if active is None else replace(active, marks=(), reliability=())

    def apply(self, version: int) -> None:
        """Put a version in force, 0 for none; nothing else changes.

        Raises
        ------
        CalibrationError, ExportError
            If there is no such version, or it cannot be written.
        """
        if version != 0:
            self.read(version)
        _write(self.folder / _ACTIVE, {"format": FORMAT, "version": version})

    def _others(self, content_sha256: str, weights_sha256: str) -> tuple[Mark, ...]:
        key = content_sha256, weights_sha256
        return tuple(m for m in self.marks() if (m.content_sha256, m.weights_sha256) != key)

    def _write_marks(self, marks: Sequence[Mark]) -> None:
        # In the order of the hashes: the order of marking would tell the order of patients.
        listed = sorted(marks, key=lambda mark: (mark.content_sha256, mark.weights_sha256))
        plain = {"format": FORMAT, "series": [mark.to_plain() for mark in listed]}
        _write(self.folder / _MARKS, plain)

    def _path(self, version: int) -> Path:
        return self.folder / f"calibration-{version}.json"


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(_SIZE_LIMIT_BYTES + 1)
        if len(data) > _SIZE_LIMIT_BYTES:
            raise ValueError("too large")
        plain = json.loads(data)
        if not isinstance(plain, dict) or plain.get("format") != FORMAT:
            raise ValueError("of another format")
    except OSError as error:
        raise CalibrationError(
            f"The file of the site calibration cannot be read ({error.strerror}).",
            remedy="Check the rights to its folder.",
            path=path,
        ) from error
    except (ValueError, RecursionError) as error:
        raise _damaged(path, error) from error
    return plain


def _write(path: Path, plain: dict[str, Any]) -> None:
    text = json.dumps(plain, indent=1, allow_nan=False) + "\n"
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _damaged(path: Path, error: Exception) -> CalibrationError:
    return CalibrationError(
        f"The file of the site calibration is damaged ({error}).",
        remedy="Put a copy in its place, or `acutance calibrate revert --version 0`.",
        path=path,
    )
