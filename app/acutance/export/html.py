"""The report of one series: one HTML file, no script, nothing fetched, all text escaped."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from acutance import NOT_FOR_DIAGNOSIS
from acutance.core.quality import QualityResult, Verdict
from acutance.export.contact_sheet import caption, frame_pictures
from acutance.export.picture import VERDICT_LOOK, plane_picture, shown_slices
from acutance_resources import path as resource_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

    from acutance.core.ledger import Loaded, LoadedSeries, LoadedVideo
    from acutance.export.contact_sheet import SheetFrame

_SHAPES = {"circle": "●", "triangle": "▲", "octagon": "⬣", "dashed circle": "◌"}


def write_report(
    loaded: LoadedSeries, result: QualityResult, record: dict[str, Any], path: Path
) -> None:
    """Write the report: verdict, strip, worst slices, ledger, warnings, provenance.

    File names of the ledger are shown without their folders; the series path is left out, since
    folders often carry patient names.
    """
    thresholds = result.thresholds
    bars = []
    for score in result.slices:
        grade = (
            Verdict.NOT_ASSESSED if score.ssim_pred is None else thresholds.verdict(score.ssim_pred)
        )
        bars.append(
            {
                "plane": score.plane,
                "index": score.index,
                "value": score.ssim_pred,
                "reason": score.reason,
                "colour": VERDICT_LOOK[grade][2],
            }
        )
    text = _render(
        "series.html",
        loaded,
        result,
        record,
        title=loaded.volume.name or "series",
        bars=bars,
        thresholds=thresholds,
        worst=result.worst_first()[:8],
        pictures=[
            {
                "plane": plane,
                "index": index,
                "data": _embedded(plane_picture(loaded.volume, plane, index, size=360)),
            }
            for plane, index in shown_slices(loaded.volume, result).items()
        ],
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
        record,
        title=loaded.video.name or "video",
        pictures=[
            {"caption": caption(frame), "data": _embedded(picture)}
            for frame, picture in zip(frames, pictures, strict=True)
        ],
    )
    path.write_text(text, encoding="utf-8")


def _render(
    template: str, loaded: Loaded, result: QualityResult, record: dict[str, Any], **values: Any
) -> str:
    folder = resource_path("templates/report.html").parent
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, loader=FileSystemLoader(folder)
    )
    word, shape, colour = VERDICT_LOOK[result.verdict]
    return environment.get_template(template).render(
        not_for_diagnosis=NOT_FOR_DIAGNOSIS,
        word=word,
        shape=_SHAPES[shape],
        colour=colour,
        result=result,
        record=record,
        ledger=[{"file": Path(s.file).name, "reason": s.reason} for s in loaded.ledger.set_aside],
        warnings=loaded.warnings,
        notes=loaded.notes,
        **values,
    )


def _embedded(picture: Image.Image) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return base64.b64encode(buffer.getvalue()).decode("ascii")
