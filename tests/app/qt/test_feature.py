from __future__ import annotations

from typing import ClassVar

from acutance.qt import main_window
from acutance.qt.actions import Command
from acutance.qt.feature import Feature


class Greeting(Feature):
    COMMANDS = (Command("greet", "Greet", "Ctrl+Alt+G", needs="greetable"),)
    MENUS: ClassVar = {"Help": ("-", "greet")}
    SHEET = ("greet",)

    def slots(self):
        return {"greet": lambda: self.window.tell("hello")}

    def facts(self):
        return {"greetable": self.window.session.active is not None}


def test_a_feature_adds_its_command_to_menu_sheet_and_keys(monkeypatch, open_window, kit):
    monkeypatch.setattr(main_window, "FEATURES", (Greeting,))
    window = open_window()
    action = window.actions_["greet"]
    assert not action.isEnabled()
    menu = next(a.menu() for a in window.menuBar().actions() if a.text() == "Help")
    assert menu.actions()[-1] is action
    assert ("Ctrl+Alt+G", "Greet") in window.actions_.sheet(Greeting.SHEET)
    window.session.activate(window.session.add_items([kit.make_item()])[0])
    assert action.isEnabled()
    action.trigger()
    assert window.status_line.notice == "hello"
