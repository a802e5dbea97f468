from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from acutance.core.quality import Verdict
from acutance.qt.theme import (
    THEMES,
    VERDICT_STYLE,
    Tokens,
    apply_theme,
    current_tokens,
    draw_verdict_shape,
)

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication


def luminance(color: str) -> float:
    """Return the relative luminance of WCAG 2."""
    parts = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in QColor(color).getRgbF()[:3]
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("tokens", THEMES.values(), ids=list(THEMES))
def test_contrast_is_as_promised(tokens: Tokens) -> None:
    for surface in (tokens.surface, tokens.raised):
        assert contrast(tokens.text, surface) >= 7.0
        for color in (
            tokens.secondary,
            tokens.accent,
            *(getattr(tokens, style.token) for style in VERDICT_STYLE.values()),
        ):
            assert contrast(color, surface) >= 4.5, color
    assert contrast(tokens.on_accent, tokens.accent) >= 4.5


def test_themes_can_be_switched(qapp: QApplication) -> None:
    apply_theme(qapp, "light")
    assert current_tokens() is THEMES["light"]
    assert qapp.palette().window().color() == QColor(THEMES["light"].surface)
    apply_theme(qapp, "dark")
    assert current_tokens() is THEMES["dark"]
    with pytest.raises(ValueError, match="theme"):
        apply_theme(qapp, "sepia")  # type: ignore[arg-type]


def test_every_verdict_has_its_own_word_shape_and_silhouette(qapp: QApplication) -> None:
    assert set(VERDICT_STYLE) == set(Verdict)
    assert len({style.word for style in VERDICT_STYLE.values()}) == 4
    silhouettes = set()
    for verdict in Verdict:
        image = QImage(24, 24, QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QPainter(image)
        draw_verdict_shape(painter, QRectF(2, 2, 20, 20), verdict)
        painter.end()
        alpha = image.convertToFormat(QImage.Format.Format_Alpha8)
        silhouettes.add(bytes(alpha.constBits()))
    assert len(silhouettes) == 4
