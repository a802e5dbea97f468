"""What came of a de-identified export, in words that Qt shows letter by letter."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from acutance.errors import AcutanceError

if TYPE_CHECKING:
    from acutance.core.deidentification import DeidentificationResult

#: Reasons and remarks shown before the rest is only counted.
LINE_LIMIT = 8


def export_summary(result: DeidentificationResult) -> str:
    """Return the outcome in one line."""
    count = f"{len(result.exported)} of {result.found} file{'s' * (result.found != 1)}"
    if not result.exported:
        return f"{count} exported."
    return f"{count} exported without the patient's identity and verified: {result.output}"


def warnings_of(result: DeidentificationResult) -> Counter[str]:
    """Return what was remarked on exported files, and how often."""
    return Counter(warning for exported in result.exported for warning in exported.warnings)


def open_export_message(
    outcome: DeidentificationResult | AcutanceError, parent: QWidget
) -> QMessageBox:
    """Show why something was not exported, or what to know of what was; returns at once."""
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle("Export de-identified")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setStandardButtons(QMessageBox.StandardButton.Close)
    if isinstance(outcome, AcutanceError):
        box.setIcon(QMessageBox.Icon.Warning)
        box.setText(str(outcome))
    else:
        failed = not outcome.exported
        box.setIcon(QMessageBox.Icon.Warning if failed else QMessageBox.Icon.Information)
        box.setText(export_summary(outcome))
        box.setInformativeText("\n".join(_lines(outcome)))
    box.open()
    return box


def _lines(result: DeidentificationResult) -> list[str]:
    reasons = Counter(aside.reason for aside in result.set_aside)
    lines = [f"Not exported ({count}): {reason}" for reason, count in reasons.most_common()]
    lines += [f"Note ({count}): {text}" for text, count in warnings_of(result).most_common()]
    if len(lines) > LINE_LIMIT:
        lines = [*lines[:LINE_LIMIT], f"and {len(lines) - LINE_LIMIT} more"]
    return lines
