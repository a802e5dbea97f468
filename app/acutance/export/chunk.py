"""The frames of a chunk, written in one of three ways; runs in the child of exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from acutance.core.clip_export import PACKETS, PICTURES, STORED, ChunkWritten
from acutance.export.atomic import replacing
from acutance.export.frames import burn_mark, picture_values, write_png
from acutance.export.video_packets import encode_chunk, find_codec, write_packets

if TYPE_CHECKING:
    from pathlib import Path

    from acutance.core.clip_export import ChunkWrite
    from acutance.export.deidentify import CancelToken, Progress


def write_chunk(request: ChunkWrite, progress: Progress, token: CancelToken) -> ChunkWritten:
    """Write the frames of a chunk; each file is complete or not there.

    Raises
    ------
    ExportError
        If they cannot be written, or an encoder is missing.
    JobCancelled
        If the user cancelled; looked at before each picture.
    """
    frames = burn_mark(request.frames, request.look)
    token.raise_if_cancelled()
    if request.kind == PACKETS:
        codec = find_codec(request.codec)
        packets = encode_chunk(frames, request.first, request.look, codec, request.rate)
        return ChunkWritten(len(frames), write_packets(request.path, packets))
    if request.kind == STORED:
        with replacing(request.path) as temporary:
            np.ascontiguousarray(frames).tofile(temporary)
        return ChunkWritten(len(frames), frames.nbytes)
    if request.kind != PICTURES:
        raise ValueError(f"no way {request.kind!r} to write frames")
    pictures = picture_values(frames, request.look)
    size = 0
    for place, pixels in enumerate(pictures):
        token.raise_if_cancelled()
        progress.report(place / len(pictures), "Writing pictures")
        size += write_png(
            picture_path(request.folder, request.first + place, request.digits), pixels
        )
    return ChunkWritten(len(frames), size)


def picture_path(folder: Path, number: int, digits: int) -> Path:
    """Return where the picture of a frame is, by its number in the clip; pictures count from 1."""
    return folder / f"{number + 1:0{digits}d}.png"
