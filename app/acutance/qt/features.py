"""The features of the window, in the order in which their commands stand in the menus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acutance.qt.compare_feature import CompareFeature
from acutance.qt.editing_feature import EditingFeature
from acutance.qt.history_feature import HistoryFeature
from acutance.qt.layout_feature import LayoutFeature

if TYPE_CHECKING:
    from acutance.qt.feature import Feature

FEATURES: tuple[type[Feature], ...] = (
    LayoutFeature,
    CompareFeature,
    EditingFeature,
    HistoryFeature,
)
