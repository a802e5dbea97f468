"""What the window remembers between runs: a small JSON file that only its owner can read."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

    from acutance.qt.viewers.layouts import LayoutMode

_log = logging.getLogger(__name__)
#: Items kept in the list of what was opened last.
RECENT_LIMIT = 10
#: A settings file is a few kilobytes; anything larger is not one.
_SIZE_LIMIT = 1_000_000
#: Name, default and allowed values of every choice.
_CHOICES: dict[str, tuple[str, tuple[str, ...]]] = {
    "theme": ("dark", ("dark", "light")),
    "convention": ("radiological", ("radiological", "neurological")),
    "layout": ("three", ("three", "single", "large", "mosaic", "pair", "four")),
}


class Settings:
    """Choices, window geometry and recent items, kept in one JSON file.

    A file that is damaged or of a wrong form is moved aside and defaults are used; a single wrong
    value is replaced by its default. Every change is written at once, by replacing the file, with
    mode 0600, because recent paths can hold names of patients. A disk that cannot be written costs
    the memory, never the session.

    Parameters
    ----------
    path : Path or None
        The file; None keeps everything in memory.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._values: dict[str, Any] = {}
        self.was_damaged = False
        if path is not None:
            self._values = self._read(path)

    @classmethod
    def of_user(cls) -> Settings:
        """Return the settings of the person who runs the program."""
        from platformdirs import user_config_path

        return cls(user_config_path("acutance", appauthor=False) / "settings.json")

    @property
    def path(self) -> Path | None:
        """Where the settings lie; None when they are only in memory."""
        return self._path

    @property
    def theme(self) -> Literal["dark", "light"]:
        """Name of the theme."""
        return "light" if self._choice("theme") == "light" else "dark"

    @theme.setter
    def theme(self, name: str) -> None:
        self._set_choice("theme", name)

    @property
    def convention(self) -> Literal["radiological", "neurological"]:
        """The side of the screen on which the patient's right is."""
        is_neurological = self._choice("convention") == "neurological"
        return "neurological" if is_neurological else "radiological"

    @convention.setter
    def convention(self, name: str) -> None:
        self._set_choice("convention", name)

    @property
    def layout(self) -> LayoutMode:
        """How the views are laid out."""
        return cast("LayoutMode", self._choice("layout"))

    @layout.setter
    def layout(self, name: str) -> None:
        self._set_choice("layout", name)

    @property
    def auto_score(self) -> bool:
        """Whether a series is scored as soon as it is looked at."""
        value = self._values.get("auto_score", True)
        return value if isinstance(value, bool) else True

    @auto_score.setter
    def auto_score(self, value: bool) -> None:
        self._values["auto_score"] = bool(value)
        self.save()

    def value(self, name: str) -> Any:
        """Return what was kept under a name, unchecked; None where there is nothing."""
        return self._values.get(name)

    def set_value(self, name: str, value: Any) -> None:
        """Keep a JSON-ready value under a name; None forgets it."""
        if value is None:
            self._values.pop(name, None)
        else:
            self._values[name] = value
        self.save()

    @property
    def recent(self) -> tuple[str, ...]:
        """Paths opened last, newest first."""
        value = self._values.get("recent", [])
        if not isinstance(value, list):
            return ()
        return tuple(p for p in value if isinstance(p, str) and p and "\0" not in p)[:RECENT_LIMIT]

    def add_recent(self, paths: Iterable[Path]) -> None:
        """Put paths at the head of the recent list."""
        added = [str(Path(path).absolute()) for path in paths]
        kept = [path for path in self.recent if path not in added]
        self._values["recent"] = [*dict.fromkeys(added), *kept][:RECENT_LIMIT]
        self.save()

    def clear_recent(self) -> None:
        """Forget what was opened."""
        self._values["recent"] = []
        self.save()

    @property
    def geometry(self) -> bytes:
        """Place and size of the window as Qt saved them; empty before the first run."""
        return self._bytes("geometry")

    @property
    def docks(self) -> bytes:
        """Arrangement of the panels as Qt saved it; empty before the first run."""
        return self._bytes("docks")

    def set_arrangement(self, geometry: bytes, docks: bytes) -> None:
        """Remember where the window and its panels are."""
        self._values["geometry"], self._values["docks"] = geometry.hex(), docks.hex()
        self.save()

    def save(self) -> None:
        """Write the file; a failure is logged, nothing else."""
        if self._path is None:
            return
        name = None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # mkstemp makes the file with mode 0600.
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".settings-")
            with open(handle, "w", encoding="utf-8") as file:
                json.dump(self._values, file, indent=1)
            os.replace(name, self._path)
        except OSError as error:
            _log.info("settings could not be written: %s", error.strerror)
            if name is not None:
                with contextlib.suppress(OSError):
                    os.unlink(name)

    def _read(self, path: Path) -> dict[str, Any]:
        try:
            if path.stat().st_size > _SIZE_LIMIT:
                raise ValueError("too large")
            values = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(values, dict):
                raise ValueError("not an object")
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            self.was_damaged = True
            _log.info("settings could not be read, defaults are used: %s", type(error).__name__)
            with contextlib.suppress(OSError):
                os.replace(path, path.with_name(path.name + ".damaged"))
            return {}
        return values

    def _choice(self, name: str) -> str:
        default, allowed = _CHOICES[name]
        value = self._values.get(name, default)
        return value if value in allowed else default

    def _set_choice(self, name: str, value: str) -> None:
        if value not in _CHOICES[name][1]:
            raise ValueError(f"{name} must be one of {_CHOICES[name][1]}, not {value!r}")
        self._values[name] = value
        self.save()

    def _bytes(self, name: str) -> bytes:
        value = self._values.get(name, "")
        try:
            return bytes.fromhex(value) if isinstance(value, str) else b""
        except ValueError:
            return b""
