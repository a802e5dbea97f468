"""`acutance_models.negvsr.network`, its blocks and its flow."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage

from acutance_models.errors import UnknownNetworkError
from acutance_models.negvsr.blocks import CarafeUp, reassemble
from acutance_models.negvsr.flow import SmallFlow, SpyNet, neighbourhood_mean, warp
from acutance_models.negvsr.layout import NAMED, VsrLayout, parse_layout
from acutance_models.negvsr.network import VideoNetwork, build_vsr

TINY = {
    "shuffle": "vsr-w6-b1-shuffle-small-c4x1",
    "carafe": "vsr-w6-b2-carafe-small-c4x1",
    "direct": "vsr-w6-b1-direct-small-c4x1",
}


def _random(layout: str) -> VideoNetwork:
    """Return a network in which every weight takes part; the flow is that of no training."""
    torch.manual_seed(0)
    network = build_vsr(layout).eval()
    for name, module in network.named_modules():
        if isinstance(module, torch.nn.Conv2d) and ".spynet." not in name:
            torch.nn.init.normal_(module.weight, 0.0, 0.5 / module.weight[0].numel() ** 0.5)
            torch.nn.init.normal_(module.bias, 0.0, 0.02)  # type: ignore[arg-type]
    return network


@pytest.mark.parametrize(
    ("name", "params", "flow", "cleaning", "keys"),
    [
        ("realbasicvsr", 6_294_834, 1_440_300, 1_480_643, 320),
        ("negvsr", 4_646_010, 1_440_300, 1_480_643, 244),
        ("compact", 301_439, 68_552, 22_155, 84),
        ("vsr-w64-b10-shuffle-spynet-c64x20", 4_817_714, 1_440_300, 1_480_643, 240),
    ],
)
def test_networks_have_the_published_number_of_parameters(
    name: str, params: int, flow: int, cleaning: int, keys: int
) -> None:
    network = build_vsr(name)
    counts = [
        sum(parameter.numel() for parameter in module.parameters())
        for module in (network, network.basicvsr.spynet, network.image_cleaning)
    ]
    assert counts == [params, flow, cleaning]
    assert len(network.state_dict()) == keys


@pytest.mark.parametrize("layout", TINY.values(), ids=TINY)
@pytest.mark.parametrize("shape", [(1, 1, 16, 16), (2, 3, 17, 22), (1, 2, 70, 66)])
def test_clips_of_any_size_become_four_times_as_large(
    layout: str, shape: tuple[int, int, int, int]
) -> None:
    batch, count, height, width = shape
    frames = torch.rand(batch, count, 3, height, width)
    before = frames.clone()
    with torch.inference_mode():
        large = _random(layout)(frames)
    assert large.shape == (batch, count, 3, 4 * height, 4 * width)
    assert large.dtype == torch.float32
    assert bool(large.isfinite().all())
    assert torch.equal(frames, before)


def test_the_compact_network_needs_at_most_60_gflop_a_frame() -> None:
    network = build_vsr("compact")
    operations = 0

    def count(conv: torch.nn.Module, _inputs: object, answer: torch.Tensor) -> None:
        nonlocal operations
        operations += 2 * answer.numel() * conv.weight[0].numel()  # type: ignore[index, operator]

    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.register_forward_hook(count)
    frames = torch.rand(1, 4, 3, 48, 80)
    with torch.inference_mode():
        for _ in range(3):  # the most passes there are
            network.cleaning_residue(frames)
        network.upscale(frames)
    assert 25e9 < operations / 4 * (180 * 320) / (48 * 80) < 36e9


def test_untrained_the_compact_network_nearly_interpolates_and_all_of_it_can_learn() -> None:
    torch.manual_seed(0)
    network = build_vsr("compact")
    frames = torch.rand(1, 2, 3, 16, 20)
    large = network(frames)
    expected = torch.nn.functional.interpolate(frames[0], scale_factor=4.0, mode="bicubic")
    assert float((large[0] - expected).detach().abs().mean()) < 0.05
    (large - 0.5).abs().mean().backward()
    for name, parameter in network.named_parameters():
        if name.endswith("weight") and ".spynet." not in name:
            assert parameter.grad is not None
            assert float(parameter.grad.abs().mean()) > 1e-7, name


def test_every_frame_reaches_every_other() -> None:
    network = _random(TINY["shuffle"])
    frames = torch.rand(1, 4, 3, 16, 16)
    changed = frames.clone()
    changed[:, 0] = 1.0 - changed[:, 0]
    with torch.inference_mode():
        a, b = network.upscale(frames), network.upscale(changed)
    assert all(not torch.allclose(a[:, i], b[:, i]) for i in range(4))


@pytest.mark.parametrize("layout", TINY.values(), ids=TINY)
def test_a_mirrored_clip_has_mirrored_flows(layout: str) -> None:
    network = _random(layout)
    half = torch.rand(1, 3, 3, 18, 16)
    clip = torch.cat((half, half.flip(1)), dim=1)
    with torch.inference_mode():
        backward, forward = network.basicvsr.flows(clip)
    torch.testing.assert_close(forward, backward.flip(1))


def test_cleaning_stops_below_theta() -> None:
    network = _random(TINY["direct"])
    frames = torch.rand(1, 2, 3, 16, 16)
    with torch.inference_mode():
        residue = network.cleaning_residue(frames)
        grey_levels = 255.0 * float(residue.abs().mean())
        once, passes = network.clean(frames, theta=1.01 * grey_levels)
        assert passes == 1
        torch.testing.assert_close(once, frames + residue)
        _, passes = network.clean(frames, theta=0.0)
        assert passes == 3
    bare = build_vsr("vsr-w4-b1-shuffle-small-c0x0")
    assert bare.clean(frames) == (frames, 0)
    assert not bare.cleaning_residue(frames).any()


def test_forward_is_cleaning_and_enlarging() -> None:
    network = _random(TINY["carafe"])
    frames = torch.rand(1, 2, 3, 16, 16)
    with torch.inference_mode():
        cleaned, _ = network.clean(frames)
        assert torch.equal(network(frames), network.upscale(cleaned))


def test_bfloat16_weights_answer_nearly_alike() -> None:
    network = _random(TINY["direct"])
    frames = torch.rand(1, 3, 3, 32, 32)
    with torch.inference_mode():
        exact = network(frames)
        rough = network.to(torch.bfloat16)(frames)
    assert rough.dtype == torch.float32
    assert float((rough - exact).abs().mean()) < 0.02


def test_warp_without_flow_is_identity_and_whole_flow_a_shift() -> None:
    x = torch.rand(2, 3, 9, 12)
    torch.testing.assert_close(warp(x, torch.zeros(2, 2, 9, 12)), x)
    flow = torch.zeros(2, 2, 9, 12)
    flow[:, 0], flow[:, 1] = 3.0, -2.0
    moved = warp(x, flow)
    torch.testing.assert_close(moved[:, :, 2:, :-3], x[:, :, :-2, 3:], atol=1e-5, rtol=0.0)
    assert not moved[:, :, :2].any()
    assert not moved[:, :, :, -3:].any()
    border = warp(x, flow, padding="border")
    torch.testing.assert_close(border[:, :, 0, 0], x[:, :, 0, 3], atol=1e-5, rtol=0.0)


def test_a_spynet_of_zeros_sees_no_motion() -> None:
    network = SpyNet()
    for parameter in network.parameters():
        torch.nn.init.zeros_(parameter)
    flow = network(*torch.rand(2, 1, 3, 37, 50))
    assert flow.shape == (1, 2, 37, 50)
    assert flow.dtype == torch.float32
    assert not flow.any()


def test_a_flow_is_told_in_pixels_of_the_frame() -> None:
    network = SpyNet()
    for parameter in network.parameters():
        torch.nn.init.zeros_(parameter)
    # The coarsest level says (1, -1); each finer one doubles it.
    network.basic_module[0].basic_module[-1].conv.bias.data.copy_(  # type: ignore[union-attr, index, operator]
        torch.tensor([1.0, -1.0])
    )
    flow = network(*torch.rand(2, 1, 3, 64, 96))
    torch.testing.assert_close(flow[:, 0], torch.full((1, 64, 96), 32.0))
    torch.testing.assert_close(flow[:, 1], torch.full((1, 64, 96), -32.0))
    # 48 rows are stretched to 64, and what is seen there shrinks with them.
    flow = network(*torch.rand(2, 1, 3, 48, 96))
    torch.testing.assert_close(flow[:, 1], torch.full((1, 48, 96), -24.0))


def test_the_small_flow_sees_none_in_equal_frames_and_finds_a_shift_untrained() -> None:
    network = SmallFlow()
    rng = np.random.default_rng(0)
    texture = torch.from_numpy(ndimage.gaussian_filter(rng.random((3, 76, 90)), (0, 1.5, 1.5)))
    texture = ((texture - 0.5) * 4.0 + 0.5).clamp(0.0, 1.0).float()[None]
    reference, supporting = texture[..., 4:67, 6:76], texture[..., 2:65, 9:79]
    with torch.inference_mode():
        assert float(network(reference, reference).abs().max()) < 0.1
        flow = network(reference, supporting)
    assert flow.shape == (1, 2, 63, 70)
    inner = flow[..., 12:-12, 12:-12].mean((0, 2, 3))
    torch.testing.assert_close(inner, torch.tensor([-3.0, 2.0]), atol=0.4, rtol=0.0)


def test_carafe_weights_add_up_to_1_and_a_constant_stays() -> None:
    torch.manual_seed(0)
    up = CarafeUp(4, compressed=8)
    x = torch.rand(2, 4, 9, 11)
    weights = up.weights(x)
    assert weights.shape == (2, 25, 18, 22)
    torch.testing.assert_close(weights.sum(1), torch.ones(2, 18, 22))
    large = up(torch.full((1, 4, 9, 11), 0.7))
    torch.testing.assert_close(large[..., 4:-4, 4:-4], torch.full((1, 4, 10, 14), 0.7))
    assert bool((large[..., 0, :] < 0.69).all())  # outside counts as 0


def test_carafe_is_the_sum_of_its_definition() -> None:
    rng = np.random.default_rng(3)
    x = rng.random((2, 3, 4, 5))
    weights = rng.random((2, 25, 8, 10))
    expected = np.zeros((2, 3, 8, 10))
    for row in range(8):
        for column in range(10):
            for index in range(25):
                y, z = row // 2 + index // 5 - 2, column // 2 + index % 5 - 2
                if 0 <= y < 4 and 0 <= z < 5:
                    share = weights[:, None, index, row, column]
                    expected[:, :, row, column] += share * x[:, :, y, z]
    answer = reassemble(torch.from_numpy(x), torch.from_numpy(weights))
    np.testing.assert_allclose(answer.numpy(), expected, rtol=1e-12)


def test_layouts_are_read_as_they_are_written() -> None:
    for layout in NAMED.values():
        assert parse_layout(str(layout)) == layout
    for text in ("realbasic", "vsr-w0-b1-shuffle-small-c0x0", "vsr-w4-b1-shuffle-small-c0x2"):
        with pytest.raises(UnknownNetworkError, match=r"realbasicvsr.*got"):
            build_vsr(text)
    with pytest.raises(ValueError, match="nearest"):
        VsrLayout(4, 1, "nearest", "small", 0, 0)


@pytest.mark.parametrize("size", [(1, 1), (2, 9), (12, 7)])
def test_a_mean_over_neighbourhoods_is_what_pooling_gives(size: tuple[int, int]) -> None:
    x = torch.rand(2, 3, *size, generator=torch.Generator().manual_seed(0))
    expected = torch.nn.functional.avg_pool2d(x, 5, 1, 2, count_include_pad=False)
    assert torch.allclose(neighbourhood_mean(x, 5), expected, atol=1e-6)
