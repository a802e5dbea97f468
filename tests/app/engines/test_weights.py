"""`acutance.engines.weights`: what is done to a network before it predicts."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from acutance.engines.weights import fold_normalisation
from acutance_models.iqa_resnet.network import build
from acutance_models.r2unet.network import build as build_segmenter


def test_folding_leaves_the_scores_and_no_normalisation() -> None:
    torch.manual_seed(3)
    network = build("resnet18").eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):  # as after training, not 0 and 1
            module.running_mean.normal_(0.0, 0.2)
            module.running_var.uniform_(0.5, 2.0)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0.0, 0.2)
    folded = fold_normalisation(copy.deepcopy(network))
    assert not any(isinstance(module, nn.BatchNorm2d) for module in folded.modules())
    images = torch.rand(2, 1, 64, 64)
    with torch.inference_mode():
        assert torch.allclose(folded(images), network(images), atol=1e-5)
        plain = network.stages(images)[1]  # the scores of such weights are all near 0 or 1
        assert torch.allclose(folded.stages(images)[1], plain, atol=1e-4 * float(plain.abs().max()))


def test_a_normalisation_without_its_convolution_stays() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.BatchNorm2d(2)).eval()
    images = torch.rand(1, 1, 8, 8)
    plain = network(images)
    assert torch.equal(fold_normalisation(network)(images), plain)
    assert isinstance(network[2], nn.BatchNorm2d)


@pytest.mark.parametrize(
    "name", ["r2unet-w8-i1-o3-t2-stepwise", "r2unet-w8-i1-o3-t1", "unet-w8-i1-o3"]
)
def test_folding_leaves_the_answers_of_a_u_net(name: str) -> None:
    torch.manual_seed(4)
    network = build_segmenter(name).eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0.0, 0.2)
            module.running_var.uniform_(0.5, 2.0)
    images = torch.rand(2, 1, 32, 32)
    with torch.inference_mode():
        plain = network(images)
        folded = fold_normalisation(network)(images)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in network.modules())
    assert torch.allclose(folded, plain, atol=1e-4 * float(plain.abs().max()))
