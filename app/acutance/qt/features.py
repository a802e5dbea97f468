"""The features of the window, in the order in which their commands stand in the menus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acutance.qt.axes_feature import AxesFeature
from acutance.qt.backend_feature import BackendFeature
from acutance.qt.compare_feature import CompareFeature
from acutance.qt.editing_feature import EditingFeature
from acutance.qt.enhance_feature import EnhanceFeature
from acutance.qt.history_feature import HistoryFeature
from acutance.qt.image_feature import ImageFeature
from acutance.qt.journal_feature import JournalFeature
from acutance.qt.layout_feature import LayoutFeature
from acutance.qt.measuring_feature import MeasuringFeature
from acutance.qt.palette_feature import PaletteFeature
from acutance.qt.restoration_feature import RestorationFeature
from acutance.qt.review_feature import ReviewFeature
from acutance.qt.settings_feature import SettingsFeature
from acutance.qt.study_feature import StudyFeature
from acutance.qt.watching_feature import WatchingFeature
from acutance.qt.work_feature import WorkFeature

if TYPE_CHECKING:
    from acutance.qt.feature import Feature

FEATURES: tuple[type[Feature], ...] = (
    LayoutFeature,
    AxesFeature,
    CompareFeature,
    StudyFeature,
    EditingFeature,
    ImageFeature,
    EnhanceFeature,
    MeasuringFeature,
    ReviewFeature,
    HistoryFeature,
    WorkFeature,
    SettingsFeature,
    BackendFeature,
    PaletteFeature,
    JournalFeature,
    RestorationFeature,
    WatchingFeature,
)
