"""Import of video checkpoints through `acutance_models.import_state_dict`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import torch

from acutance_models import import_state_dict
from acutance_models.errors import UnknownNetworkError, WeightsError
from acutance_models.negvsr.network import VideoNetwork, build_vsr

if TYPE_CHECKING:
    from torch import Tensor

LAYOUTS = (
    "vsr-w6-b3-shuffle-spynet-c4x2",
    "vsr-w6-b2-carafe-spynet-c4x1",
    "vsr-w6-b1-direct-small-c4x1",
    "vsr-w6-b1-shuffle-small-c0x0",
)


def _state(layout: str, seed: int = 0) -> dict[str, Tensor]:
    torch.manual_seed(seed)
    state = build_vsr(layout).state_dict()
    return {
        key: value if key.endswith(("mean", "std")) else torch.randn_like(value)
        for key, value in state.items()
    }


def _holds(network: torch.nn.Module, state: dict[str, Tensor]) -> bool:
    found = network.state_dict()
    return found.keys() == state.keys() and all(torch.equal(found[k], state[k]) for k in state)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_is_read_from_names_and_shapes(layout: str) -> None:
    state = _state(layout)
    network = import_state_dict(state)
    assert isinstance(network, VideoNetwork)
    assert str(network.layout) == layout
    assert not network.training
    assert _holds(network, state)


def test_released_names_are_those_of_the_paper() -> None:
    negvsr, basic = build_vsr("negvsr").state_dict(), build_vsr("realbasicvsr").state_dict()
    for key in (
        "image_cleaning.0.main.0.weight",
        "image_cleaning.0.main.2.19.conv2.bias",
        "image_cleaning.1.bias",
        "basicvsr.spynet.mean",
        "basicvsr.spynet.basic_module.5.basic_module.4.conv.weight",
        "basicvsr.fusion.weight",
        "basicvsr.conv_hr.bias",
        "basicvsr.conv_last.weight",
    ):
        assert key in negvsr
        assert key in basic
    assert negvsr["basicvsr.carafe1.content_encoder.weight"].shape == (100, 64, 3, 3)
    assert negvsr["basicvsr.carafe2.channel_compressor.weight"].shape == (64, 64, 1, 1)
    assert "basicvsr.forward_resblocks_layer10.main.2.9.conv1.weight" in negvsr
    assert "basicvsr.backward_resblocks.main.2.19.conv2.weight" in basic
    assert basic["basicvsr.upsample2.upsample_conv.weight"].shape == (256, 64, 3, 3)


@pytest.mark.parametrize("layout", LAYOUTS[:2])
def test_averaged_weights_of_a_training_file_are_preferred(layout: str) -> None:
    trained, averaged = _state(layout, 1), _state(layout, 2)
    file = {f"generator.{key}": value for key, value in trained.items()}
    file |= {"step_counter": torch.zeros(1), "generator.step_counter": torch.zeros(1)}
    file |= {
        "discriminator.conv_0.weight": torch.zeros(2, 2),
        "perceptual_loss.vgg.mean": torch.zeros(3),
    }
    assert _holds(import_state_dict({"meta": {}, "state_dict": file}), trained)
    file |= {f"generator_ema.{key}": value for key, value in averaged.items()}
    assert _holds(import_state_dict({"state_dict": file, "optimizer": {}}), averaged)


def test_trunks_are_known_under_either_name() -> None:
    # Somebody else trained ten blocks with pixel shuffle under the names of the CARAFE network.
    for layout in LAYOUTS[:2]:
        state = _state(layout)
        plain = {k.replace("resblocks_layer10.", "resblocks."): v for k, v in state.items()}
        suffixed = {k.replace("resblocks.", "resblocks_layer10."): v for k, v in plain.items()}
        assert _holds(import_state_dict(plain), state)
        assert _holds(import_state_dict(suffixed), state)


def test_basicsr_names_are_understood() -> None:
    state = _state("vsr-w6-b2-shuffle-spynet-c0x0")
    renamed = {}
    for key, value in state.items():
        name = key.removeprefix("basicvsr.").replace("_resblocks.", "_trunk.")
        name = name.replace("upsample1.upsample_conv", "upconv1")
        name = name.replace("upsample2.upsample_conv", "upconv2")
        name = re.sub(
            r"(module\.\d\.basic_module)\.(\d)\.conv", lambda m: f"{m[1]}.{2 * int(m[2])}", name
        )
        renamed[name] = value
    assert "spynet.basic_module.5.basic_module.8.weight" in renamed
    assert "upconv1.bias" in renamed
    network = import_state_dict({"params": _state("vsr-w6-b2-shuffle-spynet-c0x0", 9),
                                 "params_ema": renamed})  # fmt: skip
    assert _holds(network, state)


def test_what_does_not_fit_is_reported() -> None:
    state = _state(LAYOUTS[0])
    del state["basicvsr.conv_hr.bias"]
    del state["basicvsr.backward_resblocks.main.2.1.conv1.weight"]
    with pytest.raises(WeightsError) as caught:
        import_state_dict(state)
    assert set(caught.value.keys) == {
        "basicvsr.conv_hr.bias",
        "basicvsr.backward_resblocks.main.2.1.conv1.weight",
    }


@pytest.mark.parametrize(
    "gone", ["basicvsr.fusion.weight", "image_cleaning.1.weight", "basicvsr.spynet"]
)
def test_what_is_no_video_network_is_refused(gone: str) -> None:
    state = {key: value for key, value in _state(LAYOUTS[1]).items() if not key.startswith(gone)}
    with pytest.raises(UnknownNetworkError, match="RealBasicVSR, NegVSR"):
        import_state_dict(state)
