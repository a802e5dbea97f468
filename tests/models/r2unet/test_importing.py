"""Import of U-Net checkpoints through `acutance_models.import_state_dict`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from acutance_models import import_state_dict
from acutance_models.errors import UnknownNetworkError, WeightsError
from acutance_models.r2unet.network import SegmentationNetwork, build

if TYPE_CHECKING:
    from torch import Tensor


def _trained(architecture: str) -> SegmentationNetwork:
    torch.manual_seed(1)
    network = build(architecture)
    for _ in range(2):
        network(torch.rand(2, network.architecture.in_channels, 32, 32))
    return network.eval()


@pytest.mark.parametrize(
    ("architecture", "t"),
    [
        ("r2unet-w4-i3-o1-t2", 2),
        ("r2unet-w6-i1-o5-t3", 3),
        ("r2unet-w4-i1-o2-t0", 0),
        ("unet-w4-i3-o1", None),
        ("attunet-w4-i1-o2", None),
        ("r2attunet-w4-i3-o1-t1", 1),
        ("r2unet-w4-i1-o5-t2-stepwise", None),
    ],
)
def test_an_imported_network_answers_as_the_one_it_came_from(
    architecture: str, t: int | None
) -> None:
    source = _trained(architecture)
    imported = import_state_dict(source.state_dict(), t=t)
    assert isinstance(imported, SegmentationNetwork)
    assert str(imported.architecture) == architecture
    assert not imported.training
    x = torch.rand(1, source.architecture.in_channels, 48, 32)
    with torch.inference_mode():
        assert torch.equal(imported(x), source(x))


def test_the_number_of_steps_matters() -> None:
    state = _trained("r2unet-w4-i1-o2-t2").state_dict()
    x = torch.rand(1, 1, 32, 32)
    with torch.inference_mode():
        answers = [import_state_dict(state, t=t)(x) for t in (2, 3)]
    assert not torch.allclose(*answers)


@pytest.mark.parametrize("architecture", ["r2unet-w4-i3-o1-t2", "r2attunet-w4-i3-o1-t2"])
def test_a_file_that_does_not_hold_t_is_refused_without_it(architecture: str) -> None:
    with pytest.raises(WeightsError, match="Give t"):
        import_state_dict(build(architecture).state_dict())


def test_a_t_that_the_file_contradicts_is_refused() -> None:
    state = build("r2unet-w4-i1-o2-t2-stepwise").state_dict()
    with pytest.raises(WeightsError, match="2 steps of recurrence, not 3"):
        import_state_dict(state, t=3)
    with pytest.raises(WeightsError, match="0 or more"):
        import_state_dict(build("r2unet-w4-i1-o2-t2").state_dict(), t=-1)


def test_prefix_and_wrapper_are_taken_off() -> None:
    source = _trained("unet-w4-i1-o2")
    wrapped = {f"module.{key}": value for key, value in source.state_dict().items()}
    imported = import_state_dict({"state_dict": wrapped, "epoch": 3})
    x = torch.rand(1, 1, 32, 32)
    with torch.inference_mode():
        assert torch.equal(imported(x), source(x))


def test_every_entry_that_does_not_fit_is_reported() -> None:
    state: dict[str, Tensor] = dict(build("r2unet-w4-i3-o1-t2").state_dict())
    del state["Up3.up.1.bias"]
    state["Up9.up.1.bias"] = torch.zeros(4)
    state["RRCNN2.Conv_1x1.weight"] = torch.zeros(8, 5, 1, 1)
    with pytest.raises(WeightsError) as caught:
        import_state_dict(state, t=2)
    assert set(caught.value.keys) == {"Up3.up.1.bias", "Up9.up.1.bias", "RRCNN2.Conv_1x1.weight"}


def test_foreign_names_are_refused() -> None:
    with pytest.raises(UnknownNetworkError, match="R2U_Net"):
        import_state_dict({"encoder.weight": torch.zeros(3, 3)})
    with pytest.raises(UnknownNetworkError):
        import_state_dict({"Conv_1x1.weight": torch.zeros(1, 4, 1, 1)})
