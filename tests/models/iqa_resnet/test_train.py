"""`acutance_models.iqa_resnet.train`: two steps on a small synthetic volume."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import nibabel as nib
import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import acutance_models.iqa_resnet.train as training_module
from acutance_models.iqa_resnet.pool import SlicePool
from acutance_models.iqa_resnet.schedule import TrainingConfig, read_config
from acutance_models.iqa_resnet.train import (
    Trainer,
    main,
    train,
    validate,
    validation_batches,
)
from acutance_models.iqa_resnet.training_data import draw_batch
from acutance_models.iqa_resnet.volumes import TrainingVolume, make_volume
from acutance_models.training import learning_rate
from acutance_models.training_run import CHECKPOINT, VALIDATION, WEIGHTS

if TYPE_CHECKING:
    from pathlib import Path


def ball() -> np.ndarray:
    axes = np.meshgrid(*(np.linspace(-1, 1, 32),) * 3, indexing="ij")
    inside = sum(axis**2 for axis in axes) < 0.7
    return np.where(inside, 2.0 + np.sin(6 * axes[0]), 0.0).astype(np.float32)


@pytest.fixture(scope="module")
def volumes() -> list[TrainingVolume]:
    return [make_volume(ball(), "someone")]


def test_a_resumed_run_ends_where_an_unbroken_one_does(
    volumes: list[TrainingVolume], tmp_path: Path
) -> None:
    config = TrainingConfig(out=str(tmp_path / "whole"), steps=2, batch_size=4)
    whole = train(config, volumes)
    broken = replace(config, out=str(tmp_path / "broken"))
    first = train(broken, volumes, stop_after=1)
    assert first.step == 1
    resumed = train(broken, volumes, resume=True)
    assert (whole.step, resumed.step) == (2, 2)
    for ours, theirs in (
        (whole.network.state_dict(), resumed.network.state_dict()),
        (whole.averaged.state_dict(), resumed.averaged.state_dict()),
    ):
        assert all(torch.equal(ours[key], theirs[key]) for key in ours)
    ours, theirs = whole.local.state_dict(), resumed.local.state_dict()
    assert all(torch.equal(ours[key], theirs[key]) for key in ours)
    exported = load_file(tmp_path / "broken" / WEIGHTS)
    averaged = resumed.averaged.state_dict()
    assert exported.keys() == averaged.keys()
    assert torch.equal(exported["fc.0.weight"], averaged["fc.0.weight"].half())
    assert exported["bn1.num_batches_tracked"].dtype == torch.int64


def test_command_trains_on_a_folder_and_begins_from_weights(tmp_path: Path) -> None:
    nib.save(nib.Nifti1Image(ball(), np.eye(4)), tmp_path / "someone_T1w.nii.gz")
    config = tmp_path / "run.toml"
    config.write_text("batch_size = 4\nthreads = 1\nheld_out = ['stroke']\n", encoding="utf-8")
    out = tmp_path / "out"
    threads = torch.get_num_threads()
    given = ["--config", str(config), "--data", str(tmp_path), "--out", str(out)]
    try:
        assert main([*given, "--steps", "1"]) == 0
        assert main([*given, "--minutes", "0.001", "--init", str(out / WEIGHTS)]) == 0
    finally:
        torch.set_num_threads(threads)
    assert (out / CHECKPOINT).is_file()


def test_the_held_out_are_validated_on_the_same_slices(
    volumes: list[TrainingVolume], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_module, "VALIDATION_SLICES", 4)
    config = TrainingConfig(out=str(tmp_path), steps=1, batch_size=4)
    trainer = train(config, volumes, held=volumes)
    (line,) = (tmp_path / VALIDATION).read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["step"] == 1
    first, second = (validate(trainer.averaged, validation_batches(volumes)) for _ in range(2))
    assert first == second
    assert first["all"] == pytest.approx(json.loads(line)["residuals"]["all"])


def test_workers_make_the_batches_of_the_main_process(volumes: list[TrainingVolume]) -> None:
    config = TrainingConfig(steps=3, batch_size=4)
    alone = Trainer(config, volumes)
    helped = Trainer(replace(config, workers=1), volumes)
    assert torch.equal(next(alone.batches()).images, next(helped.batches()).images)


def test_learning_rate_rises_and_ends_at_0() -> None:
    config = TrainingConfig(learning_rate=1e-3, warmup=0.1)
    rates = [
        learning_rate(config.learning_rate, config.warmup, progress)
        for progress in np.linspace(0, 1, 21)
    ]
    assert max(rates) == pytest.approx(1e-3)
    assert rates.index(max(rates)) == 2
    assert rates[0] < 1e-4
    assert rates[-1] == pytest.approx(0.0, abs=1e-12)


def test_an_unknown_field_is_named(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text("epochs = 3\n", encoding="utf-8")
    with pytest.raises(ValueError, match="epochs"):
        read_config(path)


def test_without_folders_the_usage_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([])
    assert "--data" in capsys.readouterr().err


def test_a_pool_gives_its_newest_slices_turned(volumes: list[TrainingVolume]) -> None:
    first, second = (draw_batch(volumes, 4, np.random.default_rng(seed)) for seed in (1, 2))
    pool = SlicePool(6, 256)
    pool.add(first)
    assert len(pool) == 4
    pool.add(second)  # two of the first give way
    kept = [*first.labels[2:].tolist(), *second.labels.tolist()]
    drawn = pool.draw(64, np.random.default_rng(3))
    assert set(drawn.labels.tolist()) == set(kept)
    assert drawn.cells.mean((1, 2)) == pytest.approx(drawn.labels, abs=0.02)
    newest = second.images[3].half().float()
    of_newest = drawn.images[drawn.labels == second.labels[3]]
    quarters = [torch.rot90(newest, n, (-2, -1)) for n in range(4)]
    turned = [*quarters, *(image.flip(-1) for image in quarters)]
    assert all(any(torch.equal(image, t) for t in turned) for image in of_newest)
    assert len({float(image[0, :128, :100].sum()) for image in of_newest}) > 2


def test_reuse_draws_from_a_pool(volumes: list[TrainingVolume]) -> None:
    config = TrainingConfig(steps=9, batch_size=4, reuse=2, pool=64)
    trainer = Trainer(config, volumes)
    batches = trainer.batches()
    made = set(trainer.source[0].labels.tolist())
    assert all(set(next(batches).labels.tolist()) <= made for _ in range(2))


def test_statistics_are_fixed_and_gradients_clipped(volumes: list[TrainingVolume]) -> None:
    config = TrainingConfig(steps=2, batch_size=4, freeze_from=0.0, clip=1e-3)
    trainer = Trainer(config, volumes)
    before = trainer.network.state_dict()["bn1.running_mean"].clone()
    trainer.take_step()
    assert torch.equal(trainer.network.state_dict()["bn1.running_mean"], before)
    gradients = [p.grad for p in trainer.network.parameters() if p.grad is not None]
    assert float(torch.stack([g.norm() for g in gradients]).norm()) <= 1.001e-3
    trainer = Trainer(replace(config, freeze_from=1.0), volumes)
    trainer.take_step()
    assert not torch.equal(trainer.network.state_dict()["bn1.running_mean"], before)
