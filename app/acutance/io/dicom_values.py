"""What the pixels of a series mean: values and units, tables, windows, and the doubts about them.

References
----------
.. [1] DICOM PS3.3, C.11.1 (modality LUT), C.11.2 (VOI LUT), C.7.6.3.1.2 (photometric
   interpretation).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.ledger import LoadWarning
from acutance.core.window import Window
from acutance.io._protocols import plural
from acutance.io.dicom_lut import Table, read_modality_table, read_voi_tables
from acutance.io.dicom_pixels import can_read_into, read_pixels, read_pixels_into, stored_dtype
from acutance.io.dicom_series import files_of
from acutance.io.dicom_syntax import is_native

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from acutance.io.dicom_slice import SliceHeader

#: What files state instead of a unit; "normalized" is what Philips calls its scaling.
_NO_UNITS = frozenset({"", "US", "NONE", "NORMALIZED", "UNSPECIFIED"})


@dataclass(frozen=True)
class ValuePlan:
    """How the pixels of the slices of a volume become its array.

    Parameters
    ----------
    dtype : numpy dtype
        Of the array.
    slope, intercept : float
        Of the volume.
    is_per_slice : bool
        Whether each slice is rescaled by its own slope and intercept to float32.
    tables : dict of str to Table
        Modality tables by file.
    """

    dtype: np.dtype[Any]
    slope: float
    intercept: float
    is_per_slice: bool
    tables: dict[str, Table]

    def fill(
        self,
        target: NDArray[Any],
        one: SliceHeader,
        decoded: dict[tuple[str, int], NDArray[Any]],
    ) -> None:
        """Fill the place of a slice, shape (rows, columns) or (rows, columns, 3).

        Raises
        ------
        CorruptFileError
            If its pixels cannot be read.
        """
        pixels = decoded.pop(one.key, None)
        table = self.tables.get(one.path)
        is_as_stored = not self.is_per_slice and table is None
        if pixels is None and is_as_stored and can_read_into(one, target):
            read_pixels_into(one, target)
            return
        if pixels is None:
            pixels = read_pixels(one)
        if table is not None:
            target[...] = table.look_up(pixels)
        elif self.is_per_slice:
            np.multiply(pixels, one.rescale.slope, out=target, casting="unsafe")
            target += np.float32(one.rescale.intercept)
        else:
            target[...] = pixels


def plan_values(slices: Sequence[SliceHeader]) -> ValuePlan:
    """Return how the pixels become values; tables are read, pixels are not."""
    if slices[0].is_colour:
        return ValuePlan(np.dtype(np.uint8), 1.0, 0.0, False, {})
    tables: dict[str, Table] = {}
    for one in slices:
        if one.has_lut and one.path not in tables:
            table = read_modality_table(one)
            if table is not None:
                tables[one.path] = table
    if tables and all(s.path in tables for s in slices):
        dtype = np.result_type(*{table.entries.dtype for table in tables.values()})
        return ValuePlan(dtype, 1.0, 0.0, False, tables)
    scales = {(s.rescale.slope, s.rescale.intercept) for s in slices}
    if tables or len(scales) > 1:
        return ValuePlan(np.dtype(np.float32), 1.0, 0.0, True, tables)
    ((slope, intercept),) = scales
    dtype = np.result_type(*{stored_dtype(s) for s in slices})
    return ValuePlan(dtype, slope, intercept, False, {})


def display_windows(one: SliceHeader, plan: ValuePlan) -> tuple[Window, ...]:
    """Return the windows that a slice brings, tables to grey levels first."""
    if one.is_colour:
        return ()
    windows = tuple(Window(*window) for window in one.windows)
    if not one.has_voi_table:
        return windows
    has_negative = one.path not in plan.tables and (one.is_signed or one.rescale.intercept < 0)
    tables = read_voi_tables(one, may_be_negative=has_negative)
    return (*(table.to_window() for table in tables), *windows)


def value_unit(slices: Sequence[SliceHeader], plan: ValuePlan) -> str:
    """Return the unit of the values, "" where none is stated."""
    first = slices[0]
    if first.is_colour:
        return ""
    if plan.tables:
        kinds = {table.kind for table in plan.tables.values()}
        stated = kinds.pop() if len(kinds) == 1 and not plan.is_per_slice else ""
        return "" if stated.upper() in _NO_UNITS else stated
    if first.modality == "CT":
        is_stated = all(s.rescale.is_stated for s in slices)
        return "HU" if is_stated and first.unit in ("", "HU") else ""
    return "" if first.unit.upper() in _NO_UNITS else first.unit


def value_warnings(slices: Sequence[SliceHeader], plan: ValuePlan) -> list[LoadWarning]:
    """Return by name what may make the values wrong."""
    warnings = []
    grey = [s for s in slices if not s.is_colour]
    bad = [s for s in grey if s.rescale.problem and s.path not in plan.tables]
    if bad:
        warnings.append(
            LoadWarning(
                "bad_rescale",
                f"Slope and intercept ({bad[0].rescale.problem}) cannot be used in "
                f"{plural(len(bad), 'slice')}; stored values are shown there.",
                files_of(bad),
            )
        )
    lost = [s for s in grey if s.has_lut and s.path not in plan.tables]
    if lost:
        warnings.append(
            LoadWarning(
                "modality_lut",
                "The table that maps stored values to values is damaged; stored values are shown.",
                files_of(lost),
            )
        )
    stated = {s.rescale.is_stated or s.path in plan.tables for s in grey}
    if stated == {True, False} and not bad and not lost:
        warnings.append(
            LoadWarning("mixed_rescale", "Only some slices state a rescale slope; values may jump.")
        )
    plain = [s for s in slices if is_native(s.syntax) and not s.tile]
    long = [s for s in plain if s.pixel_length >= 2 * s.frame_bytes]
    if long:
        warnings.append(
            LoadWarning(
                "excess_pixel_data",
                "The file holds at least twice the pixels that its size asks for; the first part "
                "is shown.",
                files_of(long),
            )
        )
    return warnings


def value_notes(slices: Sequence[SliceHeader], plan: ValuePlan, unit: str) -> list[str]:
    """Return remarks on the values."""
    first = slices[0]
    notes = []
    if plan.tables:
        notes.append("stored values were mapped through the table of the file")
    if plan.is_per_slice:
        notes.append("slope and intercept differ between slices; each was rescaled by its own")
    if not unit and first.modality != "MR" and not first.is_colour:
        notes.append("units of the values not stated")
    if any(s.has_private_scale for s in slices):
        notes.append(
            "the private scale of Philips is not applied; values do not compare between series"
        )
    if first.is_colour and first.bits_stored > 8:
        notes.append(f"colours of {first.bits_stored} bits were cut to their upper 8")
    if any("lossy_compression" in s.facts for s in slices):
        notes.append("compressed with loss before it came here")
    if first.photometric == "MONOCHROME1":
        notes.append("stored for inverted display (MONOCHROME1); values unchanged")
    return notes
