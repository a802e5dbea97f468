"""Why the worst slices of a series have their scores, as reports and JSON objects hold it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from acutance.core.explanation import ExplanationRequest
from acutance.core.quality import DEFAULT_NETWORK, Verdict

if TYPE_CHECKING:
    from acutance.core.explanation import ExplanationResult
    from acutance.core.quality import QualityResult
    from acutance.core.volume import Volume

#: Slices of a series that can be asked for at once.
MOST_SLICES = 32


@dataclass(frozen=True)
class ExplainedSeries:
    """The explanations of a series, lowest predicted SSIM first.

    Parameters
    ----------
    slices : tuple of ExplanationResult
    reason : str
        Why there are none, or no more; else empty.
    """

    slices: tuple[ExplanationResult, ...] = ()
    reason: str = ""

    @property
    def supported(self) -> tuple[ExplanationResult, ...]:
        """Those whose map the deletion test supports: the only ones that are drawn."""
        return tuple(one for one in self.slices if one.values is not None)

    def lines(self) -> tuple[str, ...]:
        """Return what was found in words and numbers, slice by slice."""
        lines = [line for one in self.slices for line in (heading(one), *one.lines())]
        if self.reason:
            lines.append(f"not explained{' further' if lines else ''}: {self.reason}")
        return tuple(lines)

    def to_plain(self) -> dict[str, Any]:
        """Return what stands in the object of a series: numbers and reasons, no maps, no times."""
        return {
            "reason": self.reason,
            "slices": [
                {
                    "plane": one.plane,
                    "index": one.index,
                    "ssim_pred": one.ssim_pred,
                    "supported": one.values is not None,
                    "reason": one.reason,
                    "test": None if one.test is None else dict(vars(one.test)),
                }
                for one in self.slices
            ],
        }


def heading(result: ExplanationResult) -> str:
    """Return which slice an explanation is of, and its score."""
    name = f"{result.plane} {result.index}"
    return name if result.ssim_pred is None else f"{name}: predicted SSIM {result.ssim_pred:.2f}"


def requests_for_worst(
    volume: Volume,
    result: QualityResult,
    count: int,
    *,
    network: str = DEFAULT_NETWORK,
    weights: str = "",
    recurrence: int | None = None,
) -> tuple[ExplanationRequest, ...]:
    """Return what to ask about the slices with the lowest predicted SSIM, lowest first.

    Parameters
    ----------
    volume : Volume
    result : QualityResult
        Of that volume.
    count : int
        The most slices to ask about.
    network, weights, recurrence
        What scored it, as in `QualityRequest`.

    Returns
    -------
    tuple of ExplanationRequest
        Empty for a series that was not assessed.
    """
    if result.verdict is Verdict.NOT_ASSESSED:
        return ()
    return tuple(
        ExplanationRequest(volume, score.plane, score.index, network, weights, recurrence)
        for score in result.worst_first()[:count]
    )
