"""`acutance.export.calibration_store`: versions that are never rewritten, and the way back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from acutance.core.calibration import Mark, SiteCalibration
from acutance.errors import CalibrationError
from acutance.export.calibration_store import VARIABLE, CalibrationStore

if TYPE_CHECKING:
    from pathlib import Path

A, B, C = "a" * 64, "b" * 64, "c" * 64


def calibration(version: int) -> SiteCalibration:
    return SiteCalibration(
        version, A, (0.5, 0.9), (0.1, 0.9), 0.88, 0.55, (Mark(B, 0.5, False, A),), (), 0.1, 0.2
    )


def test_a_mark_replaces_the_one_before_of_the_same_series(tmp_path: Path) -> None:
    store = CalibrationStore(tmp_path / "new")
    assert store.marks() == ()
    for mark in (Mark(B, 0.9, True, A), Mark(B, 0.8, False, A), Mark(B, 0.7, True, C)):
        store.add(mark)
    assert store.marks(A) == (Mark(B, 0.8, False, A),)
    assert len(store.marks()) == 2
    assert store.mark_of(B, A) == Mark(B, 0.8, False, A)
    assert store.mark_of(C, A) is None
    assert store.forget(B, A)
    assert not store.forget(B, A)
    assert store.marks(A) == ()


def test_versions_are_kept_applied_and_left(tmp_path: Path) -> None:
    store = CalibrationStore(tmp_path)
    assert (store.versions(), store.next_version(), store.active()) == ((), 1, None)
    for version in (1, 2):
        store.write(calibration(version))
    assert store.active_version() == 0
    store.apply(2)
    assert store.active() == calibration(2)
    assert store.in_force() == replace(calibration(2), marks=())
    before = (tmp_path / "calibration-2.json").read_bytes()
    store.apply(1)
    store.apply(0)
    assert store.active() is None
    assert (tmp_path / "calibration-2.json").read_bytes() == before
    assert store.next_version() == 3
    with pytest.raises(CalibrationError, match="never rewritten"):
        store.write(calibration(2))
    with pytest.raises(CalibrationError, match="no version 9"):
        store.apply(9)


def test_files_hold_hashes_and_no_order_of_marking(tmp_path: Path) -> None:
    store = CalibrationStore(tmp_path)
    store.add(Mark(C, 0.5, True, A))
    store.add(Mark(B, 0.6, True, A))
    plain = json.loads((tmp_path / "marks.json").read_text())
    assert [entry["content_sha256"] for entry in plain["series"]] == [B, C]
    allowed = {"content_sha256", "ssim_pred", "usable", "weights_sha256"}
    assert all(set(entry) == allowed for entry in plain["series"])
    store.write(calibration(1))
    written = json.loads((tmp_path / "calibration-1.json").read_text())
    assert "made_on" not in written
    assert sorted(p.name for p in tmp_path.iterdir()) == ["calibration-1.json", "marks.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 9}', '{"format": 1}', "[" * 9999])
def test_a_damaged_file_is_told_and_never_left_out(tmp_path: Path, text: str) -> None:
    store = CalibrationStore(tmp_path)
    store.write(calibration(1))
    store.apply(1)
    for name, ask in (
        ("marks.json", store.marks),
        ("calibration-1.json", store.active),
        ("active.json", store.active_version),
    ):
        path = tmp_path / name
        kept = path.read_bytes() if path.exists() else b""
        path.write_text(text)
        with pytest.raises(CalibrationError) as caught:
            ask()
        assert caught.value.path == path
        assert caught.value.remedy
        path.write_bytes(kept)
    other = (tmp_path / "calibration-1.json").read_text()
    (tmp_path / "calibration-7.json").write_text(other)
    with pytest.raises(CalibrationError, match="version 1"):
        store.read(7)


def test_the_environment_names_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "here"))
    assert CalibrationStore().folder == tmp_path / "here"
