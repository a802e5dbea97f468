"""What the backends are tried for: scores of slices, and labels of pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from acutance.core.backends import BACKENDS, LABEL_BACKENDS
from acutance.engines.backends.base import Agreement, BackendUnavailableError, Part
from acutance.engines.tiling import probabilities
from acutance_models.iqa_resnet.preprocess import SIZE
from acutance_models.r2unet.network import BehindFinest, SegmentationNetwork, Unpadded
from acutance_models.simulation.heads import trial_slices

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: A label of fewer pixels than this share of all is too rare for its Dice to tell anything.
RARE = 0.005


class ScoreTask:
    """One score for each slice of 256 x 256."""

    backends: tuple[str, ...] = BACKENDS
    channels = 1
    count, batch = 96, 16
    is_of_one_size = True

    @property
    def side(self) -> int:
        """Side of a slice, in pixels."""
        return SIZE

    def slices(self) -> NDArray[np.float32]:
        """Return made-up slices, (96, 1, 256, 256)."""
        return trial_slices(self.count)

    def whole(self, network: torch.nn.Module) -> torch.nn.Module:
        """Return the network itself."""
        return network

    def parts(self, network: torch.nn.Module) -> Sequence[Part]:
        """Return the network as one part."""
        return (Part(network, self.channels),)

    def answer(self, found: torch.Tensor) -> NDArray[np.float64]:
        """Return scores, (N,), float64."""
        scores: NDArray[np.float64] = found.reshape(-1).double().cpu().numpy()
        return scores

    def agreement(self, reference: Sequence[Any], found: Sequence[Any]) -> Agreement:
        """Return how far scores are from those of the reference."""
        expected, scores = np.concatenate(reference), np.concatenate(found)
        if scores.shape != expected.shape or not np.isfinite(scores).all():
            raise BackendUnavailableError("its scores are no numbers")
        return Agreement(np.abs(scores - expected))


class LabelTask:
    """Logits of classes for each pixel of slices whose sides are multiples of 16.

    In bfloat16 the finest block of the encoder stays in float32. It takes a tenth of the time, and
    most of the error: there, edges are small differences of large values. Eight bits do not keep
    labels within the tolerance, and are not offered.

    Parameters
    ----------
    channels : int
        Of a slice, 1 or 3.
    """

    backends: tuple[str, ...] = LABEL_BACKENDS
    count, batch = 12, 4
    side = SIZE
    is_of_one_size = False

    def __init__(self, channels: int) -> None:
        self.channels = channels

    def slices(self) -> NDArray[np.float32]:
        """Return made-up slices, (12, channels, 256, 256)."""
        return np.repeat(trial_slices(self.count), self.channels, axis=1)

    def whole(self, network: torch.nn.Module) -> torch.nn.Module:
        """Return the network for slices that need no padding."""
        return Unpadded(_unet(network)).eval()

    def parts(self, network: torch.nn.Module) -> Sequence[Part]:
        """Return the finest block of the encoder, and all behind it."""
        unet = _unet(network)
        return (
            Part(unet.finest, self.channels, is_exact=True),
            Part(BehindFinest(unet).eval(), unet.architecture.width),
        )

    def answer(self, found: torch.Tensor) -> torch.Tensor:
        """Return logits, (N, K, H, W)."""
        return found

    def agreement(self, reference: Sequence[Any], found: Sequence[Any]) -> Agreement:
        """Return how far probabilities and labels are from those of the reference."""
        try:
            expected, logits = torch.cat(list(reference)), torch.cat(list(found))
        except RuntimeError as error:
            raise BackendUnavailableError("its answers are of another shape") from error
        if logits.shape != expected.shape or not bool(torch.isfinite(logits).all()):
            raise BackendUnavailableError("its answers are no numbers")
        exact, rounded = probabilities(expected), probabilities(logits)
        differences: NDArray[np.float32] = (exact - rounded).abs().amax(1).cpu().numpy()
        return Agreement(differences, least_dice(exact.argmax(1), rounded.argmax(1)))


SCORES = ScoreTask()


def least_dice(reference: torch.Tensor, found: torch.Tensor) -> float:
    """Return the least Dice coefficient of the labels that are not rare in the reference.

    Parameters
    ----------
    reference, found : Tensor, same shape, integer labels >= 0

    Returns
    -------
    float, in [0, 1]
    """
    values = [1.0]
    for label, count in enumerate(torch.bincount(reference.flatten()).tolist()):
        if count and count >= RARE * reference.numel():
            here, there = reference == label, found == label
            both = int((here & there).sum())
            values.append(2.0 * both / (count + int(there.sum())))
    return min(values)


def _unet(network: torch.nn.Module) -> SegmentationNetwork:
    if not isinstance(network, SegmentationNetwork):
        raise BackendUnavailableError("it is no network that has backends")
    return network
