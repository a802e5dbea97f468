"""Site file and weights in the window: what is asked of the engine, and what is shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from acutance import model_commands
from acutance.core.quality import ModelFacts, Verdict
from acutance.qt import weights_menu
from acutance.qt.main_window import MainWindow
from acutance.qt.theme import verdict_color

if TYPE_CHECKING:
    from pathlib import Path
    from types import SimpleNamespace

    import pytest
    from pytestqt.qtbot import QtBot

SITE = 'format = 1\n[[protocol]]\nname = "heads"\nseries = "*"\nusable = 0.95\nrepeat = 0.7\n'
Open = Callable[..., MainWindow]


def answered(kit: SimpleNamespace, seen: list[object]) -> object:
    """Answer as the engine does: the thresholds and the status of the weights come back."""

    def answer(request: object) -> object:
        seen.append(request)
        result = kit.make_result(request.volume)
        parameters = {
            "threshold_usable": request.thresholds.usable,
            "threshold_repeat": request.thresholds.repeat,
            **request.source.to_parameters(),
        }
        result = replace(result, parameters=parameters)
        if request.weights:
            model = ModelFacts("resnet18", "unverified", "1" * 64, "unverified")
            result = replace(result, model=model, verdict=Verdict.CHECK)
        return result

    return kit.ready_runner(quality=answer)


def test_the_rule_of_the_site_file_is_shown(
    open_scan: Open, kit: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "site.toml"
    path.write_text(SITE)
    monkeypatch.setenv("ACUTANCE_SITE_FILE", str(path))
    seen: list[object] = []
    window = open_scan(answered(kit, seen))
    assert seen[0].thresholds.usable == 0.95
    assert "0.95" in window.quality.limits
    assert "site protocol: heads" in window.quality.limits
    assert window.centre.strip.thresholds.usable == 0.95
    window.provenance.set_open(True)
    assert ("Thresholds", window.quality.limits) in window.provenance._rows


def test_a_bad_site_file_is_told_and_nothing_is_scored(
    open_scan: Open,
    kit: SimpleNamespace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    path = tmp_path / "site.toml"
    path.write_text("format = 1\nusable = 3\n")
    monkeypatch.setenv("ACUTANCE_SITE_FILE", str(path))
    seen: list[object] = []
    window = open_scan(answered(kit, seen))
    assert not seen
    assert "no such key" in window.quality.error
    path.write_text(SITE)
    window.controller.score()
    assert len(seen) == 1
    qtbot.waitUntil(lambda: window.quality.error == "")


def test_other_weights_score_anew_and_are_never_green(
    open_scan: Open, kit: SimpleNamespace, tmp_path: Path, qtbot: QtBot
) -> None:
    seen: list[object] = []
    window = open_scan(answered(kit, seen))
    window.controller.scoring.choose_weights(tmp_path / "w.safetensors")
    assert seen[-1].weights == str(tmp_path / "w.safetensors")
    qtbot.waitUntil(lambda: window.quality.verdict is Verdict.CHECK)
    assert window.session.active.result.thresholds.verdict(1.0) is Verdict.CHECK
    assert window.quality.worst.rows[0]._verdict is not Verdict.USABLE
    assert verdict_color(Verdict.CHECK) != verdict_color(Verdict.USABLE)
    assert "unverified weights" in window.quality._model.text()
    window.controller.scoring.choose_weights(None)
    assert seen[-1].weights == ""
    qtbot.waitUntil(lambda: window.quality.verdict is Verdict.USABLE)


def test_the_answer_of_the_weights_before_is_dropped(
    open_scan: Open, kit: SimpleNamespace, tmp_path: Path
) -> None:
    runner = kit.ready_runner()
    del runner.answers["quality"]
    window = open_scan(runner)
    (old,) = runner.running("quality")
    window.controller.scoring.choose_weights(tmp_path / "w.safetensors")
    new = runner.running("quality")[-1]
    assert new is not old
    runner.finish(old, kit.make_result())
    assert window.session.active.result is None


def test_the_menu_offers_shipped_imported_and_any_file(
    open_window: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported = tmp_path / "mine.safetensors"
    monkeypatch.setattr(weights_menu, "list_scoring_weights", lambda: [imported])
    window = open_window()
    menu = window.menus.weights
    menu.aboutToShow.emit()
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts[0].startswith("iqa_resnet18")
    assert texts[1:] == ["mine (unverified)", "From a file…"]
    assert [a.isChecked() for a in menu.actions()[:2]] == [True, False]
    menu.actions()[1].trigger()
    assert window.controller.scoring.weights == imported


def test_only_imported_scoring_networks_are_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_commands, "imported_folder", lambda: tmp_path)
    plain = {
        "format": 1, "sha256": "0" * 64, "size_bytes": 1, "architecture": "x", "t": None,
        "params": 1, "entries": 1, "locks": [], "created_utc": "",
        "source": {"file": "", "sha256": "", "size_bytes": 1, "left_out": []},
    }  # fmt: skip
    for name, family in (("a", "iqa_resnet"), ("b", "r2unet"), ("c", None)):
        path = tmp_path / f"{name}.safetensors"
        path.write_bytes(b"")
        sidecar = {**plain, "file": path.name, "family": family} if family else {}
        (tmp_path / f"{path.name}.json").write_text(json.dumps(sidecar))
    assert weights_menu.list_scoring_weights() == [tmp_path / "a.safetensors"]
