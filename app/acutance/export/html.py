"""The report of one series: one HTML file, no script, nothing fetched, all text escaped."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from acutance import NOT_FOR_DIAGNOSIS
from acutance.export.contact_sheet import caption, frame_pictures
from acutance.export.evidence import (
    aside_rows,
    gather,
    number_words,
    provenance_rows,
    review_words,
    title_of,
)
from acutance.export.picture import VERDICT_LOOK
from acutance_resources import path as resource_path

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PIL import Image

    from acutance.core.ledger import Loaded, LoadedSeries, LoadedVideo
    from acutance.core.quality import QualityResult
    from acutance.export.contact_sheet import SheetFrame
    from acutance.export.evidence import Extras

#: The shape of a verdict as a character.
SHAPES = {"circle": "●", "triangle": "▲", "octagon": "⬣", "dashed circle": "◌"}


def write_report(
    loaded: LoadedSeries,
    result: QualityResult,
    record: dict[str, Any],
    path: Path,
    extras: Extras,
) -> None:
    """Write the report: verdict, planes, air, strip, worst slices, metrics, ledger, provenance.

    Nothing of it names the patient, a file or a folder; see `acutance.export.evidence`.
    """
    evidence = gather(loaded, result, record, extras)
    text = _render(
        "series.html",
        loaded,
        result,
        review=review_words(record),
        evidence=evidence,
        provenance=evidence.provenance,
        embedded=_embedded,
    )
    path.write_text(text, encoding="utf-8")


def write_video_report(
    loaded: LoadedVideo,
    frames: Sequence[SheetFrame],
    result: QualityResult,
    record: dict[str, Any],
    path: Path,
) -> None:
    """Write the report of a video: verdict, frames, ledger, warnings, provenance."""
    pictures = frame_pictures(loaded.video, frames, 280)
    text = _render(
        "video.html",
        loaded,
        result,
        record=record,
        review="",
        provenance=provenance_rows(result, record),
        pictures=[
            {"caption": caption(frame), "data": _embedded(picture)}
            for frame, picture in zip(frames, pictures, strict=True)
        ],
    )
    path.write_text(text, encoding="utf-8")


def _render(template: str, loaded: Loaded, result: QualityResult, **values: Any) -> str:
    word, shape, colour = VERDICT_LOOK[result.verdict]
    return (
        environment()
        .get_template(template)
        .render(
            not_for_diagnosis=NOT_FOR_DIAGNOSIS,
            title=title_of(loaded),
            number=number_words(result),
            word=word,
            shape=SHAPES[shape],
            colour=colour,
            result=result,
            ledger=loaded.ledger,
            aside=aside_rows(loaded.ledger),
            warnings=loaded.warnings,
            notes=loaded.notes,
            **values,
        )
    )


def environment() -> Environment:
    """Return the templates; every value is escaped, a missing one is an error."""
    folder = resource_path("templates/report.html").parent
    return Environment(autoescape=True, undefined=StrictUndefined, loader=FileSystemLoader(folder))


def _embedded(picture: Image.Image) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return base64.b64encode(buffer.getvalue()).decode("ascii")
