"""Slices of a volume as the scoring network sees them, or why they cannot be scored."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from acutance.core.slicing import extract_slice, volume_geometry
from acutance_models.iqa_resnet.preprocess import preprocess

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.slicing import SliceGeometry
    from acutance.core.volume import Volume
    from acutance.engines.base import CancelToken, Progress

#: Slices narrower than this hold too little to judge.
MINIMUM_SIDE = 32
#: Pixel aspect ratio from which a slice is resampled to square pixels.
SQUARE_PIXEL_TOLERANCE = 1.05
#: Threads that prepare slices at most.
MOST_THREADS = 4
BLANK_REASON = "no anatomy"


@dataclass(frozen=True, eq=False)
class Slot:
    """A slice waiting for its score.

    Parameters
    ----------
    plane : str
    index : int
    image : ndarray, shape (256, 256), float32, in [0, 1], or None
    reason : str
        Why there is no image; empty otherwise.
    """

    plane: str
    index: int
    image: NDArray[np.float32] | None
    reason: str


def prepare_slices(
    volume: Volume, work: list[tuple[str, int]], progress: Progress, token: CancelToken
) -> list[Slot]:
    """Prepare slices, several at a time, and return them in order.

    Parameters
    ----------
    work : list of (str, int)
        Plane and index.

    Raises
    ------
    JobCancelled
        If the user cancelled; looked at before every slice.
    """
    # Once for each plane, not for each slice: threads take turns in what is plain Python.
    geometries = {plane: volume_geometry(volume, plane) for plane in {plane for plane, _ in work}}
    with ThreadPoolExecutor(max(1, min(torch.get_num_threads(), MOST_THREADS))) as pool:
        waiting = deque(
            pool.submit(prepare_slice, volume, geometries[plane], k) for plane, k in work
        )
        slots = []
        try:
            while waiting:
                token.raise_if_cancelled()
                slots.append(waiting.popleft().result())
                progress.report(0.3 * len(slots) / len(work), f"slice {len(slots)} of {len(work)}")
        finally:
            for future in waiting:
                future.cancel()
    return slots


def prepare_slice(volume: Volume, geometry: SliceGeometry, index: int) -> Slot:
    """Return a slice of a plane as the network sees it, or why it cannot be scored."""
    plane = geometry.plane
    image = extract_slice(volume, geometry, index)
    if volume.facts.get("photometric") == "MONOCHROME1":
        image = -image
    if volume.spacing_known:
        image = _square_pixels(image, geometry.pixel_spacing)
    if min(image.shape) < MINIMUM_SIDE:
        return Slot(plane, index, None, f"slice smaller than {MINIMUM_SIDE} pixels")
    prepared = preprocess(image)
    return Slot(plane, index, prepared, BLANK_REASON if prepared is None else "")


def _square_pixels(
    image: NDArray[np.float32], pixel_spacing: tuple[float, float]
) -> NDArray[np.float32]:
    """Resample to square pixels of the finer spacing, linear; the paper's data is isotropic."""
    row_mm, column_mm = pixel_spacing
    finest = min(row_mm, column_mm)
    if max(row_mm, column_mm) < SQUARE_PIXEL_TOLERANCE * finest:
        return image
    size = tuple(
        max(1, round(n * mm / finest)) for n, mm in zip(image.shape, pixel_spacing, strict=True)
    )
    if max(size) > 4096:
        return image
    resized = torch.nn.functional.interpolate(
        torch.from_numpy(np.nan_to_num(image, posinf=0.0, neginf=0.0))[None, None],
        size=size,
        mode="bilinear",
        align_corners=False,
    )
    return np.asarray(resized[0, 0].numpy(), dtype=np.float32)
