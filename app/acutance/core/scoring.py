"""How a series is scored here: the rules of the site, its calibration, the weights chosen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from acutance.core.backends import AUTO
from acutance.core.quality import DEFAULT_NETWORK, QualityRequest
from acutance.core.site import SiteRules

if TYPE_CHECKING:
    from acutance.core.calibration import SiteCalibration
    from acutance.core.video import VideoSource
    from acutance.core.volume import Volume


@dataclass(frozen=True)
class ScoringPolicy:
    """Everything but the series that a request to score depends on.

    Parameters
    ----------
    site : SiteRules
    network : str
        Id in the model catalogue.
    weights : str
        A safetensors file in place of the network's own weights; empty for those.
    recurrence : int or None
        Steps of recurrence of these weights, where a network has some.
    calibration : SiteCalibration or None
        The version in force; where no protocol of the site file matches, its thresholds hold.
    identify : bool
        Whether results carry the hash of the voxels, so that a series can be marked.
    backend : str
        One of `acutance.core.backends.CHOICES`; where the site file names one, that one holds.
    """

    site: SiteRules = field(default_factory=SiteRules)
    network: str = DEFAULT_NETWORK
    weights: str = ""
    recurrence: int | None = None
    calibration: SiteCalibration | None = None
    identify: bool = False
    backend: str = AUTO

    @property
    def named_backend(self) -> str:
        """The backend that is asked for: the site file's, else the user's; "auto" for none."""
        return self.site.backend or self.backend

    def request(self, content: Volume | VideoSource, *, plane: str = "auto") -> QualityRequest:
        """Return the request to score a series."""
        thresholds, source = self.site.choose(content)
        return QualityRequest(
            content,
            plane=plane,
            thresholds=thresholds,
            network=self.network,
            source=source,
            weights=self.weights,
            recurrence=self.recurrence,
            calibration=self.calibration,
            identify=self.identify,
            backend=self.named_backend,
        )
