"""Images that are no MR slices of a brain, to teach a detector what is out of scope.

Phantoms, bodies, textures, scattered shapes, heads as CT shows them, and shuffled pictures: all
drawn at random, so that no real phantom, chest or CT has to be trained on and those at hand can
be used to measure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from acutance_models.simulation.painting import (
    CONTROL_POINTS,
    FIRST_EXTRACEREBRAL,
    draw_painting,
    paint,
    smooth_field,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SIDE = 128
SHELL = 1  # a code that no label map uses


def draw_texture(rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw noise of a random power spectrum, half of the time inside an ellipse.

    Parameters
    ----------
    rng : numpy.random.Generator
        Advanced by the call, as in all functions of this module.

    Returns
    -------
    ndarray, shape (128, 128), float32
    """
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(SIDE), np.fft.fftfreq(SIDE)))
    frequency[0, 0] = 1.0 / SIDE
    spectrum = np.fft.fft2(rng.standard_normal((SIDE, SIDE))) * frequency ** -rng.uniform(0, 2.5)
    noise = np.fft.ifft2(spectrum).real
    noise = np.abs(noise) if rng.random() < 0.3 else noise - noise.min()
    if rng.random() < 0.5:
        noise = noise * _ellipse(rng)
    return noise.astype(np.float32)


def draw_phantom(rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw a test object: a body of one intensity with holes, bars, wedges or nothing in it."""
    rows, columns = _grid()
    radius = (
        rng.uniform(0.45, 0.95, 2) if rng.random() < 0.4 else np.full(2, rng.uniform(0.4, 0.95))
    )
    power = 2.0 if rng.random() < 0.75 else rng.uniform(3.0, 12.0)
    centre = rng.uniform(-0.1, 0.1, 2)
    distance = np.abs((rows - centre[0]) / radius[0]) ** power
    distance += np.abs((columns - centre[1]) / radius[1]) ** power
    image = (distance < 1.0).astype(np.float64)
    if rng.random() < 0.3:
        image[(distance > rng.uniform(0.6, 0.9)) & (distance < 1.0)] = rng.uniform(0.1, 1.5)
    for _ in range(int(rng.integers(0, 6))):
        kind = rng.integers(4)
        level, place = rng.choice([0.0, rng.uniform(0.2, 1.6)]), rng.uniform(-0.6, 0.6, 2)
        size = rng.uniform(0.03, 0.4, 2)
        if kind == 0:
            inside = np.hypot(rows - place[0], columns - place[1]) < size[0]
        elif kind == 1:
            inside = (np.abs(rows - place[0]) < size[0]) & (np.abs(columns - place[1]) < size[1])
        elif kind == 2:
            pitch, width = rng.uniform(0.08, 0.35), rng.uniform(0.2, 0.6)
            bars = (rows / pitch) % 1.0 < width
            if rng.random() < 0.5:
                bars |= (columns / pitch) % 1.0 < width
            inside = bars & (np.abs(rows) < size[0] + 0.2) & (np.abs(columns) < size[1] + 0.2)
        else:
            inside = np.zeros_like(image, dtype=bool)
            step = rng.uniform(0.1, 0.3)
            for y in np.arange(-0.5, 0.51, step):
                for x in np.arange(-0.5, 0.51, step):
                    inside |= np.hypot(rows - y, columns - x) < step / 4
        image = np.where(inside & (distance < 1.0), level, image)
    return _finish(image, rng, largest_bias=0.5)


def draw_test_slab(rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw a slice of a filled cylinder with the inserts of an accreditation phantom.

    Rows of holes in a block, bars and wedges at the rim, a grid of lines, spokes of faint discs, a
    slot that is empty, an air bubble: those that a slice of the ACR's large phantom shows [1]_,
    each at a size, place and angle of its own, so that no phantom in particular is learnt.

    References
    ----------
    .. [1] American College of Radiology, "Phantom test guidance for use of the large MRI phantom",
       2018, sections 0 to 7.
    """
    rows, columns = _grid()
    radius, level = rng.uniform(0.5, 0.95), rng.uniform(0.6, 1.0)
    distance = np.hypot(rows - rng.uniform(-0.05, 0.05), columns - rng.uniform(-0.05, 0.05))
    body = distance < radius
    image = np.where(body, level, 0.0)
    dark = rng.choice([0.0, level * rng.uniform(0.0, 0.5)])
    u, v = rows / radius, columns / radius
    for insert in rng.permutation(7)[: int(rng.integers(0, 5))]:
        if insert == 0:  # a block with rows of holes, bright in dark
            place, half = rng.uniform(-0.4, 0.4, 2), rng.uniform(0.15, 0.45, 2)
            block = (np.abs(u - place[0]) < half[0]) & (np.abs(v - place[1]) < half[1])
            pitch = rng.uniform(0.05, 0.14)
            holes = (u / pitch % 1.0 < 0.5) & (v / pitch % 1.0 < 0.5)
            image = np.where(block, np.where(holes, level, dark), image)
        elif insert == 1:  # two bars side by side at the rim, or a wedge
            length, width = rng.uniform(0.1, 0.35), rng.uniform(0.02, 0.08)
            for side in (-1, 1):
                bar = (np.abs(v - side * width) < 0.7 * width) & (u < -1.0 + length)
                bar |= (np.abs(v - side * width) < 0.7 * width) & (u > 1.0 - length * 0.8)
                image = np.where(bar & body, dark, image)
        elif insert == 2:  # a grid of lines
            pitch, width = rng.uniform(0.12, 0.3), rng.uniform(0.1, 0.25)
            lines = (u / pitch % 1.0 < width) | (v / pitch % 1.0 < width)
            extent = rng.uniform(0.5, 0.95)
            image = np.where(lines & (np.hypot(u, v) < extent), dark, image)
        elif insert == 3:  # spokes of faint discs about the middle
            spokes, faint = int(rng.integers(6, 13)), level * (1 + rng.uniform(0.03, 0.3))
            for spoke in range(spokes):
                size = 0.08 * (1 - 0.7 * spoke / spokes)
                for ring in (0.2, 0.38, 0.55):
                    turn = 2 * np.pi * spoke / spokes
                    disc = np.hypot(u - ring * np.sin(turn), v - ring * np.cos(turn)) < size
                    image = np.where(disc, faint, image)
        elif insert == 4:  # a slot across the middle, thin ramps in it
            height = rng.uniform(0.04, 0.2)
            slot = (np.abs(u) < height) & (np.abs(v) < rng.uniform(0.4, 1.0))
            image = np.where(slot & body, dark, image)
            ramp = slot & (np.abs(u - rng.uniform(-0.5, 0.5) * height) < 0.25 * height)
            image = np.where(ramp & body, level * rng.uniform(0.3, 0.9), image)
        elif insert == 5:  # an air bubble
            image = np.where(u < -rng.uniform(0.6, 0.95), 0.0, image)
        else:  # a wall
            wall = (distance > radius * rng.uniform(0.85, 0.97)) & body
            image = np.where(wall, level * rng.uniform(0.0, 1.5), image)
    shift = rng.uniform(-0.15, 0.15, 2) * SIDE
    return _finish(ndimage.shift(image, shift, order=1), rng, largest_bias=0.5)


def draw_bottles(rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw one to nine bottles or tubes of liquids, upright, lying or in section."""
    rows, columns = _grid()
    image = np.zeros((SIDE, SIDE))
    count = int(rng.choice([1, 1, 2, 2, 3, 4, 6, 9]))
    across = int(np.ceil(np.sqrt(count)))
    bath = rng.uniform(0.0, 0.6) if count > 2 and rng.random() < 0.4 else 0.0
    image[np.hypot(rows, columns) < 0.97] = bath
    power = 2.0 if rng.random() < 0.5 else rng.uniform(3.0, 10.0)
    for number in range(count):
        step = 2.0 / across
        place = (np.array(divmod(number, across)) + 0.5) * step - 1.0
        size = rng.uniform(0.5, 0.95, 2) * step / 2
        distance = np.abs((rows - place[0]) / size[0]) ** power
        distance += np.abs((columns - place[1]) / size[1]) ** power
        level = rng.uniform(0.2, 1.0)
        image = np.where(distance < 1.0, level, image)
        if rng.random() < 0.3:  # not full
            image = np.where((distance < 1.0) & (rows - place[0] < -0.5 * size[0]), 0.0, image)
        if rng.random() < 0.3:  # another tube inside
            image = np.where(distance < rng.uniform(0.02, 0.3), rng.uniform(0.0, 1.2), image)
    return _finish(image, rng, largest_bias=0.5)


def draw_body(rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw a section of a trunk or limb: rim of fat, muscle, organs, lungs, bones."""
    rows, columns = _grid()
    image = np.zeros((SIDE, SIDE))
    parts = int(rng.choice([1, 1, 1, 2]))
    for part in range(parts):
        shift = (part - (parts - 1) / 2) * rng.uniform(0.7, 1.0)
        wide, tall = rng.uniform(0.7, 0.98) / parts, rng.uniform(0.4, 0.75)
        bend = smooth_field(rng.normal(0.0, 0.12, (CONTROL_POINTS,) * 2), (SIDE, SIDE))
        distance = np.hypot((columns - shift) / wide, rows / tall) + bend
        body = distance < 1.0
        image[body] = rng.uniform(0.4, 1.0)  # fat
        image[distance < rng.uniform(0.78, 0.95)] = rng.uniform(0.1, 0.6)  # muscle
        inner = distance < 0.8
        if parts == 1 and rng.random() < 0.5:
            for side in (-1, 1):
                lung = (
                    np.hypot(
                        (columns - side * rng.uniform(0.3, 0.45) * wide) / (0.35 * wide),
                        (rows + rng.uniform(-0.1, 0.1)) / (0.6 * tall),
                    )
                    < 1.0
                )
                image[lung & inner] = rng.uniform(0.0, 0.08)
        for _ in range(int(rng.integers(1, 9))):
            place = rng.uniform(-0.6, 0.6, 2) * (tall, wide)
            size = rng.uniform(0.04, 0.35, 2)
            organ = np.hypot((rows - place[0]) / size[0], (columns - shift - place[1]) / size[1])
            image[(organ + 2 * bend < 1.0) & inner] = rng.uniform(0.0, 1.0)
    return _finish(image, rng, largest_bias=0.4)


def draw_shapes(rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw scattered discs, boxes, lines and cells of a random tessellation."""
    rows, columns = _grid()
    if rng.random() < 0.4:
        points = rng.uniform(-1.0, 1.0, (int(rng.integers(4, 60)), 2))
        nearest = np.argmin(
            (rows[..., None] - points[:, 0]) ** 2 + (columns[..., None] - points[:, 1]) ** 2, -1
        )
        image = rng.uniform(0.0, 1.0, len(points))[nearest]
        if rng.random() < 0.5:
            image = image * _ellipse(rng)
        return _finish(image, rng, largest_bias=0.3)
    image = np.full((SIDE, SIDE), rng.uniform(0.0, 0.5))
    for _ in range(int(rng.integers(1, 40))):
        place, size = rng.uniform(-1.0, 1.0, 2), rng.uniform(0.02, 0.5, 2)
        if rng.random() < 0.5:
            inside = np.hypot((rows - place[0]) / size[0], (columns - place[1]) / size[1]) < 1.0
        else:
            turn = rng.uniform(0.0, np.pi)
            along = (rows - place[0]) * np.cos(turn) + (columns - place[1]) * np.sin(turn)
            across = (columns - place[1]) * np.cos(turn) - (rows - place[0]) * np.sin(turn)
            inside = (np.abs(along) < size[0]) & (np.abs(across) < size[1])
        image = np.where(inside, rng.uniform(0.0, 1.0), image)
    return _finish(image, rng, largest_bias=0.3)


def draw_ct_head(labels: NDArray[np.integer], rng: np.random.Generator) -> NDArray[np.float32]:
    """Paint a label map as CT shows a head: brain of nearly one grey, bright bone.

    Parameters
    ----------
    labels : ndarray, shape (H, W), integer
        FreeSurfer codes and codes from 500 on for what surrounds the brain.
    rng : numpy.random.Generator
        Advanced by the call.

    Returns
    -------
    ndarray, shape (H, W), float32
    """
    draw = draw_painting(rng, np.unique(labels).tolist(), 2)
    level = rng.uniform(0.25, 0.5)
    draw.means[:] = level + rng.normal(0.0, 0.008, len(draw.means))
    draw.spreads[:] = rng.uniform(0.0, 0.02)
    draw.means[[code for code in (4, 5, 14, 15, 24, 43, 44) if code < len(draw.means)]] -= 0.03
    codes = np.arange(FIRST_EXTRACEREBRAL, len(draw.means))
    draw.means[codes] = level * rng.uniform(0.5, 1.1, len(codes))
    bony = codes[rng.random(len(codes)) < 0.3]
    draw.means[bony] = rng.uniform(0.8, 1.5)
    draw.means[0], draw.spreads[0] = 0.0, 0.0
    if rng.random() < 0.5:  # a bright shell about the brain, whatever the labels say
        is_brain = (labels > 0) & (labels < FIRST_EXTRACEREBRAL)
        within = ndimage.binary_dilation(is_brain, iterations=2)
        shell = ndimage.binary_dilation(within, iterations=int(rng.integers(3, 9))) & ~within
        labels = np.where(shell, SHELL, labels)
        draw.means[SHELL], draw.spreads[SHELL] = 1.3, 0.02
    image, _ = paint(labels, draw)
    windowed: NDArray[np.float32] = np.clip(image / rng.uniform(0.5, 1.0), 0.0, 1.0)
    return windowed.astype(np.float32)


def shuffle_tiles(image: NDArray[np.floating], rng: np.random.Generator) -> NDArray[np.float32]:
    """Cut a picture into 4 x 4 to 8 x 8 tiles and put them together in another order."""
    tiles = int(rng.integers(4, 9))
    height, width = (n // tiles * tiles for n in image.shape)
    grid = image[:height, :width].reshape(tiles, height // tiles, tiles, width // tiles)
    cut = grid.transpose(0, 2, 1, 3).reshape(tiles * tiles, height // tiles, width // tiles)
    mixed = cut[rng.permutation(len(cut))].reshape(tiles, tiles, height // tiles, width // tiles)
    return mixed.transpose(0, 2, 1, 3).reshape(height, width).astype(np.float32)


DRAWN: tuple[Callable[[np.random.Generator], NDArray[np.float32]], ...] = (
    draw_texture,
    draw_phantom,
    draw_test_slab,
    draw_bottles,
    draw_body,
    draw_body,
    draw_shapes,
)


def _grid() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rows, columns = np.meshgrid(*(np.linspace(-1.0, 1.0, SIDE),) * 2, indexing="ij")
    return rows, columns


def _ellipse(rng: np.random.Generator) -> NDArray[np.bool_]:
    rows, columns = _grid()
    radius = rng.uniform(0.4, 0.95, 2)
    inside: NDArray[np.bool_] = np.hypot(rows / radius[0], columns / radius[1]) < 1.0
    return inside


def _finish(
    image: NDArray[np.float64], rng: np.random.Generator, *, largest_bias: float
) -> NDArray[np.float32]:
    """Blur, shade and add noise, as an acquisition would; turn by any angle."""
    image = ndimage.rotate(image, rng.uniform(-20.0, 20.0), reshape=False, order=1)
    image = ndimage.gaussian_filter(image, rng.uniform(0.2, 1.2))
    field = rng.normal(0.0, rng.uniform(0.0, largest_bias), (CONTROL_POINTS,) * 2)
    image = image * np.exp(smooth_field(field, image.shape))
    noise = rng.normal(0.0, rng.uniform(0.0, 0.06), (2, *image.shape))
    magnitude: NDArray[np.float32] = np.hypot(image + noise[0], noise[1]).astype(np.float32)
    return magnitude
