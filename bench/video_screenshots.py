"""Make the pictures of videos in `docs/images/` from a real clip and a real cine.

    PYTHONPATH=app:models:resources python bench/video_screenshots.py CLIP CINE
        [--weights FILE] [--second S] [--folder FOLDER] [--scene NAME ...]

The window opens the clip, enhances a second of what is seen, and plays it; then the cine. Nothing
in a picture is put there by hand. Without --weights the network of the catalogue is taken. Scenes:
`video` (the player with thumbnails and the best seconds), `video-split`, `video-side`,
`video-running` (the whole clip under way), `video-cine`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGES = Path(__file__).parents[1] / "docs" / "images"
LIMIT_SECONDS = 1800.0
SCENES = ("video", "video-split", "video-side", "video-running", "video-cine")
#: How far the clip is zoomed, so that a preview fills the view.
ZOOM = 2.4


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the pictures of videos.")
    parser.add_argument("clip", type=Path)
    parser.add_argument("cine", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--second", type=float, default=1.0)
    parser.add_argument("--folder", type=Path, default=IMAGES)
    parser.add_argument("--scene", action="append", choices=SCENES)
    options = parser.parse_args()
    wanted = options.scene or SCENES
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from acutance.qt.application import create_application, create_main_window
    from acutance.qt.enhance_feature import EnhanceFeature
    from acutance.qt.settings import Settings

    application = create_application()
    settings = Settings()
    settings.auto_score = False
    window = create_main_window(settings=settings)
    playback, page = window.session.playback, window.centre.video
    (feature,) = [f for f in window.features if isinstance(f, EnhanceFeature)]
    enhancement = feature.enhancer.enhancement

    def wait_for(condition: Callable[[], bool]) -> None:
        limit = time.monotonic() + LIMIT_SECONDS
        while not condition():
            if time.monotonic() > limit:
                raise TimeoutError("the window did not get there")
            application.processEvents()
            time.sleep(0.01)

    def settle(seconds: float = 0.5) -> None:
        pause = time.monotonic() + seconds
        wait_for(lambda: time.monotonic() > pause and not window.controller.frames.is_reading)

    def open_one(path: Path) -> None:
        before = playback.loaded
        window.open_paths([path])
        wait_for(lambda: playback.loaded not in (None, before) and not window.controller.jobs)
        settle(2.0)

    def take(name: str) -> None:
        settle()
        if name in wanted:
            window.grab().save(str(options.folder / f"{name}.png"), "PNG")
            print(name, flush=True)

    def preview() -> None:
        feature.preview()
        wait_for(lambda: enhancement.preview is not None or page.isHidden())
        wait_for(lambda: not feature.enhancer.is_previewing)

    options.folder.mkdir(parents=True, exist_ok=True)
    window.resize(1440, 900)
    window.show()
    if set(wanted) - {"video-cine"}:
        open_one(options.clip)
        if options.weights is not None:
            feature.use_weights(str(options.weights))
        if "video" in wanted:
            feature.find_best()
            wait_for(lambda: playback.range is not None)
            take("video")
            playback.set_range(None)
        playback.set_frame(round(options.second * (playback.loaded.video.frame_rate or 25.0)))
        if {"video-split", "video-side"} & set(wanted):
            page.view.zoom_by(ZOOM, page.view.image_rect().center())
            settle()
            preview()
            take("video-split")
            enhancement.set_mode("side")
            take("video-side")
            enhancement.set_mode("split")
        if "video-running" in wanted:
            with tempfile.TemporaryDirectory() as name:
                feature.enhance(Path(name) / "enhanced.mp4")
                wait_for(
                    lambda: (
                        feature.enhancer.progress is not None
                        and feature.enhancer.progress.rate > 0
                        and feature.enhancer.progress.done >= 1
                    )
                )
                take("video-running")
                feature.enhancer.cancel()
                wait_for(lambda: not feature.enhancer.is_running)
    if "video-cine" in wanted:
        open_one(options.cine)
        if options.weights is not None:
            feature.use_weights(str(options.weights))
        preview()
        take("video-cine")
    window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
