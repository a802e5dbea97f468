"""Files of an archive are unpacked under other names; what goes by names still finds its way."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from acutance.core.ledger import LoadedSeries

    LoadAll = Callable[..., list[LoadedSeries]]

RAMP = np.arange(60).reshape((5, 4, 3), order="F").astype("<i2")


def png(value: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((6, 9), value, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


def test_a_header_in_an_archive_finds_its_voxels_there_and_nowhere_else(
    tmp_path: Path, load_all: LoadAll
) -> None:
    lines = ["NRRD0004", "type: short", "dimension: 3", "sizes: 5 4 3", "endian: little",
             "encoding: raw", "data file: sub/voxels.raw", "", ""]  # fmt: skip
    header = "\n".join(lines).encode()
    data = RAMP.tobytes(order="F")
    path = archive(tmp_path / "a.zip", {"x/a.nhdr": header, "x/sub/voxels.raw": data})
    (loaded,) = load_all(path)
    np.testing.assert_array_equal(loaded.volume.array, RAMP)
    assert loaded.item.title == "a"
    assert loaded.ledger.used == 2
    outside = header.replace(b"sub/", b"../")
    path = archive(tmp_path / "b.zip", {"x/a.nhdr": outside, "voxels.raw": data})
    assert load_all(path) == []


def test_pictures_in_an_archive_are_a_stack_by_their_own_numbers(
    tmp_path: Path, load_all: LoadAll
) -> None:
    members = {f"stack/im{number}.png": png(number) for number in (10, 9, 11)}
    (loaded,) = load_all(archive(tmp_path / "a.zip", members))
    assert list(loaded.volume.array[0, 0]) == [9, 10, 11]
    assert loaded.item.title == "im"


def test_pictures_of_other_names_in_an_archive_are_no_stack(
    tmp_path: Path, load_all: LoadAll
) -> None:
    members = {f"{name}.png": png(n) for n, name in enumerate(("left", "right", "front"))}
    loaded = load_all(archive(tmp_path / "a.zip", members))
    assert sorted(one.item.title for one in loaded) == ["front", "left", "right"]
