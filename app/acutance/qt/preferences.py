"""What the site, the user and this session chose, in that order; the later holds."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from acutance.core.backends import AUTO, BACKENDS, CHOICES
from acutance.core.quality import Thresholds
from acutance.core.site import Preset, SiteRules
from acutance.core.window import Window
from acutance.qt.language import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from acutance.qt.settings import Settings

DEVICE = re.compile(r"auto|cpu|cuda:\d{1,3}")
BUILT_IN, SITE, USER, SESSION = "built-in", "site file", "yours", "this session"
#: A list longer than this is not one that a person made.
_MOST_PRESETS = 100


class Preferences(QObject):
    """Thresholds, presets, keys and device, each from the last of four places that names it.

    Built-in < site file < user < session. The site file is only read; what the user chooses is
    kept in the settings, what holds for the session is kept nowhere.

    Parameters
    ----------
    settings : Settings

    Signals
    -------
    changed : str
        "thresholds", "presets", "shortcuts", "device", "backend" or "language".
    """

    changed = Signal(str)

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._site = SiteRules()
        self._session: dict[str, Any] = {}

    def set_site(self, site: SiteRules) -> None:
        """Take what the site file says."""
        self._site = site
        for name in ("thresholds", "presets", "shortcuts"):
            self.changed.emit(name)

    @property
    def site(self) -> SiteRules:
        """What the site file says."""
        return self._site

    def source(self, name: str) -> str:
        """Return which place the value of a setting comes from."""
        if name in self._session:
            return SESSION
        if self._user(name) is not None:
            return USER
        in_site = {
            "thresholds": self._site.default is not None,
            "presets": bool(self._site.presets),
            "shortcuts": bool(self._site.shortcuts),
            "language": self._site.language != "auto",
        }
        return SITE if in_site.get(name) else BUILT_IN

    @property
    def thresholds(self) -> Thresholds:
        """From where on a series is usable, and below where it is to be repeated."""
        chosen = self._chosen("thresholds")
        return chosen or self._site.default or Thresholds()

    @property
    def own_thresholds(self) -> Thresholds | None:
        """Those of the user or the session; None where neither chose."""
        chosen: Thresholds | None = self._chosen("thresholds")
        return chosen

    @property
    def presets(self) -> tuple[Preset, ...]:
        """Windows offered after those of the file."""
        chosen: tuple[Preset, ...] | None = self._chosen("presets")
        return self._site.presets if chosen is None else chosen

    @property
    def shortcuts(self) -> dict[str, str]:
        """Keys by command, where they differ from those of the program; "" for none."""
        return dict(self._site.shortcuts) | (self._chosen("shortcuts") or {})

    @property
    def device(self) -> str:
        """Where engines compute from the next start on: "auto", "cpu" or "cuda:N"."""
        return self._chosen("device") or "auto"

    @property
    def language(self) -> str:
        """What the user chose that the window speaks: "en", "de", or "auto" for the site's."""
        return self._chosen("language") or "auto"

    def set_language(self, value: str | None) -> None:
        """Choose what the window speaks from the next start on; None leaves it to the site.

        Raises
        ------
        ValueError
            If it is no language of the window.
        """
        if value is not None and value not in LANGUAGES:
            raise ValueError(f"{value!r} is none of {LANGUAGES}")
        self._set("language", value, value, for_session=False)

    def set_thresholds(self, value: Thresholds | None, *, for_session: bool = False) -> None:
        """Choose thresholds; None leaves them to the site."""
        plain = None if value is None else [value.usable, value.repeat]
        self._set("thresholds", value, plain, for_session=for_session)

    def set_presets(self, value: Sequence[Preset] | None, *, for_session: bool = False) -> None:
        """Choose the list of windows; None leaves it to the site."""
        plain = None if value is None else [_preset_to_plain(preset) for preset in value]
        chosen = None if value is None else tuple(value)
        self._set("presets", chosen, plain, for_session=for_session)

    def set_shortcuts(self, value: Mapping[str, str] | None, *, for_session: bool = False) -> None:
        """Choose keys; None leaves them to the site."""
        chosen = None if value is None else dict(value)
        self._set("shortcuts", chosen, chosen, for_session=for_session)

    @property
    def backend(self) -> str:
        """How scores are computed, where the site file leaves that open."""
        return self._user("backend") or AUTO

    def set_backend(self, value: str | None) -> None:
        """Choose how scores are computed from now on; None and "auto" leave it to a trial.

        Raises
        ------
        ValueError
            If there is no such backend.
        """
        if value is not None and value not in CHOICES:
            raise ValueError(f"{value!r} is none of {', '.join(CHOICES)}")
        self._set("backend", value, None if value == AUTO else value, for_session=False)

    def set_device(self, value: str | None) -> None:
        """Choose where engines compute, from the next start on.

        Raises
        ------
        ValueError
            If there can be no such device.
        """
        if value is not None and not DEVICE.fullmatch(value):
            raise ValueError(f"{value!r} is not auto, cpu or cuda:N")
        self._set("device", value, value, for_session=False)

    def _set(self, name: str, value: Any, plain: Any, *, for_session: bool) -> None:
        if for_session and value is not None:
            self._session[name] = value
        else:
            self._session.pop(name, None)
            self._settings.set_value(name, plain)
        self.changed.emit(name)

    def _chosen(self, name: str) -> Any:
        return self._session[name] if name in self._session else self._user(name)

    def _user(self, name: str) -> Any:
        """Return what the user chose; None where that is nothing, or nothing that makes sense."""
        plain = self._settings.value(name)
        try:
            if name == "thresholds":
                if plain is None:
                    return None
                usable, repeat = map(float, plain)
                return Thresholds(usable, repeat)
            if name == "presets":
                if not isinstance(plain, list) or len(plain) > _MOST_PRESETS:
                    return None
                return tuple(_preset_of(one) for one in plain)
        except (TypeError, ValueError, KeyError):
            return None
        if name == "shortcuts":
            return _words(plain)
        if name == "language":
            return plain if plain in LANGUAGES else None
        if name == "backend":
            return plain if plain in BACKENDS else None
        if name == "device":
            return plain if isinstance(plain, str) and DEVICE.fullmatch(plain) else None
        return None


def _preset_to_plain(preset: Preset) -> dict[str, Any]:
    window = preset.window
    return {
        "name": window.name,
        "centre": window.centre,
        "width": window.width,
        "modality": preset.modality,
    }


def _preset_of(plain: Any) -> Preset:
    centre, width = float(plain["centre"]), float(plain["width"])
    if not math.isfinite(centre + width):
        raise ValueError("a window is finite")
    window = Window(centre, width, str(plain["name"])[:40])
    return Preset(window, str(plain["modality"])[:8])


def _words(plain: Any) -> dict[str, str] | None:
    if not isinstance(plain, dict):
        return None
    is_words = all(isinstance(k, str) and isinstance(v, str) for k, v in plain.items())
    return dict(plain) if is_words else None
