"""`acutance.engines.restoration` with stand-in networks, on phantoms."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import phantoms
from acutance.core.quality import ModelFacts
from acutance.core.restoration import (
    INDEX_POSITIONS,
    RestorationRequest,
    RestorationResult,
    restored_volume,
)
from acutance.core.volume import Volume
from acutance.engines import restoration, restoration_network
from acutance.engines.restoration import RestorationEngine, intensity_span
from acutance.engines.restoration_network import RestorationNetwork
from acutance.errors import EngineError, JobCancelled, UnsupportedInputError
from acutance.jobs.runner import Runner
from acutance.metrics.change import change_volume
from acutance_models.ot_restore.autoencoder import build_autoencoder
from acutance_models.ot_restore.files import load_operator, save_operator
from acutance_models.ot_restore.moments import Moments
from acutance_models.ot_restore.operator import fit_operator
from acutance_models.ot_restore.restorer import build_restorer
from acutance_models.r2unet.network import build as build_unet


class Listener:
    """Progress and cancel token in one."""

    def __init__(self, cancel_at: float = 2.0) -> None:
        self.fractions: list[float] = []
        self.cancel_at = cancel_at

    def report(self, fraction: float, message: str) -> None:
        assert message
        self.fractions.append(fraction)

    def raise_if_cancelled(self) -> None:
        if self.fractions and self.fractions[-1] >= self.cancel_at:
            raise JobCancelled


def save_restorer(path: Path, layout: str = "resunet-i1-w4.8-n1") -> str:
    torch.manual_seed(3)
    network = build_restorer(layout)
    torch.nn.init.normal_(network.head.weight, std=0.02)
    save_file(network.state_dict(), path)
    return str(path)


def save_pixels_operator(path: Path, channels: int = 1, patch: int = 3, space="pixels") -> str:
    rng = np.random.default_rng(0)
    size = channels * patch**2
    soft = rng.standard_normal((4000, size)) @ (np.eye(size) + 0.4) * 0.1
    sharp = 1.6 * rng.standard_normal((4000, size)) @ (np.eye(size) + 0.3) * 0.1 + 0.02
    operator = fit_operator(
        Moments.of(soft), Moments.of(sharp), name="test", version="1", space=space, patch=patch
    )
    save_operator(operator, path)
    return str(path)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_restorer(tmp_path_factory.mktemp("weights") / "one.safetensors")


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_pixels_operator(tmp_path_factory.mktemp("operator") / "op.safetensors")


@pytest.fixture(scope="module")
def engine() -> RestorationEngine:
    return RestorationEngine("cpu")


def head(shape=(33, 38, 9), **facts) -> Volume:
    affine = np.diag([2.0, 2.0, 5.0, 1.0])
    return Volume(phantoms.head(shape, noise_sigma=20.0), affine, **{"modality": "MR", **facts})


def run(engine, volume, **more) -> RestorationResult:
    listener = Listener()
    return engine.run(RestorationRequest(volume, **more), listener, listener)


def test_without_an_operator_there_is_the_faithful_end_alone(engine, weights) -> None:
    volume = head()
    result = run(engine, volume, weights=weights)
    assert result.array.shape == (1, *volume.shape)
    assert not result.has_ends
    assert result.index == ()
    assert result.between == 0.0
    assert result.model.status == "unverified"
    assert not np.array_equal(result.array[0], volume.array)
    assert np.shares_memory(result.blend(1.0), result.array)
    with pytest.raises(ValueError, match="only the faithful end"):
        result.blend(0.5)


def test_the_network_sees_what_it_was_made_for(engine, weights) -> None:
    volume = head((32, 48, 9))  # multiples of 16: nothing is added at the borders
    low, high = intensity_span(volume)
    result = run(engine, volume, weights=weights)
    network = restoration_network.load_foreign(Path(weights), torch.device("cpu")).network
    # One slice by hand: axial, rows run from anterior to posterior, columns from right to left.
    image = volume.array[::-1, ::-1, 4].T
    seen = np.clip((image - low) / (high - low), 0, 1).astype(np.float32)
    with torch.inference_mode():
        answer = network(torch.from_numpy(seen[None, None].copy()))[0, 0].clamp(0, 1).numpy()
    wanted = image + (answer - seen) * (high - low)
    found = result.array[0][::-1, ::-1, 4].T
    assert np.allclose(found, wanted, atol=1e-3)


def test_both_ends_and_the_blend(engine, weights, operator) -> None:
    volume = head()
    result = run(engine, volume, weights=weights, operator=operator)
    faithful, perceptual = result.array
    assert np.array_equal(result.blend(1.0), faithful)
    assert np.array_equal(result.blend(0.0), perceptual)
    assert np.allclose(result.blend(0.25), 0.25 * faithful + 0.75 * perceptual, atol=1e-3)
    assert np.abs(faithful - perceptual).max() > 1.0
    assert len(result.index) == len(INDEX_POSITIONS)
    assert result.index[-1] == 1.0
    assert result.perceptual_index(0.9) < 1.0 or result.index[3] >= 1.0
    assert result.operator is not None
    assert result.operator.space == "pixels"
    # The same without an operator is the same faithful end, bit for bit.
    assert np.array_equal(run(engine, volume, weights=weights).array[0], faithful)


def test_the_error_added_is_what_the_blend_adds(engine, weights, operator) -> None:
    result = run(engine, head(), weights=weights, operator=operator)
    total, added = result.expected_error(0.5)
    assert total is None
    assert added == pytest.approx(0.5 * result.between)
    low, high = result.span
    whole = np.sqrt(((result.array[1] - result.array[0]) ** 2).mean()) / (high - low)
    assert result.between == pytest.approx(whole, rel=0.5)


def test_what_changed_is_told_by_slice_and_position(engine, weights, operator) -> None:
    volume = head((48, 52, 5))
    result = run(engine, volume, weights=weights, operator=operator)
    assert len(result.changed) == 5
    for alpha in (0.0, 0.5, 1.0):
        _, shares = change_volume(volume, result.blend(alpha), result.noise, "axial")
        assert result.changed_shares(alpha) == pytest.approx(shares, abs=2e-3)
    assert result.changed_shares(0.0) != result.changed_shares(1.0)
    alone = run(engine, volume, weights=weights)
    assert alone.changed_shares(1.0) == result.changed_shares(1.0)
    with pytest.raises(ValueError, match="every slice"):
        replace(alone, changed=alone.changed[:2])
    with pytest.raises(ValueError, match="every position"):
        replace(result, changed=alone.changed)


def test_none_of_the_48_orders_of_axes_changes_a_value(engine, weights, operator) -> None:
    volume = head((16, 20, 5))
    one = run(engine, volume, weights=weights, operator=operator, plane="axial")
    for order in permutations(range(3)):
        for steps in product((1, -1), repeat=3):
            turn = tuple(slice(None, None, step) for step in steps)
            place = np.zeros((4, 4))
            place[3, 3] = 1.0
            for axis, (old, step) in enumerate(zip(order, steps, strict=True)):
                place[old, axis] = step
                place[old, 3] = 0 if step > 0 else volume.shape[old] - 1
            turned = Volume(
                np.ascontiguousarray(volume.array.transpose(order)[turn]),
                volume.affine @ place,
                modality="MR",
            )
            other = run(engine, turned, weights=weights, operator=operator, plane="axial")
            wanted = one.array.transpose(0, *(axis + 1 for axis in order))[:, *turn]
            assert np.array_equal(wanted, other.array), (order, steps)
            assert other.changed_shares(0.5) in (
                one.changed_shares(0.5),
                one.changed_shares(0.5)[::-1],
            )


def test_one_slice_alone_is_the_same_as_in_the_whole(engine, weights, operator) -> None:
    volume = head()
    whole = run(engine, volume, weights=weights, operator=operator)
    one = run(engine, volume, weights=weights, operator=operator, only=5)
    assert (one.first, one.count, one.axis) == (5, 1, 2)
    assert np.allclose(one.array[..., 0], whole.array[..., 5], atol=1e-3)
    with pytest.raises(UnsupportedInputError, match="no slice 9"):
        run(engine, volume, weights=weights, only=9)


def test_tiles_agree_with_the_whole(engine, weights, monkeypatch) -> None:
    rng = np.random.default_rng(4)
    volume = Volume(rng.uniform(0, 900, (400, 70, 1)).astype(np.float32), np.eye(4), modality="MR")
    whole = run(engine, volume, weights=weights)
    monkeypatch.setattr(restoration, "TILE", 256)
    tiled = run(RestorationEngine("cpu"), volume, weights=weights)
    assert np.allclose(whole.array, tiled.array, atol=0.5)


def test_colours_and_values_that_are_no_numbers(engine, weights, operator) -> None:
    rng = np.random.default_rng(5)
    colour = Volume(rng.integers(0, 256, (20, 24, 1, 3)).astype(np.uint8), np.eye(4))
    result = run(engine, colour, task="artifacts", weights=weights, operator=operator)
    assert result.array.shape == (2, 20, 24, 1, 3)
    assert result.span == (0.0, 255.0)
    restored = restored_volume(colour, result)
    assert restored.array.dtype == np.uint8
    assert restored.facts["restored"] is True
    assert "colour" in run(engine, colour, weights=weights).reason
    values = head().array.copy()
    values[5, 5, 4] = np.nan
    holed = run(engine, Volume(values, np.eye(4), modality="MR"), weights=weights)
    assert np.isnan(holed.array[0, 5, 5, 4])
    assert np.isnan(holed.array).sum() == 1


def test_dark_and_bright_change_places_in_monochrome1(engine, weights) -> None:
    volume = head()
    low, high = intensity_span(volume)
    inverted = Volume(
        (low + high - volume.array).astype(np.float32),
        volume.affine,
        modality="MR",
        facts={"photometric": "MONOCHROME1"},
    )
    one, other = run(engine, volume, weights=weights), run(engine, inverted, weights=weights)
    assert other.array.shape == one.array.shape
    assert np.isfinite(other.array).all()


def test_an_autoencoder_from_a_file(engine, weights, tmp_path) -> None:
    torch.manual_seed(1)
    vae = tmp_path / "vae.safetensors"
    save_file(build_autoencoder("kl-i1-z3-w4.8-n1").state_dict(), vae)
    space, channels = restoration_network.load_space(torch.device("cpu"), vae)
    assert channels == 1
    fitted = save_pixels_operator(tmp_path / "op.safetensors", channels=3, space=space.name)
    more = {"weights": weights, "operator": fitted}
    result = run(engine, head(), **more, autoencoder=str(vae))
    assert result.operator is not None
    assert result.operator.space.startswith("vae-")
    assert result.has_ends
    with pytest.raises(EngineError, match="not installed") as told:
        run(engine, head(), **more)
    assert "--vae FILE" in str(told.value)
    with pytest.raises(UnsupportedInputError, match="no autoencoder"):
        run(engine, head(), **more, autoencoder=weights)


def test_what_cannot_be_used_says_what_to_do(engine, weights, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(restoration_network, "list_descriptors", lambda: ())
    with pytest.raises(UnsupportedInputError, match="No network is installed") as told:
        run(engine, head())
    assert "--model FILE" in str(told.value)
    five = tmp_path / "five.safetensors"
    save_file(build_unet("unet-w2-i1-o5").state_dict(), five)
    with pytest.raises(UnsupportedInputError, match="makes no image of an image"):
        run(engine, head(), weights=str(five))
    broken = tmp_path / "operator.safetensors"
    broken.write_bytes(b"no operator")
    with pytest.raises(EngineError, match="This operator cannot be used") as told:
        run(engine, head(), weights=weights, operator=str(broken))
    assert "restore fit" in str(told.value)
    with pytest.raises(ValueError, match="the task is one of"):
        RestorationRequest(head(), task="sharpen")


@pytest.mark.parametrize(
    ("noise", "level"),
    [
        (0.0, 0.01),
        (0.004, 0.01),
        (0.013, 0.01),
        (0.016, 0.02),
        (0.05, 0.05),
        (0.068, 0.09),
        (1, 0.09),
    ],
)
def test_the_shipped_operator_is_that_of_the_measured_noise(noise, level, tmp_path) -> None:
    path = restoration_network.shipped_operator("denoise", noise)
    assert load_operator(path).noise == level


def test_the_operator_of_a_noise_is_told(engine) -> None:
    clean = phantoms.head((64, 72, 3), noise_sigma=0.0)
    rng = np.random.default_rng(0)
    told = []
    for sigma in (20.0, 80.0):
        noise = sigma * rng.standard_normal((2, *clean.shape))
        noisy = np.hypot(clean + noise[0], noise[1]).astype(np.float32)
        volume = Volume(noisy, np.diag([2.0, 2.0, 5.0, 1.0]), modality="MR")
        result = run(engine, volume, only=1)
        assert result.noise.source == "air"
        assert result.operator.status == "shipped"
        levels = [0.01, 0.02, 0.05, 0.09]
        nearest = min(levels, key=lambda level: abs(np.log(level / result.relative_noise)))
        assert result.operator.noise == nearest
        told.append((result.operator.noise, result.expected_mse))
    assert told[0] < told[1]
    assert told[0][1] < told[1][1]


def test_the_error_of_a_card_follows_the_noise() -> None:
    errors = restoration_network.card_errors(
        {"noise_02_mse": 1e-4, "noise_04_mse": 4e-4, "noise_04_psnr": 34.0, "mse": 7e-4}
    )
    assert errors == {0.02: 1e-4, 0.04: 4e-4, 0.0: 7e-4}
    model = RestorationNetwork(None, ModelFacts("m", "1", "0" * 64), 1, errors)
    found = [model.expected_mse(noise) for noise in (0.001, 0.02, 0.03, 0.04, 0.08)]
    assert found == pytest.approx([1e-4, 1e-4, 2.25e-4, 4e-4, 1.6e-3])
    assert model.expected_mse(0.0) == 7e-4
    assert replace(model, errors={}).expected_mse(0.03) is None


def test_a_cancel_is_heard_at_every_slice(engine, weights) -> None:
    listener = Listener(cancel_at=0.05)
    with pytest.raises(JobCancelled):
        engine.run(RestorationRequest(head(), weights=weights), listener, listener)


def test_a_result_crosses_the_process_boundary(weights, operator) -> None:
    with Runner(device="cpu", synchronous=True) as runner:
        request = RestorationRequest(head(), weights=weights, operator=operator)
        result = runner.submit("restoration", request).value()
    assert isinstance(result.model, ModelFacts)
    plain = result.to_plain()
    assert RestorationResult.from_plain(plain, result.array).to_plain() == plain
    with pytest.raises(ValueError, match="finite"):
        RestorationResult.from_plain({**plain, "between": float("nan")}, result.array)
    with pytest.raises(ValueError, match="perceptual end"):
        RestorationResult.from_plain({**plain, "operator": None}, result.array)


def test_a_blank_slice_stays_as_it_is(engine, weights, operator) -> None:
    values = head().array.copy()
    values[:, :, 3] = 0
    volume = Volume(values, np.eye(4), modality="MR")
    result = run(engine, volume, weights=weights, operator=operator)
    assert not result.array[:, :, :, 3].any()


def test_a_stand_in_for_a_perfect_network_gives_its_values(engine, monkeypatch) -> None:
    class Half(torch.nn.Module):
        def forward(self, x):
            return 0.5 * x

    standin = RestorationNetwork(Half(), ModelFacts("half", "1", "0" * 64), 3, {0.0: 0.0004})
    monkeypatch.setattr(RestorationEngine, "_model", lambda self, request: standin)
    volume = head()
    result = run(engine, volume)
    inside = volume.array <= intensity_span(volume)[1]
    assert np.allclose(result.array[0][inside], 0.5 * volume.array[inside], atol=1e-3)
    assert result.expected_error(1.0)[0] == pytest.approx(0.02)
