"""A progress bar that does not make the window wait."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar


class ProgressBar(QProgressBar):
    """Is painted with all else that changed, when the event loop comes to it.

    Qt's own paints within `setValue`, and with it at once whatever waits to be painted.
    """

    def setValue(self, value: int) -> None:
        """Show a value."""
        self.setUpdatesEnabled(False)
        super().setValue(value)
        self.setUpdatesEnabled(True)
