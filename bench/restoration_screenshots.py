"""Make the pictures of restoration in `docs/images/` from the bundled sample.

    python bench/restoration_screenshots.py [--network FILE] [--folder FOLDER] [--scene NAME ...]

Rician noise is put on the sample, and the window restores the noisy scan with the network and the
operator that come with it. Then an operator is fitted on the sample as it is. For the evidence the
sample is restored with the operator for strong noise, which it has not: the perceptual end
overshoots, and the slice is shown in which most has changed beyond the noise. Nothing in a picture
is put there by hand. A network from a file has no operator, and no picture of evidence.
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
NOISE_SHARE = 0.08
SLICES = slice(40, 100)
#: How far views are zoomed where the grain is to be seen, and pixels of their frames left out.
ZOOM, EDGE = 1.8, 6
SCENES = ("slider", "fit", "evidence")
#: Whose operator for the strongest noise is shown to overshoot.
SHIPPED = "mr_denoise"


def write_scans(folder: Path) -> tuple[Path, Path]:
    """Write a part of the sample as it is, and with noise on it; return both files."""
    from acutance_resources import path

    image = nibabel.load(path("sample/sample_T1.nii.gz")).slicer[:, :, SLICES]
    values = np.asarray(image.dataobj, np.float32)
    sigma = NOISE_SHARE * float(np.percentile(values[values > 0.2 * values.max()], 99))
    draws = sigma * np.random.default_rng(0).standard_normal((2, *values.shape))
    noisy = np.hypot(values + draws[0], draws[1]).astype(np.float32)
    found = []
    for name, array in (("sharp_T1", values), ("noisy_T1", noisy)):
        found.append(folder / f"{name}.nii.gz")
        nibabel.save(nibabel.Nifti1Image(array, image.affine), found[-1])
    return found[0], found[1]


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the pictures of restoration.")
    parser.add_argument("--network", type=Path)
    parser.add_argument("--folder", type=Path, default=IMAGES)
    parser.add_argument("--scene", nargs="+", choices=SCENES, default=SCENES)
    options = parser.parse_args()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtGui import QImage, QPainter, QPixmap

    from acutance.core.restoration import RestorationResult
    from acutance.qt.application import create_application, create_main_window
    from acutance.qt.dialogs.fit_dialog import FitDialog
    from acutance.qt.restoration_feature import RestorationFeature
    from acutance.qt.settings import Settings
    from acutance_models.catalogue import list_descriptors

    application = create_application()
    settings = Settings()
    settings.auto_score = True
    window = create_main_window(settings=settings)
    session = window.session
    found = session.restorations
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
        for _ in range(20):  # a column is laid out in rounds
            application.processEvents()
        wait_for(lambda: time.monotonic() > pause)

    def open_scored(scan: Path) -> None:
        before = session.active
        window.open_paths([scan])
        wait_for(
            lambda: (
                session.active not in (None, before)
                and session.active.result is not None
                and not window.controller.jobs
            )
        )

    def wait_restored() -> RestorationResult:
        """Wait until everything is told of the active series."""
        wait_for(lambda: not window.controller.jobs and found.progress is None)
        assert isinstance(found.answer, RestorationResult)
        return found.answer

    def save(name: str, image: QImage | QPixmap) -> None:
        image.save(str(options.folder / name), "PNG")

    def axial(alpha: float, *, of_source: bool = False) -> QImage:
        """Return the middle of the axial view, a square, as it is painted."""
        found.set_alpha(alpha)
        found.hold_source(of_source)
        settle()
        shot = window.centre.grid.view("axial").grab().toImage()
        found.hold_source(False)
        side = min(shot.width(), shot.height()) - 2 * EDGE
        return shot.copy((shot.width() - side) // 2, EDGE, side, side)

    def beside(shots: list[QImage], columns: int) -> QImage:
        side, rows = shots[0].width() + EDGE, -(-len(shots) // columns)
        sheet = QImage(columns * side - EDGE, rows * side - EDGE, QImage.Format.Format_RGB32)
        sheet.fill(0xFF808080)
        painter = QPainter(sheet)
        for number, shot in enumerate(shots):
            painter.drawImage(number % columns * side, number // columns * side, shot)
        painter.end()
        return sheet

    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sharp, noisy = write_scans(folder)
        window.resize(1440, 900)
        window.show()
        session.toggle_crosshair()
        feature.restorer.weights = options.network
        if "slider" in options.scene:
            open_scored(noisy)
            feature.restorer.restore(feature.section.task)
            wait_restored()
            found.set_alpha(0.5)
            settle()
            save("restored.png", window.grab())
            window.centre.set_overlay_visible(False)
            window.centre.grid.view("axial").zoom_by(ZOOM)
            sheet = [axial(1.0, of_source=True), axial(1.0), axial(0.5), axial(0.0)]
            save("restored-slider.png", beside(sheet, 2))
        open_scored(sharp)
        window.centre.set_overlay_visible(False)
        if "fit" in options.scene:
            dialog = FitDialog(
                session, feature.restorer, feature.section.task, window, folder=folder / "operators"
            )
            dialog.open()
            dialog.fit.click()
            wait_for(dialog.use.isVisible)
            settle()
            save("restored-fit.png", dialog.grab())
            dialog.reject()
        if "evidence" in options.scene and options.network is None:
            (shipped,) = [d for d in list_descriptors() if d.id == SHIPPED]
            strongest = max(shipped.operators, key=lambda operator: operator.noise)
            feature.restorer.use_operator(strongest.path)
            shares = wait_restored().changed_shares(0.0)
            most = max(range(len(shares)), key=lambda n: shares[n] or 0.0)
            session.set_slice(found.answer.plane, most)
            found.set_evidence(True)
            sheet = [axial(0.0, of_source=True), axial(0.0)]
            save("restored-evidence.png", beside(sheet, 2))
        window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
