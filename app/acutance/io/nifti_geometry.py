"""From the two placements of a NIfTI header to one affine in mm, RAS+, with honest doubts.

References
----------
.. [1] nifti1.h, "3D image (volume) orientation and location in space", methods 1 to 3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from acutance.core.affine import Affine, spacing
from acutance.core.ledger import LoadWarning
from acutance.io.nifti_header import ANALYZE
from acutance.io.placement import SMALLEST_VOXEL, check_shear, is_invertible

if TYPE_CHECKING:
    from acutance.io.nifti_header import NiftiHeader

#: Two placements agree when no matrix entry differs by more than this share of the voxel size and
#: no corner of the volume by more than `_CORNER_TOLERANCE` voxels.
_ENTRY_TOLERANCE = 1e-3
_CORNER_TOLERANCE = 0.01


@dataclass(frozen=True)
class NiftiGeometry:
    """Where the voxels are.

    Parameters
    ----------
    affine : ndarray, shape (4, 4), float64, mm, RAS+
    orientation_known, spacing_known : bool
    warnings : tuple of LoadWarning
    notes : tuple of str
    """

    affine: Affine
    orientation_known: bool
    spacing_known: bool
    warnings: tuple[LoadWarning, ...]
    notes: tuple[str, ...]


def find_geometry(header: NiftiHeader) -> NiftiGeometry:
    """Return the affine: sform where set and valid, else qform, else the voxel sizes alone."""
    warnings: list[LoadWarning] = []
    notes: list[str] = []
    sizes, bad_axes = _voxel_sizes(header)
    if bad_axes:
        stated = ", ".join(f"{header.pixdim[axis + 1]:g}" for axis in bad_axes)
        warnings.append(
            LoadWarning(
                "bad_pixel_spacing",
                f"The voxel size in the header ({stated}) is no length; do not measure in mm.",
            )
        )
    if header.version == ANALYZE:
        return _analyze(header, sizes, not bad_axes, warnings)
    sform = _sform(header, sizes, warnings) if header.sform_code > 0 else None
    qform = _qform(header, sizes, warnings) if header.qform_code > 0 else None
    orientation_known = True
    spacing_known = not bad_axes
    if sform is not None:
        affine = sform
        spacing_known = True
        if qform is not None:
            _compare(sform, qform, header, warnings)
        elif header.qform_code == 0:
            notes.append("qform unset; the sform places the volume")
    elif qform is not None:
        affine = qform
        if header.pixdim[0] not in (-1.0, 1.0):
            orientation_known = False
            warnings.append(
                LoadWarning(
                    "bad_qfac",
                    f"The header's qfac is {header.pixdim[0]:g} instead of 1 or -1: left and "
                    "right cannot be told.",
                )
            )
    else:
        orientation_known = False
        warnings.append(
            LoadWarning(
                "no_orientation",
                "The file does not say how the volume lies in the patient: left and right, front "
                "and back cannot be told.",
            )
        )
        affine = _base(header, sizes)
    check_shear(affine, warnings)
    affine = np.diag([*(header.mm_per_unit,) * 3, 1.0]) @ affine
    if not header.unit_stated:
        notes.append("spatial unit not stated, millimetres assumed")
    return NiftiGeometry(affine, orientation_known, spacing_known, tuple(warnings), tuple(notes))


def _voxel_sizes(header: NiftiHeader) -> tuple[tuple[float, float, float], list[int]]:
    """Return positive voxel sizes and the axes whose stated size is no length."""
    sizes: list[float] = []
    bad: list[int] = []
    for axis in range(3):
        size = header.pixdim[axis + 1]
        if math.isfinite(size) and SMALLEST_VOXEL <= size < 1e6:
            sizes.append(size)
            continue
        sizes.append(1.0)
        if header.shape[axis] > 1 or size != 0:
            bad.append(axis)
    return (sizes[0], sizes[1], sizes[2]), bad


def _sform(
    header: NiftiHeader, sizes: tuple[float, float, float], warnings: list[LoadWarning]
) -> Affine | None:
    sform = header.sform.copy()
    for axis in range(3):  # a plane needs a normal, which files of one slice often leave out
        others = [sform[:3, a] for a in range(3) if a != axis]
        if header.shape[axis] == 1 and not sform[:3, axis].any():
            normal = np.cross(others[0], others[1]) * (-1.0 if axis == 1 else 1.0)
            length = float(np.linalg.norm(normal))
            if length > 0:
                sform[:3, axis] = normal / length * sizes[axis]
    if is_invertible(sform):
        return sform
    warnings.append(
        LoadWarning(
            "bad_sform",
            "The header's sform is no valid placement (zero, not a number or flat) and was "
            "left out.",
        )
    )
    return None


def _qform(
    header: NiftiHeader, sizes: tuple[float, float, float], warnings: list[LoadWarning]
) -> Affine | None:
    """Return the affine of method 2 [1]_."""
    b, c, d = header.quaternion
    rest = 1.0 - (b * b + c * c + d * d)
    if not (math.isfinite(rest) and rest > -1e-4 and all(map(math.isfinite, header.qoffset))):
        warnings.append(
            LoadWarning("bad_qform", "The header's qform is no valid rotation and was left out.")
        )
        return None
    a = math.sqrt(max(0.0, rest))
    norm = math.sqrt(a * a + b * b + c * c + d * d)
    a, b, c, d = a / norm, b / norm, c / norm, d / norm
    rotation = np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - c * c - b * b],
        ]
    )
    qfac = -1.0 if header.pixdim[0] < 0 else 1.0
    affine = np.eye(4)
    affine[:3, :3] = rotation * np.array([sizes[0], sizes[1], sizes[2] * qfac])
    affine[:3, 3] = header.qoffset
    return affine


def _analyze(
    header: NiftiHeader,
    sizes: tuple[float, float, float],
    spacing_known: bool,
    warnings: list[LoadWarning],
) -> NiftiGeometry:
    """Return the voxel sizes about the origin that SPM wrote, else about the middle.

    The first axis is drawn from right to left, as SPM and nibabel take it; no file says so.
    """
    warnings.append(
        LoadWarning(
            "no_orientation",
            "Analyze files do not say how the volume lies in the patient: left and right cannot "
            "be told.",
        )
    )
    notes = [] if header.unit_stated else ["spatial unit not stated, millimetres assumed"]
    centre = [(n - 1) / 2 for n in header.shape]
    if any(header.spm_origin) and all(
        -n < o < 2 * n for o, n in zip(header.spm_origin, header.shape, strict=True)
    ):
        centre = [o - 1.0 for o in header.spm_origin]
        notes.append("placed by the origin that SPM wrote")
    affine = np.diag([-sizes[0], sizes[1], sizes[2], 1.0])
    affine[:3, 3] = -affine[:3, :3] @ centre
    return NiftiGeometry(affine, False, spacing_known, tuple(warnings), tuple(notes))


def _base(header: NiftiHeader, sizes: tuple[float, float, float]) -> Affine:
    """Return the voxel sizes alone, the middle of the volume at the origin."""
    affine = np.diag([*sizes, 1.0])
    affine[:3, 3] = [-(n - 1) / 2 * mm for n, mm in zip(header.shape, sizes, strict=True)]
    return affine


def _compare(
    sform: Affine, qform: Affine, header: NiftiHeader, warnings: list[LoadWarning]
) -> None:
    voxel = max(spacing(sform))
    entries = float(np.abs(sform[:3, :3] - qform[:3, :3]).max()) / voxel
    corners = np.array(
        [
            [i, j, k, 1.0]
            for i in (0, header.shape[0] - 1)
            for j in (0, header.shape[1] - 1)
            for k in (0, header.shape[2] - 1)
        ]
    )
    apart = float(np.linalg.norm((corners @ (sform - qform).T)[:, :3], axis=1).max())
    if entries > _ENTRY_TOLERANCE or apart > _CORNER_TOLERANCE * voxel:
        mm = apart * header.mm_per_unit
        warnings.append(
            LoadWarning(
                "sform_qform_conflict",
                f"The two placements in the header, sform (code {header.sform_code}) and qform "
                f"(code {header.qform_code}), differ by up to {mm:.3g} mm; the sform was taken.",
            )
        )
