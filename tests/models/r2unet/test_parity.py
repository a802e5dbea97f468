"""The networks against a second implementation, written from the layout of the distributed ones.

It works on nothing but a state dict in the distributed names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from torch.nn import functional

from acutance_models import import_state_dict
from acutance_models.r2unet.network import build

if TYPE_CHECKING:
    from torch import Tensor

    State = dict[str, Tensor]


def conv(state: State, name: str, x: Tensor, padding: int = 1) -> Tensor:
    return functional.conv2d(x, state[f"{name}.weight"], state[f"{name}.bias"], padding=padding)


def norm(state: State, name: str, x: Tensor) -> Tensor:
    scale = state[f"{name}.weight"] / torch.sqrt(state[f"{name}.running_var"] + 1e-5)
    shift = state[f"{name}.bias"] - scale * state[f"{name}.running_mean"]
    return x * scale[:, None, None] + shift[:, None, None]


def recurrent_block(state: State, name: str, x: Tensor, t: int) -> Tensor:
    first = conv(state, f"{name}.Conv_1x1", x, 0)
    y = first
    for layer in (0, 1):
        begin, inside = y, f"{name}.RCNN.{layer}.conv"
        for step in range(t + 1):
            given = begin if step == 0 else begin + y
            y = norm(state, f"{inside}.1", conv(state, f"{inside}.0", given)).clamp_min(0.0)
    return first + y


def plain_block(state: State, name: str, x: Tensor) -> Tensor:
    for layer in (0, 3):
        x = conv(state, f"{name}.conv.{layer}", x)
        x = norm(state, f"{name}.conv.{layer + 1}", x).clamp_min(0.0)
    return x


def gate(state: State, name: str, below: Tensor, across: Tensor) -> Tensor:
    parts = [
        norm(state, f"{name}.{part}.1", conv(state, f"{name}.{part}.0", x, 0))
        for part, x in (("W_g", below), ("W_x", across))
    ]
    inside = (parts[0] + parts[1]).clamp_min(0.0)
    psi = norm(state, f"{name}.psi.1", conv(state, f"{name}.psi.0", inside, 0))
    return across / (1.0 + torch.exp(-psi))


def reference(state: State, x: Tensor, t: int) -> Tensor:
    is_recurrent = "RRCNN1.Conv_1x1.weight" in state

    def block(number: int, x: Tensor, *, is_up: bool) -> Tensor:
        name = ("Up_" if is_up else "") + ("RRCNN" if is_recurrent else "Conv") + str(number)
        if is_recurrent:
            return recurrent_block(state, name, x, t)
        return plain_block(state, name.replace("Up_Conv", "Up_conv"), x)

    kept = []
    for number in range(1, 6):
        x = block(number, x, is_up=False)
        kept.append(x)
        if number < 5:
            count, channels, height, width = x.shape
            x = x.reshape(count, channels, height // 2, 2, width // 2, 2).amax((3, 5))
    for number in range(5, 1, -1):
        x = x.repeat_interleave(2, 2).repeat_interleave(2, 3)
        x = norm(state, f"Up{number}.up.2", conv(state, f"Up{number}.up.1", x)).clamp_min(0.0)
        across = kept[number - 2]
        if f"Att{number}.psi.0.weight" in state:
            across = gate(state, f"Att{number}", x, across)
        x = block(number, torch.cat([across, x], 1), is_up=True)
    return conv(state, "Conv_1x1", x, 0)


@pytest.mark.parametrize(
    ("architecture", "t"),
    [
        ("r2unet-w8-i3-o1-t2", 2),
        ("r2unet-w8-i1-o5-t3", 3),
        ("r2unet-w8-i1-o2-t0", 0),
        ("unet-w8-i3-o1", 0),
        ("attunet-w8-i3-o1", 0),
        ("r2attunet-w8-i3-o2-t2", 2),
    ],
)
def test_an_imported_network_computes_what_the_layout_says(architecture: str, t: int) -> None:
    torch.manual_seed(4)
    source = build(architecture)
    for _ in range(3):  # statistics that are not those of the start
        source(torch.rand(2, source.architecture.in_channels, 32, 32))
    state = source.state_dict()
    # In float64, so that a difference is one of the computation and not of rounding.
    x = torch.rand(2, source.architecture.in_channels, 48, 64, dtype=torch.float64)
    with torch.inference_mode():
        expected = reference({key: value.double() for key, value in state.items()}, x, t)
        found = import_state_dict(state, t=t).double()(x)
    largest = max(1.0, float(expected.abs().max()))
    assert float((found - expected).abs().max()) < 1e-9 * largest
