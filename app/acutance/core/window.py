"""Window and level: which real-world values are shown black and white.

References
----------
.. [1] DICOM PS3.3, C.11.2.1.2 (window centre and width: LINEAR, LINEAR_EXACT), C.11.2.1.3
   (SIGMOID), C.11.2.1.1 (VOI LUT).
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import numpy as np

from acutance.core.quantiles import sorted_quantile
from acutance.core.rescale import rescale

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: How values between black and white become grey. "linear_exact" runs from centre - width / 2 to
#: centre + width / 2, "linear" is the one of DICOM that is half a value lower and one narrower,
#: "table" looks up `Window.table`.
Function = Literal["linear_exact", "linear", "sigmoid", "table"]
_TABLE_LIMIT = 65536


@dataclass(frozen=True)
class Window:
    """A grey window in real-world units.

    Parameters
    ----------
    centre, width : float
        Level and width; the width is positive and both are finite.
    name : str
        What the user calls it, such as "brain"; may be empty.
    function : str
        "linear_exact", "linear", "sigmoid" or "table".
    table : bytes
        Grey levels 0..255 of equal parts of the window, from its low end up; for "table" only.

    Raises
    ------
    ValueError
        If centre or width is not finite, the width is not positive (for "linear" less than 1),
        or the table is missing or not wanted.
    """

    centre: float
    width: float
    name: str = ""
    function: Function = "linear_exact"
    table: bytes = b""

    def __post_init__(self) -> None:
        """Check the values."""
        if not (np.isfinite(self.centre) and np.isfinite(self.width) and self.width > 0):
            raise ValueError(
                "window needs a finite centre and a positive width, "
                f"not {self.centre}, {self.width}"
            )
        if self.function not in get_args(Function):
            raise ValueError(f"window function must be one of {get_args(Function)}")
        if self.function == "linear" and self.width < 1:
            raise ValueError(f"a linear window needs a width of 1 or more, not {self.width}")
        if (self.function == "table") != (0 < len(self.table) <= _TABLE_LIMIT):
            raise ValueError("a table of 1 to 65536 grey levels goes with the function table")

    @property
    def low(self) -> float:
        """The value shown black; of a sigmoid the one where its slope in the middle would be."""
        if self.function == "linear":
            return self.centre - 0.5 - (self.width - 1) / 2
        return self.centre - self.width / 2

    @property
    def high(self) -> float:
        """The value shown white; of a sigmoid the one where its slope in the middle would be."""
        if self.function == "linear":
            return self.centre - 0.5 + (self.width - 1) / 2
        return self.centre + self.width / 2

    def moved(self, centre: float, width: float) -> Window:
        """Return the window over another range; a sigmoid or a table is stretched to it."""
        kept = self.function if self.function in ("sigmoid", "table") else "linear_exact"
        return replace(self, centre=centre, width=width, name="", function=kept)

    def to_plain(self) -> list[Any]:
        """Return the window as JSON-ready values."""
        table = base64.b64encode(self.table).decode("ascii")
        return [float(self.centre), float(self.width), self.name, self.function, table]

    @classmethod
    def from_plain(cls, plain: list[Any]) -> Window:
        """Rebuild a window; checks it again.

        Raises
        ------
        ValueError
            If a value is none of a window.
        """
        centre, width, name, function, table = plain
        try:
            levels = base64.b64decode(str(table)[: 2 * _TABLE_LIMIT], validate=True)
        except binascii.Error as error:
            raise ValueError(f"the table of a window is not readable: {error}") from error
        return cls(float(centre), float(width), str(name), cast("Function", str(function)), levels)


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
#: Name of the window over the air around the patient.
AIR = "air background"


def apply(image: NDArray[np.float32], window: Window) -> NDArray[np.uint8]:
    """Map real-world values to grey levels 0..255; NaN is shown black.

    Parameters
    ----------
    image : ndarray, any shape, float32, real-world units
    window : Window

    References
    ----------
    .. [1] DICOM PS3.3, C.11.2.1.2.1 (linear), C.11.2.1.2.2 (linear exact), C.11.2.1.3.1 (sigmoid).
    """
    if window.function == "table":
        return _look_up(image, window)
    if window.function == "sigmoid":
        with np.errstate(over="ignore"):
            scaled = np.exp((image - np.float32(window.centre)) * np.float32(-4 / window.width))
        np.divide(np.float32(255.0), scaled + np.float32(1.0), out=scaled)
        np.nan_to_num(scaled, copy=False, nan=0.0)
    else:
        span = window.high - window.low
        if span <= 0:  # a linear window of width 1 is a step
            return np.where(image > np.float32(window.low), np.uint8(255), np.uint8(0))
        scaled = (image - np.float32(window.low)) * np.float32(255.0 / span)
        np.nan_to_num(scaled, copy=False, nan=0.0, posinf=255.0, neginf=0.0)
        np.clip(scaled, 0.0, 255.0, out=scaled)
    return np.asarray(np.rint(scaled, out=scaled), dtype=np.uint8)


def has_level_table(dtype: np.dtype[Any]) -> bool:
    """Return whether `level_table` serves stored values of a type: integers of one or two bytes."""
    return dtype.kind in "iu" and dtype.itemsize <= 2 and dtype.isnative


def level_table(
    dtype: np.dtype[Any], slope: float, intercept: float, window: Window
) -> NDArray[np.uint8]:
    """Return the grey level of every stored value: what `apply` says of each, once for all.

    Parameters
    ----------
    dtype : dtype
        Of stored values; one of `has_level_table`.
    slope, intercept : float
        Rescale to real-world values.
    window : Window

    Returns
    -------
    ndarray, shape (256,) or (65536,), uint8
        By the bits of the stored value, read as a number without sign.
    """
    unsigned = np.dtype(f"u{dtype.itemsize}")
    stored = np.arange(1 << 8 * dtype.itemsize, dtype=unsigned).view(dtype)
    return apply(rescale(stored, slope, intercept), window)


def _look_up(image: NDArray[np.float32], window: Window) -> NDArray[np.uint8]:
    """Return the level of the part of the window that a value lies in; the ends beyond it."""
    levels = np.frombuffer(window.table, np.uint8)
    place = (image - np.float32(window.low)) * np.float32(levels.size / window.width)
    np.nan_to_num(place, copy=False, nan=-np.inf, posinf=np.inf, neginf=-np.inf)
    grey = levels[np.clip(np.floor(place), 0, levels.size - 1).astype(np.intp)]
    # A table may run from white to black; what is no number is black all the same.
    return np.where(np.isnan(image), np.uint8(0), grey)


def percentile_window(
    values: NDArray[np.generic], *, low: float = 0.5, high: float = 99.5, name: str = "auto"
) -> Window:
    """Return the window that spans two percentiles of the foreground.

    The foreground is every finite value above the minimum; of a constant image the window has
    width 1 about its value. At most about 200,000 values are looked at, evenly spaced.
    """
    flat = np.asarray(values).reshape(-1)
    sample = flat[:: max(1, flat.size // 200_000)]
    sample = np.sort(sample[np.isfinite(sample)])
    if sample.size == 0:
        return Window(0.5, 1.0, name)
    foreground = sample[np.searchsorted(sample, sample[0], side="right") :]
    if foreground.size == 0:
        return Window(float(sample[0]), 1.0, name)
    bottom, top = (sorted_quantile(foreground, share / 100.0) for share in (low, high))
    bottom = min(bottom, sorted_quantile(sample, low / 100.0))
    width = top - bottom
    return Window((top + bottom) / 2, width, name) if width > 0 else Window(top, 1.0, name)


def background_window(values: NDArray[np.generic]) -> Window:
    """Return the window that stretches the lowest few per cent, where ghosts show in the air."""
    full = percentile_window(values)
    return Window(full.low + 0.04 * full.width, 0.08 * full.width, "background")


def air_window(values: NDArray[np.generic]) -> Window:
    """Return the window over the air around the patient, stretched to its own noise.

    Air is what lies in the lowest tenth of the automatic window. The window runs from its lowest
    value to eight median absolute deviations above its median, at most to the end of that tenth:
    noise is drawn dark grey, ghosts and streaks bright. Voxels that hold exactly the lowest value
    are left out, since masked air says nothing. Without air it is `background_window`.

    Parameters
    ----------
    values : ndarray, any shape, real-world units
    """
    full = percentile_window(values)
    sample = np.asarray(values, dtype=np.float64).reshape(-1)
    sample = sample[np.isfinite(sample)]
    end = full.low + 0.1 * full.width
    air = sample[(sample <= end) & (sample > sample.min())] if sample.size else sample
    if air.size < max(16, sample.size // 1000):
        return replace(background_window(values), name=AIR)
    middle = float(np.median(air))
    spread = float(np.median(np.abs(air - middle)))
    low = float(sample.min())
    high = min(end, middle + 8.0 * spread)
    if not high > low:
        return replace(background_window(values), name=AIR)
    return Window((low + high) / 2, high - low, AIR)
