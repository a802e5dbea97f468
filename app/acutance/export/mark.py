"""A word in the pixels of an image that was computed, so that it never passes for a scan."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Height of the letters, as a share of the rows, and their least height in pixels.
HEIGHT_SHARE, LEAST_HEIGHT = 0.035, 8
#: The word takes no more than this share of the columns, unless its letters would be too small.
WIDTH_SHARE = 0.9
_SMALLEST_FONT = 6


def burn_in(image: NDArray[Any], word: str, *, dark: float, bright: float) -> NDArray[Any]:
    """Return a copy of an image with a word in its lower right corner.

    Bright letters with a dark outline, so that they show on any ground and in any window.

    Parameters
    ----------
    image : ndarray, shape (rows, columns) or (rows, columns, 3)
    word : str
    dark, bright : float
        Values of outline and letters, in the unit of the image.
    """
    marked = image.copy()
    letters, outline = mark_masks((image.shape[0], image.shape[1]), word)
    marked[outline] = dark
    marked[letters] = bright
    return marked


@lru_cache(maxsize=16)
def mark_masks(size: tuple[int, int], word: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where letters and their outline lie in an image of so many rows and columns."""
    rows, columns = size
    font_size = max(LEAST_HEIGHT, round(HEIGHT_SHARE * rows * 1.4))
    while True:
        font = ImageFont.load_default(font_size)
        left, _, right, bottom = font.getbbox(word)
        if right - left <= WIDTH_SHARE * columns or font_size <= _SMALLEST_FONT:
            break
        font_size -= 1
    margin = max(2, font_size // 4)
    place = (columns - margin - right, rows - margin - bottom)
    filled, around = (Image.new("L", (columns, rows), 0) for _ in range(2))
    ImageDraw.Draw(filled).text(place, word, fill=255, font=font)
    stroke = max(1, font_size // 10)
    ImageDraw.Draw(around).text(
        place, word, fill=255, font=font, stroke_width=stroke, stroke_fill=255
    )
    letters = np.asarray(filled) >= 128
    outline = (np.asarray(around) >= 96) & ~letters
    for mask in (letters, outline):
        mask.flags.writeable = False
    return letters, outline
