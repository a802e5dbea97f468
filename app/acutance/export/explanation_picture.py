"""The map of an explanation over its slice, as a picture; only where the test supports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from acutance import NOT_FOR_DIAGNOSIS
from acutance.core.explained_series import heading
from acutance.core.explanation import CAPTION
from acutance.core.explanation_colours import STOPS, map_pixels
from acutance.core.slicing import volume_geometry
from acutance.export.atomic import replacing
from acutance.export.picture import SECONDARY, SURFACE, TEXT, plane_picture

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from acutance.core.explanation import ExplanationResult
    from acutance.core.slicing import SliceGeometry
    from acutance.core.volume import Volume

_VIEW, _GAP, _HEAD, _FOOT, _BAR = 440, 12, 64, 74, 14
_LEGEND = 150


def tinted_picture(volume: Volume, result: ExplanationResult, size: int) -> Image.Image:
    """Return the slice of an explanation with its map over it, `size` x `size`.

    The picture says of itself that it explains a prediction.

    Raises
    ------
    ValueError
        If there is no map, because the test does not support one.
    """
    if result.values is None:
        raise ValueError("there is no map to draw")
    values, highest = result.values, max(float(result.values.max()), 1e-9)

    def lay_over(picture: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
        geometry = volume_geometry(volume, result.plane)
        share = _on_canvas(values / highest, result.extent, geometry, box, picture.size)
        tint = map_pixels(share).astype(np.float32)
        base = np.asarray(picture, dtype=np.float32) * (1.0 - tint[..., 3:] / 255.0)
        return Image.fromarray(np.rint(base + tint[..., :3]).clip(0, 255).astype(np.uint8))

    picture = plane_picture(volume, result.plane, result.index, size, over=lay_over)
    font = ImageFont.load_default(max(11, size // 32))
    ImageDraw.Draw(picture).text(
        (size // 2, size - size // 16 - 8), CAPTION, fill="white", font=font, anchor="mb",
        stroke_width=1, stroke_fill="black",
    )  # fmt: skip
    return picture


def write_explanation(volume: Volume, result: ExplanationResult, path: Path) -> None:
    """Write a PNG: the slice, the slice with its map, the colour bar, what the test found.

    Raises
    ------
    ValueError
        If there is no map, because the test does not support one.
    OSError
        If the file cannot be written.
    """
    tinted = tinted_picture(volume, result, _VIEW)
    width = 2 * _VIEW + 3 * _GAP + _LEGEND
    canvas = Image.new("RGB", (width, _HEAD + _VIEW + _FOOT), SURFACE)
    draw = ImageDraw.Draw(canvas)
    small = ImageFont.load_default(14)
    draw.text((_GAP, 10), heading(result), fill=TEXT, font=ImageFont.load_default(22))
    draw.text((_GAP, 39), CAPTION, fill=SECONDARY, font=small)
    draw.text((width - _GAP, 14), NOT_FOR_DIAGNOSIS, fill=SECONDARY, font=small, anchor="rt")
    canvas.paste(plane_picture(volume, result.plane, result.index, _VIEW), (_GAP, _HEAD))
    canvas.paste(tinted, (2 * _GAP + _VIEW, _HEAD))
    _draw_bar(draw, result, (3 * _GAP + 2 * _VIEW, _HEAD))
    for number, line in enumerate(result.lines()):
        place = (_GAP, _HEAD + _VIEW + 10 + 20 * number)
        draw.text(place, line, fill=SECONDARY if number else TEXT, font=small)
    with replacing(path) as temporary:
        canvas.save(temporary, format="PNG", optimize=True)


def _draw_bar(
    draw: ImageDraw.ImageDraw, result: ExplanationResult, corner: tuple[int, int]
) -> None:
    """Draw the colours of the map with their values, the highest above."""
    left, top = corner
    height = _VIEW - 60
    for row in range(height):
        place = (1.0 - row / (height - 1)) * (len(STOPS) - 1)
        colour = tuple(
            round(float(np.interp(place, np.arange(len(STOPS)), STOPS[:, c]))) for c in range(3)
        )
        draw.line((left, top + row, left + _BAR, top + row), fill=colour)
    highest = 0.0 if result.values is None else float(result.values.max())
    font = ImageFont.load_default(13)
    for text, y, anchor in (
        (f"{highest:.4f}", top, "lt"),
        ("0", top + height, "lb"),
    ):
        draw.text((left + _BAR + 6, y), text, fill=TEXT, font=font, anchor=anchor)
    draw.multiline_text(
        (left, top + height + 10), "predicted SSIM\nthat a cell takes\naway", fill=SECONDARY,
        font=font, spacing=3,
    )  # fmt: skip


def _on_canvas(
    share: NDArray[np.float32],
    extent: tuple[float, float, float, float],
    geometry: SliceGeometry,
    box: tuple[int, int, int, int],
    size: tuple[int, int],
) -> NDArray[np.float32]:
    """Return a map on the pixels of a canvas; 0 beyond the slice, which lies in `box`.

    Parameters
    ----------
    share : ndarray, shape (N, N)
    extent : (float, float, float, float)
        Of the map, in pixels of the slice; see `ExplanationResult`.
    geometry : SliceGeometry
    box : (int, int, int, int)
        Left, top, right and bottom of the slice on the canvas.
    size : (int, int)
        Columns and rows of the canvas.
    """
    left, top, right, bottom = box
    rows, columns = geometry.size
    first_row, last_row, first_column, last_column = extent
    drawn = np.zeros((size[1], size[0]), np.float32)
    # Where the middle of each canvas pixel lies in the map, in cells.
    pixel_rows = (np.arange(top, bottom) + 0.5 - top) * rows / (bottom - top) - 0.5
    pixel_columns = (np.arange(left, right) + 0.5 - left) * columns / (right - left) - 0.5
    cells = share.shape[0]
    down = (pixel_rows - first_row) / (last_row - first_row) * cells - 0.5
    across = (pixel_columns - first_column) / (last_column - first_column) * cells - 0.5
    drawn[top:bottom, left:right] = _bilinear(share, down, across)
    return drawn


def _bilinear(
    values: NDArray[np.float32], down: NDArray[np.float64], across: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Sample a square at rows times columns, in cells; its edge goes on beyond it."""
    places = np.arange(values.shape[0])
    rows = np.stack([np.interp(down, places, column) for column in values.T], axis=1)
    return np.stack([np.interp(across, places, row) for row in rows]).astype(np.float32)
