"""What the video networks are trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from acutance_models.negvsr.flow import warp
from acutance_models.negvsr.losses import (
    cleaning_loss,
    flow_loss,
    negative_guidance,
    pixel_loss,
    sharpen,
)
from acutance_models.negvsr.motion import make_pair, move_still
from acutance_models.negvsr.textures import leaves
from acutance_models.negvsr.training_data import (
    Batch,
    ClipSource,
    LeavesSource,
    MixedSource,
    StillSource,
    draw_batch,
    halve,
    has_cut,
    read_clips,
    read_stills,
    turn_batch,
)

if TYPE_CHECKING:
    from pathlib import Path


def _noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def test_halving_averages_blocks_and_drops_what_is_odd() -> None:
    frame = _noise(7, 9, 3)
    halved = halve(frame)
    assert halved.shape == (3, 4, 3)
    assert halved[1, 2, 0] == round(float(frame[2:4, 4:6, 0].mean()))


def test_windows_hold_no_cut() -> None:
    clip = np.zeros((40, 40, 40, 3), np.uint8)
    clip[:20], clip[20:] = _noise(40, 40, 3) // 4, 180 + _noise(40, 40, 3) // 4
    source = ClipSource([clip])
    cuts = sum(has_cut(source.draw(5, 32, np.random.default_rng(seed))) for seed in range(40))
    assert cuts == 0


def test_a_small_clip_is_reflected_and_a_short_one_ends_in_its_last_frame() -> None:
    clip = _noise(3, 20, 50, 3)
    clip[:] = clip[:1]
    window = ClipSource([clip]).draw(5, 32, np.random.default_rng(0))
    assert window.shape == (5, 32, 32, 3)
    assert np.array_equal(window[:, 20], window[:, 18])
    assert np.array_equal(window[4], window[2])


def test_sources_draw_clips_in_range_that_move() -> None:
    stills = StillSource([_noise(40, 60, 3)])
    for source in (stills, LeavesSource()):
        clip = source.draw(4, 48, np.random.default_rng(1))
        assert clip.shape == (4, 48, 48, 3)
        assert clip.dtype == np.float32
        assert 0.0 <= clip.min() < clip.max() <= 1.0
        assert (np.abs(np.diff(clip, axis=0)).max((1, 2, 3)) > 0.0).all()
    only = MixedSource([stills, LeavesSource()], [1.0, 0.0])
    rng = np.random.default_rng(3)
    rng.choice(2, p=[1.0, 0.0])
    assert np.array_equal(only.draw(2, 16, np.random.default_rng(3)), stills.draw(2, 16, rng))


def test_leaves_have_edges() -> None:
    picture = leaves((64, 80), np.random.default_rng(2))
    assert picture.shape == (64, 80, 3)
    assert 0.0 <= picture.min() < picture.max() <= 1.0
    assert np.abs(np.diff(picture, axis=1)).max() > 0.2


def test_a_still_moves_by_fractions_of_a_pixel() -> None:
    rows, columns = np.indices((80, 80), dtype=np.float32)
    ramp = np.stack((rows, columns, rows), -1) / 80.0
    clip = move_still(ramp, 3, 16, np.random.default_rng(0)) * 80.0
    shifts = np.diff(clip[:, 8, 8, :2], axis=0)
    assert (np.abs(shifts) < 8.0).all()
    assert (np.abs(shifts - np.rint(shifts)) > 1e-3).any()


def test_a_pair_is_made_along_its_flow() -> None:
    texture = torch.from_numpy(leaves((48, 48), np.random.default_rng(0))).movedim(-1, 0)[None]
    for seed in range(4):
        reference, supporting, flow = make_pair(texture, np.random.default_rng(seed))
        assert flow.shape == (1, 2, 48, 48)
        error = (warp(supporting, flow, padding="border") - reference).abs().mean()
        still = (supporting - reference).abs().mean()
        assert float(error) < 0.06
        assert float(flow.abs().max()) < 1.0 or float(error) < float(still)


def test_flow_loss_is_0_for_the_truth_at_every_level() -> None:
    truth = torch.randn(2, 2, 16, 16)
    pool = torch.nn.functional.avg_pool2d
    levels = [pool(truth, 4) / 4, pool(truth, 2) / 2]
    assert float(flow_loss(levels, truth)) < 2e-3
    off = [levels[0], levels[1] + torch.tensor([3.0, 4.0]).view(1, 2, 1, 1)]
    assert float(flow_loss(off, truth)) == pytest.approx(5.0, abs=2e-3)
    assert float(flow_loss([off[1]] * 1, truth)) == pytest.approx(5.0, abs=2e-3)


def test_losses_are_those_of_their_formulas() -> None:
    answer, target = torch.rand(2, 1, 2, 3, 16, 16)
    difference = (answer - target).abs()
    assert float(pixel_loss(answer, target, "l1")) == pytest.approx(float(difference.mean()))
    charbonnier = (difference**2 + 1e-6).sqrt().mean()
    assert float(pixel_loss(answer, target, "charbonnier")) == pytest.approx(float(charbonnier))
    clips = torch.stack((target[0], target[0] + 0.1)), torch.stack((target[0] + 0.01, target[0]))
    assert float(pixel_loss(*clips, "psnr")) == pytest.approx(-(40.0 + 20.0) / 200.0, abs=1e-3)
    assert float(negative_guidance(answer, answer)) == 0.0
    assert float(negative_guidance(answer, answer + 0.25)) == pytest.approx(0.25)
    small = target.view(1, 2, 3, 4, 4, 4, 4).mean((4, 6))
    assert float(cleaning_loss(small, target)) == pytest.approx(0.0, abs=1e-7)


def test_guidance_pulls_both_answers() -> None:
    first, second = (torch.rand(1, 1, 3, 4, 4, requires_grad=True) for _ in range(2))
    negative_guidance(first, second).backward()  # type: ignore[no-untyped-call]
    assert first.grad is not None
    assert second.grad is not None
    assert torch.equal(first.grad, -second.grad)


def test_sharpening_leaves_flat_parts_and_steepens_edges() -> None:
    clip = np.full((1, 96, 96, 3), 0.4, np.float32)
    clip[:, :, 48:] = 0.6
    sharp = sharpen(clip)
    np.testing.assert_allclose(sharp[:, :, :2], clip[:, :, :2], atol=2e-3)
    assert sharp[0, 48, 47, 0] < 0.38
    assert sharp[0, 48, 48, 0] > 0.62
    faint = 0.5 + 0.1 * (clip - 0.5)  # differences below 10 grey levels stay
    np.testing.assert_allclose(sharpen(faint), faint, atol=1e-6)


def test_a_batch_holds_recordings_of_its_clips() -> None:
    pytest.importorskip("av", reason="video codecs come with the extra `video`")
    source = StillSource([_noise(80, 80, 3)])
    plain = draw_batch(source, 2, 3, 16, np.random.default_rng(0))
    assert plain.small.shape == (2, 3, 3, 16, 16)
    assert plain.large.shape == (2, 3, 3, 64, 64)
    mirrored = draw_batch(source, 1, 3, 16, np.random.default_rng(0), is_mirrored=True)
    assert mirrored.small.shape == (1, 6, 3, 16, 16)
    assert torch.equal(mirrored.large, mirrored.large.flip(1))
    assert torch.equal(mirrored.large[0, :3], plain.large[0])
    sharp = draw_batch(source, 1, 3, 16, np.random.default_rng(0), is_sharpened=True)
    assert not torch.equal(sharp.large[0], plain.large[0])


def test_a_turned_batch_still_fits_together() -> None:
    large = torch.rand(2, 3, 3, 64, 64)
    small = torch.nn.functional.avg_pool2d(large.flatten(0, 1), 4).view(2, 3, 3, 16, 16)
    for seed in range(6):
        turned = turn_batch(Batch(small, large), np.random.default_rng(seed))
        assert float(cleaning_loss(turned.small, turned.large)) == pytest.approx(0.0, abs=1e-7)


def test_clips_and_stills_are_read_halved(tmp_path: Path) -> None:
    av = pytest.importorskip("av", reason="video codecs come with the extra `video`")
    from PIL import Image

    with av.open(str(tmp_path / "one.mkv"), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 40, 32, "bgr0"
        for level in range(10):
            frame = np.full((32, 40, 3), 20 * level, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    clips = read_clips(tmp_path, ["one"], is_halved=True)
    assert clips["one"].shape == (10, 16, 20, 3)
    assert clips["one"][:, 3, 4, 1].tolist() == [20 * level for level in range(10)]
    with pytest.raises(ValueError, match="two"):
        read_clips(tmp_path, ["two"], is_halved=False)
    with pytest.raises(ValueError, match="PNG"):
        read_stills(tmp_path)
    Image.fromarray(_noise(8, 10, 3)).save(tmp_path / "a.png")
    assert read_stills(tmp_path)[0].shape == (4, 5, 3)
