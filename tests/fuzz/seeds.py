"""The valid files that are made wrong: small, one of every kind that a reader takes."""

from __future__ import annotations

import io
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from corpus import raw_dicom as raw
from corpus import raw_nifti, video_cases
from corpus.dicom_cases import rle_slice
from fuzz.mutate import Seed

sys.path.insert(0, str(Path(__file__).parents[1] / "app" / "io"))

#: A picture in which codecs find structure, (40, 36); no smaller one is encoded.
_SMOOTH = (
    2000 + 900 * np.sin(np.arange(40) / 3)[:, None] * np.cos(np.arange(36) / 4)[None, :]
).astype(np.uint16)
_COMPRESSED = {
    "jpeg-ls": "1.2.840.10008.1.2.4.80",
    "jpeg-2000": "1.2.840.10008.1.2.4.90",
}


def all_seeds() -> list[Seed]:
    """Return the seeds, always in the same order."""
    return [*_dicom(), *_nifti(), *_arrays(), *_videos(), *_archives()]


def _dicom() -> list[Seed]:
    syntaxes = {
        "explicit": raw.EXPLICIT,
        "implicit": raw.IMPLICIT,
        "big-endian": raw.BIG_ENDIAN,
        "deflated": raw.DEFLATED,
    }
    seeds = [
        Seed(f"dicom {name}", ".dcm", raw.mr_slice(syntax=syntax).to_bytes())
        for name, syntax in syntaxes.items()
    ]
    seeds.append(Seed("dicom rle", ".dcm", rle_slice().to_bytes()))
    seeds.append(Seed("dicom jpeg", ".dcm", _jpeg()))
    seeds += [Seed(f"dicom {name}", ".dcm", _encoded(uid)) for name, uid in _COMPRESSED.items()]
    seeds.append(Seed("dicom enhanced", ".dcm", _enhanced()))
    seeds.append(Seed("dicom cine", ".dcm", _cine()))
    beside = tuple((f"IM{k + 1:03d}.dcm", raw.mr_slice(k).to_bytes()) for k in (0, 1, 3))
    seeds.append(Seed("dicom series", ".dcm", raw.mr_slice(2).to_bytes(), companions=beside))
    return seeds


def _jpeg() -> bytes:
    """Return JPEG baseline (PS3.5 A.4.1) in DICOM."""
    from PIL import Image

    picture = (_SMOOTH >> 5).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=90)
    file = raw.mr_slice(pixels=picture, syntax=raw.JPEG_BASELINE)
    return file.put(raw.PIXELS, "OB", raw.items(stream.getvalue()), raw.UNDEFINED).to_bytes()


def _encoded(syntax: str) -> bytes:
    import dicom_factory

    with tempfile.TemporaryDirectory() as folder:
        made = dicom_factory.make_slice(_SMOOTH, sop_uid="1.2.3.4")
        return dicom_factory.write_compressed(made, Path(folder) / "a.dcm", syntax).read_bytes()


def _enhanced() -> bytes:
    import dicom_factory

    groups = [dicom_factory.frame_group((-10.0, -20.0, 2.0 * k)) for k in range(4)]
    made = dicom_factory.make_enhanced([raw.picture(k) for k in range(4)], groups)
    made.SOPInstanceUID = "1.2.3.5"
    with tempfile.TemporaryDirectory() as folder:
        return dicom_factory.write(made, Path(folder) / "a.dcm").read_bytes()


def _cine() -> bytes:
    """Return an ultrasound multi-frame image (PS3.3 A.7) in colour."""
    frames = np.random.default_rng(1).integers(0, 255, (5, 12, 10, 3), dtype=np.uint8)
    file = raw.mr_slice(pixels=frames[0, :, :, 0])
    file.drop(raw.POSITION, raw.ORIENTATION, raw.SPACING)
    for tag, vr, value in (
        (0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.3.1"),
        (0x00080060, "CS", "US"),
        (0x00181063, "DS", "40"),
        (0x00280002, "US", 3),
        (0x00280004, "CS", "RGB"),
        (0x00280006, "US", 0),
        (raw.FRAMES, "IS", "5"),
        (raw.PIXELS, "OB", frames.tobytes()),
    ):
        file.put(tag, vr, value)
    return file.to_bytes()


def _nifti() -> list[Seed]:
    plain = raw_nifti.RawNifti(raw_nifti.ramp()).to_bytes()
    four = raw_nifti.RawNifti(raw_nifti.ramp((5, 4, 3, 2))).to_bytes()
    two = raw_nifti.RawNifti(raw_nifti.ramp(kind="<f4"), 2).to_bytes()
    pair = raw_nifti.RawNifti(raw_nifti.ramp()).with_fields(magic=b"ni1\x00", vox_offset=0.0)
    voxels = raw_nifti.ramp().tobytes(order="F")
    return [
        Seed("nifti", ".nii", plain),
        Seed("nifti gzip", ".nii.gz", raw_nifti.gzipped(plain), is_gzip=True),
        Seed("nifti 4-d gzip", ".nii.gz", raw_nifti.gzipped(four), is_gzip=True),
        Seed("nifti-2", ".nii", two),
        Seed("nifti pair", ".hdr", pair.header(), companions=(("mutant.img", voxels),)),
    ]


def _arrays() -> list[Seed]:
    """Return files of further kinds; a kind without a reader is refused like any other file."""
    from PIL import Image

    seeds = []
    stream = io.BytesIO()
    np.save(stream, raw_nifti.ramp())
    seeds.append(Seed("npy", ".npy", stream.getvalue()))
    pixels = Image.fromarray(_SMOOTH)
    for name, suffix in (("png", ".png"), ("tiff", ".tif")):
        stream = io.BytesIO()
        pixels.save(stream, name.upper())
        seeds.append(Seed(name, suffix, stream.getvalue()))
    stream = io.BytesIO()
    pages = [Image.fromarray(_SMOOTH + np.uint16(n)) for n in range(3)]
    pages[0].save(stream, "TIFF", save_all=True, append_images=pages[1:])
    seeds.append(Seed("tiff pages", ".tif", stream.getvalue()))
    voxels = raw_nifti.ramp().tobytes(order="F")
    head = (
        "NRRD0004\ntype: short\ndimension: 3\nspace: left-posterior-superior\nsizes: 5 4 3\n"
        "space directions: (2,0,0) (0,1.5,0) (0,0,3)\nkinds: domain domain domain\n"
        "endian: little\nencoding: {}\nspace origin: (1,2,3)\n\n"
    )
    seeds.append(Seed("nrrd", ".nrrd", head.format("raw").encode() + voxels))
    seeds.append(
        Seed("nrrd gzip", ".nrrd", head.format("gzip").encode() + raw_nifti.gzipped(voxels))
    )
    text = (
        "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\n"
        "CompressedData = False\nTransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 1 2 3\n"
        "ElementSpacing = 2 1.5 3\nDimSize = 5 4 3\nElementType = MET_SHORT\n"
        "ElementDataFile = LOCAL\n"
    )
    seeds.append(Seed("mha", ".mha", text.encode() + voxels))
    return seeds


def _videos() -> list[Seed]:
    if video_cases.av is None:
        return []
    return [
        Seed(f"video {kind}", f".{kind}", video_cases.video(kind, count=8))
        for kind in ("mp4", "mkv", "avi")
    ]


def _archives() -> list[Seed]:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for k in range(3):
            stamp = zipfile.ZipInfo(f"scan/IM{k:03d}.dcm", (2020, 1, 1, 0, 0, 0))
            archive.writestr(stamp, raw.mr_slice(k).to_bytes(), zipfile.ZIP_DEFLATED)
        stamp = zipfile.ZipInfo("b.nii", (2020, 1, 1, 0, 0, 0))
        archive.writestr(stamp, raw_nifti.RawNifti(raw_nifti.ramp()).to_bytes())
    return [Seed("zip", ".zip", stream.getvalue())]
