from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence

from acutance.core.quality import Thresholds
from acutance.core.site import EXAMPLE, Preset, SiteRules, parse_site
from acutance.core.window import Window
from acutance.errors import SiteFileError
from acutance.qt.dialogs.model_list import ModelList
from acutance.qt.dialogs.settings_dialog import SettingsDialog
from acutance.qt.preferences import BUILT_IN, SESSION, SITE, USER, Preferences
from acutance.qt.settings import Settings
from acutance.qt.settings_feature import SettingsFeature

STROKE = Preset(Window(40.0, 40.0, "Stroke"), "CT")
SITE_RULES = SiteRules(
    default=Thresholds(0.9, 0.7), presets=(STROKE,), shortcuts=(("score", "Ctrl+J"),)
)


def test_the_later_of_site_user_and_session_holds():
    settings = Settings()
    preferences = Preferences(settings)
    assert (preferences.thresholds, preferences.source("thresholds")) == (Thresholds(), BUILT_IN)
    preferences.set_site(SITE_RULES)
    assert (preferences.thresholds.usable, preferences.source("thresholds")) == (0.9, SITE)
    preferences.set_thresholds(Thresholds(0.8, 0.5))
    assert (preferences.thresholds.usable, preferences.source("thresholds")) == (0.8, USER)
    preferences.set_thresholds(Thresholds(0.7, 0.4), for_session=True)
    assert (preferences.thresholds.usable, preferences.source("thresholds")) == (0.7, SESSION)
    again = Preferences(settings)
    assert again.thresholds.usable == 0.8
    preferences.set_thresholds(None)
    assert (preferences.thresholds.usable, preferences.source("thresholds")) == (0.9, SITE)


def test_lists_and_keys_are_layered_and_kept():
    settings = Settings()
    preferences = Preferences(settings)
    preferences.set_site(SITE_RULES)
    preferences.set_shortcuts({"fit": "Ctrl+0"})
    assert preferences.shortcuts == {"score": "Ctrl+J", "fit": "Ctrl+0"}
    mine = Preset(Window(5.0, 9.0, "mine"))
    preferences.set_presets([mine])
    assert Preferences(settings).presets == (mine,)
    with pytest.raises(ValueError, match="cuda:N"):
        preferences.set_device("gpu")


def test_the_language_is_of_the_site_until_the_user_chooses(qtbot):
    settings = Settings()
    preferences = Preferences(settings)
    preferences.set_site(SiteRules(language="de"))
    assert (preferences.language, preferences.source("language")) == ("auto", SITE)
    dialog = SettingsDialog(preferences, (), ())
    qtbot.addWidget(dialog)
    dialog.language.setCurrentIndex(dialog.language.findData("en"))
    assert dialog.apply()
    assert (settings.value("language"), preferences.source("language")) == ("en", USER)
    dialog.restore()
    assert settings.value("language") is None
    with pytest.raises(ValueError, match="none of"):
        preferences.set_language("fr")


@pytest.mark.parametrize("value", [[2, 1], "x", [0.5], {"a": 1}, [None, None]])
def test_damaged_values_are_as_if_nothing_was_chosen(value):
    settings = Settings()
    for name in ("thresholds", "presets", "shortcuts", "device", "language"):
        settings.set_value(name, value)
    preferences = Preferences(settings)
    assert preferences.thresholds == Thresholds()
    assert preferences.presets == ()
    assert preferences.device == "auto"


def test_the_example_of_a_site_file_offers_windows_and_keys(tmp_path):
    rules = parse_site(EXAMPLE.encode(), tmp_path / "site.toml")
    assert rules.presets == (STROKE,)
    assert rules.shortcuts == (("score", "Ctrl+Return"),)


@pytest.mark.parametrize(
    "text",
    [
        "[[preset]]\nname='a'\ncentre=1\nwidth=0",
        "[[preset]]\nname=''\ncentre=1\nwidth=1",
        "[[preset]]\nname='a'\ncentre=1",
        "preset=1",
        "[[preset]]\nname='a'\ncentre=1\nwidth=1\nmodality=3",
        "[shortcuts]\nscore=1",
    ],
)
def test_a_site_file_with_a_faulty_window_or_key_is_refused(tmp_path, text):
    with pytest.raises(SiteFileError) as told:
        parse_site(f"format = 1\n{text}\n".encode(), tmp_path / "site.toml")
    assert told.value.remedy


@pytest.fixture
def window(open_scan):
    return open_scan()


def open_dialog(window):
    return next(f for f in window.features if isinstance(f, SettingsFeature)).open()


def test_thresholds_of_the_user_score_anew_and_name_their_source(qtbot, window):
    dialog = open_dialog(window)
    dialog.usable.setValue(0.95)
    dialog.repeat.setValue(0.4)
    assert dialog.apply()
    request = window.controller.scoring.policy().request(window.session.active_volume)
    assert request.thresholds == Thresholds(0.95, 0.4)
    assert request.source.kind == "user setting"
    dialog.restore()
    request = window.controller.scoring.policy().request(window.session.active_volume)
    assert request.source.kind == "built-in"


def test_thresholds_in_the_wrong_order_are_refused_with_the_reason(window):
    dialog = open_dialog(window)
    dialog.usable.setValue(0.5)
    dialog.repeat.setValue(0.6)
    assert not dialog.apply()
    assert "below the upper" in dialog.problem.text()
    dialog.reject()


def test_a_window_of_the_list_is_offered_on_a_key(window):
    dialog = open_dialog(window)
    dialog.presets.add_row(Preset(Window(10.0, 20.0, "Mine"), "MR"))
    dialog.presets.table.item(0, 2).setText("0")
    assert not dialog.apply()
    dialog.presets.table.item(0, 2).setText("30,5")
    assert dialog.apply()
    texts = [action.text() for action in window.menus.presets.actions()]
    assert texts == ["auto", "Mine"]
    assert window.menus.presets.actions()[1].data() == Window(10.0, 30.5, "Mine")
    dialog.reject()


def test_keys_can_be_changed_and_the_cheat_sheet_shows_them(qtbot, window):
    dialog = open_dialog(window)
    dialog.shortcuts.select("score")
    dialog.shortcuts.edit.setKeySequence(QKeySequence("Ctrl+Alt+F12"))
    assert dialog.shortcuts.keys() == {"score": "Ctrl+Alt+F12"}
    assert dialog.apply()
    assert window.actions_["score"].shortcut().toString() == "Ctrl+Alt+F12"
    assert "Ctrl+Alt+F12" in window.actions_["score"].toolTip()
    assert ("Ctrl+Alt+F12", "Score") in window.cheat_sheet.rows()
    dialog.reject()


@pytest.mark.parametrize(
    ("keys", "by"), [("Ctrl+O", "Open file"), ("B", "of its own"), ("2", "own")]
)
def test_keys_that_are_taken_are_refused_and_it_is_said_by_whom(window, keys, by):
    dialog = open_dialog(window)
    dialog.shortcuts.select("score")
    dialog.shortcuts.edit.setKeySequence(QKeySequence(keys))
    assert by in dialog.shortcuts.message.text()
    assert dialog.shortcuts.keys() == {}
    dialog.shortcuts.reset.click()
    dialog.reject()


def test_keys_of_a_site_that_collide_leave_each_key_to_one_command(window):
    window.actions_.set_keys({"score": "Ctrl+O", "no_such_command": "Ctrl+K"})
    assert window.actions_["score"].shortcut().toString() == "Ctrl+O"
    assert window.actions_["open_file"].shortcut().isEmpty()


def test_a_choice_for_the_session_is_not_kept(window):
    dialog = open_dialog(window)
    dialog.for_session.setChecked(True)
    dialog.usable.setValue(0.99)
    assert dialog.apply()
    assert window.settings.value("thresholds") is None
    assert window.preferences.thresholds.usable == 0.99
    dialog.reject()


def test_networks_are_listed_with_their_cards(qtbot):
    models = ModelList()
    qtbot.addWidget(models)
    assert models.list.count() >= 1
    assert len(models.card.toPlainText()) > 200


def test_an_import_runs_beside_the_window_and_tells_its_end(qtbot, tmp_path):
    from acutance_models.errors import WeightsError

    threads = []

    def convert(path):
        threads.append(threading.current_thread())
        if path.name == "bad.pth":
            raise WeightsError("no network fits")
        return f"{path.name}: recognised"

    models = ModelList(convert)
    qtbot.addWidget(models)
    with qtbot.waitSignal(models.imported):
        models.import_file(tmp_path / "a.pth")
    assert threads[0] is not threading.main_thread()
    assert models.message.text() == "a.pth: recognised"
    with qtbot.waitSignal(models.imported):
        models.import_file(tmp_path / "bad.pth")
    assert "no network fits" in models.message.text()
    assert models.button.isEnabled()


def test_the_dialog_can_be_used_by_keyboard(qtbot):
    dialog = SettingsDialog(Preferences(Settings()), (), ())
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_letters_that_were_given_away_do_nothing_over_a_view(qtbot, window):
    view = window.centre.grid.current_view
    view.setFocus()
    window.actions_.set_keys({"fit": "Ctrl+Alt+F", "corner_text": "", "window_tool": "Shift+X"})
    view.zoom_by(2.0)
    for key in (Qt.Key.Key_F, Qt.Key.Key_X, Qt.Key.Key_W):
        qtbot.keyClick(view, key)
    assert (view.zoom, view.overlay_visible, view.tool) == (2.0, True, "crosshair")
    qtbot.keyClick(
        view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    )
    assert view.zoom == 1.0
