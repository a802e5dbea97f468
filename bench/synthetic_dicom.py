"""Write large DICOM folders fast: one header is encoded, then patched for each slice."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

if TYPE_CHECKING:
    from pathlib import Path

_ROOT = "1.2.826.0.1.3680043.8.498"
#: Placeholders of fixed length in the encoded header.
_SOP, _SERIES, _NUMBER, _PLACE = "0" * 9, "1" * 6, "222222", "333.3333"


def _template(size: int, private_groups: int) -> bytes:
    ds = Dataset()
    ds.SOPClassUID = CTImageStorage
    ds.SOPInstanceUID = f"{_ROOT}.7{_SOP}"
    ds.StudyInstanceUID = f"{_ROOT}.8"
    ds.SeriesInstanceUID = f"{_ROOT}.9{_SERIES}"
    ds.FrameOfReferenceUID = f"{_ROOT}.5"
    ds.Modality = "CT"
    ds.Manufacturer = "Synthetic"
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.SeriesDescription = "Synthetic stack"
    ds.PatientName, ds.PatientID = "Nobody", "0"
    ds.StudyDate = ds.SeriesDate = ds.ContentDate = "20200101"
    ds.KVP, ds.SliceThickness = 120, 0.7
    ds.SeriesNumber = _SERIES
    ds.InstanceNumber = _NUMBER
    ds.ImagePositionPatient = ["-125.0000", "-125.0000", _PLACE]
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.PixelSpacing = [0.488, 0.488]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows = ds.Columns = size
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit, ds.PixelRepresentation = 15, 1
    ds.WindowCenter, ds.WindowWidth = [40, 400], [400, 1500]
    ds.RescaleSlope, ds.RescaleIntercept, ds.RescaleType = 1, 0, "HU"
    for group in range(0x0011, 0x0011 + 2 * private_groups, 2):
        block = ds.private_block(group, "SYNTHETIC", create=True)
        block.add_new(0x01, "DS", ["1.5"] * 6)
        block.add_new(0x02, "OB", bytes(200))
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.PixelData = b""
    ds["PixelData"].VR = "OW"
    stream = BytesIO()
    pydicom.dcmwrite(stream, ds, enforce_file_format=True)
    return stream.getvalue()[:-4] + (size * size * 2).to_bytes(4, "little")


def write_stacks(
    folder: Path, *, series: int, slices: int, size: int, private_groups: int = 16, seed: int = 0
) -> int:
    """Write series of CT slices, int16, names against the order; return the bytes of pixels."""
    header = _template(size, private_groups)
    draws = np.random.default_rng(seed)
    noise = draws.normal(0, 40, (size, 2 * size)).astype("<i2")
    row, column = np.mgrid[:size, :size] - size / 2
    for s in range(series):
        place = folder / f"{s:04d}" if series > 1 else folder
        place.mkdir(parents=True, exist_ok=True)
        for k in range(slices):
            radius = size * (0.2 + 0.15 * k / slices)
            body = np.where(row**2 + column**2 < radius**2, 40, -1000).astype("<i2")
            start = (7 * k) % size
            pixels = np.clip(body + noise[:, start : start + size], -1024, 3071).astype("<i2")
            data = header
            for old, new in (
                (_SOP, f"{s:03d}{k:06d}"),
                (_SERIES, f"{s + 100000:6d}"),
                (_NUMBER, f"{k + 1:<6d}"),
                (_PLACE, f"{k * 0.7:8.4f}"),
            ):
                data = data.replace(old.encode(), new.encode())
            name = f"IM{(k * 37 + 11) % slices:05d}" if slices % 37 else f"IM{slices - k:05d}"
            (place / name).write_bytes(data + pixels.tobytes())
    return series * slices * size * size * 2
