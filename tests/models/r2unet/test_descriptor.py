"""A segmentation network in a manifest: what it says of itself, and how it is loaded."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import torch

from acutance_models.catalogue import list_descriptors, read_manifest
from acutance_models.loading import load_described
from acutance_models.r2unet.layout import parse_architecture
from acutance_models.r2unet.network import build
from acutance_models.training import export_weights

if TYPE_CHECKING:
    from pathlib import Path

ARCHITECTURE = "r2unet-w4-i1-o3-t2-stepwise"
TABLE = """
[[network]]
id = "tissues"
title = "Tissues"
task = "segmentation"
architecture = "{architecture}"
version = "1"
factory = "acutance_models.r2unet.network:build"
params = {params}
weights_file = "tissues.safetensors"
size_bytes = {size}
sha256 = "{sha256}"
card = "tissues.md"
source = "here"
licence = "Apache-2.0"
attribution = []
training_data = []
held_out = []
metrics = {{}}
classes = ["background", "grey", "white"]
channels = 1
pixel_mm = 1.0
"""


def test_a_network_of_a_manifest_is_loaded_as_it_was_exported(tmp_path: Path) -> None:
    torch.manual_seed(2)
    network = build(ARCHITECTURE)
    network(torch.rand(2, 1, 32, 32))
    weights = tmp_path / "tissues.safetensors"
    export_weights(network, weights)
    data = weights.read_bytes()
    (tmp_path / "manifest.toml").write_text(
        TABLE.format(
            architecture=ARCHITECTURE,
            params=sum(parameter.numel() for parameter in network.parameters()),
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
        ),
        encoding="utf-8",
    )
    (descriptor,) = read_manifest(tmp_path / "manifest.toml")
    assert descriptor.classes == ("background", "grey", "white")
    assert (descriptor.channels, descriptor.pixel_mm) == (1, 1.0)
    loaded = load_described(descriptor)
    assert not loaded.training
    x = torch.rand(1, 1, 33, 40)
    with torch.inference_mode():
        expected = network.half().float().eval()(x)  # the file holds float16
        torch.testing.assert_close(loaded(x), expected)
        assert loaded(x).shape == (1, len(descriptor.classes), 33, 40)


def test_segmentation_networks_of_the_catalogue_describe_their_logits() -> None:
    for descriptor in list_descriptors():
        if descriptor.task == "segmentation":
            made = parse_architecture(descriptor.architecture)
            assert (made.classes, made.in_channels) == (
                len(descriptor.classes),
                descriptor.channels,
            )
        else:
            assert not descriptor.classes
