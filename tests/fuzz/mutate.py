"""Ways to make valid bytes wrong: bits, bytes, numbers, lengths, splices. All by seed."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Mutation = Callable[[bytearray, np.random.Generator, Sequence[bytes]], bytearray]

#: Numbers at which sizes and signs turn over.
_EDGES = (
    0, 1, 2, 7, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF, 0x10000, 0x7FFFFFFF,
    0x80000000, 0xFFFFFFF0, 0xFFFFFFFE, 0xFFFFFFFF, 0x100000000, 0x7FFFFFFFFFFFFFFF,
    0x8000000000000000, 0xFFFFFFFFFFFFFFFF,
)  # fmt: skip
#: Half of all mutations fall into so many first bytes, where headers are.
_HEADER_BYTES = 1024


@dataclass(frozen=True)
class Seed:
    """A valid file.

    Parameters
    ----------
    name : str
        Kind of file, for the report.
    suffix : str
        With the dot.
    data : bytes
    is_gzip : bool
        Whether half of the mutations are made inside the archive.
    companions : tuple of (str, bytes)
        Files that lie beside it, unchanged.
    """

    name: str
    suffix: str
    data: bytes
    is_gzip: bool = False
    companions: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True)
class Mutant:
    """A file made wrong.

    Parameters
    ----------
    seed : Seed
    number : int
        With the seed of the run, all that is needed to make it again.
    kinds : tuple of str
        What was done, in order.
    data : bytes
    """

    seed: Seed
    number: int
    kinds: tuple[str, ...]
    data: bytes


def mutant(seeds: Sequence[Seed], run: int, number: int) -> Mutant:
    """Return mutant `number` of a run; the same arguments give the same bytes.

    Parameters
    ----------
    seeds : sequence of Seed
        Taken in turn.
    run : int
        Seed of the run.
    number : int
        From 0.
    """
    rng = np.random.default_rng([run, number])
    seed = seeds[number % len(seeds)]
    others = [one.data for one in seeds]
    inside = seed.is_gzip and rng.random() < 0.5
    data = bytearray(gzip.decompress(seed.data) if inside else seed.data)
    kinds = []
    for _ in range(int(rng.choice([1, 1, 1, 2, 3, 6]))):
        kind = str(rng.choice(list(MUTATIONS)))
        data = MUTATIONS[kind](data, rng, others)
        kinds.append(kind)
    whole = gzip.compress(bytes(data), 1, mtime=0) if inside else bytes(data)
    return Mutant(seed, number, (*kinds, *(["inside gzip"] if inside else [])), whole)


def _place(data: bytearray, rng: np.random.Generator, width: int = 1) -> int:
    """Return a position, half of the time near the beginning."""
    end = max(1, len(data) - width + 1)
    if rng.random() < 0.5:
        end = min(end, _HEADER_BYTES)
    return int(rng.integers(0, end))


def _bits(data: bytearray, rng: np.random.Generator, _: Sequence[bytes]) -> bytearray:
    for _n in range(int(rng.integers(1, 9)) if data else 0):
        data[_place(data, rng)] ^= 1 << int(rng.integers(0, 8))
    return data


def _bytes(data: bytearray, rng: np.random.Generator, _: Sequence[bytes]) -> bytearray:
    for _n in range(int(rng.integers(1, 17)) if data else 0):
        data[_place(data, rng)] = int(rng.choice([0, 0x7F, 0x80, 0xFF, 0x20, rng.integers(256)]))
    return data


def _number(data: bytearray, rng: np.random.Generator, _: Sequence[bytes]) -> bytearray:
    width = int(rng.choice([1, 2, 4, 8]))
    if len(data) < width:
        return data
    at = _place(data, rng, width)
    value = int(_EDGES[rng.integers(len(_EDGES))]) & ((1 << 8 * width) - 1)
    data[at : at + width] = value.to_bytes(width, "little" if rng.random() < 0.7 else "big")
    return data


def _text_number(data: bytearray, rng: np.random.Generator, _: Sequence[bytes]) -> bytearray:
    """Write a number that is none over some text."""
    words = (b"nan", b"inf", b"-1", b"1e308", b"0", b"\\\\", b"999999999999", b"-0", b"1,5", b"\0")
    word = words[int(rng.integers(len(words)))]
    at = _place(data, rng, len(word))
    data[at : at + len(word)] = word
    return data


def _cut(data: bytearray, rng: np.random.Generator, _: Sequence[bytes]) -> bytearray:
    return data[: int(rng.integers(0, len(data) + 1))]


def _removed(data: bytearray, rng: np.random.Generator, _: Sequence[bytes]) -> bytearray:
    at = _place(data, rng)
    del data[at : at + int(rng.choice([1, 2, 3, 4, 8, 64, 1000]))]
    return data


def _inserted(data: bytearray, rng: np.random.Generator, _: Sequence[bytes]) -> bytearray:
    at = _place(data, rng)
    count = int(rng.choice([1, 2, 4, 8, 300, 70_000]))
    filling = bytes(count) if rng.random() < 0.5 else rng.bytes(count)
    data[at:at] = filling
    return data


def _doubled(data: bytearray, rng: np.random.Generator, _: Sequence[bytes]) -> bytearray:
    at = _place(data, rng)
    piece = bytes(data[at : at + int(rng.choice([4, 8, 60, 500, 5000]))])
    data[at:at] = piece * int(rng.integers(1, 4))
    return data


def _swapped(data: bytearray, rng: np.random.Generator, _: Sequence[bytes]) -> bytearray:
    width = int(rng.choice([2, 4, 8, 100]))
    one, other = sorted((_place(data, rng, width), _place(data, rng, width)))
    if one + width <= other:
        first = bytes(data[one : one + width])
        data[one : one + width] = data[other : other + width]
        data[other : other + len(first)] = first
    return data


def _spliced(data: bytearray, rng: np.random.Generator, others: Sequence[bytes]) -> bytearray:
    """Continue with the rest of another file."""
    other = others[int(rng.integers(len(others)))]
    at = _place(data, rng)
    start = at if rng.random() < 0.5 else int(rng.integers(0, len(other)))
    return data[:at] + bytearray(other[start:])


def _overlaid(data: bytearray, rng: np.random.Generator, others: Sequence[bytes]) -> bytearray:
    """Write a piece of another file over this one."""
    other = others[int(rng.integers(len(others)))]
    start = int(rng.integers(0, len(other)))
    piece = other[start : start + int(rng.choice([4, 16, 200, 2000]))]
    at = _place(data, rng)
    data[at : at + len(piece)] = piece
    return data


MUTATIONS: dict[str, Mutation] = {
    "bits": _bits,
    "bytes": _bytes,
    "number": _number,
    "text number": _text_number,
    "cut": _cut,
    "removed": _removed,
    "inserted": _inserted,
    "doubled": _doubled,
    "swapped": _swapped,
    "spliced": _spliced,
    "overlaid": _overlaid,
}


def checksum(data: bytes) -> str:
    """Return a short name for bytes."""
    return f"{zlib.crc32(data):08x}"
