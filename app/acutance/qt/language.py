"""The language of the window: its texts, plurals and numbers, in English or German.

A text that a user sees is written in English where it is shown, and goes through `tr`; what varies
in it is named in braces. `bench/make_translations.py` finds those texts, and Qt Linguist knows
their translations. Texts that come from below the window are English wherever they are made, in
children and on the command line, too: `translated` recognises them (`acutance.qt.messages`).
"""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from acutance.errors import AcutanceError

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The languages of the window. "auto" in settings and site files takes that of the system.
LANGUAGES = ("en", "de")
#: Contexts of the .ts files: what the window says itself, and what it is told from below.
WINDOW, MESSAGES = "Window", "Messages"
_LOCALES = {
    "en": QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom),
    "de": QLocale(QLocale.Language.German, QLocale.Country.Germany),
}
_language = "en"
_translators: list[QTranslator] = []
#: German puts a no-break space before the sign of per cent.
_GERMAN_FIGURES = str.maketrans({".": ",", ",": ".", "%": "\u00a0%"})


def language() -> str:
    """Return the language that the window speaks: "en" or "de"."""
    return _language


def choose_language(*choices: str | None, system: Iterable[str] | None = None) -> str:
    """Return the first of several choices that is a language, else that of the system.

    Parameters
    ----------
    *choices : str or None
        Session, user and site, in that order; None and "auto" leave it to the next.
    system : iterable of str, optional
        What the system asks for, as in "de-AT"; by default asked of Qt.
    """
    for choice in choices:
        if choice in LANGUAGES:
            return choice
    for wanted in QLocale.system().uiLanguages() if system is None else system:
        short = wanted.replace("_", "-").split("-")[0].lower()
        if short in LANGUAGES:
            return short
    return "en"


def install_language(app: QCoreApplication, name: str) -> None:
    """Let the window speak a language from now on; what was shown before stays as it is.

    Raises
    ------
    ValueError
        If it is none of `LANGUAGES`.
    FileNotFoundError
        If this copy of Acutance lacks the translation.
    """
    global _language
    if name not in LANGUAGES:
        raise ValueError(f"language must be one of {LANGUAGES}, not {name!r}")
    for translator in _translators:
        app.removeTranslator(translator)
    _translators.clear()
    _language = name
    QLocale.setDefault(_LOCALES[name])
    if name == "en":
        return
    from acutance_resources import path

    own = str(path(f"translations/acutance_{name}.qm"))
    qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath) + f"/qtbase_{name}.qm"
    # Qt's own words first, so that ours go before them; a system's Qt may come without.
    for file, is_needed in ((qt, False), (own, True)):
        translator = QTranslator(app)
        if translator.load(file):
            app.installTranslator(translator)
            _translators.append(translator)
        elif is_needed:
            raise FileNotFoundError(f"not a translation: {file}")


def window_locale() -> QLocale:
    """Return how the language of the window writes numbers and dates."""
    return _LOCALES[_language]


def mark(text: str) -> str:
    """Name a text that `tr` is given later, as in a table of a module; returned as it is."""
    return text


def tr(text: str, /, *, comment: str = "", **values: Any) -> str:
    """Return a text of the window in its language.

    Parameters
    ----------
    text : str
        In English. Parts in braces are filled in, with the format of `str.format`.
    comment : str
        Tells apart two meanings of one English text.
    **values
        What stands in the braces. Numbers are written as the language does; words that are to be
        translated are given translated.
    """
    found = QCoreApplication.translate(WINDOW, text, comment or None)
    return _FORMATTER.vformat(found, (), values) if values else found


def trn(one: str, many: str, n: int, /, **values: Any) -> str:
    """Return a text that counts something, `{n}`, in the language of the window.

    Parameters
    ----------
    one, many : str
        In English, for one and for any other number.
    n : int
    **values
        As in `tr`.
    """
    found = QCoreApplication.translate(WINDOW, many, None, n)
    if _language == "en":
        found = one if n == 1 else many
    return _FORMATTER.vformat(found, (), {"n": n, **values})


def translated(text: str) -> str:
    """Return a text from below the window in its language; unknown ones stay English."""
    if _language == "en" or not text:
        return text
    from acutance.qt.messages import catalogue

    return catalogue().translate(text)


def error_text(error: object) -> str:
    """Return file, cause and remedy of an error in the language of the window."""
    if not isinstance(error, AcutanceError):
        return translated(str(error))
    prefix = f"{error.path}: " if error.path is not None else ""
    return f"{prefix}{translated(error.message)} {translated(error.remedy)}".rstrip()


def no_diagnosis() -> str:
    """Return what stands wherever results are shown, without a full stop."""
    return tr("Not for diagnosis")


def told_message(text: str) -> str:
    """Return the translation of one template of the lower layers, braces as they are."""
    return QCoreApplication.translate(MESSAGES, text)


def local(template: str, /, **values: Any) -> str:
    """Fill in a text without words, such as `"{low:.2f} – {high:.2f}"`."""
    return _FORMATTER.vformat(template, (), values)


def numeral(value: float, spec: str) -> str:
    """Return a number as the language writes it, after the format of `format`."""
    return figures(format(value, spec))


def figures(text: str) -> str:
    """Return English figures as the language of the window writes them."""
    return text.translate(_GERMAN_FIGURES) if _language == "de" else text


def parsed(text: str) -> float:
    """Return the number that a person typed.

    Raises
    ------
    ValueError
        If it is none in the language of the window.
    """
    value, is_number = QLocale().toDouble(text.strip())
    return value if is_number else float(text)


def capital(text: str) -> str:
    """Return a text with a capital at its beginning, and all else as it is."""
    return text[:1].upper() + text[1:]


class _Formatter(string.Formatter):
    """`str.format` whose numbers follow the language."""

    def format_field(self, value: Any, format_spec: str) -> str:
        text: str = super().format_field(value, format_spec)
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return figures(text) if is_number else text


_FORMATTER = _Formatter()
