"""Calibrate the intervals of the scoring network, and print how well they cover.

    PYTHONPATH=app:models python bench/scoring_calibrate.py SCORES.json --scope SCOPE.safetensors
        --out CALIBRATION.safetensors [--report REPORT.md]

SCORES.json is what `scoring_accuracy.py --scores` wrote for people and label maps held out. The
coverage of a person or label map is that of intervals calibrated on all the others; the intervals
written are calibrated on all of them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
from safetensors.torch import load_file

from acutance_models.iqa_resnet.calibration import Calibration, save_calibration
from acutance_models.iqa_resnet.interval import ScoreInterval, coverage_of, fit_interval
from acutance_models.iqa_resnet.scope import ScopeNetwork
from acutance_models.loading import fill_network

# Chosen so that no clean volume at hand is refused; it also refuses fewer strange ones.
SCOPE_THRESHOLD = 0.05
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


def width_of(interval: ScoreInterval) -> str:
    """Say how wide an interval is at three scores."""
    bounds = [interval.bounds(score) for score in (0.5, 0.7, 0.9)]
    return " / ".join(f"{high - low:.3f}" for low, high in bounds)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("scores", type=Path)
    parser.add_argument("--scope", type=Path, required=True, help="from train_scope")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--report", type=Path, help="write the coverage as Markdown")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    everything = json.loads(options.scores.read_text(encoding="utf-8"))
    rows = [row for row in everything if row["group"] == "trained"]
    with_ladder = [row for row in everything if row["group"] in ("trained", "ladder")]
    lines = ["| left out | slices covered | volumes covered |", "|---|---|---|"]
    hits: dict[str, list[tuple[float, int, float, int]]] = {"people": [], "label maps": []}
    for person in sorted({row["person"] for row in rows}):
        others = [row for row in rows if row["person"] != person]
        mine = [row for row in rows if row["person"] == person]
        of_slice = fit_interval(*as_pairs(others), seed=options.seed)
        mine_volumes = as_volumes([r for r in with_ladder if r["person"] == person], options.seed)
        of_volume = fit_interval(
            *as_volumes([r for r in with_ladder if r["person"] != person], options.seed),
            seed=options.seed,
        )
        slices = coverage_of(of_slice, *as_pairs(mine))
        volumes = coverage_of(of_volume, *mine_volumes)
        lines.append(f"| {person} | {100 * slices:.1f} % | {100 * volumes:.1f} % |")
        kind = "label maps" if person.startswith("labelmap") else "people"
        hits[kind].append((slices, len(mine), volumes, len(mine_volumes[0])))
    for kind, found in hits.items():
        if found:
            slices = np.average([f[0] for f in found], weights=[f[1] for f in found])
            volumes = np.average([f[2] for f in found], weights=[f[3] for f in found])
            lines.append(f"| all {kind} | {100 * slices:.1f} % | {100 * volumes:.1f} % |")
    of_slice = fit_interval(*as_pairs(rows), seed=options.seed)
    of_volume = fit_interval(*as_volumes(with_ladder, options.seed), seed=options.seed)
    lines += ["", f"Width at scores of 0.5 / 0.7 / 0.9: slice {width_of(of_slice)}, "]
    lines[-1] += f"volume {width_of(of_volume)}."
    scope = ScopeNetwork().eval()
    fill_network(scope, load_file(options.scope), source=options.scope.name)
    save_calibration(Calibration(of_slice, of_volume, scope, SCOPE_THRESHOLD), options.out)
    data = options.out.read_bytes()
    lines += ["", f"{options.out.name}: {len(data)} bytes, {hashlib.sha256(data).hexdigest()}"]
    text = "\n".join(lines) + "\n"
    print(text)
    if options.report:
        options.report.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
