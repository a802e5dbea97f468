"""Make the pictures of `docs/images/` from the bundled sample: `python bench/make_screenshots.py`.

Runs the real window offscreen, with the real children: nothing in a picture is put there by hand.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGES = Path(__file__).parents[1] / "docs" / "images"
LIMIT_SECONDS = 120.0


def main() -> None:
    """Open the moved sample, score it, go to its worst slice; one picture each."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from acutance.qt.application import create_application, create_main_window
    from acutance.qt.settings import Settings
    from acutance.session import SeriesState
    from acutance_resources import path

    application = create_application()
    settings = Settings()
    settings.auto_score = False
    window = create_main_window(settings=settings)
    session = window.session

    def wait_for(condition: Callable[[], bool]) -> None:
        limit = time.monotonic() + LIMIT_SECONDS
        while not condition():
            if time.monotonic() > limit:
                raise TimeoutError("the window did not get there")
            application.processEvents()
            time.sleep(0.005)

    def settle_and_save(name: str) -> None:
        pause = time.monotonic() + 0.3
        wait_for(lambda: time.monotonic() > pause)
        window.grab().save(str(IMAGES / name), "PNG")

    IMAGES.mkdir(parents=True, exist_ok=True)
    window.resize(1440, 900)
    window.show()
    settle_and_save("start.png")
    window.open_paths([path("sample/sample_T1_moved.nii.gz")])
    wait_for(lambda: session.active is not None and session.active.state is SeriesState.LOADED)
    settle_and_save("opened.png")
    window.controller.score()
    wait_for(lambda: session.active is not None and session.active.result is not None)
    settle_and_save("scored.png")
    session.next_worst()
    settle_and_save("worst.png")
    window.close()


if __name__ == "__main__":
    main()
