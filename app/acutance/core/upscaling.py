"""What the super-resolution engine is asked and what it answers; no torch here."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.quality import SHIPPED, UNVERIFIED, ModelFacts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.video import VideoSource
    from acutance.core.window import Window

#: Factors that can be asked for; the network makes 4, and 2 is its exact reduction.
SCALES = (4, 2)
NETWORK_SCALE = 4
#: Cleaning goes on while the mean change is larger than this, in levels of 8 bits.
DEFAULT_THETA = 5.0
#: Cleaning is judged over so many frames, counted from the first of the clip. How a clip is cut
#: into chunks therefore never decides how often a frame is cleaned.
JUDGED_FRAMES = 8
#: Frames on both sides of a chunk that are propagated and not kept.
CONTEXT_FRAMES = 8
#: A frame of which the reduced result departs more than this from the input is not believed:
#: mean over the frame, and over its worst cell; shares of the value range.
LARGEST_DEPARTURE, LARGEST_CELL_DEPARTURE = 0.04, 0.15
#: Sides of a cell, in pixels of the input.
CELL_PIXELS = 16
#: Sides that a tile may have, in pixels of the input.
MIN_TILE, MAX_TILE = 128, 4096
#: Levels of the mapping for which no window is needed.
_FULL = {np.dtype(np.uint8): (0.0, 255.0), np.dtype(np.uint16): (0.0, 65535.0)}


@dataclass(frozen=True)
class UpscaleSettings:
    """Everything about a result that the user decides.

    Parameters
    ----------
    scale : int
        4 or 2.
    strength : float, in [0, 1]
        Share of the network in the result; the rest is bicubic interpolation.
    model : str
        Id of a network in the catalogue; empty for the first one that there is.
    weights : str
        A safetensors file in its place; empty for none.
    theta : float
        Cleaning is repeated, three times at most, until its mean change falls below this, in
        levels of 8 bits.
    tile : int
        Longest side of what is propagated at once, in pixels of the input; 0 to choose.
    precision : str
        "auto", "float32" or "bfloat16".

    Raises
    ------
    ValueError
        If a value is out of its range.
    """

    scale: int = 4
    strength: float = 1.0
    model: str = ""
    weights: str = ""
    theta: float = DEFAULT_THETA
    tile: int = 0
    precision: str = "auto"

    def __post_init__(self) -> None:
        """Check ranges."""
        if self.scale not in SCALES:
            raise ValueError(f"scale is one of {SCALES}, not {self.scale}")
        if not 0.0 <= self.strength <= 1.0:
            raise ValueError(f"strength lies in 0 to 1, not {self.strength}")
        if not 0.0 <= self.theta <= 255.0:
            raise ValueError(f"theta lies in 0 to 255, not {self.theta}")
        if self.tile and not MIN_TILE <= self.tile <= MAX_TILE:
            raise ValueError(f"a tile has {MIN_TILE} to {MAX_TILE} pixels, not {self.tile}")
        if self.precision not in ("auto", "float32", "bfloat16"):
            raise ValueError(f"no precision {self.precision!r}")

    def to_plain(self) -> dict[str, Any]:
        """Return the settings as JSON-ready values."""
        return {
            "scale": self.scale,
            "strength": self.strength,
            "model": self.model,
            "weights": self.weights,
            "theta": self.theta,
            "tile": self.tile,
            "precision": self.precision,
        }


@dataclass(frozen=True)
class ValueRange:
    """Which stored values a network sees as 0 and as 1.

    Parameters
    ----------
    low, high : float
        Stored values; what lies beyond them is interpolated and put back.

    Raises
    ------
    ValueError
        If the range is empty or not finite.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        """Check the order."""
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"no range from {self.low} to {self.high}")


def full_range(dtype: np.dtype[Any]) -> ValueRange | None:
    """Return the range of a type whose values fill it by convention: 8 bits, and colour of 16."""
    found = _FULL.get(np.dtype(dtype))
    return None if found is None else ValueRange(*found)


def value_range(video: VideoSource, low: int, high: int, window: Window | None) -> ValueRange:
    """Return the range through which the frames of a video reach a network.

    Colour, and grey of 8 bits, use their whole range. Grey of more bits goes through a window: the
    one that is given, else the first of the file, else the values that occur.

    Parameters
    ----------
    video : VideoSource
    low, high : int
        The least and the greatest stored value seen.
    window : Window or None
        In real-world values.
    """
    if video.channels == 3 or video.dtype == np.uint8:
        whole = full_range(video.dtype)
        if whole is not None:
            return whole
    chosen = window if window is not None else next(iter(video.windows), None)
    if chosen is not None and video.slope:
        ends = sorted(
            (end - video.intercept) / video.slope
            for end in (chosen.centre - chosen.width / 2, chosen.centre + chosen.width / 2)
        )
        if ends[1] > ends[0]:
            return ValueRange(*ends)
    return ValueRange(float(low), float(max(high, low + 1)))


@dataclass(frozen=True, eq=False)
class UpscaleRequest:
    """Ask for some frames of a clip at more pixels.

    Parameters
    ----------
    frames : ndarray, shape (T, Y, X, C), stored dtype
        The frames wanted and their context; C is 1 or 3.
    first : int
        Number of `frames[0]` in the clip.
    start, stop : int
        Which frames of the clip are wanted; the rest is context.
    settings : UpscaleSettings
    range : ValueRange
    clip : str
        Tells one run over one clip from another; frames cleaned for it may be used again.
    whole : bool
        Whether these are all frames of the clip, to be judged and propagated as one.

    Raises
    ------
    ValueError
        If the wanted frames are not among those given.
    """

    frames: NDArray[Any]
    first: int
    start: int
    stop: int
    settings: UpscaleSettings
    range: ValueRange
    clip: str = ""
    whole: bool = False

    def __post_init__(self) -> None:
        """Check shape and numbers."""
        if self.frames.ndim != 4 or self.frames.shape[3] not in (1, 3):
            raise ValueError("frames have the shape (T, Y, X, 1 or 3)")
        if self.frames.dtype.kind not in "iu":
            raise ValueError("frames hold integers")
        if not self.first <= self.start < self.stop <= self.first + len(self.frames):
            raise ValueError("the wanted frames are not among those given")


@dataclass(frozen=True, eq=False)
class UpscaleResult:
    """Frames at more pixels, and how they came about.

    Parameters
    ----------
    array : ndarray, shape (T, scale Y, scale X, C), dtype of the input
    first : int
        Number of the first of them in the clip.
    passes : tuple of int
        How often each was cleaned.
    departures : tuple of float
        Mean absolute difference of each reduced result from its input, as a share of the range,
        before any fallback.
    fallbacks : tuple of int
        Numbers of the frames that are bicubic instead, since the network's were not believed.
    model : ModelFacts
    device : str
    parameters : dict
        Everything else the frames depend on.
    stages : dict of str to float
        Seconds of each stage.
    seconds : float

    Raises
    ------
    ValueError
        If the parts do not fit together.
    """

    #: The array crosses beside the plain values.
    carries_array = True

    array: NDArray[Any]
    first: int
    passes: tuple[int, ...]
    departures: tuple[float, ...]
    fallbacks: tuple[int, ...]
    model: ModelFacts
    device: str
    parameters: dict[str, Any] = field(default_factory=dict)
    stages: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Check lengths."""
        if self.array.ndim != 4 or self.array.shape[3] not in (1, 3):
            raise ValueError("frames have the shape (T, Y, X, 1 or 3)")
        if not len(self.array) == len(self.passes) == len(self.departures):
            raise ValueError("every frame has its passes and its departure")
        there = range(self.first, self.first + len(self.array))
        if any(number not in there for number in self.fallbacks):
            raise ValueError("a frame that fell back is not among these")

    def account(self) -> dict[str, Any]:
        """Return what the report of a clip keeps of these frames."""
        return {
            "first": self.first,
            "count": len(self.array),
            "passes": list(self.passes),
            "departures": list(self.departures),
            "fallbacks": list(self.fallbacks),
        }

    def to_plain(self) -> dict[str, Any]:
        """Return everything but the array as JSON-ready values."""
        return {
            **self.account(),
            "model": {
                "name": self.model.name,
                "version": self.model.version,
                "sha256": self.model.sha256,
                "status": self.model.status,
            },
            "device": self.device,
            "parameters": dict(self.parameters),
            "stages": dict(self.stages),
            "seconds": self.seconds,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any], array: NDArray[Any]) -> UpscaleResult:
        """Rebuild a result around its frames.

        Raises
        ------
        ValueError
            If a number is not finite, or the parts do not hold together.
        """
        model = plain["model"]
        departures = tuple(map(float, plain["departures"]))
        if not all(map(math.isfinite, departures)):
            raise ValueError("a departure is not finite")
        return cls(
            array,
            int(plain["first"]),
            tuple(map(int, plain["passes"])),
            departures,
            tuple(map(int, plain["fallbacks"])),
            ModelFacts(
                str(model["name"]),
                str(model["version"]),
                str(model["sha256"]),
                SHIPPED if model["status"] == SHIPPED else UNVERIFIED,
            ),
            str(plain["device"]),
            dict(plain["parameters"]),
            {str(k): float(v) for k, v in plain["stages"].items()},
            float(plain["seconds"]),
        )


def read_range(start: int, stop: int, count: int) -> tuple[int, int]:
    """Return the first frame and the end of what must be read for frames `start` to `stop`.

    The context is widened to whole blocks of `JUDGED_FRAMES`, over which cleaning is judged.

    Parameters
    ----------
    start, stop : int
        Frames that are wanted.
    count : int
        Frames of the clip.
    """
    first = max(0, start - CONTEXT_FRAMES) // JUDGED_FRAMES * JUDGED_FRAMES
    end = -(-(stop + CONTEXT_FRAMES) // JUDGED_FRAMES) * JUDGED_FRAMES
    return first, min(count, end)
