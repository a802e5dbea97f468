"""What every test shares: a screenless Qt, a private home, and watchers for what leaks."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

# Before any import of Qt: without a display Qt would end the process.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Nothing a test writes reaches the settings, recent files or caches of the person who runs it.
# Set here and not in a fixture, so that it also holds for modules that ask at import time and
# for the child processes they start.
_HOME = Path(tempfile.mkdtemp(prefix="acutance-tests-"))
_PRIVATE_FOLDERS = {
    "HOME": "",
    "USERPROFILE": "",
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
    "XDG_STATE_HOME": "state",
    "XDG_CACHE_HOME": "cache",
    "APPDATA": "roaming",
    "LOCALAPPDATA": "local",
    "WIN_PD_OVERRIDE_APPDATA": "roaming",
    "WIN_PD_OVERRIDE_LOCAL_APPDATA": "local",
}
for _variable, _name in _PRIVATE_FOLDERS.items():
    _folder = _HOME / _name
    _folder.mkdir(exist_ok=True)
    os.environ[_variable] = str(_folder)

for _variable in ("ACUTANCE_SITE_FILE", "ACUTANCE_CALIBRATION_DIR"):
    os.environ.pop(_variable, None)

_OUR_LOGGERS = ("acutance", "acutance_models", "acutance_resources")
# Made by Qt itself when a tool tip was shown; it lives as long as the application.
_QT_OWN_WIDGETS = {"QTipLabel"}


def pytest_unconfigure() -> None:
    """Remove the private home."""
    shutil.rmtree(_HOME, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests marked gpu where no CUDA device answers."""
    marked = [item for item in items if item.get_closest_marker("gpu")]
    if not marked:
        return
    import torch

    if torch.cuda.is_available():
        return
    for item in marked:
        item.add_marker(pytest.mark.skip(reason="no CUDA device"))


@pytest.fixture(autouse=True)
def _seeds() -> None:
    """Start every test from the same random state."""
    random.seed(20240229)
    np.random.seed(20240229)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(20240229)


#: Tests between two looks at all objects, which take a moment once torch is there.
_COLLECT_EVERY = 40
_tests_run = 0


@pytest.fixture(autouse=True)
def _cycles_are_collected_here() -> Iterator[None]:
    """Collect between tests: on a runner's thread or in a paint it would destroy dead widgets."""
    global _tests_run
    gc.disable()
    yield
    _tests_run += 1
    gc.collect(2 if _tests_run % _COLLECT_EVERY == 0 else 1)


@pytest.fixture(autouse=True)
def _no_leaked_widgets() -> Iterator[None]:
    """Fail the test that leaves a top-level widget behind."""
    before = _top_level_widgets()
    yield
    leaked = _new_widgets(before)
    if leaked:
        # Cycles between Python wrappers are not leaks, only late.
        gc.collect()
        leaked = _new_widgets(before)
    if leaked:
        names = ", ".join(sorted(type(widget).__name__ for widget in leaked))
        for widget in leaked:
            widget.close()
            widget.deleteLater()
        pytest.fail(f"top-level widgets left behind: {names}", pytrace=False)


@pytest.fixture(autouse=True)
def _no_leaked_children() -> Iterator[None]:
    """Fail the test that leaves a child process behind."""
    before = multiprocessing.active_children()
    yield
    # By number, not by identity: a runner shared by a module may have replaced its child.
    deadline = time.monotonic() + 5.0
    leaked = multiprocessing.active_children()
    while len(leaked) > len(before) and time.monotonic() < deadline:
        time.sleep(0.02)
        leaked = multiprocessing.active_children()
    if len(leaked) > len(before):
        strangers = [child for child in leaked if child not in before]
        for child in strangers:
            child.kill()
            child.join(5.0)
        names = ", ".join(f"{child.name} (pid {child.pid})" for child in strangers)
        pytest.fail(f"child processes left behind: {names}", pytrace=False)


@pytest.fixture(autouse=True)
def _no_leaked_threads(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test of a window that leaves a thread of ours at work.

    Those of a runner's lanes and pipes end with its children, which are counted above; a thread
    that Qt started has an entry in Python as long as the process lives.
    """
    if "qapp" not in request.fixturenames:
        yield
        return
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 5.0
    while (leaked := _our_threads() - before) and time.monotonic() < deadline:
        time.sleep(0.01)
    if leaked:
        names = ", ".join(sorted(thread.name for thread in leaked))
        pytest.fail(f"threads left behind: {names}", pytrace=False)


def _our_threads() -> set[threading.Thread]:
    return {
        thread
        for thread in threading.enumerate()
        if not isinstance(thread, threading._DummyThread)
        and not thread.name.startswith("lane ")
        and not thread.name.endswith("-pipe")
    }


@pytest.fixture(autouse=True)
def _no_unexpected_warnings(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test during which our own code logs a warning that nobody looked for.

    A test that asks for `caplog` looks for itself.
    """
    if "caplog" in request.fixturenames:
        yield
        return
    handler = _Collector()
    root = logging.getLogger()
    root.addHandler(handler)
    yield
    root.removeHandler(handler)
    if handler.records:
        text = "\n".join(f"{r.name}: {r.levelname}: {r.getMessage()}" for r in handler.records)
        pytest.fail(f"unexpected log messages:\n{text}", pytrace=False)


class _Collector(logging.Handler):
    """Keeps the warnings of our own loggers."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] in _OUR_LOGGERS:
            self.records.append(record)


def _top_level_widgets() -> list[Any]:
    """Return the top-level widgets that live now; none where Qt was never imported."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return []
    core = sys.modules["PySide6.QtCore"]
    core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete.value)
    return [
        widget
        for widget in widgets.QApplication.topLevelWidgets()
        if widget.metaObject().className() not in _QT_OWN_WIDGETS
    ]


def _new_widgets(before: list[Any]) -> list[Any]:
    """Return the top-level widgets that were not there `before`."""
    return [widget for widget in _top_level_widgets() if not any(widget is w for w in before)]
