"""`acutance_models.negvsr.train`, its tasks and its configuration."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from scipy import ndimage

from acutance_models import import_state_dict
from acutance_models.negvsr.negatives import SEQUENCE, WINDOW
from acutance_models.negvsr.network import build_vsr
from acutance_models.negvsr.schedule import Stage, TrainingConfig, read_config
from acutance_models.negvsr.tasks import FlowTask, VideoTask, enlarge, stage_of, video_loss
from acutance_models.negvsr.train import main, train
from acutance_models.negvsr.training_data import Batch
from acutance_models.training_run import CHECKPOINT, VALIDATION, WEIGHTS

if TYPE_CHECKING:
    from pathlib import Path

LAYOUT = "vsr-w4-b1-direct-small-c4x1"
NOISE = np.random.default_rng(0).integers(80, 90, (2, SEQUENCE, WINDOW, WINDOW, 3), np.uint8)


class Waves:
    """Waves that run."""

    def draw(self, count: int, side: int, rng: np.random.Generator) -> np.ndarray:
        rows, columns = np.indices((side, side)) / 9.0
        phase = rng.uniform(0.0, 6.0)
        waves = [np.sin(rows + 0.6 * columns + phase + 0.2 * time) for time in range(count)]
        clip = 0.5 + 0.4 * np.stack(waves)[..., None] * rng.uniform(0.3, 1.0, 3)
        return clip.astype(np.float32)


class Grain:
    """Grain that stands still."""

    def draw(self, count: int, side: int, rng: np.random.Generator) -> np.ndarray:
        grain = ndimage.gaussian_filter(rng.normal(size=(side, side, 3)), (3.0, 3.0, 0.0))
        return np.stack([np.clip(0.5 + 3.0 * grain, 0.0, 1.0)] * count).astype(np.float32)


def _config(out: Path, **changes: object) -> TrainingConfig:
    config = TrainingConfig(
        layout=LAYOUT,
        out=str(out),
        steps=6,
        learning_rate=2e-3,
        ema_decay=0.9,
        stages=(Stage(0.0, 16, 2, 1),),
        reuse=1,
        validation_seconds=0.0,
    )
    return replace(config, **changes)  # type: ignore[arg-type]


def _batch(seed: int = 0) -> Batch:
    rng = np.random.default_rng(seed)
    large = torch.from_numpy(Waves().draw(2, 64, rng)).movedim(-1, 1)[None]
    small = torch.nn.functional.avg_pool2d(large[0], 4)[None]
    return Batch(small, large)


def test_the_flow_is_learned_from_motion_of_known_answer(tmp_path: Path) -> None:
    config = _config(
        tmp_path,
        task="flow",
        steps=15,
        learning_rate=6e-3,
        stages=(Stage(0.0, 48, 1, 3),),
        reuse=4,
        validation_seconds=3600.0,
    )
    task = FlowTask(config, Grain())
    untrained = task.validate(build_vsr(LAYOUT).eval())
    trainer = train(config, task)
    line = json.loads((tmp_path / VALIDATION).read_text(encoding="utf-8"))
    assert line["end_point_error"] < 0.99 * untrained["end_point_error"]
    assert line["end_point_error"] < 0.3 * line["end_point_error_of_none"]
    torch.manual_seed(config.seed)
    begun, ended = build_vsr(LAYOUT).state_dict(), trainer.network.state_dict()
    changed = {key for key in begun if not torch.equal(begun[key], ended[key])}
    assert changed
    assert all(".spynet." in key for key in changed)


def test_an_interrupted_run_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    pytest.importorskip("av", reason="video codecs come with the extra `video`")
    config = _config(tmp_path / "whole", negatives_from=0.5)
    whole = train(config, VideoTask(config, Waves(), [], NOISE))
    cut = replace(config, out=str(tmp_path / "cut"))
    train(cut, VideoTask(cut, Waves(), [], NOISE), stop_after=3)
    resumed = train(cut, VideoTask(cut, Waves(), [], NOISE), resume=True)
    assert resumed.step == 6
    for key, value in whole.network.state_dict().items():
        assert torch.equal(value, resumed.network.state_dict()[key]), key
    imported = import_state_dict(load_file(tmp_path / "cut" / WEIGHTS))
    assert sum(p.numel() for p in imported.parameters()) == sum(
        p.numel() for p in whole.network.parameters()
    )


def test_a_weight_of_0_is_the_plain_step_bit_for_bit(tmp_path: Path) -> None:
    pytest.importorskip("av", reason="video codecs come with the extra `video`")
    states = []
    for weight, noise in ((0.0, NOISE), (0.0, NOISE[:0]), (0.5, NOISE)):
        config = _config(tmp_path / str(len(states)), negative_weight=weight, steps=3)
        trainer = train(config, VideoTask(config, Waves(), [], noise))
        states.append(trainer.network.state_dict())
    zero, plain, guided = states
    assert all(torch.equal(zero[key], plain[key]) for key in zero)
    assert not all(torch.equal(zero[key], guided[key]) for key in zero)


def test_guidance_is_0_where_the_negative_is_the_recording() -> None:
    torch.manual_seed(0)
    network = build_vsr("vsr-w4-b1-shuffle-small-c0x0")
    config = TrainingConfig()
    batch = _batch()
    # Noise of the frame's own grey level, and a frame that looks the same turned.
    flat = Batch(torch.full((1, 2, 3, 16, 16), 0.2), torch.rand(1, 2, 3, 64, 64))
    same = np.full((1, SEQUENCE, WINDOW, WINDOW, 3), 51, np.uint8)
    with torch.no_grad():
        plain, guided, without, with_same = (
            float(video_loss(network, clips, config, noise, np.random.default_rng(0)))
            for clips, noise in ((batch, None), (batch, NOISE), (flat, None), (flat, same))
        )
    assert with_same == pytest.approx(without, abs=1e-6)
    assert guided > plain


def test_the_flow_learns_more_slowly_or_not_at_all(tmp_path: Path) -> None:
    pytest.importorskip("av", reason="video codecs come with the extra `video`")
    begun = {}
    for rate in (0.0, 0.1):
        config = _config(tmp_path / str(rate), flow_rate=rate, steps=4, negative_weight=0.0)
        trainer = train(config, VideoTask(config, Waves(), [], NOISE[:0]))
        begun[rate] = trainer.network.basicvsr.spynet.state_dict()
        torch.manual_seed(config.seed)
        before = build_vsr(LAYOUT).basicvsr.spynet.state_dict()
        same = all(torch.equal(before[key], begun[rate][key]) for key in before)
        assert same is (rate == 0.0)


def test_held_out_windows_are_the_same_every_time(tmp_path: Path) -> None:
    pytest.importorskip("av", reason="video codecs come with the extra `video`")
    clip = np.random.default_rng(0).integers(0, 256, (8, 170, 170, 3), np.uint8)
    config = _config(tmp_path)
    first, second = (VideoTask(config, Waves(), [clip], NOISE) for _ in range(2))
    assert all(torch.equal(a.small, b.small) for a, b in zip(first.held, second.held, strict=True))
    measured = first.validate(build_vsr(LAYOUT).eval())
    assert measured["psnr"] == pytest.approx(measured["psnr_of_bicubic"], abs=1.0)
    with pytest.raises(ValueError, match="noise"):
        VideoTask(config, Waves(), [], NOISE[:0])


def test_enlarging_keeps_a_constant() -> None:
    large = enlarge(torch.full((1, 2, 3, 5, 6), 0.3))
    torch.testing.assert_close(large, torch.full((1, 2, 3, 20, 24), 0.3))


def test_config_is_read_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text('task = "flow"\nstages = [[0.0, 16, 2, 1], [0.5, 32, 3, 2]]\n', "utf-8")
    config = read_config(path)
    assert stage_of(config.stages, 0.4) == Stage(0.0, 16, 2, 1)
    assert stage_of(config.stages, 0.5) == Stage(0.5, 32, 3, 2)
    for text, message in (
        ("epochs = 3\n", "epochs"),
        ('task = "sound"\n', "flow, video"),
        ("stages = [[0.0, 20, 2, 1]]\n", "multiples of 16"),
        ("stages = [[0.1, 16, 2, 1]]\n", "from 0 on"),
        ('clips = ["a"]\nheld_out = ["a"]\n', "held out"),
    ):
        path.write_text(text, "utf-8")
        with pytest.raises(ValueError, match=message):
            read_config(path)


def test_the_command_trains_on_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    av = pytest.importorskip("av", reason="video codecs come with the extra `video`")
    rng = np.random.default_rng(0)
    with av.open(str(tmp_path / "clip.mkv"), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 144, 144, "bgr0"
        for _ in range(SEQUENCE):
            frame = rng.integers(100, 110, (144, 144, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    config = tmp_path / "run.toml"
    lines = {
        "layout": f'"{LAYOUT}"', "data": f'"{tmp_path}"', "out": f'"{tmp_path / "out"}"',
        "clips": '["clip"]', "steps": "2", "stages": "[[0.0, 16, 2, 1]]",
    }  # fmt: skip
    config.write_text("\n".join(f"{name} = {value}" for name, value in lines.items()), "utf-8")
    assert main(["--config", str(config)]) == 0
    assert (tmp_path / "out" / CHECKPOINT).exists()
    lines |= {"steps": "3", "init": f'"{tmp_path / "out" / WEIGHTS}"'}
    config.write_text("\n".join(f"{name} = {value}" for name, value in lines.items()), "utf-8")
    assert main(["--config", str(config), "--resume"]) == 0
    reports = (tmp_path / "out" / VALIDATION).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["step"] for line in reports] == [2, 3]
    config.write_text('layout = "compact"\n', "utf-8")
    with pytest.raises(SystemExit):
        main(["--config", str(config)])
    assert "data and out" in capsys.readouterr().err
