"""File > Export de-identified: the request, its progress, and what is said of the outcome."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QMessageBox

from acutance.core.deidentification import OPTIONS, DeidentificationResult, ExportedFile
from acutance.core.ledger import SetAside
from acutance.errors import ExportError, JobCancelled
from acutance.qt.dialogs.export_dialog import OPTION_TEXTS, ExportDialog

SOURCE = "/scans/head_T1w.nii.gz"


def result(*, exported=1, aside=(), warnings=()):
    return DeidentificationResult(
        "/out/deidentified-0a",
        tuple(
            ExportedFile(f"{SOURCE}{n}", f"series-001/VOL-{n}.nii", warnings)
            for n in range(exported)
        ),
        tuple(SetAside(SOURCE, reason) for reason in aside),
    )


def dialogs(window, kind):
    return [d for d in window.findChildren(kind) if d.isVisible()]


@pytest.fixture
def export(open_scan, kit, qtbot):
    """Start the export of the open scan; return window, runner and the running job."""

    def start():
        runner = kit.ready_runner()
        window = open_scan(runner)
        window.deidentifier.export(Path("/out"))
        (job,) = runner.running("deidentify")
        return window, runner, job

    return start


def choose(window, *, folder="/out"):
    """Press the button of the dialog, and choose a folder."""
    (dialog,) = dialogs(window, ExportDialog)
    dialog.choose.click()
    (chooser,) = dialogs(dialog, QFileDialog)
    assert chooser.fileMode() is QFileDialog.FileMode.Directory
    chooser.fileSelected.emit(folder)
    chooser.close()


def requests(runner):
    pairs = zip(runner.jobs, runner.requests, strict=True)
    return [request for job, request in pairs if job.task == "deidentify"]


def test_the_command_asks_and_exports_the_series_that_was_active(open_scan, kit):
    runner = kit.ready_runner()
    window = open_scan(runner)
    action = window.actions_["export_deidentified"]
    assert action.isEnabled()
    action.trigger()
    choose(window)
    (request,) = requests(runner)
    assert request.paths == (Path(SOURCE),)
    assert request.output.parent == Path("/out")
    assert request.output.name.startswith("deidentified-")
    assert "head" not in request.output.name
    assert request.options == (), "strict unless the user says otherwise"
    assert not request.allows_burned_in
    assert dialogs(window, ExportDialog) == []


def test_what_is_ticked_is_kept(open_scan, kit):
    runner = kit.ready_runner()
    window = open_scan(runner)
    window.dialogs.ask_for_export()
    (dialog,) = dialogs(window, ExportDialog)
    dialog.options["device"].click()
    dialog.options["dates"].click()
    dialog.options["modified-dates"].click()
    assert not dialog.options["dates"].isChecked(), "kept or moved, not both"
    dialog.burned_in.click()
    choose(window)
    (request,) = requests(runner)
    assert request.options == ("device", "modified-dates")
    assert request.allows_burned_in


def test_cancel_of_the_dialog_exports_nothing(open_scan, kit):
    runner = kit.ready_runner()
    window = open_scan(runner)
    window.dialogs.ask_for_export()
    (dialog,) = dialogs(window, ExportDialog)
    dialog.reject()
    assert requests(runner) == []


def test_every_option_has_words_and_titles_are_plain(qtbot):
    assert set(OPTION_TEXTS) == {option.id for option in OPTIONS}
    dialog = ExportDialog("<b>T1</b> & co")
    qtbot.addWidget(dialog)
    labels = dialog.findChildren(QLabel)
    assert labels[0].text() == "<b>T1</b> & co"
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in labels)


def test_without_a_series_there_is_nothing_to_export(open_window):
    window = open_window()
    assert not window.actions_["export_deidentified"].isEnabled()
    window.dialogs.ask_for_export()
    window.deidentifier.export(Path("/out"))
    assert dialogs(window, ExportDialog) == []
    assert window.controller.jobs == ()


def test_progress_is_in_the_status_line_and_can_be_cancelled(export, qtbot):
    window, runner, job = export()
    runner.begin(job, 0.5)
    qtbot.waitUntil(lambda: "50%" in window.status_line.job_text)
    assert "Exporting de-identified" in window.status_line.job_text
    window.status_line.cancel_requested.emit()
    assert job.is_cancel_requested
    with qtbot.waitSignal(window.controller.job_ended):
        runner.finish(job, error=JobCancelled())
    assert "nothing was written" in window.status_line.notice
    assert dialogs(window, QMessageBox) == []


def test_success_is_a_notice_with_the_folder(export, qtbot):
    window, runner, job = export()
    with qtbot.waitSignal(window.deidentifier.exported):
        runner.finish(job, result())
    assert window.status_line.notice == (
        "1 of 1 file exported without the patient's identity and verified: /out/deidentified-0a"
    )
    assert dialogs(window, QMessageBox) == []


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (result(exported=0, aside=["<b>names</b> & faces"]), "<b>names</b> & faces"),
        (result(warnings=["Manufacturer repeated a removed value"]), "Note (1): Manufacturer"),
        (result(exported=2, aside=[f"reason {n}" for n in range(12)]), "and 4 more"),
    ],
)
def test_what_is_not_plain_success_stays_until_it_is_closed(export, qtbot, outcome, words):
    window, runner, job = export()
    with qtbot.waitSignal(window.deidentifier.exported):
        runner.finish(job, outcome)
    (box,) = dialogs(window, QMessageBox)
    assert words in box.informativeText()
    assert SOURCE not in box.informativeText() + box.text()
    assert box.textFormat() is Qt.TextFormat.PlainText
    for label in box.findChildren(QLabel):
        assert not label.text() or label.textFormat() is Qt.TextFormat.PlainText
    box.close()


def test_a_failure_is_told_in_its_own_words(export, qtbot):
    window, runner, job = export()
    error = ExportError("The disk is full.", remedy="Make room.", path="/out")
    with qtbot.waitSignal(window.deidentifier.exported):
        runner.finish(job, error=error)
    (box,) = dialogs(window, QMessageBox)
    assert box.text() == "/out: The disk is full. Make room."
    box.close()
