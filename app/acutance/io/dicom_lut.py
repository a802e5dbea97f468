"""Lookup tables of a DICOM file: from stored values to values, to grey levels, to colours.

Tables are long, so the header pass notes only that there are some; they are read when pixels are.

References
----------
.. [1] DICOM PS3.3, C.11.1 (modality LUT), C.11.2 (VOI LUT), C.7.6.3.1.5 and C.7.6.3.1.6 (palette
   descriptors and data), C.7.9.2 (segmented palette).
"""

from __future__ import annotations

import contextlib
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from acutance.core.foreign import quiet
from acutance.core.window import Window
from acutance.io._protocols import clean_text
from acutance.io.dicom_dataset import is_big_endian, named_refusal, read_elements
from acutance.io.dicom_groups import sequence_items
from acutance.io.dicom_stream import NotASlice
from acutance.io.dicom_text import raw_bytes, raw_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

_COLOURS = ("Red", "Green", "Blue")
#: Tables of one file beyond this number are not looked at.
_MOST_TABLES = 16


@dataclass(frozen=True)
class Table:
    """A lookup table.

    Parameters
    ----------
    first : int
        The value that is mapped to the first entry; lower ones are too, and values beyond the last
        entry are mapped to the last.
    entries : ndarray, shape (N,) or, of colours, (N, 3), uint8 or uint16
    bits : int
        Bits of an entry, 8 to 16.
    kind : str
        What the entries are, such as "HU"; what the table is called.
    """

    first: int
    entries: NDArray[Any]
    bits: int
    kind: str = ""

    def look_up(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the entry of each value, shape of `values` (of colours, with an axis more)."""
        place = values.astype(np.int64) - self.first
        return self.entries[np.clip(place, 0, len(self.entries) - 1)]

    def to_window(self) -> Window:
        """Return the table as a grey window over the values it maps."""
        count = len(self.entries)
        levels = np.rint(self.entries * (255.0 / ((1 << self.bits) - 1)))
        return Window(
            self.first + (count - 1) / 2,
            float(count),
            self.kind,
            "table",
            np.clip(levels, 0, 255).astype(np.uint8).tobytes(),
        )


class TableFile(Protocol):
    """What must be known of a file to read its tables."""

    @property
    def path(self) -> str:
        """The file."""

    @property
    def is_signed(self) -> bool:
        """Whether stored values are two's complement."""


def read_modality_table(header: TableFile) -> Table | None:
    """Return the modality table of a file, None where it cannot be used."""
    tables = _read_tables(header, "ModalityLUTSequence", "ModalityLUTType", header.is_signed)
    return tables[0] if tables else None


def read_voi_tables(header: TableFile, *, may_be_negative: bool) -> list[Table]:
    """Return the VOI tables of a file that can be used, in file order.

    Parameters
    ----------
    may_be_negative : bool
        Whether the values that go in can be below zero; the first value of a descriptor is then
        signed.
    """
    return _read_tables(header, "VOILUTSequence", "LUTExplanation", may_be_negative)


def read_palette(header: TableFile) -> Table:
    """Return the palette of a file; its entries are red, green and blue, uint8.

    Raises
    ------
    ValueError
        If there is no palette that can be used.
    """
    names = [f"{colour}PaletteColorLookupTable" for colour in _COLOURS]
    tags = [
        *(f"{name}Descriptor" for name in names),
        *(f"{name}Data" for name in names),
        *(f"Segmented{name}Data" for name in names),
    ]
    dataset, is_big = _elements(header, tags)
    channels = []
    first = 0
    for name in names:
        shape = _descriptor(dataset, f"{name}Descriptor", is_big, header.is_signed)
        if shape is None:
            raise ValueError("a palette without descriptor")
        count, first, bits = shape
        entries = _entries(raw_bytes(dataset, f"{name}Data"), count, is_big)
        if entries is None:
            raw = raw_bytes(dataset, f"Segmented{name}Data")
            entries = None if raw is None else expand_segments(raw, count, bits, is_big)
        if entries is None:
            raise ValueError("a palette without data of the stated length")
        channels.append(entries)
    if len({len(entries) for entries in channels}) != 1:
        raise ValueError("a palette of channels of unequal length")
    table = np.stack(channels, axis=1)
    # Entries of 16 bits hold 8-bit colours in the high byte, or, against the rules, in the low.
    if int(table.max()) > 255:
        table = table >> 8
    return Table(first, table.astype(np.uint8), 8)


def expand_segments(raw: bytes, count: int, bits: int, is_big: bool) -> NDArray[np.uint16] | None:
    """Return the entries of a segmented palette channel, None where it does not give `count`.

    Never more than `count` entries are made, whatever the segments claim.

    References
    ----------
    .. [1] DICOM PS3.3, C.7.9.2.1 (discrete), C.7.9.2.2 (linear), C.7.9.2.3 (indirect).
    """
    width = 1 if bits == 8 else 2
    words = np.frombuffer(raw[: len(raw) // width * width], _word(width, is_big)).tolist()
    made: list[int] = []
    if not _expand(words, 0, len(words), made, count, width, is_big, depth=0):
        return None
    return np.array(made, np.uint16) if len(made) == count else None


def _expand(
    words: Sequence[int],
    at: int,
    segments: int,
    made: list[int],
    limit: int,
    width: int,
    is_big: bool,
    *,
    depth: int,
) -> bool:
    """Add the entries of some segments; return False where they make no sense."""
    for _ in range(segments):
        if at + 2 > len(words) or len(made) >= limit:
            return True
        opcode, length = words[at], words[at + 1]
        at += 2
        if len(made) + length > limit and opcode in (0, 1):
            return False
        if opcode == 0:
            made.extend(words[at : at + length])
            at += length
        elif opcode == 1 and made and at < len(words):
            start, end = made[-1], words[at]
            made.extend(round(start + (end - start) * n / length) for n in range(1, length + 1))
            at += 1
        elif opcode == 2 and made and depth == 0:
            parts = words[at : at + 4 // width]
            at += 4 // width
            if len(parts) < 4 // width:
                return False
            packed = struct.pack(f"{'>' if is_big else '<'}{len(parts)}{'BH'[width - 1]}", *parts)
            offset = struct.unpack(">L" if is_big else "<L", packed)[0]
            if not _expand(words, offset // width, length, made, limit, width, is_big, depth=1):
                return False
        else:
            return False
    return True


def _word(width: int, is_big: bool) -> np.dtype[Any]:
    return np.dtype(f"{'>' if is_big else '<'}u{width}")


def _elements(header: TableFile, tags: Sequence[str]) -> tuple[Dataset, bool]:
    with open(header.path, "rb") as file, quiet():
        dataset, _, syntax = read_elements(file, tags, None)
        return dataset, is_big_endian(dataset, syntax)


def _read_tables(header: TableFile, sequence: str, kind: str, may_be_negative: bool) -> list[Table]:
    tables: list[Table] = []
    # A damaged table is none; whatever else is in the file can be read all the same.
    with contextlib.suppress(NotASlice), named_refusal():
        dataset, is_big = _elements(header, [sequence])
        for item in sequence_items(dataset, sequence)[:_MOST_TABLES]:
            shape = _descriptor(item, "LUTDescriptor", is_big, may_be_negative)
            if shape is None:
                continue
            count, first, bits = shape
            entries = _entries(raw_bytes(item, "LUTData"), count, is_big)
            if entries is not None:
                dtype = np.uint8 if bits == 8 else np.uint16
                name = clean_text(raw_text(item, kind), 32)
                tables.append(Table(first, entries.astype(dtype), bits, name))
    return tables


def _descriptor(
    dataset: Dataset, name: str, is_big: bool, may_be_negative: bool
) -> tuple[int, int, int] | None:
    """Return number of entries, first value mapped and bits of an entry."""
    raw = raw_bytes(dataset, name)
    if raw is None or len(raw) != 6:
        return None
    count, first, bits = struct.unpack(">3H" if is_big else "<3H", raw)
    if may_be_negative and first >= 0x8000:
        first -= 0x10000
    return (count or 0x10000, first, bits) if 8 <= bits <= 16 else None


def _entries(raw: bytes | None, count: int, is_big: bool) -> NDArray[Any] | None:
    """Return the entries of a table, packed in bytes or in words, None for another length."""
    if raw is None:
        return None
    if len(raw) == 2 * count and count > 1:
        return np.frombuffer(raw, _word(2, is_big)).astype(np.uint16)
    if len(raw) in (count, count + count % 2):
        data = np.frombuffer(raw, np.uint8)
        if is_big and len(raw) % 2 == 0 and len(raw) == count:
            data = data.reshape(-1, 2)[:, ::-1].ravel()
        return data[:count].astype(np.uint16)
    return None
