"""The verdict on one series as the files that were asked for, with what a person decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acutance.core.report_export import ReportExport, ReportWritten
from acutance.export.exporters import neutral_stem, write_series_report
from acutance.export.record import series_record

if TYPE_CHECKING:
    from acutance.export.deidentify import CancelToken, Progress


def write_report_files(
    request: ReportExport, progress: Progress, token: CancelToken
) -> ReportWritten:
    """Write the report of a series, with names that hold nothing of the input's own.

    The JSON record has a field `review`: what a person decided, or null. It stands beside
    `verdict`, which is what was predicted. Runs in a child process.

    Raises
    ------
    ExportError
        If a file cannot be written.
    JobCancelled
        If the user cancelled; looked at before the first file.
    """
    token.raise_if_cancelled()
    progress.report(0.1, "Writing")
    loaded, result = request.loaded, request.result
    record = series_record(loaded, result, seconds=result.seconds)
    record["review"] = None if request.review is None else request.review.to_plain()
    written = write_series_report(
        loaded,
        result,
        record,
        request.folder,
        kinds=request.kinds,
        stem=f"{neutral_stem(loaded)}-report",
    )
    progress.report(1.0, "Written")
    return ReportWritten(str(request.folder), tuple(path.name for path in written))
