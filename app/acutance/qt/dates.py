"""Dates as the user's system writes them."""

from __future__ import annotations

import re

from PySide6.QtCore import QDate, QLocale

from acutance.qt.language import window_locale

_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")


def local_dates(text: str, locale: QLocale | None = None) -> str:
    """Return text in which every ISO date is written as usual, with four digits of the year.

    As usual is what the system says where it speaks the language of the window, else what is common
    in that language. What is no day of the calendar stays as it is. Files keep ISO 8601.

    Parameters
    ----------
    text : str
    locale : QLocale or None
        By default that of the system, or of the window.
    """
    form = _form(locale or _locale())

    def written(found: re.Match[str]) -> str:
        day = QDate(*map(int, found.groups()))
        return day.toString(form) if day.isValid() else found.group()

    return _ISO.sub(written, text)


def _locale() -> QLocale:
    system, own = QLocale.system(), window_locale()
    return system if system.language() == own.language() else own


def _form(locale: QLocale) -> str:
    form = locale.dateFormat(QLocale.FormatType.ShortFormat)
    # Two digits of a year could be a day.
    return re.sub(r"y+", "yyyy", form)
