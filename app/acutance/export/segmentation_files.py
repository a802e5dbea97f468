"""A segmentation as the files that were asked for; one that cannot be written stops no other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from acutance.core.segmentation import label_statistics
from acutance.core.segmentation_export import (
    CSV,
    JSON,
    NIFTI,
    SEG,
    RegionsExport,
    RegionsWritten,
    SegExport,
)
from acutance.errors import AcutanceError, ExportError, JobCancelled
from acutance.export.exporters import neutral_stem
from acutance.export.segmentation import (
    segmentation_record,
    write_csv,
    write_json,
    write_nifti,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from acutance.core.segmentation import SegmentationResult
    from acutance.export.deidentify import CancelToken, Progress


def write_regions(request: RegionsExport, progress: Progress, token: CancelToken) -> RegionsWritten:
    """Write a segmentation, with the edits there are, in every kind that was asked for.

    File names hold nothing of the input's own; those of edited labels say that they were edited.
    Runs in a child process.

    Raises
    ------
    ExportError
        If nothing at all could be written.
    JobCancelled
        If the user cancelled; looked at before each kind.
    """
    result = _with_edits(request)
    edited = "-edited" if result.edits is not None else ""
    stem = f"{neutral_stem(request.loaded)}-segmentation{edited}"
    writers = _writers(request, result, stem, token)
    written: list[Path] = []
    faults: list[AcutanceError] = []
    for number, kind in enumerate(request.kinds):
        token.raise_if_cancelled()
        progress.report(number / len(request.kinds), "Writing")
        try:
            written += writers[kind]()
        except JobCancelled:
            raise
        except AcutanceError as error:
            faults.append(error)
    if not written:
        raise faults[0]
    progress.report(1.0, "Written")
    return RegionsWritten(
        str(request.folder), tuple(path.name for path in written), tuple(map(str, faults))
    )


class _Silent:
    """Takes progress of a part and tells nobody."""

    def report(self, fraction: float, message: str) -> None:
        """Do nothing: the whole tells."""


def _with_edits(request: RegionsExport) -> SegmentationResult:
    if request.labels is None or request.edits is None:
        return request.result
    statistics = label_statistics(request.loaded.volume, request.labels, request.result.labels)
    return request.result.edited(request.labels, request.edits, statistics)


def _writers(
    request: RegionsExport, result: SegmentationResult, stem: str, token: CancelToken
) -> Mapping[str, Callable[[], list[Path]]]:
    loaded, folder = request.loaded, request.folder
    sources = tuple(map(Path, loaded.item.files))

    def seg() -> list[Path]:
        if loaded.item.reader != "dicom":
            raise ExportError(
                "A DICOM SEG needs DICOM images to refer to; this series has none.",
                remedy="Export it as NIfTI.",
            )
        from acutance.export.dicom_seg import write_seg

        target = folder / f"{stem}.dcm"
        labels = result.label_map
        affine = loaded.volume.affine
        asked = SegExport(
            sources, labels.array, affine, labels.labels, result.model, target, result.edits
        )
        write_seg(asked, _Silent(), token)
        return [target]

    def record() -> list[Path]:
        plain = segmentation_record(loaded, result, seconds=result.seconds)
        return write_json(plain, folder / f"{stem}-record.json", sources)

    return {
        NIFTI: lambda: write_nifti(loaded, result, folder / f"{stem}.nii.gz", sources),
        SEG: seg,
        CSV: lambda: write_csv(result, folder / f"{stem}.csv", sources),
        JSON: record,
    }
