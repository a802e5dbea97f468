"""The report of one series: one HTML file, no script, nothing fetched, all text escaped."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined

from acutance import NOT_FOR_DIAGNOSIS
from acutance.core.quality import QualityResult, Thresholds, Verdict
from acutance.export.picture import VERDICT_LOOK, plane_picture, shown_slices
from acutance_resources import path as resource_path

if TYPE_CHECKING:
    from acutance.core.ledger import LoadedSeries

_SHAPES = {"circle": "●", "triangle": "▲", "octagon": "⬣", "dashed circle": "◌"}


def write_report(
    loaded: LoadedSeries, result: QualityResult, record: dict[str, Any], path: Path
) -> None:
    """Write the report: verdict, strip, worst slices, ledger, warnings, provenance.

    File names of the ledger are shown without their folders; the series path is left out, since
    folders often carry patient names.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    template = environment.from_string(
        resource_path("templates/series.html").read_text(encoding="utf-8")
    )
    word, shape, colour = VERDICT_LOOK[result.verdict]
    thresholds = Thresholds(
        float(result.parameters["threshold_usable"]), float(result.parameters["threshold_repeat"])
    )
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
    text = template.render(
        not_for_diagnosis=NOT_FOR_DIAGNOSIS,
        title=loaded.volume.name or "series",
        word=word,
        shape=_SHAPES[shape],
        colour=colour,
        result=result,
        record=record,
        bars=bars,
        thresholds=thresholds,
        worst=result.worst_first()[:8],
        ledger=[{"file": Path(s.file).name, "reason": s.reason} for s in loaded.ledger.set_aside],
        warnings=loaded.warnings,
        notes=loaded.notes,
        pictures=[
            {"plane": plane, "index": index, "data": _embedded(loaded, plane, index)}
            for plane, index in shown_slices(loaded.volume, result).items()
        ],
    )
    path.write_text(text, encoding="utf-8")


def _embedded(loaded: LoadedSeries, plane: str, index: int) -> str:
    buffer = io.BytesIO()
    plane_picture(loaded.volume, plane, index, size=360).save(buffer, format="PNG")
    return base64.b64encode(buffer.getvalue()).decode("ascii")
