"""Window and level: which real-world values are shown black and white."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Window:
    """A linear grey window in real-world units.

    Parameters
    ----------
    centre, width : float
        Level and width; the width is positive and both are finite.
    name : str
        What the user calls it, such as "brain"; may be empty.

    Raises
    ------
    ValueError
        If centre or width is not finite, or the width is not positive.
    """

    centre: float
    width: float
    name: str = ""

    def __post_init__(self) -> None:
        """Check the values."""
        if not (np.isfinite(self.centre) and np.isfinite(self.width) and self.width > 0):
            raise ValueError(
                "window needs a finite centre and a positive width, "
                f"not {self.centre}, {self.width}"
            )

    @property
    def low(self) -> float:
        """The value shown black."""
        return self.centre - self.width / 2

    @property
    def high(self) -> float:
        """The value shown white."""
        return self.centre + self.width / 2


#: Factory CT presets, centre and width in HU.
CT_PRESETS: tuple[Window, ...] = (
    Window(40, 80, "brain"),
    Window(40, 40, "stroke"),
    Window(75, 215, "subdural"),
    Window(500, 2000, "bone"),
    Window(-600, 1500, "lung"),
    Window(50, 350, "mediastinum"),
    Window(40, 400, "soft tissue"),
    Window(-900, 400, "air background"),
)


def apply(image: NDArray[np.float32], window: Window) -> NDArray[np.uint8]:
    """Map real-world values to grey levels 0..255; NaN is shown black.

    Parameters
    ----------
    image : ndarray, any shape, float32, real-world units
    window : Window
    """
    scaled = (image - np.float32(window.low)) * np.float32(255.0 / window.width)
    np.nan_to_num(scaled, copy=False, nan=0.0, posinf=255.0, neginf=0.0)
    np.clip(scaled, 0.0, 255.0, out=scaled)
    return np.asarray(np.rint(scaled, out=scaled), dtype=np.uint8)


def percentile_window(
    values: NDArray[np.generic], *, low: float = 0.5, high: float = 99.5, name: str = "auto"
) -> Window:
    """Return the window that spans two percentiles of the foreground.

    The foreground is every finite value above the minimum; of a constant image the window has
    width 1 about its value. At most about 200,000 values are looked at, evenly spaced.
    """
    flat = np.asarray(values).reshape(-1)
    sample = np.asarray(flat[:: max(1, flat.size // 200_000)], dtype=np.float64)
    sample = sample[np.isfinite(sample)]
    if sample.size == 0:
        return Window(0.5, 1.0, name)
    foreground = sample[sample > sample.min()]
    if foreground.size == 0:
        return Window(float(sample[0]), 1.0, name)
    bottom, top = (float(v) for v in np.percentile(foreground, [low, high]))
    bottom = min(bottom, float(np.percentile(sample, low)))
    width = top - bottom
    return Window((top + bottom) / 2, width, name) if width > 0 else Window(top, 1.0, name)


def background_window(values: NDArray[np.generic]) -> Window:
    """Return the window that stretches the lowest few per cent, where ghosts show in the air."""
    full = percentile_window(values)
    return Window(full.low + 0.04 * full.width, 0.08 * full.width, "background")
