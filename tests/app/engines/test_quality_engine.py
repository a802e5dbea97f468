"""`acutance.engines.quality` with the shipped weights, on phantoms."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import phantoms
from acutance.core.quality import QualityRequest, Verdict
from acutance.core.volume import Volume
from acutance.engines.quality import QualityEngine
from acutance.errors import JobCancelled, UnsupportedInputError


class Listener:
    """Progress and cancel token in one."""

    def __init__(self, cancel_at: float = 2.0) -> None:
        self.fractions: list[float] = []
        self.cancel_at = cancel_at

    def report(self, fraction: float, message: str) -> None:
        assert message
        self.fractions.append(fraction)

    @property
    def is_cancelled(self) -> bool:
        return bool(self.fractions) and self.fractions[-1] >= self.cancel_at

    def raise_if_cancelled(self) -> None:
        if self.is_cancelled:
            raise JobCancelled


@pytest.fixture(scope="module")
def engine() -> QualityEngine:
    torch.set_num_threads(2)
    return QualityEngine("cpu")


def head(**facts) -> Volume:
    array = phantoms.head((48, 54, 20))
    return Volume(array, np.diag([4.0, 4.0, 9.0, 1.0]), **{"modality": "MR", **facts})


def run(engine: QualityEngine, volume: Volume, plane: str = "auto"):
    listener = Listener()
    return engine.run(QualityRequest(volume, plane=plane), listener, listener)


def test_middle_half_is_scored_and_averaged(engine: QualityEngine) -> None:
    volume = head()
    result = run(engine, volume)
    count = volume.shape[2]
    assert [s.index for s in result.slices] == list(range(count // 4, 3 * count // 4))
    assert {s.plane for s in result.slices} == {"axial"}
    scored = [s.ssim_pred for s in result.slices if s.ssim_pred is not None]
    assert result.ssim_pred == pytest.approx(np.mean(scored), abs=1e-6)
    assert result.in_scope
    assert len(result.model.sha256) == 64
    assert result.device == "cpu"


def test_the_same_input_gives_the_same_bits(engine: QualityEngine) -> None:
    assert run(engine, head()).slices == run(engine, head()).slices


def test_the_order_of_axes_in_the_file_does_not_change_a_score(engine: QualityEngine) -> None:
    volume = head()
    first = run(engine, volume)
    array = np.transpose(volume.array, (2, 0, 1))[::-1]
    affine = volume.affine[:, [2, 0, 1, 3]].copy()
    affine[:3, 3] += affine[:3, 0] * (array.shape[0] - 1)
    affine[:3, 0] *= -1
    second = run(engine, Volume(array, affine, modality="MR"))
    scores = {s.index: s.ssim_pred for s in first.slices}
    count = array.shape[0]
    assert second.planes == first.planes
    for score in second.slices:
        mirrored = count - 1 - score.index
        if mirrored in scores:
            assert score.ssim_pred == scores[mirrored]


def test_scale_of_intensities_does_not_matter(engine: QualityEngine) -> None:
    volume = head()
    scaled = Volume(volume.array, volume.affine, slope=37.0, intercept=5.0, modality="MR")
    for a, b in zip(run(engine, volume).slices, run(engine, scaled).slices, strict=True):
        assert a.ssim_pred == pytest.approx(b.ssim_pred, abs=2e-4)


def test_a_blank_slice_is_no_anatomy_and_never_a_number(engine: QualityEngine) -> None:
    volume = head()
    array = volume.array.copy()
    middle = array.shape[2] // 2
    array[:, :, middle] = 0
    result = run(engine, volume.with_array(array))
    blank = [s for s in result.slices if s.ssim_pred is None]
    assert [(s.index, s.reason) for s in blank] == [(middle, "no anatomy")]


@pytest.mark.parametrize("fill", [0.0, 5.0, np.nan])
def test_a_volume_without_anatomy_is_not_assessed(engine: QualityEngine, fill: float) -> None:
    volume = head()
    result = run(engine, volume.with_array(np.full_like(volume.array, fill)))
    assert result.verdict is Verdict.NOT_ASSESSED
    assert result.ssim_pred is None
    assert "no anatomy" in result.reason


def test_ct_is_grey_and_keeps_its_numbers(engine: QualityEngine) -> None:
    result = run(engine, head(modality="CT"))
    assert result.verdict is Verdict.NOT_ASSESSED
    assert not result.in_scope
    assert "CT" in result.reason
    assert result.ssim_pred is not None
    hounsfield = Volume(head().array, head().affine, slope=100.0, intercept=-1000.0)
    assert not run(engine, hounsfield).in_scope


def test_another_part_of_the_body_is_grey(engine: QualityEngine) -> None:
    knee = replace(head(modality="MR"), facts={"body_part": "KNEE"})
    result = run(engine, knee)
    assert result.verdict is Verdict.NOT_ASSESSED
    assert not result.in_scope
    assert "KNEE" in result.reason
    assert result.ssim_pred is not None
    brain = replace(knee, facts={"body_part": "BRAIN"})
    assert run(engine, brain).in_scope


def test_all_planes_are_averaged_plane_by_plane(engine: QualityEngine) -> None:
    result = run(engine, head(), "all")
    means = [
        np.mean([s.ssim_pred for s in result.slices if s.plane == p and s.ssim_pred is not None])
        for p in ("axial", "coronal", "sagittal")
    ]
    assert result.ssim_pred == pytest.approx(np.mean(means), abs=1e-6)


def test_slices_too_small_are_refused_by_name(engine: QualityEngine) -> None:
    tiny = Volume(np.random.default_rng(0).random((8, 8, 8)), np.eye(4))
    result = run(engine, tiny)
    assert result.verdict is Verdict.NOT_ASSESSED
    assert "smaller than" in result.reason


def test_cancel_is_heard_while_preparing_and_while_inferring(engine: QualityEngine) -> None:
    for moment in (0.01, 0.3, 0.5):
        listener = Listener(cancel_at=moment)
        with pytest.raises(JobCancelled):
            engine.run(QualityRequest(head(), plane="all"), listener, listener)


def test_progress_only_rises(engine: QualityEngine) -> None:
    listener = Listener()
    engine.run(QualityRequest(head()), listener, listener)
    assert listener.fractions == sorted(listener.fractions)
    assert listener.fractions[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("device", ["cuda:99", "tpu", "cuda:x"])
def test_a_device_that_is_not_there_is_named(device: str) -> None:
    with pytest.raises(UnsupportedInputError, match=device):
        QualityEngine(device)
