"""`acutance info` and `score` on videos."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from commands import here as run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("children")


@pytest.fixture
def cine(tmp_path: Path) -> Path:
    pixels = np.arange(5 * 16 * 20, dtype="<u2").reshape(5, 16, 20)
    ds = pydicom.Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.12.1", "1.2.3.4"
    ds.Modality, ds.SeriesDescription = "XA", "run"
    ds.NumberOfFrames, ds.Rows, ds.Columns = pixels.shape
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit, ds.PixelRepresentation = 15, 0
    ds.FrameTime, ds.RescaleSlope, ds.RescaleIntercept = 50, 2, 1
    ds.PixelData = pixels.tobytes()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    folder = tmp_path / "in"
    folder.mkdir()
    ds.save_as(folder / "a.dcm", enforce_file_format=True)
    return folder / "a.dcm"


def test_info_streams_all_frames_for_the_statistics(cine: Path) -> None:
    done = run("info", "--stats", "--json", "-", cine)
    assert (done.returncode, done.stderr) == (0, "")
    record = json.loads(done.stdout)
    assert (record["kind"], record["shape"]) == ("video", [5, 16, 20, 1])
    assert (record["frame_rate"], record["frame_time_source"]) == (20.0, "frame time")
    assert record["warnings"] == []
    values = np.arange(5 * 16 * 20) * 2.0 + 1
    assert record["stats"] == {
        "min": 1.0, "max": values.max(), "mean": values.mean(), "sum": values.sum(),
    }  # fmt: skip
    assert record["ledger"] == {"found": 1, "used": 1, "set_aside": []}


def test_a_video_is_not_assessed_and_reported_with_its_frames(cine: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    done = run("score", "--json", "-", "-o", output, "--device", "cpu", cine)
    assert (done.returncode, done.stderr) == (0, "")
    record = json.loads(done.stdout)
    assert (record["verdict"], record["in_scope"]) == ("not_assessed", False)
    assert (record["ssim_pred"], record["slices"]) == (None, [])
    assert "video" in record["reason"]
    assert record["ledger"]["found"] == record["ledger"]["used"] == 1
    assert sorted(p.suffix for p in output.iterdir()) == [".html", ".json", ".png"]
