"""Fit an operator: which sharp slices, paired or not, and how far the statistics can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from acutance.core.quality import QualityResult, choose_planes
from acutance.core.restoration import TASK_TITLES
from acutance.core.restoration_fit import (
    FEWEST_SLICES,
    PATCHES,
    USUAL_SLICES,
    FitImages,
    FitRequest,
    FitResult,
    check_name,
    spread_slices,
)
from acutance.core.slicing import volume_geometry
from acutance.errors import AcutanceError
from acutance.io.operators import next_version, operators_folder
from acutance.qt.language import error_text, mark, numeral, tr, translated
from acutance.qt.panels.labels import plain_label
from acutance.qt.theme import FONT_SMALL

if TYPE_CHECKING:
    from pathlib import Path

    from acutance.qt.restorer import Restorer
    from acutance.session import Session
    from acutance.session.entry import SeriesEntry

_WIDTH = 480
#: Slices that are listed of each series, the sharpest first.
LISTED = 24
_PLACE = Qt.ItemDataRole.UserRole
_PAIRED = mark("in pairs: these slices, damaged and restored")


class FitDialog(QDialog):
    """Asks for about a dozen sharp slices of the open series, and tells what came of the fit.

    Slices with the highest predicted SSIM are suggested; of a series without a score, slices evenly
    spread over its middle.

    Parameters
    ----------
    session : Session
    restorer : Restorer
    task : str
        What the network takes away.
    folder : Path, optional
        Where operators are kept; by default the user's own.

    Signals
    -------
    None of its own.
    """

    def __init__(
        self,
        session: Session,
        restorer: Restorer,
        task: str,
        parent: QWidget | None = None,
        *,
        folder: Path | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._restorer = restorer
        self._task = task
        self._folder = operators_folder() if folder is None else folder
        self._result: FitResult | None = None
        self.setWindowTitle(tr("Fit operator"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(_WIDTH)
        self.name = QLineEdit("mine")
        self.name.setAccessibleName(tr("Name of the operator"))
        self.name.textChanged.connect(self._refresh)
        self.patch = QComboBox()
        for side in PATCHES:
            self.patch.addItem(f"{side} × {side}", side)
        self.pairing = QComboBox()
        self.pairing.addItem(tr(_PAIRED), None)
        for entry in self._entries():
            self.pairing.addItem(tr("unpaired: {title}, restored", title=entry.title), entry.id)
        self.slices = QListWidget()
        self.slices.setAccessibleName(tr("Sharp slices"))
        self.slices.setUniformItemSizes(True)
        self.slices.setMinimumHeight(200)
        self.slices.itemChanged.connect(self._refresh)
        self._count = plain_label("", size=FONT_SMALL, is_secondary=True, wraps=True)
        self._report = plain_label("", size=FONT_SMALL, wraps=True)
        self._report.hide()
        self.fit = QPushButton(tr("Fit"))
        self.fit.setDefault(True)
        self.fit.clicked.connect(self._begin)
        self.use = QPushButton(tr("Use it and restore"))
        self.use.clicked.connect(self._use)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.use, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.fit, QDialogButtonBox.ButtonRole.ActionRole)
        self.use.hide()  # the box shows what is put into it
        buttons.rejected.connect(self.reject)
        self._arrange(buttons)
        restorer.fitted.connect(self._on_fitted)
        self._fill()
        self._refresh()

    @property
    def report(self) -> str:
        """What was told of the fit."""
        return self._report.text()

    @property
    def chosen(self) -> list[tuple[int, int]]:
        """Series and slice of every item that is ticked."""
        items = [self.slices.item(row) for row in range(self.slices.count())]
        return [item.data(_PLACE) for item in items if item.checkState() is Qt.CheckState.Checked]

    def _arrange(self, buttons: QDialogButtonBox) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(8)
        text = tr(
            "What sharp images look like, for the task “{task}”. Choose about a "
            "dozen slices without noise or motion.",
            task=translated(TASK_TITLES[self._task]),
        )
        layout.addWidget(plain_label(text, wraps=True))
        layout.addWidget(self.slices, 1)
        layout.addWidget(self._count)
        form = QFormLayout()
        form.addRow(tr("Name"), self.name)
        form.addRow(tr("Restored side"), self.pairing)
        form.addRow(tr("Patch"), self.patch)
        layout.addLayout(form)
        layout.addWidget(self._report)
        layout.addWidget(buttons)

    def _entries(self) -> list[SeriesEntry]:
        return [entry for entry in self._session.entries if entry.volume is not None]

    def _fill(self) -> None:
        """List the slices of every open series, the sharpest of the active one ticked."""
        self.slices.blockSignals(True)
        active = self._session.active
        for entry in sorted(self._entries(), key=lambda e: e is not active):
            ranked = suggestions(entry)
            for rank, (number, value) in enumerate(ranked):
                told = (
                    tr("not scored")
                    if value is None
                    else tr("predicted SSIM {value:.2f}", value=value)
                )
                item = QListWidgetItem(
                    tr(
                        "{title} · slice {number} · {told}",
                        title=entry.title,
                        number=number,
                        told=told,
                    )
                )
                item.setData(_PLACE, (entry.id, number))
                is_ticked = entry is active and rank < USUAL_SLICES
                state = Qt.CheckState.Checked if is_ticked else Qt.CheckState.Unchecked
                item.setCheckState(state)
                self.slices.addItem(item)
        self.slices.blockSignals(False)

    def _refresh(self, *_: object) -> None:
        count = len(self.chosen)
        is_enough = count >= FEWEST_SLICES
        hint = "" if is_enough else tr("; choose at least {least}", least=FEWEST_SLICES)
        try:
            check_name(self.name.text())
            name_fault = ""
        except ValueError as error:
            name_fault = f"; {error}"
        self._count.setText(
            tr(
                "{count} slices chosen{hint}{name_fault}",
                count=count,
                hint=hint,
                name_fault=name_fault,
            )
        )
        self.fit.setEnabled(is_enough and not name_fault)

    def _begin(self) -> None:
        name, other = self.name.text(), self.pairing.currentData()
        by_series: dict[int, list[int]] = {}
        for id, number in self.chosen:
            by_series.setdefault(id, []).append(number)
        sharp = tuple(
            _images(entry, tuple(sorted(by_series[entry.id])))
            for entry in self._entries()
            if entry.id in by_series
        )
        degraded: tuple[FitImages, ...] = ()
        if other is not None:
            entry = next((e for e in self._entries() if e.id == other), None)
            if entry is None or entry.volume is None:
                self._tell(tr("That series was closed."))
                return
            count = _count(entry)
            degraded = (_images(entry, spread_slices(count, USUAL_SLICES)),)
        weights = self._restorer.weights
        try:
            request = FitRequest(
                sharp,
                degraded,
                name,
                next_version(self._folder, name),
                self._folder,
                task=self._task,
                weights="" if weights is None else str(weights),
                patch=int(self.patch.currentData()),
            )
        except ValueError as error:
            self._tell(error_text(error))
            return
        self.fit.setEnabled(False)
        self._tell(tr("Fitting…"))
        self._restorer.fit(request)

    def _on_fitted(self, outcome: FitResult | AcutanceError) -> None:
        self._refresh()
        if isinstance(outcome, AcutanceError):
            self._tell(str(outcome))
            return
        self._result = outcome
        self._tell(report_of(outcome))
        self.use.show()

    def _use(self) -> None:
        if self._result is not None:
            from pathlib import Path

            self._restorer.use_operator(Path(self._result.path), self._task)
            self.accept()

    def _tell(self, text: str) -> None:
        self._report.setText(text)
        self._report.show()


def suggestions(entry: SeriesEntry) -> list[tuple[int, float | None]]:
    """Return slices of a series with their predicted SSIM, the highest first."""
    volume, result = entry.volume, entry.result
    if volume is None:
        return []
    plane = choose_planes(volume, "auto")[0]
    if isinstance(result, QualityResult):
        scored: list[tuple[int, float | None]] = [
            (s.index, s.ssim_pred)
            for s in result.slices
            if s.plane == plane and s.ssim_pred is not None and s.in_scope
        ]
        if scored:
            return sorted(scored, key=lambda pair: (-(pair[1] or 0.0), pair[0]))[:LISTED]
    return [(number, None) for number in spread_slices(_count(entry), USUAL_SLICES)]


def report_of(result: FitResult) -> str:
    """Return what was fitted, how far it can be trusted, and where it is."""
    report = result.report

    def number(name: str) -> str:
        value = report.get(name)
        if value is None:
            return tr("infinite")
        # Three digits tell enough, and no reader of a dialog wants 1.52e+03.
        return numeral(float(f"{value:.3g}"), ".0f" if 1000 <= abs(value) < 1e6 else ".3g")

    lines = [
        tr(
            "{name} version {version} in {space}: {sharp} sharp, {restored} restored slices, "
            "{pairs}",
            name=result.name,
            version=result.version,
            space=translated(result.space),
            sharp=result.sharp_slices,
            restored=result.source_slices,
            pairs=tr("paired") if result.is_paired else tr("unpaired"),
        ),
        tr(
            "Effective samples {sharp} sharp, {restored} restored, for {size} values of a patch",
            sharp=number("target_effective"),
            restored=number("source_effective"),
            size=result.size,
        ),
        tr(
            "Condition {sharp} sharp, {restored} restored; shrinkage {shrinkage}; "
            "largest gain {gain}",
            sharp=number("target_condition"),
            restored=number("source_condition"),
            shrinkage=number("shrinkage"),
            gain=number("largest_gain"),
        ),
        *(tr("Warning: {warning}", warning=translated(warning)) for warning in result.warnings()),
    ]
    return "\n".join(lines)


def _count(entry: SeriesEntry) -> int:
    assert entry.volume is not None
    return volume_geometry(entry.volume, choose_planes(entry.volume, "auto")[0]).count


def _images(entry: SeriesEntry, slices: tuple[int, ...]) -> FitImages:
    assert entry.volume is not None
    return FitImages(entry.volume, choose_planes(entry.volume, "auto")[0], slices)
