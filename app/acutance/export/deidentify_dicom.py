"""One DICOM file without the identity of its patient, its pixels bit for bit as they were.

References
----------
.. [1] DICOM PS3.15, annex E; PS3.10, 7.1 (file meta information); PS3.3, C.12.1 (SOP common),
   C.7.6.1 (burned-in annotation).
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import pydicom
from pydicom._uid_dict import UID_dictionary
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filereader import _read_file_meta_info, read_preamble
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag
from pydicom.uid import UID, ExplicitVRLittleEndian

from acutance import __version__
from acutance.core.deidentification import METHOD_TEXT, OPTIONS, PROFILE
from acutance.core.foreign import quiet
from acutance.errors import AcutanceError
from acutance.export._dicom import FOREIGN_ERRORS, RefusedError
from acutance.export.cleaning import PIXELS, Cleaner, put, raw_value, tags_of
from acutance.export.confidentiality import is_repeating
from acutance.export.pseudonyms import is_registered

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from acutance.export.confidentiality import Profile
    from acutance.export.pseudonyms import Pseudonyms
    from acutance.export.traces import Traces

IMPLEMENTATION_UID = UID("2.25.138563126379471466029246155293126364817")
IMPLEMENTATION_NAME = f"ACUTANCE {__version__}"[:16]
_DEFLATED = "1.2.840.10008.1.2.1.99"
#: What a deflated data set may become, and the largest file that is taken into memory.
MAX_INFLATED_BYTES = 512 * 1024**2
MAX_FILE_BYTES = 4 * 1024**3
_UNDEFINED_LENGTH = 0xFFFFFFFF
_DELIMITERS = 0xFFFE
#: Modalities whose pictures often show names, and those that show the person.
_WRITTEN_ON = frozenset({"US", "IVUS", "OT", "SC", "HC", "DOC"})
_OF_PERSONS = frozenset({"ES", "XC", "GM"})
_CLASSES_WRITTEN_ON = ("Ultrasound", "Secondary Capture", "Hardcopy")
_CLASSES_OF_PERSONS = ("VL Photographic", "Video", "VL Endoscopic", "Dermoscopic")
_MOSAIC = (
    "its slices lie side by side in one picture (mosaic), and how they do stood in private "
    "attributes, which were removed: it cannot be read as a volume any more"
)
_SCREENS = frozenset({"SCREEN SAVE", "SCREENSAVE", "DOSE", "DOSE_INFO", "DOSE INFO"})


@dataclass(frozen=True)
class Written:
    """A de-identified file, written and not yet verified.

    Parameters
    ----------
    series_uid : str
        The new one.
    pixel_sha256 : str
        Of the pixel element's value, as it was in the source.
    traces : Traces
        What must not occur in the file.
    warnings : tuple of str
    """

    series_uid: str
    pixel_sha256: str
    traces: Traces
    warnings: tuple[str, ...]


def write_deidentified(
    source: Path,
    target: Path,
    profile: Profile,
    pseudonyms: Pseudonyms,
    check: Callable[[float], None],
    *,
    allows_burned_in: bool = False,
) -> Written:
    """Write the de-identified copy of one file.

    Parameters
    ----------
    source, target : Path
    profile : Profile
    pseudonyms : Pseudonyms
    check : callable
        Hears the fraction that is done; may raise to stop.
    allows_burned_in : bool
        Whether pixels that may show a name or a face are exported all the same.

    Raises
    ------
    RefusedError
        If the file is no plain image, may show its patient, or cannot be cleaned with certainty.
    OSError
        If the target cannot be written.
    """
    try:
        if source.stat().st_size > MAX_FILE_BYTES:
            raise RefusedError(f"it is larger than {MAX_FILE_BYTES >> 30} GiB")
        data = source.read_bytes()
    except OSError as error:
        raise RefusedError(f"it cannot be read ({error.strerror})") from error
    try:
        with quiet():
            dataset = parse(data)
            del data
            for tag in [tag for tag in tags_of(dataset) if tag.group == _DELIMITERS]:
                del dataset[tag]  # strays behind the end; pydicom cannot handle them
            sop_class = _image_class(raw_value(dataset, 0x00080016))
            _check_whole(dataset)
            warnings = _check_pixels(dataset, sop_class, allows_burned_in)
            if "MOSAIC" in _code(dataset, 0x00080008).split("\\"):
                warnings.append(_MOSAIC)
            cleaner = Cleaner(profile, pseudonyms, needs_values="Enhanced" in sop_class)
            pixels = _pixel_hash(dataset)
            check(0.3)
            cleaner.clean(dataset)
            check(0.6)
            _state(dataset, profile)
            # In memory first: pydicom says OSError of what is wrong with the data set, too.
            encoded = _encode(dataset)
    except (RefusedError, MemoryError, AcutanceError):
        raise
    except FOREIGN_ERRORS as error:
        raise RefusedError("it is damaged or not DICOM as the standard has it") from error
    check(0.8)
    with target.open("wb") as file:
        file.write(encoded.getbuffer())
    return Written(
        series_uid=_text(dataset, 0x0020000E),
        pixel_sha256=pixels,
        traces=cleaner.traces,
        warnings=(*warnings, *cleaner.warnings),
    )


def parse(data: bytes) -> Dataset:
    """Read a data set; a deflated one is inflated within a bound.

    Raises
    ------
    RefusedError
        If it is cut or becomes too large.
    """
    stream = BytesIO(data)
    if data[128:132] != b"DICM":
        return _with_syntax(pydicom.dcmread(stream, force=True))
    read_preamble(stream, True)
    meta = _read_file_meta_info(stream)
    if str(meta.get("TransferSyntaxUID", "")) != _DEFLATED:
        stream.seek(0)
        return _with_syntax(pydicom.dcmread(stream))
    inflate = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    body = inflate.decompress(data[stream.tell() :], MAX_INFLATED_BYTES)
    if inflate.unconsumed_tail:
        raise RefusedError("its deflated data set is far larger than an image can be")
    if not inflate.eof:
        raise RefusedError("its deflated data set is cut")
    dataset = pydicom.dcmread(BytesIO(body), force=True)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return dataset


def _with_syntax(dataset: Dataset) -> Dataset:
    """Make sure that the transfer syntax is one of the standard's, guessed for bare data sets."""
    meta = getattr(dataset, "file_meta", None)
    syntax = str(meta.get("TransferSyntaxUID", "")) if meta is not None else ""
    if not syntax:
        is_implicit, is_little = dataset.original_encoding
        if not is_little:
            raise RefusedError("it states no transfer syntax")
        guessed = pydicom.uid.ImplicitVRLittleEndian if is_implicit else ExplicitVRLittleEndian
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = guessed
    elif UID_dictionary.get(syntax, ("", ""))[1] != "Transfer Syntax":
        raise RefusedError("its transfer syntax is not in the standard's registry")
    return dataset


def _image_class(value: bytes) -> str:
    """Return the name of the SOP class; raise where it is no plain image."""
    uid = value.decode("ascii", "replace").strip("\0 ")
    name, kind = UID_dictionary.get(uid, ("", ""))[:2]
    if kind != "SOP Class":
        shown = uid if 0 < len(uid) <= 64 and set(uid) <= set("0123456789.") else "none"
        raise RefusedError(f"its SOP class ({shown}) is not in the standard's registry")
    if "Image Storage" not in name:
        raise RefusedError(f"{name}: only plain images are de-identified")
    return name


def _check_whole(dataset: Dataset) -> None:
    """Refuse a file that is cut, or has no pixels."""
    for tag in tags_of(dataset):
        item = dataset.get_item(tag)
        length = getattr(item, "length", None)
        if item.is_raw and length not in (None, _UNDEFINED_LENGTH):
            if len(item.value or b"") != length:
                raise RefusedError("it is cut")
            if item.value is None:
                put(dataset, tag, str(item.VR or "UN"), b"")
    if not any(raw_value(dataset, tag) for tag in PIXELS):
        raise RefusedError("it holds no pixels")


def _check_pixels(dataset: Dataset, sop_class: str, allows_burned_in: bool) -> list[str]:
    """Refuse pixels that may show who the patient is, or warn where the user insists."""
    reason = _pixel_risk(dataset, sop_class)
    if not reason:
        return []
    if allows_burned_in:
        return [f"{reason}; exported because that was allowed"]
    raise RefusedError(reason)


def _pixel_risk(dataset: Dataset, sop_class: str) -> str:
    """Return why the pixels may show the patient's name or face, empty where nothing says so."""
    stated = _code(dataset, 0x00280301)
    if stated == "YES":
        return "names may be written into its pixels (Burned In Annotation is YES)"
    if _code(dataset, 0x00280302) == "YES":
        return "its pixels may show who it is (Recognizable Visual Features is YES)"
    if _has_embedded_overlay(dataset):
        return "an overlay lies inside its pixels"
    modality = _code(dataset, 0x00080060)
    if modality in _OF_PERSONS or sop_class.startswith(_CLASSES_OF_PERSONS):
        return "its pixels may show who it is (a photograph or video)"
    kinds = set(_code(dataset, 0x00080008).split("\\"))
    is_written_on = (
        modality in _WRITTEN_ON
        or any(word in sop_class for word in _CLASSES_WRITTEN_ON)
        or bool(raw_value(dataset, 0x00080064))
        or bool(kinds & _SCREENS)
    )
    if is_written_on and stated != "NO":
        return (
            "names are often written into pixels of this kind, and it does not say that there are "
            "none (Burned In Annotation is not NO)"
        )
    return ""


def _code(dataset: Dataset, tag: int) -> str:
    return raw_value(dataset, tag).decode("ascii", "replace").strip("\0 ").upper()


def _has_embedded_overlay(dataset: Dataset) -> bool:
    """Whether an overlay uses spare bits of the pixels, as older editions allowed."""
    groups = {tag.group for tag in tags_of(dataset) if is_repeating(tag.group)}
    return any(
        BaseTag(group << 16 | 0x0100) in dataset and BaseTag(group << 16 | 0x3000) not in dataset
        for group in groups
    )


def _pixel_hash(dataset: Dataset) -> str:
    digest = hashlib.sha256()
    for tag in sorted(PIXELS):
        digest.update(raw_value(dataset, tag))
    return digest.hexdigest()


def _state(dataset: Dataset, profile: Profile) -> None:
    """Say in the data set what was done to it (PS3.15, E.1.1, item 6)."""
    used = [PROFILE, *(option for option in OPTIONS if option.id in profile.options)]
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = list(METHOD_TEXT)
    items = []
    for method in used:
        item = Dataset()
        item.CodeValue = method.code
        item.CodingSchemeDesignator = "DCM"
        item.CodeMeaning = method.meaning
        items.append(item)
    dataset.DeidentificationMethodCodeSequence = Sequence(items)
    if "dates" in profile.options:
        time = "UNMODIFIED"
    else:
        time = "MODIFIED" if "modified-dates" in profile.options else "REMOVED"
    dataset.LongitudinalTemporalInformationModified = time


def _encode(dataset: Dataset) -> BytesIO:
    """Return the file, with a preamble of zeros and file meta information of our own."""
    syntax = dataset.file_meta.TransferSyntaxUID
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(_text(dataset, 0x00080016))
    meta.MediaStorageSOPInstanceUID = UID(_text(dataset, 0x00080018))
    meta.TransferSyntaxUID = syntax
    meta.ImplementationClassUID = IMPLEMENTATION_UID
    meta.ImplementationVersionName = IMPLEMENTATION_NAME
    if not meta.MediaStorageSOPInstanceUID or is_registered(meta.MediaStorageSOPInstanceUID):
        raise RefusedError("it has no SOP Instance UID of its own")
    dataset.file_meta = meta
    dataset.preamble = bytes(128)
    encoded = BytesIO()
    pydicom.dcmwrite(encoded, dataset, enforce_file_format=True)
    return encoded


def _text(dataset: Dataset, tag: int) -> str:
    return raw_value(dataset, tag).decode("ascii", "replace").strip("\0 ")
