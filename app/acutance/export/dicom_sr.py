"""The verdict on a series as a DICOM structured report that belongs to the study of the images.

It goes back to the archive the images came from, so it keeps the identity of the patient and the
study; its own file name tells nothing of them.

References
----------
.. [1] DICOM PS3.16, TID 1500 (Measurement Report), TID 1501 (Measurement and Qualitative
   Evaluation Group), CID 6044 (Quality Control Standard), concept 130550 (Imaging Series Quality).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import highdicom as hd
import pydicom
from highdicom import sr
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from acutance import NOT_FOR_DIAGNOSIS, __version__
from acutance.core.foreign import quiet
from acutance.core.structured_report import SR_SLICES, SrRequest, SrResult
from acutance.errors import ExportError
from acutance.export._dicom import FOREIGN_ERRORS
from acutance.export.atomic import replacing
from acutance.export.sr_sources import read_headers, slice_images

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from acutance.core.quality import QualityResult
    from acutance.export.sr_sources import SliceImage

#: Added to the number of the series, so that results stand apart in a list.
SERIES_NUMBER_OFFSET = 9000
_SCHEME = "99ACUTANCE"
_PREDICTED = Code("SSIM_PRED", _SCHEME, "Predicted structural similarity")
_LOW = Code("SSIM_PRED_LO", _SCHEME, "Lower end of predicted structural similarity")
_HIGH = Code("SSIM_PRED_HI", _SCHEME, "Upper end of predicted structural similarity")
_QUALITY = codes.DCM.ImagingSeriesQuality
_STANDARD = {
    "111235": codes.DCM.UnusableQualityRendersImageUnusable,
    "111236": codes.DCM.UsableDoesNotMeetTheQualityControlStandard,
    "111237": codes.DCM.UsableMeetsTheQualityControlStandard,
}
_DESCRIPTION = f"Acutance image quality. {NOT_FOR_DIAGNOSIS}"


class Progress(Protocol):
    """Hears how far the export is."""

    def report(self, fraction: float, message: str) -> None:
        """Take a fraction in [0, 1] and one short line."""


class CancelToken(Protocol):
    """Tells the export that nobody waits for it any more."""

    def raise_if_cancelled(self) -> None:
        """Raise `acutance.errors.JobCancelled` when cancel was asked for."""


def write_sr(request: SrRequest, progress: Progress, token: CancelToken) -> SrResult:
    """Write the structured report, read it again and check it.

    Raises
    ------
    ExportError
        If the series was not assessed, its images cannot be referred to, or the file cannot be
        written or does not read back as it was meant.
    JobCancelled
        If the token says so; nothing is written then.
    """
    code = request.result.verdict.code
    if code is None:
        raise ExportError(
            "A series that was not assessed has no verdict that a structured report could code.",
            remedy="The other kinds of report tell why it was not assessed.",
            path=request.item.path,
        )
    with quiet():
        headers = read_headers(request)
        token.raise_if_cancelled()
        progress.report(0.5, "Writing the structured report")
        try:
            shown = slice_images(headers, request)
            worst = _worst(request.result, shown)
            report = _document(request, headers, worst)
            with replacing(request.output, sources=map(Path, request.item.files)) as temporary:
                report.save_as(temporary, enforce_file_format=True)
                _check(temporary, code, headers, worst)
        except FOREIGN_ERRORS as error:
            raise ExportError(
                "The headers of the images do not let a structured report be made of them "
                f"({type(error).__name__}).",
                remedy="The other kinds of report can be written.",
                path=request.item.path,
            ) from error
    progress.report(1.0, "Written")
    return SrResult(str(request.output), len(headers), len(worst))


def _worst(
    result: QualityResult, shown: dict[tuple[str, int], SliceImage]
) -> list[tuple[float, str, SliceImage]]:
    """Return prediction, name and image of the worst slices that are images of the series."""
    found = []
    for score in result.worst_first():
        image = shown.get((score.plane, score.index))
        if image is not None and score.ssim_pred is not None:
            found.append((score.ssim_pred, f"{score.plane} {score.index}", image))
    return found[:SR_SLICES]


def _document(
    request: SrRequest, headers: list[Dataset], worst: list[tuple[float, str, SliceImage]]
) -> sr.ComprehensiveSR:
    result = request.result
    groups = [_series_group(result, headers), *(_slice_group(*entry) for entry in worst)]
    report = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=_observer()),
        procedure_reported=codes.DCM.QualityControl,
        imaging_measurements=groups,
        title=codes.DCM.ImagingMeasurementReport,
    )
    number = headers[0].get("SeriesNumber")
    return sr.ComprehensiveSR(
        evidence=headers,
        content=report[0],
        series_instance_uid=_uid("series", request, headers),
        series_number=SERIES_NUMBER_OFFSET + int(number or 0),
        sop_instance_uid=_uid("instance", request, headers),
        instance_number=1,
        manufacturer="Acutance",
        manufacturer_model_name="acutance",
        software_versions=__version__,
        device_serial_number=__version__,
        is_complete=True,
        series_description=_DESCRIPTION,
    )


def _series_group(
    result: QualityResult, headers: list[Dataset]
) -> sr.MeasurementsAndQualitativeEvaluations:
    measured = [_number(_PREDICTED, result.ssim_pred)]
    if result.ssim_interval is not None:
        measured += [_number(_LOW, result.ssim_lo), _number(_HIGH, result.ssim_hi)]
    standard = _STANDARD[str(result.verdict.code)]
    group = sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(hd.UID(), "series"),
        algorithm_id=_algorithm(result),
        measurements=[entry for entry in measured if entry is not None],
        qualitative_evaluations=[sr.QualitativeEvaluation(_QUALITY, standard)],
        source_images=[
            sr.SourceImageForMeasurementGroup(h.SOPClassUID, h.SOPInstanceUID) for h in headers
        ],
    )
    group[0].ContentSequence.append(
        sr.TextContentItem(
            name=codes.DCM.Comment,
            value=_ascii(f"{result.reason}. {NOT_FOR_DIAGNOSIS}. A prediction by a network."),
            relationship_type=sr.RelationshipTypeValues.CONTAINS,
        )
    )
    return group


def _slice_group(
    value: float, name: str, image: SliceImage
) -> sr.MeasurementsAndQualitativeEvaluations:
    measured = _number(_PREDICTED, value)
    return sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(hd.UID(), name),
        measurements=[] if measured is None else [measured],
        source_images=[
            sr.SourceImageForMeasurementGroup(
                image.header.SOPClassUID,
                image.header.SOPInstanceUID,
                None if image.frame is None else [image.frame],
            )
        ],
    )


def _number(name: Code, value: float | None) -> sr.Measurement | None:
    if value is None:
        return None
    return sr.Measurement(name=name, value=round(value, 6), unit=codes.UCUM.NoUnits)


def _algorithm(result: QualityResult) -> sr.AlgorithmIdentification:
    told = {"weights": result.model.status, "weights sha256": result.model.sha256}
    told |= {
        name: value
        for name, value in result.parameters.items()
        if "threshold" in name or name.startswith("site_")
    }
    return sr.AlgorithmIdentification(
        name=_ascii(result.model.name),
        version=_ascii(result.model.version),
        parameters=[_ascii(f"{name}={value}") for name, value in sorted(told.items())],
    )


def _observer() -> sr.ObserverContext:
    return sr.ObserverContext(
        observer_type=codes.DCM.Device,
        observer_identifying_attributes=sr.DeviceObserverIdentifyingAttributes(
            uid=_hashed("device", __version__),
            name="acutance",
            manufacturer_name="Acutance",
            model_name=f"acutance {__version__}",
        ),
    )


def _uid(what: str, request: SrRequest, headers: list[Dataset]) -> str:
    """Return a new UID that only the same run on the same images would make again."""
    images = sorted(str(h.SOPInstanceUID) for h in headers)
    facts = json.dumps([request.created_utc, images, request.result.to_plain()], sort_keys=True)
    return _hashed(what, facts)


def _hashed(what: str, facts: str) -> str:
    """Return a UID below 2.25, the root of numbers that need no registration.

    References
    ----------
    .. [1] DICOM PS3.5, B.2 (UUID derived UID).
    """
    digest = hashlib.sha256(f"{what}\0{facts}".encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def _ascii(text: str) -> str:
    """Return text in the characters that every specific character set has."""
    return text.encode("ascii", "backslashreplace").decode("ascii")


def _check(
    path: Path, code: str, headers: list[Dataset], worst: list[tuple[float, str, SliceImage]]
) -> None:
    """Read a report again and hold it against what it was meant to say.

    Raises
    ------
    ExportError
        If verdict, study, references or evidence are others.
    """
    read: Any = sr.srread(str(path))
    first = headers[0]
    groups = read.content.get_image_measurement_groups()
    verdicts = [e.value.value for g in groups for e in g.get_qualitative_evaluations(_QUALITY)]
    listed = {
        str(image.ReferencedSOPInstanceUID)
        for study in pydicom.dcmread(path).CurrentRequestedProcedureEvidenceSequence
        for series in study.ReferencedSeriesSequence
        for image in series.ReferencedSOPSequence
    }
    shown = [image.referenced_sop_instance_uid for g in groups[1:] for image in g.source_images]
    is_meant = (
        verdicts == [code]
        and read.StudyInstanceUID == first.StudyInstanceUID
        and str(read.PatientID) == str(first.PatientID)
        and read.SeriesInstanceUID not in {h.SeriesInstanceUID for h in headers}
        and listed == {str(h.SOPInstanceUID) for h in headers}
        and [str(uid) for uid in shown] == [str(i.header.SOPInstanceUID) for _, _, i in worst]
    )
    if not is_meant:
        raise ExportError(
            "The structured report does not read back as it was written.",
            remedy="Please report this.",
        )
