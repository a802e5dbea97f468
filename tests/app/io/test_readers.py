"""Folders: every file found has one place, and nothing blocks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import dicom_factory as factory
import nibabel as nib
import numpy as np
import pytest

from acutance.core.ledger import Index, SeriesItem
from acutance.errors import JobCancelled, ReadError, UnsupportedFormatError
from acutance.io.readers import READERS, index_paths, ordered_readers, read_item
from acutance.io.sniff import describe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from acutance.core.ledger import LoadedSeries

    FindIndex = Callable[..., Index]


def test_a_second_reader_of_the_same_id_raises() -> None:
    with pytest.raises(ValueError, match="id of its own"):
        ordered_readers([READERS[0], READERS[1], READERS[0]])


def test_every_file_of_a_messy_folder_is_accounted_for(
    tmp_path: Path, index: FindIndex, silent: Any
) -> None:
    factory.write_series(tmp_path / "mr", factory.ramp())
    nib.save(nib.Nifti1Image(factory.ramp(), np.eye(4)), tmp_path / "b.nii.gz")
    (tmp_path / "empty.dcm").touch()
    (tmp_path / "folder.dcm").mkdir()
    (tmp_path / ".DS_Store").write_bytes(b"x")
    (tmp_path / "note.txt").write_text("hello")
    (tmp_path / "zeros.dcm").write_bytes(bytes(1 << 20))
    (tmp_path / "picture.dcm").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    (tmp_path / "mr" / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    found = index(tmp_path)
    assert [item.reader for item in found.items] == ["nifti", "dicom"]
    aside = {os.path.basename(s.file): s.reason for s in found.items[0].set_aside}
    assert set(aside) == {
        "empty.dcm", ".DS_Store", "note.txt", "zeros.dcm", "picture.dcm", "gone", "pipe", "loop",
    }  # fmt: skip
    assert "pipe" in aside["pipe"]
    assert "PNG" in aside["picture.dcm"]
    assert "zero" in aside["zeros.dcm"]
    assert aside[".DS_Store"] == "hidden file"
    loaded = [read_item(i, lambda s, d: np.empty(s, d), silent, silent) for i in found.items]
    assert [one.ledger.found for one in loaded] == [9, 3]


def test_a_file_named_twice_is_read_once(tmp_path: Path, index: FindIndex) -> None:
    paths = factory.write_series(tmp_path, factory.ramp())
    assert len(index(paths[0], tmp_path, paths[0]).items[0].files) == 3


def test_without_a_series_the_index_keeps_the_account(tmp_path: Path, index: FindIndex) -> None:
    (tmp_path / "note.txt").write_text("hello")
    found = index(tmp_path / "note.txt")
    assert found.items == ()
    assert len(found.set_aside) == 1


def test_a_missing_path_is_named(tmp_path: Path, index: FindIndex) -> None:
    with pytest.raises(ReadError, match="nowhere"):
        index(tmp_path / "nowhere")


def test_items_stand_in_counting_order(tmp_path: Path, index: FindIndex) -> None:
    for number in (10, 9, 1):
        nib.save(nib.Nifti1Image(factory.ramp(), np.eye(4)), tmp_path / f"s{number}.nii")
    assert [item.title for item in index(tmp_path).items] == ["s1", "s9", "s10"]


def test_index_crosses_as_plain_values(tmp_path: Path, index: FindIndex) -> None:
    factory.write_series(tmp_path, factory.ramp())
    found = index(tmp_path)
    assert Index.from_plain(found.to_plain()) == found


def test_cancel_ends_both_passes(tmp_path: Path, index: FindIndex, silent: Any) -> None:
    class Cancelled:
        def raise_if_cancelled(self) -> None:
            raise JobCancelled

    factory.write_series(tmp_path, factory.ramp())
    item = index(tmp_path).items[0]
    with pytest.raises(JobCancelled):
        index_paths([tmp_path], silent, Cancelled())
    with pytest.raises(JobCancelled):
        read_item(item, np.empty, silent, Cancelled())  # type: ignore[arg-type]


def test_an_unknown_reader_is_refused(silent: Any) -> None:
    with pytest.raises(UnsupportedFormatError):
        read_item(SeriesItem("tape", "x", ("x",)), np.empty, silent, silent)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", [b"caf\xe9.nii", "شات\u202e.nii".encode(), b"-rf.nii", b"a b\n.nii"]
)
def test_odd_names_are_borne(
    tmp_path: Path, load: Callable[..., LoadedSeries], name: bytes
) -> None:
    plain = tmp_path / "x.nii"
    nib.save(nib.Nifti1Image(factory.ramp(), np.eye(4)), plain)
    odd = tmp_path / os.fsdecode(name)
    plain.rename(odd)
    loaded = load(tmp_path)
    np.testing.assert_array_equal(loaded.volume.array, factory.ramp())
    assert loaded.item.title.isprintable()


def test_inputs_are_not_touched(tmp_path: Path, load: Callable[..., LoadedSeries]) -> None:
    paths = factory.write_series(tmp_path, factory.ramp())
    before = [(p.read_bytes(), p.stat().st_mtime_ns) for p in paths]
    load(tmp_path)
    assert [(p.read_bytes(), p.stat().st_mtime_ns) for p in paths] == before


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"%PDF-1.4", "PDF"),
        (b"PK\x03\x04rest", "zip"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (b"\n<!DOCTYPE html><html>", "web page"),
        (b"plain words", "text"),
        (bytes(range(1, 200)), "no kind"),
        (b"\x1f\x8b\x08", "gzip"),
    ],
)
def test_foreign_files_are_called_by_name(head: bytes, words: str) -> None:
    assert words in describe(head)
