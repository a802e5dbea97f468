"""Restorers and autoencoders: shapes, reload, and what a layout says."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import load_file

from acutance_models import UnknownNetworkError, WeightsError, import_state_dict
from acutance_models.families import recognise
from acutance_models.ot_restore.autoencoder import build_autoencoder
from acutance_models.ot_restore.blocks import pad_to_multiple
from acutance_models.ot_restore.published_layout import parse_published
from acutance_models.ot_restore.restorer import build_restorer
from acutance_models.ot_restore.spaces import AutoencoderSpace
from acutance_models.training import export_weights

RESTORER, AUTOENCODER = "resunet-i1-w4.6.8-n2", "kl-i1-z3-w4.6-n1"
PUBLISHED = "autoencoderkl-i3-z4-w32.64-n1"


def _filled(network: torch.nn.Module, seed: int = 0) -> torch.nn.Module:
    """Give every parameter a random value, those that start at 0 too."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(0.1 * torch.randn(parameter.shape, generator=generator))
    return network.eval()


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (2, 1, 7, 30), (1, 1, 64, 40)])
def test_a_restorer_keeps_any_shape_and_a_new_one_keeps_the_picture(
    shape: tuple[int, ...],
) -> None:
    pictures = torch.rand(shape)
    with torch.inference_mode():
        assert torch.equal(build_restorer(RESTORER)(pictures), pictures)
        restored = _filled(build_restorer(RESTORER))(pictures)
    assert restored.shape == shape
    assert not torch.allclose(restored, pictures)


def test_a_picture_is_restored_alike_alone_and_in_a_batch_and_in_a_tile() -> None:
    network = _filled(build_restorer(RESTORER))
    pictures = torch.rand(3, 1, 128, 128)
    with torch.inference_mode():
        together = network(pictures)
        assert torch.allclose(network(pictures[1:2]), together[1:2], atol=1e-6)
        tile = network(pictures[..., :112, :112])
    assert torch.allclose(tile[..., :32, :32], together[..., :32, :32], atol=1e-6)


def test_a_colour_restorer_takes_three_channels() -> None:
    assert build_restorer("resunet-i3-w4-n1")(torch.rand(1, 3, 9, 9)).shape == (1, 3, 9, 9)


@pytest.mark.parametrize(
    ("layout", "stride", "latent"),
    [(AUTOENCODER, 4, (2, 3, 6, 5)), ("kl-i1-z2-w4.4.4-n1", 8, (2, 2, 3, 4))],
)
def test_an_autoencoder_has_latent_maps_of_its_stride(
    layout: str, stride: int, latent: tuple[int, ...]
) -> None:
    network = build_autoencoder(layout)
    pictures = torch.rand(2, 1, latent[2] * stride, latent[3] * stride)
    latents = network.encode(pictures)  # type: ignore[operator]
    assert network.stride == stride
    assert latents.shape == latent
    assert network.decode(latents).shape == pictures.shape  # type: ignore[operator]


def test_the_posterior_has_its_mode_as_default_and_is_sampled_by_seed() -> None:
    network = _filled(build_autoencoder(AUTOENCODER))
    pictures = torch.rand(1, 1, 16, 16)
    posterior = network.posterior(pictures)  # type: ignore[operator]
    assert torch.equal(network.encode(pictures), posterior.mean)  # type: ignore[operator]
    first, second = (posterior.sample(torch.Generator().manual_seed(5)) for _ in range(2))
    assert torch.equal(first, second)
    assert not torch.allclose(first, posterior.mean)


def test_the_divergence_is_0_for_the_standard_normal_and_that_of_the_formula_else() -> None:
    posterior = build_autoencoder(AUTOENCODER).posterior(torch.rand(1, 1, 8, 8))  # type: ignore[operator]
    standard = posterior._replace(
        mean=torch.zeros_like(posterior.mean), log_variance=torch.zeros_like(posterior.mean)
    )
    assert float(standard.divergence()) == 0.0
    shifted = standard._replace(mean=torch.full_like(posterior.mean, 2.0))
    assert float(shifted.divergence()) == pytest.approx(2.0)


def test_sides_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="multiples of 4"):
        build_autoencoder(AUTOENCODER).encode(torch.rand(1, 1, 18, 16))  # type: ignore[operator]


def test_padding_mirrors_and_is_cut_off_again() -> None:
    pictures = torch.rand(1, 1, 5, 8)
    padded = pad_to_multiple(pictures, 8)
    assert padded.shape == (1, 1, 8, 8)
    assert torch.equal(padded[..., :5, :], pictures)
    assert torch.equal(padded[..., 5, :], pictures[..., 3, :])
    assert pad_to_multiple(padded, 8) is padded


@pytest.mark.parametrize(
    ("layout", "build"),
    [
        (RESTORER, build_restorer),
        ("resunet-i3-w4-n1", build_restorer),
        ("dncnn-i1-w4-d3", build_restorer),
        (AUTOENCODER, build_autoencoder),
        (PUBLISHED, build_autoencoder),
    ],
)
def test_weights_are_recognised_and_reloaded(layout, build, tmp_path) -> None:  # type: ignore[no-untyped-def]
    network = _filled(build(layout)).half().float()
    export_weights(network, tmp_path / "weights.safetensors")
    state = load_file(tmp_path / "weights.safetensors")
    _, architecture, _ = recognise({key: tuple(value.shape) for key, value in state.items()})
    assert architecture == layout
    pictures = torch.rand(1, network.channels, 8, 8)  # type: ignore[call-overload]
    with torch.inference_mode():
        assert torch.equal(import_state_dict(state)(pictures), network(pictures))


def test_dncnn_takes_away_what_its_convolutions_find() -> None:
    network = _filled(build_restorer("dncnn-i3-w5-d4"))
    assert [name for name in network.state_dict() if name.endswith("weight")] == [
        f"model.{place}.weight" for place in (0, 2, 4, 6)
    ]
    pictures = torch.rand(1, 3, 7, 9)
    with torch.inference_mode():
        x = pictures
        for place in (0, 2, 4, 6):
            layer = network.model[place]  # type: ignore[index]
            x = torch.nn.functional.conv2d(x, layer.weight, layer.bias, padding=1)
            x = x.relu() if place < 6 else x
        assert torch.allclose(network(pictures), pictures - x, atol=1e-6)


def test_what_may_be_another_network_is_not_taken_for_dncnn() -> None:
    for layout in ("dncnn-i1-w4-d7", "dncnn-i1-w4-d4"):
        state = build_restorer(layout).state_dict()
        if layout.endswith("d4"):  # a map of the noise beside the picture
            state["model.0.weight"] = torch.ones(4, 2, 3, 3)
        with pytest.raises(UnknownNetworkError, match="Expected the weights"):
            import_state_dict(state)
    with pytest.raises(UnknownNetworkError, match="such as"):
        build_restorer("dncnn-i1-w4-d1")


def test_weights_that_lack_an_entry_are_refused() -> None:
    state = build_restorer(RESTORER).state_dict()
    del state["head.bias"]
    with pytest.raises(WeightsError, match=r"head\.bias"):
        import_state_dict(state)


@pytest.mark.parametrize(
    "text", ["resunet-i1-w4.6.8", "resunet-i0-w4-n1", "kl-i1-z3-w-n1", "resunet-i1-w4-n1 "]
)
def test_other_texts_are_no_layout(text: str) -> None:
    build = build_autoencoder if text.startswith("kl") else build_restorer
    with pytest.raises(UnknownNetworkError, match="such as"):
        build(text)


def _compvis(name: str) -> str:
    """Name an entry of a network of two levels as CompVis does."""
    for half, way, coarse, fine in (("encoder", "down", 1, 0), ("decoder", "up", 0, 1)):
        for ours, theirs in ((coarse, 1), (fine, 0)):
            prefix = f"{half}.{way}_blocks.{ours}."
            if name.startswith(prefix):
                rest = name.removeprefix(prefix).replace("conv_shortcut", "nin_shortcut")
                rest = rest.replace("resnets", "block").replace(f"{way}samplers.0", f"{way}sample")
                return f"{half}.{way}.{theirs}.{rest}"
    for ours, theirs in (
        ("mid_block.resnets.0", "mid.block_1"), ("mid_block.resnets.1", "mid.block_2"),
        ("mid_block.attentions.0.group_norm", "mid.attn_1.norm"),
        ("mid_block.attentions.0.to_q", "mid.attn_1.q"),
        ("mid_block.attentions.0.to_k", "mid.attn_1.k"),
        ("mid_block.attentions.0.to_v", "mid.attn_1.v"),
        ("mid_block.attentions.0.to_out.0", "mid.attn_1.proj_out"),
        ("conv_norm_out", "norm_out"),
    ):  # fmt: skip
        name = name.replace(ours, theirs)
    return name


@pytest.mark.parametrize("prefix", ["", "first_stage_model."])
def test_a_compvis_checkpoint_is_the_same_network(prefix: str) -> None:
    network = _filled(build_autoencoder(PUBLISHED))
    state = {}
    for name, value in network.state_dict().items():
        is_matrix = ".to_" in name and name.endswith("weight")
        state[prefix + _compvis(name)] = value[:, :, None, None] if is_matrix else value
    if prefix:
        state["model.diffusion_model.out.2.weight"] = torch.ones(4, 4)
    else:
        state["loss.logvar"] = torch.ones(())
    assert f"{prefix}encoder.mid.attn_1.proj_out.weight" in state
    assert f"{prefix}decoder.up.0.block.0.nin_shortcut.weight" in state
    pictures = torch.rand(1, 3, 8, 8)
    with torch.inference_mode():
        assert torch.equal(import_state_dict({"state_dict": state})(pictures), network(pictures))


def test_the_older_names_of_attention_are_read() -> None:
    network = _filled(build_autoencoder(PUBLISHED))
    state = network.state_dict()
    for ours, theirs in (("to_q", "query"), ("to_k", "key"), ("to_v", "value"),
                         ("to_out.0", "proj_attn")):  # fmt: skip
        state = {key.replace(ours, theirs): value for key, value in state.items()}
    pictures = torch.rand(1, 3, 8, 8)
    with torch.inference_mode():
        assert torch.equal(import_state_dict(state)(pictures), network(pictures))


def test_the_published_network_of_the_usual_widths_has_the_known_size() -> None:
    with torch.device("meta"):
        network = build_autoencoder("autoencoderkl-i3-z4-w128.256.512.512-n2")
    assert sum(p.numel() for p in network.parameters()) == 83_653_863
    assert network.stride == 8
    assert parse_published("autoencoderkl-i3-z4-w128.256.512.512-n2").stride == 8


@pytest.mark.parametrize(
    ("layout", "channels"), [(AUTOENCODER, 1), (AUTOENCODER, 3), (PUBLISHED, 1), (PUBLISHED, 3)]
)
def test_a_space_takes_grey_and_colour_pictures(layout: str, channels: int) -> None:
    network = _filled(build_autoencoder(layout))
    space = AutoencoderSpace(network, name="test", channels=channels)
    pictures = torch.rand(2, channels, 16, 8)
    latents = space.encode(pictures)
    assert latents.shape[1] == network.latent_channels
    decoded = space.decode(latents)
    assert decoded.shape == pictures.shape
    if channels == 3 and network.channels == 1:
        one = AutoencoderSpace(network, name="test")
        plane = one.decode(one.encode(pictures[1:, 2:]))
        assert torch.allclose(plane[0, 0], decoded[1, 2], atol=1e-6)


def test_a_space_refuses_two_channels_for_three() -> None:
    with pytest.raises(ValueError, match="channels"):
        AutoencoderSpace(build_autoencoder(PUBLISHED), name="test", channels=2)
