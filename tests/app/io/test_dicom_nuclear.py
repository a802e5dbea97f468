"""Reconstructed nuclear medicine images: frames with a slice vector are slices, others a clip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dicom_factory as factory
import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from acutance.core.ledger import Index, LoadedSeries

    Load = Callable[..., LoadedSeries]
    LoadAll = Callable[..., list[LoadedSeries]]
    FindIndex = Callable[..., Index]


def _nuclear(volume: NDArray[Any], slices: list[int], step: float, **elements: Any) -> Dataset:
    """Return `volume[i, j, n]` as frames, frame n being the slice `slices[n]`, from 1."""
    count = volume.shape[2]
    frames = [np.ascontiguousarray(volume[:, :, n].T) for n in range(count)]
    ds = factory.make_slice(frames[0], position=None, orientation=None, spacing=(1.5, 0.75))
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.20"
    ds.Modality = "NM"
    ds.ImageType = ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"]
    ds.NumberOfFrames = count
    ds.PixelData = b"".join(frame.tobytes() for frame in frames)
    ds["PixelData"].VR = "OW"
    ds.SpacingBetweenSlices = step
    ds.SliceVector = slices
    ds.DetectorInformationSequence = [
        factory.item(
            ImagePositionPatient=[-10.0, -20.0, 30.0], ImageOrientationPatient=list(factory.AXIAL)
        )
    ]
    for name, value in elements.items():
        if value is None:
            delattr(ds, name)
        else:
            setattr(ds, name, value)
    return ds


@pytest.mark.parametrize("step", [2.0, -2.0])
@pytest.mark.parametrize("order", [[1, 2, 3, 4], [3, 1, 4, 2]])
def test_the_sign_of_the_spacing_tells_the_way_of_the_stack(
    tmp_path: Path, load: Load, order: list[int], step: float
) -> None:
    volume = factory.ramp((3, 5, 4))
    factory.write(_nuclear(volume, order, step), tmp_path / "n.dcm")
    loaded = load(tmp_path)
    assert not loaded.warnings
    by_slice = volume[:, :, np.argsort(order)]
    np.testing.assert_array_equal(
        loaded.volume.array, by_slice if step > 0 else by_slice[:, :, ::-1]
    )
    np.testing.assert_allclose(loaded.volume.spacing, (0.75, 1.5, 2.0))
    lowest = 30.0 if step > 0 else 30.0 - 3 * 2.0
    np.testing.assert_allclose(loaded.volume.affine[:3, 3], (10.0, 20.0, lowest))


def test_gated_slices_become_a_volume_per_time_slot(tmp_path: Path, load_all: LoadAll) -> None:
    volume = factory.ramp((3, 5, 6))
    ds = _nuclear(volume, [1, 2, 3, 1, 2, 3], 2.0, TimeSlotVector=[1, 1, 1, 2, 2, 2])
    factory.write(ds, tmp_path / "n.dcm")
    first, second = load_all(tmp_path)
    np.testing.assert_array_equal(first.volume.array, volume[:, :, :3])
    np.testing.assert_array_equal(second.volume.array, volume[:, :, 3:])
    assert second.item.title.endswith("time slot 2)")


@pytest.mark.parametrize("lost", ["SliceVector", "DetectorInformationSequence"])
def test_slices_without_a_place_are_refused_and_frames_in_time_are_not(
    tmp_path: Path, index: FindIndex, lost: str
) -> None:
    volume, order = factory.ramp((3, 5, 4)), [1, 2, 3, 4]
    ds = _nuclear(volume, order, 2.0, **{lost: None})
    factory.write(ds, tmp_path / "slices" / "n.dcm")
    found = index(tmp_path / "slices")
    assert not found.items
    assert "where they lie" in found.set_aside[0].reason
    ds.ImageType = ["ORIGINAL", "PRIMARY", "DYNAMIC", "EMISSION"]
    factory.write(ds, tmp_path / "time" / "n.dcm")
    assert [item.kind for item in index(tmp_path / "time").items] == ["video"]
