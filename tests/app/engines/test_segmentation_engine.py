"""`acutance.engines.segmentation` with small random networks, on phantoms."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import phantoms
from acutance.core.backends import REFERENCE
from acutance.core.segmentation import CleaningStep, SegmentationRequest, SegmentationResult
from acutance.core.volume import Volume
from acutance.engines import checked_labels, segmentation
from acutance.engines.backends.base import ActiveBackend, BackendUnavailableError
from acutance.engines.backends.choice import Backends
from acutance.engines.segmentation import SegmentationEngine
from acutance.errors import EngineError, JobCancelled, UnsupportedInputError
from acutance.jobs.runner import Runner
from acutance.metrics.components import clean
from acutance_models.r2unet.network import build

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from torch import Tensor


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


def save_random(path: Path, architecture: str) -> Path:
    torch.manual_seed(3)
    network = build(architecture)
    with torch.no_grad():
        network.Conv_1x1.weight.mul_(30.0)
    save_file(network.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("weights")
    return str(save_random(folder / "five.safetensors", "r2unet-w2-i1-o5-t1-stepwise"))


@pytest.fixture(scope="module")
def engine() -> SegmentationEngine:
    return SegmentationEngine("cpu")


def head(shape: tuple[int, int, int] = (33, 38, 12), **facts) -> Volume:
    affine = np.diag([5.0, 5.0, 5.0, 1.0])
    return Volume(phantoms.head(shape), affine, **{"modality": "MR", **facts})


def run(engine: SegmentationEngine, volume: Volume, weights: str, **more) -> SegmentationResult:
    listener = Listener()
    return engine.run(SegmentationRequest(volume, weights=weights, **more), listener, listener)


def dice(one: np.ndarray, other: np.ndarray) -> float:
    values = [v for v in range(1, 5) if (one == v).any() or (other == v).any()]
    return min(
        2
        * np.count_nonzero((one == v) & (other == v))
        / (np.count_nonzero(one == v) + np.count_nonzero(other == v))
        for v in values
    )


def test_labels_uncertainty_and_volumes_hold_together(engine, weights) -> None:
    volume = head()
    result = run(engine, volume, weights)
    labels = result.label_map.array
    assert labels.shape == result.uncertainty.shape == volume.shape
    assert [label.name for label in result.labels][1:4] == ["CSF", "grey matter", "white matter"]
    assert len(np.unique(result.raw_label_map.array)) > 2
    assert len(result.uncertainty_by_slice) == volume.shape[2]
    for found in result.statistics:
        mask = labels == found.value
        assert found.voxels == np.count_nonzero(mask)
        assert found.volume_ml == pytest.approx(found.voxels * 0.125)
        if found.voxels:
            assert found.mean == pytest.approx(volume.array[mask].mean(), rel=1e-5)
            assert found.median == pytest.approx(np.median(volume.array[mask]), rel=1e-5)
    assert result.model.status == "unverified"
    assert len(result.model.sha256) == 64
    assert result.parameters["plane"] == result.plane == "axial"
    assert result.parameters["weights_file"] == "five.safetensors"
    one = result.uncertainty[:, :, 6] / 255
    counted = one[(result.raw_label_map.array[:, :, 6] > 0) | (one >= 0.5)]
    assert result.uncertainty_by_slice[6] == pytest.approx(counted.mean(), abs=0.01)


def test_the_same_input_gives_the_same_labels(engine, weights) -> None:
    assert np.array_equal(run(engine, head(), weights).array, run(engine, head(), weights).array)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_of_axes_changes_no_label(engine, weights, order) -> None:
    volume = head((14, 18, 5))
    truth = run(engine, volume, weights)
    for flips in itertools.product((False, True), repeat=3):
        array = np.transpose(volume.array, order)
        affine = volume.affine[:, [*order, 3]].copy()
        for axis, is_flipped in enumerate(flips):
            if is_flipped:
                affine[:3, 3] += affine[:3, axis] * (array.shape[axis] - 1)
                affine[:3, axis] *= -1
                array = np.flip(array, axis)
        found = run(engine, Volume(array, affine, modality="MR"), weights)
        back = found.label_map.array
        for axis, is_flipped in enumerate(flips):
            back = np.flip(back, axis) if is_flipped else back
        assert dice(np.transpose(back, np.argsort(order)), truth.label_map.array) > 0.999
        assert found.plane == truth.plane


def test_the_plane_asked_for_is_segmented(engine, weights) -> None:
    volume = head((16, 20, 24))
    result = run(engine, volume, weights, plane="sagittal")
    assert result.plane == "sagittal"
    assert len(result.uncertainty_by_slice) == 16


def test_a_slice_without_contrast_is_background(engine, weights) -> None:
    volume = head()
    array = volume.array.copy()
    array[:, :, 5] = 7.0
    result = run(engine, volume.with_array(array), weights)
    assert not result.array[:, :, :, 5].any()
    assert result.uncertainty_by_slice[5] is None


def test_mirrored_slices_change_the_uncertainty(engine, weights) -> None:
    plain, averaged = (run(engine, head(), weights, flips=flips) for flips in (False, True))
    assert averaged.parameters["mirrored"] == [[], [1]]
    assert not np.array_equal(plain.uncertainty, averaged.uncertainty)


def test_pixels_unlike_those_of_training_are_resampled(engine, weights, monkeypatch) -> None:
    volume = head((20, 24, 6))
    before = engine._model(SegmentationRequest(volume, weights=weights))
    monkeypatch.setattr(
        engine,
        "_model",
        lambda _r: segmentation.SegmentationNetwork(
            before.network, before.facts, before.classes, 1, 2.5
        ),
    )
    result = run(engine, volume, weights)
    assert result.parameters["slice_size"] == [24, 20]
    assert result.parameters["network_size"] == [48, 40]
    assert result.label_map.array.shape == volume.shape


def test_colour_pictures_are_segmented_in_colour(engine, tmp_path) -> None:
    path = save_random(tmp_path / "colour.safetensors", "unet-w2-i3-o1")
    picture = np.random.default_rng(0).integers(0, 255, (37, 29, 1, 3), np.uint8)
    volume = Volume(picture, np.eye(4), orientation_known=False, spacing_known=False)
    result = run(engine, volume, str(path), model="nuclei", flips=True)
    assert [label.name for label in result.labels] == ["background", "foreground"]
    assert result.label_map.array.shape == (37, 29, 1)
    assert result.statistics[0].volume_ml is None
    assert len(result.parameters["mirrored"]) == 4


def test_memory_that_ends_gives_the_same_labels(engine, weights, monkeypatch) -> None:
    volume = head((64, 60, 6))
    truth = run(engine, volume, weights)
    model = engine._model(SegmentationRequest(volume, weights=weights))
    whole, failures = model.network.forward, []

    def narrow(x):
        if x.shape[0] > 1:
            failures.append(x.shape)
            raise torch.OutOfMemoryError("out of memory")
        return whole(x)

    monkeypatch.setattr(model.network, "forward", narrow)
    monkeypatch.setattr(SegmentationRequest, "__post_init__", lambda _self: None)
    result = run(engine, volume, weights, tile=64)
    assert failures
    assert dice(result.label_map.array, truth.label_map.array) > 0.999


@pytest.mark.parametrize("cancel_at", [0.0, 0.2, 0.6, 0.94])
def test_cancel_is_heard_at_every_stage(engine, weights, cancel_at, monkeypatch) -> None:
    monkeypatch.setattr(segmentation, "CHUNK_PIXELS", 1)
    listener = Listener(cancel_at)
    with pytest.raises(JobCancelled):
        engine.run(SegmentationRequest(head(), weights=weights), listener, listener)
    assert listener.fractions[-1] < cancel_at + 0.2


def test_a_model_without_weights_is_named_with_a_remedy(engine) -> None:
    with pytest.raises(UnsupportedInputError, match="no weights for the model 'lungs'") as told:
        run(engine, head(), "", model="lungs")
    assert "--model FILE" in told.value.remedy


def test_weights_that_cannot_be_used_are_named(engine, tmp_path) -> None:
    rubbish = tmp_path / "rubbish.safetensors"
    rubbish.write_bytes(b"no weights")
    with pytest.raises(EngineError, match="cannot be used"):
        run(engine, head(), str(rubbish))
    with pytest.raises(EngineError, match="cannot be used"):
        run(engine, head(), str(tmp_path / "gone.safetensors"))


def test_a_scan_of_another_kind_is_told(engine, weights) -> None:
    assert run(engine, head(), weights).reason == ""
    assert "CT image" in run(engine, head(modality="CT"), weights).reason


def test_cleaning_is_named_counted_and_reversible() -> None:
    labels = np.zeros((20, 20, 5), np.uint8)
    labels[2:12, 2:12, :] = 3
    labels[16, 16, 2] = 2
    labels[15, 3, 0:2] = 1
    step = CleaningStep("keep the brain in one piece", (1, 2, 3), 4, 0.02)
    cleaned, told = clean(labels, step)
    assert (told.parts, told.voxels) == (2, 3)
    assert cleaned[16, 16, 2] == 4
    assert labels[16, 16, 2] == 2
    assert np.array_equal(cleaned == 3, labels == 3)
    untouched, nothing = clean(cleaned, step)
    assert untouched is cleaned
    assert (nothing.parts, nothing.voxels) == (0, 0)


def test_raw_labels_are_kept_beside_the_cleaned(engine, weights) -> None:
    result = run(engine, head(), weights)
    labels = result.raw_label_map.array
    for step in result.steps:
        labels, told = clean(labels, step)
        assert told == step
    assert np.array_equal(labels, result.label_map.array)
    raw = run(engine, head(), weights, cleans=False)
    assert raw.steps == ()
    assert np.array_equal(raw.label_map.array, result.raw_label_map.array)


def test_a_result_crosses_to_the_parent_with_its_array(weights) -> None:
    volume = head((20, 24, 6))
    with Runner(device="cpu", synchronous=True) as runner:
        job = runner.submit("segmentation", SegmentationRequest(volume, weights=weights))
        result = job.value()
    assert isinstance(result, SegmentationResult)
    assert not result.array.flags.writeable
    direct = run(SegmentationEngine("cpu"), volume, weights)
    assert np.array_equal(result.array, direct.array)
    assert result.statistics == direct.statistics
    assert result.steps == direct.steps


def test_an_answer_with_an_unknown_label_is_refused(engine, weights) -> None:
    result = run(engine, head((16, 16, 3)), weights)
    array = result.array.copy()
    array[0, 0, 0, 0] = 9
    with pytest.raises(ValueError, match="not in the table"):
        SegmentationResult.from_plain(result.to_plain(), array)


def test_the_engine_child_gives_the_same(weights) -> None:
    volume = head((20, 24, 6))
    with Runner(device="cpu") as runner:
        result = runner.submit("segmentation", SegmentationRequest(volume, weights=weights)).value()
    direct = run(SegmentationEngine("cpu"), volume, weights)
    assert np.array_equal(result.array, direct.array)


def backend_that(monkeypatch: pytest.MonkeyPatch, change: Callable[[Tensor], Tensor]) -> None:
    """Have every backend but the reference give what it gives, changed."""

    def active(self: Backends, asked: str, on_step: object) -> ActiveBackend:
        exact = self.reference
        if asked == REFERENCE:
            return exact
        return ActiveBackend("openvino-bfloat16", lambda batch: change(exact.compute(batch)))

    monkeypatch.setattr(Backends, "active", active)


def test_a_backend_that_agrees_labels_and_is_told(engine, weights, monkeypatch) -> None:
    expected = run(engine, head(), weights, backend=REFERENCE)
    assert expected.parameters["backend"] == REFERENCE
    assert "backend_dice" not in expected.parameters
    backend_that(monkeypatch, lambda logits: logits)
    result = run(engine, head(), weights)
    assert np.array_equal(result.array, expected.array)
    told = {name: result.parameters[name] for name in ("backend", "precision", "backend_dice")}
    assert told == {"backend": "openvino-bfloat16", "precision": "bfloat16", "backend_dice": 1.0}
    assert result.parameters["backend_checked_slices"] == 1


def test_a_backend_whose_labels_differ_labels_only_when_it_is_named(
    engine, weights, monkeypatch
) -> None:
    expected = run(engine, head(), weights, backend=REFERENCE)
    backend_that(monkeypatch, lambda logits: logits.roll(1, dims=1))
    result = run(engine, head(), weights)
    assert np.array_equal(result.array, expected.array)
    assert result.parameters["backend"] == REFERENCE
    assert result.parameters["backend_dice"] < 0.997
    assert "openvino-bfloat16" in result.parameters["backend_note"]
    named = run(engine, head(), weights, backend="openvino-bfloat16")
    assert named.parameters["backend"] == "openvino-bfloat16"
    assert not np.array_equal(named.array[1], expected.array[1])
    assert "only" in named.parameters["backend_note"]


def test_a_backend_that_fails_midway_leaves_all_to_the_reference(
    engine, weights, monkeypatch
) -> None:
    expected = run(engine, head(), weights, backend=REFERENCE)
    calls = itertools.count()

    def fail(logits: Tensor) -> Tensor:
        if next(calls):
            raise BackendUnavailableError("it failed with RuntimeError")
        return logits

    backend_that(monkeypatch, fail)
    result = run(engine, head(), weights)
    assert np.array_equal(result.array, expected.array)
    assert result.parameters["backend"] == REFERENCE
    assert "RuntimeError" in result.parameters["backend_note"]


def test_a_large_volume_has_the_backends_measured_once(engine, weights, monkeypatch) -> None:
    tried = []
    monkeypatch.setattr(Backends, "kept", lambda self: None)
    monkeypatch.setattr(Backends, "try_all", lambda self, on_step: tried.append(on_step(0.5)))
    monkeypatch.setattr(checked_labels, "WORTH_A_TRIAL", 13)
    run(engine, head(), weights)
    assert not tried
    monkeypatch.setattr(checked_labels, "WORTH_A_TRIAL", 12)
    run(engine, head(), weights, backend=REFERENCE)
    assert not tried
    run(engine, head(), weights)
    assert len(tried) == 1


def test_checked_slices_are_spread_over_the_volume() -> None:
    assert checked_labels.checked_slices(1) == [0]
    assert checked_labels.checked_slices(47) == [23]
    assert checked_labels.checked_slices(200) == [25, 75, 125, 175]


def test_a_tile_must_leave_something() -> None:
    with pytest.raises(ValueError, match="leaves nothing"):
        SegmentationRequest(head(), tile=128)
    with pytest.raises(ValueError, match="multiples of 16"):
        SegmentationRequest(head(), tile=500)
