"""Enhanced multi-frame DICOM: frames are slices, named volumes, one account."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, Any

import dicom_factory as factory
import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate, encapsulate_extended
from pydicom.uid import DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless

from acutance.io.dicom_frames import MAX_FRAMES, read_frames
from acutance.io.dicom_stream import NotASlice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from acutance.core.ledger import Index, LoadedSeries

    Load = Callable[..., LoadedSeries]
    LoadAll = Callable[..., list[LoadedSeries]]
    FindIndex = Callable[..., Index]

ORIGIN = np.array([-10.0, -20.0, 30.0])
STEP = 2.0


def _names(loaded: LoadedSeries) -> set[str]:
    return {w.name for w in loaded.warnings}


def _enhanced(
    volume: NDArray[Any],
    order: Sequence[int] | None = None,
    *,
    orientation: tuple[float, ...] = factory.AXIAL,
    positions: Sequence[float] | None = None,
    macros: Callable[[int], dict[str, Any]] = lambda k: {},
    **elements: Any,
) -> Dataset:
    """Return `volume[i, j, k]` as frames in some order; slice k lies k steps along the normal."""
    normal = np.cross(orientation[:3], orientation[3:])
    count = volume.shape[2]
    along = [STEP * k for k in range(count)] if positions is None else positions
    frames, groups = [], []
    for k in range(count) if order is None else order:
        frames.append(np.ascontiguousarray(volume[:, :, k].T))
        groups.append(factory.frame_group(ORIGIN + along[k] * normal, **macros(k)))
    return factory.make_enhanced(frames, groups, orientation=orientation, **elements)


def _orientations() -> list[tuple[float, ...]]:
    """Return the 48 pairs of row and column directions: 24 with either hand of the normal."""
    axes = [np.eye(3)[n] * sign for n in range(3) for sign in (1, -1)]
    pairs = [(r, c) for r, c in itertools.product(axes, axes) if not np.any(r * c)]
    return [tuple(np.concatenate(pair).tolist()) for pair in pairs]


@pytest.mark.parametrize("is_reversed", [False, True])
@pytest.mark.parametrize("orientation", _orientations())
def test_each_orientation_lies_where_the_standard_puts_it(
    tmp_path: Path, load: Load, orientation: tuple[float, ...], is_reversed: bool
) -> None:
    volume = factory.ramp((3, 4, 5))
    order = list(range(5))[:: -1 if is_reversed else 1]
    factory.write(_enhanced(volume, order, orientation=orientation), tmp_path / "e.dcm")
    loaded = load(tmp_path)
    assert not loaded.warnings
    np.testing.assert_array_equal(loaded.volume.array, volume)
    row, column = np.array(orientation[:3]), np.array(orientation[3:])
    for i, j, k in itertools.product((0, 2), (0, 3), (0, 4)):
        lps = ORIGIN + row * 0.75 * i + column * 1.5 * j + np.cross(row, column) * STEP * k
        world = loaded.volume.affine @ [i, j, k, 1.0]
        np.testing.assert_allclose(world[:3], lps * [-1, -1, 1], atol=1e-9)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("frames", [[4, 0, 3, 1, 2], [2, 1, 0, 4, 3]])
def test_shuffled_frames_are_sorted_by_position(
    tmp_path: Path, load: Load, frames: list[int], order: str
) -> None:
    volume = factory.ramp((3, 4, 5))
    factory.write(_enhanced(volume, frames), tmp_path / "e.dcm")
    np.testing.assert_array_equal(load(tmp_path, order=order).volume.array, volume)


def _rescale(slope: float, intercept: float) -> dict[str, Any]:
    return {
        "PixelValueTransformationSequence": {
            "RescaleSlope": slope,
            "RescaleIntercept": intercept,
            "RescaleType": "US",
        }
    }


def test_rescale_of_each_frame_is_applied(tmp_path: Path, load: Load) -> None:
    volume = factory.ramp((3, 4, 5))
    ds = _enhanced(volume, [3, 1, 0, 4, 2], macros=lambda k: _rescale(k + 1.0, -k))
    factory.write(ds, tmp_path / "e.dcm")
    loaded = load(tmp_path)
    expected = volume * np.arange(1.0, 6.0) - np.arange(5.0)
    assert loaded.volume.array.dtype == np.float32
    np.testing.assert_allclose(loaded.volume.array, expected)
    assert any("rescaled by its own" in note for note in loaded.notes)


def test_one_rescale_of_all_frames_is_kept_beside_the_stored_values(
    tmp_path: Path, load: Load
) -> None:
    volume = factory.ramp((3, 4, 5))
    factory.write(_enhanced(volume, macros=lambda k: _rescale(0.5, 3)), tmp_path / "e.dcm")
    loaded = load(tmp_path).volume
    assert (loaded.slope, loaded.intercept, loaded.array.dtype) == (0.5, 3.0, np.int16)
    np.testing.assert_array_equal(loaded.array, volume)


def test_the_window_is_that_of_the_middle_frame(tmp_path: Path, load: Load) -> None:
    ds = _enhanced(
        factory.ramp((3, 4, 5)),
        [4, 3, 2, 1, 0],
        macros=lambda k: {"FrameVOILUTSequence": {"WindowCenter": 10.0 + k, "WindowWidth": 5.0}},
    )
    factory.write(ds, tmp_path / "e.dcm")
    assert [w.centre for w in load(tmp_path).volume.windows] == [12.0]


def test_unit_of_a_mapping_counts_only_where_it_is_the_rescale(tmp_path: Path, load: Load) -> None:
    for slope, unit in ((0.5, "Hz"), (0.25, "")):
        mapping = factory.item(
            RealWorldValueSlope=slope,
            RealWorldValueIntercept=3.0,
            MeasurementUnitsCodeSequence=[factory.item(CodeValue="Hz")],
        )
        shared = factory.item(RealWorldValueMappingSequence=[mapping])
        ds = _enhanced(factory.ramp((3, 4, 5)), macros=lambda k: _rescale(0.5, 3), shared=shared)
        factory.write(ds, tmp_path / f"{slope}" / "e.dcm")
        assert load(tmp_path / f"{slope}").volume.unit == unit


@pytest.mark.parametrize(
    ("macros", "label"),
    [
        (lambda n: {"MREchoSequence": {"EffectiveEchoTime": 10.0 + 20.0 * n}}, "echo time 30"),
        (lambda n: {"MRDiffusionSequence": {"DiffusionBValue": 1000.0 * n}}, "b 1000"),
        (lambda n: {"FrameContentSequence": {"TemporalPositionIndex": n + 1}}, "time point 2"),
        (
            lambda n: {
                "MRImageFrameTypeSequence": {
                    "FrameType": ["ORIGINAL", "PRIMARY", "T1", "MP"[n]],
                    "ComplexImageComponent": ("MAGNITUDE", "PHASE")[n],
                }
            },
            "phase",
        ),
        (
            lambda n: {
                "MRImageFrameTypeSequence": {
                    "FrameType": ["ORIGINAL", "PRIMARY", "T1", "NONE"],
                    "ComplexImageComponent": ("REAL", "IMAGINARY")[n],
                }
            },
            "imaginary",
        ),
        (lambda n: {"FrameContentSequence": {"FrameAcquisitionNumber": n + 1}}, ""),
        (lambda n: {}, ""),
    ],
)
def test_frames_at_the_same_place_become_named_volumes(
    tmp_path: Path, load_all: LoadAll, macros: Callable[[int], dict[str, Any]], label: str
) -> None:
    volume = factory.ramp((3, 4, 10))
    ds = _enhanced(
        volume,
        [k + 5 * n for k in (2, 0, 1, 4, 3) for n in (0, 1)],
        positions=[STEP * (k % 5) for k in range(10)],
        macros=lambda k: macros(k // 5),
    )
    factory.write(ds, tmp_path / "e.dcm")
    first, second = load_all(tmp_path)
    np.testing.assert_array_equal(first.volume.array, volume[:, :, :5])
    np.testing.assert_array_equal(second.volume.array, volume[:, :, 5:])
    assert second.item.title == f"T1 test (volume 2 of 2{', ' if label else ''}{label})"
    assert first.item.files == second.item.files
    assert first.item.part != second.item.part
    assert first.item.key != second.item.key
    assert not _names(first) | _names(second)
    assert (first.ledger.found, first.ledger.used, first.ledger.set_aside) == (1, 1, ())


def test_stacks_are_volumes_of_their_own(tmp_path: Path, load_all: LoadAll) -> None:
    ds = _enhanced(
        factory.ramp((3, 4, 6)),
        positions=[0, 2, 4, 50, 52, 54],
        macros=lambda k: {"FrameContentSequence": {"StackID": str(1 + k // 3)}},
    )
    factory.write(ds, tmp_path / "e.dcm")
    loaded = load_all(tmp_path)
    assert [one.volume.shape for one in loaded] == [(3, 4, 3), (3, 4, 3)]
    assert not any(map(_names, loaded))
    assert "stack 2" in loaded[1].item.title


def test_a_series_of_enhanced_files_makes_volumes_across_them(
    tmp_path: Path, load_all: LoadAll
) -> None:
    volume = factory.ramp((3, 4, 8))
    for part in (0, 1):
        ds = _enhanced(
            volume[:, :, 4 * part : 4 * part + 4],
            positions=[STEP * (k % 2 + 2 * part) for k in range(4)],
            macros=lambda k: {"MREchoSequence": {"EffectiveEchoTime": 10.0 + 20.0 * (k // 2)}},
            InstanceNumber=part + 1,
        )
        factory.write(ds, tmp_path / f"{part}.dcm")
    first, second = load_all(tmp_path)
    np.testing.assert_array_equal(first.volume.array, volume[:, :, [0, 1, 4, 5]])
    np.testing.assert_array_equal(second.volume.array, volume[:, :, [2, 3, 6, 7]])
    assert first.ledger.used == second.ledger.used == 2


@pytest.mark.parametrize(
    ("positions", "name"),
    [
        ((0, 2, 4, 8, 10), "missing_slices"),
        ((0, 2, 4.5, 6, 8), "uneven_spacing"),
        ((0, 2, 4, 4, 6), "same_position"),
    ],
)
def test_irregular_stacks_are_named(
    tmp_path: Path, load: Load, positions: tuple[float, ...], name: str
) -> None:
    factory.write(_enhanced(factory.ramp((3, 4, 5)), positions=positions), tmp_path / "e.dcm")
    loaded = load(tmp_path)
    assert _names(loaded) == {name}
    assert loaded.ledger.used == 1
    assert not loaded.ledger.set_aside


def test_a_tilted_stack_is_named(tmp_path: Path, load: Load) -> None:
    frames = list(factory.ramp((5, 4, 3)))
    groups = [factory.frame_group((0.0, 0.5 * k, 2.0 * k)) for k in range(5)]
    factory.write(factory.make_enhanced(frames, groups), tmp_path / "e.dcm")
    assert _names(load(tmp_path)) == {"gantry_tilt"}


def test_the_same_file_twice_is_used_once(tmp_path: Path, load: Load) -> None:
    ds = _enhanced(factory.ramp((3, 4, 5)))
    factory.write(ds, tmp_path / "a.dcm")
    factory.write(ds, tmp_path / "b.dcm")
    loaded = load(tmp_path)
    assert _names(loaded) == {"duplicate_slices"}
    assert (loaded.ledger.found, loaded.ledger.used) == (2, 1)
    assert loaded.volume.shape == (3, 4, 5)


def test_missing_groups_are_warned_of(tmp_path: Path, load: Load) -> None:
    volume = factory.ramp((3, 4, 5))
    ds = _enhanced(volume)
    del ds.PerFrameFunctionalGroupsSequence[3:]
    factory.write(ds, tmp_path / "short" / "e.dcm")
    loaded = load(tmp_path / "short")
    assert "no_position" in _names(loaded)
    np.testing.assert_array_equal(loaded.volume.array, volume[:, :, :3])
    ds = _enhanced(volume, PerFrameFunctionalGroupsSequence=None)
    factory.write(ds, tmp_path / "none" / "e.dcm")
    loaded = load(tmp_path / "none")
    assert "no_position" in _names(loaded)
    assert not loaded.volume.orientation_known
    np.testing.assert_array_equal(loaded.volume.array, volume)
    ds = _enhanced(volume)
    del ds.SharedFunctionalGroupsSequence
    factory.write(ds, tmp_path / "shared" / "e.dcm")
    loaded = load(tmp_path / "shared")
    assert {"bad_orientation", "bad_pixel_spacing"} <= _names(loaded)


@pytest.mark.parametrize("lost", [1, 2 * 12 * 2 - 1, 2 * 12 * 4])
def test_frames_of_a_cut_file_are_left_out_by_name(tmp_path: Path, load: Load, lost: int) -> None:
    volume = factory.ramp((3, 4, 5))
    path = factory.write(_enhanced(volume), tmp_path / "e.dcm")
    path.write_bytes(path.read_bytes()[:-lost])
    loaded = load(tmp_path)
    whole = 5 - -(-lost // 24)
    np.testing.assert_array_equal(loaded.volume.array, volume[:, :, :whole])
    assert _names(loaded) == {"unreadable_slices"}


def test_a_file_cut_before_its_first_frame_ends_is_refused(
    tmp_path: Path, index: FindIndex
) -> None:
    path = factory.write(_enhanced(factory.ramp((3, 4, 5))), tmp_path / "e.dcm")
    for kept in (-119, -121, -200, 300, 500):
        path.write_bytes(path.read_bytes()[:kept])
        found = index(tmp_path)
        assert not found.items
        assert found.set_aside[0].reason
        factory.write(_enhanced(factory.ramp((3, 4, 5))), path)


@pytest.mark.parametrize("count", [MAX_FRAMES + 1, 2**31 - 1, 60000])
def test_a_false_number_of_frames_is_refused(tmp_path: Path, index: FindIndex, count: int) -> None:
    factory.write(_enhanced(factory.ramp((3, 4, 5)), NumberOfFrames=count), tmp_path / "e.dcm")
    found = index(tmp_path)
    assert not found.items
    assert "frames" in found.set_aside[0].reason


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian])
def test_other_encodings_of_the_header_give_the_same(
    tmp_path: Path, load: Load, syntax: str
) -> None:
    volume = factory.ramp((3, 4, 5))
    ds = _enhanced(volume, macros=lambda k: _rescale(0.5, 3))
    factory.write(ds, tmp_path / "e.dcm", syntax)
    loaded = load(tmp_path)
    np.testing.assert_array_equal(loaded.volume.array, volume)
    assert loaded.volume.slope == 0.5


def _packed(frames: list[bytes], form: str) -> tuple[bytes, dict[str, Any]]:
    if form == "extended table":
        data, offsets, lengths = encapsulate_extended(frames)
        return data, {"ExtendedOffsetTable": offsets, "ExtendedOffsetTableLengths": lengths}
    return encapsulate(
        frames, fragments_per_frame=2 if "two" in form else 1, has_bot="no table" not in form
    ), {}


@pytest.mark.parametrize("form", ["one", "two fragments", "no table", "extended table"])
def test_compressed_frames_are_found_by_table_or_by_count(
    tmp_path: Path, load: Load, form: str
) -> None:
    volume = factory.ramp((30, 40, 5))
    plain = _enhanced(volume, [1, 3, 0, 2, 4])
    plain.file_meta = pydicom.dataset.FileMetaDataset()
    plain.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    plain.compress(RLELossless, generate_instance_uid=False)
    frames = list(pydicom.encaps.generate_frames(plain.PixelData, number_of_frames=5))
    plain.PixelData, extra = _packed(frames, form)
    for name, value in extra.items():
        setattr(plain, name, value)
    path = factory.write(plain, tmp_path / "e.dcm", RLELossless)
    np.testing.assert_array_equal(load(tmp_path).volume.array, volume)
    # The last frame lies at the end of the stack; without it the others are whole.
    path.write_bytes(path.read_bytes()[:-100])
    loaded = load(tmp_path)
    assert _names(loaded) == {"unreadable_slices"}
    np.testing.assert_array_equal(loaded.volume.array, volume[:, :, :4])


def test_fragments_without_a_table_are_told_by_how_they_begin(tmp_path: Path, load: Load) -> None:
    volume = factory.ramp((30, 40, 5))
    ds = _enhanced(volume, [1, 3, 0, 2, 4])
    ds.file_meta = pydicom.dataset.FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    ds.compress(pydicom.uid.JPEGLSLossless, generate_instance_uid=False)
    frames = list(pydicom.encaps.generate_frames(ds.PixelData, number_of_frames=5))
    ds.PixelData = encapsulate(frames, fragments_per_frame=2, has_bot=False)
    factory.write(ds, tmp_path / "e.dcm", pydicom.uid.JPEGLSLossless)
    np.testing.assert_array_equal(load(tmp_path).volume.array, volume)


def test_a_damaged_frame_costs_a_warning(tmp_path: Path, load: Load) -> None:
    volume = factory.ramp((30, 40, 5))
    ds = _enhanced(volume)
    ds.file_meta = pydicom.dataset.FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    ds.compress(RLELossless, generate_instance_uid=False)
    frames = list(pydicom.encaps.generate_frames(ds.PixelData, number_of_frames=5))
    frames[4] = b"\xff" * len(frames[4])
    ds.PixelData = encapsulate(frames)
    factory.write(ds, tmp_path / "e.dcm", RLELossless)
    loaded = load(tmp_path)
    assert _names(loaded) == {"unreadable_slices"}
    np.testing.assert_array_equal(loaded.volume.array, volume[:, :, :4])


def test_a_parametric_map_uses_its_real_world_mapping(tmp_path: Path, load: Load) -> None:
    volume = np.linspace(0, 1, 60, dtype="<f4").reshape(3, 4, 5)
    mapping = factory.item(
        RealWorldValueSlope=2.0,
        RealWorldValueIntercept=1.0,
        MeasurementUnitsCodeSequence=[factory.item(CodeValue="mm2/s")],
    )
    ds = _enhanced(volume, shared=factory.item(RealWorldValueMappingSequence=[mapping]))
    ds.FloatPixelData = ds.PixelData
    for name in ("PixelData", "BitsStored", "HighBit", "PixelRepresentation"):
        delattr(ds, name)
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.30"
    factory.write(ds, tmp_path / "e.dcm")
    loaded = load(tmp_path).volume
    np.testing.assert_array_equal(loaded.array, volume)
    assert (loaded.slope, loaded.intercept, loaded.unit) == (2.0, 1.0, "mm2/s")


def test_a_segmentation_stays_refused_by_name(tmp_path: Path, index: FindIndex) -> None:
    ds = _enhanced(factory.ramp((3, 4, 5)), Modality="SEG")
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.66.4"
    factory.write(ds, tmp_path / "e.dcm")
    assert "SEG object" in index(tmp_path).set_aside[0].reason


def test_mutated_enhanced_files_never_raise_anything_else(tmp_path: Path) -> None:
    source = factory.write(
        _enhanced(factory.ramp((3, 4, 5)), macros=lambda k: _rescale(k + 1.0, 0)),
        tmp_path / "e.dcm",
    ).read_bytes()
    path = tmp_path / "mutated.dcm"
    rng = np.random.default_rng(5)
    for _ in range(60):
        data = bytearray(source)
        for _ in range(3):
            data[rng.integers(132, len(data))] = rng.integers(0, 256)
        path.write_bytes(data[: rng.integers(200, len(data) + 1)])
        with contextlib.suppress(NotASlice):
            assert read_frames(path)


@pytest.mark.parametrize(
    ("end", "modality", "unit"),
    [
        ("4.1", "MR", ""),
        ("4.4", "MR", ""),
        ("2.1", "CT", "HU"),
        ("2.2", "CT", "HU"),
        ("130", "PT", "BQML"),
        ("128.1", "PT", "BQML"),
        ("13.1.1", "XA", ""),
        ("13.1.3", "MG", ""),
    ],
)
def test_each_enhanced_class_becomes_a_volume(
    tmp_path: Path, load: Load, end: str, modality: str, unit: str
) -> None:
    volume = factory.ramp((3, 4, 5))
    transform = _rescale(2.0, -5.0)
    transform["PixelValueTransformationSequence"]["RescaleType"] = unit or "US"
    ds = _enhanced(volume, [2, 0, 1, 4, 3], macros=lambda k: transform, Modality=modality)
    ds.SOPClassUID = f"1.2.840.10008.5.1.4.1.1.{end}"
    factory.write(ds, tmp_path / "e.dcm")
    loaded = load(tmp_path)
    np.testing.assert_array_equal(loaded.volume.array, volume)
    assert (loaded.volume.modality, loaded.volume.unit) == (modality, unit)
    assert (loaded.volume.slope, loaded.volume.intercept) == (2.0, -5.0)
    assert not loaded.warnings


def test_an_enhanced_image_in_colour_is_a_colour_volume(tmp_path: Path, load: Load) -> None:
    rgb = np.random.default_rng(6).integers(0, 256, (5, 4, 6, 3), dtype=np.uint8)
    groups = [factory.frame_group((0.0, 0.0, 2.0 * k)) for k in (3, 0, 4, 1, 2)]
    ds = factory.make_enhanced([rgb[k][..., 0].copy() for k in (3, 0, 4, 1, 2)], groups)
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.4.3"
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "RGB", 0
    ds.PixelData = b"".join(rgb[k].tobytes() for k in (3, 0, 4, 1, 2))
    ds["PixelData"].VR = "OB"
    factory.write(ds, tmp_path / "e.dcm")
    loaded = load(tmp_path)
    np.testing.assert_array_equal(loaded.volume.array, rgb.transpose(2, 1, 0, 3))
    assert not loaded.warnings


@pytest.mark.parametrize("label", ["Cardiac Phase", ""])
def test_a_dimension_of_the_file_tells_frames_apart_that_nothing_else_does(
    tmp_path: Path, load_all: LoadAll, label: str
) -> None:
    volume = factory.ramp((3, 4, 10))
    ds = _enhanced(
        volume,
        [k + 5 * n for k in range(5) for n in (0, 1)],
        positions=[STEP * (k % 5) for k in range(10)],
        macros=lambda k: {
            "FrameContentSequence": {"DimensionIndexValues": [k % 5 + 1, k // 5 + 1]}
        },
    )
    ds.DimensionIndexSequence = [
        factory.item(DimensionIndexPointer=0x00209057),
        factory.item(DimensionIndexPointer=0x20051011, DimensionDescriptionLabel=label),
    ]
    factory.write(ds, tmp_path / "e.dcm")
    first, second = load_all(tmp_path)
    np.testing.assert_array_equal(first.volume.array, volume[:, :, :5])
    np.testing.assert_array_equal(second.volume.array, volume[:, :, 5:])
    assert second.item.title.endswith(f"{label.lower() or 'dimension 2'} 2)")
    assert not _names(first) | {w.name for w in first.item.warnings}
