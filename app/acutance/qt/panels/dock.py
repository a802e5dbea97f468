"""Side panels that can be moved."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from acutance.qt.language import tr


def make_dock(name: str, title: str, content: QWidget, window: QMainWindow) -> QDockWidget:
    """Return a panel that docks left or right; its place is remembered under its name."""
    dock = QDockWidget(title, window)
    dock.setObjectName(f"{name}_dock")
    dock.setAccessibleName(tr("{title} panel", title=title))
    dock.setAllowedAreas(
        Qt.DockWidgetArea.LeftDockWidgetArea | Qt.DockWidgetArea.RightDockWidgetArea
    )
    dock.setWidget(content)
    return dock
