"""Volumes and label maps as NIfTI, with the geometry and the stored values they were read with.

References
----------
.. [1] NIfTI-1 header, nifti1.h, https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h
.. [2] NIfTI-2 header, nifti2.h, https://nifti.nimh.nih.gov/pub/dist/doc/nifti2.h
"""

from __future__ import annotations

import gzip
import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, BinaryIO

import nibabel
import numpy as np

from acutance import __version__
from acutance.core.affine import Affine, spacing
from acutance.errors import ExportError, GeometryMismatchError
from acutance.export.atomic import refuse_sources, replacing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from acutance.core.label_map import LabelMap
    from acutance.core.volume import Volume

SUFFIXES = (".nii.gz", ".nii")
_SCANNER, _UNKNOWN = 1, 0
_LABEL_INTENT = 1002
_NIFTI1_MAX_SIZE = 32767
#: A qform is written only where it places each corner as the sform does, to this share of a voxel
#: and each entry to a tenth of it: readers take two placements that differ more for a conflict.
_QFORM_TOLERANCE = 5e-3
#: Voxel kinds that NIfTI has, by what numpy calls them; the rest fits into one of these unchanged.
_WIDER = {"b1": "u1", "f2": "f4"}
_KINDS = frozenset({"u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"})
#: Red, green, blue of 8 bits in each voxel; nothing deeper has a code of its own.
_RGB = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])
#: Levels above the fourth cost much time and save a percent or two on scans.
_GZIP_LEVEL = 4
#: The field has 80 bytes, and the last is 0.
_DESCRIP_BYTES = 79
_SLAB_BYTES = 8 * 1024**2


def write_volume(
    volume: Volume, path: Path, *, sources: Iterable[Path] = (), note: str = ""
) -> None:
    """Write a volume; stored values, slope and intercept, and affine are kept.

    The affine is the sform (code 1, scanner) and, where it has no shear, also the qform. Where left
    and right are not known both codes are 0, so that no reader believes in them. Nothing in the
    file names a patient: `descrip` holds name and version of this program, other texts are empty.

    Parameters
    ----------
    volume : Volume
    path : Path
        Ends in `.nii` or `.nii.gz`.
    sources : iterable of Path
        Files that must not be replaced: what the volume was read from.
    note : str
        What `descrip` says after name and version; ASCII, cut to the room there is.

    Raises
    ------
    ExportError
        If the suffix is another, NIfTI has no such voxels, or the file cannot be written.
    """
    header = _header(volume, volume.array)
    if note:
        text = f"acutance {__version__} {note}".encode("ascii", "replace")
        header["descrip"] = text[:_DESCRIP_BYTES]
    if not volume.is_colour:
        header.set_slope_inter(*_float32_scale(volume, path))
    if volume.windows:
        window = volume.windows[0]
        header["cal_min"] = window.centre - window.width / 2
        header["cal_max"] = window.centre + window.width / 2
    _write(header, volume.array, path, sources)


def write_label_map(
    label_map: LabelMap,
    volume: Volume,
    path: Path,
    *,
    sources: Iterable[Path] = (),
    provenance: dict[str, Any] | None = None,
) -> Path:
    """Write a label map in the geometry of its volume, and its table beside it.

    Parameters
    ----------
    label_map : LabelMap, shape (I, J, K) of the volume
    volume : Volume
        Gives the affine.
    path : Path
        Ends in `.nii` or `.nii.gz`; the table has the same name with `.json`: a list `labels` of
        `index`, `name` and `color` (`#rrggbb`).
    sources : iterable of Path
        Files that must not be replaced.
    provenance : dict, optional
        JSON-ready values that stand beside `labels` in the table.

    Returns
    -------
    Path
        The table.

    Raises
    ------
    GeometryMismatchError
        If map and volume do not have the same shape.
    ExportError
        If a file cannot be written.
    """
    if label_map.array.shape != volume.shape:
        raise GeometryMismatchError(
            f"The label map has {label_map.array.shape} voxels, its volume {volume.shape}.",
            remedy="Export it with the volume it was drawn on.",
        )
    header = _header(volume, label_map.array)
    header.set_slope_inter(1.0, 0.0)
    header["intent_code"] = _LABEL_INTENT
    protected = tuple(sources)
    table = path.with_name(_stem(path) + ".json")
    refuse_sources(table, protected)
    _write(header, label_map.array, path, protected)
    entries = [
        {"index": label.value, "name": label.name, "color": "#" + bytes(label.colour).hex()}
        for label in label_map.labels
    ]
    with replacing(table, sources=protected) as temporary:
        text = json.dumps({"labels": entries, **(provenance or {})}, indent=2, allow_nan=False)
        temporary.write_text(text + "\n", encoding="utf-8")
    return table


def _stem(path: Path) -> str:
    """Return the name without its suffix; raise where that is none of NIfTI's."""
    for suffix in SUFFIXES:
        if path.name.endswith(suffix) and len(path.name) > len(suffix):
            return path.name[: -len(suffix)]
    raise ExportError(
        f"A NIfTI file ends in .nii or .nii.gz, not {path.suffix or 'nothing'!r}.",
        remedy="Choose another name.",
        path=path,
    )


def _header(volume: Volume, array: NDArray[Any]) -> Any:
    """Return a header with shape, kind and geometry."""
    is_large = max(array.shape[:3]) > _NIFTI1_MAX_SIZE
    kind: Any = nibabel.Nifti2Header if is_large else nibabel.Nifti1Header
    header = kind()
    header.set_data_dtype(_dtype(array))
    header.set_data_shape(array.shape[:3])
    affine = volume.affine
    code = _SCANNER if volume.orientation_known else _UNKNOWN
    header.set_zooms(spacing(affine))
    header.set_sform(affine, code)
    if code == _SCANNER:
        header.set_qform(affine, _SCANNER)
        if not _agrees(header.get_qform(), header.get_sform(), array.shape[:3]):
            header.set_qform(np.eye(4), _UNKNOWN)
            header.set_zooms(spacing(affine))
    header.set_xyzt_units("mm" if volume.spacing_known else "unknown")
    if volume.acquisition_axis is not None:
        header.set_dim_info(slice=volume.acquisition_axis)
    header["descrip"] = f"acutance {__version__}".encode("ascii")
    header["vox_offset"] = header["sizeof_hdr"] + 4
    header["magic"] = b"n+2" if is_large else b"n+1"
    if is_large:
        header["eol_check"] = (13, 10, 26, 10)
    return header


def _dtype(array: NDArray[Any]) -> np.dtype[Any]:
    """Return the kind to write: the stored one where NIfTI has it, else one that holds it."""
    if array.ndim == 4 and array.dtype == np.uint8:
        return _RGB
    kind = array.dtype.str[1:] if array.ndim == 3 else ""
    kind = _WIDER.get(kind, kind)
    if kind not in _KINDS:
        raise ExportError(
            f"NIfTI has no voxels of the kind {array.dtype}{' in colour' * (array.ndim == 4)}.",
            remedy="Export it in another format.",
        )
    return np.dtype(f"<{kind}")


def _float32_scale(volume: Volume, path: Path) -> tuple[float, float]:
    """Return slope and intercept as the header keeps them.

    Raises
    ------
    ExportError
        If they are not finite there, or the slope becomes 0, which means "no scale".
    """
    with np.errstate(over="ignore"):
        slope, intercept = np.float32(volume.slope), np.float32(volume.intercept)
    if not (np.isfinite(slope) and np.isfinite(intercept)) or slope == 0:
        raise ExportError(
            f"Slope {volume.slope:g} and intercept {volume.intercept:g} do not fit into NIfTI.",
            path=path,
        )
    return float(slope), float(intercept)


def _agrees(qform: Affine, sform: Affine, shape: tuple[int, ...]) -> bool:
    """Whether the qform, as it is stored, places the volume where the sform does."""
    voxel = max(spacing(sform))
    difference = sform - qform
    if float(np.abs(difference[:3, :3]).max()) > 0.1 * _QFORM_TOLERANCE * voxel:
        return False
    ends = [(0, size - 1) for size in shape]
    corners = np.array([(i, j, k, 1.0) for i in ends[0] for j in ends[1] for k in ends[2]])
    apart = np.linalg.norm((corners @ difference.T)[:, :3], axis=1)
    return bool(apart.max() <= _QFORM_TOLERANCE * voxel)


def _write(header: Any, array: NDArray[Any], path: Path, sources: Iterable[Path]) -> None:
    _stem(path)
    with replacing(path, sources=sources) as temporary, ExitStack() as stack:
        file: Any = stack.enter_context(temporary.open("wb"))
        if path.name.endswith(".gz"):
            # Neither name nor time: both would tell of the source, and runs would differ.
            file = stack.enter_context(
                gzip.GzipFile("", "wb", compresslevel=_GZIP_LEVEL, fileobj=file, mtime=0)
            )
        file.write(header.binaryblock + b"\0\0\0\0")
        _write_voxels(file, array, header.get_data_dtype())


def _write_voxels(file: BinaryIO, array: NDArray[Any], dtype: np.dtype[Any]) -> None:
    """Write voxels, the first axis fastest, slab by slab: no copy of the volume is made."""
    depth = array.shape[2]
    one = max(1, array.shape[0] * array.shape[1] * dtype.itemsize)
    step = max(1, _SLAB_BYTES // one)
    for start in range(0, depth, step):
        slab = array[:, :, start : start + step].swapaxes(0, 2)
        file.write(np.ascontiguousarray(slab, dtype=None if dtype == _RGB else dtype).data)
