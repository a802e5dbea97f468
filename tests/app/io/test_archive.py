"""Zip archives: scans in them are read, and nothing in them decides where anything is written."""

from __future__ import annotations

import io
import os
import random
import stat
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nibabel as nib
import numpy as np
import pytest
from dicom_factory import ramp, write_series

from acutance.errors import JobCancelled, ReadError
from acutance.io import archive
from acutance.io.readers import index_paths, read_item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from acutance.core.ledger import Index, LoadedSeries


@pytest.fixture(autouse=True)
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The private folder, and the proof that nothing but numbers came into it."""
    folder = tmp_path_factory.mktemp("private")
    archive.set_folder(str(folder))
    yield folder
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        assert "Secret" not in name
        assert path.is_dir() or path.name[:6].isdigit(), name


def _nifti(fill: int = 1) -> bytes:
    values = np.arange(60).reshape(5, 4, 3).astype(np.int16) + fill
    return bytes(nib.Nifti1Image(values, np.diag([2.0, 2.0, 2.0, 1.0])).to_bytes())


def _zip(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in entries:
            file.writestr(name, data)
    return path


def _reasons(found: Index) -> dict[str, str]:
    entries = [*found.set_aside, *(s for item in found.items for s in item.set_aside)]
    return {s.file: s.reason for s in entries}


def test_a_series_in_a_zip_is_read_and_named_by_its_members(
    tmp_path: Path, load: Callable[..., LoadedSeries], unpacked: Path
) -> None:
    volume = ramp((5, 4, 12))
    source = tmp_path / "source"
    write_series(source, volume)
    path = tmp_path / "scan.zip"
    entries = [(f"Secret^Person/T1/{p.name}", p.read_bytes()) for p in source.iterdir()]
    _zip(path, *entries, ("Secret^Person/readme.txt", b"nothing of interest"))
    loaded = load(path)
    np.testing.assert_array_equal(loaded.volume.array, volume)
    assert loaded.item.path == f"{path}/Secret^Person/T1"
    assert loaded.ledger.found == 13
    assert [s.file for s in loaded.ledger.set_aside] == [f"{path}/Secret^Person/readme.txt"]
    assert (str(path)) in [known for _, known in loaded.item.mounts]
    assert all(Path(file).is_relative_to(unpacked) for file in loaded.item.files)


def test_a_volume_in_a_zip_has_the_title_of_its_member(
    tmp_path: Path, load: Callable[..., LoadedSeries]
) -> None:
    path = _zip(tmp_path / "a.zip", ("head T1.nii", _nifti()))
    loaded = load(path)
    assert loaded.item.title == loaded.volume.name == "head T1"
    assert loaded.item.path == f"{path}/head T1.nii"


def test_a_cut_slice_in_a_zip_is_named_by_its_member(
    tmp_path: Path, load: Callable[..., LoadedSeries]
) -> None:
    source = tmp_path / "source"
    files = write_series(source, ramp((5, 4, 6)))
    entries = [(p.name, p.read_bytes()) for p in files]
    entries[2] = (entries[2][0], entries[2][1][:-7])
    path = _zip(tmp_path / "a.zip", *entries)
    loaded = load(path)
    assert [s.file for s in loaded.ledger.set_aside] == [f"{path}/{files[2].name}"]
    (warning,) = (w for w in loaded.warnings if w.name == "unreadable_slices")
    assert warning.files == (f"{path}/{files[2].name}",)


def test_an_error_names_the_member(
    tmp_path: Path, index: Callable[..., Index], silent: Any
) -> None:
    path = _zip(tmp_path / "a.zip", ("x.nii", _nifti()))
    (item,) = index(path).items
    Path(item.files[0]).write_bytes(_nifti()[:400])
    with pytest.raises(ReadError) as caught:
        read_item(item, lambda s, d: np.empty(s, d), silent, silent)
    assert caught.value.path == path / "x.nii"
    assert item.files[0] not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../out.nii", "leads out"),
        ("a/../../out.nii", "leads out"),
        ("/etc/out.nii", "leads out"),
        ("C:/out.nii", "leads out"),
        ("..\\out.nii", "backslash"),
        ("a/con.nii", "device"),
        ("LPT1", "device"),
        ("a/.hidden.nii", "hidden"),
        ("__MACOSX/x.nii", "hidden"),
    ],
)
def test_names_that_are_none_are_set_aside(
    name: str, reason: str, tmp_path: Path, index: Callable[..., Index], unpacked: Path
) -> None:
    def files() -> set[Path]:
        around = (p for p in tmp_path.parent.rglob("*") if not p.is_relative_to(unpacked))
        return {p for p in around if p.is_file()}

    before = files()
    path = _zip(tmp_path / "a.zip", (name, _nifti()), ("good.nii", _nifti()))
    found = index(path)
    assert [item.title for item in found.items] == ["good"]
    ((file, why),) = _reasons(found).items()
    assert reason in why
    assert file.startswith(f"{path}/")
    assert files() - before == {path}


def test_duplicates_and_case_clashes_are_set_aside(
    tmp_path: Path, index: Callable[..., Index]
) -> None:
    path = tmp_path / "a.zip"
    with pytest.warns(UserWarning, match="Duplicate"):
        _zip(path, ("a.nii", _nifti()), ("a.nii", _nifti(2)), ("A.NII", _nifti(3)))
    found = index(path)
    reasons = [s.reason for item in found.items for s in item.set_aside]
    assert len(found.items) == 1
    assert any("twice" in reason for reason in reasons)
    assert any("case" in reason for reason in reasons)


def test_links_and_devices_are_set_aside(tmp_path: Path, index: Callable[..., Index]) -> None:
    entries = []
    for name, kind in (("link", stat.S_IFLNK), ("pipe", stat.S_IFIFO)):
        info = zipfile.ZipInfo(name)
        info.external_attr = (kind | 0o777) << 16
        entries.append((info, b"/etc/passwd"))
    path = _zip(tmp_path / "a.zip", *entries, ("link/entry.nii", _nifti()))
    reasons = _reasons(index(path))
    assert "link" in reasons[f"{path}/link"]
    assert "device" in reasons[f"{path}/pipe"]


def test_encrypted_entries_are_set_aside(tmp_path: Path, index: Callable[..., Index]) -> None:
    path = _zip(tmp_path / "a.zip", ("a.nii", _nifti()))
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    path.write_bytes(data)
    assert "encrypted" in _reasons(index(path))[f"{path}/a.nii"]


def test_a_bad_checksum_is_set_aside(tmp_path: Path, index: Callable[..., Index]) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        file.writestr("a.nii", _nifti())
        file.writestr("b.nii", _nifti(5))
    data = bytearray(path.read_bytes())
    data[data.index(b"a.nii") + 400] ^= 0x10
    path.write_bytes(data)
    found = index(path)
    assert [item.title for item in found.items] == ["b"]
    assert "damaged" in _reasons(found)[f"{path}/a.nii"]


def test_a_claimed_size_is_not_believed(tmp_path: Path, index: Callable[..., Index]) -> None:
    path = _zip(tmp_path / "a.zip", ("a.nii", _nifti()), ("b.nii", _nifti()))
    good = path.read_bytes()
    for claim in (10, 1 << 30):
        data = bytearray(good)
        at = data.index(b"PK\x01\x02") + 24
        data[at : at + 4] = claim.to_bytes(4, "little")
        path.write_bytes(data)
        found = index(path)
        assert [item.title for item in found.items] == ["b"]
        assert "damaged" in _reasons(found)[f"{path}/a.nii"]


def test_what_grows_too_much_is_set_aside(
    tmp_path: Path, index: Callable[..., Index], monkeypatch: pytest.MonkeyPatch, unpacked: Path
) -> None:
    monkeypatch.setattr(archive, "_RATIO_FROM_BYTES", 1 << 20)
    path = _zip(tmp_path / "a.zip", ("bomb.nii", bytes(64 << 20)), ("good.nii", _nifti()))
    found = index(path)
    assert [item.title for item in found.items] == ["good"]
    assert "fold" in _reasons(found)[f"{path}/bomb.nii"]
    assert sum(p.stat().st_size for p in unpacked.rglob("*") if p.is_file()) < 10_000


def test_bounds_of_size_and_number_hold(
    tmp_path: Path, index: Callable[..., Index], monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = random.Random(0).randbytes(1 << 18)
    path = _zip(tmp_path / "a.zip", ("a.nii", _nifti()), ("large", noise))
    with monkeypatch.context() as patch:
        patch.setattr(archive, "MAX_ENTRY_BYTES", 1 << 16)
        assert "larger than 64.0 KiB" in _reasons(index(path))[f"{path}/large"]
    archive._known.clear()
    with monkeypatch.context() as patch:
        patch.setattr(archive, "MAX_TOTAL_BYTES", 1 << 16)
        assert "no room" in _reasons(index(path))[f"{path}/large"]
    archive._known.clear()
    monkeypatch.setattr(archive, "MAX_ENTRIES", 1)
    assert "more than 1 files" in _reasons(index(path))[str(path)]


def test_many_entries_are_borne(tmp_path: Path, index: Callable[..., Index]) -> None:
    entries = [(f"{n // 100}/{n}.txt", b"nothing") for n in range(2000)]
    path = _zip(tmp_path / "a.zip", ("a.nii", _nifti()), *entries)
    (item,) = index(path).items
    assert len(item.set_aside) == 2000


@pytest.mark.parametrize("length", [4, 30, 200, -30, -1])
def test_a_cut_archive_is_set_aside(
    length: int, tmp_path: Path, index: Callable[..., Index]
) -> None:
    path = _zip(tmp_path / "a.zip", ("a.nii", _nifti()))
    path.write_bytes(path.read_bytes()[:length])
    ((file, reason),) = _reasons(index(path)).items()
    assert file == str(path)
    assert "cut or damaged" in reason


def test_an_archive_in_an_archive_is_read_and_a_third_is_not(
    tmp_path: Path, index: Callable[..., Index]
) -> None:
    data = _nifti()
    for level in range(30):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as file:
            file.writestr(f"{level}.zip" if level else "deepest.nii", data)
            if level in (28, 29):
                file.writestr(f"at{level}.nii", _nifti(level))
        data = stream.getvalue()
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    found = index(path)
    assert sorted(item.title for item in found.items) == ["at28", "at29"]
    assert f"{path}/29.zip/at28.nii" in [item.path for item in found.items]
    reasons = _reasons(found)
    assert "inside an archive" in reasons[f"{path}/29.zip/28.zip"]


def test_pairs_stay_together(tmp_path: Path, load: Callable[..., LoadedSeries]) -> None:
    image = nib.Nifti1Pair(np.arange(60).reshape(5, 4, 3).astype(np.int16), np.eye(4))
    nib.save(image, tmp_path / "x.hdr")
    members = [
        (f"deep/Secret.{end}", (tmp_path / f"x.{end}").read_bytes()) for end in ("hdr", "img")
    ]
    path = tmp_path / "zips" / "a.zip"
    path.parent.mkdir()
    _zip(path, *members)
    loaded = load(path)
    assert loaded.ledger.used == loaded.ledger.found == 2
    np.testing.assert_array_equal(loaded.volume.array, image.get_fdata())


def test_the_same_archive_is_unpacked_once(tmp_path: Path, index: Callable[..., Index]) -> None:
    path = _zip(tmp_path / "a.zip", ("a.nii", _nifti()))
    first = index(path)
    assert index(path) == first
    os.utime(path, ns=(1, 1))
    assert index(path) != first


def test_cancel_ends_the_unpacking_and_leaves_nothing(tmp_path: Path, unpacked: Path) -> None:
    path = _zip(tmp_path / "a.zip", *((f"{n}.nii", _nifti()) for n in range(50)))

    class Token:
        calls = 0

        def report(self, fraction: float, message: str) -> None:
            assert message

        def raise_if_cancelled(self) -> None:
            self.calls += 1
            if self.calls > 20:
                raise JobCancelled

    token = Token()
    with pytest.raises(JobCancelled):
        index_paths([path], token, token)
    assert not list(unpacked.iterdir())


def test_an_archive_of_arrays_is_told_as_before(
    tmp_path: Path, index: Callable[..., Index]
) -> None:
    np.savez(tmp_path / "a.npz", a=np.zeros(3))
    assert "npz" in _reasons(index(tmp_path))[str(tmp_path / "a.npz")]
