"""Where an image and its numbers come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFormLayout, QWidget

from acutance import __version__
from acutance.core.affine import axis_codes
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
    rows = [("Source", breakable(entry.item.path)), ("Reader", entry.item.reader)]
    volume = entry.volume
    if volume is not None:
        shape = " × ".join(map(str, volume.shape))
        mm = " × ".join(f"{s:.3g}" for s in volume.spacing)
        axes = axis_codes(volume.affine) if volume.orientation_known else "not known"
        rows += [
            ("Voxels", shape),
            ("Spacing", f"{mm} mm" if volume.spacing_known else "not stated"),
            ("Array axes", axes),
            ("Stored as", str(volume.array.dtype)),
        ]
        rows += _shared_rows(volume)
    elif entry.video is not None:
        video = entry.video
        spacing = video.pixel_spacing
        mm = "not stated" if spacing is None else f"{spacing[0]:.3g} × {spacing[1]:.3g} mm"
        rows += [
            ("Frames", str(video.count)),
            ("Size", f"{video.width} × {video.height} pixels"),
            ("Pixel spacing", mm),
            ("Frame rate", f"{video.frame_rate:.4g} per second"),
            ("Times from", video.frame_time_source),
            ("Stored as", f"{video.dtype}, {'grey' if video.channels == 1 else 'colour'}"),
            *_shared_rows(video),
        ]
    result = entry.result
    if result is not None:
        rows += [
            ("Weights", weights_text(result)),
            ("sha256", breakable(result.model.sha256[:16])),
            ("Device", result.device),
        ]
        if limits := thresholds_text(result):
            rows.append(("Thresholds", limits))
        if version := result.parameters.get("site_calibration"):
            rows.append(("Site calibration", str(version)))
        if site := str(result.parameters.get("site_file_sha256", "")):
            rows.append(("Site file", f"sha256 {site[:16]}"))
    rows.append(("Acutance", __version__))
    return rows


def _shared_rows(content: Volume | VideoSource) -> list[tuple[str, str]]:
    rows = []
    if content.modality:
        rows.append(("Modality", content.modality))
    if content.unit:
        rows.append(("Unit", content.unit))
    for name, value in list(content.facts.items())[:FACT_LIMIT]:
        rows.append((name.replace("_", " "), _value_text(value)))
    return rows


def _value_text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
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
        super().__init__("Provenance", body, parent)
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
            text = f"{count} frame{'s' * (count != 1)}"
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
