"""NRRD: values, axes, geometry, files beside the header. The writer is pynrrd."""

from __future__ import annotations

import bz2
import gzip
import tracemalloc
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import nrrd
import numpy as np
import pytest

from acutance.core.ledger import ExtraAxis
from acutance.errors import CorruptFileError, ReadError
from acutance.io.readers import index_paths, read_item

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from acutance.core.ledger import Index, LoadedSeries

    Load = Callable[..., LoadedSeries]
    FindIndex = Callable[..., Index]

DIRECTIONS = np.array([[2.0, 0, 0], [0, 1.5, 0], [0, 0, 3.0]])
PLACED = {
    "space": "left-posterior-superior",
    "space directions": DIRECTIONS,
    "space origin": np.array([10.0, -20.0, 5.0]),
    "space units": ["mm", "mm", "mm"],
}


def names(loaded: LoadedSeries) -> list[str]:
    return [warning.name for warning in loaded.warnings]


def ramp(shape: tuple[int, ...] = (5, 4, 3), dtype: str = "<i2") -> np.ndarray[Any, Any]:
    return np.arange(np.prod(shape)).reshape(shape, order="F").astype(dtype)


def save(path: Path, array: np.ndarray[Any, Any], header: dict[str, Any] | None = None) -> Path:
    nrrd.write(str(path), array, {"encoding": "raw"} | (PLACED if header is None else header))
    return path


def write(path: Path, *lines: str, data: bytes = b"") -> Path:
    path.write_bytes("\n".join(("NRRD0004", *lines, "", "")).encode() + data)
    return path


def plain(sizes: str = "5 4 3", **more: str) -> list[str]:
    """Return the lines of a header with what every one needs."""
    fields = {"type": "short", "dimension": str(len(sizes.split())), "sizes": sizes,
              "endian": "little", "encoding": "raw"} | more  # fmt: skip
    return [f"{name.replace('_', ' ')}: {value}" for name, value in fields.items()]


def read_at(path: Path, position: tuple[int, ...], silent: Any) -> np.ndarray[Any, Any]:
    (item,) = index_paths([path], silent, silent).items
    loaded = read_item(item.select(position), np.empty, silent, silent)  # type: ignore[arg-type]
    return loaded.volume.array  # type: ignore[union-attr, no-any-return]


@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2", "ascii"])
@pytest.mark.parametrize("dtype", ["u1", "<i2", "<u2", "<i4", "<f4", "<f8", ">i2", ">f4"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_values_and_affine_come_back(
    tmp_path: Path, load: Load, encoding: str, dtype: str, order: str
) -> None:
    endian = {"endian": "big" if dtype[0] == ">" else "little"}
    path = save(tmp_path / "a.nrrd", ramp(dtype=dtype), PLACED | {"encoding": encoding} | endian)
    loaded = load(path.rename(tmp_path / "a.dat"), order=order)
    np.testing.assert_array_equal(loaded.volume.array, ramp(dtype=dtype))
    expected = np.diag([-2.0, -1.5, 3.0, 1.0])
    expected[:3, 3] = (-10, 20, 5)
    np.testing.assert_allclose(loaded.volume.affine, expected, atol=1e-9)
    assert names(loaded) == []
    assert loaded.notes == ()


@pytest.mark.parametrize(
    ("space", "signs"),
    [
        ("right-anterior-superior", (1, 1, 1)),
        ("RAS", (1, 1, 1)),
        ("left-anterior-superior", (-1, 1, 1)),
        ("Left-Posterior-Superior", (-1, -1, 1)),
        ("LPS", (-1, -1, 1)),
    ],
)
def test_the_space_says_where_sides_are(
    tmp_path: Path, load: Load, space: str, signs: tuple[int, int, int]
) -> None:
    lines = plain(space=space, space_directions="(2,0,0) (0,1.5,0) (0,0,3)",
                  space_origin="(10,-20,5)")  # fmt: skip
    volume = load(write(tmp_path / "a", *lines, data=ramp().tobytes(order="F"))).volume
    expected = np.diag([*np.array(signs) * [2, 1.5, 3], 1.0])
    expected[:3, 3] = np.array(signs) * [10, -20, 5]
    np.testing.assert_allclose(volume.affine, expected)
    assert volume.orientation_known


def test_a_space_without_sides_is_told(tmp_path: Path, load: Load) -> None:
    lines = plain(space="scanner-xyz", space_directions="(2,0,0) (0,1.5,0) (0,0,3)")
    loaded = load(write(tmp_path / "a", *lines, data=ramp().tobytes(order="F")))
    assert names(loaded) == ["no_orientation"]
    assert not loaded.volume.orientation_known
    assert loaded.volume.spacing == pytest.approx((2, 1.5, 3))


def test_spacings_alone_give_lengths_and_no_sides(tmp_path: Path, load: Load) -> None:
    loaded = load(save(tmp_path / "a.nrrd", ramp(), {"spacings": [2.0, 1.5, 3.0]}))
    assert names(loaded) == ["no_orientation"]
    assert loaded.volume.spacing == pytest.approx((2, 1.5, 3))
    assert loaded.volume.spacing_known
    loaded = load(save(tmp_path / "b.nrrd", ramp(), {}))
    assert not loaded.volume.spacing_known


@pytest.mark.parametrize("unit", [("um", 1e-3), ("cm", 10.0)])
def test_units_become_mm(tmp_path: Path, load: Load, unit: tuple[str, float]) -> None:
    path = save(tmp_path / "a.nrrd", ramp(), PLACED | {"space units": [unit[0]] * 3})
    volume = load(path).volume
    np.testing.assert_allclose(volume.spacing, np.array([2, 1.5, 3]) * unit[1])
    np.testing.assert_allclose(volume.affine[:3, 3], np.array([-10, 20, 5]) * unit[1])


@pytest.mark.parametrize("where", [0, 1, 2, 3])
def test_an_axis_that_is_not_of_space_is_chosen_wherever_it_lies(
    tmp_path: Path, silent: Any, where: int
) -> None:
    volume = ramp((5, 4, 3, 6))
    array = np.moveaxis(volume, 3, where)
    kinds = ["domain"] * 3
    kinds.insert(where, "list")
    directions = np.insert(DIRECTIONS, where, np.nan, axis=0)
    for encoding in ("raw", "gzip"):
        header = PLACED | {"space directions": directions, "kinds": kinds, "encoding": encoding}
        path = save(tmp_path / f"{encoding}.nrrd", array, header)
        (item,) = index_paths([path], silent, silent).items
        assert item.extra_axes == (ExtraAxis("list", 6),)
        for t in (0, 2, 5):
            np.testing.assert_array_equal(read_at(path, (t,), silent), volume[..., t])


@pytest.mark.parametrize("where", [0, 1, 2, 3])
@pytest.mark.parametrize("kind", ["RGB-color", "RGBA-color"])
def test_colours_make_a_colour_volume_wherever_they_lie(
    tmp_path: Path, load: Load, where: int, kind: str
) -> None:
    count = 3 if kind == "RGB-color" else 4
    colours = np.random.default_rng(4).integers(0, 256, (5, 4, 3, count)).astype("u1")
    kinds = ["domain"] * 3
    kinds.insert(where, kind)
    directions = np.insert(DIRECTIONS, where, np.nan, axis=0)
    header = PLACED | {"space directions": directions, "kinds": kinds}
    path = save(tmp_path / "a.nrrd", np.moveaxis(colours, 3, where), header)
    loaded = load(path)
    np.testing.assert_array_equal(loaded.volume.array, colours[..., :3])
    assert ("transparency (alpha) left out" in loaded.notes) is (count == 4)


def test_complex_values_give_their_magnitude(tmp_path: Path, load: Load) -> None:
    array = np.stack([ramp(dtype="<f4") * 0.6, ramp(dtype="<f4") * 0.8])
    directions = np.insert(DIRECTIONS, 0, np.nan, axis=0)
    kinds = ["complex", "domain", "domain", "domain"]
    header = PLACED | {"space directions": directions, "kinds": kinds}
    loaded = load(save(tmp_path / "a.nrrd", array.astype("<f4"), header))
    np.testing.assert_allclose(loaded.volume.array, ramp(), rtol=1e-6)
    assert "complex values; their magnitude is shown" in loaded.notes


def test_a_fourth_dimension_of_space_is_time(tmp_path: Path, silent: Any) -> None:
    lines = plain("5 4 3 2", space="left-posterior-superior-time",
                  space_directions="(2,0,0,0) (0,1.5,0,0) (0,0,3,0) (0,0,0,7)",
                  kinds="space space space time")  # fmt: skip
    path = write(tmp_path / "a", *lines, data=ramp((5, 4, 3, 2)).tobytes(order="F"))
    (item,) = index_paths([path], silent, silent).items
    assert item.extra_axes == (ExtraAxis("time", 2),)
    np.testing.assert_array_equal(read_at(path, (1,), silent), ramp((5, 4, 3, 2))[..., 1])


def test_a_measurement_frame_is_noted(tmp_path: Path, load: Load) -> None:
    frame = np.array([[0.0, 1, 0], [1, 0, 0], [0, 0, 1]])
    loaded = load(save(tmp_path / "a.nrrd", ramp(), PLACED | {"measurement frame": frame}))
    assert any("measurement frame" in note for note in loaded.notes)
    loaded = load(save(tmp_path / "b.nrrd", ramp(), PLACED | {"measurement frame": np.eye(3)}))
    assert loaded.notes == ()


@pytest.mark.parametrize("directions", ["(0,0,0) (0,1,0) (0,0,1)", "(1,0,0) (2,0,0) (0,0,1)"])
def test_directions_that_span_no_space_are_left_out(
    tmp_path: Path, load: Load, directions: str
) -> None:
    lines = plain(space="LPS", space_directions=directions)
    loaded = load(write(tmp_path / "a", *lines, data=ramp().tobytes(order="F")))
    assert "bad_space_directions" in names(loaded)
    assert not loaded.volume.orientation_known


def test_shear_is_named(tmp_path: Path, load: Load) -> None:
    sheared = DIRECTIONS.copy()
    sheared[0, 1] = 0.5
    path = save(tmp_path / "a.nrrd", ramp(), PLACED | {"space directions": sheared})
    assert names(load(path)) == ["sheared_affine"]


def test_a_plane_is_one_slice(tmp_path: Path, load: Load) -> None:
    lines = plain("5 4", space="LPS", space_directions="(2,0,0) (0,1.5,0)", space_origin="(1,2,3)")
    loaded = load(write(tmp_path / "a", *lines, data=ramp((5, 4)).tobytes(order="F")))
    assert loaded.volume.shape == (5, 4, 1)
    assert loaded.volume.orientation_known
    assert names(loaded) == []


@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2"])
def test_a_detached_header_is_read_with_its_voxels(
    tmp_path: Path, load: Load, index: FindIndex, encoding: str
) -> None:
    save(tmp_path / "a.nhdr", ramp(), PLACED | {"encoding": encoding})
    loaded = load(tmp_path)
    np.testing.assert_array_equal(loaded.volume.array, ramp())
    assert (loaded.ledger.found, loaded.ledger.used) == (2, 2)
    assert len(index(tmp_path / "a.nhdr").items[0].files) == 2


@pytest.mark.parametrize("form", ["list", "pattern"])
@pytest.mark.parametrize("packed", [False, True])
def test_voxels_in_many_files_are_joined(
    tmp_path: Path, silent: Any, form: str, packed: bool
) -> None:
    array = ramp((5, 4, 3, 2))
    for n in range(6):
        data = array.reshape(5, 4, 6, order="F")[:, :, n].tobytes(order="F")
        (tmp_path / f"s{n + 1:02}.raw").write_bytes(gzip.compress(data) if packed else data)
    lines = plain("5 4 3 2", kinds="domain domain domain time",
                  encoding="gzip" if packed else "raw")  # fmt: skip
    if form == "list":
        lines += ["data file: LIST", *(f"s{n:02}.raw" for n in range(1, 7))]
        (tmp_path / "a.nhdr").write_text("\n".join(["NRRD0004", *lines, ""]))
    else:
        write(tmp_path / "a.nhdr", *lines, "data file: s%02d.raw 1 6 1 2")
    for t in (0, 1):
        np.testing.assert_array_equal(read_at(tmp_path / "a.nhdr", (t,), silent), array[..., t])


@pytest.mark.parametrize("skip", ["line", "byte", "end"])
def test_skipped_lines_and_bytes_are_passed_over(tmp_path: Path, load: Load, skip: str) -> None:
    data = ramp().tobytes(order="F")
    field, front = {
        "line": ("line skip: 2", b"one\ntwo\n"),
        "byte": ("byte skip: 7", b"1234567"),
        "end": ("byte skip: -1", b"whatever"),
    }[skip]
    (tmp_path / "a.raw").write_bytes(front + data)
    path = write(tmp_path / "a.nhdr", *plain(), field, "data file: a.raw")
    np.testing.assert_array_equal(load(path).volume.array, ramp())


@pytest.mark.parametrize(
    "name", ["../out.raw", "/etc/passwd", "..\\out.raw", "C:\\x.raw", "sub/../../out.raw", "."]
)
def test_files_outside_the_folder_are_never_opened(
    tmp_path: Path, index: FindIndex, name: str
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out.raw").write_bytes(ramp().tobytes(order="F"))
    path = write(tmp_path / "in" / "a.nhdr", *plain(), f"data file: {name}")
    assert "outside its folder" in index(path).set_aside[0].reason


def test_a_missing_file_of_voxels_is_named(tmp_path: Path, index: FindIndex) -> None:
    path = write(tmp_path / "a.nhdr", *plain(), "data file: gone.raw")
    assert "'gone.raw'" in index(path).set_aside[0].reason


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sizes": "5 4"}, "2 sizes for 3"),
        ({"sizes": "5 4 0"}, "at least 1"),
        ({"sizes": "5 4 -3"}, "at least 1"),
        ({"sizes": "99999999999999999999 4 3"}, "at least 1"),
        ({"sizes": "30000 30000 30000"}, "claims"),
        ({"type": "block"}, "'block'"),
        ({"encoding": "hex"}, "'hex'"),
        ({"endian": "middle"}, "byte order"),
        ({"dimension": "x"}, "contradicts"),
        ({"dimension": "1", "sizes": "7"}, "one row of 7"),
        ({"byte_skip": "-2"}, "cannot be"),
        ({"line_skip": "999999999"}, ""),
    ],
)
def test_false_headers_are_refused_in_little_memory(
    tmp_path: Path, silent: Any, change: dict[str, str], words: str
) -> None:
    path = write(tmp_path / "a", *plain(**({"dimension": "3"} | change)), data=bytes(200))
    tracemalloc.start()
    found = index_paths([path], silent, silent)
    if found.items:
        with pytest.raises(CorruptFileError):
            read_item(found.items[0], np.empty, silent, silent)  # type: ignore[arg-type]
    else:
        assert words in found.set_aside[0].reason
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * 1024**2


def test_keys_of_the_user_go_nowhere(tmp_path: Path, load: Load) -> None:
    lines = [*plain(), "# Mustermann", "content: Mustermann", "patient:=Mustermann"]
    loaded = load(write(tmp_path / "a", *lines, data=ramp().tobytes(order="F")))
    assert "Mustermann" not in f"{loaded.volume.facts}{loaded.notes}{loaded.item}"


@pytest.mark.parametrize("encoding", ["gzip", "bzip2"])
@pytest.mark.parametrize("damage", ["cut", "checksum", "flip"])
def test_damaged_compression_is_refused(
    tmp_path: Path, silent: Any, encoding: str, damage: str
) -> None:
    values = np.random.default_rng(6).integers(0, 4000, (20, 20, 20)).astype("<i2")
    pack = gzip.compress if encoding == "gzip" else bz2.compress
    data = bytearray(pack(values.tobytes(order="F")))
    if damage == "cut":
        data = data[: len(data) // 2]
    elif damage == "checksum":
        data[-6 if encoding == "gzip" else 12] ^= 0xFF
    else:
        data[len(data) // 2] ^= 0x10
    path = write(tmp_path / "a", *plain("20 20 20", encoding=encoding), data=bytes(data))
    (item,) = index_paths([path], silent, silent).items
    with pytest.raises(CorruptFileError):
        read_item(item, np.empty, silent, silent)  # type: ignore[arg-type]


def test_a_bomb_behind_the_voxels_stays_small(tmp_path: Path, load: Load) -> None:
    data = gzip.compress(ramp().tobytes(order="F") + bytes(100 << 20), 1)
    path = write(tmp_path / "a", *plain(encoding="gzip"), data=data)
    tracemalloc.start()
    loaded = load(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "trailing_data" in names(loaded)
    assert peak < 32 * 1024**2


def test_mutated_files_never_raise_anything_else(tmp_path: Path, silent: Any) -> None:
    rng = np.random.default_rng(17)
    sources = [
        save(tmp_path / "a.nrrd", ramp(), PLACED | {"encoding": encoding}).read_bytes()
        for encoding in ("raw", "gzip", "bzip2", "ascii")
    ]
    mutant = tmp_path / "m.nrrd"
    for number in range(200):
        data = bytearray(sources[number % 4])
        for _ in range(int(rng.integers(1, 6))):
            data[int(rng.integers(9, len(data)))] = int(rng.integers(0, 256))
        mutant.write_bytes(data)
        for item in index_paths([mutant], silent, silent).items:
            with suppress(ReadError):
                read_item(item, np.empty, silent, silent)  # type: ignore[arg-type]
