from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path

import pytest

from acutance.qt.settings import RECENT_LIMIT, Settings


@pytest.fixture
def file(tmp_path):
    return tmp_path / "folder" / "settings.json"


def test_defaults_hold_before_the_first_run(file):
    settings = Settings(file)
    assert (settings.theme, settings.convention, settings.layout) == (
        "dark",
        "radiological",
        "three",
    )
    assert settings.auto_score
    assert settings.recent == ()
    assert not settings.was_damaged


def test_what_is_set_is_there_next_time(file):
    settings = Settings(file)
    settings.theme = "light"
    settings.auto_score = False
    settings.set_arrangement(b"\x00\x01", b"\xff")
    again = Settings(file)
    assert (again.theme, again.auto_score) == ("light", False)
    assert (again.geometry, again.docks) == (b"\x00\x01", b"\xff")


@pytest.mark.skipif(sys.platform == "win32", reason="modes are those of POSIX")
def test_only_the_owner_can_read_the_file(file):
    Settings(file).add_recent([Path("/scans/a")])
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600


@pytest.mark.parametrize(
    "content", [b"{ cut", b"[1, 2]", b"\xff\xfe\x00", b"", b"[" * 100_000, b"null"]
)
def test_damaged_file_is_moved_aside_and_defaults_hold(file, content):
    file.parent.mkdir()
    file.write_bytes(content)
    settings = Settings(file)
    assert settings.was_damaged
    assert settings.theme == "dark"
    assert file.with_name("settings.json.damaged").read_bytes() == content
    settings.theme = "light"
    assert Settings(file).theme == "light"


def test_single_wrong_values_are_replaced_by_defaults(file):
    file.parent.mkdir()
    values = {"theme": 7, "layout": ["x"], "auto_score": "yes", "recent": [1, "/a", "b\0", ""]}
    file.write_text(json.dumps({**values, "geometry": "not hex", "docks": 3, "more": {}}))
    settings = Settings(file)
    assert (settings.theme, settings.layout, settings.auto_score) == ("dark", "three", True)
    assert settings.recent == ("/a",)
    assert (settings.geometry, settings.docks) == (b"", b"")


def test_recent_has_the_newest_first_and_each_once(file):
    settings = Settings(file)
    for n in range(RECENT_LIMIT + 5):
        settings.add_recent([Path(f"/scans/{n}")])
    settings.add_recent([Path("/scans/9")])
    assert len(settings.recent) == RECENT_LIMIT
    assert settings.recent[:2] == (
        str(Path("/scans/9").absolute()),
        str(Path("/scans/14").absolute()),
    )
    settings.clear_recent()
    assert Settings(file).recent == ()


def test_disk_that_cannot_be_written_costs_only_the_memory(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    settings = Settings(blocked / "settings.json")
    settings.theme = "light"
    assert settings.theme == "light"


def test_unknown_choice_is_refused():
    with pytest.raises(ValueError, match="theme must be one of"):
        Settings().theme = "pink"
