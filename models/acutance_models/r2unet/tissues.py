"""Which tissue a FreeSurfer code belongs to. No torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from acutance_models.simulation.painting import FIRST_EXTRACEREBRAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

BRAIN_CLASSES = ("background", "CSF", "grey matter", "white matter", "other head tissue")
BACKGROUND, CSF, GREY, WHITE, OTHER = range(len(BRAIN_CLASSES))
IGNORED = 255  # nothing is known here, and nothing is learnt from it

# FreeSurfer's colour table. Choroid plexus counts as fluid, cerebellum, deep nuclei and the
# vessels within them as grey, brainstem, ventral diencephalon, chiasm and lesions as white.
_FLUID = (4, 5, 14, 15, 24, 31, 43, 44, 63, 72)
_GREY = (3, 8, 10, 11, 12, 13, 17, 18, 26, 30, 42, 47, 49, 50, 51, 52, 53, 54, 58, 62, 80)
_WHITE = (2, 7, 16, 25, 28, 41, 46, 57, 60, 77, 78, 79, 85, 136, 137, 163, 164, *range(251, 256))
_CORTEX = (1000, 3000)  # parcels of the cortex, left and right
_CODES = 3000


def tissue_table() -> NDArray[np.uint8]:
    """Return the class of every code.

    Returns
    -------
    ndarray, shape (3000,), uint8
        Index into `BRAIN_CLASSES`; 255 for codes that name no one tissue.
    """
    table = np.full(_CODES, IGNORED, np.uint8)
    table[0] = BACKGROUND
    table[list(_FLUID)] = CSF
    table[list(_GREY)] = GREY
    table[list(_WHITE)] = WHITE
    table[FIRST_EXTRACEREBRAL : _CORTEX[0]] = OTHER
    table[slice(*_CORTEX)] = GREY
    return table


def tissues_of(codes: NDArray[np.integer]) -> NDArray[np.uint8]:
    """Turn FreeSurfer codes into tissues.

    Parameters
    ----------
    codes : ndarray, any shape, integer

    Returns
    -------
    ndarray, same shape, uint8
        Index into `BRAIN_CLASSES`, or 255.

    Raises
    ------
    ValueError
        If a code is below 0 or above 2999.
    """
    if codes.size and not 0 <= int(codes.min()) <= int(codes.max()) < _CODES:
        raise ValueError(f"Expected codes 0 to 2999; got {codes.min()} to {codes.max()}.")
    tissues: NDArray[np.uint8] = tissue_table()[codes]
    return tissues
