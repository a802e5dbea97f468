"""The benches of scoring and its explanations: what their figures are made of."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from acutance_models.iqa_resnet.explanation import DeletionTest

if TYPE_CHECKING:
    from types import ModuleType

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture
def bench(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCH))
    return importlib.import_module(request.param)


@pytest.mark.parametrize("bench", ["scoring_accuracy"], indirect=True)
def test_a_score_is_averaged_over_eight_orientations_each_once(bench: ModuleType) -> None:
    image = torch.arange(9.0).view(1, 1, 3, 3)
    turned = bench.orientations(image)
    assert torch.equal(turned[0], image)
    assert torch.equal(turned[1], image.flip(-1))
    assert len({tuple(one.flatten().tolist()) for one in turned}) == 8
    # A half turn keeps the axes as they are: the first four need no other.
    assert torch.equal(turned[2], image.flip((-2, -1)))
    assert torch.equal(turned[3], image.flip(-2))


@pytest.mark.parametrize("bench", ["scoring_accuracy"], indirect=True)
def test_a_rung_at_which_the_score_does_not_fall_is_told(bench: ModuleType) -> None:
    labels = {0.0: 1.0, 0.25: 0.95, 0.5: 0.9, 1.0: 0.8, 2.0: 0.7, 4.0: 0.6}
    rows, scores = [], []
    for sigma, label in labels.items():
        for position in range(4):
            rows.append(bench.Row("ladder", "p", "v", "T1", "axial", "rotation", sigma, label))
            scores.append(label - 0.001 * position)
    assert bench.failed_rungs(rows, np.array(scores)) == []
    for position in range(4):  # the rung of 0.25 degrees now is scored above that of 0
        scores[4 + position] = 1.02 if position else 0.95
    (line,) = bench.failed_rungs(rows, np.array(scores))[3:]
    assert line.startswith("| v | 0° to 0.25° | -0.0500 | +0.0040 | ")
    assert line.endswith("| 3 of 4 |")


@pytest.mark.parametrize("bench", ["scoring_calibrate"], indirect=True)
def test_people_and_paintings_weigh_the_same_and_none_is_of_the_map_left_out(
    bench: ModuleType, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    people = [{"person": "p", "score": 0.7, "label": 0.7, "n": n} for n in range(90)]
    painted = [
        {
            "group": "trained",
            "person": f"labelmap_{spread}",
            "volume": f"{spread} {n % 3}",
            "score": 0.5,
            "label": 0.5 + 0.01 * spread * float(rng.normal()),
        }
        for spread in (1, 9)  # one map is scored far worse than the other
        for n in range(60)
    ]
    rows = bench.calibration_rows([*people, *painted], 0, evens=True)
    assert sum(bench.is_painted(row) for row in rows) == 90
    assert len({row["n"] for row in rows if not bench.is_painted(row)}) == 90
    assert bench.calibration_rows([*people, *painted], 0, evens=False) == [*people, *painted]
    path = tmp_path / "painted.json"
    path.write_text(json.dumps(painted), encoding="utf-8")
    first, second = bench.painted_rows(path, 0)[2:4]
    covered = [float(line.split(" | ")[3].removesuffix(" %")) for line in (first, second)]
    assert covered[0] > 95
    assert covered[1] < 60


@pytest.mark.parametrize("bench", ["explanations"], indirect=True)
def test_random_regions_are_a_control_and_a_failure_has_a_name(bench: ModuleType) -> None:
    flat = (0.01,) * 18
    shown = DeletionTest(0.5, 0.2, -0.1, (*flat, 0.05), 0.2)
    assert bench.verdict_of(shown) == ""
    assert bench.verdict_of(DeletionTest(0.5, 0.03, -0.1, (*flat, 0.01), 0.2)) == "gain"
    assert bench.verdict_of(DeletionTest(0.5, 0.2, -0.1, (*flat, 0.3), 0.2)) == "random"
    assert bench.verdict_of(DeletionTest(0.5, 0.2, 0.05, (*flat, 0.01), 0.2)) == "lowest"
    # Of 19 regions of the first one stands out by 0.04; none does where all are alike.
    alike = DeletionTest(0.5, 0.2, -0.1, (*flat, 0.01), 0.2)
    assert bench.random_share([shown]) == pytest.approx(1 / 19)
    assert bench.random_share([shown, alike]) == pytest.approx(1 / 38)
    tested = [bench.Tested("p", state, one) for state in bench.STATES for one in (shown, alike)]
    lines = bench.report(tested[:-1]).splitlines()
    assert "| as it is | p | 2 | 0.50 | +0.200 | +0.011 | 2 (100 %) | 0 | 0 | 0 |" in lines
    assert lines[-1] == f"A region drawn at random would pass {300 / (5 * 19):.1f} %."
