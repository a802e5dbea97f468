"""Rows 39 to 50: one NIfTI file that is cut, lies or is odd."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.case import Case, Expect, Make, Series, loads, of_array, rejects, warns
from corpus.raw_nifti import SPACING, SROW, RawNifti, gzip_bomb, gzipped, ramp

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

CASES: list[Case] = []
PLAIN = of_array(ramp(), spacing=SPACING, used=1)
#: The values, wherever they lie.
VALUES = of_array(ramp())
_CLAIM = {"memory_mb": 256.0, "seconds": 5.0}
_NAN, _INF = float("nan"), float("inf")


def _add(row: int, name: str, make: Make, expect: Expect, **bounds: Any) -> None:
    CASES.append(Case(row, name, make, expect, **bounds))


def _file(data: Callable[[], RawNifti | bytes] | bytes, name: str = "a.nii") -> Make:
    def make(folder: Path) -> Path:
        made = data() if callable(data) else data
        path = folder / name
        path.write_bytes(made.to_bytes() if isinstance(made, RawNifti) else made)
        return path

    return make


def _fields(version: int = 1, **fields: Any) -> Make:
    return _file(lambda: RawNifti(ramp(), version).with_fields(**fields))


def _voxels(array: NDArray[Any]) -> Make:
    return _file(lambda: RawNifti(array))


_WHOLE = RawNifti(ramp()).to_bytes()
_GZIP = gzipped(_WHOLE)
_CUT = "cut|ends|empty|no kind|bytes|holds no scan|can hold"

# Rows 39 to 41: cuts and archives
_add(39, "whole", _file(_WHOLE), loads(PLAIN))
_add(39, "whole-gzip", _file(_GZIP, "a.nii.gz"), loads(PLAIN))
_add(39, "whole-big-endian", _file(lambda: RawNifti(ramp(), order=">")), loads(PLAIN))
_add(39, "whole-nifti-2", _file(lambda: RawNifti(ramp(), 2)), loads(PLAIN))
for _at in (0, 4, 100, 347, 348, 352, 400, len(_WHOLE) - 1):
    _add(39, f"cut-at-{_at}", _file(_WHOLE[:_at]), rejects(_CUT))
    if _at:
        _add(39, f"cut-at-{_at}-then-gzip", _file(gzipped(_WHOLE[:_at]), "a.nii.gz"), rejects(_CUT))

_REPEAT = "damaged|cut|ends|checksum"
_add(40, "cut-half", _file(_GZIP[: len(_GZIP) // 2], "a.nii.gz"), rejects(_REPEAT))
_add(40, "cut-at-12", _file(_GZIP[:12], "a.nii.gz"), rejects("cut|gzip"))
_add(40, "no-trailer", _file(_GZIP[:-8], "a.nii.gz"), rejects(_REPEAT))
_add(40, "half-trailer", _file(_GZIP[:-4], "a.nii.gz"), rejects(_REPEAT))
_add(
    40,
    "bad-crc",
    _file(_GZIP[:-8] + b"\x00\x01\x02\x03" + _GZIP[-4:], "a.nii.gz"),
    rejects(_REPEAT),
)
_add(40, "bad-length", _file(_GZIP[:-4] + b"\x00\x01\x02\x03", "a.nii.gz"), rejects(_REPEAT))


def _stored(flip: int) -> bytes:
    """Return a gzip of stored blocks in which a bit of the voxels is wrong and nothing else."""
    import zlib

    squeeze = zlib.compressobj(0, zlib.DEFLATED, 31)
    data = bytearray(squeeze.compress(_WHOLE) + squeeze.flush())
    data[-8 - flip] ^= 0x10
    return bytes(data)


_add(40, "flipped-bit", _file(lambda: _stored(9), "a.nii.gz"), rejects(_REPEAT))
_add(
    40,
    "rubbish-tail",
    _file(_GZIP + b"rubbish" * 9, "a.nii.gz"),
    warns("trailing_data", series=[PLAIN]),
)
_add(40, "zero-tail", _file(_GZIP + bytes(512), "a.nii.gz"), loads(PLAIN))
_add(
    40,
    "two-members",
    _file(gzipped(_WHOLE[:360]) + gzipped(_WHOLE[360:]), "a.nii.gz"),
    loads(PLAIN),
)
_add(
    40,
    "second-member-bad-crc",
    _file(gzipped(_WHOLE[:360]) + gzipped(_WHOLE[360:])[:-8] + bytes(8), "a.nii.gz"),
    rejects(_REPEAT),
)
_add(40, "gzip-named-nii", _file(_GZIP, "a.nii"), loads(PLAIN))
_add(40, "nii-named-gzip", _file(_WHOLE, "a.nii.gz"), loads(PLAIN))
_add(40, "gzip-in-gzip", _file(gzipped(_GZIP), "a.nii.gz"), rejects("gzip"))


def _claiming(shape: tuple[int, ...], version: int = 1) -> bytes:
    dim = (len(shape), *shape, *[1] * (7 - len(shape)))
    return RawNifti(ramp(), version).with_fields(dim=dim).to_bytes()[: {1: 352, 2: 544}[version]]


_add(
    41,
    "5-gb-as-claimed",
    _file(lambda: gzip_bomb(_claiming((1400, 1400, 1400)), 5 << 30), "a.nii.gz"),
    rejects("limit|claims"),
    memory_mb=256,
)
_add(
    41,
    "5-gb-in-the-tail",
    _file(lambda: gzip_bomb(_WHOLE, 5 << 30), "a.nii.gz"),
    warns("trailing_data", series=[PLAIN]),
    memory_mb=512,
)
_add(
    41,
    "5-gb-before-the-voxels",
    _file(
        lambda: gzip_bomb(
            RawNifti(ramp()).with_fields(vox_offset=float(4 << 30)).to_bytes(), 5 << 30
        ),
        "a.nii.gz",
    ),
    rejects("begin|claims|ends"),
    memory_mb=256,
)

# Row 42: sizes
_SIZE = "claims|limit|size|dimension"
_add(42, "30000-cubed", _file(lambda: _claiming((30000,) * 3)), rejects(_SIZE), **_CLAIM)
_add(42, "32767-to-4", _file(lambda: _claiming((32767,) * 4)), rejects(_SIZE), **_CLAIM)
_add(
    42,
    "30000-cubed-gzip",
    _file(lambda: gzipped(_claiming((30000,) * 3)), "a.nii.gz"),
    rejects(_SIZE),
    **_CLAIM,
)
_add(42, "nifti2-2**40", _file(lambda: _claiming((1 << 40,) * 3, 2)), rejects(_SIZE), **_CLAIM)
_add(
    42,
    "nifti2-overflow-to-0",
    _file(lambda: _claiming((1 << 32, 1 << 32, 1), 2)),
    rejects(_SIZE),
    **_CLAIM,
)
_add(
    42,
    "nifti2-overflow-to-60",
    _file(lambda: _claiming((60, 1, (1 << 61) + 1), 2)),
    rejects(_SIZE),
    **_CLAIM,
)
_add(
    42,
    "nifti2-2**63-1",
    _file(lambda: _claiming(((1 << 63) - 1, 1, 1), 2)),
    rejects(_SIZE),
    **_CLAIM,
)
for _dim in ((3, 0, 4, 3), (3, 5, -4, 3), (3, 5, 4, 0), (0, 5, 4, 3), (9, 5, 4, 3), (-3, 5, 4, 3)):
    _add(
        42,
        "dim-" + "_".join(map(str, _dim)),
        _fields(dim=(*_dim, 1, 1, 1, 1)),
        rejects(_SIZE),
        **_CLAIM,
    )

# Rows 43 and 44: kinds of values
_add(43, "type-9999", _fields(datatype=9999), rejects("type"))
_add(43, "type-0", _fields(datatype=0), rejects("type"))
_add(43, "type-1-bit", _fields(datatype=1, bitpix=1), rejects("1-bit|type"))
_add(43, "type-128-bit", _fields(datatype=1536), rejects("128|type"))
for _bits in (8, 0, -16, 999):
    _add(43, f"bitpix-{_bits}", _fields(bitpix=_bits), warns("bitpix_conflict", series=[PLAIN]))
for _kind in ("u1", "i1", "u2", "i4", "u4", "i8", "u8", "f4", "f8"):
    _array = np.abs(ramp()).astype("<" + _kind)
    _add(43, f"type-{_kind}", _voxels(_array), loads(of_array(_array, spacing=SPACING)))


def _colour(channels: int) -> RawNifti:
    code = {3: 128, 4: 2304}[channels]
    file = RawNifti(ramp(kind="<u1"))
    file.body = bytes(n % 251 for n in range(60 * channels))
    return file.with_fields(datatype=code, bitpix=8 * channels)


_RGB = np.array([n % 251 for n in range(180)], np.float64)
_add(44, "rgb", _file(lambda: _colour(3)), loads(Series(shape=(5, 4, 3), total=float(_RGB.sum()))))
_add(44, "rgba", _file(lambda: _colour(4)), loads(Series(shape=(5, 4, 3))))


def _complex(kind: str) -> NDArray[Any]:
    real = ramp().astype(np.float64)
    return (real + 1j * (real[::-1] + 1)).astype(kind)


for _kind in ("c8", "c16"):
    _magnitude = np.abs(_complex("<" + _kind)).astype(np.float32)
    _add(
        44,
        f"complex-{_kind}",
        _voxels(_complex("<" + _kind)),
        loads(of_array(_magnitude, spacing=SPACING)),
    )

# Row 45: values that make no sense


def _floats(kind: str = "<f4", **at: float) -> NDArray[Any]:
    array = ramp(kind=kind)
    for place, value in at.items():
        array.flat[int(place[1:])] = value
    return array


_add(
    45,
    "some-nan-inf",
    _voxels(_floats(p3=_NAN, p4=_INF, p5=-_INF)),
    warns("non_finite_values", series=[of_array(_floats(p3=_NAN, p4=_NAN, p5=_NAN))]),
)
_add(45, "all-nan", _voxels(np.full((5, 4, 3), _NAN, "<f4")), warns("non_finite_values"))
_add(45, "all-inf", _voxels(np.full((5, 4, 3), _INF, "<f8")), warns("non_finite_values"))
_add(45, "constant", _voxels(np.full((5, 4, 3), 7, "<i2")), warns("constant_image"))
_add(45, "zeros", _voxels(np.zeros((5, 4, 3), "<f4")), warns("constant_image"))
_add(45, "1e300", _voxels(_floats("<f8", p3=1e300)), warns("huge_values"))
_add(
    45,
    "constant-1e300",
    _voxels(np.full((5, 4, 3), 1e300, "<f8")),
    warns("constant_image", also=["huge_values"]),
)
_add(45, "denormal", _voxels(ramp(kind="<f4") * np.float32(1e-42)), warns("tiny_values"))
_add(45, "denormal-double", _voxels(ramp(kind="<f8") * 1e-310), warns("tiny_values"))
_add(
    45,
    "nan-and-constant",
    _voxels(np.where(ramp() > 20, 5.0, _NAN).astype("<f4")),
    warns("non_finite_values", "constant_image"),
)

# Row 46: shapes
_add(46, "1-d", _voxels(ramp((40,))), rejects("not an image"))
for _shape in ((1, 1, 1), (5, 4, 1), (1, 1, 40), (6, 5), (40, 1, 1), (1, 6, 5)):
    _array = ramp(_shape)
    _whole_shape = (*_shape, *[1] * (3 - len(_shape)))
    _add(
        46,
        "x".join(map(str, _shape)),
        _voxels(_array),
        warns("constant_image", series=[of_array(_array.reshape(_whole_shape))])
        if _array.size == 1
        else loads(of_array(_array.reshape(_whole_shape))),
    )
_add(46, "4-d", _voxels(ramp((5, 4, 3, 2))), loads(of_array(ramp((5, 4, 3, 2))[..., 0])))
_add(
    46,
    "5-d-vector",
    _file(lambda: RawNifti(ramp((5, 4, 3, 1, 3))).with_fields(intent_code=1007)),
    loads(of_array(ramp((5, 4, 3, 1, 3))[..., 0, 0])),
)
_add(
    46,
    "7-d",
    _voxels(ramp((3, 4, 2, 2, 1, 2, 2))),
    loads(of_array(ramp((3, 4, 2, 2, 1, 2, 2))[..., 0, 0, 0, 0])),
)
_add(46, "4-d-of-one", _voxels(ramp((5, 4, 3, 1))), loads(PLAIN))

# Row 47: placement
_UNKNOWN = Series(shape=(5, 4, 3), total=PLAIN.total)
_add(47, "good", _fields(), loads(PLAIN))
_add(
    47,
    "sform-differs",
    _fields(srow=(2.0, 0, 0, 10, 0, 1.5, 0, -20, 0, 0, 3.0, 5)),
    warns("sform_qform_conflict", series=[PLAIN]),
)
_add(
    47,
    "sform-shifted",
    _fields(srow=(-2.0, 0, 0, 13, 0, 1.5, 0, -20, 0, 0, 3.0, 5)),
    warns("sform_qform_conflict", series=[PLAIN]),
)
_add(
    47,
    "sform-other-size",
    _fields(srow=(-4.0, 0, 0, 10, 0, 1.5, 0, -20, 0, 0, 3.0, 5)),
    warns("sform_qform_conflict"),
)
_add(
    47, "both-codes-0", _fields(sform_code=0, qform_code=0), warns("no_orientation", series=[PLAIN])
)
_add(47, "sform-zero", _fields(srow=(0.0,) * 12), warns("bad_sform", series=[PLAIN]))
_add(
    47,
    "sform-zero-alone",
    _fields(srow=(0.0,) * 12, qform_code=0),
    warns("bad_sform", "no_orientation", series=[PLAIN]),
)
_add(47, "sform-nan", _fields(srow=(_NAN, *SROW[1:])), warns("bad_sform", series=[PLAIN]))
_add(
    47,
    "sform-shear",
    _fields(srow=(-2.0, 0.4, 0, 10, 0, 1.5, 0, -20, 0, 0, 3.0, 5)),
    warns("sheared_affine", also=["sform_qform_conflict"]),
)
for _size, _name in ((0.0, "0"), (-2.0, "minus"), (_NAN, "nan"), (_INF, "inf"), (1e-39, "tiny")):
    _pixdim = (-1.0, _size, 1.5, 3.0, 1, 1, 1, 1)
    # The sform tells the sizes on its own; they are not lost with pixdim.
    _add(
        47,
        f"pixdim-{_name}",
        _fields(pixdim=_pixdim),
        warns("bad_pixel_spacing", also=["sform_qform_conflict"], series=[VALUES]),
    )
    _add(
        47,
        f"pixdim-{_name}-qform-only",
        _fields(pixdim=_pixdim, sform_code=0),
        warns("bad_pixel_spacing", series=[of_array(ramp(), spacing="unknown")]),
    )
for _qfac in (0.0, 7.0):
    _pixdim = (_qfac, *SPACING, 1, 1, 1, 1)
    _add(
        47,
        f"qfac-{_qfac:g}-qform-only",
        _fields(pixdim=_pixdim, sform_code=0),
        warns("bad_qfac", series=[VALUES]),
    )
_add(
    47,
    "quaternion-too-long",
    _fields(quatern=(1.0, 1.0, 1.0), sform_code=0),
    warns("bad_qform", "no_orientation", series=[VALUES]),
)
_add(
    47,
    "quaternion-nan",
    _fields(quatern=(_NAN, 0.0, 0.0), sform_code=0),
    warns("bad_qform", "no_orientation", series=[VALUES]),
)
_add(
    47,
    "codes-negative",
    _fields(sform_code=-1, qform_code=-1),
    warns("no_orientation", series=[VALUES]),
)

# Row 48: scaling


def _scaled(slope: float, inter: float = 0.0) -> Make:
    return _fields(scl_slope=slope, scl_inter=inter)


_add(48, "2-and-5", _scaled(2.0, 5.0), loads(of_array(ramp() * 2.0 + 5, spacing=SPACING)))
_add(48, "slope-0", _scaled(0.0, 5.0), loads(PLAIN))
_add(48, "slope-nan", _scaled(_NAN, 5.0), loads(PLAIN))
_add(48, "slope-inf", _scaled(_INF), warns("bad_rescale", series=[PLAIN]))
_add(48, "slope-minus-1", _scaled(-1.0), loads(of_array(-1.0 * ramp(), spacing=SPACING)))
_add(48, "inter-nan", _scaled(1.0, _NAN), warns("bad_rescale", series=[PLAIN]))
_add(48, "inter-inf", _scaled(2.0, _INF), warns("bad_rescale", series=[PLAIN]))
_add(48, "slope-1e-30", _scaled(1e-30), warns("bad_rescale", series=[PLAIN]))

# Row 49: where the voxels begin, and what lies before them
_add(49, "offset-0", _fields(vox_offset=0.0), warns("bad_vox_offset", series=[PLAIN]))
for _offset in (1e6, 3e9, 353.5, _NAN, 1e30, -16.0, -1e30, 10.0, 348.0, _INF):
    _add(
        49,
        f"offset-{_offset:g}",
        _fields(vox_offset=_offset),
        rejects("begin|claims|can hold"),
        **_CLAIM,
    )
_add(49, "offset-odd", _file(lambda: _odd_offset()), loads(PLAIN))
_add(49, "nifti2-offset-2**62", _fields(2, vox_offset=1 << 62), rejects("begin|claims"), **_CLAIM)
_add(49, "nifti2-offset-negative", _fields(2, vox_offset=-544), rejects("begin|claims"), **_CLAIM)


def _odd_offset() -> RawNifti:
    file = RawNifti(ramp())
    file.extension = bytes(4) + b"\x07" * 5
    return file


def _extended(size: int, body: bytes = b"comment." * 3) -> RawNifti:
    file = RawNifti(ramp())
    file.extension = b"\x01\x00\x00\x00" + struct.pack("<ii", size, 6) + body
    return file


_add(49, "extension-good", _file(lambda: _extended(32)), loads(PLAIN))
for _size in (0, -16, 2_000_000_000, 17, 8):
    _add(
        49,
        f"extension-{_size}",
        _file(lambda size=_size: _extended(size)),
        warns("bad_extension", series=[PLAIN]),
    )  # type: ignore[misc]

# Row 50: what only looks like NIfTI
_add(50, "magic-wrong", _fields(magic=b"xyz\x00"), rejects("mark|NIfTI"))
_add(
    50,
    "hdr-without-img",
    _file(lambda: RawNifti(ramp()).with_fields(magic=b"ni1\x00").to_bytes()[:352], "a.hdr"),
    rejects(r"\.img|pair"),
)
_add(
    50,
    "lfs-pointer",
    _file(b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"),
    rejects("LFS"),
)
_add(
    50,
    "web-page",
    _file(b"<!DOCTYPE html><html><title>404</title></html>", "a.nii.gz"),
    rejects("web page"),
)
_add(50, "empty-gzip", _file(gzipped(b""), "a.nii.gz"), rejects("gzip|cut"))


def _pair(folder: Path) -> list[Path]:
    file = RawNifti(ramp()).with_fields(magic=b"ni1\x00", vox_offset=0.0)
    (folder / "a.hdr").write_bytes(file.header())
    (folder / "a.img").write_bytes(ramp().tobytes(order="F"))
    return [folder / "a.hdr"]


_add(50, "pair", _pair, loads(VALUES))


def _analyze(folder: Path) -> list[Path]:
    file = RawNifti(ramp()).with_fields(
        magic=bytes(4), vox_offset=0.0, sform_code=0, qform_code=0, srow=(0.0,) * 12,
        quatern=(0.0,) * 3, qoffset=(0.0,) * 3, pixdim=(0.0, *SPACING, 0, 0, 0, 0), xyzt_units=0,
        scl_slope=0.0,
    )  # fmt: skip
    (folder / "a.hdr").write_bytes(file.header())
    (folder / "a.img").write_bytes(ramp().tobytes(order="F"))
    return [folder / "a.hdr"]


_add(50, "analyze", _analyze, warns("no_orientation", series=[of_array(ramp(), spacing=SPACING)]))
