"""`acutance_models.iqa_resnet.network` against the published layout and an independent ResNet."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
import torch

from acutance_models.errors import UnknownNetworkError
from acutance_models.iqa_resnet.network import build
from acutance_models.torchvision_guard import import_torchvision

# Parameters, buffer values, keys of the state dict, inputs of the head.
LAYOUT = {"resnet18": (11_170_753, 9_620, 122, 512), "resnet101": (42_495_937, 105_448, 626, 2048)}


@pytest.mark.parametrize("architecture", LAYOUT)
def test_layout_is_the_published_one(architecture: str) -> None:
    with torch.device("meta"):
        network = build(architecture)
    state = network.state_dict()
    parameters = sum(parameter.numel() for parameter in network.parameters())
    buffers = sum(buffer.numel() for buffer in network.buffers())
    features = state["fc.0.weight"].shape[1]
    assert (parameters, buffers, len(state), features) == LAYOUT[architecture]
    assert state["conv1.weight"].shape == (64, 1, 7, 7)


@pytest.mark.parametrize("architecture", LAYOUT)
def test_equals_torchvision(architecture: str) -> None:
    if find_spec("torchvision") is None:
        pytest.skip("torchvision is not installed")
    torchvision = import_torchvision()
    torch.manual_seed(0)
    ours = build(architecture).eval()
    for buffer in ours.buffers():  # so that the running statistics matter
        if buffer.is_floating_point():
            buffer.uniform_(0.5, 1.5)
    theirs = getattr(torchvision.models, architecture)(weights=None)
    theirs.conv1 = torch.nn.Conv2d(1, 64, 7, 2, 3, bias=False)
    theirs.fc = torch.nn.Sequential(torch.nn.Linear(theirs.fc.in_features, 1), torch.nn.Sigmoid())
    theirs.load_state_dict(ours.state_dict(), strict=True)
    images = torch.rand(2, 1, 96, 80)
    with torch.inference_mode():
        difference = (ours(images) - theirs.eval()(images)).abs().max()
    assert difference < 1e-6


@pytest.mark.parametrize("shape", [(1, 1, 256, 256), (3, 1, 64, 64), (2, 1, 33, 70)])
def test_one_score_a_slice(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    with torch.inference_mode():
        scores = build("resnet18").eval()(torch.rand(shape))
    assert scores.shape == (shape[0], 1)
    assert bool(((scores > 0) & (scores < 1)).all())


def test_unknown_architecture_is_named() -> None:
    with pytest.raises(UnknownNetworkError, match="resnet34"):
        build("resnet34")
