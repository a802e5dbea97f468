"""Losses, degradations, crops and runs of `acutance_models.ot_restore.train`."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import nibabel as nib
import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from skimage.metrics import structural_similarity

from acutance_models import import_state_dict
from acutance_models.iqa_resnet.volumes import TrainingVolume, View
from acutance_models.ot_restore.degradation import (
    add_rician,
    compress,
    draw_compressed,
    draw_moved,
    draw_noisy,
)
from acutance_models.ot_restore.losses import (
    PatchDiscriminator,
    discriminator_loss,
    multiscale_similarity,
    root_error,
)
from acutance_models.ot_restore.schedule import TrainingConfig, read_config
from acutance_models.ot_restore.train import Trainer, main, train
from acutance_models.ot_restore.training_data import (
    Source,
    draw_batch,
    draw_slice,
    read_sources,
)
from acutance_models.training_run import CHECKPOINT, VALIDATION, WEIGHTS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def _discs(count: int, seed: int = 0) -> NDArray[np.float16]:
    """Draw bright discs on a dark ground, (count, 48, 48)."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:48, :48]
    images = np.zeros((count, 48, 48), np.float16)
    for image in images:
        for _ in range(3):
            row, column, radius = *rng.uniform(12, 36, 2), rng.uniform(4, 12)
            image[np.hypot(rows - row, columns - column) < radius] = rng.uniform(0.3, 1.0)
        image[20:24, 20:24] = 1.0
    return images


def _source(seed: int = 0) -> Source:
    return Source((TrainingVolume("somebody", (View(_discs(12, seed), 1.0),)),))


def _config(out: Path, **changes: object) -> TrainingConfig:
    config = TrainingConfig(
        out=str(out),
        layout="resunet-i1-w8.8-n1",
        steps=6,
        learning_rate=3e-3,
        ema_decay=0.9,
        stages=((0.0, 32, 2),),
        validation_seconds=3600.0,
    )
    return replace(config, **changes)  # type: ignore[arg-type]


def test_the_root_error_is_that_of_the_formula_for_each_picture() -> None:
    target = torch.zeros(2, 1, 4, 4)
    output = target.clone()
    output[0] = 0.3
    assert float(root_error(output, target)) == pytest.approx((0.3 + 1e-4) / 2, rel=1e-5)


def test_the_finest_scale_alone_is_structural_similarity() -> None:
    rng = np.random.default_rng(0)
    x = rng.random((16, 16)).astype(np.float32)
    y = (x + 0.1 * rng.standard_normal((16, 16))).astype(np.float32)
    ours = float(
        multiscale_similarity(torch.from_numpy(y)[None, None], torch.from_numpy(x)[None, None])
    )
    _, full = structural_similarity(
        x, y, data_range=1.0, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
        full=True, truncate=3.4,
    )  # fmt: skip
    assert ours == pytest.approx(float(full[5:-5, 5:-5].mean()), abs=1e-5)


def test_similarity_is_1_for_equals_falls_with_noise_and_has_a_gradient() -> None:
    target = torch.rand(2, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    assert float(multiscale_similarity(target, target)) == pytest.approx(1.0, abs=1e-5)
    noise = torch.randn(target.shape, generator=torch.Generator().manual_seed(1))
    little, much = (target + sd * noise for sd in (0.05, 0.3))
    much.requires_grad_()
    value = multiscale_similarity(much, target)
    assert 0.0 < value.item() < multiscale_similarity(little, target).item() < 1.0
    value.backward()  # type: ignore[no-untyped-call]
    assert much.grad is not None
    assert bool(torch.isfinite(much.grad).all())
    with pytest.raises(ValueError, match="11 pixels"):
        multiscale_similarity(torch.zeros(1, 1, 10, 64), torch.zeros(1, 1, 10, 64))


def test_the_hinge_is_0_once_both_sides_are_told_apart_by_1() -> None:
    far, near = torch.full((3,), 1.5), torch.zeros(3)
    assert float(discriminator_loss(far, -far)) == 0.0
    assert float(discriminator_loss(near, near)) == 1.0
    assert PatchDiscriminator(1, 4)(torch.rand(2, 1, 32, 32)).shape == (2, 1, 8, 8)


def test_rician_noise_has_its_known_moments() -> None:
    rng = np.random.default_rng(0)
    air = add_rician(np.zeros((200, 200), np.float32), 0.1, rng)
    assert float(air.mean()) == pytest.approx(0.1 * np.sqrt(np.pi / 2), rel=0.01)
    bright = add_rician(np.ones((200, 200), np.float32), 0.02, rng)
    assert float((bright**2).mean()) == pytest.approx(1.0 + 2 * 0.02**2, rel=1e-3)
    assert float(bright.std()) == pytest.approx(0.02, rel=0.02)


def test_noise_and_motion_scale_the_slice_alike() -> None:
    clean = _discs(1)[0].astype(np.float32)
    for draw in (draw_noisy, draw_moved):
        damaged, target = draw(clean, np.random.default_rng(3))
        assert damaged.shape == target.shape == clean.shape
        scale = target.max() / clean.max()
        assert np.allclose(target, scale * clean, atol=1e-6)
        assert float(np.abs(damaged - target).max()) > 0.01
    assert damaged.max() <= 1.0 + 1e-6
    assert damaged.min() >= 0.0


def test_compression_hurts_the_more_the_lower_its_quality() -> None:
    rng = np.random.default_rng(0)
    picture = rng.random((32, 32, 3)).astype(np.float32)
    errors = [float(np.abs(compress(picture, quality) - picture).mean()) for quality in (90, 10)]
    assert 0.0 < errors[0] < errors[1]
    damaged, clean = draw_compressed(picture, np.random.default_rng(1))
    assert clean is picture
    assert damaged.shape == picture.shape


@pytest.mark.parametrize("task", ["denoise", "motion", "artifacts", "vae"])
def test_crops_are_drawn_by_seed_and_damaged_but_for_the_autoencoder(task: str) -> None:
    picture = np.repeat((255 * _discs(1)[0]).astype(np.uint8)[..., None], 3, 2)
    source = replace(_source(), pictures=(("clip", picture),))
    config = TrainingConfig(task=task, painted_share=0.0)
    first, second = (draw_batch(source, config, 3, 40, np.random.default_rng(7)) for _ in range(2))
    channels = 3 if task == "artifacts" else 1
    assert first.inputs.shape == first.targets.shape == (3, channels, 40, 40)
    assert torch.equal(first.inputs, second.inputs)
    assert torch.equal(first.targets, second.targets)
    assert torch.equal(first.inputs, first.targets) == (task == "vae")


def test_slices_are_painted_without_noise_and_pictures_turned_grey() -> None:
    codes = np.zeros((2, 48, 48), np.uint16)
    codes[:, 8:40, 8:40] = 2
    codes[:, 16:32, 16:32] = 3
    maps = (TrainingVolume("map", (View(codes, 1.0),)),)
    picture = np.zeros((48, 48, 3), np.uint8)
    picture[10:20] = (255, 0, 0)
    rng = np.random.default_rng(0)
    for source in (Source(label_maps=maps), Source(pictures=(("clip", picture),))):
        image, target = draw_slice(source, rng, TrainingConfig(picture_share=0.5))
        assert image is target
        assert image.shape == (48, 48)
        assert image.min() == 0.0
        assert image.max() == pytest.approx(1.0)
        assert len(np.unique(image[30:])) < 2 or source.label_maps


def test_people_and_clips_held_out_are_not_trained_on(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
    volume = np.repeat(_discs(1).astype(np.float32), 24, 0) * 1000
    for person in ("stroke_T1", "stroke_T2", "child3y_T1w"):
        nib.save(nib.Nifti1Image(volume, np.eye(4)), tmp_path / "a" / f"{person}.nii.gz")
    codes = np.full((48, 48, 48), 2, np.int16)
    for name in ("labelmap_03", "labelmap_04"):
        nib.save(nib.Nifti1Image(codes, np.eye(4)), tmp_path / "b" / f"{name}.nii.gz")
    for name in ("cars_0000", "flower_0000"):
        Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(tmp_path / "c" / f"{name}.png")
    config = TrainingConfig(
        scans=str(tmp_path / "a"), labels=str(tmp_path / "b"), pictures=str(tmp_path / "c")
    )
    source, held = read_sources(config)
    assert [v.person for v in source.scans] == ["child3y_T1w"]
    assert {v.person for v in held.scans} == {"stroke"}
    assert [v.person for v in source.label_maps] == ["labelmap_04"]
    assert [clip for clip, _ in held.pictures] == ["cars"]
    assert [clip for clip, _ in source.pictures] == ["flower"]
    with pytest.raises(ValueError, match="to train on"):
        read_sources(TrainingConfig(pictures=str(tmp_path / "a")))


def test_a_short_run_lowers_the_error_of_what_it_was_trained_on(tmp_path: Path) -> None:
    config = _config(tmp_path, steps=80, stages=((0.0, 32, 4),))
    trainer = train(config, _source(), held=_source(5))
    row = json.loads((tmp_path / VALIDATION).read_text().splitlines()[-1])
    assert row["progress"] == 1.0
    assert row["output"] > row["input"] + 1.0
    assert trainer.optimizers[0].param_groups[0]["lr"] <= config.learning_rate / 70
    network = import_state_dict(load_file(tmp_path / WEIGHTS))
    pictures = torch.rand(1, 1, 16, 16)
    with torch.inference_mode():
        assert torch.allclose(network(pictures), trainer.averaged(pictures), atol=5e-3)


@pytest.mark.parametrize("task", ["denoise", "vae"])
def test_a_run_taken_up_again_ends_where_the_whole_one_does(tmp_path: Path, task: str) -> None:
    config = _config(
        tmp_path / "whole",
        task=task,
        layout="kl-i1-z2-w6.6-n1" if task == "vae" else "resunet-i1-w6.6-n1",
        adversarial=0.01,
        adversarial_from=0.3,
        structure=0.1,
        reuse=1,
    )
    whole = train(config, _source())
    config = replace(config, out=str(tmp_path / "parts"))
    train(config, _source(), stop_after=3)
    assert (tmp_path / "parts" / CHECKPOINT).exists()
    parts = train(config, _source(), resume=True)
    assert parts.step == whole.step == config.steps
    for module in ("averaged", "discriminator"):
        pairs = zip(
            getattr(whole, module).state_dict().values(),
            getattr(parts, module).state_dict().values(),
            strict=True,
        )
        assert all(torch.equal(one, other) for one, other in pairs)


def test_an_adversarial_weight_changes_the_weights_and_trains_the_judge(tmp_path: Path) -> None:
    plain = train(_config(tmp_path / "a", steps=3), _source())
    judged = train(_config(tmp_path / "b", steps=3, adversarial=0.1), _source())
    assert plain.discriminator is None
    assert judged.discriminator is not None
    assert not torch.equal(plain.network.head.weight, judged.network.head.weight)
    fresh = Trainer(_config(tmp_path / "c", adversarial=0.1), _source())
    assert fresh.discriminator is not None
    assert not torch.equal(
        fresh.discriminator.layers[-1].weight, judged.discriminator.layers[-1].weight
    )


def test_weights_to_begin_from_are_taken_over(tmp_path: Path) -> None:
    train(_config(tmp_path, steps=2), _source())
    begun = Trainer(_config(tmp_path / "next", init=str(tmp_path / WEIGHTS)), _source())
    for name, value in load_file(tmp_path / WEIGHTS).items():
        assert torch.equal(begun.network.state_dict()[name], value.float())


def test_a_network_of_other_channels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="3 channels"):
        Trainer(_config(tmp_path, task="artifacts"), _source())


def test_a_configuration_is_read_and_a_wrong_one_refused(tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    file.write_text('task = "vae"\nstages = [[0, 64, 8], [0.5, 96, 4]]\nheld_out = ["x"]\n')
    config = read_config(file)
    assert config.stages == ((0.0, 64, 8), (0.5, 96, 4))
    assert config.held_out == ("x",)
    file.write_text("tasks = 1\n")
    with pytest.raises(ValueError, match="tasks"):
        read_config(file)
    with pytest.raises(ValueError, match="Expected one of"):
        TrainingConfig(task="sharpen")
    with pytest.raises(ValueError, match="shares"):
        TrainingConfig(painted_share=0.7, picture_share=0.6)


def test_the_command_trains_from_a_file_and_wants_a_folder_to_write_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pictures").mkdir()
    picture = (255 * _discs(1)[0]).astype(np.uint8)
    Image.fromarray(picture).save(tmp_path / "pictures" / "clip_0000.png")
    file = tmp_path / "run.toml"
    file.write_text(f'task = "denoise"\npictures = "{tmp_path / "pictures"}"\n')
    with pytest.raises(SystemExit):
        main(["--config", str(file)])
    assert "folder to write to" in capsys.readouterr().err
    text = file.read_text() + f'out = "{tmp_path / "out"}"\nlayout = "resunet-i1-w4-n1"\n'
    file.write_text(text + "steps = 2\nstages = [[0.0, 16, 2]]\n")
    assert main(["--config", str(file)]) == 0
    assert (tmp_path / "out" / WEIGHTS).exists()
