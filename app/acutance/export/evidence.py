"""What the report of a series shows, gathered once for every format; no name of the input is kept.

File names, folders and free text of headers may tell who was scanned. The title keeps only words of
anatomy and technique; files of the ledger are counted by reason; values come from our own code.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from acutance.core.explained_series import ExplainedSeries, heading
from acutance.core.explanation import CAPTION
from acutance.core.quality import Verdict
from acutance.export.explanation_picture import tinted_picture
from acutance.export.picture import VERDICT_LOOK, plane_picture, shown_slices
from acutance.export.words import clean_words

if TYPE_CHECKING:
    from PIL import Image

    from acutance.core.iqm import IqmResult
    from acutance.core.ledger import Ledger, Loaded, LoadedSeries
    from acutance.core.quality import QualityResult, Thresholds

#: Slices that are shown as pictures and listed, lowest prediction first.
WORST_SLICES = 6
_VIEW, _SMALL = 360, 220
_SUFFIX = re.compile(r"\.[A-Za-z]{1,5}\Z")


@dataclass(frozen=True)
class Extras:
    """What a report shows of a series beside its scores.

    Parameters
    ----------
    iqms : IqmResult, optional
        Its metrics.
    note : str
        Why there are no metrics although they were asked for.
    explained : ExplainedSeries, optional
        Why its worst slices have their scores.
    """

    iqms: IqmResult | None = None
    note: str = ""
    explained: ExplainedSeries | None = None


@dataclass(frozen=True)
class Bar:
    """One slice of the score strip.

    Parameters
    ----------
    plane : str
    index : int
    value : float or None
        Predicted SSIM in (0, 1).
    reason : str
        Why there is no value.
    colour : str
        "#rrggbb" of its grade.
    """

    plane: str
    index: int
    value: float | None
    reason: str
    colour: str


@dataclass(frozen=True, eq=False)
class Figure:
    """A picture and what stands below it."""

    caption: str
    picture: Image.Image


@dataclass(frozen=True)
class AsideRow:
    """Files that were set aside for one reason.

    Parameters
    ----------
    count : int
    kinds : str
        Their suffixes, such as ".txt, .dcm".
    reason : str
    """

    count: int
    kinds: str
    reason: str


@dataclass(frozen=True)
class MetricRow:
    """One metric: its value in words, or why it has none."""

    name: str
    value: str
    reason: str


@dataclass(frozen=True, eq=False)
class Evidence:
    """Everything a report of a series says beside the result itself.

    Parameters
    ----------
    title : str
    number : str
        The prediction in words, with its interval; empty where there is none.
    thresholds : Thresholds
    bars : tuple of Bar
        In the order the slices were scored.
    planes, background, worst : tuple of Figure
        Three planes; the same with the air brightened (none for colour); the worst slices.
    explained : tuple of Figure
        Slices with the map of what lowers their scores, where the test supports it.
    explained_lines : tuple of str
        What the test found; empty where nothing was asked.
    metrics : tuple of MetricRow
    metrics_note : str
        Why there are no metrics; empty where there are some or none were asked for.
    aside : tuple of AsideRow
    provenance : tuple of (str, str)
        Name and value.
    """

    title: str
    number: str
    thresholds: Thresholds
    bars: tuple[Bar, ...]
    planes: tuple[Figure, ...]
    background: tuple[Figure, ...]
    worst: tuple[Figure, ...]
    explained: tuple[Figure, ...]
    explained_lines: tuple[str, ...]
    metrics: tuple[MetricRow, ...]
    metrics_note: str
    aside: tuple[AsideRow, ...]
    provenance: tuple[tuple[str, str], ...]


def gather(
    loaded: LoadedSeries,
    result: QualityResult,
    record: dict[str, Any],
    extras: Extras,
) -> Evidence:
    """Collect what a report shows.

    Parameters
    ----------
    loaded : LoadedSeries
    result : QualityResult
    record : dict
        See `acutance.export.record.series_record`.
    extras : Extras
    """
    volume = loaded.volume
    thresholds = result.thresholds
    explained = extras.explained or ExplainedSeries()
    shown = shown_slices(volume, result).items()
    return Evidence(
        title_of(loaded),
        number_words(result),
        thresholds,
        tuple(
            Bar(s.plane, s.index, s.ssim_pred, s.reason, _colour(s.ssim_pred, thresholds))
            for s in result.slices
        ),
        tuple(
            Figure(f"{plane} {index}", plane_picture(volume, plane, index, _VIEW))
            for plane, index in shown
        ),
        ()
        if volume.is_colour
        else tuple(
            Figure(
                f"{plane} {index}, air brightened",
                plane_picture(volume, plane, index, _VIEW, shows_air=True),
            )
            for plane, index in shown
        ),
        tuple(
            Figure(
                f"{s.plane} {s.index}: predicted SSIM {s.ssim_pred:.2f}",
                plane_picture(volume, s.plane, s.index, _SMALL),
            )
            for s in result.worst_first()[:WORST_SLICES]
        ),
        tuple(
            Figure(f"{heading(one)}; {CAPTION}", tinted_picture(volume, one, _VIEW))
            for one in explained.supported
        ),
        () if extras.explained is None else explained.lines(),
        () if extras.iqms is None else metric_rows(extras.iqms),
        extras.note,
        aside_rows(loaded.ledger),
        (*_volume_rows(record), *provenance_rows(result, record, extras.iqms)),
    )


def title_of(loaded: Loaded) -> str:
    """Return the words of the series name that identify nobody; "Series" where none is left."""
    return clean_words(loaded.item.title) or "Series"


def number_words(result: QualityResult) -> str:
    """Return the prediction as a prediction, with its interval; empty where there is none."""
    if result.ssim_pred is None:
        return ""
    if result.ssim_lo is None or result.ssim_hi is None:
        return f"predicted SSIM {result.ssim_pred:.2f}"
    return f"predicted SSIM {result.ssim_pred:.2f} ({result.ssim_lo:.2f} to {result.ssim_hi:.2f})"


def review_words(record: dict[str, Any]) -> str:
    """Return what a person decided, without the note, which may name somebody; empty for none."""
    review = record.get("review")
    if not review:
        return ""
    words = ": ".join(filter(None, (str(review["decision"]), review["reason"])))
    return words[:1].upper() + words[1:]


def aside_rows(ledger: Ledger) -> tuple[AsideRow, ...]:
    """Return the files set aside, counted by reason, most first."""
    counts = Counter(s.reason for s in ledger.set_aside)
    kinds: dict[str, set[str]] = {}
    for entry in ledger.set_aside:
        suffix = _SUFFIX.search(os.path.basename(entry.file))
        kinds.setdefault(entry.reason, set()).add(suffix[0].lower() if suffix else "no suffix")
    return tuple(
        AsideRow(count, ", ".join(sorted(kinds[reason])[:4]), reason)
        for reason, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    )


def metric_rows(iqms: IqmResult) -> tuple[MetricRow, ...]:
    """Return the metrics in words, sorted by name; a missing value is an em dash."""
    return tuple(
        MetricRow(
            name,
            "\N{EM DASH}" if value is None else f"{value:.6g}",
            iqms.reasons.get(name, "") if value is None else "",
        )
        for name, value in sorted(iqms.values.items())
    )


def provenance_rows(
    result: QualityResult, record: dict[str, Any], iqms: IqmResult | None = None
) -> tuple[tuple[str, str], ...]:
    """Return what the numbers came from, as names and values."""
    rows = [
        ("model", f"{result.model.name} {result.model.version}"),
        ("weights", result.model.status),
        ("weights sha256", result.model.sha256),
        ("software", f"acutance {record['software']['version']}"),
        ("device", result.device),
        ("created (UTC)", str(record["created_utc"])),
    ]
    if iqms is not None:
        rows.append(("definitions of metrics", f"version {iqms.definitions.get('version', '?')}"))
    for name, value in sorted(result.parameters.items()):
        is_list = isinstance(value, list | tuple)
        rows.append((name, ", ".join(map(str, value)) if is_list else str(value)))
    return tuple(rows)


def _volume_rows(record: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    words = " × ".join(map(str, record["shape"])) + " voxels"
    if record["spacing_mm"]:
        words += ", " + " × ".join(f"{mm:.6g}" for mm in record["spacing_mm"]) + " mm"
    return (("volume", f"{words}, {record['modality']}" if record["modality"] else words),)


def _colour(value: float | None, thresholds: Thresholds) -> str:
    grade = Verdict.NOT_ASSESSED if value is None else thresholds.verdict(value)
    return VERDICT_LOOK[grade][2]
