"""Encode small videos whose every frame is known."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

av = pytest.importorskip("av", reason="PyAV (the extra `video`) is not installed")


def moving(count: int = 24, rows: int = 48, columns: int = 64, seed: int = 1) -> NDArray[np.uint8]:
    """Return frames of a drifting texture, no two alike, shape (T, Y, X, 3)."""
    noise = np.random.default_rng(seed).normal(size=(rows + count, columns + 2 * count, 3))
    for axis in (0, 1):
        noise = sum(np.roll(noise, n, axis) for n in range(-3, 4))
    texture = np.clip(128 + 40 * noise / noise.std(), 0, 255).astype(np.uint8)
    frames = [texture[n : n + rows, 2 * n : 2 * n + columns] for n in range(count)]
    return np.stack(frames)


def encode(
    path: Path,
    frames: NDArray[Any],
    *,
    codec: str = "mpeg4",
    pix_fmt: str = "yuv420p",
    source: str = "rgb24",
    rate: int = 25,
    stamps: Sequence[int] | None = None,
    options: dict[str, str] | None = None,
    gop: int = 8,
    b_frames: int = 0,
    rotation: int = 0,
    metadata: dict[str, str] | None = None,
    container_format: str | None = None,
) -> Path:
    """Write frames as a video; `stamps` are in milliseconds."""
    with av.open(str(path), "w", format=container_format, options={}) as container:
        container.metadata.update(metadata or {})
        stream = container.add_stream(codec, rate=rate, options=options or {})
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = pix_fmt
        stream.gop_size = gop
        stream.bit_rate = 4_000_000
        if b_frames:
            stream.max_b_frames = b_frames
        if stamps is not None:
            stream.time_base = Fraction(1, 1000)
            stream.codec_context.time_base = Fraction(1, 1000)
        if rotation:
            stream.set_display_rotation(rotation)
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format=source)
            if stamps is not None:
                frame.pts, frame.time_base = stamps[number], Fraction(1, 1000)
            else:
                frame.pts, frame.time_base = number, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def sequential(path: Path) -> list[NDArray[np.uint8]]:
    """Return all frames as PyAV gives them in a row, without our reader."""
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "SLICE"
        return [f.to_ndarray(format="rgb24", src_colorspace=6) for f in container.decode(video=0)]


def sound(path: Path) -> Path:
    """Write a second of silence."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        for number in range(8):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            frame.sample_rate, frame.pts = 8000, 1024 * number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
