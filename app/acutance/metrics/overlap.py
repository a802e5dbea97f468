"""How well two segmentations agree, from the four counts of a confusion matrix.

References
----------
.. [1] Dice, "Measures of the amount of ecologic association between species", Ecology 26(3), 1945.
.. [2] Taha, Hanbury, "Metrics for evaluating 3D medical image segmentation", BMC Medical Imaging
   15:29, 2015, table 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class ConfusionCounts:
    """Voxels by what they are and what they were taken for.

    A ratio nothing was counted for is NaN, but for the overlaps: an empty prediction of an empty
    truth agrees with it in full.

    Parameters
    ----------
    true_positives, false_positives, false_negatives, true_negatives : int
    """

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int

    @property
    def dice(self) -> float:
        """Twice the intersection by the sum of both sizes, in [0, 1]; 1 where both are empty."""
        sizes = 2 * self.true_positives + self.false_positives + self.false_negatives
        return 2 * self.true_positives / sizes if sizes else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and sensitivity, which is the Dice coefficient."""
        return self.dice

    @property
    def jaccard(self) -> float:
        """Intersection by union, in [0, 1]; 1 where both are empty."""
        union = self.true_positives + self.false_positives + self.false_negatives
        return self.true_positives / union if union else 1.0

    @property
    def sensitivity(self) -> float:
        """Share of the truth that was found (SE, recall); NaN where the truth is empty."""
        return _ratio(self.true_positives, self.false_negatives)

    @property
    def specificity(self) -> float:
        """Share of the rest that was left alone (SP); NaN where the truth fills everything."""
        return _ratio(self.true_negatives, self.false_positives)

    @property
    def precision(self) -> float:
        """Share of the prediction that is true (PC); NaN where nothing was predicted."""
        return _ratio(self.true_positives, self.false_positives)

    @property
    def accuracy(self) -> float:
        """Share of all voxels that are right (AC); NaN where there are none."""
        right = self.true_positives + self.true_negatives
        return _ratio(right, self.false_positives + self.false_negatives)

    def __add__(self, other: ConfusionCounts) -> ConfusionCounts:
        """Count two pictures together."""
        return ConfusionCounts(
            self.true_positives + other.true_positives,
            self.false_positives + other.false_positives,
            self.false_negatives + other.false_negatives,
            self.true_negatives + other.true_negatives,
        )


def count_confusion(truth: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> ConfusionCounts:
    """Count how a mask agrees with the truth.

    Parameters
    ----------
    truth, predicted : ndarray, same shape, bool

    Returns
    -------
    ConfusionCounts

    Raises
    ------
    ValueError
        If shapes differ.
    TypeError
        If either is not boolean: a label map must be compared with a label first.
    """
    if truth.shape != predicted.shape:
        raise ValueError(f"Expected masks of one shape; got {truth.shape} and {predicted.shape}.")
    if truth.dtype != np.bool_ or predicted.dtype != np.bool_:
        raise TypeError(f"Expected boolean masks; got {truth.dtype} and {predicted.dtype}.")
    both = int(np.count_nonzero(truth & predicted))
    true, found = int(np.count_nonzero(truth)), int(np.count_nonzero(predicted))
    return ConfusionCounts(both, found - both, true - both, truth.size - true - found + both)


def dice_coefficient(truth: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> float:
    """Return twice the intersection by the sum of sizes, in [0, 1]; see `ConfusionCounts.dice`."""
    return count_confusion(truth, predicted).dice


def jaccard_index(truth: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> float:
    """Return intersection by union, in [0, 1]; see `ConfusionCounts.jaccard`."""
    return count_confusion(truth, predicted).jaccard


def _ratio(counted: int, rest: int) -> float:
    return counted / (counted + rest) if counted + rest else math.nan
