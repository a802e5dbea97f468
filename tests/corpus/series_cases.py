"""Rows 34 to 36: a series that is not one, or not whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from corpus import raw_dicom as raw
from corpus.case import Case, Expect, Make, loads, of_array, warns
from corpus.raw_dicom import RawFile, mr_slice, picture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CASES: list[Case] = []
_SPACING = (0.5, 0.75, 2.0)


def _add(row: int, name: str, make: Make, expect: Expect, **bounds: Any) -> None:
    CASES.append(Case(row, name, make, expect, **bounds))


def _series(
    change: Callable[[int, RawFile], RawFile | None] = lambda k, f: f, count: int = 6
) -> Make:
    """Return a maker of a series of which `change(k, file)` may replace or leave out slices."""

    def make(folder: Path) -> None:
        for k in range(count):
            file = change(k, mr_slice(k))
            if file is not None:
                file.write(folder / f"IM{k + 1:03d}.dcm")

    return make


def _with(make: Make, *extra: RawFile) -> Make:
    def both(folder: Path) -> None:
        make(folder)
        for number, file in enumerate(extra):
            file.write(folder / f"extra{number}.dcm")

    return both


_SIX = of_array(raw.volume(6), spacing=_SPACING, used=6)
_add(34, "whole", _series(), loads(_SIX))
_add(34, "duplicate", _with(_series(), mr_slice(2)), warns("duplicate_slices", series=[_SIX]))
_add(
    34,
    "same-uid-other-pixels",
    _with(_series(), mr_slice(2, picture(2) + np.int16(5))),
    # Which of the two is the image, nobody knows; the first by name is, in counting order.
    warns("conflicting_duplicates"),
)
_add(
    34,
    "gap",
    _series(lambda k, f: None if k == 2 else f),
    warns(
        "missing_slices", series=[of_array(raw.volume([0, 1, 3, 4, 5]), used=5, spacing=_SPACING)]
    ),
)
_add(
    34,
    "uneven",
    _series(lambda k, f: f.put(raw.POSITION, "DS", [-10, -20, (0, 2, 4, 6.7, 8.7, 10.7)[k]])),
    warns("uneven_spacing", series=[of_array(raw.volume(6), used=6)]),
)
_add(
    34,
    "tilt",
    _series(lambda k, f: f.put(raw.POSITION, "DS", [-10, -20 + 0.7 * k, 30 + 2 * k])),
    warns("gantry_tilt", series=[of_array(raw.volume(6), used=6)]),
)
_add(
    34,
    "same-position-one",
    _with(_series(), mr_slice(2).put(0x00080018, "UI", "1.2.9").put(0x00200013, "IS", "9")),
    warns("same_position", series=[_SIX]),
)
_add(
    34,
    "same-position-all",
    _series(lambda k, f: f.put(raw.POSITION, "DS", "0\\0\\0")),
    warns("same_position"),
)


def _dynamic(order: Callable[[int, int], int], lost: int | None = None) -> Make:
    """Return a maker of 3 volumes of 4 slices that only their numbers tell apart."""

    def make(folder: Path) -> None:
        for turn in range(3):
            for k in range(4):
                number = order(turn, k)
                file = mr_slice(k, picture(k) + np.int16(100 * turn))
                file.put(0x00080018, "UI", f"1.2.7.{number + 1}").put(0x00200013, "IS", number + 1)
                if number != lost:
                    file.write(folder / f"IM{number:03d}.dcm")

    return make


_TURNS = [of_array(raw.volume(4) + np.int16(100 * n), spacing=_SPACING, used=4) for n in range(3)]
_add(34, "dynamic-by-volume", _dynamic(lambda turn, k: 4 * turn + k), loads(*_TURNS))
_add(34, "dynamic-by-position", _dynamic(lambda turn, k: 3 * k + turn), loads(*_TURNS))
_add(
    34,
    "dynamic-less-one",
    _dynamic(lambda turn, k: 4 * turn + k, lost=11),
    warns("incomplete_volume", series=[*_TURNS[:2], of_array(raw.volume(3) + 200, used=3)]),
)
_add(
    34,
    "no-position-one",
    _series(lambda k, f: f.drop(raw.POSITION) if k == 5 else f),
    warns("no_position", series=[of_array(raw.volume(5), used=5)]),
)
_add(
    34,
    "no-position-any",
    _series(lambda k, f: f.drop(raw.POSITION)),
    warns("no_position", series=[of_array(raw.volume(6), used=6)]),
)
_add(
    34,
    "nan-position-one",
    _series(lambda k, f: f.put(raw.POSITION, "DS", "NaN\\0\\0") if k == 5 else f),
    warns("no_position", series=[of_array(raw.volume(5), used=5)]),
)
_add(
    34,
    "far-position",
    _series(lambda k, f: f.put(raw.POSITION, "DS", "0\\0\\1e9") if k == 5 else f),
    warns("missing_slices", also=["uneven_spacing", "shifted_slices"]),
)

_OTHER = "1.2.826.0.1.3680043.8.498.88"


def _two_series(folder: Path) -> None:
    raw.write_series(folder)
    for k in range(3):
        file = mr_slice(k + 10).put(0x0020000E, "UI", _OTHER).put(0x00200011, "IS", "4")
        file.write(folder / f"other{k}.dcm")


def _two_patients(folder: Path) -> None:
    raw.write_series(folder)
    for k in range(3):
        file = mr_slice(k + 10).put(0x0020000E, "UI", _OTHER)
        file.put(0x00100020, "LO", "OTHER88").put(0x00100010, "PN", "Other^One")
        file.write(folder / f"other{k}.dcm")


def _two_patients_one_uid(folder: Path) -> None:
    raw.write_series(folder)
    for k in range(4, 7):
        file = mr_slice(k).put(0x00100020, "LO", "OTHER88").put(0x00100010, "PN", "Other^One")
        file.write(folder / f"other{k}.dcm")


_SPLIT = [of_array(raw.volume(4), used=4), of_array(raw.volume([10, 11, 12]), used=3)]
_add(35, "two-series", _two_series, loads(*_SPLIT))
_add(35, "two-patients", _two_patients, warns("several_patients", series=_SPLIT))
_add(
    35,
    "two-patients-one-uid",
    _two_patients_one_uid,
    warns(
        "several_patients",
        series=[of_array(raw.volume(4), used=4), of_array(raw.volume([4, 5, 6]), used=3)],
    ),
)
_add(
    35,
    "one-of-other-size",
    _with(
        _series(count=12),
        mr_slice(12, np.ones((4, 4), np.int16)),
    ),
    warns("mixed_sizes", series=[of_array(raw.volume(12), used=12)]),
)
_add(
    35,
    "one-cut",
    lambda folder: _cut(raw.write_series(folder)[3]),
    warns("unreadable_slices", series=[of_array(raw.volume(3), used=3)]),
)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def _pet(k: int, file: RawFile) -> RawFile:
    slope = 0.5 + 0.25 * k
    return file.put(0x00080060, "CS", "PT").put(raw.SLOPE, "DS", slope).put(raw.INTERCEPT, "DS", k)


_PET = np.stack([picture(k).T * (0.5 + 0.25 * k) + k for k in range(6)], axis=2)
_add(
    36, "slope-per-slice", _series(_pet), loads(of_array(_PET.astype(np.float32), spacing=_SPACING))
)
_add(
    36,
    "slope-in-some",
    _series(lambda k, f: _pet(k, f) if k < 3 else f.put(0x00080060, "CS", "PT")),
    warns("mixed_rescale"),
)
_add(
    36,
    "shuffled-numbers",
    _series(lambda k, f: f.put(0x00200013, "IS", (5 * k) % 6 + 1)),
    loads(_SIX),
)
_add(
    36,
    "same-number",
    _series(lambda k, f: f.put(0x00200013, "IS", 1)),
    loads(_SIX),
)


def _mixed_syntaxes(folder: Path) -> None:
    for k, syntax in enumerate((raw.EXPLICIT, raw.IMPLICIT, raw.DEFLATED, raw.BIG_ENDIAN, raw.RLE)):
        file = mr_slice(k, syntax=syntax)
        if syntax == raw.RLE:
            from corpus.dicom_cases import rle

            file.put(raw.PIXELS, "OB", raw.items(rle(picture(k))), raw.UNDEFINED)
        file.write(folder / f"{9 - k}.dcm")


_add(
    36, "mixed-syntaxes", _mixed_syntaxes, loads(of_array(raw.volume(5), spacing=_SPACING, used=5))
)


def _mixed_signs(folder: Path) -> None:
    for k in range(4):
        pixels = np.full((6, 5), 40_000 + k, np.uint16) if k % 2 else picture(k)
        mr_slice(k, pixels).write(folder / f"{k}.dcm")


_MIXED = np.stack(
    [np.full((5, 6), 40_000.0 + k) if k % 2 else picture(k).T for k in range(4)], axis=2
)
_add(36, "mixed-signs", _mixed_signs, loads(of_array(_MIXED, used=4)))
