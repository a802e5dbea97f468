"""One PNG that shows the verdict: three planes through the worst slice, and the score strip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from acutance import NOT_FOR_DIAGNOSIS
from acutance.core.affine import PLANES
from acutance.core.quality import QualityResult, Verdict
from acutance.core.restoration import MARK, RESTORED_WORD
from acutance.core.slicing import extract_colour, extract_slice, volume_geometry
from acutance.core.window import CT_PRESETS, apply, background_window, percentile_window
from acutance.export.mark import burn_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from acutance.core.slicing import SliceGeometry
    from acutance.core.volume import Volume

#: Word, shape and colour of each verdict; never the colour alone.
VERDICT_LOOK: dict[Verdict, tuple[str, str, str]] = {
    Verdict.USABLE: ("Usable", "circle", "#2fc9b2"),
    Verdict.CHECK: ("Check", "triangle", "#f3bb62"),
    Verdict.REPEAT: ("Repeat advised", "octagon", "#e65a31"),
    Verdict.NOT_ASSESSED: ("Not assessed", "dashed circle", "#9199a3"),
}
_VIEW, _GAP, _HEAD, _STRIP = 320, 8, 84, 96
#: Pixels above the views of a picture, and pixels of one view.
HEAD_PIXELS, VIEW_PIXELS = _HEAD, _VIEW
TEXT, SECONDARY, SURFACE, _LINE = "#e8eaed", "#9aa4af", "#121417", "#2b3138"


def shown_slices(volume: Volume, result: QualityResult) -> dict[str, int]:
    """Return the slice to show of each plane: the worst scored one, else the middle."""
    shown = {plane: volume_geometry(volume, plane).count // 2 for plane in PLANES}
    worst = result.worst_first()
    if worst:
        shown[worst[0].plane] = worst[0].index
    return shown


def plane_picture(
    volume: Volume,
    plane: str,
    index: int,
    size: int = _VIEW,
    *,
    shows_air: bool = False,
    over: Callable[[Image.Image, tuple[int, int, int, int]], Image.Image] | None = None,
) -> Image.Image:
    """Return one slice as drawn in the window, black around, true to mm, `size` x `size`.

    Parameters
    ----------
    shows_air : bool
        Stretch the darkest few per cent, where ghosts show around the head.
    over : callable, optional
        Draws over the slice, below the letters: given the picture and the left, top, right and
        bottom of the slice in it, returns the picture.
    """
    geometry = volume_geometry(volume, plane)
    picture = _drawn(volume, geometry, index, shows_air=shows_air)
    row_mm, column_mm = geometry.pixel_spacing
    height, width = picture.height * row_mm, picture.width * column_mm
    scale = size / max(height, width)
    picture = picture.resize(
        (max(1, round(width * scale)), max(1, round(height * scale))), Image.Resampling.BICUBIC
    )
    canvas = Image.new("RGB", (size, size), "black")
    left_edge, top_edge = (size - picture.width) // 2, (size - picture.height) // 2
    canvas.paste(picture, (left_edge, top_edge))
    if over is not None:
        box = (left_edge, top_edge, left_edge + picture.width, top_edge + picture.height)
        canvas = over(canvas, box)
    draw = ImageDraw.Draw(canvas)
    left, right, top, bottom = geometry.edges
    middle, font = size // 2, ImageFont.load_default(13)
    for text, place, anchor in (
        (left, (6, middle), "lm"),
        (right, (size - 6, middle), "rm"),
        (top, (middle, 5), "mt"),
        (bottom, (middle, size - 5), "mb"),
        (f"{plane} {index}", (6, 6), "lt"),
    ):
        draw.text(
            place, text, fill="white", font=font, anchor=anchor, stroke_width=1, stroke_fill="black"
        )
    if volume.facts.get(RESTORED_WORD):
        marked = burn_in(np.asarray(canvas), MARK, dark=0, bright=255)
        return Image.fromarray(marked)
    return canvas


def _drawn(
    volume: Volume, geometry: SliceGeometry, index: int, *, shows_air: bool = False
) -> Image.Image:
    """Return one slice in colour, or in the automatic window, one pixel per voxel."""
    if volume.is_colour:
        return Image.fromarray(extract_colour(volume, geometry, index))
    image: NDArray[np.float32] = extract_slice(volume, geometry, index)
    choose = background_window if shows_air else percentile_window
    if volume.facts.get("photometric") == "MONOCHROME1":
        image = -image
        window = choose(-volume.to_real(volume.array[::4, ::4, ::4]))
    elif shows_air and volume.unit == "HU":
        window = next(preset for preset in CT_PRESETS if preset.name == "air background")
    else:
        window = choose(volume.to_real(volume.array[::2, ::2, ::2]))
    return Image.fromarray(apply(image, window))


def write_picture(volume: Volume, result: QualityResult, path: Path) -> None:
    """Write the PNG: verdict line, three planes, score strip, "not for diagnosis"."""
    width = 3 * _VIEW + 4 * _GAP
    canvas = Image.new("RGB", (width, _HEAD + _VIEW + _STRIP + 3 * _GAP), SURFACE)
    draw = ImageDraw.Draw(canvas)
    word, shape, colour = VERDICT_LOOK[result.verdict]
    draw_shape(draw, (20, 18, 52, 50), shape, colour)
    number = "" if result.ssim_pred is None else f"predicted SSIM {result.ssim_pred:.2f}"
    draw.text((66, 12), word, fill=TEXT, font=ImageFont.load_default(24))
    draw.text((66, 46), result.reason, fill=SECONDARY, font=ImageFont.load_default(14))
    draw.text((width - 16, 14), number, fill=TEXT, font=ImageFont.load_default(20), anchor="rt")
    draw.text(
        (width - 16, 46),
        NOT_FOR_DIAGNOSIS,
        fill=SECONDARY,
        font=ImageFont.load_default(14),
        anchor="rt",
    )
    for n, (plane, index) in enumerate(shown_slices(volume, result).items()):
        canvas.paste(plane_picture(volume, plane, index), (_GAP + n * (_VIEW + _GAP), _HEAD))
    box = (_GAP, _HEAD + _VIEW + _GAP, width - _GAP, _HEAD + _VIEW + _GAP + _STRIP)
    _draw_strip(draw, result, box)
    canvas.save(path, format="PNG", optimize=True)


def draw_shape(
    draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], shape: str, colour: str
) -> None:
    """Draw the shape of a verdict into a box of left, top, right and bottom."""
    left, top, right, bottom = box
    middle = (left + right) / 2
    if shape == "circle":
        draw.ellipse(box, fill=colour)
    elif shape == "triangle":
        draw.polygon([(middle, top), (right, bottom), (left, bottom)], fill=colour)
    elif shape == "octagon":
        draw.regular_polygon(
            (middle, (top + bottom) / 2, (right - left) / 2), 8, fill=colour, rotation=22
        )
    else:
        for start in range(0, 360, 45):
            draw.arc(box, start, start + 26, fill=colour, width=3)


def _draw_strip(
    draw: ImageDraw.ImageDraw, result: QualityResult, box: tuple[int, int, int, int]
) -> None:
    left, top, right, bottom = box
    draw.rectangle(box, outline=_LINE)
    thresholds = result.thresholds
    floor, ceiling = bottom - 18, top + 6
    if result.slices:
        step = (right - left - 8) / len(result.slices)
        for n, score in enumerate(result.slices):
            x = left + 4 + n * step
            value = score.ssim_pred
            colour = VERDICT_LOOK[
                Verdict.NOT_ASSESSED if value is None else thresholds.verdict(value)
            ][2]
            height = 4.0 if value is None else max(2.0, value * (floor - ceiling))
            draw.rectangle((x, floor - height, x + max(1.0, step - 1.0), floor), fill=colour)
    for bound in (thresholds.usable, thresholds.repeat):
        y = floor - bound * (floor - ceiling)
        draw.line((left + 4, y, right - 4, y), fill=SECONDARY)
        draw.text(
            (right - 4, y - 1),
            f"{bound:.2f}",
            fill=TEXT,
            font=ImageFont.load_default(11),
            anchor="rb",
            stroke_width=1,
            stroke_fill="black",
        )
    caption = f"predicted SSIM of {len(result.slices)} slices, {', '.join(result.planes)}"
    draw.text(
        (left + 6, bottom - 3),
        caption,
        fill=SECONDARY,
        font=ImageFont.load_default(12),
        anchor="lb",
    )
