from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from acutance_models.errors import WeightsError
from acutance_models.ot_restore.files import load_operator, save_operator
from acutance_models.ot_restore.moments import Moments
from acutance_models.ot_restore.operator import FittedOperator, fit_operator
from acutance_models.ot_restore.patches import centred_patches, fold_patches, valid_patches
from acutance_models.ot_restore.restore import blend, perceptual_end, transport_latents
from acutance_models.ot_restore.spaces import BlockPcaSpace, PixelSpace

if TYPE_CHECKING:
    from pathlib import Path


def pictures(seed: int, channels: int = 1, side: int = 24) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(2, channels, side, side, generator=generator)


def smooth(x: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.avg_pool2d(x, 3, 1, 1, count_include_pad=False)


def fitted(patch: int = 3, *, seed: int = 0, **options: float | None) -> FittedOperator:
    sharp, blurred = pictures(seed), smooth(pictures(seed + 1))
    source, target = (Moments.of(valid_patches(x, patch).numpy()) for x in (blurred, sharp))
    return fit_operator(
        source, target, name="test", version="1", space="pixels", patch=patch,
        provenance={"made": "of noise"}, **options,
    )  # fmt: skip


@pytest.mark.parametrize("size", [3, 5])
@pytest.mark.parametrize("kernel", [1, 3, None])
@pytest.mark.parametrize("sigma", [0.7, math.inf])
def test_fold_undoes_unfold(size: int, kernel: int | None, sigma: float) -> None:
    maps = pictures(0, 4, 9)[..., :7].double()
    back = fold_patches(centred_patches(maps, size), maps.shape, size, kernel=kernel, sigma=sigma)
    assert (back - maps).abs().max() < 1e-12


def test_patches_run_over_channel_row_column() -> None:
    maps = torch.arange(2 * 3 * 3.0).reshape(1, 2, 3, 3)
    assert torch.equal(valid_patches(maps, 3), torch.arange(18.0)[None])


def test_only_the_middle_of_a_patch_counts_with_kernel_one() -> None:
    maps = pictures(1, 1, 6).double()
    patches = centred_patches(maps, 3) + torch.tensor([5.0] * 4 + [0.0] + [5.0] * 4)
    assert torch.allclose(fold_patches(patches, maps.shape, 3, kernel=1), maps)


def test_no_transport_and_alpha_one_return_the_restoration_bit_for_bit() -> None:
    x = smooth(pictures(2)) * 1.2 - 0.1  # also outside [0, 1]
    assert torch.equal(perceptual_end(x, PixelSpace(), None), x)
    end = perceptual_end(x, PixelSpace(), fitted())
    assert not torch.equal(end, x)
    assert torch.equal(blend(end, x, 1.0), x)
    assert torch.equal(blend(end, x, 0.0, limits=None), end)
    assert blend(end, x, 0.5).min() >= 0


def test_squared_error_is_quadratic_in_alpha() -> None:
    truth, x = pictures(3).double(), smooth(pictures(3)).double()
    end = perceptual_end(x, PixelSpace(), fitted())
    alphas = np.linspace(-1, 2, 13)
    errors = [float(((blend(end, x, a, limits=None) - truth) ** 2).mean()) for a in alphas]
    fit = np.polyfit(alphas, errors, 2)
    assert np.allclose(np.polyval(fit, alphas), errors, rtol=1e-10)
    assert fit[0] == pytest.approx(float(((end - x) ** 2).mean()))


@pytest.mark.parametrize("patch", [3, 5])
def test_transport_moves_the_source_toward_the_target(patch: int) -> None:
    operator = fitted(patch, shrinkage=0.0, gain=None)
    moved = transport_latents(smooth(pictures(1)), operator)
    blurred, sharp = smooth(pictures(1)).std(), pictures(0).std()
    assert abs(moved.std() - sharp) < 0.5 * abs(blurred - sharp)


def test_few_samples_stay_finite_and_seeded() -> None:
    few = Moments.of(valid_patches(smooth(pictures(4, 1, 5)), 3).numpy()[:6])
    many = Moments.of(valid_patches(pictures(5), 3).numpy())
    operator = fit_operator(
        few, many, name="few", version="1", space="pixels", patch=3, shrinkage=0.0
    )
    assert operator.noise_root is not None
    assert operator.report.source_rank == 5
    assert operator.report.source_condition == math.inf
    first, again, other = (transport_latents(pictures(6), operator, seed=s) for s in (1, 1, 2))
    assert torch.isfinite(first).all()
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert (first - other).std(dim=(2, 3)).min() > 0  # its own noise at every site
    shrunk = fit_operator(few, many, name="few", version="1", space="pixels", patch=3)
    assert shrunk.noise_root is None
    assert math.isfinite(shrunk.report.source_condition)


def test_gain_is_capped_and_reported() -> None:
    operator = fitted(gain=1.5)
    assert operator.report.capped > 0
    assert np.linalg.norm(operator.matrix, 2) == pytest.approx(1.5)
    assert operator.report.largest_gain > 1.5


def test_all_components_lose_nothing_and_few_are_the_leading() -> None:
    x = pictures(7, 3).double()
    whole = BlockPcaSpace.fit([x], stride=4, components=48)
    assert (whole.decode(whole.encode(x)) - x).abs().max() < 1e-12
    errors = [
        float((s.decode(s.encode(x)) - x).square().mean())
        for s in (BlockPcaSpace.fit([x[:1], x[1:]], stride=4, components=k) for k in (4, 16, 40))
    ]
    assert errors[0] > errors[1] > errors[2] > 0
    with pytest.raises(ValueError, match="multiples of 4"):
        whole.encode(x[..., :23])


def test_operator_of_another_space_is_refused() -> None:
    space = BlockPcaSpace.fit([pictures(8)], stride=2, components=4)
    with pytest.raises(ValueError, match="fitted in pixels"):
        perceptual_end(pictures(8), space, fitted())


def test_file_returns_what_was_saved(tmp_path: Path) -> None:
    operator, path = fitted(), tmp_path / "operator.safetensors"
    digest = save_operator(operator, path)
    back = load_operator(path, sha256=digest)
    assert np.array_equal(back.matrix, operator.matrix)
    assert back.report == operator.report
    assert dict(back.provenance) == {"made": "of noise"}
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    assert save_operator(back, path) == digest


def test_changed_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "operator.safetensors"
    digest = save_operator(fitted(), path)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(WeightsError, match="changed"):
        load_operator(path)
    with pytest.raises(WeightsError, match="SHA-256"):
        load_operator(path, sha256=digest)
    save_operator(replace(fitted(), patch=5), path)
    with pytest.raises(WeightsError, match="of the shape"):
        load_operator(path)
    path.write_bytes(b"no operator")
    with pytest.raises(WeightsError, match="no operator"):
        load_operator(path)


def test_the_spectrum_gap_sees_detail_and_not_brightness() -> None:
    rng = np.random.default_rng(3)
    sharp = rng.standard_normal((6000, 9)) @ np.diag(np.linspace(1.0, 0.3, 9))
    soft = sharp @ np.diag(np.linspace(1.0, 0.2, 9))
    operator = fit_operator(
        Moments.of(soft), Moments.of(sharp), name="a", version="1", space="pixels", patch=3
    )
    same, half = (operator.spectrum_gap(Moments.of(x)) for x in (sharp, (sharp + soft) / 2))
    far = operator.spectrum_gap(Moments.of(soft))
    assert same == pytest.approx(0.0, abs=1e-6)
    assert same < half < far
    assert operator.spectrum_gap(Moments.of(0.2 * soft + 5.0)) == pytest.approx(far, rel=0.02)
    assert replace(operator, cov_target=None).spectrum_gap(Moments.of(soft)) is None
