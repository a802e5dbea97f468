from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
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


#: Linear red, green and blue as seen without the middle cone: Machado, Oliveira, Fernandes, IEEE
#: Trans. Vis. Comput. Graph. 15(6), 2009, table for deuteranomaly of severity 1.
DEUTERANOPIA = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)
#: Linear sRGB to XYZ under D65, and the white of that.
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def lab(color: str, seen: np.ndarray) -> np.ndarray:
    """Return L*, a*, b* of a colour after a change of its linear red, green and blue."""
    parts = np.array(QColor(color).getRgbF()[:3])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(seen @ linear, 0, 1) / (TO_XYZ @ np.ones(3))
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("tokens", THEMES.values(), ids=list(THEMES))
def test_verdicts_are_told_apart_without_the_middle_cone_and_in_grey(tokens: Tokens) -> None:
    colors = [getattr(tokens, style.token) for style in VERDICT_STYLE.values()]
    for one, other in itertools.combinations(colors, 2):
        gap = np.linalg.norm(lab(one, DEUTERANOPIA) - lab(other, DEUTERANOPIA))
        # 2.3 is just noticeable side by side; these are small and apart.
        assert gap >= 8.0, (one, other, gap)
        lightness = abs(lab(one, np.eye(3))[0] - lab(other, np.eye(3))[0])
        assert lightness >= 5.0, (one, other, lightness)


def test_reports_have_the_colours_of_the_window() -> None:
    from acutance.export.picture import VERDICT_LOOK

    for verdict, (_, _, color) in VERDICT_LOOK.items():
        assert color == getattr(THEMES["dark"], VERDICT_STYLE[verdict].token)
