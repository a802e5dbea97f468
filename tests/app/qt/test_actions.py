from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from acutance.core.window import Window
from acutance.qt.actions import COMMANDS, SHEET, VIEW_SHEET, Actions, Command, preset_keys
from acutance.session import Session


def test_no_key_and_no_id_stands_for_two_commands():
    keys = Counter(QKeySequence(c.keys).toString() for c in COMMANDS if c.keys)
    ids = Counter(c.id for c in COMMANDS)
    assert [key for key, count in (keys + ids).items() if count > 1] == []


def test_every_command_of_the_sheet_exists_and_has_a_key():
    keys = {command.id: command.keys for command in COMMANDS}
    assert all(keys[id] for id in (*SHEET, *VIEW_SHEET))


def test_command_without_slot_is_refused(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    with pytest.raises(ValueError, match="differ"):
        Actions({}, parent)


def test_two_commands_cannot_share_a_key(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    commands = (Command("one", "One", "Ctrl+1"), Command("two", "Two", "ctrl+1"))
    with pytest.raises(ValueError, match="share Ctrl\\+1"):
        Actions({"one": print, "two": print}, parent, commands)


@pytest.mark.parametrize(
    ("windows", "expected"),
    [((), ["0", "2"]), ((Window(40, 80, "brain"), Window(5, 10)), ["0", "1", "2", "3"])],
)
def test_presets_have_zero_for_auto_and_one_for_stored(kit, windows, expected):
    import dataclasses

    session = Session()
    volume = dataclasses.replace(kit.make_volume(), windows=windows)
    (id,) = session.add_items([kit.make_item()])
    session.set_loaded(id, kit.make_loaded(volume=volume))
    session.activate(id)
    assert [key for key, _, _ in preset_keys(session)] == expected


def test_no_presets_without_a_volume():
    assert preset_keys(Session()) == ()
