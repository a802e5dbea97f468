"""Siemens mosaics: tiles are slices, placed by the private header or refused by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dicom_factory as factory
import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from acutance.core.ledger import Index, LoadedSeries

    Load = Callable[..., LoadedSeries]
    LoadAll = Callable[..., list[LoadedSeries]]
    FindIndex = Callable[..., Index]

OBLIQUE = (0.8, 0.6, 0.0, -0.48, 0.64, -0.6)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("orientation", [factory.AXIAL, factory.CORONAL, factory.SAGITTAL, OBLIQUE])
@pytest.mark.parametrize("count", [1, 4, 5, 9])
def test_tiles_lie_along_the_normal_of_the_private_header(
    tmp_path: Path, load: Load, orientation: tuple[float, ...], sign: int, count: int
) -> None:
    volume = factory.ramp((3, 4, count))
    ds = factory.make_mosaic(volume, sign=sign, orientation=orientation)
    factory.write(ds, tmp_path / "m.dcm")
    loaded = load(tmp_path)
    assert not loaded.warnings
    assert (loaded.ledger.found, loaded.ledger.used) == (1, 1)
    # The array runs along the normal of the image plane, whichever way the tiles do.
    np.testing.assert_array_equal(loaded.volume.array, volume[:, :, ::sign])
    normal = sign * np.cross(orientation[:3], orientation[3:])
    for tile in range(count):
        lps = np.array([-10.0, -20.0, 30.0]) + 2.0 * tile * normal
        k = tile if sign == 1 else count - 1 - tile
        world = loaded.volume.affine @ [0, 0, k, 1.0]
        np.testing.assert_allclose(world[:3], lps * [-1, -1, 1], atol=1e-9)


def test_mosaics_in_time_become_volumes_in_time(tmp_path: Path, load_all: LoadAll) -> None:
    volume = factory.ramp((3, 4, 15))
    for n in (2, 0, 1):
        ds = factory.make_mosaic(
            volume[:, :, 5 * n : 5 * n + 5], instance=n + 1, AcquisitionNumber=n + 1
        )
        factory.write(ds, tmp_path / f"{9 - n}.dcm")
    loaded = load_all(tmp_path)
    assert [len(one.item.files) for one in loaded] == [1, 1, 1]
    for n, one in enumerate(loaded):
        np.testing.assert_array_equal(one.volume.array, volume[:, :, 5 * n : 5 * n + 5])
        assert one.item.title == f"T1 test (volume {n + 1} of 3)"


def test_a_compressed_mosaic_is_cut_into_the_same_tiles(tmp_path: Path, load: Load) -> None:
    volume = factory.ramp((16, 12, 5))
    factory.write_rle(factory.make_mosaic(volume), tmp_path / "m.dcm")
    np.testing.assert_array_equal(load(tmp_path).volume.array, volume)


def test_the_number_of_slices_may_stand_in_the_element_of_later_software(
    tmp_path: Path, load: Load
) -> None:
    volume = factory.ramp((3, 4, 5))
    csa = factory.csa_header({"SliceNormalVector": ("FD", ["0", "0", "1"])})
    ds = factory.make_mosaic(volume, csa=csa)
    ds.private_block(0x19, "SIEMENS MR HEADER", create=True).add_new(0x0A, "US", 5)
    factory.write(ds, tmp_path / "m.dcm")
    np.testing.assert_array_equal(load(tmp_path).volume.array, volume)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"csa": None}, "does not say how many"),
        ({"csa": b"SV10\x04\x03\x02\x01\xff\xff\xff\xff"}, "does not say how many"),
        ({"csa": factory.csa_header({"NumberOfImagesInMosaic": ("US", ["5"])})}, "slice normal"),
        (
            {
                "csa": factory.csa_header(
                    {
                        "NumberOfImagesInMosaic": ("US", ["5"]),
                        "SliceNormalVector": ("FD", ["1", "0", "0"]),
                    }
                )
            },
            "slice normal",
        ),
        (
            {
                "csa": factory.csa_header(
                    {
                        "NumberOfImagesInMosaic": ("US", ["70"]),
                        "SliceNormalVector": ("FD", ["0", "0", "1"]),
                    }
                )
            },
            "square grid",
        ),
        ({"PixelSpacing": None}, "where its slices lie"),
    ],
)
def test_a_mosaic_that_cannot_be_placed_is_refused_by_name(
    tmp_path: Path, index: FindIndex, options: dict[str, Any], words: str
) -> None:
    factory.write(factory.make_mosaic(factory.ramp((3, 4, 5)), **options), tmp_path / "m.dcm")
    found = index(tmp_path)
    assert not found.items
    assert "Siemens mosaic" in found.set_aside[0].reason
    assert words in found.set_aside[0].reason


def test_a_cut_mosaic_is_refused(tmp_path: Path, index: FindIndex) -> None:
    path = factory.write(factory.make_mosaic(factory.ramp((3, 4, 5))), tmp_path / "m.dcm")
    path.write_bytes(path.read_bytes()[:-1])
    found = index(tmp_path)
    assert not found.items
    assert "cut inside its pixels" in found.set_aside[0].reason
