from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt

from acutance.qt.dialogs.palette import matching
from acutance.qt.palette_feature import PaletteFeature


@pytest.fixture
def window(open_window):
    return open_window()


@pytest.fixture
def palette(window):
    palette = next(f for f in window.features if isinstance(f, PaletteFeature)).palette
    window.actions_["palette"].trigger()
    return palette


def test_every_command_is_offered_once(window, palette):
    offered = [offer.action for offer in palette.shown()]
    assert len(offered) == len(set(offered))
    commands = {window.actions_[c.id] for c in window.actions_.commands if c.id != "palette"}
    assert commands <= set(offered)
    assert not any(offer.text.endswith("…") or "&" in offer.text for offer in palette.shown())


def test_words_are_looked_for_in_names_and_menus_closest_first(window, palette):
    offers = palette.shown()
    found = [offer.text for offer in matching(offers, "full")]
    assert found[0] == "Full screen"
    assert {o.place for o in matching(offers, "view full")} == {"View"}
    names = [offer.text for offer in matching(offers, "vertic")]
    assert names == []
    flips = [offer.text for offer in matching(offers, "image FLIP")]
    assert flips[:2] == ["Flip left and right", "Flip up and down"]
    # Without a scan nothing can be flipped: what can be used comes first.
    usable = [offer.is_enabled for offer in matching(offers, "e")]
    assert usable == sorted(usable, reverse=True)


def test_return_does_the_chosen_command_and_gives_the_keyboard_back(qtbot, window, palette):
    qtbot.keyClicks(palette.field, "light th")
    assert [offer.text for offer in palette.shown()] == ["Light theme"]
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isHidden()
    assert window.actions_["light"].isChecked()
    window.actions_["light"].trigger()


def test_arrows_choose_and_escape_leaves(qtbot, window, palette):
    second = palette.shown()[1]
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.list.currentIndex().data(Qt.ItemDataRole.UserRole) is second
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert palette.isHidden()


def test_what_cannot_be_used_now_does_nothing(qtbot, palette):
    qtbot.keyClicks(palette.field, "flip left")
    assert not palette.shown()[0].is_enabled
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    qtbot.keyClicks(palette.field, "zzz")
    assert palette.shown() == []
    qtbot.mouseClick(palette, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert palette.isHidden()
