from __future__ import annotations

import pytest
from PySide6.QtCore import QLocale

from acutance.qt.dates import local_dates

UK = QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom)
US = QLocale(QLocale.Language.English, QLocale.Country.UnitedStates)
GERMANY = QLocale(QLocale.Language.German, QLocale.Country.Germany)


@pytest.mark.parametrize(
    ("locale", "expected"),
    [(UK, "29/02/2024  Brain"), (US, "2/29/2024  Brain"), (GERMANY, "29.02.2024  Brain")],
)
def test_dates_are_written_as_usual_with_whole_years(locale, expected):
    assert local_dates("2024-02-29  Brain", locale) == expected


@pytest.mark.parametrize("text", ["2023-02-29", "12024-02-29", "no date", "1.2.840-10-20"])
def test_what_is_no_day_stays(text):
    assert local_dates(text, GERMANY) == text
