"""The fast walk says what pydicom says, or leaves the file to pydicom."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from dicom_factory import make_slice, ramp, write, write_compressed, write_rle
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
)

from acutance.io import dicom_elements, dicom_header
from acutance.io.dicom_header import read_header
from acutance.io.dicom_stream import NotASlice

if TYPE_CHECKING:
    from collections.abc import Callable

    from acutance.io.dicom_slice import SliceHeader

_DEFAULT = Path(__file__).resolve().parents[3].parent / "shared" / "data"
DATA = Path(os.environ.get("ACUTANCE_TEST_DATA", _DEFAULT)) / "dicom"


def _answer(path: Path) -> SliceHeader | str:
    try:
        return read_header(path)
    except NotASlice as reason:
        return str(reason)


@pytest.fixture
def agree(monkeypatch: pytest.MonkeyPatch) -> Callable[..., bool]:
    """Hold both ways against each other; return whether the fast one was taken."""

    def run(path: Path) -> bool:
        with path.open("rb", buffering=0) as file:
            is_fast = dicom_elements.walk(file) is not None
        monkeypatch.setattr(dicom_header, "_alike", {})
        first, again = _answer(path), _answer(path)  # the second may use what the first keeps
        with monkeypatch.context() as patch:
            patch.setattr(dicom_header, "walk", lambda file: None)
            slow = _answer(path)
        # By text, so that NaN is equal to itself.
        assert repr(first) == repr(slow)
        assert repr(again) == repr(slow)
        return is_fast

    return run


def _sequence(depth: int = 1) -> Sequence:
    inner = Dataset()
    inner.CodeValue = "T-A0100"
    inner.PatientName = "Not^Me"
    if depth > 1:
        inner.AnatomicRegionSequence = _sequence(depth - 1)
    return Sequence([inner, inner])


_VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "no position": {"position": None, "orientation": None},
    "rescale": {"RescaleSlope": "2.5", "RescaleIntercept": "-1024"},
    "windows": {"WindowCenter": [40, 300], "WindowWidth": [400, 1500]},
    "names": {
        "SpecificCharacterSet": "ISO_IR 192",
        "PatientName": "Müller^Änne",
        "SeriesDescription": "Müller Kopf",
    },
    "japanese": {
        "SpecificCharacterSet": ["", "ISO 2022 IR 87"],
        "SeriesDescription": "山田",
    },
    "diffusion": {"DiffusionBValue": 1000.0, "DiffusionGradientOrientation": [1.0, 0.0, 0.0]},
    "sequence": {"AnatomicRegionSequence": _sequence(3)},
    "lookup": {"ModalityLUTSequence": _sequence()},
    "colour": {"PhotometricInterpretation": "PALETTE COLOR"},
    "frames": {"NumberOfFrames": 3},
    "wrong bits": {"BitsStored": 17},
    "twelve bits": {"BitsStored": 12, "HighBit": 11},
    "long text": {"ImageComments": "x" * 40_000, "SeriesDescription": "y" * 60},
    "very long title": {"ProtocolName": "z" * 20_000},
    "no pixels": {"PixelData": None},
}


@pytest.mark.filterwarnings("ignore::UserWarning")  # of pydicom, that writes what is wrong here
@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize("variant", list(_VARIANTS))
def test_both_ways_agree(
    variant: str, syntax: str, undefined: bool, tmp_path: Path, agree: Callable[..., bool]
) -> None:
    ds = make_slice(ramp()[:, :, 1].T.copy(), **_VARIANTS[variant])
    for element in ds:
        element.is_undefined_length = undefined and element.VR == "SQ"
    path = write(ds, tmp_path / "a", syntax)
    assert agree(path) == (variant not in ("no pixels", "very long title"))


@pytest.mark.parametrize("syntax", [DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_rare_syntaxes_are_left_to_pydicom(
    syntax: str, tmp_path: Path, agree: Callable[..., bool]
) -> None:
    assert not agree(write(make_slice(ramp()[:, :, 0].T.copy()), tmp_path / "a", syntax))


def test_bare_data_sets_are_left_to_pydicom(tmp_path: Path, agree: Callable[..., bool]) -> None:
    assert not agree(write(make_slice(ramp()[:, :, 0].T.copy()), tmp_path / "a", preamble=False))


def test_compressed_files_are_walked(tmp_path: Path, agree: Callable[..., bool]) -> None:
    pixels = ramp((64, 64, 1), "<u2")[:, :, 0]
    assert agree(write_rle(make_slice(pixels), tmp_path / "rle"))
    for name, syntax in (("j2k", JPEG2000Lossless), ("jls", JPEGLSLossless)):
        assert agree(write_compressed(make_slice(pixels), tmp_path / name, syntax))


def test_headers_longer_than_one_read_are_walked(
    tmp_path: Path, agree: Callable[..., bool]
) -> None:
    ds = make_slice(ramp()[:, :, 0].T.copy(), AnatomicRegionSequence=_sequence(2))
    block = ds.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
    block.add_new(0x10, "OB", bytes(300_000))
    for number in range(0x20, 0x60):
        block.add_new(number, "LO", "v" * 63)
    assert agree(write(ds, tmp_path / "a"))
    assert agree(write(ds, tmp_path / "b", ImplicitVRLittleEndian))


def test_deep_sequences_are_left_to_pydicom(tmp_path: Path, agree: Callable[..., bool]) -> None:
    ds = make_slice(ramp()[:, :, 0].T.copy())
    deepest = ds
    for _ in range(40):
        inner = Dataset()
        deepest.AnatomicRegionSequence = Sequence([inner])
        deepest["AnatomicRegionSequence"].is_undefined_length = True
        inner.is_undefined_length_sequence_item = True
        deepest = inner
    assert not agree(write(ds, tmp_path / "a"))


def test_slices_alike_keep_what_is_their_own(tmp_path: Path) -> None:
    volume = ramp((6, 5, 2))
    paths = [
        write(
            make_slice(
                np.ascontiguousarray(volume[:, :, k].T),
                position=(0.0, 0.0, 2.0 * k),
                instance=k + 1,
                sop_uid=f"1.2.{k}",
                RescaleSlope=k + 1,
                RescaleIntercept=0,
                WindowCenter=100 + k,
                WindowWidth=50,
                AcquisitionNumber=k,
            ),
            tmp_path / f"{k}",
        )
        for k in range(2)
    ]
    first, second = map(read_header, paths)
    assert (first.position, second.position) == ((0.0, 0.0, 0.0), (0.0, 0.0, 2.0))
    assert (first.instance, second.instance) == (1, 2)
    assert (first.sop_uid, second.sop_uid) == ("1.2.0", "1.2.1")
    assert (first.rescale.slope, second.rescale.slope) == (1.0, 2.0)
    assert (first.windows[0][0], second.windows[0][0]) == (100.0, 101.0)
    assert dict(second.phases)["acquisition"] == "1"
    assert first.facts == second.facts
    assert second.path == str(paths[1])


@pytest.mark.parametrize("seed", range(6))
def test_mutated_headers_agree(seed: int, tmp_path: Path, agree: Callable[..., bool]) -> None:
    draws = np.random.default_rng(seed)
    ds = make_slice(ramp()[:, :, 0].T.copy(), AnatomicRegionSequence=_sequence(2))
    syntax = (ExplicitVRLittleEndian, ImplicitVRLittleEndian)[seed % 2]
    good = write(ds, tmp_path / "good", syntax).read_bytes()
    path = tmp_path / "bad"
    for _ in range(60):
        data = bytearray(good)
        for _ in range(int(draws.integers(1, 4))):
            data[int(draws.integers(128, len(data)))] = int(draws.integers(0, 256))
        cut = int(draws.integers(140, len(data))) if draws.random() < 0.2 else len(data)
        path.write_bytes(data[:cut])
        agree(path)


@pytest.mark.skipif(not DATA.is_dir(), reason="no test data; set ACUTANCE_TEST_DATA")
def test_published_files_agree(agree: Callable[..., bool]) -> None:
    fast = total = 0
    for path in sorted(p for p in DATA.rglob("*") if p.is_file()):
        fast += agree(path)
        total += 1
    assert fast > 0.5 * total
