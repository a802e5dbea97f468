"""Whether there is a screen; asked before Qt, which would end the process without one."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_HINT = "Use `acutance gui --headless` to draw offscreen, or `acutance score` for the command line."
#: Platforms of Qt that need a display server.
_NEED_SERVER = {"", "xcb", "wayland", "wayland-egl"}


def display_problem() -> str:
    """Return why no window can be shown, with what to do; empty where one can.

    Only Linux can lack a display; a server that is named but does not answer counts as none.
    """
    if not sys.platform.startswith("linux"):
        return ""
    wanted = os.environ.get("QT_QPA_PLATFORM", "").split(";")[0].split(":")[0]
    if wanted not in _NEED_SERVER:
        return ""
    if _has_wayland() and wanted != "xcb":
        return ""
    name = os.environ.get("DISPLAY", "")
    if not name:
        return f"There is no display: neither DISPLAY nor WAYLAND_DISPLAY is set. {_HINT}"
    if not _answers(name):
        return f"The display {name} does not answer. {_HINT}"
    missing = _missing_library()
    if missing:
        return f"Qt cannot use the display: {missing}. Install that library. {_HINT}"
    return ""


def _has_wayland() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY", "")
    return bool(name) and Path(os.environ.get("XDG_RUNTIME_DIR", "/"), name).exists()


def _answers(name: str) -> bool:
    """Return whether an X server answers; True where there is no library to ask it with."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(name.encode(), None)
    failed = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not failed


def _missing_library() -> str:
    """Return what keeps Qt's X11 plug-in from loading; empty where nothing does."""
    from PySide6.QtCore import QLibraryInfo

    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)
    plugin = Path(folder, "platforms", "libqxcb.so")
    if not plugin.exists():
        return ""
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return str(error)
    return ""
