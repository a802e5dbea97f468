"""`acutance.io.site`: which site file holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from acutance.core.site import EXAMPLE, SIZE_LIMIT_BYTES, SiteRules
from acutance.errors import SiteFileError
from acutance.io import site

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(site.VARIABLE, raising=False)
    monkeypatch.setattr(site, "default_site_file", lambda: tmp_path / "etc" / "site.toml")


def write(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(EXAMPLE)
    return path


def test_named_before_environment_before_computer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert site.find_site_file() is None
    assert site.load_site() == SiteRules()
    computer = write(tmp_path / "etc" / "site.toml")
    assert site.find_site_file() == computer
    told = write(tmp_path / "told.toml")
    monkeypatch.setenv(site.VARIABLE, str(told))
    assert site.find_site_file() == told
    named = write(tmp_path / "named.toml")
    assert site.find_site_file(named) == named
    assert len(site.load_site(named).rules) == 2


def test_a_file_that_is_asked_for_has_to_exist(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write(tmp_path / "etc" / "site.toml")
    with pytest.raises(SiteFileError, match="does not exist"):
        site.find_site_file(tmp_path / "gone.toml")
    monkeypatch.setenv(site.VARIABLE, str(tmp_path / "gone.toml"))
    with pytest.raises(SiteFileError, match=site.VARIABLE):
        site.load_site()


def test_a_file_too_large_is_not_parsed(tmp_path: Path) -> None:
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * (SIZE_LIMIT_BYTES + 1))
    with pytest.raises(SiteFileError, match="bytes"):
        site.read_site_file(large)
    with pytest.raises(SiteFileError, match="cannot be read"):
        site.read_site_file(tmp_path)
