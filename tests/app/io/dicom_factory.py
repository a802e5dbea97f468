"""Write small DICOM series whose every number is known."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    MRImageStorage,
    RLELossless,
    generate_uid,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)


def make_slice(
    pixels: NDArray[Any] | None,
    *,
    position: tuple[float, ...] | None = (0.0, 0.0, 0.0),
    orientation: tuple[float, ...] | None = AXIAL,
    spacing: tuple[float, float] | None = (1.0, 1.0),
    instance: int = 1,
    series_uid: str = "1.2.826.0.1.3680043.8.498.1",
    sop_uid: str | None = None,
    **elements: Any,
) -> Dataset:
    """Return a classic MR slice; `elements` replace or, when None, remove attributes."""
    ds = Dataset()
    ds.SOPClassUID = MRImageStorage
    ds.SOPInstanceUID = sop_uid or generate_uid()
    ds.SeriesInstanceUID = series_uid
    ds.StudyInstanceUID = "1.2.826.0.1.3680043.8.498.2"
    ds.Modality = "MR"
    ds.PatientName = "Secret^Person"
    ds.PatientID = "SECRET77"
    ds.PatientBirthDate = "19700101"
    ds.SeriesDescription = "T1 test"
    ds.SeriesNumber = 3
    ds.InstanceNumber = instance
    if position is not None:
        ds.ImagePositionPatient = list(position)
    if orientation is not None:
        ds.ImageOrientationPatient = list(orientation)
    if spacing is not None:
        ds.PixelSpacing = list(spacing)
    ds.SliceThickness = 2.0
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    if pixels is not None:
        ds.Rows, ds.Columns = pixels.shape
        ds.BitsAllocated = ds.BitsStored = pixels.dtype.itemsize * 8
        ds.HighBit = ds.BitsStored - 1
        ds.PixelRepresentation = 1 if pixels.dtype.kind == "i" else 0
        ds.PixelData = pixels.tobytes()
        ds["PixelData"].VR = "OW"
    for name, value in elements.items():
        if value is None:
            delattr(ds, name)
        else:
            setattr(ds, name, value)
    return ds


def write(
    ds: Dataset, path: Path, syntax: str = ExplicitVRLittleEndian, *, preamble: bool = True
) -> Path:
    """Write a slice; for big endian the pixels are swapped here."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if syntax == ExplicitVRBigEndian and ds.BitsAllocated == 16:
        ds.PixelData = np.frombuffer(ds.PixelData, "<u2").astype(">u2").tobytes()
    if not preamble:
        pydicom.dcmwrite(path, ds, implicit_vr=True, little_endian=True)
        return path
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = ds.get("SOPClassUID", MRImageStorage)
    ds.file_meta.MediaStorageSOPInstanceUID = ds.get("SOPInstanceUID", "1.2.3")
    ds.file_meta.TransferSyntaxUID = syntax
    pydicom.dcmwrite(
        path,
        ds,
        enforce_file_format=True,
        implicit_vr=syntax == ImplicitVRLittleEndian,
        little_endian=syntax != ExplicitVRBigEndian,
    )
    return path


def write_rle(ds: Dataset, path: Path) -> Path:
    """Write a slice compressed with RLE."""
    return write_compressed(ds, path, RLELossless)


def write_compressed(ds: Dataset, path: Path, syntax: str) -> Path:
    """Write a slice compressed by a codec of pydicom."""
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.compress(syntax, generate_instance_uid=False)
    return write(ds, path, syntax)


def ramp(shape: tuple[int, int, int] = (5, 4, 3), dtype: str = "<i2") -> NDArray[Any]:
    """Return an array in which every voxel has its own value."""
    return np.arange(np.prod(shape)).reshape(shape).astype(dtype)


def write_series(
    folder: Path,
    volume: NDArray[Any],
    *,
    orientation: tuple[float, ...] = AXIAL,
    spacing: tuple[float, float] = (1.5, 0.75),
    step: float = 2.0,
    origin: tuple[float, float, float] = (-10.0, -20.0, 30.0),
    **elements: Any,
) -> list[Path]:
    """Write `volume[i, j, k]` as slices along the normal, names and numbers against the order."""
    normal = np.cross(orientation[:3], orientation[3:])
    paths = []
    count = volume.shape[2]
    for k in range(count):
        position = tuple(float(v) for v in np.asarray(origin) + k * step * normal)
        ds = make_slice(
            np.ascontiguousarray(volume[:, :, k].T),
            position=position,
            orientation=orientation,
            spacing=spacing,
            instance=(7 * k) % count + 1,
            **elements,
        )
        paths.append(write(ds, folder / f"IM{count - k:03d}.dcm"))
    return paths


def item(**elements: Any) -> Dataset:
    """Return a data set of some elements, an item of a sequence."""
    ds = Dataset()
    for name, value in elements.items():
        setattr(ds, name, value)
    return ds


def make_enhanced(
    frames: list[NDArray[Any]],
    groups: list[Dataset],
    *,
    orientation: tuple[float, ...] | None = AXIAL,
    spacing: tuple[float, float] | None = (1.5, 0.75),
    shared: Dataset | None = None,
    **elements: Any,
) -> Dataset:
    """Return an enhanced MR image; `groups` are its per-frame functional groups, `shared` more."""
    ds = make_slice(frames[0], position=None, orientation=None, spacing=None)
    ds.SOPClassUID = ENHANCED_MR
    ds.NumberOfFrames = len(frames)
    ds.PixelData = b"".join(frame.tobytes() for frame in frames)
    ds["PixelData"].VR = "OW"
    common = Dataset() if shared is None else shared
    if orientation is not None:
        common.PlaneOrientationSequence = [item(ImageOrientationPatient=list(orientation))]
    if spacing is not None:
        common.PixelMeasuresSequence = [item(PixelSpacing=list(spacing), SliceThickness=2.0)]
    ds.SharedFunctionalGroupsSequence = [common]
    ds.PerFrameFunctionalGroupsSequence = groups
    for name, value in elements.items():
        if value is None:
            delattr(ds, name)
        else:
            setattr(ds, name, value)
    return ds


def frame_group(position: Any, **macros: Any) -> Dataset:
    """Return per-frame functional groups; a macro is a dict of the elements of its one item."""
    ds = Dataset()
    if position is not None:
        ds.PlanePositionSequence = [item(ImagePositionPatient=[float(v) for v in position])]
    for name, elements in macros.items():
        setattr(ds, name, [item(**elements)])
    return ds


def csa_header(tags: dict[str, tuple[str, list[str]]]) -> bytes:
    """Return a Siemens CSA2 header of some tags: value representation and values as text."""
    data = b"SV10\x04\x03\x02\x01" + struct.pack("<2I", len(tags), 77)
    for name, (vr, values) in tags.items():
        data += struct.pack("<64si4s3i", name.encode(), len(values), vr.encode(), 0, 6, 77)
        for n in range(6):
            text = values[n].encode() + b"\0" if n < len(values) else b""
            data += struct.pack("<4i", len(text), len(text), 77, len(text))
            data += text + b"\0" * (-len(text) % 4)
    return data


def make_mosaic(
    volume: NDArray[Any],
    *,
    sign: int = 1,
    orientation: tuple[float, ...] = AXIAL,
    first: tuple[float, float, float] = (-10.0, -20.0, 30.0),
    spacing: tuple[float, float] = (1.5, 0.75),
    step: float = 2.0,
    csa: bytes | None = b"",
    **elements: Any,
) -> Dataset:
    """Return a mosaic of `volume[i, j, k]`; `first` is the position of its first slice."""
    columns, rows, count = volume.shape
    side = int(np.ceil(np.sqrt(count)))
    picture = np.zeros((rows * side, columns * side), volume.dtype)
    for k in range(count):
        top, left = k // side * rows, k % side * columns
        picture[top : top + rows, left : left + columns] = volume[:, :, k].T
    row, column = np.array(orientation[:3]), np.array(orientation[3:])
    corner = np.array(first) - row * spacing[1] * (side - 1) * columns / 2
    corner = corner - column * spacing[0] * (side - 1) * rows / 2
    ds = make_slice(
        picture,
        position=tuple(corner.tolist()),
        orientation=orientation,
        spacing=spacing,
        ImageType=["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"],
        SpacingBetweenSlices=step,
        **elements,
    )
    normal = sign * np.cross(row, column)
    if csa == b"":
        csa = csa_header(
            {
                "NumberOfImagesInMosaic": ("US", [str(count)]),
                "SliceNormalVector": ("FD", [f"{v:.8f}" for v in normal]),
            }
        )
    if csa is not None:
        block = ds.private_block(0x29, "SIEMENS CSA HEADER", create=True)
        block.add_new(0x10, "OB", csa)
    return ds
