"""The report of many series: one HTML file with a table, distributions and every thumbnail.

The one script in it is our own and named by its hash in the content policy, so that no other can
run. Nothing is fetched, all text is escaped, and nothing names a patient, file or folder.
"""

from __future__ import annotations

import base64
import hashlib
import io
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image, UnidentifiedImageError

from acutance import NOT_FOR_DIAGNOSIS, __version__
from acutance.core.quality import Verdict
from acutance.export.group_statistics import LIMIT, Spread, outliers_first, spreads_of
from acutance.export.html import SHAPES, environment
from acutance.export.picture import HEAD_PIXELS, VERDICT_LOOK, VIEW_PIXELS
from acutance_resources import path as resource_path

if TYPE_CHECKING:
    from pathlib import Path

    from markupsafe import Markup

    from acutance.export.group_records import Case, Group

#: Thumbnails that are embedded, first of those at the top; the table has every case.
THUMBNAILS = 1000
#: Dots that are drawn in one distribution; the selected case is marked in any case.
DOTS = 600
_THUMB_WIDTH, _PICTURE_LIMIT = 300, 16 << 20
_PLOT_WIDTH, _PLOT_HEIGHT, _PLOT_EDGE = 300.0, 64.0, 8.0
_LANES = 7


@dataclass(frozen=True)
class Dot:
    """A case in a distribution, in the units of the drawing."""

    case: int
    x: float
    y: float
    colour: str
    is_unusual: bool


@dataclass(frozen=True)
class Plot:
    """A distribution ready to be drawn.

    Parameters
    ----------
    spread : Spread
    dots : tuple of Dot
    quartiles : tuple of 3 float
        In the units of the drawing.
    """

    spread: Spread
    dots: tuple[Dot, ...]
    quartiles: tuple[float, float, float]


def group_html(group: Group, *, created_utc: str) -> str:
    """Return the report.

    Parameters
    ----------
    group : Group
    created_utc : str
        When it was made, ISO 8601.
    """
    spreads = spreads_of(group.cases)
    order = outliers_first(group.cases, spreads)
    script = resource_path("templates/group.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    return (
        environment()
        .get_template("group.html")
        .render(
            not_for_diagnosis=NOT_FOR_DIAGNOSIS,
            group=group,
            rows=[_row(n, group.cases[n], spreads) for n in order],
            spreads=spreads,
            plots=[_plot(spread, group.cases, order) for spread in spreads],
            verdicts=_verdicts(group.cases),
            limit=LIMIT,
            thumbnails=_thumbnails(group.cases, order),
            script=_trusted(script),
            script_hash=digest,
            version=__version__,
            created_utc=created_utc,
            width=_PLOT_WIDTH,
            height=_PLOT_HEIGHT,
            edge=_PLOT_EDGE,
        )
    )


def _trusted(script: str) -> Markup:
    from markupsafe import Markup

    return Markup(script)  # our own file; no value of a record is ever put into it


def _row(n: int, case: Case, spreads: tuple[Spread, ...]) -> dict[str, Any]:
    word, shape, colour = _look(case)
    low, high = case.row["ssim_lo"], case.row["ssim_hi"]
    return {
        "case": n,
        "id": case.id,
        "name": case.row["name"],
        "word": word,
        "shape": shape,
        "colour": colour,
        "reason": case.row["reason"] or "",
        "interval": "" if low is None or high is None else f"{low:.2f} to {high:.2f}",
        "warnings": case.row["warnings"],
        "unusual": sum(spread.is_unusual(n) for spread in spreads),
        "cells": [
            {
                "value": spread.values[n],
                "text": "" if spread.values[n] is None else f"{spread.values[n]:.4g}",
                "is_unusual": spread.is_unusual(n),
            }
            for spread in spreads
        ],
    }


def _look(case: Case) -> tuple[str, str, str]:
    verdict = case.row.get("verdict")
    if verdict is None:
        return "Not scored", "", "#9aa4af"
    word, shape, colour = VERDICT_LOOK[Verdict(verdict)]
    return word, SHAPES[shape], colour


def _verdicts(cases: tuple[Case, ...]) -> list[dict[str, Any]]:
    counts = Counter(_look(case) for case in cases)
    order = [look[0] for look in VERDICT_LOOK.values()]
    looks = sorted(counts, key=lambda look: order.index(look[0]) if look[0] in order else 9)
    return [
        {
            "word": look[0],
            "shape": look[1],
            "colour": look[2],
            "count": counts[look],
            "percent": 100 * counts[look] / len(cases),
        }
        for look in looks
    ]


def _plot(spread: Spread, cases: tuple[Case, ...], order: list[int]) -> Plot:
    span = spread.high - spread.low

    def place(value: float) -> float:
        room = _PLOT_WIDTH - 2 * _PLOT_EDGE
        return _PLOT_EDGE + room * ((value - spread.low) / span if span > 0 else 0.5)

    known = sorted((value, n) for n, value in enumerate(spread.values) if value is not None)
    step = max(1, -(-len(known) // DOTS))
    dots = []
    for rank, (value, n) in enumerate(known):
        if rank % step and not spread.is_unusual(n):
            continue
        # Neighbours take turns in the lanes, so that equal values do not hide each other.
        y = 14 + (rank * 3 % _LANES) * (_PLOT_HEIGHT - 28) / (_LANES - 1)
        dots.append(Dot(n, place(value), y, _look(cases[n])[2], spread.is_unusual(n)))
    first, median, third = (place(value) for value in spread.quartiles)
    return Plot(spread, tuple(dots), (first, median, third))


def _thumbnails(cases: tuple[Case, ...], order: list[int]) -> list[dict[str, Any]]:
    found = []
    for n in order:
        picture = cases[n].picture
        data = None if picture is None else _thumbnail(picture)
        if data is not None:
            word, shape, colour = _look(cases[n])
            found.append(
                {
                    "case": n,
                    "id": cases[n].id,
                    "data": data,
                    "word": word,
                    "shape": shape,
                    "colour": colour,
                }
            )
        if len(found) == THUMBNAILS:
            break
    return found


def _thumbnail(path: Path) -> str | None:
    """Return the images of a report's picture, small; None where it is no such picture."""
    try:
        if path.stat().st_size > _PICTURE_LIMIT:
            return None
        with Image.open(path, formats=("PNG",)) as picture:
            if picture.width > 4096 or picture.height > 4096 or picture.height <= HEAD_PIXELS:
                return None
            bottom = min(picture.height, HEAD_PIXELS + VIEW_PIXELS)
            views = picture.convert("RGB").crop((0, HEAD_PIXELS, picture.width, bottom))
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError):
        return None
    views.thumbnail((_THUMB_WIDTH, _THUMB_WIDTH), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    views.save(buffer, format="JPEG", quality=82)
    return base64.b64encode(buffer.getvalue()).decode("ascii")
