"""Frames in time, as read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Video:
    """Frames with the time each is shown at.

    Parameters
    ----------
    array : ndarray, shape (T, Y, X, C), stored dtype
        Frames; C is 1 (grey) or 3 (red, green, blue).
    times : ndarray, shape (T,), float64
        Presentation time of each frame in seconds, strictly increasing.
    name : str
        Name without personal data.
    facts : dict
        Non-personal header facts.

    Raises
    ------
    ValueError
        If shapes do not fit or times do not increase.
    """

    array: NDArray[Any]
    times: NDArray[np.float64]
    name: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check shape and times."""
        if self.array.ndim != 4 or self.array.shape[3] not in (1, 3):
            raise ValueError("a video needs an array of shape (T, Y, X, 1 or 3)")
        if self.times.shape != (self.array.shape[0],):
            raise ValueError("a video needs one time per frame")
        if self.times.size > 1 and not bool(np.all(np.diff(self.times) > 0)):
            raise ValueError("frame times must increase")

    @property
    def frame_rate(self) -> float:
        """Mean frames per second; 0 for a single frame."""
        if self.times.size < 2:
            return 0.0
        return float((self.times.size - 1) / (self.times[-1] - self.times[0]))
