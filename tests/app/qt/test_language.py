from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QDialogButtonBox

from acutance.errors import CorruptFileError
from acutance.qt.actions import COMMANDS, keys_text
from acutance.qt.language import (
    choose_language,
    error_text,
    install_language,
    local,
    numeral,
    parsed,
    tr,
    translated,
    trn,
)
from acutance.qt.messages import Catalogue, catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    place = ROOT / "bench" / "make_translations.py"
    spec = importlib.util.spec_from_file_location("make_translations", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    install_language(qapp, "de")
    yield
    install_language(qapp, "en")


def test_every_text_is_translated_with_the_same_placeholders_and_compiled(
    maker: ModuleType,
) -> None:
    assert maker.problems("de") == []


def test_a_text_without_translation_or_with_another_placeholder_is_a_problem(
    maker: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = maker.FOLDER / "acutance_de.ts"
    text = source.read_text(encoding="utf-8").replace("<source>Window/level</source>", "<source/>")
    text = text.replace("vorhergesagte SSIM {value:.2f}", "vorhergesagte SSIM {worth:.2f}", 1)
    text = text.replace(
        "<translation>Schachbrett</translation>", '<translation type="unfinished"></translation>'
    )
    for name in ("acutance_de.qm", "messages.json"):
        (tmp_path / name).write_bytes((maker.FOLDER / name).read_bytes())
    (tmp_path / source.name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(maker, "FOLDER", tmp_path)
    found = "\n".join(maker.problems("de"))
    assert "not in the .ts: 'Window/level'" in found
    assert "other placeholders: 'predicted SSIM {value:.2f}'" in found
    assert "unfinished: 'Checkerboard'" in found
    assert "the .qm was not made of this .ts" in found


def test_an_f_string_to_translate_is_refused(maker: ModuleType, tmp_path: Path) -> None:
    import ast

    call = ast.parse('tr(f"{n} files")').body[0].value  # type: ignore[attr-defined]
    with pytest.raises(SystemExit, match="no f-string"):
        list(maker._of_call(call, tmp_path))


@pytest.mark.usefixtures("german")
def test_texts_plurals_and_numbers_are_german() -> None:
    assert tr("predicted SSIM {value:.2f}", value=0.934) == "vorhergesagte SSIM 0,93"
    assert trn("{n} file", "{n} files", 1) == "1 Datei"
    assert trn("{n} file", "{n} files", 3) == "3 Dateien"
    assert numeral(12345.5, ",.1f") == "12.345,5"
    assert local("{share:.0%}", share=0.4) == "40\N{NO-BREAK SPACE}%"
    assert parsed("0,5") == 0.5
    assert keys_text("Ctrl+Shift+S") == "Strg+Umschalt+S"
    with pytest.raises(ValueError, match="abc"):
        parsed("abc")


@pytest.mark.usefixtures("german")
def test_the_buttons_of_qt_are_german(qapp: QApplication) -> None:
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    assert [button.text() for button in box.buttons()] == ["Abbrechen"]
    box.deleteLater()
    assert QLocale().decimalPoint() == ","


@pytest.mark.usefixtures("german")
def test_every_command_has_a_german_text() -> None:
    same = {c.text for c in COMMANDS if tr(c.text) == c.text}
    assert same <= {"Zoom"}


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (
            "low predicted SSIM, slices 41\N{EN DASH}58, worst 47; 12 of 40 slices below 0.60",
            "niedrige vorhergesagte SSIM, Schichten 41\N{EN DASH}58, schlechteste 47; "
            "12 von 40 Schichten unter 0,60",
        ),
        ("Low predicted SSIM, slice 3", "Niedrige vorhergesagte SSIM, Schicht 3"),
        (
            "CT image; the network was trained on brain MR",
            "CT-Bild; das Netz wurde an MR des Gehirns trainiert",
        ),
        ("a PDF document", "ein PDF-Dokument"),
        ("flipped, turned 90\N{DEGREE SIGN}", "gespiegelt, gedreht um 90\N{DEGREE SIGN}"),
        ("something that nobody below says", "something that nobody below says"),
    ],
)
def test_what_is_said_below_is_recognised(said: str, wanted: str) -> None:
    assert translated(said) == wanted


@pytest.mark.usefixtures("german")
def test_an_error_keeps_its_path_and_says_cause_and_remedy_in_german() -> None:
    error = CorruptFileError(
        "The file cannot be read (No such file or directory).",
        remedy="Copy the file from the scanner or archive again.",
        path="scan.dcm",
    )
    assert error_text(error) == (
        "scan.dcm: Die Datei ist nicht lesbar (No such file or directory). "
        "Kopieren Sie die Datei erneut vom Scanner oder Archiv."
    )
    assert str(error).startswith("scan.dcm: The file cannot be read")


def test_english_is_what_is_written(qapp: QApplication) -> None:
    install_language(qapp, "en")
    assert translated("a PDF document") == "a PDF document"
    assert trn("{n} file", "{n} files", 1) == "1 file"
    assert tr("{size:.1f} mm", size=2.5) == "2.5 mm"


@pytest.mark.usefixtures("german")
def test_every_template_is_recognised_in_what_it_makes(maker: ModuleType) -> None:
    """What a template makes comes back with all that was filled in, and nothing English."""
    known, lost = catalogue(), []
    for message in maker.read_ts(maker.FOLDER / "acutance_de.ts"):
        if message.context != "Messages":
            continue
        names = maker.fields(message.source)
        fill = {name.strip("{}"): f"Qx{n}z" for n, name in enumerate(sorted(names))}
        made = message.source.replace("{s}", "").format(**fill)
        found = known.translate(made)
        if not all(value in found for value in fill.values()):
            lost.append((message.source, found))
    assert lost == []


def test_the_template_that_says_most_of_itself_is_taken(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    from acutance.qt import messages

    monkeypatch.setattr(messages, "told_message", lambda source: source.upper().lower() + "!")
    found = Catalogue(["{one} of {two}", "{one} of {two} files"])
    assert found.translate("3 of 4 files") == "3 of 4 files!"


def test_session_goes_before_user_before_site_before_system() -> None:
    assert choose_language("en", "de", "de", system=["de-DE"]) == "en"
    assert choose_language(None, "de", "en", system=["en-GB"]) == "de"
    assert choose_language("auto", None, "de", system=["en-GB"]) == "de"
    assert choose_language(None, "auto", "auto", system=["fr-FR", "de_AT"]) == "de"
    assert choose_language(system=["fr-FR"]) == "en"
    with pytest.raises(ValueError, match="must be one of"):
        install_language(None, "fr")  # type: ignore[arg-type]


@pytest.mark.usefixtures("german")
def test_the_window_stands_in_german_and_keeps_its_panels(qtbot: QtBot) -> None:
    from acutance.qt.application import create_main_window
    from acutance.qt.settings import Settings

    window = create_main_window(settings=Settings())
    qtbot.addWidget(window)
    menus = [action.text() for action in window.menuBar().actions()]
    assert menus == ["Datei", "Bearbeiten", "Ansicht", "Bild", "Verfahren", "Hilfe"]
    docks = (window.series_dock, window.quality_dock)
    assert [dock.objectName() for dock in docks] == ["series_dock", "quality_dock"]
    assert window.actions_["score"].text() == "Bewerten"
    assert "Strg" in window.actions_["score"].toolTip()
    window.close()
