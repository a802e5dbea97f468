"""Make the pictures of restoration in `docs/images/` from the bundled sample.

    python bench/restoration_screenshots.py [--network FILE] [--folder FOLDER]

Rician noise is put on the sample, an operator is fitted on twelve slices of the sample itself, and
the window restores the noisy scan: nothing in a picture is put there by hand. Without a file the
network of the catalogue for noise is taken.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import nibabel
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGES = Path(__file__).parents[1] / "docs" / "images"
LIMIT_SECONDS = 900.0
NOISE_SHARE = 0.05
SLICES = slice(40, 100)


def make_noisy(folder: Path) -> Path:
    """Write a part of the sample with noise on it; return the file."""
    from acutance_resources import path

    image = nibabel.load(path("sample/sample_T1.nii.gz")).slicer[:, :, SLICES]
    values = np.asarray(image.dataobj, np.float32)
    sigma = NOISE_SHARE * float(np.percentile(values[values > 0.2 * values.max()], 99))
    draws = sigma * np.random.default_rng(0).standard_normal((2, *values.shape))
    noisy = np.hypot(values + draws[0], draws[1]).astype(np.float32)
    target = folder / "noisy_T1.nii.gz"
    nibabel.save(nibabel.Nifti1Image(noisy, image.affine), target)
    return target


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the pictures of restoration.")
    parser.add_argument("--network", type=Path)
    parser.add_argument("--folder", type=Path, default=IMAGES)
    options = parser.parse_args()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtGui import QImage, QPainter

    from acutance.core.restoration import RestorationResult
    from acutance.core.restoration_fit import FitImages, FitRequest, spread_slices
    from acutance.qt.application import create_application, create_main_window
    from acutance.qt.restoration_feature import RestorationFeature
    from acutance.qt.settings import Settings
    from acutance_resources import path

    application = create_application()
    settings = Settings()
    settings.auto_score = True
    window = create_main_window(settings=settings)
    session = window.session
    (feature,) = [f for f in window.features if isinstance(f, RestorationFeature)]

    def wait_for(condition: Callable[[], bool]) -> None:
        limit = time.monotonic() + LIMIT_SECONDS
        while not condition():
            if time.monotonic() > limit:
                raise TimeoutError("the window did not get there")
            application.processEvents()
            time.sleep(0.01)

    def settle() -> None:
        pause = time.monotonic() + 0.3
        window.side.ensureWidgetVisible(feature.section)
        wait_for(lambda: time.monotonic() > pause)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sample = path("sample/sample_T1.nii.gz")
        (item,) = window.runner.index([sample]).value().items
        volume = window.runner.read(item).value().volume
        request = FitRequest(
            (FitImages(volume, "axial", spread_slices(volume.shape[2], 12)),), (), "sample", "1",
            folder, weights="" if options.network is None else str(options.network),
        )  # fmt: skip
        operator = window.runner.submit("restoration_fit", request).value().path
        window.resize(1440, 900)
        window.show()
        window.open_paths([make_noisy(folder)])
        wait_for(lambda: session.active is not None and session.active.result is not None)
        session.toggle_crosshair()
        feature.restorer.weights = options.network
        feature.restorer.use_operator(Path(operator))
        found = session.restorations
        wait_for(lambda: isinstance(found.answer, RestorationResult) and bool(found.warnings))
        options.folder.mkdir(parents=True, exist_ok=True)
        found.set_alpha(0.5)
        found.set_evidence(True)
        settle()
        window.grab().save(str(options.folder / "restored.png"), "PNG")
        found.set_evidence(False)
        window.centre.set_overlay_visible(False)
        view = window.centre.grid.view("axial")
        shots = []
        for alpha in (1.0, 0.5, 0.0):
            found.set_alpha(alpha)
            settle()
            shots.append(view.grab().toImage())
        found.set_alpha(1.0)
        found.hold_source(True)
        settle()
        shots.insert(0, view.grab().toImage())
        found.hold_source(False)
        # The middle of the view: the source and alpha = 1 above, 0.5 and 0 below.
        side = min(shots[0].width(), shots[0].height())
        grid = QImage(2 * side, 2 * side, QImage.Format.Format_RGB32)
        painter = QPainter(grid)
        for number, shot in enumerate(shots):
            part = shot.copy((shot.width() - side) // 2, 0, side, side)
            painter.drawImage(number % 2 * side, number // 2 * side, part)
        painter.end()
        grid.save(str(options.folder / "restored-slider.png"), "PNG")
        window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
