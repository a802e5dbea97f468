"""Each published DICOM file gives what it gave; see `real_outcome.py` for how it was pinned.

The numbers were held against SimpleITK and dcm2niix when they were pinned; where those differ, the
reason stands in `EXPLAINED`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import real_outcome
from test_real_files import DATA

PINNED: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "real_outcomes.json").read_text("utf-8")
)
#: Where a second reader gives something else, and why ours stands.
EXPLAINED = {
    "ct-ge-head": "uneven steps and a tilt of 18 degrees: dcm2niix resamples, SimpleITK drops it",
    "malformed/fo_GH195.dcm": "YCbCr in a JPEG labelled RGB: SimpleITK does not convert it",
    "mr-ge-epi": "50 of 60 slices: dcm2niix makes one stack of them, here 15, 15, 15 and 5",
    "mr-philips-dti": "60 of 120 slices: dcm2niix makes one stack of them, here 17 volumes",
    "mr-philips-enhanced/fmap_multiframe.dcm": (
        "magnitude and field map: SimpleITK makes one stack; dcm2niix applies the private scale"
    ),
    "mr-philips-pcasl": "dcm2niix applies the private scale of Philips, 1.0005 of the public one",
    "mr-siemens-xa30-enhanced/anat_T1w_multiframe.dcm": (
        "SimpleITK keeps the order of frames, against the normal; dcm2niix agrees"
    ),
}
pytestmark = pytest.mark.skipif(
    not (DATA / "dicom").is_dir(), reason="no test data; set ACUTANCE_TEST_DATA"
)


@pytest.mark.parametrize("name", PINNED)
def test_outcome_is_the_pinned_one(name: str) -> None:
    path = DATA / "dicom" / name
    if not path.exists():
        pytest.skip(f"no {name}")
    now, pinned = real_outcome.outcome(path), PINNED[name]
    assert now["refused"] == pinned["refused"]
    assert len(now["items"]) == len(pinned["items"])
    for one, other in zip(now["items"], pinned["items"], strict=True):
        total, expected = one.pop("sum", 0.0), dict(other)
        # Decoders of lossy compression may round differently.
        share = 1e-3 if one.get("lossy") else 1e-9
        assert total == pytest.approx(expected.pop("sum", 0.0), rel=share, abs=0.01)
        assert one == expected


def test_every_file_and_folder_is_pinned() -> None:
    assert set(real_outcome.sources(DATA / "dicom")) <= set(PINNED)
    assert set(EXPLAINED) <= set(PINNED)
