"""Files of `acutance score -o DIR`: reports of each series, and tables of them all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from acutance.core.iqm import IqmRequest
from acutance.core.ledger import LoadedVideo
from acutance.core.structured_report import SrRequest
from acutance.errors import AcutanceError, ExportError, JobCancelled
from acutance.export import exporters
from acutance.export.atomic import replacing
from acutance.export.evidence import Extras
from acutance.export.explanation_picture import write_explanation
from acutance.export.exporters import DEFAULT_KINDS, neutral_stem, report_stem
from acutance.export.table import columns_of, csv_text, table_row, tsv_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from acutance.core.explained_series import ExplainedSeries
    from acutance.core.ledger import Loaded, LoadedSeries
    from acutance.core.quality import QualityResult
    from acutance.core.volume import Volume
    from acutance.export.table import Row
    from acutance.jobs.runner import Runner

#: Kinds of file that show metrics, so that asking for one of them has them measured.
_WITH_METRICS = frozenset({"html", "pdf", "csv", "tsv"})
_TABLES = {"csv": csv_text, "tsv": tsv_text}
_VIDEO_KINDS = frozenset({"json", "png", "html", "csv", "tsv"})


class ScoreExport:
    """Writes what a run of `score` leaves in a folder.

    Parameters
    ----------
    folder : Path
        Made where it is missing.
    kinds : sequence of str, optional
        Ids that `cli.EXPORT_KINDS` lists. Without them the default kinds are written, under names
        made of the input's; with them the metrics are measured where a kind shows them, and names
        of files hold nothing of the input's.
    runner : Runner
    """

    def __init__(self, folder: Path, kinds: Sequence[str] | None, runner: Runner) -> None:
        self._folder = folder
        self._kinds = DEFAULT_KINDS if kinds is None else tuple(kinds)
        self._is_neutral = kinds is not None
        self._runner = runner
        self._rows: list[Row] = []

    def series(
        self,
        loaded: Loaded,
        result: QualityResult,
        record: dict[str, Any],
        explained: ExplainedSeries | None = None,
    ) -> tuple[list[Path], list[AcutanceError]]:
        """Write the files of one series; return them, and why a kind could not be written.

        Raises
        ------
        ExportError
            If the folder cannot be written.
        """
        stem = neutral_stem(loaded) if self._is_neutral else report_stem(loaded)
        if isinstance(loaded, LoadedVideo):
            self._add_row(record, Extras(), stem)
            return self._video(loaded, result, record, stem)
        extras = replace(self._measure(loaded), explained=explained)
        self._add_row(record, extras, stem)
        written = exporters.write_series_report(
            loaded, result, record, self._folder, kinds=self._kinds, stem=stem, extras=extras
        )
        if explained is not None and "png" in self._kinds:
            written += self._maps(loaded.volume, explained, stem)
        if "sr" not in self._kinds:
            return written, []
        try:
            return [*written, self._structured_report(loaded, result, record, stem)], []
        except AcutanceError as error:
            return written, [error]

    def finish(self) -> list[Path]:
        """Write the tables of all series of the run; none where no series was scored.

        Raises
        ------
        ExportError
            If a table cannot be written.
        """
        written = []
        for kind, text in _TABLES.items():
            if kind in self._kinds and self._rows:
                path = self._folder / f"scores.{kind}"
                with replacing(path) as temporary:
                    content = text(columns_of(self._rows), self._rows)
                    temporary.write_text(content, encoding="utf-8", newline="")
                written.append(path)
        return written

    def _add_row(self, record: dict[str, Any], extras: Extras, stem: str) -> None:
        if _TABLES.keys() & set(self._kinds):
            values = {} if extras.iqms is None else extras.iqms.values
            self._rows.append(table_row(record | {"iqms": values}, stem))

    def _measure(self, loaded: LoadedSeries) -> Extras:
        """Return the metrics where a report shows them; a scan without any still has a report."""
        if not self._is_neutral or not _WITH_METRICS & set(self._kinds):
            return Extras()
        try:
            return Extras(self._runner.submit("iqm", IqmRequest(loaded.volume)).value())
        except JobCancelled:
            raise
        except AcutanceError as error:
            return Extras(note=error.message)

    def _maps(self, volume: Volume, explained: ExplainedSeries, stem: str) -> list[Path]:
        """Write a picture of each map that the test supports."""
        written = []
        for one in explained.supported:
            path = self._folder / f"{stem}-why-{one.plane}-{one.index}.png"
            write_explanation(volume, one, path)
            written.append(path)
        return written

    def _structured_report(
        self, loaded: LoadedSeries, result: QualityResult, record: dict[str, Any], stem: str
    ) -> Path:
        """Write the verdict as DICOM SR, which holds the identity of the patient.

        Raises
        ------
        ExportError
            If the series is no DICOM, was not assessed, or cannot be referred to.
        """
        if loaded.item.reader != "dicom":
            raise ExportError(
                "A structured report belongs to a DICOM study, and this scan is no DICOM.",
                remedy="Ask for html, pdf, csv or tsv.",
                path=loaded.path,
            )
        path = self._folder / f"{stem}.dcm"
        request = SrRequest(
            loaded.item,
            tuple(entry.file for entry in loaded.ledger.set_aside),
            tuple(tuple(float(v) for v in row) for row in loaded.volume.affine),
            loaded.volume.shape,
            result,
            str(record["created_utc"]),
            path,
        )
        self._runner.structured_report(request).value()
        return path

    def _video(
        self, loaded: LoadedVideo, result: QualityResult, record: dict[str, Any], stem: str
    ) -> tuple[list[Path], list[AcutanceError]]:
        from acutance.core.frames import spread
        from acutance.export.contact_sheet import SHEET_FRAMES, SheetFrame

        frames = []
        for number in spread(loaded.video.count, SHEET_FRAMES):
            part = self._runner.frames(loaded.item, number, 1).value()
            frames.append(SheetFrame(number, float(part.times[0]), part.array[0].copy()))
        written = exporters.write_video_report(
            loaded, frames, result, record, self._folder, kinds=self._kinds, stem=stem
        )
        refused = [kind for kind in self._kinds if kind not in _VIDEO_KINDS]
        return written, [
            ExportError(
                f"A video cannot be reported as {kind.upper()}.",
                remedy="Ask for html, json, png, csv or tsv.",
                path=loaded.path,
            )
            for kind in refused
        ]
