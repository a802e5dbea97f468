"""`acutance.engines.explanation`: a map only where the deletion test supports it."""

import numpy as np
import pytest
import torch
from torch.nn import functional

import phantoms
from acutance.core.explanation import ExplanationRequest, ExplanationResult
from acutance.core.volume import Volume
from acutance.engines.explanation import ExplanationEngine
from acutance.errors import JobCancelled
from acutance_models.iqa_resnet.explanation import (
    CELLS,
    SMALLEST_GAIN,
    DeletionTest,
    attribute,
    foreground,
    run_deletion_test,
)


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


class Roughness(torch.nn.Module):
    """Scores a slice by how little detail its upper left quarter has, and by nothing else."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        quarter = x[:, :, :128, :128]
        rough = (quarter[..., 1:] - quarter[..., :-1]).square().mean(dim=(1, 2, 3))
        return (1.0 - 4.0 * rough)[:, None]


def rough_image() -> torch.Tensor:
    image = 0.3 + 0.4 * torch.rand((1, 1, 256, 256), generator=torch.Generator().manual_seed(3))
    image[..., :16] = 0.0  # air
    return image


def test_a_score_that_rests_on_one_quarter_is_explained_by_that_quarter() -> None:
    network, image = Roughness(), rough_image()
    values = attribute(network, image)
    assert values.shape == (CELLS, CELLS)
    # The quarter ends at cell 16; smoothing the map spills a little beyond.
    assert float(values[:18, :18].sum()) > 0.95 * float(values.sum()) > 0
    assert float(values[:18, :18].abs().sum()) > 0.95 * float(values.abs().sum())
    test = run_deletion_test(network, image, values)
    assert test is not None
    assert test.is_passed
    assert test.p_value == pytest.approx(0.05)
    assert abs(test.gain_low) < 1e-6


def test_the_map_adds_up_to_the_difference_it_explains() -> None:
    from acutance_models.iqa_resnet.explanation import smooth

    network, image = Roughness(), rough_image()
    whole = float(network(smooth(image)) - network(image))
    assert float(attribute(network, image).sum()) == pytest.approx(whole, rel=0.05)


@pytest.mark.parametrize("seed", range(4))
def test_a_map_drawn_at_random_is_not_supported(seed: int) -> None:
    noise = torch.randn((CELLS, CELLS), generator=torch.Generator().manual_seed(seed))
    smooth = functional.avg_pool2d(noise[None, None], 3, 1, 1)[0, 0]
    test = run_deletion_test(Roughness(), rough_image(), smooth)
    assert test is not None
    assert not test.is_passed


def test_a_map_upside_down_is_not_supported() -> None:
    network, image = Roughness(), rough_image()
    test = run_deletion_test(network, image, -attribute(network, image))
    assert test is not None
    assert not test.is_passed


def test_regions_are_drawn_on_anatomy_and_are_the_same_each_time() -> None:
    image = rough_image()
    assert not foreground(image)[:, :2].any()
    values = attribute(Roughness(), image)
    first, second = (run_deletion_test(Roughness(), image, values) for _ in range(2))
    assert first == second
    other = run_deletion_test(Roughness(), image, values, seed=1)
    assert other is not None
    assert first is not None
    assert other.gain_random != first.gain_random


def test_a_slice_with_hardly_any_anatomy_cannot_be_tested() -> None:
    image = torch.zeros((1, 1, 256, 256))
    image[..., :20, :20] = 1.0
    assert run_deletion_test(Roughness(), image, torch.zeros((CELLS, CELLS))) is None


@pytest.mark.parametrize(
    ("top", "low", "randoms", "is_passed"),
    [
        (0.1, 0.0, (0.05,) * 19, True),
        (0.02 + SMALLEST_GAIN - 0.001, -0.1, (0.02,) * 19, False),
        (0.1, 0.0, (0.1, *(0.05,) * 18), False),
        (0.1, 0.06, (0.05,) * 19, False),
    ],
)
def test_all_three_conditions_are_asked_for(
    top: float, low: float, randoms: tuple[float, ...], is_passed: bool
) -> None:
    assert DeletionTest(0.6, top, low, randoms, 0.2).is_passed is is_passed


@pytest.fixture(scope="module")
def engine() -> ExplanationEngine:
    return ExplanationEngine("cpu")


def moved_head() -> Volume:
    """Return a head with the ghosts of a motion half-way along the phase direction."""
    clean = phantoms.head((72, 80, 20), noise_sigma=4.0)
    moved = np.roll(clean, 5, axis=1)
    spectrum = np.fft.fft(clean, axis=1)
    other = np.fft.fft(moved, axis=1)
    spectrum[:, 10:70:3] = other[:, 10:70:3]
    ghosted = np.abs(np.fft.ifft(spectrum, axis=1)).astype(np.float32)
    return Volume(ghosted, np.diag([2.5, 2.5, 5.0, 1.0]), modality="MR")


def test_the_answer_is_whole_and_survives_its_journey(engine: ExplanationEngine) -> None:
    listener = Listener()
    result = engine.run(ExplanationRequest(moved_head(), "axial", 10), listener, listener)
    assert listener.fractions == sorted(listener.fractions)
    assert result.test is not None
    assert result.ssim_pred is not None
    assert (result.values is None) == bool(result.reason)
    assert result.extent == (-0.5, 79.5, -4.5, 75.5)
    again = ExplanationResult.from_plain(result.to_plain())
    assert again.test == result.test
    assert again.lines() == result.lines()
    if result.values is None:
        assert "no region explains" in result.lines()[0].lower()
    else:
        assert np.allclose(again.values, result.values, atol=1e-6)


def test_a_blank_slice_has_a_reason_and_no_number(engine: ExplanationEngine) -> None:
    volume = Volume(np.zeros((64, 64, 3), np.float32), np.eye(4), modality="MR")
    result = engine.run(ExplanationRequest(volume, "axial", 1), Listener(), Listener())
    assert result.values is None
    assert result.test is None
    assert result.lines() == ("no anatomy",)


def test_cancel_is_heard(engine: ExplanationEngine) -> None:
    listener = Listener(cancel_at=0.1)
    with pytest.raises(JobCancelled):
        engine.run(ExplanationRequest(moved_head(), "axial", 10), listener, listener)


@pytest.mark.parametrize(
    "change",
    [
        {"values": [[0.0, float("nan")], [0.0, 0.0]]},
        {"values": [[0.0, 1.0]]},
        {"extent": [1.0, 0.0, 0.0, 1.0]},
        {"ssim_pred": "high"},
    ],
)
def test_an_answer_that_does_not_hold_together_is_refused(change: dict[str, object]) -> None:
    plain = ExplanationResult("axial", 1, 0.5, "", None, (0, 1, 0, 1), None, 0.1).to_plain()
    with pytest.raises(ValueError, match=r"finite|square|order"):
        ExplanationResult.from_plain(plain | change)
