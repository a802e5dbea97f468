"""`acutance.engines.quality` with intervals and a judge of scope made for the test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

import phantoms
from acutance.core.quality import QualityRequest, QualityResult, Thresholds, Verdict
from acutance.core.volume import Volume
from acutance.engines import scoring_network
from acutance.engines.quality import QualityEngine
from acutance_models.iqa_resnet.calibration import Calibration
from acutance_models.iqa_resnet.interval import ScoreInterval
from acutance_models.iqa_resnet.scope import ScopeNetwork

if TYPE_CHECKING:
    from torch import Tensor


class Judge(ScopeNetwork):
    """Gives each slice of a batch one of the answers in turn."""

    def __init__(self, answers: list[float]) -> None:
        super().__init__()
        self.answers = answers
        self.asked = 0

    def forward(self, x: Tensor) -> Tensor:
        given = [self.answers[(self.asked + n) % len(self.answers)] for n in range(len(x))]
        self.asked += len(x)
        return torch.tensor(given)


class Silent:
    is_cancelled = False

    def report(self, fraction: float, message: str) -> None:
        pass

    def raise_if_cancelled(self) -> None:
        pass


def constant(half_width: float) -> ScoreInterval:
    return ScoreInterval(np.array([0.0, 1.0]), np.full(2, half_width), -1.0, 1.0)


def run(
    monkeypatch: pytest.MonkeyPatch,
    answers: list[float],
    thresholds: Thresholds | None = None,
    depth: int = 8,
) -> QualityResult:
    torch.set_num_threads(2)
    calibration = Calibration(constant(0.02), constant(0.005), Judge(answers), 0.5)
    monkeypatch.setattr(scoring_network, "load_calibration", lambda *_, **__: calibration)
    array = phantoms.head((48, 54, 60))[:, :, 20 : 20 + depth]
    volume = Volume(array, np.diag([3.0, 3.0, 3.0, 1.0]), modality="MR")
    request = QualityRequest(volume, plane="axial", thresholds=thresholds or Thresholds())
    return QualityEngine("cpu").run(request, Silent(), Silent())


def test_slices_and_series_have_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(monkeypatch, [0.9])
    assert result.in_scope
    assert result.ssim_pred is not None
    assert result.ssim_interval == pytest.approx(
        [result.ssim_pred - 0.005, min(result.ssim_pred + 0.005, 1.0)], abs=1e-5
    )
    for score in result.slices:
        assert score.ssim_pred is not None
        assert score.ssim_interval == pytest.approx(
            [max(score.ssim_pred - 0.02, 0.0), min(score.ssim_pred + 0.02, 1.0)], abs=1e-5
        )
    assert QualityResult.from_plain(result.to_plain()) == result


def test_a_lone_slice_has_the_interval_of_a_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(monkeypatch, [0.9], depth=1)
    assert result.ssim_interval == result.slices[0].ssim_interval


@pytest.mark.parametrize("side", [-0.003, 0.003])
def test_a_threshold_inside_the_interval_means_check(
    monkeypatch: pytest.MonkeyPatch, side: float
) -> None:
    score = run(monkeypatch, [0.9]).ssim_pred
    assert score is not None
    for thresholds in (Thresholds(score + side, 0.01), Thresholds(1.0, score + side)):
        result = run(monkeypatch, [0.9], thresholds)
        assert result.verdict is Verdict.CHECK
        assert "holds the threshold" in result.reason


def test_a_threshold_outside_the_interval_leaves_the_verdict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    score = run(monkeypatch, [0.9]).ssim_pred
    assert score is not None
    assert run(monkeypatch, [0.9], Thresholds(score - 0.1, 0.01)).verdict is Verdict.USABLE
    assert run(monkeypatch, [0.9], Thresholds(1.0, score + 0.006)).verdict is Verdict.REPEAT


def test_mostly_strange_slices_are_grey_and_keep_their_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    result = run(monkeypatch, [0.1, 0.1, 0.9])
    assert result.verdict is Verdict.NOT_ASSESSED
    assert result.verdict.code is None
    assert not result.in_scope
    assert "do not look like brain MR" in result.reason
    assert result.ssim_pred is not None
    assert result.ssim_interval is not None
    assert {score.in_scope for score in result.slices} == {True, False}
    assert all(score.ssim_pred is not None for score in result.slices)


def test_a_few_strange_slices_leave_a_series_in_scope(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(monkeypatch, [0.1, 0.9, 0.9])
    assert result.in_scope
    assert result.verdict is not Verdict.NOT_ASSESSED


def test_a_network_without_calibration_has_no_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring_network, "load_calibration", lambda *_, **__: None)
    volume = Volume(phantoms.head((48, 54, 20)), np.diag([4.0, 4.0, 9.0, 1.0]), modality="MR")
    result = QualityEngine("cpu").run(QualityRequest(volume), Silent(), Silent())
    assert result.ssim_interval is None
    assert all(score.ssim_interval is None and score.in_scope for score in result.slices)
