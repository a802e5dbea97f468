"""Rows 37, 38 and 51: folders with rubbish, odd names, and files beside each other."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from corpus import raw_dicom as raw
from corpus.case import Case, Expect, Make, loads, of_array, rejects, warns
from corpus.nifti_cases import PLAIN as NIFTI
from corpus.raw_nifti import RawNifti, gzipped, ramp

CASES: list[Case] = []
_FOUR = of_array(raw.volume(4), spacing=(0.5, 0.75, 2.0), used=4)


def _add(row: int, name: str, make: Make, expect: Expect, **bounds: Any) -> None:
    CASES.append(Case(row, name, make, expect, **bounds))


def _beside(change: Make) -> Make:
    """Return a maker of a good series with something beside it."""

    def make(folder: Path) -> None:
        raw.write_series(folder)
        change(folder)

    return make


def _rubbish(folder: Path) -> None:
    (folder / "notes.txt").write_text("call back")
    (folder / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    (folder / "noise").write_bytes(np.random.default_rng(3).bytes(5000))
    (folder / "report.pdf").write_bytes(b"%PDF-1.7\n")
    (folder / "a.json").write_text("{}")


def _links(folder: Path) -> None:
    (folder / "gone.dcm").symlink_to(folder / "nowhere")
    (folder / "self").symlink_to(folder / "self")
    (folder / "up").symlink_to(folder)
    (folder / "again.dcm").symlink_to(folder / "IM001.dcm")


def _deep(folder: Path) -> None:
    place = folder
    for _ in range(60):
        place = place / "d"
        place.mkdir()
    raw.write_series(place)


def _pipe(folder: Path) -> None:
    os.mkfifo(folder / "pipe.dcm")
    os.mkfifo(folder / "IM009.dcm")


def _locked(folder: Path) -> None:
    (folder / "locked").mkdir(mode=0o000)
    (folder / "locked.dcm").write_bytes(b"x")
    (folder / "locked.dcm").chmod(0)


_add(37, "rubbish", _beside(_rubbish), loads(_FOUR))
_add(37, "empty-dcm", _beside(lambda f: (f / "empty.dcm").touch()), loads(_FOUR))
_add(37, "folder-named-dcm", _beside(lambda f: (f / "IM009.dcm").mkdir()), loads(_FOUR))
_add(37, "links", _beside(_links), warns(series=[_FOUR], also=["duplicate_slices"]))
_add(37, "deep", _deep, loads(_FOUR))
_add(37, "socket", _beside(lambda f: _socket(f / "s")), loads(_FOUR))
_add(37, "pipe", _beside(_pipe), warns(series=[_FOUR], also=["unreadable_slices"]))
_add(37, "pipe-alone", lambda f: _named_pipe(f / "scan.dcm"), rejects("pipe"), seconds=3.0)
_add(37, "no-permission", _beside(_locked), loads(_FOUR))
_add(37, "empty-folder", lambda folder: _made(folder / "nothing"), rejects("no files|empty"))
_add(37, "device", lambda folder: Path("/dev/null"), rejects("device"))
_add(37, "device-zero", lambda folder: Path("/dev/zero"), rejects("device"), memory_mb=64)


def _made(path: Path) -> Path:
    path.mkdir()
    return path


def _named_pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def _socket(path: Path) -> None:
    import socket

    here = os.getcwd()
    with socket.socket(socket.AF_UNIX) as one:
        try:
            os.chdir(path.parent)  # the address of a socket is short
            one.bind(path.name)
        finally:
            os.chdir(here)


def _named(name: bytes | str, data: bytes | None = None) -> Make:
    def make(folder: Path) -> Path:
        path = folder / (os.fsdecode(name) if isinstance(name, bytes) else name)
        path.write_bytes(RawNifti(ramp()).to_bytes() if data is None else data)
        return path

    return make


def _long_path(folder: Path) -> Path:
    place = folder
    for letter in "abcd":
        place = place / (letter * 150)
    place.mkdir(parents=True)
    return _written(place / "a.nii")


def _written(path: Path) -> Path:
    path.write_bytes(RawNifti(ramp()).to_bytes())
    return path


_ODD_NAMES: dict[str, bytes | str] = {
    "not-utf-8": b"caf\xe9 \xff.nii",
    "right-to-left": "scan\u202eiin.exe.nii",
    "leading-dash": "-rf.nii",
    "new-line": "a\nb.nii",
    "escape": "a\x1b[31mred.nii",
    "spaces": "  two  spaces .nii",
    "255-bytes": "n" * 251 + ".nii",
    "html": "<img src=x onerror=alert(1)>.nii",
    "formula": "=1+1.nii",
    "percent": "%s%n%d.nii",
}
for _name, _odd in _ODD_NAMES.items():
    _add(38, _name, _named(_odd), loads(NIFTI))
    _add(38, f"{_name}-rejected", _named(_odd, bytes(9000)), rejects("zero"))
_add(38, "600-characters", _long_path, loads(NIFTI))


def _two(first: str, second: str, ask: str) -> Make:
    """Return a maker of two files of other values beside each other; one is asked for."""

    def make(folder: Path) -> Path:
        for name, array in ((first, ramp()), (second, ramp() + np.int16(100))):
            data = RawNifti(array).to_bytes()
            (folder / name).write_bytes(gzipped(data) if name.endswith(".gz") else data)
        return folder / ask

    return make


_OTHER = of_array(ramp() + 100, used=1)
_add(51, "gzip-asked-for", _two("a.nii", "a.nii.gz", "a.nii.gz"), loads(_OTHER))
_add(51, "plain-asked-for", _two("a.nii", "a.nii.gz", "a.nii"), loads(NIFTI))
_add(51, "both", lambda f: (_two("a.nii", "a.nii.gz", "a.nii")(f), None)[1], loads(NIFTI, _OTHER))
