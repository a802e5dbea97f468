"""`acutance_models.iqa_resnet.importing`: published checkpoints are recognised, or refused."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from acutance_models import UnknownNetworkError, WeightsError, import_state_dict
from acutance_models.iqa_resnet.network import build


@pytest.fixture(scope="module")
def network() -> torch.nn.Module:
    torch.manual_seed(3)
    return build("resnet18").eval()


@pytest.mark.parametrize("architecture", ["resnet18", "resnet101"])
def test_recognised_when_wrapped_prefixed_and_aliased(architecture: str) -> None:
    torch.manual_seed(2)
    original = build(architecture).eval()
    state = {
        f"module.{name}".replace("fc.0.", "fc."): tensor
        for name, tensor in original.state_dict().items()
    }
    imported = import_state_dict({"state_dict": state, "epoch": 3, "optimizer": {}})
    images = torch.rand(1, 1, 64, 64)
    with torch.inference_mode():
        assert torch.equal(imported(images), original(images))
    assert not imported.training


def test_float16_becomes_float32(network: torch.nn.Module) -> None:
    state = {name: tensor.half() for name, tensor in network.state_dict().items()}
    for name in state:
        if name.endswith("num_batches_tracked"):
            state[name] = state[name].long()
    imported = import_state_dict(state)
    assert {parameter.dtype for parameter in imported.parameters()} == {torch.float32}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layer4.1.bn2.bias": None}, r"layer4\.1\.bn2\.bias"),
        ({"layer9.weight": torch.zeros(1)}, r"layer9\.weight"),
        ({"fc.0.weight": torch.zeros(2, 512)}, r"fc\.0\.weight"),
        ({"fc.0.bias": torch.tensor([float("inf")])}, "not finite"),
        ({"fc.0.bias": 3}, "tensor"),
        ({"fc.bias": torch.zeros(1)}, "twice"),
    ],
)
def test_whole_or_not_at_all(
    network: torch.nn.Module, changes: dict[str, Any], message: str
) -> None:
    state = {**network.state_dict(), **changes}
    with pytest.raises(WeightsError, match=message):
        import_state_dict({name: value for name, value in state.items() if value is not None})


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"encoder.weight": torch.zeros(1)},
        {"conv1.weight": torch.zeros(64, 3, 7, 7), "layer1.0.conv2.weight": torch.zeros(1)},
    ],
    ids=["nothing", "other names", "three channels"],
)
def test_another_family_is_refused(state: dict[str, torch.Tensor]) -> None:
    with pytest.raises(UnknownNetworkError, match="resnet18, resnet101"):
        import_state_dict(state)


def test_not_a_mapping_is_refused() -> None:
    with pytest.raises(WeightsError, match="mapping"):
        import_state_dict({"state_dict": [1, 2]})
