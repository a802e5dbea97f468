"""`acutance_models.r2unet.network` and its layout."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from acutance_models.errors import UnknownNetworkError
from acutance_models.r2unet.layout import Architecture, parse_architecture, unet_architecture
from acutance_models.r2unet.network import (
    RecurrentConv,
    SegmentationNetwork,
    build,
    pad_to_multiple,
)

KINDS = ("r2unet-w4-i1-o2-t2", "r2unet-w4-i3-o5-t1-stepwise", "unet-w4-i1-o2",
         "attunet-w4-i1-o2", "r2attunet-w4-i1-o2-t2")  # fmt: skip


@pytest.mark.parametrize(
    ("architecture", "params", "buffers", "entries"),
    [
        ("r2unet-w64-i3-o1-t2", 39_091_393, 13_718, 174),
        ("r2unet-w64-i3-o1-t0", 39_091_393, 13_718, 174),
        ("r2unet-w64-i1-o1-t3", 39_091_265, 13_718, 174),
        ("unet-w64-i3-o1", 34_527_041, 13_718, 156),
        ("attunet-w64-i3-o1", 34_878_573, 15_658, 240),
        ("r2attunet-w64-i3-o1-t2", 39_442_925, 15_658, 258),
    ],
)
def test_sizes_are_those_of_the_distributed_networks(
    architecture: str, params: int, buffers: int, entries: int
) -> None:
    with torch.device("meta"):  # without memory for the weights
        network = build(architecture)
    assert sum(parameter.numel() for parameter in network.parameters()) == params
    assert sum(buffer.numel() for buffer in network.buffers()) == buffers
    assert len(network.state_dict()) == entries


def test_names_are_those_of_the_distributed_networks() -> None:
    norm = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    expected = {f"Conv_1x1.{entry}" for entry in norm[:2]}
    blocks = [f"RRCNN{n}" for n in range(1, 6)] + [f"Up_RRCNN{n}" for n in range(2, 6)]
    for block in blocks:
        expected |= {f"{block}.Conv_1x1.{entry}" for entry in norm[:2]}
        for layer in (0, 1):
            expected |= {f"{block}.RCNN.{layer}.conv.0.{entry}" for entry in norm[:2]}
            expected |= {f"{block}.RCNN.{layer}.conv.1.{entry}" for entry in norm}
    for n in range(2, 6):
        expected |= {f"Up{n}.up.1.{entry}" for entry in norm[:2]}
        expected |= {f"Up{n}.up.2.{entry}" for entry in norm}
    assert set(build("r2unet-w4-i3-o1-t2").state_dict()) == expected
    for n in range(2, 6):
        for gate in ("W_g", "W_x", "psi"):
            expected |= {f"Att{n}.{gate}.0.{entry}" for entry in norm[:2]}
            expected |= {f"Att{n}.{gate}.1.{entry}" for entry in norm}
    assert set(build("r2attunet-w4-i3-o1-t2").state_dict()) == expected


@pytest.mark.parametrize("t", [0, 1, 2, 4])
@pytest.mark.parametrize("is_stepwise", [False, True])
def test_a_recurrent_convolution_is_used_once_more_than_it_has_steps(
    t: int, is_stepwise: bool
) -> None:
    layer = RecurrentConv(3, t, is_stepwise).eval()
    calls: list[int] = []
    layer.conv[0].register_forward_hook(lambda *_: calls.append(1))
    x = torch.randn(1, 3, 8, 8)
    with torch.inference_mode():
        answer = layer(x)
    assert len(calls) == t + 1
    if t == 0:  # no step of recurrence: nothing but the layer itself
        torch.testing.assert_close(answer, torch.relu(layer.conv[0](x) / (1 + 1e-5) ** 0.5))


def test_the_paper_rule_is_followed_with_one_normalisation_for_all_passes() -> None:
    layer = RecurrentConv(3, 2, False).eval()
    x = torch.randn(2, 3, 8, 8)
    with torch.inference_mode():
        first = layer.conv(x)
        second = layer.conv(x + first)
        torch.testing.assert_close(layer(x), layer.conv(x + second))


@pytest.mark.parametrize("architecture", KINDS)
@pytest.mark.parametrize("shape", [(32, 48), (33, 47), (16, 16), (1, 5), (250, 17)])
def test_size_out_is_size_in(architecture: str, shape: tuple[int, int]) -> None:
    network = build(architecture).eval()
    made = network.architecture
    with torch.inference_mode():
        logits = network(torch.rand(1, made.in_channels, *shape))
    assert logits.shape == (1, made.classes, *shape)
    assert torch.isfinite(logits).all()


@pytest.mark.parametrize("architecture", KINDS)
def test_a_result_does_not_depend_on_what_else_is_in_the_batch(architecture: str) -> None:
    torch.manual_seed(0)
    network = build(architecture)
    x = torch.rand(3, network.architecture.in_channels, 32, 32)
    network.train()(x)  # so that the statistics are not those of the start
    network.eval()
    with torch.inference_mode():
        torch.testing.assert_close(network(x)[1:2], network(x[1:2]), atol=1e-4, rtol=1e-4)


def test_the_input_is_not_changed() -> None:
    network = build("r2unet-w4-i1-o2-t2").eval()
    x = torch.rand(1, 1, 32, 32)
    before = x.clone()
    with torch.inference_mode():
        network(x)
    assert torch.equal(x, before)


def test_passes_have_statistics_of_their_own_where_asked_for() -> None:
    torch.manual_seed(0)
    layer = RecurrentConv(4, 2, True)
    layer(torch.randn(2, 4, 16, 16))
    norms = [norm for norm in layer.norms if isinstance(norm, nn.BatchNorm2d)]
    means = [norm.running_mean for norm in norms]
    assert len(means) == 3
    assert not torch.equal(means[0], means[1])  # type: ignore[arg-type]


def test_weights_that_are_read_again_give_the_same_answer() -> None:
    torch.manual_seed(3)
    first = build("r2attunet-w4-i1-o3-t1-stepwise").eval()
    second = build("r2attunet-w4-i1-o3-t1-stepwise").eval()
    second.load_state_dict(first.state_dict())
    x = torch.rand(1, 1, 40, 40)
    with torch.inference_mode():
        assert torch.equal(first(x), second(x))


def test_padding_reflects_where_it_can_and_repeats_where_it_cannot() -> None:
    x = torch.arange(20.0).view(1, 1, 1, 20)
    padded = pad_to_multiple(x)
    assert padded.shape == (1, 1, 16, 32)
    assert torch.equal(padded[0, 0, 5, :20], x[0, 0, 0])
    wide = pad_to_multiple(torch.arange(400.0).view(1, 1, 20, 20))
    assert torch.equal(wide[0, 0, 20, :20], wide[0, 0, 18, :20])
    assert torch.equal(wide[0, 0, :20, 20], wide[0, 0, :20, 18])


@pytest.mark.parametrize("text", [*KINDS, "r2unet-w16-i1-o5"])
def test_an_architecture_reads_what_it_wrote(text: str) -> None:
    assert str(parse_architecture(text)) == text


@pytest.mark.parametrize(
    "text", ["r2unet", "unet-w4-i1-o2-t2", "unet-w0-i1-o2", "vnet-w4-i1-o2", "unet-w4-i1-o2 "]
)
def test_what_is_no_architecture_is_refused(text: str) -> None:
    with pytest.raises(UnknownNetworkError, match="Expected"):
        parse_architecture(text)


@pytest.mark.parametrize("text", KINDS)
def test_architecture_is_read_from_names_and_shapes(text: str) -> None:
    state = build(text).state_dict()
    made = parse_architecture(text)
    found = unet_architecture({key: tuple(value.shape) for key, value in state.items()})
    steps = made.t if made.is_stepwise else None
    assert found == str(
        Architecture(
            made.network, made.width, made.in_channels, made.classes, steps, made.is_stepwise
        )
    )


def test_recurrent_networks_without_a_number_of_steps_take_two() -> None:
    assert SegmentationNetwork(Architecture("r2unet", 2, 1, 1)).architecture.t == 2
