"""The window over the air around the patient, and the way back from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acutance.core.window import AIR, CT_PRESETS, air_window
from acutance.session.sampling import sample_values

if TYPE_CHECKING:
    from acutance.core.volume import Volume
    from acutance.core.window import Window
    from acutance.session.session import Session


class AirWindow:
    """Switches between the window in use and one in which ghosts and noise of the air show.

    Parameters
    ----------
    session : Session
        Whose window is changed; listeners hear of it as of any other change.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._window: Window | None = None
        self._before: Window | None = None
        self._volume: Volume | None = None

    @property
    def is_on(self) -> bool:
        """Whether the air is what the window shows; a window that was dragged on is another."""
        return self._window is not None and self._session.window == self._window

    def toggle(self) -> None:
        """Show the air of the active volume, or what was shown before."""
        volume = self._session.active_volume
        if volume is None or volume.is_colour:
            self._session.notice.emit("There is no air to show: colours have no window.")
            return
        if self.is_on and self._volume is volume and self._before is not None:
            self._session.set_window(self._before)
            return
        if self.is_on:  # of another volume, where it was never left
            self._session.reset_window()
            return
        self._before, self._volume = self._session.window, volume
        self._window = _window_of(volume)
        self._session.set_window(self._window)


def _window_of(volume: Volume) -> Window:
    if volume.modality == "CT":
        return next(window for window in CT_PRESETS if window.name == AIR)
    return air_window(sample_values(volume))
