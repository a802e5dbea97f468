"""One series of the session, from a line in the list to voxels and a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from acutance.core.ledger import LoadedSeries, LoadedVideo

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from acutance.core.ledger import Loaded, SeriesItem
    from acutance.core.quality import QualityResult
    from acutance.core.video import VideoSource
    from acutance.core.volume import Volume
    from acutance.errors import AcutanceError


class SeriesState(StrEnum):
    """Where a series stands on its way from a list entry to voxels."""

    LISTED = "listed"
    LOADING = "loading"
    LOADED = "loaded"
    FAILED = "failed"


@dataclass
class SeriesEntry:
    """One series of the session; only the session changes it.

    Parameters
    ----------
    id : int
        Number that is never given twice in a session.
    item : SeriesItem
        What was found; headers only.
    state : SeriesState
    loaded : LoadedSeries, LoadedVideo or None
        Voxels, ledger, warnings; present exactly when `state` is LOADED.
    error : AcutanceError or None
        Why it could not be read; present exactly when `state` is FAILED.
    result : QualityResult or None
        The newest verdict.
    scoring_error : AcutanceError or None
        Why the newest attempt to score failed; a new result clears it.
    progress : float
        Fraction of the running load, or, once loaded, of the running score; 0 when nothing runs.
    thumbnail : ndarray, shape (48, 48), uint8, or None
        The middle slice, or a frame.
    """

    id: int
    item: SeriesItem
    state: SeriesState = SeriesState.LISTED
    loaded: Loaded | None = None
    error: AcutanceError | None = None
    result: QualityResult | None = None
    scoring_error: AcutanceError | None = None
    progress: float = 0.0
    thumbnail: NDArray[np.uint8] | None = None

    @property
    def volume(self) -> Volume | None:
        """The voxels, once loaded; None for a video."""
        return self.loaded.volume if isinstance(self.loaded, LoadedSeries) else None

    @property
    def video(self) -> VideoSource | None:
        """What a video says of itself, once opened; None for a volume."""
        return self.loaded.video if isinstance(self.loaded, LoadedVideo) else None

    @property
    def loaded_video(self) -> LoadedVideo | None:
        """The video with its ledger, once opened; None for a volume."""
        return self.loaded if isinstance(self.loaded, LoadedVideo) else None

    @property
    def title(self) -> str:
        """Series name for lists and captions."""
        return self.item.title or self.item.path.replace("\\", "/").rstrip("/").split("/")[-1]
