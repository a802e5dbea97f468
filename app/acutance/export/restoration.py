"""A restored volume as files, each of which says that it is none of the scanner's.

Voxels of NIfTI stay measurable: suffix, `descrip` and the JSON sidecar tell what they are. Pictures
carry the mark in their pixels. Every write is atomic.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from acutance import NOT_FOR_DIAGNOSIS, __version__
from acutance.core.change import SCALES_MM, THRESHOLD, map_of_slice
from acutance.core.derived_export import DerivedExport
from acutance.core.restoration import (
    MARK,
    RESTORED_WORD,
    SERIES_PREFIX,
    TASK_TITLES,
    restored_volume,
)
from acutance.core.restoration_export import RestoredWritten
from acutance.core.slicing import drawn_view, volume_geometry
from acutance.core.volume import Volume
from acutance.core.window import apply, percentile_window
from acutance.errors import ExportError
from acutance.export.atomic import replacing
from acutance.export.dicom_derived import write_derived
from acutance.export.exporters import report_stem
from acutance.export.mark import burn_in
from acutance.export.nifti import write_volume
from acutance.export.record import series_record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.ledger import LoadedSeries
    from acutance.core.restoration import RestorationResult
    from acutance.core.restoration_export import RestoredExport
    from acutance.export.deidentify import CancelToken, Progress

#: What the names of restored files end in before their suffix, as in BIDS derivatives.
DESCRIPTION = "_desc-restored"
DERIVATION_CODE = ("RESTORED", "Restored by a learned network")


def restoration_record(
    loaded: LoadedSeries, result: RestorationResult, alpha: float, *, seconds: float
) -> dict[str, Any]:
    """Return the JSON object of a restored series.

    Returns
    -------
    dict
        The fields of `series_record` without scores, and `restoration`: everything of the result
        but its array, the position of the slider, what it is expected to cost and to bring.
    """
    record = series_record(loaded, None, seconds=seconds)
    plain = result.to_plain()
    del plain["changed"]  # told for this position where the change map is
    record |= {name: plain.pop(name) for name in ("model", "device", "parameters")}
    total, added = result.expected_error(alpha)
    record["restoration"] = {
        **plain,
        "alpha": alpha,
        "expected_rms_error": total,
        "added_rms_error": added,
        "perceptual_index": result.perceptual_index(alpha),
        "is_restored": True,
        "note": f"{NOT_FOR_DIAGNOSIS}. Voxels were computed by a network, not acquired.",
    }
    return record


def derivation_text(result: RestorationResult, alpha: float) -> str:
    """Return in one line how an image was made."""
    task = TASK_TITLES.get(str(result.parameters.get("task")), "image")
    parts = [
        f"Restored ({task.lower()}) by acutance {__version__}",
        f"network {result.model.name} version {result.model.version} sha256 "
        f"{result.model.sha256[:16]} ({result.model.status})",
        f"alpha {alpha:.3f} (1 faithful, 0 perceptual)",
    ]
    if result.operator is not None and alpha < 1:
        operator = result.operator
        parts.append(
            f"transport {operator.name} version {operator.version} sha256 "
            f"{operator.sha256[:16]} ({operator.status}) in {operator.space}"
            + (f" for noise {operator.noise:g}" if operator.noise else "")
        )
    parts.append(NOT_FOR_DIAGNOSIS)
    return "; ".join(parts)


def write_nifti(
    loaded: LoadedSeries,
    result: RestorationResult,
    alpha: float,
    record: dict[str, Any],
    path: Path,
    sources: tuple[Path, ...],
) -> list[Path]:
    """Write the restored volume, float32, and its sidecar beside it.

    Raises
    ------
    ExportError
        If a file cannot be written.
    """
    note = f"{RESTORED_WORD} alpha={alpha:.3f}, {NOT_FOR_DIAGNOSIS.lower()}"
    write_volume(restored_volume(loaded.volume, result, alpha), path, sources=sources, note=note)
    return [path, write_sidecar(record, path, sources)]


def write_change(
    volume: Volume, change: NDArray[np.float32], path: Path, sources: tuple[Path, ...]
) -> list[Path]:
    """Write the change map, in standard deviations of the noise, in the geometry of the volume."""
    carrier = Volume(
        change,
        volume.affine,
        orientation_known=volume.orientation_known,
        spacing_known=volume.spacing_known,
    )
    write_volume(carrier, path, sources=sources, note="change in sd of the noise")
    return [path]


def write_sidecar(record: dict[str, Any], path: Path, sources: tuple[Path, ...]) -> Path:
    """Write the record beside a file, under its name with `.json`; return where it is."""
    stem = path.name.removesuffix(".gz").rpartition(".")[0] if path.suffix else path.name
    sidecar = path.with_name(f"{stem}.json")
    with replacing(sidecar, sources=sources) as temporary:
        text = json.dumps(record, indent=2, allow_nan=False) + "\n"
        temporary.write_text(text, encoding="utf-8")
    return sidecar


def write_pictures(
    loaded: LoadedSeries,
    result: RestorationResult,
    alpha: float,
    record: dict[str, Any],
    path: Path,
    sources: tuple[Path, ...],
) -> list[Path]:
    """Write slices as marked PNG: one as `path`, several numbered, and one sidecar.

    Pictures of 8 or 16 bits keep their values; everything else is shown in the automatic window.

    Parameters
    ----------
    path : Path
        Ends in `.png`.

    Raises
    ------
    ExportError
        If a file cannot be written.
    """
    volume = restored_volume(loaded.volume, result, alpha)
    geometry = volume_geometry(volume, result.plane)
    slices = drawn_view(_shown(volume, loaded.volume), geometry)
    info = PngInfo()
    info.add_text("Software", f"acutance {__version__}")
    info.add_text("Description", derivation_text(result, alpha))
    written = []
    for number, image in enumerate(slices):
        target = path
        if geometry.count > 1:
            target = path.with_name(f"{path.stem}-{number:04d}.png")
        pixels = np.ascontiguousarray(image)
        top = np.iinfo(pixels.dtype).max
        marked = burn_in(pixels, MARK, dark=0, bright=top)
        with replacing(target, sources=sources) as temporary:
            Image.fromarray(marked).save(temporary, format="PNG", pnginfo=info)
        written.append(target)
    return [*written, write_sidecar(record, path, sources)]


def _shown(volume: Volume, source: Volume) -> NDArray[Any]:
    """Return what pictures hold: colours, 8 or 16 bits of a picture, else a window of 8 bits."""
    if volume.is_colour:
        return volume.array
    kind = source.array.dtype
    if kind in (np.uint8, np.uint16) and (source.slope, source.intercept) == (1.0, 0.0):
        values = np.rint(np.nan_to_num(volume.array))
        stored: NDArray[Any] = np.clip(values, 0, np.iinfo(kind).max).astype(kind)
        return stored
    sign = -1.0 if source.facts.get("photometric") == "MONOCHROME1" else 1.0
    window = percentile_window(sign * source.to_real(source.array[::2, ::2, ::2]))
    shown = np.empty(volume.shape, np.uint8)
    for k in range(volume.shape[2]):
        shown[:, :, k] = apply(np.float32(sign) * volume.array[:, :, k], window)
    return shown


def write_restored(
    request: RestoredExport, progress: Progress, token: CancelToken
) -> RestoredWritten:
    """Write a restored series as files of the kind it was read from, in the child of exports.

    Raises
    ------
    ExportError
        If a file cannot be written.
    JobCancelled
        If the user cancelled; of DICOM looked at before each image.
    """
    loaded, result, alpha = request.loaded, request.result, request.alpha
    record = restoration_record(loaded, result, alpha, seconds=result.seconds)
    record["restoration"]["warnings"] = list(request.warnings)
    record["restoration"]["change"] = change_facts(result, alpha)
    sources = tuple(map(Path, loaded.item.files))
    stem = request.folder / f"{report_stem(loaded)}{DESCRIPTION}"
    token.raise_if_cancelled()
    if loaded.item.reader == "dicom":
        made = write_derived(dicom_request(loaded, result, alpha, stem), progress, token)
        written = [*map(Path, made.paths), write_sidecar(record, stem, sources)]
    elif loaded.item.reader in ("raster", "tiff"):
        path = stem.with_name(f"{stem.name}.png")
        written = write_pictures(loaded, result, alpha, record, path, sources)
    else:
        path = stem.with_name(f"{stem.name}.nii.gz")
        written = write_nifti(loaded, result, alpha, record, path, sources)
    if result.noise.sigma > 0:
        target = stem.with_name(f"{stem.name}-change.nii.gz")
        written += write_change(loaded.volume, _change(request, token), target, sources)
    progress.report(1.0, "Written")
    return RestoredWritten(tuple(map(str, written)))


def change_facts(result: RestorationResult, alpha: float) -> dict[str, Any] | None:
    """Return what the record says of changes beyond the noise; None where it is not known."""
    shares = result.changed_shares(alpha)
    if not shares:
        return None
    known = [share for share in shares if share is not None]
    return {
        "threshold_sd": THRESHOLD,
        "scales_mm": list(SCALES_MM),
        "changed_share": round(sum(known) / len(known), 6) if known else None,
        "changed_share_by_slice": [None if s is None else round(s, 6) for s in shares],
    }


def _change(request: RestoredExport, token: CancelToken) -> NDArray[np.float32]:
    """Return the change map of the whole volume; cancel is looked at before each slice."""
    volume, result = request.loaded.volume, request.result
    geometry = volume_geometry(volume, result.plane)
    restored = result.blend(request.alpha)
    found = np.zeros(volume.shape, np.float32)
    drawn = drawn_view(found, geometry)
    for number in range(geometry.count):
        token.raise_if_cancelled()
        drawn[number] = map_of_slice(volume, geometry, number, restored, result.noise)
    return found


def dicom_request(
    loaded: LoadedSeries, result: RestorationResult, alpha: float, output: Path
) -> DerivedExport:
    """Return what the export as DICOM is asked; the child of exports does it.

    Raises
    ------
    ExportError
        If the series was not read from DICOM images.
    """
    if loaded.item.reader != "dicom":
        raise ExportError(
            "An export as DICOM needs DICOM images to stay with; this series has none.",
            remedy="Export it as NIfTI or PNG.",
            path=loaded.path,
        )
    volume = restored_volume(loaded.volume, result, alpha)
    unused = {aside.file for aside in loaded.ledger.set_aside}
    return DerivedExport(
        tuple(Path(file) for file in loaded.item.files if file not in unused),
        volume.array,
        volume.affine,
        output,
        MARK,
        SERIES_PREFIX,
        derivation_text(result, alpha),
        DERIVATION_CODE,
        is_synthetic=alpha < 1,
    )
