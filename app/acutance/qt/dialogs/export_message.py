"""What came of a de-identified export, in words that Qt shows letter by letter."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from acutance.errors import AcutanceError
from acutance.qt.language import tr, translated, trn

if TYPE_CHECKING:
    from acutance.core.deidentification import DeidentificationResult

#: Reasons and remarks shown before the rest is only counted.
LINE_LIMIT = 8


def export_summary(result: DeidentificationResult) -> str:
    """Return the outcome in one line."""
    count = trn(
        "{count} of {n} file", "{count} of {n} files", result.found, count=len(result.exported)
    )
    if not result.exported:
        return tr("{count} exported.", count=count)
    return tr(
        "{count} exported without the patient's identity and verified: {output}",
        count=count,
        output=result.output,
    )


def warnings_of(result: DeidentificationResult) -> Counter[str]:
    """Return what was remarked on exported files, and how often."""
    return Counter(warning for exported in result.exported for warning in exported.warnings)


def open_export_message(
    outcome: DeidentificationResult | AcutanceError, parent: QWidget
) -> QMessageBox:
    """Show why something was not exported, or what to know of what was; returns at once."""
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(tr("Export de-identified"))
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
    lines = [
        tr("Not exported ({count}): {reason}", count=count, reason=translated(reason))
        for reason, count in reasons.most_common()
    ]
    lines += [
        tr("Note ({count}): {text}", count=count, text=translated(text))
        for text, count in warnings_of(result).most_common()
    ]
    if len(lines) > LINE_LIMIT:
        lines = [*lines[:LINE_LIMIT], tr("and {count} more", count=len(lines) - LINE_LIMIT)]
    return lines
