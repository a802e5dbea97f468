"""A segmentation as DICOM SEG; each frame references the image it was drawn on.

Which voxels belong to which image is taken from where the image says it lies in the patient, not
from any order of files or axes, so that no label can end up mirrored or on another slice.

References
----------
.. [1] DICOM PS3.3, A.51 "Segmentation IOD", and C.7.6.2 "Image Plane Module".
.. [2] DICOM PS3.16, CID 7150 to 7166 on segmented properties.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.sr.codedict import codes
from pydicom.uid import generate_uid

from acutance import __version__
from acutance.core.segmentation import CSF, GREY_MATTER, WHITE_MATTER
from acutance.core.segmentation_export import SegWritten
from acutance.errors import ExportError
from acutance.export._dicom import FOREIGN_ERRORS
from acutance.export.atomic import replacing
from acutance.export.dicom_grid import placed_frames, read_header, voxels_under

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from acutance.core.label_map import Label
    from acutance.core.segmentation_export import SegExport
    from acutance.export.deidentify import CancelToken, Progress

#: Series of results are numbered from here on, so that they sort behind the originals.
SERIES_NUMBER = 9100
_REMEDY = "Export it as NIfTI."


def write_seg(request: SegExport, progress: Progress, token: CancelToken) -> SegWritten:
    """Write a binary segmentation with one segment for each label that occurs.

    Runs in a child process: the headers of the images are read again.

    Raises
    ------
    ExportError
        If the images are no DICOM images that say where they lie, or not those of the label map,
        if there is nothing to write, or the file cannot be written.
    JobCancelled
        If the user cancelled; looked at before each image.
    """
    occurring = [label for label in request.table if label.value and label.value in request.labels]
    if not occurring:
        raise _refusal("No voxel has a label.", "There is nothing to export.")
    sources = []
    for number, file in enumerate(request.files):
        token.raise_if_cancelled()
        progress.report(0.4 * number / len(request.files), "Reading headers")
        sources.append(read_header(file, "A DICOM SEG", _REMEDY))
    frames = [frame for source in sources for frame in placed_frames(source, _REMEDY)]
    if len(sources) > 1 and len(frames) != len(sources):
        raise _refusal("The series mixes single images with files of many.")
    planes = [
        request.labels[voxels_under(frame, request.affine, request.labels.shape, "label map")]
        for frame in frames
    ]
    if sum(map(np.count_nonzero, planes)) != np.count_nonzero(request.labels):
        raise _refusal("The images do not cover the label map.")
    token.raise_if_cancelled()
    progress.report(0.6, "Writing")
    masks = np.stack([np.stack(planes) == label.value for label in occurring], axis=-1)
    dataset = _segmentation(sources, masks, occurring, request)
    with replacing(request.path, sources=request.files) as temporary:
        dataset.save_as(temporary, enforce_file_format=True)
    progress.report(1.0, "Written")
    return SegWritten(str(request.path), int(dataset.NumberOfFrames), len(frames))


def _segmentation(
    sources: Sequence[Dataset],
    masks: NDArray[np.bool_],
    labels: Sequence[Label],
    request: SegExport,
) -> Dataset:
    # Imported late: highdicom takes a second, and only exports need it.
    from highdicom.seg import Segmentation

    edited = "edited by hand, " if request.edits is not None else ""
    try:
        dataset: Dataset = Segmentation(
            source_images=sources,
            pixel_array=masks.astype(np.uint8),
            segmentation_type="BINARY",
            segment_descriptions=[
                _description(number, label, request) for number, label in enumerate(labels, 1)
            ],
            series_instance_uid=generate_uid(),
            series_number=SERIES_NUMBER,
            sop_instance_uid=generate_uid(),
            instance_number=1,
            manufacturer="Acutance",
            manufacturer_model_name="Acutance",
            software_versions=__version__,
            device_serial_number="none",
            content_label="SEGMENTATION",
            content_description=f"{edited.capitalize()}Not for diagnosis",
            series_description=f"Acutance segmentation, {edited}not for diagnosis",
            omit_empty_frames=True,
        )
    except FOREIGN_ERRORS as error:
        raise _refusal(
            f"The images lack something that a DICOM SEG takes from them ({type(error).__name__})."
        ) from error
    return dataset


def _description(number: int, label: Label, request: SegExport) -> Any:
    from highdicom import AlgorithmIdentificationSequence
    from highdicom.color import CIELabColor
    from highdicom.seg import SegmentDescription

    model, edits = request.model, request.edits
    parameters = {"sha256": model.sha256, "status": model.status}
    if edits is not None:
        parameters |= {"edits": str(edits.count), "edited_voxels": str(edits.voxels)}
    category, kind = property_codes(label.name)
    return SegmentDescription(
        segment_number=number,
        segment_label=label.name[:64],
        segmented_property_category=category,
        segmented_property_type=kind,
        # PS3.3 C.8.20.2: calculated with user assistance.
        algorithm_type="AUTOMATIC" if edits is None else "SEMIAUTOMATIC",
        algorithm_identification=AlgorithmIdentificationSequence(
            name=model.name[:64],
            family=codes.DCM.ArtificialIntelligence,
            version=model.version[:64],
            parameters=parameters,
        ),
        display_color=CIELabColor.from_rgb(*label.colour),
    )


def property_codes(name: str) -> tuple[Any, Any]:
    """Return the coded category and type of a region; tissue where there is no better code."""
    return {
        CSF: (codes.SCT.BodySubstance, codes.SCT.CerebrospinalFluid),
        GREY_MATTER: (codes.SCT.Tissue, codes.SCT.GrayMatter),
        WHITE_MATTER: (codes.SCT.Tissue, codes.SCT.WhiteMatter),
    }.get(name, (codes.SCT.Tissue, codes.SCT.Tissue))


def _refusal(message: str, remedy: str = _REMEDY) -> ExportError:
    return ExportError(message, remedy=remedy)
