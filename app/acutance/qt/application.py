"""The program with a window: start, and the headless drive of it."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from acutance.jobs.runner import Runner
    from acutance.qt.main_window import MainWindow
    from acutance.qt.settings import Settings
    from acutance.qt.theme import ThemeName

DONE, FAILED = 0, 1
#: Holds when the process was started, as seconds since the epoch; the time from then to the first
#: painted window goes to standard error.
TRACE_VARIABLE = "ACUTANCE_STARTUP_TRACE"
#: Grace after the first paint before children are started, in ms.
_WARM_DELAY_MS = 50


def create_application(argv: Sequence[str] = (), *, theme: ThemeName = "dark") -> QApplication:
    """Return the Qt application, made if there is none yet, in a theme.

    Without a display the process would be ended by Qt: ask `display_problem` first, or set
    QT_QPA_PLATFORM=offscreen.
    """
    from PySide6.QtWidgets import QApplication

    from acutance import __version__
    from acutance.qt.theme import apply_theme

    app = QApplication.instance()
    if not isinstance(app, QApplication):
        # Qt would share the drawing of one slice between threads and wait for all of them: no
        # faster at this size, and many times slower while a network keeps the cores busy.
        os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
        app = QApplication(list(argv) or ["acutance"])
    app.setApplicationName("acutance")
    app.setApplicationDisplayName("Acutance")
    app.setApplicationVersion(__version__)
    apply_theme(app, theme)
    return app


def create_main_window(
    *,
    runner: Runner | None = None,
    settings: Settings | None = None,
    site: Path | None = None,
) -> MainWindow:
    """Build window, session and runner; closing the window ends every child process.

    Parameters
    ----------
    runner : Runner, optional
        Belongs to the window from then on; by default a new one on the best device.
    settings : Settings, optional
        By default those of the user.
    site : Path, optional
        The site file; by default the one of the environment or of the computer.
    """
    from acutance.qt.main_window import MainWindow
    from acutance.qt.settings import Settings
    from acutance.session import Session

    chosen = Settings.of_user() if settings is None else settings
    if runner is None:
        from acutance.jobs.runner import Runner
        from acutance.qt.preferences import Preferences

        runner = Runner(device=Preferences(chosen).device, yields=True)
    create_application(theme=chosen.theme)
    window = MainWindow(Session(), runner, chosen)
    if site is not None:
        window.use_site_file(site)
    window.first_painted.connect(lambda: _warm_later(window))
    return window


def _warm_later(window: MainWindow) -> None:
    """Start the reader's child once the window stands: the first scan then opens at once."""
    from PySide6.QtCore import QTimer

    QTimer.singleShot(_WARM_DELAY_MS, window, window.controller.warm_reader)


def main(
    paths: Sequence[Path] = (),
    *,
    headless: bool = False,
    run: Literal["score"] | None = None,
    screenshot: Path | None = None,
    exit_when_done: bool = False,
    theme: ThemeName | None = None,
    site: Path | None = None,
    language: str | None = None,
) -> int:
    """Open the window and run until it is closed.

    Parameters
    ----------
    paths : sequence of Path
        Opened at once; without any the start page is shown.
    headless : bool
        Draw offscreen, with default settings that are not kept.
    run : "score" or None
        Score the first series as soon as it is loaded.
    screenshot : Path or None
        Save a picture of the window, as PNG, when all of that is done.
    exit_when_done : bool
        Close the window then.
    theme : "dark", "light" or None
        By default the one that was chosen last.
    site : Path or None
        The site file; by default the one of the environment or of the computer.
    language : "en", "de", "auto" or None
        What the window speaks, this time; by default what the user chose, else the site, else the
        system. Headless it is English.

    Returns
    -------
    int
        0; 1 where there is no display, or where `paths` could not be opened, or not scored, or
        the picture not saved. Why is said on standard error.
    """
    if headless:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    else:
        from acutance.qt.display import display_problem

        problem = display_problem()
        if problem:
            print(problem, file=sys.stderr)
            return FAILED
    # Before PySide6, which reads the source of every module imported after it, to look for itself.
    import acutance.jobs.runner
    import acutance.session  # noqa: F401
    from acutance.qt import faults
    from acutance.qt.errand import Errand
    from acutance.qt.language import tr
    from acutance.qt.settings import Settings
    from acutance.qt.splash import Splash, is_wanted

    settings = Settings() if headless else Settings.of_user()
    if theme is not None:
        settings.theme = theme
    if headless:
        # Only what was asked for is done, so that a test knows what it sees.
        settings.auto_score = run == "score"
    app = create_application(theme=settings.theme)
    _speak(app, settings, site, language or ("en" if headless else None))
    is_plain = not (headless or run or screenshot or exit_when_done)
    if is_plain:
        from acutance.qt.single_instance import hand_over

        if hand_over(paths):
            return DONE
    splash = None
    if is_wanted() and not headless:
        splash = Splash()
        splash.show()
        splash.tell(tr("Building the window"))
    window = create_main_window(settings=settings, site=site)
    if is_plain:
        _open_door(window)
    restore = faults.install(window.tell, window.note_fault)
    previous = signal.signal(signal.SIGINT, lambda *_: window.close())
    try:
        if os.environ.get(TRACE_VARIABLE):
            window.first_painted.connect(_trace)
        errand = Errand(
            window,
            paths,
            run=run,
            screenshot=screenshot,
            exit_when_done=exit_when_done,
        )
        if splash is not None:
            splash.tell(tr("Opening"))
        window.show()
        if splash is not None:
            splash.close_for(window)
        errand.start()
        app.exec()
        return errand.exit_code
    finally:
        window.close()
        window.deleteLater()
        signal.signal(signal.SIGINT, previous)
        restore()


def _speak(app: QApplication, settings: Settings, site: Path | None, session: str | None) -> None:
    """Install the language: of the session, else the user, else the site, else the system."""
    from acutance.errors import SiteFileError
    from acutance.qt.language import choose_language, install_language

    of_site = None
    user = settings.value("language")
    if session is None and user not in ("en", "de"):
        from acutance.io.site import load_site

        try:
            of_site = load_site(site).language
        except SiteFileError:
            of_site = None  # the window tells it, once it stands
    choices = (session, user if isinstance(user, str) else None, of_site)
    install_language(app, choose_language(*choices))


def _open_door(window: MainWindow) -> None:
    """Let later starts hand over to this window."""
    from acutance.qt.single_instance import Door

    def take(paths: list[Path]) -> None:
        if paths:
            window.open_paths(paths)
        window.show()
        window.raise_()
        window.activateWindow()

    door = Door(parent=window)
    door.paths_handed.connect(take)
    door.open()


def _trace() -> None:
    """Say how long it took from the start of the process to the first painted window."""
    now = time.time()
    try:
        started = float(os.environ[TRACE_VARIABLE])
    except ValueError:
        return
    print(f"first painted window after {now - started:.3f} s", file=sys.stderr, flush=True)
