"""`acutance.engines.quality` under a calibration of the site."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

import phantoms
from acutance.core.calibration import SiteCalibration, content_sha256
from acutance.core.quality import QualityResult, ThresholdSource
from acutance.core.scoring import ScoringPolicy
from acutance.core.site import ProtocolRule, SiteRules, Thresholds
from acutance.core.volume import Volume
from acutance.engines.quality import QualityEngine
from acutance_models.catalogue import get_descriptor

SHIPPED = get_descriptor("iqa_resnet18").sha256


class Silent:
    is_cancelled = False

    def report(self, fraction: float, message: str) -> None:
        pass

    def raise_if_cancelled(self) -> None:
        pass


@pytest.fixture(scope="module")
def engine() -> QualityEngine:
    torch.set_num_threads(1)
    return QualityEngine("cpu")


def calibration(weights: str = SHIPPED, **limits: float | None) -> SiteCalibration:
    limits = {"usable": 0.2, "repeat": 0.1} | limits
    return SiteCalibration(
        4, weights, (0.0, 1.0), (0.0, 1.0), limits["usable"], limits["repeat"], (), (), 0.1, 0.2
    )


def score(engine: QualityEngine, policy: ScoringPolicy, modality: str = "MR") -> QualityResult:
    array = phantoms.head()[:, :, 20:28]
    volume = Volume(array, np.diag([3.0, 3.0, 3.0, 1.0]), modality=modality)
    result = engine.run(policy.request(volume, plane="axial"), Silent(), Silent())
    assert result.parameters.get("content_sha256") == (
        content_sha256(volume) if policy.identify else None
    )
    return QualityResult.from_plain(json.loads(json.dumps(result.to_plain())))


def test_thresholds_probability_and_version_stand_in_provenance(engine: QualityEngine) -> None:
    result = score(engine, ScoringPolicy(calibration=calibration(), identify=True))
    told = result.parameters
    assert (told["threshold_usable"], told["threshold_repeat"]) == (0.2, 0.1)
    assert (told["threshold_source"], told["site_calibration"]) == ("site calibration", 4)
    assert told["probability_usable"] == pytest.approx(result.ssim_pred, abs=1e-4)
    assert result.thresholds == Thresholds(0.2, 0.1)


def test_a_protocol_that_matches_comes_first_and_the_default_last(engine: QualityEngine) -> None:
    rule = ProtocolRule("heads", Thresholds(0.9, 0.3), (("modality", ("mr",)),))
    site = SiteRules(Thresholds(0.8, 0.4), (rule,), "d" * 64)
    told = score(engine, ScoringPolicy(site, calibration=calibration())).parameters
    assert (told["threshold_usable"], told["threshold_rule"]) == (0.9, "heads")
    assert told["site_calibration"] == 4
    assert "probability_usable" in told
    plain = SiteRules(site.default, (), site.sha256)
    told = score(engine, ScoringPolicy(plain, calibration=calibration())).parameters
    assert (told["threshold_usable"], told["threshold_source"]) == (0.2, "site calibration")


def test_without_both_thresholds_those_before_stay(engine: QualityEngine) -> None:
    told = score(engine, ScoringPolicy(calibration=calibration(repeat=None))).parameters
    assert (told["threshold_usable"], told["threshold_source"]) == (0.85, "built-in")
    assert told["site_calibration"] == 4


def test_one_for_other_weights_is_told_and_not_used(engine: QualityEngine) -> None:
    told = score(engine, ScoringPolicy(calibration=calibration("e" * 64))).parameters
    assert told["threshold_usable"] == 0.85
    assert told["threshold_source"] == ThresholdSource().kind
    assert "other weights" in told["site_calibration"]
    assert "probability_usable" not in told


def test_what_is_not_assessed_has_no_probability(engine: QualityEngine) -> None:
    result = score(engine, ScoringPolicy(calibration=calibration()), modality="CT")
    assert not result.in_scope
    assert "probability_usable" not in result.parameters
