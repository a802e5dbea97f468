"""Plots are imported when somebody may need them, and not while the window waits."""

from __future__ import annotations

import sys
from importlib import import_module
from threading import Thread
from typing import Any

_MODULE = "pyqtgraph"
#: How long the import may keep the interpreter while the window wants it, in seconds.
_TURN = 2e-4


def prepare_plots() -> None:
    """Import the plots beside the window, which stays free; whoever needs them next waits less."""
    if _MODULE not in sys.modules:
        Thread(target=_import, name="plots", daemon=True).start()


def give_room(plot: Any) -> None:
    """Leave room for numbers at the ends of the axes, which would be cut.

    Parameters
    ----------
    plot : pyqtgraph.PlotWidget
    """
    plot.plotItem.layout.setContentsMargins(1, 9, 9, 1)


def _import() -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(_TURN)
    try:
        import_module(_MODULE)
    finally:
        sys.setswitchinterval(before)
