"""What a segmentation is trained on and judged by while training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from acutance_models.r2unet.tissues import IGNORED

if TYPE_CHECKING:
    from torch import Tensor


def segmentation_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Return cross-entropy plus one less the soft Dice coefficient.

    Parameters
    ----------
    logits : Tensor, shape (N, K, H, W), float
    labels : Tensor, shape (N, H, W), int64
        Classes; pixels of 255 count for nothing.

    Returns
    -------
    Tensor, scalar, float32
        Dice is computed over the batch as a whole and averaged over the classes that occur in it;
        0 where every pixel is ignored.

    References
    ----------
    .. [1] Milletari, Navab, Ahmadi, "V-Net", 3DV 2016, section 3.
    """
    logits = logits.float()
    is_known = labels != IGNORED
    if not bool(is_known.any()):
        return logits.sum() * 0.0
    cross_entropy = functional.cross_entropy(logits, labels, ignore_index=IGNORED)
    classes = logits.shape[1]
    truth = functional.one_hot(torch.where(is_known, labels, 0), classes).movedim(-1, 1)
    truth = truth * is_known[:, None]
    predicted = logits.softmax(1) * is_known[:, None]
    both = (truth * predicted).sum((0, 2, 3))
    sizes = truth.sum((0, 2, 3)), predicted.sum((0, 2, 3))
    occurs = sizes[0] > 0
    dice = (2.0 * both[occurs] / (sizes[0] + sizes[1])[occurs]).mean()
    loss: Tensor = cross_entropy + 1.0 - dice
    return loss


def confusion(logits: Tensor, labels: Tensor) -> Tensor:
    """Count pixels by true and predicted class.

    Parameters
    ----------
    logits : Tensor, shape (N, K, H, W)
    labels : Tensor, shape (N, H, W), int64
        Pixels of 255 are left out.

    Returns
    -------
    Tensor, shape (K, K), int64
        Row: true class; column: predicted class.
    """
    classes = logits.shape[1]
    is_known = labels != IGNORED
    pairs = labels[is_known] * classes + logits.argmax(1)[is_known]
    return torch.bincount(pairs, minlength=classes * classes).view(classes, classes)


def dice_of_classes(counts: Tensor) -> list[float]:
    """Return the Dice coefficient of every class.

    Parameters
    ----------
    counts : Tensor, shape (K, K)
        As `confusion` returns them, summed over as many slices as wanted.

    Returns
    -------
    list of float, in [0, 1]
        1 for a class that neither occurs nor is predicted.
    """
    both = counts.diagonal().double()
    sizes = (counts.sum(0) + counts.sum(1)).double()
    dice = torch.where(sizes > 0, 2.0 * both / sizes.clamp_min(1.0), 1.0)
    return [float(value) for value in dice]
