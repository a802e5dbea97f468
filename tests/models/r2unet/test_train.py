"""`acutance_models.r2unet.train` and its losses."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from acutance_models import import_state_dict
from acutance_models.r2unet.losses import confusion, dice_of_classes, segmentation_loss
from acutance_models.r2unet.network import build
from acutance_models.r2unet.schedule import TrainingConfig, read_config
from acutance_models.r2unet.train import (
    Trainer,
    main,
    recalibrate,
    train,
)
from acutance_models.training import learning_rate
from acutance_models.training_run import CHECKPOINT, VALIDATION, WEIGHTS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


class Squares:
    """Bright squares on a dark ground."""

    classes = ("background", "square")
    channels = 1

    def draw(self, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        labels = np.zeros((32, 32), np.uint8)
        row, column = rng.integers(4, 20, 2)
        labels[row : row + 8, column : column + 8] = 1
        noise = rng.normal(0.0, 0.05, labels.shape)
        return np.clip(0.2 + 0.6 * labels + noise, 0.0, 1.0).astype(np.float32), labels


def _config(out: Path, **changes: object) -> TrainingConfig:
    config = TrainingConfig(
        architecture="r2unet-w2-i1-o2-t1-stepwise",
        out=str(out),
        steps=30,
        learning_rate=2e-2,
        ema_decay=0.9,
        stages=((0.0, 32, 2),),
        validation_seconds=3600.0,
        reuse=1,
    )
    return replace(config, **changes)  # type: ignore[arg-type]


def test_the_loss_falls_to_0_for_the_truth_and_not_for_its_reverse() -> None:
    labels = torch.tensor([[[0, 1], [2, 1]]])
    truth = 50.0 * torch.nn.functional.one_hot(labels, 3).movedim(-1, 1).float()
    assert float(segmentation_loss(truth, labels)) < 1e-5
    assert float(segmentation_loss(-truth, labels)) > 20.0


def test_the_loss_of_even_odds_is_that_of_the_formula() -> None:
    labels = torch.tensor([[[0, 0, 0, 1]]])
    # Soft Dice of class 0: 2 * 1.5 / (3 + 2); of class 1: 2 * 0.5 / (1 + 2).
    expected = np.log(2.0) + 1.0 - (3.0 / 5.0 + 1.0 / 3.0) / 2.0
    assert float(segmentation_loss(torch.zeros(1, 2, 1, 4), labels)) == pytest.approx(expected)


def test_ignored_pixels_teach_nothing() -> None:
    torch.manual_seed(0)
    logits = torch.randn(1, 3, 4, 4, requires_grad=True)
    labels = torch.randint(0, 3, (1, 4, 4))
    labels[0, :2] = 255
    segmentation_loss(logits, labels).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert not logits.grad[:, :, :2].any()
    assert logits.grad[:, :, 2:].any()
    nothing = segmentation_loss(logits.detach(), torch.full((1, 4, 4), 255))
    assert float(nothing) == 0.0


def test_dice_is_that_of_counts_made_by_hand() -> None:
    labels = torch.tensor([[[0, 0, 1, 255]]])
    logits = torch.nn.functional.one_hot(torch.tensor([[[0, 1, 1, 0]]]), 3).movedim(-1, 1)
    counts = confusion(logits, labels)
    assert counts.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert dice_of_classes(counts) == pytest.approx([2 / 3, 2 / 3, 1.0])


def test_a_network_learns_and_its_weights_can_be_imported(tmp_path: Path) -> None:
    architecture = "r2unet-w4-i1-o2-t1-stepwise"
    train(_config(tmp_path, steps=60, architecture=architecture), Squares(), held=Squares())
    line = json.loads((tmp_path / VALIDATION).read_text(encoding="utf-8").splitlines()[-1])
    assert line["dice"]["square"] > 0.9
    network = import_state_dict(load_file(tmp_path / WEIGHTS))
    image, labels = Squares().draw(np.random.default_rng(99))
    with torch.inference_mode():
        found = network(torch.from_numpy(image)[None, None]).argmax(1)[0].numpy()
    assert 2 * (found & labels).sum() / (found.sum() + labels.sum()) > 0.9


def test_a_run_that_was_interrupted_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    config = _config(tmp_path / "whole", steps=6, validation_seconds=0.0)
    whole = train(config, Squares())
    cut = replace(config, out=str(tmp_path / "cut"))
    train(cut, Squares(), stop_after=3)
    resumed = train(cut, Squares(), resume=True)
    assert resumed.step == 6
    for key, value in whole.network.state_dict().items():
        assert torch.equal(value, resumed.network.state_dict()[key]), key


def test_old_batches_are_turned_between_new_ones(tmp_path: Path) -> None:
    trainer = Trainer(_config(tmp_path, reuse=3), Squares())
    sizes = []
    for trainer.step in range(6):
        trainer.next_batch()
        sizes.append(len(trainer.pool))
    assert sizes == [1, 1, 1, 2, 2, 2]


def test_stages_follow_the_schedule(tmp_path: Path) -> None:
    trainer = Trainer(_config(tmp_path, stages=((0.0, 16, 3), (0.5, 32, 1))), Squares())
    assert trainer.next_batch().images.shape == (3, 1, 16, 16)
    trainer.step = 15
    assert trainer.next_batch().images.shape == (1, 1, 32, 32)


def test_recalibration_gives_the_statistics_of_the_images() -> None:
    torch.manual_seed(0)
    network = build("unet-w2-i1-o2")
    images = [torch.rand(2, 1, 32, 32) for _ in range(3)]
    recalibrate(network, images)
    assert not network.training
    with torch.inference_mode():
        answers = torch.cat([network.Conv1.conv[0](image) for image in images])
    torch.testing.assert_close(network.Conv1.conv[1].running_mean, answers.mean((0, 2, 3)))
    assert network.Conv1.conv[1].momentum == pytest.approx(0.1)


def test_frozen_statistics_stay_while_weights_change(tmp_path: Path) -> None:
    config = _config(tmp_path, steps=8, freeze_from=0.5, validation_seconds=0.0)
    frozen = train(config, Squares(), stop_after=5)
    assert frozen.is_frozen
    before = {key: value.clone() for key, value in frozen.network.state_dict().items()}
    for _ in range(3):
        frozen.take_step()
    after = frozen.network.state_dict()
    changed = {key for key in before if not torch.equal(before[key], after[key])}
    assert changed
    assert not any("running" in key for key in changed)
    resumed = train(replace(config, steps=16, freeze_from=1.0), Squares(), resume=True)
    assert resumed.is_frozen  # once fixed they stay so, whatever the longer schedule says
    last = resumed.network.state_dict()
    assert all(torch.equal(before[key], last[key]) for key in before if "running" in key)


def test_statistics_can_be_left_free_to_the_end(tmp_path: Path) -> None:
    config = _config(tmp_path, steps=3, freeze_from=1.1, validation_seconds=0.0)
    assert not train(config, Squares()).is_frozen


def test_learning_rate_rises_and_falls_to_0() -> None:
    config = TrainingConfig(learning_rate=1.0, warmup=0.1)
    assert learning_rate(config.learning_rate, config.warmup, 0.1) == 1.0
    assert learning_rate(config.learning_rate, config.warmup, 0.05) == pytest.approx(0.51)
    assert learning_rate(config.learning_rate, config.warmup, 0.55) == pytest.approx(0.5)
    assert learning_rate(config.learning_rate, config.warmup, 1.0) == 0.0


def test_a_network_that_does_not_fit_the_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1 channels and 2 classes"):
        Trainer(_config(tmp_path, architecture="unet-w2-i3-o2"), Squares())


def test_config_is_read_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text('task = "nuclei"\nstages = [[0.0, 64, 2]]\nheld_out = ["a"]\n', "utf-8")
    config = read_config(path)
    assert (config.task, config.stages, config.held_out) == ("nuclei", ((0.0, 64, 2),), ("a",))
    path.write_text("epochs = 3\n", "utf-8")
    with pytest.raises(ValueError, match="epochs"):
        read_config(path)
    with pytest.raises(ValueError, match="brain, nuclei"):
        TrainingConfig(task="lung")


def test_the_command_trains_on_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from PIL import Image

    rng = np.random.default_rng(0)
    for folder in ("images", "masks"):
        (tmp_path / "data" / folder).mkdir(parents=True)
    for n in range(7):
        instances = np.zeros((48, 48), np.uint16)
        instances[10:20, 10:30] = 1
        picture = np.where(instances[..., None] > 0, 200, 20) + rng.integers(0, 10, (48, 48, 3))
        Image.fromarray(picture.astype(np.uint8)).save(tmp_path / "data" / "images" / f"{n}.png")
        Image.fromarray(instances).save(tmp_path / "data" / "masks" / f"{n}.png")
    config = tmp_path / "run.toml"
    config.write_text('stages = [[0.0, 32, 2]]\narchitecture = "unet-w2-i3-o2"\n', "utf-8")
    common = ["--config", str(config), "--task", "nuclei", "--out", str(tmp_path / "out")]
    assert main([*common, "--data", str(tmp_path / "data"), "--steps", "2"]) == 0
    assert (tmp_path / "out" / CHECKPOINT).exists()
    # A finished run goes on when it is given a longer schedule.
    longer = [*common, "--data", str(tmp_path / "data"), "--steps", "3", "--resume"]
    assert main(longer) == 0
    lines = (tmp_path / "out" / VALIDATION).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["step"] for line in lines] == [2, 3]
    with pytest.raises(SystemExit):
        main(["--task", "brain"])
    assert "--data and --out" in capsys.readouterr().err
