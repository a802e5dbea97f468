"""`acutance.engines.tiling`: tiles give what the whole slice gives, whatever the memory."""

import pytest
import torch
from torch.nn import functional

from acutance.engines import tiling
from acutance.errors import DeviceMemoryError, EngineError

CPU = torch.device("cpu")


class PoolingNetwork(torch.nn.Module):
    """Looks 28 pixels far, across one pooling of 16: well inside a context of 64."""

    def __init__(self, outputs: int = 3) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.near = torch.nn.Conv2d(1, 4, 5, padding=2)
        self.far = torch.nn.Conv2d(4, 4, 3, padding=1)
        self.out = torch.nn.Conv2d(8, outputs, 3, padding=1)
        self.sizes: list[tuple[int, ...]] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.sizes.append(tuple(x.shape))
        near = torch.relu(self.near(x))
        far = functional.interpolate(self.far(functional.avg_pool2d(near, 16)), scale_factor=16)
        return self.out(torch.cat((near, far), 1)) * 3


class NarrowNetwork(PoolingNetwork):
    """Runs out of memory above some pixels."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.failures = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.shape[0] * x.shape[2] * x.shape[3] > self.most:
            self.failures += 1
            raise torch.OutOfMemoryError("CUDA out of memory")
        return super().forward(x)


def predict(network, slices, *, tile=512, context=64, **more):
    predictor = tiling.TiledPredictor(network.eval(), CPU, tile=tile, context=context, **more)
    return predictor.predict(slices, lambda: None)


@pytest.mark.parametrize("tile", [224, 256])
def test_tiles_give_what_the_whole_gives(tile: int) -> None:
    network = PoolingNetwork()
    slices = torch.rand(1, 1, 301, 345)
    whole = predict(network, slices)
    assert max(network.sizes)[2:] == (304, 352)
    network.sizes.clear()
    tiled = predict(network, slices, tile=tile)
    assert {size[2:] for size in network.sizes} == {(tile, tile)}
    assert tiled.shape == whole.shape == (1, 3, 301, 345)
    assert float((tiled - whole).abs().max()) < 1e-4


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (2, 3), (15, 17), (16, 16), (33, 250)])
def test_every_size_comes_back(size: tuple[int, int]) -> None:
    found = predict(PoolingNetwork(), torch.rand(1, 1, *size))
    assert found.shape == (1, 3, *size)
    assert torch.allclose(found.sum(1), torch.ones(1, *size), atol=1e-5)


def test_every_pixel_of_a_side_is_seen_with_its_context() -> None:
    for length in range(160, 1200, 16):
        covered = torch.zeros(length)
        for begin, end in tiling.tile_spans(length, 256, 64):
            assert begin % 16 == end % 16 == 0
            weight = tiling.fade(begin, end, length, 64)
            covered[begin:end] += weight
            if begin > 0:
                assert not weight[:64].any()
            if end < length:
                assert not weight[-64:].any()
        assert covered.min() > 0.99


def test_less_at_once_then_smaller_tiles_when_memory_ends() -> None:
    slices = torch.rand(2, 1, 320, 320)
    whole = predict(PoolingNetwork(), slices)
    network = NarrowNetwork(60000)
    predictor = tiling.TiledPredictor(network.eval(), CPU, tile=512, context=64)
    found = predictor.predict(slices, lambda: None)
    assert network.failures >= 2
    assert predictor.tile == 224
    assert float((found - whole).abs().max()) < 1e-4
    before = network.failures
    predictor.predict(slices, lambda: None)
    assert network.failures == before


def test_too_little_memory_for_the_smallest_tile_is_named() -> None:
    with pytest.raises(DeviceMemoryError, match="one tile"):
        predict(NarrowNetwork(100), torch.rand(1, 1, 320, 320))


def test_a_fault_of_the_network_is_no_lack_of_memory() -> None:
    def broken(_x):
        raise RuntimeError("size mismatch")

    predictor = tiling.TiledPredictor(broken, CPU, tile=512, context=64)
    with pytest.raises(RuntimeError, match="size mismatch"):
        predictor.predict(torch.rand(1, 1, 32, 32), lambda: None)


def test_values_that_are_no_numbers_are_refused() -> None:
    predictor = tiling.TiledPredictor(lambda x: x * float("nan"), CPU, tile=512, context=64)
    with pytest.raises(EngineError, match="not a number"):
        predictor.predict(torch.rand(1, 1, 32, 32), lambda: None)


def test_mirrored_slices_are_averaged() -> None:
    network = PoolingNetwork()
    slices = torch.rand(1, 1, 64, 64)
    found = predict(network, slices, flips=((), (1,)))
    mirrored = predict(network, slices.flip(3), flips=((), (1,)))
    assert torch.allclose(found, mirrored.flip(3), atol=1e-6)
    assert not torch.allclose(found, predict(network, slices), atol=1e-3)


def test_one_output_is_the_foreground() -> None:
    found = predict(PoolingNetwork(outputs=1), torch.rand(1, 1, 32, 32))
    assert found.shape[1] == 2
    assert torch.allclose(found.sum(1), torch.ones(1, 32, 32))


def test_entropy_runs_from_certain_to_even() -> None:
    even = torch.full((1, 4, 1, 1), 0.25)
    certain = torch.tensor([1.0, 0.0, 0.0, 0.0]).view(1, 4, 1, 1)
    half = torch.tensor([0.5, 0.5, 0.0, 0.0]).view(1, 4, 1, 1)
    values = [float(tiling.normalised_entropy(p)) for p in (certain, half, even)]
    assert values == pytest.approx([0.0, 0.5, 1.0], abs=1e-6)
