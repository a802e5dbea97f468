"""Settings: what the site says, what the user chose, and where things lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from acutance.core.quality import Thresholds
from acutance.qt.dialogs.backend_page import BackendPage
from acutance.qt.dialogs.model_list import ModelList
from acutance.qt.dialogs.preset_table import PresetTable
from acutance.qt.dialogs.shortcut_table import ShortcutTable
from acutance.qt.language import mark, tr
from acutance.qt.panels.labels import plain_label, tint
from acutance.qt.preferences import DEVICE
from acutance.qt.theme import FONT_SMALL, current_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from acutance.qt.actions import Command
    from acutance.qt.preferences import Preferences

_THRESHOLDS = mark(
    "From the upper value on a series is usable, below the lower one a repeat is "
    "advised, between them it is to be checked. A protocol of the site file goes "
    "before these."
)


class SettingsDialog(QDialog):
    """Six pages; nothing holds before Apply or OK, and a page with a fault keeps them from it.

    Parameters
    ----------
    preferences : Preferences
    commands : sequence of Command
    paths : sequence of (str, Path or None)
        What lies where, to be read.

    Signals
    -------
    applied
        What is shown holds now.
    """

    applied = Signal()

    def __init__(
        self,
        preferences: Preferences,
        commands: Sequence[Command],
        paths: Sequence[tuple[str, Path | None]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self.setWindowTitle(tr("Settings"))
        self.resize(760, 600)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self._build_scoring()
        self.presets = PresetTable(preferences.presets)
        self.shortcuts = ShortcutTable(commands, preferences.shortcuts)
        self.models = ModelList()
        self.backends = BackendPage(preferences.backend, preferences.site.backend)
        self._add(tr("Scoring"), self._scoring)
        self._add(tr("Windows"), self.presets)
        self._add(tr("Keys"), self.shortcuts)
        self._add(tr("Networks"), self.models)
        self._add(tr("Speed"), self.backends)
        self._add(tr("Places"), _places(paths))
        self.for_session = QCheckBox(tr("For this session only"))
        self.for_session.setToolTip(tr("Nothing is kept; the next start has what holds now"))
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok
            | QDialogButtonBox.StandardButton.Apply
            | QDialogButtonBox.StandardButton.Cancel
            | QDialogButtonBox.StandardButton.RestoreDefaults
        )
        restore = self.buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults)
        restore.setText(tr("As the site says"))
        restore.setToolTip(tr("Forget what was chosen here: the site file holds, else the program"))
        restore.clicked.connect(self.restore)
        self.buttons.button(QDialogButtonBox.StandardButton.Apply).clicked.connect(self.apply)
        self.buttons.accepted.connect(self._on_ok)
        self.buttons.rejected.connect(self.reject)
        self.problem = plain_label("", size=FONT_SMALL)
        self.problem.setWordWrap(True)
        tint(self.problem, current_tokens().repeat)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.problem)
        layout.addWidget(self.for_session)
        layout.addWidget(self.buttons)
        self.problem.hide()

    def apply(self) -> bool:
        """Let hold what is shown; return False where something is no setting, and say what."""
        preferences = self._preferences
        thresholds, presets = self._thresholds(), self.presets.presets()
        device = self.device.currentText().strip()
        problem = ""
        if thresholds is None:
            problem = tr("The lower threshold must lie below the upper one.")
        elif presets is None:
            problem = tr("One of the windows is none; its row is named on the page Windows.")
        elif not DEVICE.fullmatch(device):
            problem = tr("The device must be auto, cpu, or cuda: with a number.")
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        if problem or presets is None:
            return False
        only_now = self.for_session.isChecked()
        if thresholds != preferences.thresholds:
            preferences.set_thresholds(thresholds, for_session=only_now)
        if presets != preferences.presets:
            preferences.set_presets(presets, for_session=only_now)
        if self.shortcuts.keys() != preferences.shortcuts:
            preferences.set_shortcuts(self.shortcuts.keys(), for_session=only_now)
        if device != preferences.device:
            preferences.set_device(device)
        if self.language.currentData() != preferences.language:
            chosen = self.language.currentData()
            preferences.set_language(None if chosen == "auto" else chosen)
        backend = self.backends.choice.currentText()
        if not preferences.site.backend and backend != preferences.backend:
            preferences.set_backend(backend)
        self._tell_sources()
        self.applied.emit()
        return True

    def restore(self) -> None:
        """Forget what the user and the session chose, and close."""
        self._preferences.set_thresholds(None)
        self._preferences.set_presets(None)
        self._preferences.set_shortcuts(None)
        self._preferences.set_device(None)
        self._preferences.set_language(None)
        self._preferences.set_backend(None)
        self.applied.emit()
        self.accept()

    def _on_ok(self) -> None:
        if self.apply():
            self.accept()

    def _add(self, title: str, page: QWidget) -> None:
        self.tabs.addTab(page, title)

    def _build_scoring(self) -> None:
        self._scoring = QWidget()
        form = QFormLayout(self._scoring)
        form.setContentsMargins(0, 12, 0, 0)
        form.setVerticalSpacing(8)
        value = self._preferences.thresholds
        self.usable = _share(tr("Usable from"), value.usable)
        self.repeat = _share(tr("Repeat below"), value.repeat)
        self.device = QComboBox()
        self.device.setEditable(True)
        self.device.setAccessibleName(tr("Device"))
        self.device.addItems(["auto", "cpu", "cuda:0"])
        self.device.setCurrentText(self._preferences.device)
        self._source = plain_label("", size=FONT_SMALL, is_secondary=True)
        self._device_source = plain_label("", size=FONT_SMALL, is_secondary=True)
        form.addRow(_wrapped(tr(_THRESHOLDS)))
        form.addRow(tr("Usable from"), self.usable)
        form.addRow(tr("Repeat below"), self.repeat)
        form.addRow("", self._source)
        form.addRow(tr("Device"), self.device)
        form.addRow("", self._device_source)
        self.language = QComboBox()
        self.language.setAccessibleName(tr("Language"))
        for name, text in (("auto", tr("Automatic")), ("en", "English"), ("de", "Deutsch")):
            self.language.addItem(text, name)
        self.language.setCurrentIndex(self.language.findData(self._preferences.language))
        self._language_source = plain_label("", size=FONT_SMALL, is_secondary=True)
        form.addRow(tr("Language"), self.language)
        form.addRow("", self._language_source)
        self._tell_sources()

    def _tell_sources(self) -> None:
        source = self._preferences.source("thresholds")
        self._source.setText(tr("These are from: {source}.", source=tr(source)))
        device = self._preferences.source("device")
        self._device_source.setText(
            tr("From: {source}. Holds from the next start on.", source=tr(device))
        )
        language = tr(self._preferences.source("language"))
        self._language_source.setText(
            tr("From: {source}. Holds from the next start on.", source=language)
        )

    def _thresholds(self) -> Thresholds | None:
        try:
            return Thresholds(round(self.usable.value(), 3), round(self.repeat.value(), 3))
        except ValueError:
            return None


def _share(name: str, value: float) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setAccessibleName(name)
    box.setRange(0.0, 1.0)
    box.setDecimals(3)
    box.setSingleStep(0.01)
    box.setValue(value)
    return box


def _wrapped(text: str) -> QLabel:
    label = plain_label(text, is_secondary=True)
    label.setWordWrap(True)
    return label


def _places(paths: Sequence[tuple[str, Path | None]]) -> QWidget:
    page = QWidget()
    form = QFormLayout(page)
    form.setContentsMargins(0, 12, 0, 0)
    form.setVerticalSpacing(8)
    for name, path in paths:
        field = QLineEdit(tr("there is none") if path is None else str(path))
        field.setReadOnly(True)
        field.setAccessibleName(name)
        form.addRow(name, field)
    form.addRow(
        _wrapped(
            tr(
                "The site file is named with --site or ACUTANCE_SITE_FILE, the folder of "
                "calibrations with ACUTANCE_CALIBRATION_DIR. Nothing is kept elsewhere, and "
                "nothing is sent."
            )
        )
    )
    return page
