"""Colours, fonts and verdict signs of the window: dark by default, light on request."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QApplication, QStyleFactory

from acutance.core.quality import Verdict
from acutance.qt.language import mark
from acutance_resources import path

ThemeName = Literal["dark", "light"]
#: Font sizes in pixels.
FONT_SMALL, FONT_NORMAL, FONT_LARGE, FONT_TITLE = 12, 13, 15, 20
SPACING = (4, 8, 12, 16, 24)
RADIUS = 4
_FAMILIES = ["Inter", "Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans"]
_PROPERTY = "acutance_theme"


@dataclass(frozen=True)
class Tokens:
    """The colours of a theme, as `#rrggbb`.

    Text has a contrast of at least 7:1 on every surface, secondary text and verdict colours of
    at least 4.5:1. `view` is black in both themes: what is drawn over an image takes `DARK`.
    """

    view: str
    surface: str
    raised: str
    line: str
    text: str
    secondary: str
    disabled: str
    accent: str
    on_accent: str
    usable: str
    check: str
    repeat: str
    not_assessed: str
    enhanced: str


DARK = Tokens(
    view="#000000",
    surface="#121417",
    raised="#1b1f24",
    line="#2b3138",
    text="#e8eaed",
    secondary="#9aa4af",
    disabled="#5c6670",
    accent="#4cb4ff",
    on_accent="#06121c",
    usable="#2fc9b2",
    check="#f3bb62",
    repeat="#e65a31",
    not_assessed="#9199a3",
    enhanced="#b48cff",
)
LIGHT = Tokens(
    view="#000000",
    surface="#f5f6f7",
    raised="#ffffff",
    line="#d5dae0",
    text="#1a1d21",
    secondary="#55606b",
    disabled="#9aa4af",
    accent="#0969c6",
    on_accent="#ffffff",
    usable="#0c6d62",
    check="#764b00",
    repeat="#c83d15",
    not_assessed="#3f444b",
    enhanced="#7a4fd0",
)
THEMES: dict[ThemeName, Tokens] = {"dark": DARK, "light": LIGHT}


class VerdictStyle(NamedTuple):
    """How a verdict is told: a word, a shape, and the name of a colour token."""

    word: str
    shape: Literal["circle", "triangle", "octagon", "dashed_circle"]
    token: str


VERDICT_STYLE: dict[Verdict, VerdictStyle] = {
    Verdict.USABLE: VerdictStyle(mark("Usable"), "circle", "usable"),
    Verdict.CHECK: VerdictStyle(mark("Check"), "triangle", "check"),
    Verdict.REPEAT: VerdictStyle(mark("Repeat advised"), "octagon", "repeat"),
    Verdict.NOT_ASSESSED: VerdictStyle(mark("Not assessed"), "dashed_circle", "not_assessed"),
}


def current_theme() -> ThemeName:
    """Return the name of the theme that was applied last; dark before the first."""
    app = QApplication.instance()
    return "light" if app is not None and app.property(_PROPERTY) == "light" else "dark"


def current_tokens() -> Tokens:
    """Return the colours of the theme that was applied last."""
    return THEMES[current_theme()]


def verdict_color(verdict: Verdict, tokens: Tokens | None = None) -> QColor:
    """Return the colour of a verdict; of the current theme unless told."""
    return QColor(getattr(tokens or current_tokens(), VERDICT_STYLE[verdict].token))


def ui_font(size: int = FONT_NORMAL, *, bold: bool = False) -> QFont:
    """Return the interface font with tabular figures, `size` in pixels."""
    font = QFont()
    # What the user's system uses comes first; these stand in where it names nothing usable.
    families = [f for f in QApplication.font().families() if f and f != "Sans"]
    font.setFamilies([*families, *(f for f in _FAMILIES if f not in families)])
    font.setPixelSize(size)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    font.setStyleHint(QFont.StyleHint.SansSerif)
    # Fonts without the feature (DejaVu Sans) have figures of one width anyway.
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def apply_theme(app: QApplication, name: ThemeName = "dark") -> Tokens:
    """Give the whole application Fusion style, palette, font and style sheet of a theme.

    Raises
    ------
    ValueError
        If the theme is unknown.
    """
    if name not in THEMES:
        raise ValueError(f"theme must be one of {tuple(THEMES)}, not {name!r}")
    tokens = THEMES[name]
    app.setProperty(_PROPERTY, name)
    # An explicit style and palette: the colour scheme hint has no effect on some platforms.
    app.setStyle(QStyleFactory.create("Fusion"))
    app.setPalette(make_palette(tokens))
    app.setFont(ui_font())
    app.setStyleSheet(style_sheet(tokens))
    return tokens


def make_palette(tokens: Tokens) -> QPalette:
    """Return the Qt palette of a theme."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    palette = QPalette()
    for target, color in {
        role.Window: tokens.surface,
        role.Base: tokens.surface,
        role.AlternateBase: tokens.raised,
        role.Button: tokens.raised,
        role.ToolTipBase: tokens.raised,
        role.WindowText: tokens.text,
        role.Text: tokens.text,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.text,
        role.ToolTipText: tokens.text,
        role.PlaceholderText: tokens.secondary,
        role.Highlight: tokens.accent,
        role.Accent: tokens.accent,
        role.HighlightedText: tokens.on_accent,
        role.Link: tokens.accent,
        role.LinkVisited: tokens.accent,
        role.Light: tokens.line,
        role.Midlight: tokens.line,
        role.Mid: tokens.line,
        role.Dark: tokens.line,
        role.Shadow: tokens.view,
    }.items():
        palette.setColor(target, QColor(color))
    for target in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText):
        palette.setColor(group.Disabled, target, QColor(tokens.disabled))
    return palette


def style_sheet(tokens: Tokens) -> str:
    """Return the small style sheet that the palette cannot express."""
    t = tokens
    return f"""
* {{ outline: none; }}
QMainWindow, QDialog {{ background: {t.surface}; }}
QMainWindow::separator {{ background: {t.line}; width: 1px; height: 1px; }}
QToolTip {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.line};
    padding: 4px 6px; }}
QMenuBar {{ background: {t.surface}; border-bottom: 1px solid {t.line}; }}
QMenuBar::item {{ padding: 4px 10px; background: transparent; }}
QMenuBar::item:selected {{ background: {t.raised}; }}
QMenu {{ background: {t.raised}; border: 1px solid {t.line}; padding: 4px; }}
QMenu::item {{ padding: 5px 24px 5px 12px; border-radius: {RADIUS}px; }}
QMenu::item:selected {{ background: {t.accent}; color: {t.on_accent}; }}
QMenu::item:disabled {{ color: {t.disabled}; background: transparent; }}
QMenu::separator {{ height: 1px; background: {t.line}; margin: 4px 8px; }}
QToolBar {{ background: {t.surface}; border: none; border-bottom: 1px solid {t.line};
    spacing: 4px; padding: 4px 8px; }}
QToolBar::separator {{ background: {t.line}; width: 1px; margin: 4px; }}
QToolButton {{ border: 1px solid transparent; border-radius: {RADIUS}px; padding: 4px 8px; }}
QToolButton:hover {{ background: {t.raised}; border-color: {t.line}; }}
QToolButton:checked, QToolButton:pressed {{ background: {t.raised}; color: {t.accent}; }}
QToolButton:focus {{ border-color: {t.accent}; }}
QToolButton:disabled {{ color: {t.disabled}; }}
QToolBarExtension {{ image: url("{_arrow("down")}"); padding: 0px; border: none; }}
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {t.line}; }}
QSlider::sub-page:horizontal {{ border-radius: 2px; background: {t.accent}; }}
QSlider::handle:horizontal {{ width: 12px; margin: -4px 0px; border-radius: 6px;
    background: {t.text}; }}
QPushButton {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: {RADIUS}px;
    padding: 5px 12px; min-height: 16px; }}
QPushButton:hover {{ border-color: {t.secondary}; }}
QPushButton:pressed {{ background: {t.line}; }}
QPushButton:default {{ background: {t.accent}; border-color: {t.accent}; color: {t.on_accent}; }}
QPushButton:focus {{ border-color: {t.accent}; }}
QPushButton:disabled {{ background: {t.surface}; color: {t.disabled}; border-color: {t.line}; }}
QCheckBox {{ spacing: 8px; }}
QCheckBox::indicator:unchecked {{ width: 12px; height: 12px; background: {t.raised};
    border: 1px solid {t.secondary}; border-radius: 2px; }}
QCheckBox:focus {{ color: {t.accent}; }}
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox {{ background: {t.raised};
    border: 1px solid {t.line}; border-radius: {RADIUS}px; padding: 3px 6px; }}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {{
    border-color: {t.accent}; }}
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button,
QDoubleSpinBox::down-button {{ background: transparent; border: none; width: 16px; }}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{ image: url("{_arrow("up")}");
    width: 10px; height: 10px; }}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{ image: url("{_arrow("down")}");
    width: 10px; height: 10px; }}
QComboBox::drop-down {{ background: transparent; border: none; width: 18px; }}
QComboBox::down-arrow {{ image: url("{_arrow("down")}"); width: 10px; height: 10px; }}
QListView, QTreeView, QTableView, QTextBrowser, QPlainTextEdit {{ background: {t.surface};
    border: none; }}
QTreeView::item, QListView::item {{ padding: 3px; border-radius: {RADIUS}px; }}
QTreeView::item:hover, QListView::item:hover {{ background: {t.raised}; }}
QTreeView::item:selected, QListView::item:selected {{ background: {t.line}; color: {t.text}; }}
QHeaderView::section {{ background: {t.surface}; color: {t.secondary}; border: none;
    border-bottom: 1px solid {t.line}; padding: 4px 6px; }}
QDockWidget {{ color: {t.secondary}; }}
QDockWidget::title {{ background: {t.surface}; padding: 8px 12px; text-align: left; }}
QStatusBar {{ background: {t.surface}; color: {t.secondary}; border-top: 1px solid {t.line}; }}
QStatusBar::item {{ border: none; }}
QProgressBar {{ background: {t.line}; border: none; border-radius: 2px; max-height: 4px; }}
QProgressBar::chunk {{ background: {t.accent}; border-radius: 2px; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {t.line}; border-radius: 3px; min-height: 24px;
    min-width: 24px; margin: 2px; }}
QScrollBar::handle:hover {{ background: {t.disabled}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QTabBar::tab {{ padding: 6px 12px; color: {t.secondary}; border: none;
    border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {t.text}; border-bottom-color: {t.accent}; }}
QTabWidget::pane {{ border: none; }}
"""


def _arrow(direction: Literal["up", "down"]) -> str:
    """Return the file of a chevron as style sheets take it; its grey shows in both themes."""
    return path(f"icons/chevron-{direction}.svg").as_posix()


def _regular_polygon(rect: QRectF, corners: int, turn_deg: float) -> QPolygonF:
    """Return a regular polygon that fills a rectangle's inner circle."""
    radius = min(rect.width(), rect.height()) / 2
    centre = rect.center()
    points = []
    for corner in range(corners):
        angle = math.radians(turn_deg + 360.0 * corner / corners)
        points.append(
            QPointF(centre.x() + radius * math.cos(angle), centre.y() + radius * math.sin(angle))
        )
    return QPolygonF(points)


def draw_verdict_shape(
    painter: QPainter, rect: QRectF, verdict: Verdict, tokens: Tokens | None = None
) -> None:
    """Draw the sign of a verdict: circle, triangle, octagon, or dashed circle.

    The shapes differ without colour, so that they can be told apart in grey.
    """
    color = verdict_color(verdict, tokens)
    side = min(rect.width(), rect.height())
    box = QRectF(0, 0, side, side)
    box.moveCenter(rect.center())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    shape = VERDICT_STYLE[verdict].shape
    if shape == "circle":
        inset = side * 0.06
        painter.drawEllipse(box.adjusted(inset, inset, -inset, -inset))
    elif shape == "triangle":
        # A triangle of the inner circle looks small and high beside the others.
        width, height = side, side * 0.88
        top = box.center().y() - height / 2
        triangle = [
            QPointF(box.center().x(), top),
            QPointF(box.center().x() + width / 2, top + height),
            QPointF(box.center().x() - width / 2, top + height),
        ]
        painter.drawPolygon(QPolygonF(triangle))
    elif shape == "octagon":
        painter.drawPolygon(_regular_polygon(box, 8, 22.5))
    else:
        width = max(1.25, side * 0.12)
        pen = QPen(color, width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        # Eight dashes close evenly: the pattern is in pen widths of the circumference.
        unit = math.pi * (side - width * 1.5) / width / 8
        pen.setDashPattern([unit * 0.6, unit * 0.4])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inset = width * 0.75
        painter.drawEllipse(box.adjusted(inset, inset, -inset, -inset))
    painter.restore()
