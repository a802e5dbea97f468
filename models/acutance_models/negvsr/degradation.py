"""Imitate what happens to recordings: twice blur, resizing, noise and JPEG, then video.

The strength of everything is drawn once per clip and walks at random from frame to frame. Frames
are lists of float32 arrays (H, W, 3) in [0, 1] on the way, because their sizes walk too.

References
----------
.. [1] Chan, Zhou, Xu, Loy, "Investigating tradeoffs in real-world video super-resolution",
   CVPR 2022, section 4 and the configuration that was distributed with it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from PIL import Image
from scipy.signal import fftconvolve
from torch.nn import functional

from acutance_models.negvsr.kernels import BlurKernel, draw_kernel, draw_sinc

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Frame = NDArray[np.float32]
    Frames = list[Frame]

CODECS = ("libx264", "h264", "mpeg4")
FRAMES_PER_SECOND = 25
#: Published rates are for frames of this many pixels; ours follow the size.
RATED_PIXELS = 64 * 64
BITRATES = (1e4, 1e5)
#: Encoders count in thousands, and some refuse a rate of none.
_LOWEST_BITRATE = 2000
JPEG_QUALITIES = (30.0, 95.0)
RESIZE_MODES = ("bilinear", "area", "bicubic")
_SMALLEST = 8  # pixels along a side, whatever the scales multiply to
_SINC_PROBABILITY = 0.8
_GREY_PROBABILITY = 0.4


@dataclass(frozen=True)
class Round:
    """How strong one round may be.

    Parameters
    ----------
    blur_probability : float
    sigma : tuple of (float, float)
        Of the blur, pixels.
    resize_probabilities : tuple of float
        Of enlarging, of shrinking, of neither.
    scales : tuple of (float, float)
        Smallest and largest.
    noise_sigma : tuple of (float, float)
        Of Gaussian noise, grey levels of 255.
    poisson_scale : tuple of (float, float)
        What Poisson noise is multiplied by.
    """

    blur_probability: float
    sigma: tuple[float, float]
    resize_probabilities: tuple[float, float, float]
    scales: tuple[float, float]
    noise_sigma: tuple[float, float]
    poisson_scale: tuple[float, float]


FIRST = Round(1.0, (0.2, 3.0), (0.2, 0.7, 0.1), (0.15, 1.5), (1.0, 30.0), (0.05, 3.0))
SECOND = Round(0.8, (0.2, 1.5), (0.3, 0.4, 0.3), (0.3, 1.2), (1.0, 25.0), (0.05, 2.5))


def degrade(
    clip: NDArray[np.float32], size: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Make a poor, small recording of a clip.

    Parameters
    ----------
    clip : ndarray, shape (T, H, W, 3), float32, in [0, 1]
    size : tuple of (int, int)
        Rows and columns of the recording.
    rng : Generator
        Decides everything.

    Returns
    -------
    ndarray, shape (T, *size, 3), float32
        In [0, 1], in steps of 1/255.
    """
    frames = list(clip)
    for strength in (FIRST, SECOND):
        frames = blur(frames, strength, rng)
        frames = resize_at_random(frames, strength, rng)
        frames = add_noise(frames, strength, rng)
        frames = compress_pictures(frames, rng)
    steps: list[Callable[[Frames, np.random.Generator], Frames]] = [
        compress_at_random,
        lambda frames, rng: finish(frames, size, rng),
    ]
    for index in rng.permutation(len(steps)):
        frames = steps[index](frames, rng)
    quantised: NDArray[np.float32] = np.rint(np.stack(frames) * 255.0).astype(np.float32)
    return quantised / np.float32(255.0)


def blur(frames: Frames, strength: Round, rng: np.random.Generator) -> Frames:
    """Blur with a kernel that walks."""
    kernel = draw_kernel(rng, strength.sigma)
    if rng.random() >= strength.blur_probability:
        return frames
    blurred = []
    for frame in frames:
        blurred.append(convolve(frame, kernel))
        kernel = kernel.walk(rng, strength.sigma)
    return blurred


def convolve(frame: Frame, kernel: BlurKernel) -> Frame:
    """Convolve a frame, reflected at its edges; the result is clipped to [0, 1]."""
    margin = kernel.size // 2
    rows, columns = frame.shape[:2]
    # A frame smaller than the margin is reflected more than once.
    inner_rows, inner_columns = (_reflected(side, margin) for side in (rows, columns))
    padded = frame[inner_rows][:, inner_columns]
    shares = kernel.draw().astype(np.float32)[:, :, None]
    blurred: Frame = np.clip(fftconvolve(padded, shares, "valid", axes=(0, 1)), 0.0, 1.0)
    return blurred.astype(np.float32)


def resize_at_random(frames: Frames, strength: Round, rng: np.random.Generator) -> Frames:
    """Resize by a factor that walks."""
    change = rng.choice(3, p=strength.resize_probabilities)
    low, high = ((1.0, strength.scales[1]), (strength.scales[0], 1.0), (1.0, 1.0))[change]
    scale = float(rng.uniform(low, high))
    mode = str(rng.choice(RESIZE_MODES))
    resized = []
    for frame in frames:
        sides = [max(_SMALLEST, round(side * scale)) for side in frame.shape[:2]]
        resized.append(resize(frame, (sides[0], sides[1]), mode))
        if low < high:
            scale = float(np.clip(scale + rng.uniform(-0.015, 0.015), low, high))
    return resized


def resize(frame: Frame, size: tuple[int, int], mode: str) -> Frame:
    """Resize a frame; pixel centres of the corners are not aligned, nothing is filtered first.

    Parameters
    ----------
    frame : ndarray, shape (H, W, 3)
    size : tuple of (int, int)
    mode : str
        Of `RESIZE_MODES`; "area" enlarges bilinearly.
    """
    if frame.shape[:2] == size:
        return frame
    picture = torch.from_numpy(np.ascontiguousarray(frame)).movedim(-1, 0)[None]
    if mode == "area" and all(a <= b for a, b in zip(size, frame.shape, strict=False)):
        made = functional.interpolate(picture, size=size, mode="area")
    else:
        smooth = "bicubic" if mode == "bicubic" else "bilinear"
        made = functional.interpolate(picture, size=size, mode=smooth, align_corners=False)
    return np.ascontiguousarray(made[0].clamp(0.0, 1.0).movedim(0, -1).numpy())


def add_noise(frames: Frames, strength: Round, rng: np.random.Generator) -> Frames:
    """Add Gaussian or Poisson noise, grey or in colour, whose strength walks."""
    is_gaussian, is_grey = bool(rng.random() < 0.5), bool(rng.random() < _GREY_PROBABILITY)
    low, high = strength.noise_sigma if is_gaussian else strength.poisson_scale
    step = 0.1 if is_gaussian else 0.005
    amount = float(rng.uniform(low, high))
    noisy = []
    for frame in frames:
        if is_gaussian:
            shape = (*frame.shape[:2], 1) if is_grey else frame.shape
            noise = rng.normal(0.0, amount / 255.0, shape)
        else:
            noise = amount * _poisson_noise(frame, is_grey, rng)
        noisy.append(np.clip(frame + noise, 0.0, 1.0).astype(np.float32))
        amount = float(np.clip(amount + rng.uniform(-step, step), low, high))
    return noisy


def compress_pictures(frames: Frames, rng: np.random.Generator) -> Frames:
    """Take every frame through JPEG, at a quality that walks."""
    quality = float(rng.uniform(*JPEG_QUALITIES))
    compressed = []
    for frame in frames:
        file = io.BytesIO()
        Image.fromarray(_bytes(frame)).save(file, "JPEG", quality=round(quality))
        with Image.open(file) as picture:
            compressed.append(np.asarray(picture, np.float32) / np.float32(255.0))
        quality = float(np.clip(quality + rng.uniform(-3.0, 3.0), *JPEG_QUALITIES))
    return compressed


def compress_at_random(frames: Frames, rng: np.random.Generator) -> Frames:
    """Take the clip through a video codec; frames get the size of the first."""
    codec = str(rng.choice(CODECS))
    rate = float(rng.uniform(*BITRATES))
    rows, columns = frames[0].shape[:2]
    clip = np.stack([_bytes(resize(frame, (rows, columns), "bilinear")) for frame in frames])
    rate *= clip[0, ..., 0].size / RATED_PIXELS
    return list(compress_video(clip, codec, rate).astype(np.float32) / np.float32(255.0))


def compress_video(clip: NDArray[np.uint8], codec: str, bitrate: float) -> NDArray[np.uint8]:
    """Encode and decode a clip.

    Parameters
    ----------
    clip : ndarray, shape (T, H, W, 3), uint8
    codec : str
        An encoder of FFmpeg.
    bitrate : float
        Bits per second at 25 frames per second.

    Returns
    -------
    ndarray
        Of the same shape and type.

    Raises
    ------
    RuntimeError
        If the codec gives back another number of frames.
    """
    import av  # an extra of the package: only this step needs it

    count, rows, columns = clip.shape[:3]
    below, right = max(16, rows + rows % 2) - rows, max(16, columns + columns % 2) - columns
    padded = np.pad(clip, ((0, 0), (0, below), (0, right), (0, 0)), mode="edge")
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        stream = cast("av.VideoStream", container.add_stream(codec, rate=FRAMES_PER_SECOND))
        stream.width, stream.height = padded.shape[2], padded.shape[1]
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = max(_LOWEST_BITRATE, round(bitrate))
        stream.codec_context.thread_count = 1  # the same bytes on every machine
        for frame in padded:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    file.seek(0)
    with av.open(file, "r") as source:
        decoded = [
            frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
            for frame in source.decode(video=0)
        ]
    if len(decoded) != count:
        raise RuntimeError(f"{codec}: expected {count} frames, got {len(decoded)} back.")
    frames: NDArray[np.uint8] = np.stack(decoded)[:, :rows, :columns]
    return frames


def finish(frames: Frames, size: tuple[int, int], rng: np.random.Generator) -> Frames:
    """Resize to the size of the recording, then filter with a sinc most of the time."""
    mode = str(rng.choice(RESIZE_MODES))
    kernel = draw_sinc(rng)
    frames = [resize(frame, size, mode) for frame in frames]
    if rng.random() >= _SINC_PROBABILITY:
        return frames
    filtered = []
    for frame in frames:
        filtered.append(convolve(frame, kernel))
        kernel = kernel.walk(rng, (1.0, 1.0))
    return filtered


def _poisson_noise(frame: Frame, is_grey: bool, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return noise as of so many photons as there are grey levels, to the next power of 2."""
    counted = np.rint(frame * 255.0) / 255.0
    if is_grey:
        counted = counted @ np.array([[0.299], [0.587], [0.114]])
        counted = np.rint(counted * 255.0) / 255.0
    photons = 2.0 ** np.ceil(np.log2(max(2, len(np.unique(counted)))))
    noise: NDArray[np.float64] = rng.poisson(counted * photons) / photons - counted
    return noise


def _bytes(frame: Frame) -> NDArray[np.uint8]:
    levels: NDArray[np.uint8] = np.rint(np.clip(frame, 0.0, 1.0) * 255.0).astype(np.uint8)
    return levels


def _reflected(side: int, margin: int) -> NDArray[np.intp]:
    """Return the indices of a side with a margin, reflected as often as needed."""
    places = np.abs(np.arange(-margin, side + margin))
    period = max(1, 2 * side - 2)
    places %= period
    return np.minimum(places, period - places) if side > 1 else np.zeros_like(places)
