"""Where an image and its numbers come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFormLayout, QWidget

from acutance import __version__
from acutance.core.affine import axis_codes
from acutance.qt.language import numeral, tr, translated, trn
from acutance.qt.panels.labels import breakable, plain_label
from acutance.qt.panels.quality_panel import thresholds_text, weights_text
from acutance.qt.panels.section import Section
from acutance.qt.theme import FONT_SMALL

if TYPE_CHECKING:
    from acutance.core.video import VideoSource
    from acutance.core.volume import Volume
    from acutance.session import SeriesEntry

#: Header facts shown before the rest is left to the report.
FACT_LIMIT = 16


def provenance_rows(entry: SeriesEntry) -> list[tuple[str, str]]:
    """Return name and value of everything that is known of a series and its numbers."""
    rows = [(tr("Source"), breakable(entry.item.path)), (tr("Reader"), entry.item.reader)]
    volume = entry.volume
    if volume is not None:
        shape = " × ".join(map(str, volume.shape))
        mm = " × ".join(numeral(s, ".3g") for s in volume.spacing)
        axes = axis_codes(volume.affine) if volume.orientation_known else tr("not known")
        rows += [
            (tr("Voxels"), shape),
            (tr("Spacing"), f"{mm} mm" if volume.spacing_known else tr("not stated")),
            (tr("Array axes"), axes),
            (tr("Stored as"), str(volume.array.dtype)),
        ]
        rows += _shared_rows(volume)
    elif entry.video is not None:
        video = entry.video
        spacing = video.pixel_spacing
        mm = (
            tr("not stated")
            if spacing is None
            else tr("{spacing:.3g} × {spacing_2:.3g} mm", spacing=spacing[0], spacing_2=spacing[1])
        )
        rows += [
            (tr("Frames"), str(video.count)),
            (tr("Size"), tr("{width} × {height} pixels", width=video.width, height=video.height)),
            (tr("Pixel spacing"), mm),
            (tr("Frame rate"), tr("{frame_rate:.4g} per second", frame_rate=video.frame_rate)),
            (tr("Times from"), translated(video.frame_time_source)),
            (
                tr("Stored as"),
                f"{video.dtype}, {tr('grey') if video.channels == 1 else tr('colour')}",
            ),
            *_shared_rows(video),
        ]
    result = entry.result
    if result is not None:
        rows += [
            (tr("Weights"), weights_text(result)),
            ("sha256", breakable(result.model.sha256[:16])),
            (tr("Device"), result.device),
        ]
        if backend := str(result.parameters.get("backend", "")):
            rows.append((tr("Backend"), backend))
        if "recomputed_in_float32" in result.parameters:
            count = result.parameters["recomputed_in_float32"]
            text = tr("{count} slices computed once more in float32", count=count)
            rows.append((tr("Near a threshold"), text))
        if note := str(result.parameters.get("backend_note", "")):
            rows.append((tr("Backend, note"), note))
        if limits := thresholds_text(result):
            rows.append((tr("Thresholds"), limits))
        if version := result.parameters.get("site_calibration"):
            rows.append((tr("Site calibration"), str(version)))
        if site := str(result.parameters.get("site_file_sha256", "")):
            rows.append((tr("Site file"), f"sha256 {site[:16]}"))
    rows.append(("Acutance", __version__))
    return rows


def _shared_rows(content: Volume | VideoSource) -> list[tuple[str, str]]:
    rows = []
    if content.modality:
        rows.append((tr("Modality"), content.modality))
    if content.unit:
        rows.append((tr("Unit"), content.unit))
    for name, value in list(content.facts.items())[:FACT_LIMIT]:
        rows.append((name.replace("_", " "), _value_text(value)))
    return rows


def _value_text(value: object) -> str:
    if isinstance(value, float):
        return numeral(value, ".6g")
    if isinstance(value, list | tuple):
        return ", ".join(_value_text(item) for item in value)
    return str(value)[:200]


class ProvenanceSection(Section):
    """Source, geometry, header facts and weights as a table of names and values.

    Signals
    -------
    None of its own.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        body = QWidget()
        super().__init__(tr("Provenance"), body, parent)
        self._form = QFormLayout(body)
        self._form.setContentsMargins(16, 4, 16, 12)
        self._form.setHorizontalSpacing(12)
        self._form.setVerticalSpacing(6)
        self._rows: list[tuple[str, str]] = []
        self._entry: SeriesEntry | None = None
        self.toggled.connect(self._fill)

    def set_entry(self, entry: SeriesEntry | None) -> None:
        """Show where a series comes from."""
        self._entry = entry
        self.setVisible(entry is not None)
        volume = entry.volume if entry is not None else None
        if entry is None:
            text = ""
        elif entry.video is not None:
            count = entry.video.count
            text = trn("{n} frame", "{n} frames", count)
        elif volume is None:
            text = entry.item.reader
        else:
            text = "×".join(map(str, volume.shape))
        self.set_summary(text)
        self._fill()

    def _fill(self) -> None:
        """Fill the table; only while it is shown, since few look at it."""
        rows = provenance_rows(self._entry) if self._entry is not None and self.is_open else []
        if rows == self._rows:
            return
        self._rows = rows
        while self._form.rowCount():
            self._form.removeRow(0)
        for name, value in rows:
            self._form.addRow(
                plain_label(name, size=FONT_SMALL, is_secondary=True),
                plain_label(value, size=FONT_SMALL, wraps=True),
            )
