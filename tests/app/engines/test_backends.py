"""`acutance.engines.backends` with a small network: conversion, cache, trial, falling back."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch import nn

from acutance.core.backends import (
    AUTO,
    BACKENDS,
    LABEL_BACKENDS,
    REFERENCE,
    SMALLEST_BAND,
    BackendRow,
    BackendTrial,
)
from acutance.core.quality import ModelFacts
from acutance.engines.backends import cache, choice, onnx_network, openvino_network, tasks
from acutance.engines.backends.base import BackendUnavailableError
from acutance.engines.backends.choice import Backends
from acutance.engines.backends.tasks import SCORES, LabelTask, least_dice
from acutance.engines.backends.torch_network import TorchNetwork, load_bfloat16
from acutance.engines.device import has_bfloat16
from acutance.engines.scoring_network import ScoringNetwork
from acutance.engines.segmentation_network import SegmentationNetwork
from acutance.engines.weights import fold_normalisation
from acutance_models.r2unet.network import build

if TYPE_CHECKING:
    from pathlib import Path

CPU = torch.device("cpu")
SIDE = 32


class SmallNetwork(nn.Module):
    """Three convolutions with a shortcut, as in the real one."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, 8, 3, 2, 1)
        self.second = nn.Conv2d(8, 8, 3, 1, 1)
        self.third = nn.Conv2d(8, 16, 3, 2, 1)
        self.head = nn.Linear(16, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.first(x))
        x = torch.relu(self.second(x) + x)
        x = torch.relu(self.third(x))
        return torch.sigmoid(self.head(x.mean((2, 3))))


@pytest.fixture(scope="module")
def model() -> ScoringNetwork:
    torch.manual_seed(1)
    return ScoringNetwork(SmallNetwork().eval(), ModelFacts("small", "1", "c" * 64), None)


@pytest.fixture(scope="module")
def slices() -> np.ndarray:
    return np.random.default_rng(0).random((12, 1, SIDE, SIDE), np.float32)


@pytest.fixture
def small_trial(monkeypatch: pytest.MonkeyPatch, slices: np.ndarray) -> None:
    monkeypatch.setattr(tasks, "trial_slices", lambda count: slices)
    monkeypatch.setattr(tasks, "SIZE", SIDE)
    monkeypatch.setattr(choice, "TIMED_PASSES", 2)


def told(_fraction: float) -> None:
    pass


def by_torch(network: nn.Module, batch: torch.Tensor) -> np.ndarray:
    return TorchNetwork((network, torch.float32))(batch).cpu().numpy()


def test_without_a_trial_the_reference_scores(model: ScoringNetwork, tmp_path: Path) -> None:
    active = Backends(model, CPU, tmp_path).active(AUTO, told)
    assert (active.name, active.band, active.note) == (REFERENCE, 0.0, "")


@pytest.mark.usefixtures("small_trial")
def test_a_trial_is_kept_and_decides(model: ScoringNetwork, tmp_path: Path) -> None:
    fractions: list[float] = []
    trial = Backends(model, CPU, tmp_path).try_all(fractions.append)
    assert [row.backend for row in trial.rows] == list(BACKENDS)
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1.0)
    assert all(row.milliseconds is not None or row.reason for row in trial.rows)
    again = Backends(model, CPU, tmp_path)
    assert again.kept() == trial
    assert again.active(AUTO, told).name == trial.chosen


@pytest.mark.usefixtures("small_trial")
def test_a_backend_that_cannot_be_had_gives_way_with_a_note(
    model: ScoringNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object) -> None:
        raise MemoryError("whatever a library raises")

    monkeypatch.setattr(openvino_network, "load", fail)
    backends = Backends(model, CPU, tmp_path)
    active = backends.active("openvino-float32", told)
    assert active.is_reference
    assert active.note == "openvino-float32 could not be used: it failed with MemoryError"
    row = backends.try_all(told).row("openvino-float32")
    assert row is not None
    assert row.milliseconds is None
    assert "MemoryError" in row.reason


@pytest.mark.usefixtures("small_trial")
def test_one_that_is_named_is_measured_first(model: ScoringNetwork, tmp_path: Path) -> None:
    if not has_bfloat16(CPU):
        pytest.skip("this processor has no units for bfloat16")
    active = Backends(model, CPU, tmp_path).active("torch-bfloat16", told)
    assert active.name == "torch-bfloat16"
    assert SMALLEST_BAND <= active.band < 0.1
    assert not list(tmp_path.iterdir())


def test_bfloat16_wants_units(model: ScoringNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "acutance.engines.backends.torch_network.has_bfloat16", lambda device: False
    )
    with pytest.raises(BackendUnavailableError, match="units"):
        load_bfloat16(SCORES.parts(model.network), CPU)


def test_a_damaged_conversion_is_made_anew_and_a_half_one_never_stands(tmp_path: Path) -> None:
    made = []

    def write(place: Path) -> None:
        made.append(place)
        (place / "network.bin").write_bytes(b"weights")

    place = cache.converted("k" * 64, write, tmp_path)
    assert cache.converted("k" * 64, write, tmp_path) == place
    assert len(made) == 1
    (place / "network.bin").write_bytes(b"Weights")
    cache.converted("k" * 64, write, tmp_path)
    assert (len(made), (place / "network.bin").read_bytes()) == (2, b"weights")

    def fail(place: Path) -> None:
        (place / "network.bin").write_bytes(b"half")
        raise RuntimeError("full")

    with pytest.raises(RuntimeError):
        cache.converted("l" * 64, fail, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["k" * 64]


@pytest.mark.parametrize("spoil", [b"", b"[]", b'{"rows": 1}', b"\xff"])
def test_a_damaged_trial_is_as_if_there_were_none(tmp_path: Path, spoil: bytes) -> None:
    trial = BackendTrial((), "a" * 64, "b" * 64, 96, 2)
    assert cache.keep_trial(trial, tmp_path)
    assert cache.load_trial("a" * 64, "b" * 64, tmp_path) == trial
    (path,) = tmp_path.iterdir()
    other = json.dumps(BackendTrial((), "d" * 64, "b" * 64, 96, 2).to_plain()).encode()
    for content in (spoil, other):
        path.write_bytes(content)
        assert cache.load_trial("a" * 64, "b" * 64, tmp_path) is None
    (tmp_path / "file").touch()
    assert not cache.keep_trial(trial, tmp_path / "file")


@pytest.mark.parametrize(
    ("backend", "tolerance"),
    [("openvino-float32", 1e-5), ("openvino-bfloat16", 0.01), ("openvino-int8", 0.01)],
)
def test_openvino_scores_as_torch_does(
    model: ScoringNetwork,
    slices: np.ndarray,
    tmp_path: Path,
    backend: str,
    tolerance: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("openvino", reason="OpenVINO is not installed")
    from acutance.engines.backends import quantisation

    monkeypatch.setattr(quantisation, "trial_slices", lambda count, seed: slices)
    monkeypatch.setattr(tasks, "SIZE", SIDE)
    try:
        score = openvino_network.load(model.network, "c" * 64, backend, SCORES, tmp_path)
    except BackendUnavailableError as error:
        pytest.skip(str(error))
    batch = torch.from_numpy(slices)
    expected = by_torch(model.network, batch)
    assert score(batch).numpy() == pytest.approx(expected, abs=tolerance)
    assert torch.equal(score(batch), score(batch))
    assert score(batch[:3]).numpy() == pytest.approx(expected[:3], abs=tolerance)


def test_onnx_runtime_scores_as_torch_does(
    model: ScoringNetwork, slices: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")
    pytest.importorskip("onnx", reason="the package onnx is not installed")
    monkeypatch.setattr(tasks, "SIZE", SIDE)
    score = onnx_network.load(model.network, "c" * 64, SCORES, tmp_path)
    batch = torch.from_numpy(slices)
    assert score(batch).numpy() == pytest.approx(by_torch(model.network, batch), abs=1e-5)


def test_weights_are_rounded_to_255_levels_of_their_channel() -> None:
    from acutance.engines.backends.quantisation import round_weights

    weights = np.random.default_rng(0).standard_normal((5, 3, 3, 3)).astype(np.float32)
    weights[4] = 0.0
    rounded, ends = round_weights(weights)
    steps = rounded / ends * 127
    assert steps == pytest.approx(np.rint(steps), abs=1e-3)
    assert np.abs(steps).max() <= 127.001
    assert np.abs(rounded - weights).max() < 0.35 * np.abs(weights).max()
    plain = np.rint(weights / np.abs(weights).max((1, 2, 3), keepdims=True).clip(1e-12) * 127)
    plain *= np.abs(weights).max((1, 2, 3), keepdims=True) / 127
    assert ((rounded - weights) ** 2).sum() <= ((plain - weights) ** 2).sum() * 1.0001


@pytest.fixture(scope="module")
def segmenter() -> SegmentationNetwork:
    torch.manual_seed(2)
    network = build("r2unet-w4-i1-o3-t1-stepwise")
    with torch.inference_mode():
        network(torch.rand(2, 1, 64, 64))
    folded = fold_normalisation(network.eval())
    facts = ModelFacts("small", "1", "d" * 64)
    return SegmentationNetwork(folded, facts, ("background", "one", "two"), 1, 0.0)


@pytest.mark.parametrize(
    ("backend", "tolerance"),
    [
        ("torch-bfloat16", 0.05),
        ("onnxruntime-float32", 1e-4),
        ("openvino-float32", 1e-4),
        ("openvino-bfloat16", 0.05),
    ],
)
def test_labels_are_computed_at_any_size_by_every_backend(
    segmenter: SegmentationNetwork, tmp_path: Path, backend: str, tolerance: float
) -> None:
    backends = Backends(segmenter, CPU, tmp_path, LabelTask(1))
    try:
        compute = backends._compute(backend)
    except BackendUnavailableError as error:
        pytest.skip(str(error))
    for shape in ((2, 1, 48, 64), (1, 1, 32, 32), (3, 1, 48, 64)):
        batch = torch.rand(shape, generator=torch.Generator().manual_seed(0))
        expected = backends.reference.compute(batch)
        spread = float(expected.std())
        assert compute(batch).shape == expected.shape
        assert float((compute(batch) - expected).abs().mean()) < tolerance * spread
        assert torch.equal(compute(batch), compute(batch))


def test_the_finest_block_is_exact_in_bfloat16(segmenter: SegmentationNetwork) -> None:
    first, behind = LabelTask(1).parts(segmenter.network)
    assert (first.is_exact, behind.is_exact) == (True, False)
    x = torch.rand(1, 1, 32, 48)
    with torch.inference_mode():
        assert torch.equal(behind.module(first.module(x)), segmenter.network(x))


def test_a_trial_of_labels_tells_dice_and_offers_no_eight_bits(
    segmenter: SegmentationNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = torch.rand(4, 1, 32, 32, generator=torch.Generator().manual_seed(0)).numpy()
    monkeypatch.setattr(LabelTask, "slices", lambda self: heads)
    monkeypatch.setattr(choice, "TIMED_PASSES", 1)
    monkeypatch.setattr(onnx_network, "installed_version", lambda package: "")
    monkeypatch.setattr(openvino_network, "installed_version", lambda package: "")
    backends = Backends(segmenter, CPU, tmp_path, LabelTask(1))
    trial = backends.try_all(told)
    assert [row.backend for row in trial.rows] == list(LABEL_BACKENDS)
    assert trial.rows[0].dice == 1.0
    assert backends.kept() == trial
    refused = backends.active("openvino-int8", told)
    assert refused.is_reference
    assert "not offered" in refused.note


def test_a_label_counts_where_it_is_not_rare() -> None:
    labels = torch.zeros(100, 100, dtype=torch.int64)
    labels[:20] = 1
    labels[99, :40] = 2  # 0.4 % of the pixels
    other = labels.clone()
    other[0] = 0
    other[99] = 0
    assert least_dice(labels, labels) == 1.0
    assert least_dice(labels, other) == pytest.approx(2 * 1900 / (2000 + 1900))
    rows = [BackendRow("openvino-float32", 1.0, 0.5, 0.5, 0.5, dice=d) for d in (0.979, 0.98)]
    assert [row.is_allowed for row in rows] == [False, True]
    assert rows[1].band == 0.0
    fast = BackendRow("openvino-bfloat16", 0.5, 0.0, 0.0, 0.0, dice=0.99)
    trial = BackendTrial((rows[1], fast), "a" * 64, "b" * 64, 12, 2)
    assert (trial.chosen, trial.chosen_exact) == ("openvino-bfloat16", "openvino-float32")
    assert BackendTrial.from_plain(trial.to_plain()) == trial


@pytest.mark.gpu
def test_a_gpu_scores_as_the_cpu_does(slices: np.ndarray) -> None:
    from acutance.engines.device import to_device

    torch.manual_seed(1)
    network = SmallNetwork().eval()
    expected = by_torch(network, torch.from_numpy(slices))
    device = torch.device("cuda:0")
    network = network.to(device)
    batch = to_device(slices, device)
    assert by_torch(network, batch) == pytest.approx(expected, abs=1e-4)
    if has_bfloat16(device):
        score = load_bfloat16(SCORES.parts(network), device)
        assert score(batch).cpu().numpy() == pytest.approx(expected, abs=0.01)


@pytest.mark.gpu
def test_a_gpu_labels_as_the_cpu_does(segmenter: SegmentationNetwork, tmp_path: Path) -> None:
    device = torch.device("cuda:0")
    batch = torch.rand(2, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    expected = Backends(segmenter, CPU, tmp_path, LabelTask(1)).reference.compute(batch)
    on_card = replace(segmenter, network=copy.deepcopy(segmenter.network).to(device))
    backends = Backends(on_card, device, tmp_path, LabelTask(1))
    spread = float(expected.std())
    found = backends.reference.compute(batch.to(device)).cpu()
    assert float((found - expected).abs().max()) < 1e-3 * spread
    if has_bfloat16(device):
        found = backends._compute("torch-bfloat16")(batch.to(device)).cpu()
        assert float((found - expected).abs().mean()) < 0.05 * spread
