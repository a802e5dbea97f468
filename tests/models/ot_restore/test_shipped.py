"""The networks for restoration that the catalogue holds, on a phantom nobody trained on."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from acutance_models import list_descriptors, load_network
from acutance_models.ot_restore.degradation import add_rician, compress
from acutance_models.ot_restore.spaces import AutoencoderSpace

RESTORERS = [d.id for d in list_descriptors() if d.task == "restoration"]
AUTOENCODERS = [d.id for d in list_descriptors() if d.task == "autoencoder"]


def _phantom() -> np.ndarray:
    """Draw a head of ellipses with soft borders, (96, 96), float32, in [0, 1]."""
    rows, columns = np.mgrid[-1:1:96j, -1:1:96j]
    image = np.zeros((96, 96))
    for level, tall, wide, down, right in (
        (0.9, 0.9, 0.75, 0, 0), (-0.4, 0.8, 0.66, 0, 0), (0.25, 0.5, 0.2, 0, 0.3),
        (-0.3, 0.3, 0.12, -0.1, -0.25), (0.2, 0.12, 0.12, 0.4, 0.1),
    ):  # fmt: skip
        distance = np.hypot((rows - down) / tall, (columns - right) / wide)
        image += level / (1.0 + np.exp(30.0 * (distance - 1.0)))
    return np.clip(image, 0.0, 1.0).astype(np.float32)


def _psnr(picture: torch.Tensor, truth: torch.Tensor) -> float:
    return float(-10.0 * torch.log10(((picture - truth) ** 2).mean()))


@pytest.mark.parametrize("network_id", AUTOENCODERS)
def test_a_shipped_autoencoder_keeps_a_phantom(network_id: str) -> None:
    space = AutoencoderSpace(load_network(network_id), name=network_id)
    truth = torch.from_numpy(_phantom())[None, None]
    assert _psnr(space.decode(space.encode(truth)), truth) > 38.0


@pytest.mark.parametrize("network_id", RESTORERS)
def test_a_shipped_restorer_lowers_the_error_it_was_made_for(network_id: str) -> None:
    network = load_network(network_id)
    clean = _phantom()
    rng = np.random.default_rng(0)
    if network.channels == 3:
        coloured = np.stack([clean, 0.8 * clean, 0.5 + 0.3 * clean], -1)
        pair = (np.moveaxis(image, 2, 0)[None] for image in (compress(coloured, 15), coloured))
    else:
        pair = (image[None, None] for image in (add_rician(clean, 0.05, rng), clean))
    damaged, truth = (torch.from_numpy(np.ascontiguousarray(image)) for image in pair)
    with torch.inference_mode():
        restored = network(damaged)
    gain = 6.0 if network_id.endswith(("denoise", "perceptual")) else 0.3
    assert _psnr(restored, truth) > _psnr(damaged, truth) + gain
