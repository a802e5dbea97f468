"""Draw the program's icon in the forms that Windows and macOS want.

    python installer/icons.py FOLDER     writes acutance.ico, acutance.icns and acutance.png there

From the one drawing, `resources/acutance_resources/icons/acutance.svg`.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
DRAWING = ROOT / "resources" / "acutance_resources" / "icons" / "acutance.svg"
LARGEST = 1024
WINDOWS_SIDES = (16, 24, 32, 48, 64, 128, 256)


def main(arguments: list[str]) -> int:
    """Write the icons into a folder."""
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    large = draw(LARGEST)
    large.resize((256, 256), Image.Resampling.LANCZOS).save(folder / "acutance.png")
    large.save(folder / "acutance.icns")
    sides = [(side, side) for side in WINDOWS_SIDES]
    large.save(folder / "acutance.ico", sizes=sides)
    return 0


def draw(side: int) -> Image.Image:
    """Return the drawing as an image, shape (side, side), RGBA."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QBuffer, QIODevice
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    application = QGuiApplication.instance() or QGuiApplication(["icons"])
    canvas = QImage(side, side, QImage.Format.Format_ARGB32)
    canvas.fill(0)
    painter = QPainter(canvas)
    QSvgRenderer(str(DRAWING)).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    canvas.save(buffer, "PNG")
    del application
    return Image.open(io.BytesIO(bytes(buffer.data().data()))).convert("RGBA")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
