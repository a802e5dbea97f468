"""`acutance_models.simulation.reference`, and the published formulas said a second time."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage
from scipy.ndimage import gaussian_filter
from skimage import exposure

from acutance_models.simulation.contrast import (
    ClaheDraw,
    ContrastDraw,
    GammaDraw,
    IdentityDraw,
    LogDraw,
    SigmoidDraw,
    apply_contrast,
)
from acutance_models.simulation.ghosting import GhostingDraw, apply_ghosting
from acutance_models.simulation.motion import apply_rotation_motion, draw_rotation_motion
from acutance_models.simulation.reference import (
    SpatialMotionDraw,
    apply_spatial_motion,
    apply_thin_ghosting,
    draw_spatial_motion,
    floor_noise,
)
from acutance_models.simulation.rigid import RigidMotionDraw, apply_rigid_motion


def picture(height: int = 60, width: int = 52) -> np.ndarray:
    smooth = gaussian_filter(np.random.default_rng(0).random((height - 16, width - 16)), 2)
    return np.pad((smooth - smooth.min()) / (smooth.max() - smooth.min()), 8)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("seed", range(2))
def test_rotation_motion_is_one_rotation_for_each_line(axis: int, seed: int) -> None:
    image = picture()
    draw = draw_rotation_motion(np.random.default_rng(seed), image.shape[axis], (0.01, 5.0))
    spectrum = np.zeros(image.shape, complex)
    for line, direction in enumerate(draw.directions):
        turned = ndimage.rotate(image, direction * draw.sigma_deg, reshape=False, order=3)
        if axis == 0:
            spectrum[line] = np.fft.fft2(turned)[line]
        else:
            spectrum[:, line] = np.fft.fft2(turned)[:, line]
    expected = np.abs(np.fft.ifft2(spectrum))
    expected /= expected.max()
    assert np.abs(apply_rotation_motion(image, draw, axis=axis) - expected).max() < 1e-10


def published_contrast(image: np.ndarray, draw: ContrastDraw) -> np.ndarray:
    match draw:
        case GammaDraw(exponent):
            image = exposure.adjust_gamma(image, exponent)
        case ClaheDraw(tile):
            image = exposure.equalize_adapthist(
                image, kernel_size=(tile, tile), clip_limit=0.01, nbins=512
            )
        case SigmoidDraw(cutoff, gain):
            image = exposure.adjust_sigmoid(image, cutoff, gain)
        case LogDraw(gain):
            image = np.abs(exposure.adjust_log(image, gain))
    return (image - image.min()) / (image.max() - image.min())


@pytest.mark.parametrize(
    "draw",
    [
        GammaDraw(0.8),
        GammaDraw(1.7),
        ClaheDraw(25),
        ClaheDraw(41),
        SigmoidDraw(0.3, 1),
        SigmoidDraw(0.7, 3),
        LogDraw(-0.4),
        IdentityDraw(),
    ],
)
def test_contrast_is_the_published_formula(draw: ContrastDraw) -> None:
    difference = apply_contrast(picture(), draw) - published_contrast(picture(), draw)
    assert np.abs(difference).max() < 1e-10


def test_the_floor_does_nothing_on_raw_intensities() -> None:
    image = picture()
    scaled, raw = floor_noise(image), floor_noise(1000.0 * image + 30.0)
    assert np.mean(scaled == 0.0) > np.mean(raw == 0.0)
    assert raw == pytest.approx(image, abs=1e-12)


def test_in_plane_motion_of_the_thin_volume_is_the_recommended_motion() -> None:
    """With rotations about the normal alone both modes describe the same movement."""
    image, centre = picture(), 7.0
    thin = SpatialMotionDraw(((4.0, 0.0, 0.0),), ((0.0, 0.0, 0.0),), (0.8,))
    plane = RigidMotionDraw((0.0, 4.0), ((0.0, 0.0), (0.0, 0.0)), (0.8,))
    ours, theirs = apply_spatial_motion(image, thin), apply_rigid_motion(image, plane, axis=1)
    # The modes disagree about which copy the first part is taken from and by half a pixel
    # about the centre of rotation; the strength of the corruption is alike.
    change = np.abs(ours - image).mean() / np.abs(theirs - image).mean()
    assert 1 / centre < change < centre


def test_motion_out_of_the_thin_volume_loses_the_slice() -> None:
    image = picture()
    out = SpatialMotionDraw(((0.0, 0.0, 0.0),), ((3.0, 0.0, 0.0),), (0.2,))
    kept = SpatialMotionDraw(((0.0, 0.0, 0.0),), ((0.3, 0.0, 0.0),), (0.2,))
    assert np.sum(apply_spatial_motion(image, out) ** 2) < 0.9 * np.sum(image**2)
    assert apply_spatial_motion(image, kept) == pytest.approx(image, abs=1e-12)


def test_the_unmoved_slice_takes_the_part_after_the_middle() -> None:
    """A movement in the first half leaves the centre of k-space, and so the mean, alone."""
    draw = SpatialMotionDraw(((0.0, 0.0, 0.0),) * 2, ((9.0, 0.0, 0.0), (0.0, 0.0, 0.0)), (0.3, 0.7))
    assert apply_spatial_motion(picture(), draw).mean() == pytest.approx(picture().mean())


def test_ghosting_along_the_one_voxel_axis_does_nothing() -> None:
    thin = GhostingDraw(3, 0, 0.6, 0.015)
    assert np.array_equal(apply_thin_ghosting(picture(), thin), picture())
    rows = apply_thin_ghosting(picture(), GhostingDraw(3, 1, 0.6, 0.015))
    assert np.array_equal(rows, apply_ghosting(picture(), thin))


def test_draws_are_as_published() -> None:
    rng = np.random.default_rng(1)
    draws = [draw_spatial_motion(rng) for _ in range(200)]
    assert {len(draw.times) for draw in draws} == set(range(2, 10))
    assert all(list(draw.times) == sorted(draw.times) for draw in draws)
    assert 9.0 < max(np.abs(draw.angles_deg).max() for draw in draws) <= 10.0
    with pytest.raises(ValueError, match="2 angles"):
        apply_spatial_motion(picture(), SpatialMotionDraw((), (), (0.2, 0.6)))
