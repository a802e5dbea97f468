"""Run-length encoding: the same as the plug-in of pydicom, and never worse than an exception."""

from __future__ import annotations

import contextlib
import struct
from typing import TYPE_CHECKING, Any

import dicom_factory as factory
import imagecodecs
import numpy as np
import pytest
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders import RLELosslessDecoder

from acutance.io.dicom_rle import decode_rle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from acutance.core.ledger import LoadedSeries

    Load = Callable[..., LoadedSeries]


def _picture(shape: tuple[int, ...], dtype: str) -> NDArray[Any]:
    high = np.iinfo(np.dtype(dtype)).max
    values = np.random.default_rng(8).integers(0, high, shape, dtype=np.uint64)
    values[: shape[0] // 2] //= high // 3
    return values.astype(dtype)


def _options(picture: NDArray[Any]) -> dict[str, Any]:
    rows, columns, *samples = picture.shape
    bits = picture.dtype.itemsize * 8
    return {
        "rows": rows,
        "columns": columns,
        "samples_per_pixel": 3 if samples else 1,
        "photometric_interpretation": "RGB" if samples else "MONOCHROME2",
        "bits_allocated": bits,
        "bits_stored": bits,
        "pixel_representation": 0,
        "number_of_frames": 1,
        **({"planar_configuration": 0} if samples else {}),
    }


def _encode(picture: NDArray[Any]) -> bytes:
    """Pack each byte of each sample, the highest first, as a segment of even length."""
    rows, columns, *samples = picture.shape
    width = picture.dtype.itemsize
    planes = picture.reshape(rows * columns, -1).view("u1").reshape(-1, *(samples or [1]), width)
    segments = []
    for sample in range(planes.shape[1]):
        for place in reversed(range(width)):
            packed = imagecodecs.packbits_encode(np.ascontiguousarray(planes[:, sample, place]))
            segments.append(packed + b"\0" * (len(packed) % 2))
    offsets = np.cumsum([64, *(len(s) for s in segments)])[: len(segments)].tolist()
    offsets += [0] * (15 - len(offsets))
    return struct.pack("<16L", len(segments), *offsets) + b"".join(segments)


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        ((20, 30), "<u1"),
        ((21, 31), "<u1"),
        ((20, 30), "<u2"),
        ((20, 30), "<u4"),
        ((20, 30, 3), "<u1"),
        ((21, 31, 3), "<u2"),
    ],
)
def test_runs_become_the_pixels_they_were_made_of(shape: tuple[int, ...], dtype: str) -> None:
    picture = _picture(shape, dtype)
    data, options = _encode(picture), _options(picture)
    ours = decode_rle(data, *shape[:2], options["samples_per_pixel"], options["bits_allocated"])
    np.testing.assert_array_equal(ours, picture)
    theirs, _ = RLELosslessDecoder.as_array(
        encapsulate([data]),
        index=0,
        raw=True,
        decoding_plugin="pydicom",
        pixel_keyword="PixelData",
        **options,
    )
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("keep", [0, 63, 64, 100, -40])
def test_cut_runs_are_an_error(keep: int) -> None:
    data = _encode(_picture((20, 30), "<u2"))
    with pytest.raises(ValueError, match=r"run-length|runs"):
        decode_rle(data[:keep], 20, 30, 1, 16)


def test_runs_of_another_kind_of_pixel_are_an_error() -> None:
    with pytest.raises(ValueError, match="2 segments"):
        decode_rle(_encode(_picture((20, 30), "<u2")), 20, 30, 1, 8)


def test_damaged_runs_raise_nothing_but_exceptions() -> None:
    source = _encode(_picture((20, 30), "<u2"))
    rng = np.random.default_rng(9)
    for _ in range(3000):
        data = bytearray(source)
        for _ in range(3):
            data[rng.integers(0, len(data))] = rng.integers(0, 256)
        with contextlib.suppress(ValueError):
            assert decode_rle(bytes(data), 20, 30, 1, 16).shape == (20, 30)


def test_unused_bits_of_packed_words_are_cleared(tmp_path: Path, load: Load) -> None:
    values = np.arange(-10, 10, dtype="<i2").reshape(4, 5)
    dirty = (values & 0x0FFF | 0x5000).astype("<i2")
    ds = factory.make_slice(dirty, BitsStored=12, HighBit=11)
    factory.write_rle(ds, tmp_path / "a.dcm")
    np.testing.assert_array_equal(load(tmp_path).volume.array[:, :, 0].T, values)
