"""The resources package and the sample it carries."""

from __future__ import annotations

from xml.etree import ElementTree

import nibabel as nib
import numpy as np
import pytest

import acutance_resources


def test_path_returns_an_existing_file() -> None:
    assert acutance_resources.path("icons/acutance.svg").is_file()


def test_unknown_name_is_reported_with_the_name() -> None:
    with pytest.raises(FileNotFoundError, match="no-such-icon"):
        acutance_resources.path("icons/no-such-icon.svg")


@pytest.mark.parametrize("name", ["../acutance/__init__.py", "/etc/hosts", "icons/../.."])
def test_name_cannot_leave_the_package(name: str) -> None:
    with pytest.raises(ValueError, match="inside the package"):
        acutance_resources.path(name)


def test_every_icon_is_a_titled_svg_with_a_view_box() -> None:
    icons = sorted(acutance_resources.path("icons").glob("*.svg"))
    assert len(icons) >= 10
    for icon in icons:
        root = ElementTree.parse(icon).getroot()
        assert root.get("viewBox"), icon.name
        assert root.findtext("{http://www.w3.org/2000/svg}title"), icon.name


def test_sample_and_its_moved_copy_share_geometry_and_differ_in_values() -> None:
    clean = nib.load(acutance_resources.path("sample/sample_T1.nii.gz"))
    moved = nib.load(acutance_resources.path("sample/sample_T1_moved.nii.gz"))
    assert clean.shape == moved.shape == (124, 160, 140)
    np.testing.assert_array_equal(clean.affine, moved.affine)
    a, b = np.asarray(clean.dataobj), np.asarray(moved.dataobj)
    assert a.dtype == b.dtype == np.uint8
    difference = np.abs(a.astype(float) - b)[a > 0].mean()
    assert 2.0 < difference < 60.0


def test_sample_headers_name_nobody() -> None:
    for name in ("sample_T1.nii.gz", "sample_T1_moved.nii.gz"):
        header = nib.load(acutance_resources.path(f"sample/{name}")).header
        assert bytes(header["descrip"]).rstrip(b"\0").startswith(b"Acutance sample, T1")
        for field in ("db_name", "data_type", "aux_file", "intent_name"):
            assert not bytes(header[field]).strip(b"\0"), field
        assert not header.extensions
