"""All cases, by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus import dicom_cases, nifti_cases, series_cases

if TYPE_CHECKING:
    from corpus.case import Case

CASES: tuple[Case, ...] = tuple(
    sorted(
        (*dicom_cases.CASES, *series_cases.CASES, *nifti_cases.CASES),
        key=lambda case: case.row,
    )
)
