"""`bench/mrart_metrics.py`: its statistics against scipy, its table on people made up here."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, spearmanr

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("ACUTANCE_TEST_DATA", ROOT.parent / "shared" / "data"))
SCRIPT = ROOT / "bench" / "mrart_metrics.py"


@pytest.fixture(scope="module")
def bench() -> Any:
    spec = importlib.util.spec_from_file_location("mrart_metrics", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mrart_metrics"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["mrart_metrics"]


def test_statistics_are_those_of_scipy(bench: Any) -> None:
    rng = np.random.default_rng(4)
    x, y = rng.integers(0, 9, 40).astype(float), rng.integers(2, 12, 31).astype(float)
    expected = mannwhitneyu(x, y).statistic / (x.size * y.size)
    assert bench.auc(x, y) == pytest.approx(expected, abs=1e-12)
    assert bench.spearman(x[:31], y) == pytest.approx(spearmanr(x[:31], y).statistic, abs=1e-12)


def test_pairs_are_within_a_person_and_ties_count_half(bench: Any) -> None:
    person = np.array([0, 0, 1, 1, 2, 2, 3])
    value = np.array([1.0, 2.0, 5.0, 4.0, 3.0, 3.0, 9.0])
    moved = np.array([0, 1, 0, 1, 0, 1, 1], bool)
    # One higher, one lower, one equal; the fourth person has no scan at rest.
    assert bench.paired(value, person, moved, ~moved) == pytest.approx(0.5)


def write_table(path: Path) -> None:
    rng = np.random.default_rng(3)
    rows = ["bids_name\tsubject\tacq\tscore\tefc\tcnr\twm2max"]
    for person in range(30):
        level = rng.normal()
        for acq, motion in (("standard", 0), ("headmotion1", 1), ("headmotion2", 2)):
            values = (level + 0.5 * motion, 10 - 3 * motion + rng.normal(), rng.normal())
            numbers = "\t".join(f"{value:.6f}" for value in values)
            rows.append(f"s{person}_{acq}\ts{person}\t{acq}\t{1 + motion}\t{numbers}")
    rows.append("s99_x\ts99\tstandard\tn/a\tn/a\tn/a\t0.0")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def table(*arguments: object) -> dict[str, list[str]]:
    done = subprocess.run(
        [sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True, check=True
    )
    cells = [[c.strip() for c in line.split("|")[1:-1]] for line in done.stdout.splitlines()]
    return {line[0].strip("`"): line[2:] for line in cells if line and line[0].startswith("`")}


def test_the_table_tells_what_was_put_in(tmp_path: Path) -> None:
    write_table(tmp_path / "t.tsv")
    lines = table(tmp_path / "t.tsv", "--resamples", 100, "--markdown")
    numbers = {name: [float(cell.split()[0]) for cell in cells] for name, cells in lines.items()}
    # Differs from person to person, but rises with motion in each: perfect only in pairs.
    assert numbers["efc"][3:5] == [1.0, 1.0]
    assert 0.5 < numbers["efc"][0] < 0.8
    assert numbers["cnr"][0] > 0.95
    assert numbers["cnr"][5] > 0.8
    low, high = map(float, lines["wm2max"][0].split("[")[1].rstrip("]").split(","))
    assert low < 0.5 < high


@pytest.mark.skipif(not (DATA / "mr-quality").is_dir(), reason="no data; set ACUTANCE_TEST_DATA")
def test_the_documented_numbers_are_those_of_the_data() -> None:
    lines = table(DATA, "--resamples", 2, "--markdown")
    documented = {}
    for line in (ROOT / "docs" / "iqms.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) == 8 and cells[0].startswith("`"):
            documented[cells[0].strip("`")] = [cell.split()[0] for cell in cells[2:]]
    assert documented == {name: [c.split()[0] for c in cells] for name, cells in lines.items()}
