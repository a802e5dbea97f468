"""Arrays of NumPy; the writer is NumPy."""

from __future__ import annotations

import io
import pickle
import tracemalloc
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from acutance.core.ledger import ExtraAxis
from acutance.errors import ReadError
from acutance.io.readers import index_paths, read_item

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from acutance.core.ledger import Index, LoadedSeries

    Load = Callable[..., LoadedSeries]
    FindIndex = Callable[..., Index]

DTYPES = ["u1", "i1", "<i2", ">i2", "<u2", "<i4", "<i8", "<f4", ">f4", "<f8", "?", "<f2"]


def ramp(shape: tuple[int, ...] = (5, 4, 3), dtype: str = "<i2") -> np.ndarray[Any, Any]:
    return (np.arange(np.prod(shape)).reshape(shape) % 120).astype(dtype)


def save(path: Path, array: np.ndarray[Any, Any]) -> Path:
    np.save(path, array)
    return path


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("memory", ["C", "F"])
def test_values_come_back(tmp_path: Path, load: Load, dtype: str, order: str, memory: str) -> None:
    array = np.asarray(ramp(dtype=dtype), order=order)  # type: ignore[call-overload]
    loaded = load(save(tmp_path / "a.npy", array).rename(tmp_path / "a.dat"), order=memory)
    expected = array if order == "F" else array.T
    np.testing.assert_array_equal(loaded.volume.array, expected)
    assert loaded.warnings == ()
    assert not loaded.volume.orientation_known
    assert not loaded.volume.spacing_known


@pytest.mark.parametrize("order", ["C", "F"])
def test_further_axes_are_the_slow_ones_and_chosen(tmp_path: Path, silent: Any, order: str) -> None:
    array = np.asarray(ramp((2, 3, 4, 5, 6)), order=order)  # type: ignore[call-overload]
    path = save(tmp_path / "a.npy", array)
    (item,) = index_paths([path], silent, silent).items
    slow = (1, 0) if order == "C" else (3, 4)
    assert item.extra_axes == tuple(ExtraAxis(f"array axis {n}", array.shape[n]) for n in slow)
    place = (1, 1)
    loaded = read_item(item.select(place), np.empty, silent, silent)  # type: ignore[arg-type]
    expected = array[1, 1].T if order == "C" else array[..., 1, 1]
    np.testing.assert_array_equal(loaded.volume.array, expected)  # type: ignore[union-attr]


def test_a_picture_lies_as_it_is_looked_at(tmp_path: Path, load: Load) -> None:
    loaded = load(save(tmp_path / "a.npy", ramp((6, 9))))
    np.testing.assert_array_equal(loaded.volume.array[:, :, 0].T, ramp((6, 9)))
    assert "axis 1 of the array is drawn to the right" in loaded.notes


@pytest.mark.parametrize("channels", [3, 4])
def test_colours_are_shown_as_such(tmp_path: Path, load: Load, channels: int) -> None:
    array = ramp((7, 6, 9, channels), "u1")
    volume = load(save(tmp_path / "a.npy", array)).volume
    assert volume.is_colour
    np.testing.assert_array_equal(volume.array, array[..., :3].swapaxes(0, 2))


def test_complex_values_give_their_magnitude(tmp_path: Path, load: Load) -> None:
    loaded = load(save(tmp_path / "a.npy", (ramp() * (0.6 + 0.8j)).astype(">c8")))
    np.testing.assert_allclose(loaded.volume.array, ramp().T, rtol=1e-6)
    assert "complex values; their magnitude is shown" in loaded.notes


class Marker:
    """Leaves a mark where it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return open, (self.path, "w")


def test_a_pickle_is_never_opened(tmp_path: Path, index: FindIndex) -> None:
    mark = tmp_path / "mark"
    array = np.array([[Marker(str(mark))]], dtype=object)
    np.save(tmp_path / "a.npy", array, allow_pickle=True)
    (tmp_path / "b.npy").write_bytes(pickle.dumps(Marker(str(mark))))
    found = index(tmp_path / "a.npy")
    assert "never opened" in found.set_aside[0].reason
    assert not index(tmp_path / "b.npy").items
    assert not mark.exists()


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros(7), "1 dimensions"),
        (np.zeros(()), "0 dimensions"),
        (np.zeros((2,) * 8), "8 dimensions"),
        (np.zeros((3, 0, 4)), "no number"),
        (np.zeros((3, 4), "U4"), "str"),
        (np.zeros((3, 4), "M8[s]"), "datetime"),
        (np.zeros((3, 4), [("a", "f4"), ("b", "i2")]), "void"),
        (np.zeros((3, 4), [("ä", "f4")]), "not read"),
        (np.zeros((3, 4), np.longdouble), "not read"),
    ],
)
def test_other_kinds_are_refused_by_name(
    tmp_path: Path, index: FindIndex, array: np.ndarray[Any, Any], words: str
) -> None:
    assert words in index(save(tmp_path / "a.npy", array)).set_aside[0].reason


def test_an_archive_of_arrays_is_called_by_name(tmp_path: Path, index: FindIndex) -> None:
    np.savez(tmp_path / "a.npz", one=ramp(), two=ramp())
    assert ".npz" in index(tmp_path / "a.npz").set_aside[0].reason


def with_header(text: str, data: bytes = b"") -> bytes:
    raw = text.encode("latin1").ljust(118) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(raw).to_bytes(2, "little") + raw + data


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{'descr': '<i2', 'fortran_order': False, 'shape': (30000, 30000, 30000), }", "claims"),
        ("{'descr': '<i2', 'fortran_order': False, 'shape': (-3, 4, 5), }", "no number"),
        ("{'descr': '<i2', 'fortran_order': False, 'shape': (3, 4, 5), }", "claims"),
        ("{'descr': '|O', 'fortran_order': False, 'shape': (3, 4, 5), }", "never opened"),
        ("{'descr': 7, 'fortran_order': False, 'shape': (3, 4, 5), }", "cannot be read"),
        ("__import__('os').system('touch mark')", "cannot be read"),
        ("(" * 110, "cannot be read"),
    ],
)
def test_false_headers_are_refused_in_little_memory(
    tmp_path: Path, index: FindIndex, text: str, words: str
) -> None:
    (tmp_path / "a.npy").write_bytes(with_header(text, bytes(20)))
    tracemalloc.start()
    found = index(tmp_path / "a.npy")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert words in found.set_aside[0].reason
    assert peak < 8 * 1024**2


def test_a_long_header_is_refused(tmp_path: Path, index: FindIndex) -> None:
    raw = b"{" + b" " * 60_000 + b"}"
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY\x01\x00" + len(raw).to_bytes(2, "little") + raw)
    assert "cannot be read" in index(tmp_path / "a.npy").set_aside[0].reason


def test_mutated_files_never_raise_anything_else(tmp_path: Path, silent: Any) -> None:
    rng = np.random.default_rng(23)
    buffer = io.BytesIO()
    np.save(buffer, ramp())
    mutant = tmp_path / "m.npy"
    for _ in range(200):
        data = bytearray(buffer.getvalue())
        for _ in range(int(rng.integers(1, 6))):
            data[int(rng.integers(6, 130))] = int(rng.integers(0, 256))
        mutant.write_bytes(data)
        for item in index_paths([mutant], silent, silent).items:
            with suppress(ReadError):
                read_item(item, np.empty, silent, silent)  # type: ignore[arg-type]
