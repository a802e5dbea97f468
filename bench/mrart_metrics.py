"""Which classical metrics follow real motion? Asked of the 118 people of MR-ART.

    python bench/mrart_metrics.py DATA [--resamples 2000] [--seed 0] [--all] [--markdown]

DATA is `mrart_iqm_scores.tsv`, or a folder with `mr-quality/mrart_iqm_scores.tsv` in it: MRIQC's
metrics of real T1-weighted scans of each person lying still, moving a little and moving much, and
a neuroradiologist's score of each scan (1 good, 2 medium, 3 bad).

For each metric:

- AUC: the probability that a scan with motion has the worse value than one without, ties half.
  "Worse" is what MRIQC's documentation says, never what the data say, so that 0.5 is chance and
  below 0.5 the metric goes the wrong way.
- paired: the share of people whose own moved scan is worse than their own still one, ties half.
- rho: Spearman's correlation of the worse direction with the expert's score, over all scans.

Intervals are 95 % percentile intervals of a bootstrap that draws people, not scans: the scans of
one person are alike.

References
----------
.. [1] Nárai, Hermann, Auer, et al., "Movement-related artefacts (MR-ART) dataset of matched
   motion-corrupted and clean structural MRI brain scans", Sci. Data 9, 630, 2022.
"""

from __future__ import annotations

import argparse
import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]
FILE = Path("mr-quality") / "mrart_iqm_scores.tsv"
STILL, LITTLE, MUCH = "standard", "headmotion1", "headmotion2"
#: Direction MRIQC documents: +1 higher is worse, -1 lower is worse.
DOCUMENTED = {
    "efc": 1, "fber": -1, "cjv": 1, "cnr": -1, "wm2max": -1, "qi_1": 1, "qi_2": 1,
    "fwhm_avg": 1, "fwhm_x": 1, "fwhm_y": 1, "fwhm_z": 1,
    "snr_total": -1, "snr_csf": -1, "snr_gm": -1, "snr_wm": -1,
    "snrd_total": -1, "snrd_csf": -1, "snrd_gm": -1, "snrd_wm": -1,
    "rpve_csf": 1, "rpve_gm": 1, "rpve_wm": 1, "inu_range": 1,
    "tpm_overlap_csf": -1, "tpm_overlap_gm": -1, "tpm_overlap_wm": -1,
}  # fmt: skip
#: Without a documented direction; asked with --all, "worse" then means "higher".
UNDIRECTED = ("summary_bg_", "summary_gm_", "summary_wm_", "summary_csf_", "icvs_", "inu_med")


@dataclass(frozen=True)
class Scans:
    """The table: one entry per scan.

    Parameters
    ----------
    person : ndarray of int, which person
    kind : ndarray of str, STILL, LITTLE or MUCH
    score : ndarray of float, the expert's, NaN where missing
    metrics : dict of str to ndarray of float, NaN where missing
    """

    person: NDArray[np.int64]
    kind: NDArray[np.str_]
    score: Floats
    metrics: dict[str, Floats]


def read_scans(path: Path) -> Scans:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    people = sorted({row["subject"] for row in rows})
    numbers = {
        name: np.array([_number(row[name]) for row in rows])
        for name in rows[0]
        if name not in ("bids_name", "subject", "acq")
    }
    return Scans(
        np.array([people.index(row["subject"]) for row in rows]),
        np.array([row["acq"] for row in rows]),
        numbers.pop("score"),
        numbers,
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def auc(worse: Floats, better: Floats) -> float:
    """Return P(worse > better) + P(equal) / 2 (Mann and Whitney)."""
    if not worse.size or not better.size:
        return math.nan
    ranks = rankdata(np.concatenate([worse, better]))
    above = ranks[: worse.size].sum() - worse.size * (worse.size + 1) / 2
    return float(above / (worse.size * better.size))


def spearman(x: Floats, y: Floats) -> float:
    a, b = rankdata(x), rankdata(y)
    a, b = a - a.mean(), b - b.mean()
    scale = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / scale if scale > 0 else math.nan


def paired(value: Floats, person: NDArray[np.int64], moved: Floats, still: Floats) -> float:
    """Return the share of people whose moved scan has the higher value, ties half."""
    at_rest = {int(person[n]): value[n] for n in np.flatnonzero(still)}
    wins = [
        0.5 * (np.sign(value[n] - at_rest[int(person[n])]) + 1)
        for n in np.flatnonzero(moved)
        if int(person[n]) in at_rest
    ]
    return float(np.mean(wins)) if wins else math.nan


COLUMNS = ("AUC little", "AUC much", "little/much", "paired little", "paired much", "rho")


def measure(value: Floats, scans: Scans, rows: NDArray[np.int64], copy: Floats) -> list[float]:
    """Return the columns for some scans; `copy` numbers the draw each scan came with."""
    value, kind, score = value[rows], scans.kind[rows], scans.score[rows]
    # A person drawn twice is two people, each with scans of their own.
    person = scans.person[rows] * (len(scans.person) + 1) + copy.astype(np.int64)
    has = np.isfinite(value)
    parts = {name: has & (kind == name) for name in (STILL, LITTLE, MUCH)}
    still, little, much = (value[parts[name]] for name in (STILL, LITTLE, MUCH))
    scored = has & np.isfinite(score)
    return [
        auc(little, still),
        auc(much, still),
        auc(much, little),
        paired(value, person, parts[LITTLE], parts[STILL]),
        paired(value, person, parts[MUCH], parts[STILL]),
        spearman(value[scored], score[scored]),
    ]


def draws(scans: Scans, resamples: int, seed: int) -> list[tuple[NDArray[np.int64], Floats]]:
    """Return the scans of each resample of people, and which draw each belongs to."""
    rng = np.random.default_rng(seed)
    people = np.unique(scans.person)
    of = [np.flatnonzero(scans.person == p) for p in people]
    answer = []
    for _ in range(resamples):
        chosen = rng.integers(0, people.size, people.size)
        rows = np.concatenate([of[p] for p in chosen])
        copies = np.concatenate([np.full(of[p].size, n) for n, p in enumerate(chosen)])
        answer.append((rows, copies.astype(np.float64)))
    return answer


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path, metavar="DATA")
    parser.add_argument("--resamples", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--all", action="store_true", help="metrics without a direction, too")
    parser.add_argument("--markdown", action="store_true", help="print the table for the docs")
    arguments = parser.parse_args()
    path = arguments.data / FILE if arguments.data.is_dir() else arguments.data
    if not path.is_file():
        parser.error(f"there is no {path}")
    scans = read_scans(path)
    describe(scans)
    names = [n for n in scans.metrics if n in DOCUMENTED]
    if arguments.all:
        names += [n for n in scans.metrics if n.startswith(UNDIRECTED)]
    resampled = draws(scans, arguments.resamples, arguments.seed)
    everything = np.arange(scans.person.size), np.zeros(scans.person.size)
    lines = []
    for name in names:
        value = scans.metrics[name] * DOCUMENTED.get(name, 1)
        point = measure(value, scans, *everything)
        spread = np.array([measure(value, scans, *draw) for draw in resampled])
        low, high = np.nanpercentile(spread, [2.5, 97.5], axis=0)
        lines.append((name, point, low, high))
    lines.sort(key=lambda line: -line[1][1])
    show(lines, markdown=arguments.markdown)
    return 0


def describe(scans: Scans) -> None:
    people = np.unique(scans.person).size
    print(f"{scans.person.size} scans of {people} people")
    for kind in (STILL, LITTLE, MUCH):
        scores = scans.score[scans.kind == kind]
        counts = ", ".join(f"{int(np.sum(scores == s))} scored {s}" for s in (1, 2, 3))
        print(f"  {kind}: {scores.size} scans, {counts}")


def show(lines: list[tuple[str, list[float], Floats, Floats]], *, markdown: bool) -> None:
    def cell(point: float, low: float, high: float) -> str:
        return f"{point:.2f} [{low:.2f}, {high:.2f}]"

    head = ("metric", "worse is", *COLUMNS)
    if markdown:
        print("| " + " | ".join(head) + " |")
        print("|" + "---|" * len(head))
    else:
        print(f"{head[0]:<18}{head[1]:<9}" + "".join(f"{name:<20}" for name in COLUMNS))
    for name, point, low, high in lines:
        direction = {1: "higher", -1: "lower"}.get(DOCUMENTED.get(name, 0), "(higher)")
        cells = [cell(*values) for values in zip(point, low, high, strict=True)]
        if markdown:
            print("| " + " | ".join((f"`{name}`", direction, *cells)) + " |")
        else:
            print(f"{name:<18}{direction:<9}" + "".join(f"{text:<20}" for text in cells))


if __name__ == "__main__":
    raise SystemExit(main())
