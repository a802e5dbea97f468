"""What the explaining engine is asked and what it answers; no torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.quality import DEFAULT_NETWORK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.volume import Volume

#: The largest map that is taken from a child, in cells along a side.
LARGEST_MAP = 256
CAPTION = "explanation of a prediction, not for diagnosis"
UNEXPLAINED = "no region explains this score"


@dataclass(frozen=True)
class ExplanationRequest:
    """Ask which part of a slice lowers its predicted SSIM.

    Parameters
    ----------
    volume : Volume
    plane : str
        "axial", "coronal" or "sagittal".
    index : int
        0-based, file order.
    network : str
        Id in the model catalogue.
    weights : str
        Path of other weights, as in `QualityRequest`; empty for those of the catalogue.
    recurrence : int or None
        Steps of recurrence of these weights, where a network has some.
    """

    volume: Volume
    plane: str
    index: int
    network: str = DEFAULT_NETWORK
    weights: str = ""
    recurrence: int | None = None


@dataclass(frozen=True)
class DeletionNumbers:
    """The numbers of the deletion test: rises of the predicted SSIM where a region is smoothed.

    Parameters
    ----------
    gain_top, gain_low : float
        Where the map is highest, and, as a control, where it is lowest.
    gain_random_mean, gain_random_max : float
        Where regions drawn at random, equal in area, are smoothed.
    regions : int
        How many of them.
    p_value : float
        Share of regions, the map's own among them, that rise at least as much.
    area : float
        Share of the cells above the noise floor in each region.
    smallest_gain, largest_p : float
        From which rise beyond the random mean, and up to which p-value, a map is shown.
    """

    gain_top: float
    gain_low: float
    gain_random_mean: float
    gain_random_max: float
    regions: int
    p_value: float
    area: float
    smallest_gain: float
    largest_p: float


@dataclass(frozen=True, eq=False)
class ExplanationResult:
    """The answer for one slice; a map only where the deletion test supports it.

    Parameters
    ----------
    plane : str
    index : int
    ssim_pred : float or None
        None where the slice cannot be scored.
    reason : str
        Why there is no map; empty where there is one.
    values : ndarray, shape (N, N), float32, or None
        Predicted SSIM that each cell takes away (above 0) or gives (below 0), rows downward and
        columns to the right as the slice is drawn in the radiological convention.
    extent : (float, float, float, float)
        Top, bottom, left and right edge of the map, in pixels of the slice as drawn; the middle
        of the first pixel is 0.
    test : DeletionNumbers or None
        None where none could be made.
    seconds : float
        Time the engine took.
    """

    plane: str
    index: int
    ssim_pred: float | None
    reason: str
    values: NDArray[np.float32] | None
    extent: tuple[float, float, float, float]
    test: DeletionNumbers | None
    seconds: float

    def lines(self) -> tuple[str, ...]:
        """Return what the test found, in words and numbers, for panels and terminals."""
        if self.test is None:
            return (self.reason,)
        test = self.test
        head = (
            f"Smoothing the highest {test.area:.0%} of the map raises the predicted SSIM by "
            f"{test.gain_top:+.3f}."
            if self.values is not None
            else f"{UNEXPLAINED[0].upper()}{UNEXPLAINED[1:]}: {self.reason}."
        )
        return (
            head,
            f"highest {test.gain_top:+.3f} · {test.regions} random {test.gain_random_mean:+.3f} "
            f"(at most {test.gain_random_max:+.3f}) · lowest {test.gain_low:+.3f}",
            f"p = {test.p_value:.2f} (shown up to {test.largest_p:.2f}, and from "
            f"{test.smallest_gain:+.2f} beyond random)",
        )

    def to_plain(self) -> dict[str, Any]:
        """Return the result as JSON-ready values."""
        return {
            "plane": self.plane,
            "index": self.index,
            "ssim_pred": self.ssim_pred,
            "reason": self.reason,
            "values": None if self.values is None else np.round(self.values, 7).tolist(),
            "extent": list(self.extent),
            "test": None if self.test is None else dict(vars(self.test)),
            "seconds": self.seconds,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> ExplanationResult:
        """Rebuild a result from `to_plain`.

        Raises
        ------
        ValueError
            If a number is not finite, or the map is not a square of bounded size.
        """
        values = plain["values"]
        score = plain["ssim_pred"]
        top, bottom, left, right = (_finite(edge) for edge in plain["extent"])
        if not (bottom > top and right > left):
            raise ValueError("the edges of a map are out of order")
        return cls(
            str(plain["plane"]),
            int(plain["index"]),
            None if score is None else _finite(score),
            str(plain["reason"]),
            None if values is None else _square(values),
            (top, bottom, left, right),
            None if plain["test"] is None else _numbers(plain["test"]),
            _finite(plain["seconds"]),
        )


def _numbers(plain: dict[str, Any]) -> DeletionNumbers:
    numbers: dict[str, Any] = {
        name: _finite(plain[name]) for name in DeletionNumbers.__dataclass_fields__
    }
    return DeletionNumbers(**numbers | {"regions": int(numbers["regions"])})


def _finite(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"expected a finite number, not {value!r}")
    return float(value)


def _square(values: object) -> NDArray[np.float32]:
    array = np.asarray(values, dtype=np.float32)
    if array.ndim != 2 or array.shape[0] != array.shape[1] or not 1 < array.shape[0] <= LARGEST_MAP:
        raise ValueError(f"a map is a square of at most {LARGEST_MAP} cells, not {array.shape}")
    if not np.all(np.isfinite(array)):
        raise ValueError("a map holds finite numbers")
    return array
