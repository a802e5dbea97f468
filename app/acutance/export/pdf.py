"""The report of one series as PDF: A4, light, "not for diagnosis" on every page."""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Circle, Drawing, Line, Polygon, Rect, String
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    Flowable,
    Image,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Table,
    TableStyle,
)

from acutance import NOT_FOR_DIAGNOSIS
from acutance.export.evidence import gather, review_words
from acutance.export.picture import VERDICT_LOOK

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PIL.Image import Image as Picture
    from reportlab.pdfgen.canvas import Canvas

    from acutance.core.ledger import LoadedSeries
    from acutance.core.quality import QualityResult
    from acutance.export.evidence import Evidence, Extras, Figure

_MARGIN = 16 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_INK, _GREY, _LINE = HexColor("#1a1d21"), HexColor("#4d5661"), HexColor("#c9d0d8")
_BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=9, leading=12, textColor=_INK)
_SMALL = ParagraphStyle("small", parent=_BODY, fontSize=7.5, leading=9.5, textColor=_GREY)
_WORD = ParagraphStyle("word", parent=_BODY, fontName="Helvetica-Bold", fontSize=18, leading=22)
_HEAD = ParagraphStyle(
    "head", parent=_BODY, fontName="Helvetica-Bold", fontSize=10.5, leading=14, spaceBefore=9,
    spaceAfter=3, keepWithNext=1,
)  # fmt: skip
#: Characters of our own sentences that the standard fonts of PDF lack.
_LATIN = str.maketrans({"≥": ">=", "≤": "<=", "−": "-", "σ": "sigma", "≈": "about ", "→": "->"})
_FOOTER = (
    f"{NOT_FOR_DIAGNOSIS}. A prediction by a neural network without a reference image; it helps "
    "trained staff judge technical image quality."
)
_STRIP_HEIGHT = 62.0


def write_pdf(
    loaded: LoadedSeries,
    result: QualityResult,
    record: dict[str, Any],
    path: Path,
    extras: Extras,
) -> None:
    """Write the report as PDF, with the content of the HTML report.

    The same input gives the same bytes, but for the time that stands in the text. Nothing of it
    names the patient, a file or a folder; see `acutance.export.evidence`.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    evidence = gather(loaded, result, record, extras)
    document = SimpleDocTemplate(
        str(path), pagesize=A4, leftMargin=_MARGIN - 6, rightMargin=_MARGIN - 6, topMargin=20 * mm,
        bottomMargin=20 * mm, title="Acutance report", author="", subject=NOT_FOR_DIAGNOSIS,
        creator="acutance", invariant=1, pageCompression=1,
    )  # fmt: skip
    furnish = partial(_furnish, title=latin(evidence.title))
    story = _story(loaded, result, evidence)
    if words := review_words(record):
        story.insert(1, _text(f"Decided by a person, beside the prediction: {words}"))
    document.build(story, onFirstPage=furnish, onLaterPages=furnish)


def latin(text: str) -> str:
    """Return text in the characters that the standard fonts have; others are shown as escapes."""
    plain = text.translate(_LATIN)
    return plain.encode("cp1252", "backslashreplace").decode("cp1252")


def _story(loaded: LoadedSeries, result: QualityResult, evidence: Evidence) -> list[Flowable]:
    story: list[Flowable] = [_verdict(result, evidence)]
    if evidence.background:
        story += _pictures(
            "Air around the head, brightened: ghosts and streaks show here first",
            evidence.background,
            3,
        )
    story += _pictures("Three planes", evidence.planes, 3)
    caption = (
        f"{len(evidence.bars)} slices in the order of the file. Usable from "
        f"{evidence.thresholds.usable}, repeat advised below {evidence.thresholds.repeat}."
    )
    planes = ", ".join(result.planes) or "no plane"
    story.append(
        KeepTogether(
            [_text(f"Score strip: {planes}", _HEAD), _strip(evidence), _text(caption, _SMALL)]
        )
    )
    story += _pictures("Lowest predictions", evidence.worst, 6)
    if evidence.explained_lines:
        story.append(_text("What lowers the lowest predictions", _HEAD))
        story += [_text(line) for line in evidence.explained_lines]
        story += _pictures("", evidence.explained, 3)
    if evidence.metrics:
        story.append(_text("Metrics from a formula", _HEAD))
        rows = [(m.name, m.value, m.reason) for m in evidence.metrics]
        story.append(_table(rows, (62 * mm, 28 * mm, _WIDTH - 90 * mm)))
    if evidence.metrics_note:
        story.append(_text(f"No metrics: {evidence.metrics_note}"))
    ledger = loaded.ledger
    story.append(_text(f"Ledger: {ledger.used} of {ledger.found} files used", _HEAD))
    if evidence.aside:
        aside = [(str(row.count), row.kinds, row.reason) for row in evidence.aside]
        heads = ("set aside", "kind", "why")
        story.append(_table([heads, *aside], (18 * mm, 34 * mm, _WIDTH - 52 * mm)))
    story += [_text(f"Warning: {w.message} ({w.name})") for w in loaded.warnings]
    story += [_text(f"Note: {note}") for note in loaded.notes]
    story.append(_text("Provenance", _HEAD))
    story.append(_table(evidence.provenance, (42 * mm, _WIDTH - 42 * mm)))
    return story


def _verdict(result: QualityResult, evidence: Evidence) -> Flowable:
    word, shape, colour = VERDICT_LOOK[result.verdict]
    number = f"{evidence.number} (1 = like an undisturbed image)" if evidence.number else ""
    lines = [_text(word, _WORD)]
    if number:
        lines.append(_text(number))
    lines.append(_text(result.reason))
    table = Table([[_shape(shape, colour), lines]], colWidths=(16 * mm, _WIDTH - 16 * mm))
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "MIDDLE"), *_tight()]))
    return table


def _shape(shape: str, colour: str) -> Drawing:
    """Return the shape of a verdict: never its colour alone."""
    size, fill = 30.0, HexColor(colour)
    drawing = Drawing(size, size)
    if shape == "circle":
        drawing.add(Circle(15, 15, 14, fillColor=fill, strokeColor=None))
    elif shape == "triangle":
        drawing.add(Polygon([1, 2, 29, 2, 15, 28], fillColor=fill, strokeColor=None))
    elif shape == "octagon":
        points = [9.2, 1, 20.8, 1, 29, 9.2, 29, 20.8, 20.8, 29, 9.2, 29, 1, 20.8, 1, 9.2]
        drawing.add(Polygon(points, fillColor=fill, strokeColor=None))
    else:
        ring = Circle(15, 15, 13, fillColor=None, strokeColor=fill, strokeWidth=2.5)
        ring.strokeDashArray = [5, 4]
        drawing.add(ring)
    return drawing


def _pictures(title: str, figures: Sequence[Figure], columns: int) -> list[Flowable]:
    if not figures:
        return []
    gap = 3.0
    side = (_WIDTH - gap * (columns - 1)) / columns
    cells = [[Image(_stream(f.picture), side, side), _text(f.caption, _SMALL)] for f in figures]
    rows: list[list[Any]] = [cells[n : n + columns] for n in range(0, len(cells), columns)]
    rows[-1] = rows[-1] + [""] * (columns - len(rows[-1]))
    table = Table(rows, colWidths=[side + gap] * columns, hAlign="LEFT")
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *_tight()]))
    return [KeepTogether([_text(title, _HEAD), table])]


def _stream(picture: Picture) -> io.BytesIO:
    stream = io.BytesIO()
    picture.save(stream, format="PNG", compress_level=1)
    stream.seek(0)
    return stream


def _strip(evidence: Evidence) -> Drawing:
    drawing = Drawing(_WIDTH, _STRIP_HEIGHT)
    drawing.add(Rect(0, 0, _WIDTH, _STRIP_HEIGHT, fillColor=None, strokeColor=_LINE))
    inside, floor, room = _WIDTH - 30, 2.0, _STRIP_HEIGHT - 6
    step = inside / max(1, len(evidence.bars))
    for n, bar in enumerate(evidence.bars):
        height = 3.0 if bar.value is None else max(1.0, bar.value * room)
        drawing.add(
            Rect(
                2 + n * step, floor, max(0.4, step * 0.85), height,
                fillColor=HexColor(bar.colour), strokeColor=None,
            )
        )  # fmt: skip
    for bound in (evidence.thresholds.usable, evidence.thresholds.repeat):
        y = floor + bound * room
        drawing.add(Line(2, y, inside + 2, y, strokeColor=_INK, strokeWidth=0.4))
        drawing.add(String(inside + 6, y - 2.5, f"{bound:.2f}", fontSize=7, fillColor=_GREY))
    return drawing


def _table(rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Table:
    cells = [[_text(value, _SMALL) for value in row] for row in rows]
    table = Table(cells, colWidths=widths, hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, -1), 0.3, _LINE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 1.2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1.6),
            ]
        )
    )
    return table


def _tight() -> list[tuple[Any, ...]]:
    return [(f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]


def _text(text: str, style: ParagraphStyle = _BODY) -> Paragraph:
    # A paragraph understands markup, pictures from elsewhere among it; text has none.
    return Paragraph(escape(latin(text)), style)


def _furnish(canvas: Canvas, document: SimpleDocTemplate, *, title: str) -> None:
    canvas.saveState()
    canvas.setFont("Helvetica", 8)
    canvas.setFillColor(_GREY)
    top, bottom = A4[1] - 13 * mm, 12 * mm
    canvas.drawString(_MARGIN, top, title)
    canvas.drawRightString(A4[0] - _MARGIN, top, NOT_FOR_DIAGNOSIS)
    canvas.setStrokeColor(_LINE)
    canvas.line(_MARGIN, top - 4, A4[0] - _MARGIN, top - 4)
    canvas.setFont("Helvetica", 7)
    canvas.drawString(_MARGIN, bottom, _FOOTER)
    canvas.drawRightString(A4[0] - _MARGIN, bottom, f"page {document.page}")
    canvas.restoreState()
