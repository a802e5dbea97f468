"""One PNG that shows a video at a glance: frames spread over its length, each with its time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw, ImageFont

from acutance import NOT_FOR_DIAGNOSIS
from acutance.core.frames import frame_levels, initial_window, is_black
from acutance.export.picture import SECONDARY, SURFACE, TEXT, VERDICT_LOOK, draw_shape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from acutance.core.quality import QualityResult
    from acutance.core.video import VideoSource

#: Frames of a sheet.
SHEET_FRAMES = 12
_COLUMNS, _VIEW, _GAP, _HEAD = 4, 240, 8, 84


@dataclass(frozen=True, eq=False)
class SheetFrame:
    """A frame of a contact sheet.

    Parameters
    ----------
    number : int
        From 0.
    seconds : float
        When it is shown.
    pixels : ndarray, shape (Y, X, C), stored dtype
    """

    number: int
    seconds: float
    pixels: NDArray[Any]


def frame_pictures(
    video: VideoSource, frames: Sequence[SheetFrame], size: int
) -> list[Image.Image]:
    """Return frames as pictures of `size` x `size`, black around, all in one window."""
    shown = next((f for f in frames if not is_black(f.pixels)), frames[0])
    window = initial_window(video, shown.pixels)
    return [_picture(video, Image.fromarray(frame_levels(video, f.pixels, window)), size)
            for f in frames]  # fmt: skip


def write_sheet(
    video: VideoSource, frames: Sequence[SheetFrame], result: QualityResult, path: Path
) -> None:
    """Write the PNG: verdict line, frames with number and time, "not for diagnosis"."""
    columns = min(_COLUMNS, len(frames))
    rows = -(-len(frames) // columns)
    width = max(3 * _VIEW, columns * (_VIEW + _GAP) + _GAP)
    canvas = Image.new("RGB", (width, _HEAD + rows * (_VIEW + _GAP)), SURFACE)
    draw = ImageDraw.Draw(canvas)
    word, shape, colour = VERDICT_LOOK[result.verdict]
    draw_shape(draw, (20, 18, 52, 50), shape, colour)
    draw.text((66, 12), word, fill=TEXT, font=ImageFont.load_default(24))
    draw.text((66, 46), result.reason, fill=SECONDARY, font=ImageFont.load_default(14))
    for line, text in enumerate((_length_words(video), NOT_FOR_DIAGNOSIS)):
        draw.text(
            (width - 16, 16 + 20 * line),
            text,
            fill=(TEXT, SECONDARY)[line],
            font=ImageFont.load_default(14),
            anchor="rt",
        )
    pictures = frame_pictures(video, frames, _VIEW)
    for place, (frame, picture) in enumerate(zip(frames, pictures, strict=True)):
        left = _GAP + (place % columns) * (_VIEW + _GAP)
        top = _HEAD + (place // columns) * (_VIEW + _GAP)
        canvas.paste(picture, (left, top))
        draw.text(
            (left + 6, top + _VIEW - 6),
            caption(frame),
            fill="white",
            font=ImageFont.load_default(13),
            anchor="lb",
            stroke_width=1,
            stroke_fill="black",
        )
    canvas.save(path, format="PNG", optimize=True)


def caption(frame: SheetFrame) -> str:
    """Return number, from 1 as players count, and time of a frame."""
    return f"frame {frame.number + 1}, {frame.seconds:.2f} s"


def _length_words(video: VideoSource) -> str:
    count = "1 frame" if video.count == 1 else f"{video.count} frames"
    return f"{count}, {video.duration:.2f} s" if video.count > 1 else count


def _picture(video: VideoSource, picture: Image.Image, size: int) -> Image.Image:
    across = video.facts.get("pixel_aspect", 1.0)
    if video.pixel_spacing is not None:
        across = video.pixel_spacing[1] / video.pixel_spacing[0]
    wide, high = picture.width * float(across), float(picture.height)
    scale = size / max(wide, high)
    picture = picture.convert("RGB").resize(
        (max(1, round(wide * scale)), max(1, round(high * scale))), Image.Resampling.BICUBIC
    )
    canvas = Image.new("RGB", (size, size), "black")
    canvas.paste(picture, ((size - picture.width) // 2, (size - picture.height) // 2))
    return canvas
