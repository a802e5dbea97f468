"""`acutance_models.loading`: nothing but the file of the manifest gets into a network."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from acutance_models import NetworkDescriptor, WeightsError, get_descriptor, load_network
from acutance_models.iqa_resnet.preprocess import preprocess
from acutance_models.loading import load_described
from acutance_models.simulation.volume import corrupt_volume

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def shipped() -> NetworkDescriptor:
    return get_descriptor("iqa_resnet18")


def altered(shipped: NetworkDescriptor, path: Path, **changes: torch.Tensor | None):
    """Return a descriptor of a copy of the weights with some entries changed or left out."""
    state: dict[str, torch.Tensor | None] = {**load_file(shipped.weights_file)}
    state.update({key.replace("__", "."): value for key, value in changes.items()})
    save_file({key: value for key, value in state.items() if value is not None}, str(path))
    data = path.read_bytes()
    return replace(
        shipped,
        weights_file=path,
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def phantom() -> np.ndarray:
    y, x = np.mgrid[-1:1:180j, -1:1:200j]
    head = (x / 0.7) ** 2 + (y / 0.85) ** 2
    tissue = 0.55 + 0.2 * np.sin(13 * x) * np.cos(11 * y) + 0.15 * np.cos(25 * x * y)
    return np.where(head < 1, np.where(head > 0.85, 0.9, tissue), 0.0)


def test_network_is_ready_to_score(shipped: NetworkDescriptor) -> None:
    network = load_network(shipped.id)
    assert not network.training
    assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}


def test_shipped_weights_fall_over_the_ladder_of_a_phantom() -> None:
    network = load_network("iqa_resnet18")
    volume = np.repeat(phantom()[None], 4, axis=0)
    scores = []
    for sigma in (0.0, 1.0, 4.0):
        moved = corrupt_volume(volume, 0, sigma, seed=1)
        images = np.stack([preprocess(image) for image in moved])
        with torch.inference_mode():
            scores.append(float(network(torch.from_numpy(images)[:, None]).mean()))
    assert scores[0] > scores[1] > scores[2]
    # Seeded regression: other weights or another preprocessing would move these.
    assert scores == pytest.approx(EXPECTED_SCORES, abs=2e-3)


def test_a_changed_byte_is_refused_before_parsing(
    shipped: NetworkDescriptor, tmp_path: Path
) -> None:
    path = tmp_path / "weights.safetensors"
    data = bytearray(shipped.weights_file.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(WeightsError, match=r"weights\.safetensors.*SHA-256.*Install") as caught:
        load_described(replace(shipped, weights_file=path))
    assert caught.value.path == path


def test_a_short_file_is_refused(shipped: NetworkDescriptor, tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    path.write_bytes(shipped.weights_file.read_bytes()[:1000])
    with pytest.raises(WeightsError, match="found 1000"):
        load_described(replace(shipped, weights_file=path))


def test_a_missing_file_is_named(shipped: NetworkDescriptor, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"gone\.safetensors"):
        load_described(replace(shipped, weights_file=tmp_path / "gone.safetensors"))


def test_another_format_is_refused(shipped: NetworkDescriptor, tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    path.write_bytes(b"PK\x03\x04 not safetensors")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    descriptor = replace(shipped, weights_file=path, size_bytes=path.stat().st_size, sha256=digest)
    with pytest.raises(WeightsError, match="not a safetensors file"):
        load_described(descriptor)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fc__0__bias": None}, r"fc\.0\.bias"),
        ({"extra": torch.zeros(1)}, "extra"),
        ({"fc__0__bias": torch.tensor([float("nan")])}, "not finite"),
        ({"fc__0__bias": torch.zeros(2)}, "should be"),
        ({"fc__0__bias": torch.zeros(1, dtype=torch.int64)}, "should be"),
    ],
    ids=["missing", "unexpected", "nan", "shape", "type"],
)
def test_weights_fit_whole_or_not_at_all(
    shipped: NetworkDescriptor,
    tmp_path: Path,
    changes: dict[str, torch.Tensor | None],
    message: str,
) -> None:
    with pytest.raises(WeightsError, match=message):
        load_described(altered(shipped, tmp_path / "weights.safetensors", **changes))


EXPECTED_SCORES = [0.9932, 0.7926, 0.7261]
