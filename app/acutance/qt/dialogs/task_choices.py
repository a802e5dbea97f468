"""What a batch does with a series, and with which weights."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QSizePolicy, QWidget

from acutance.batch.tasks import TASKS, TaskOptions
from acutance.core.restoration import TASK_TITLES
from acutance.core.segmentation import BRAIN
from acutance.core.upscaling import SCALES
from acutance.qt.dialogs.path_fields import PathField
from acutance.qt.language import mark, tr, translated

#: Of the tasks whose network can be named: what the line says where nothing is.
_SHIPPED = {
    "segment": mark("The tissues of a brain, with the weights of this copy"),
    "restore": mark("With the weights of this copy"),
    "upscale": mark("With the weights of this copy"),
}
#: Letters of the list of kinds that are always in sight.
_KIND_LETTERS = 15
_WEIGHTS = mark("Weights (*.safetensors)")


class TaskChoices(QWidget):
    """A line for each task: whether it is done, and of one that is, what exactly and the weights.

    Signals
    -------
    changed : a task was switched on or off.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        titles = {task.id: task.title for task in TASKS}
        self.boxes = {task.id: QCheckBox(translated(task.title)) for task in TASKS}
        self.weights = {
            task: PathField(
                self, tr("Weights for the task {task}", task=translated(titles[task])), tr(_WEIGHTS)
            )
            for task in _SHIPPED
        }
        self.restoration, self.scale = QComboBox(), QComboBox()
        self.restoration.setAccessibleName(tr("What is restored"))
        self.scale.setAccessibleName(tr("How many times the pixels of a side"))
        for task, title in TASK_TITLES.items():
            self.restoration.addItem(translated(title), task)
        for scale in SCALES:
            self.scale.addItem(f"\N{MULTIPLICATION SIGN} {scale}", scale)
        for kind in (self.restoration, self.scale):
            kind.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            kind.setMinimumContentsLength(_KIND_LETTERS)
            kind.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._kinds = {"restore": self.restoration, "upscale": self.scale}
        self._is_free = True
        self._build()
        self._refresh()

    def chosen(self) -> tuple[str, ...]:
        """Return the ids of the tasks that are done, in their order."""
        return tuple(task for task, box in self.boxes.items() if box.isChecked())

    def options(self) -> TaskOptions:
        """Return what the tasks are told."""
        text = {task: field.text for task, field in self.weights.items()}
        return TaskOptions(
            text["segment"] or BRAIN,
            restore_task=self.restoration.currentData(),
            restore_weights=text["restore"],
            upscale_scale=self.scale.currentData(),
            upscale_weights=text["upscale"],
        )

    def set_free(self, is_free: bool) -> None:
        """Take choices, or show those that are at work."""
        self._is_free = is_free
        self._refresh()

    def _build(self) -> None:
        form = QGridLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(8)
        form.setVerticalSpacing(4)
        form.setColumnStretch(2, 1)
        for row, (task, box) in enumerate(self.boxes.items()):
            box.toggled.connect(self._on_toggled)
            field, kind = self.weights.get(task), self._kinds.get(task)
            if field is None:
                form.addWidget(box, row, 0, 1, 4)
                continue
            form.addWidget(box, row, 0)
            if kind is not None:
                form.addWidget(kind, row, 1)
            field.edit.setPlaceholderText(tr(_SHIPPED[task]))
            form.addWidget(field.edit, row, 2 if kind else 1, 1, 1 if kind else 2)
            form.addWidget(field.button, row, 3)

    def _on_toggled(self) -> None:
        self._refresh()
        self.changed.emit()

    def _refresh(self) -> None:
        for task, box in self.boxes.items():
            box.setEnabled(self._is_free)
            if task in self.weights:
                self.weights[task].set_enabled(self._is_free)
                self.weights[task].set_visible(box.isChecked())
            if task in self._kinds:
                self._kinds[task].setEnabled(self._is_free)
                self._kinds[task].setVisible(box.isChecked())
