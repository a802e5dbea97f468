"""All cases, by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus import archive_cases, dicom_cases, folder_cases, nifti_cases, series_cases, video_cases

if TYPE_CHECKING:
    from corpus.case import Case

MODULES = (dicom_cases, series_cases, folder_cases, nifti_cases, video_cases, archive_cases)
CASES: tuple[Case, ...] = tuple(
    sorted(
        (case for module in MODULES for case in module.CASES),
        key=lambda case: case.row,
    )
)
