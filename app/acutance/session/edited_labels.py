"""The labels of one series as the user left them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from acutance.core.label_edit import HandEdits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.label_map import LabelMap
    from acutance.core.segmentation import LabelStatistics, SegmentationResult
    from acutance.core.volume import Volume


@dataclass(eq=False)
class EditedLabels:
    """The labels of one series as the user left them; only `LabelEditing` changes them.

    Parameters
    ----------
    series : int
        Id of the series.
    result : SegmentationResult
        What the network gave; never changed.
    volume : Volume
    label_map : LabelMap
        A copy of its labels with the edits.
    voxels : ndarray, shape (256,), int64
        Voxels of each label, kept up to date.
    edits : dict of str to int
        How many are in force, by tool.
    version : int
        Grows with every change.
    statistics : tuple of LabelStatistics
        As of `measured`, a version.
    """

    series: int
    result: SegmentationResult
    volume: Volume
    label_map: LabelMap
    voxels: NDArray[np.int64]
    edits: dict[str, int] = field(default_factory=dict)
    version: int = 0
    statistics: tuple[LabelStatistics, ...] = ()
    measured: int = 0

    @property
    def array(self) -> NDArray[np.uint8]:
        """The labels, shape (I, J, K), uint8."""
        return self.label_map.array

    @property
    def count(self) -> int:
        """Number of edits in force."""
        return sum(self.edits.values())

    def volume_ml(self, value: int) -> float | None:
        """Return the volume of a label now, in ml; None where the spacing is not known."""
        if not self.volume.spacing_known:
            return None
        voxel = abs(float(np.linalg.det(self.volume.affine[:3, :3]))) / 1000.0
        return int(self.voxels[value]) * voxel

    def hand_edits(self, labels: NDArray[np.uint8]) -> HandEdits:
        """Return how far the user changed the labels; `labels` is a copy of them."""
        changed = int(np.count_nonzero(labels != self.result.array[0]))
        return HandEdits(self.count, changed, tuple(t for t, n in self.edits.items() if n))


def count_voxels(result: SegmentationResult) -> NDArray[np.int64]:
    """Return how many voxels each label has, shape (256,).

    What was counted is taken over: counting a large map again would hold the hand.
    """
    labels, counts = result.array[0], np.zeros(256, np.int64)
    known = {region.value: region.voxels for region in result.statistics}
    for label in result.labels[1:]:
        if label.value not in known:
            known[label.value] = int(np.count_nonzero(labels == label.value))
        counts[label.value] = known[label.value]
    counts[0] = labels.size - counts.sum()
    return counts
