"""Calibrate the intervals of the scoring network, and print how well they cover.

    PYTHONPATH=app:models python bench/scoring_calibrate.py SCORES.json
        --out CALIBRATION.safetensors [--scope SCOPE.safetensors] [--report REPORT.md]
        [--painted PAINTED.json]

SCORES.json is what `scoring_accuracy.py --scores` wrote for people and label maps held out. The
coverage of a person or label map is that of intervals calibrated on all the others; the intervals
written are calibrated on all of them.

PAINTED.json is what `scoring_accuracy.py --paintings N --scores` wrote for label maps held out,
each painted many times. How far off the scores of a painting are depends on its contrasts, so a
few paintings say little of the next one. The intervals of slices are then calibrated on as many
slices of people as of these paintings, in place of the few of SCORES.json. A second table has, for
each map, intervals calibrated on the paintings of the other maps alone: neither the map nor one of
its paintings stands in them. Without --scope the judge of scope that is shipped stays.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
from safetensors.torch import load_file

from acutance_models.catalogue import get_descriptor
from acutance_models.iqa_resnet.calibration import (
    Calibration,
    load_calibration,
    save_calibration,
)
from acutance_models.iqa_resnet.interval import ScoreInterval, coverage_of, fit_interval
from acutance_models.iqa_resnet.scope import ScopeNetwork
from acutance_models.loading import fill_network

# The largest at which at most 3 % of the slices of clean brains held out are refused.
SCOPE_THRESHOLD = 0.2
SMALLEST_VOLUME = 6  # slices drawn together as if of one volume
VOLUMES = 24  # drawn of each scan and family, for the interval of a volume


def as_pairs(rows: list[dict]) -> tuple[np.ndarray, np.ndarray]:
    """Return scores and labels of rows."""
    return np.array([row["score"] for row in rows]), np.array([row["label"] for row in rows])


def as_volumes(rows: list[dict], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return mean scores and labels of volumes: rungs of the ladder, and slices put together.

    Slices of one scan with neighbouring labels stand for a volume with one strength of motion.
    """
    scores, labels = [], []
    rng = np.random.default_rng(seed)
    for volume in sorted({row["volume"] for row in rows}):
        of_volume = [row for row in rows if row["volume"] == volume]
        for sigma in sorted({r["sigma_deg"] for r in of_volume if r["group"] == "ladder"}):
            rung = [r for r in of_volume if r["group"] == "ladder" and r["sigma_deg"] == sigma]
            scores.append(np.mean([r["score"] for r in rung]))
            labels.append(np.mean([r["label"] for r in rung]))
        for family in sorted({r["family"] for r in of_volume if r["group"] == "trained"}):
            drawn = [r for r in of_volume if r["group"] == "trained" and r["family"] == family]
            drawn.sort(key=lambda r: r["label"])
            width = max(SMALLEST_VOLUME, len(drawn) // 4)
            for _ in range(VOLUMES if len(drawn) >= 2 * SMALLEST_VOLUME else 0):
                first = int(rng.integers(len(drawn) - width + 1))
                near = [drawn[first + n] for n in rng.integers(width, size=2 * SMALLEST_VOLUME)]
                scores.append(np.mean([r["score"] for r in near]))
                labels.append(np.mean([r["label"] for r in near]))
    return np.array(scores), np.array(labels)


def evenly(people: list[dict], painted: list[dict], seed: int) -> list[dict]:
    """Return as many rows of people as of paintings, drawn from the kind that has more."""
    count = min(len(people), len(painted))
    rng = np.random.default_rng(seed)
    return [
        rows[n] for rows in (people, painted) for n in sorted(rng.permutation(len(rows))[:count])
    ]


def is_painted(row: dict) -> bool:
    """Return whether a row is of a label map."""
    return str(row["person"]).startswith("labelmap")


def calibration_rows(rows: list[dict], seed: int, *, evens: bool) -> list[dict]:
    """Return the rows to calibrate on; as many of each kind where that is asked for."""
    if not evens:
        return rows
    people = [row for row in rows if not is_painted(row)]
    return evenly(people, [row for row in rows if is_painted(row)], seed)


def painted_rows(path: Path, seed: int) -> list[str]:
    """Lay out how well paintings of a map are covered by intervals of those of other maps."""
    everything = json.loads(path.read_text(encoding="utf-8"))
    rows = [row for row in everything if row["group"] == "trained"]
    lines = [
        "| map | paintings | slices | covered by the other maps' paintings | of single paintings |",
        "|---|---|---|---|---|",
    ]
    hits, slices = 0.0, 0
    for person in sorted({row["person"] for row in rows}):
        mine = [row for row in rows if row["person"] == person]
        others = [row for row in rows if row["person"] != person]
        interval = fit_interval(*as_pairs(others), seed=seed)
        covered = coverage_of(interval, *as_pairs(mine))
        volumes = sorted({row["volume"] for row in mine})
        each = [
            coverage_of(interval, *as_pairs([r for r in mine if r["volume"] == volume]))
            for volume in volumes
        ]
        low, middle, high = np.quantile(each, [0.1, 0.5, 0.9])
        lines.append(
            f"| {person} | {len(volumes)} | {len(mine)} | {100 * covered:.1f} % "
            f"| median {100 * middle:.0f} %, one in ten below {100 * low:.0f} %, above "
            f"{100 * high:.0f} % |"
        )
        hits, slices = hits + covered * len(mine), slices + len(mine)
    lines.append(f"| all | | {slices} | {100 * hits / slices:.1f} % | |")
    return lines


def width_of(interval: ScoreInterval) -> str:
    """Say how wide an interval is at three scores."""
    bounds = [interval.bounds(score) for score in (0.5, 0.7, 0.9)]
    return " / ".join(f"{high - low:.3f}" for low, high in bounds)


def judge_of_scope(path: Path | None, network: str) -> tuple[ScopeNetwork, float]:
    """Return the judge of a file, or the one that is shipped, with its threshold."""
    if path is None:
        shipped = load_calibration(get_descriptor(network))
        if shipped is None:
            raise SystemExit(f"{network} has no judge of scope; give --scope")
        return shipped.scope, shipped.scope_threshold
    scope = ScopeNetwork().eval()
    fill_network(scope, load_file(path), source=path.name)
    return scope, SCOPE_THRESHOLD


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("scores", type=Path)
    parser.add_argument("--scope", type=Path, help="another judge, from train_scope")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--report", type=Path, help="write the coverage as Markdown")
    parser.add_argument("--painted", type=Path, help="scores of label maps painted many times")
    parser.add_argument("--network", default="iqa_resnet18", help="whose judge of scope stays")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    everything = json.loads(options.scores.read_text(encoding="utf-8"))
    rows = [row for row in everything if row["group"] == "trained"]
    with_ladder = [row for row in everything if row["group"] in ("trained", "ladder")]
    if options.painted:
        painted = json.loads(options.painted.read_text(encoding="utf-8"))
        rows = [row for row in rows if not is_painted(row)]
        rows += [row for row in painted if row["group"] == "trained"]
    evens = options.painted is not None
    lines = ["| left out | slices covered | volumes covered |", "|---|---|---|"]
    hits: dict[str, list[tuple[float, int, float, int]]] = {"people": [], "label maps": []}
    for person in sorted({row["person"] for row in rows}):
        others = [row for row in rows if row["person"] != person]
        mine = [row for row in rows if row["person"] == person]
        calibrating = calibration_rows(others, options.seed, evens=evens)
        of_slice = fit_interval(*as_pairs(calibrating), seed=options.seed)
        mine_volumes = as_volumes([r for r in with_ladder if r["person"] == person], options.seed)
        of_volume = fit_interval(
            *as_volumes([r for r in with_ladder if r["person"] != person], options.seed),
            seed=options.seed,
        )
        slices = coverage_of(of_slice, *as_pairs(mine))
        volumes = coverage_of(of_volume, *mine_volumes)
        lines.append(f"| {person} | {100 * slices:.1f} % | {100 * volumes:.1f} % |")
        kind = "label maps" if is_painted(mine[0]) else "people"
        hits[kind].append((slices, len(mine), volumes, len(mine_volumes[0])))
    for kind, found in hits.items():
        if found:
            slices = np.average([f[0] for f in found], weights=[f[1] for f in found])
            volumes = np.average([f[2] for f in found], weights=[f[3] for f in found])
            lines.append(f"| all {kind} | {100 * slices:.1f} % | {100 * volumes:.1f} % |")
    if options.painted:
        lines += ["", *painted_rows(options.painted, options.seed)]
    calibrating = calibration_rows(rows, options.seed, evens=evens)
    of_slice = fit_interval(*as_pairs(calibrating), seed=options.seed)
    of_volume = fit_interval(*as_volumes(with_ladder, options.seed), seed=options.seed)
    lines += ["", f"Width at scores of 0.5 / 0.7 / 0.9: slice {width_of(of_slice)}, "]
    lines[-1] += f"volume {width_of(of_volume)}."
    scope, threshold = judge_of_scope(options.scope, options.network)
    save_calibration(Calibration(of_slice, of_volume, scope, threshold), options.out)
    data = options.out.read_bytes()
    lines += ["", f"{options.out.name}: {len(data)} bytes, {hashlib.sha256(data).hexdigest()}"]
    text = "\n".join(lines) + "\n"
    print(text)
    if options.report:
        options.report.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
