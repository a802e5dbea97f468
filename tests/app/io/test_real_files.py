"""Published scans, where they are at hand: read, accounted for, agreeing with a second reader."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import nibabel as nib
import numpy as np
import pydicom
import pytest

from acutance.core.ledger import LoadedSeries
from acutance.errors import ReadError
from acutance.io.readers import read_item

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from acutance.core.ledger import Index

_DEFAULT = Path(__file__).resolve().parents[3].parent / "shared" / "data"
DATA = Path(os.environ.get("ACUTANCE_TEST_DATA", _DEFAULT))
pytestmark = pytest.mark.skipif(
    not (DATA / "dicom").is_dir(), reason="no test data; set ACUTANCE_TEST_DATA"
)


@pytest.mark.parametrize(
    "folder",
    sorted(p.name for p in (DATA / "dicom").iterdir()) if (DATA / "dicom").is_dir() else [],
)
def test_every_dicom_folder_ends_with_a_volume_or_a_reason(
    folder: str, index: Callable[..., Index], silent: Any
) -> None:
    path = DATA / "dicom" / folder
    on_disk = sum(len(names) for _, _, names in os.walk(path))
    found = index(path)
    accounted = {s.file for s in found.set_aside}
    for item in found.items:
        accounted.update(item.files, (s.file for s in item.set_aside))
        try:
            loaded = read_item(item, lambda s, d: np.empty(s, d), silent, silent)
        except ReadError:
            continue
        assert loaded.ledger.found == len(item.files) + len(item.set_aside)
        if isinstance(loaded, LoadedSeries):
            assert np.isfinite(loaded.volume.affine).all()
    assert len(accounted) == on_disk


@pytest.mark.parametrize(
    "folder",
    ["mr-siemens-prisma-mprage", "ct-torchio-small", "mr-siemens-j2k-lossless-fragmented"],
)
def test_values_agree_with_pydicom(folder: str, load: Callable[..., LoadedSeries]) -> None:
    volume = load(DATA / "dicom" / folder).volume
    for path in (DATA / "dicom" / folder).iterdir():
        ds = pydicom.dcmread(path)
        lps = np.array([float(v) for v in ds.ImagePositionPatient])
        index = np.linalg.inv(volume.affine) @ [-lps[0], -lps[1], lps[2], 1.0]
        np.testing.assert_allclose(index[:2], 0, atol=1e-3)
        k = round(float(index[2]))
        np.testing.assert_array_equal(volume.array[:, :, k], ds.pixel_array.T)


@pytest.mark.parametrize("name", ["stroke_T1.nii.gz", "m2208_T2w.nii.gz"])
def test_nifti_agrees_with_nibabel(name: str, load: Callable[..., LoadedSeries]) -> None:
    path = DATA / "mr-brain" / name
    if not path.is_file():
        pytest.skip(f"no {name}")
    image = nib.load(path)
    volume = load(path).volume
    np.testing.assert_array_equal(volume.array, np.asarray(image.dataobj.get_unscaled()))
    np.testing.assert_allclose(volume.affine, image.affine, atol=1e-6)
