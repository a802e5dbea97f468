"""From decoded frames to arrays: depth and grey kept, turned as the file asks for."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.io.video_file import display_matrix

if TYPE_CHECKING:
    from av.video.format import VideoFormat
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

#: Grey formats whose values are kept as they are stored, by bits.
_GREY = {8: "gray", 9: "gray9le", 10: "gray10le", 12: "gray12le", 14: "gray14le", 16: "gray16le"}
#: "unspecified" in ITU-T H.273, table 4; what is meant then is told by the size of the picture.
_UNSPECIFIED = 2
_BT709, _BT601 = 1, 6
_HD_ROWS = 720


@dataclass(frozen=True)
class Picture:
    """How the frames of a video become arrays.

    Parameters
    ----------
    width, height : int
        Of the coded frame, before it is turned.
    target : str
        The pixel format that frames are converted to.
    channels : int
        1 or 3.
    bits : int
        Bits of a component in the file.
    turn : tuple of bool
        Whether rows and columns change places, then whether rows and columns are reversed.
    facts : dict
        What is worth telling.
    notes : tuple of str
    """

    width: int
    height: int
    target: str
    channels: int
    bits: int
    turn: tuple[bool, bool, bool] = (False, False, False)
    facts: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the arrays."""
        return np.dtype(np.uint8 if self.target in ("gray", "rgb24") else np.uint16)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, columns and channels as shown."""
        if self.turn[0]:
            return self.width, self.height, self.channels
        return self.height, self.width, self.channels

    @property
    def frame_bytes(self) -> int:
        """Bytes of one array."""
        return self.width * self.height * self.channels * self.dtype.itemsize

    def array(self, frame: VideoFrame) -> NDArray[Any]:
        """Return a frame as an array of `shape` and `dtype`.

        A frame of another size than the first is scaled to it.
        """
        space = frame.colorspace
        if space == _UNSPECIFIED:
            space = _BT709 if frame.height >= _HD_ROWS else _BT601
        same_size = (frame.width, frame.height) == (self.width, self.height)
        if frame.format.name == self.target and same_size:
            pixels = frame.to_ndarray()
        else:
            pixels = frame.reformat(
                width=self.width, height=self.height, format=self.target, src_colorspace=space
            ).to_ndarray()
        pixels = pixels.reshape(self.height, self.width, self.channels)
        transposed, rows_reversed, columns_reversed = self.turn
        if transposed:
            pixels = pixels.swapaxes(0, 1)
        if rows_reversed:
            pixels = pixels[::-1]
        return pixels[:, ::-1] if columns_reversed else pixels


def picture_of(frame: VideoFrame) -> Picture:
    """Return how the frames of a video that begins with this one become arrays."""
    kind = frame.format
    parts = [part for part in kind.components if not part.is_alpha]
    has_alpha = len(parts) < len(kind.components)
    is_grey = len(parts) == 1 and not kind.has_palette and not kind.is_bayer
    bits = 8 if kind.has_palette else max(part.bits for part in parts)
    notes = []
    is_float = "f16" in kind.name or "f32" in kind.name
    if is_float:
        notes.append("floating point values were turned into 16-bit integers")
    if has_alpha:
        notes.append("transparency dropped")
    if is_grey:
        target = "gray16le" if is_float else _GREY.get(max(bits, 8), "gray16le")
    else:
        target = "rgb24" if bits <= 8 else "rgb48le"
        if 8 < bits < 16:
            notes.append(f"{bits} bits per colour, spread over the range of 16")
    if sys.byteorder == "big" and target.endswith("le"):
        target = f"{target[:-2]}be"
    matrix = display_matrix(frame)
    turn = turn_of(matrix)
    facts: dict[str, Any] = {"pixel_format": kind.name, "bits": bits}
    if turn is None:
        turn = (False, False, False)
        notes.append("the file asks for a turn by no right angle, which is not done")
    elif any(turn):
        facts["rotation_deg"] = int(frame.rotation)
        notes.append(f"turned as the file asks for ({_turn_words(turn, int(frame.rotation))})")
    if frame.interlaced_frame:
        facts["interlaced"] = True
        notes.append("interlaced: the two fields of a frame are shown as they are, woven together")
    return Picture(
        frame.width,
        frame.height,
        target,
        1 if is_grey else 3,
        bits,
        turn,
        {**facts, **_colour_facts(frame, kind)},
        tuple(notes),
    )


def turn_of(matrix: tuple[int, ...] | None) -> tuple[bool, bool, bool] | None:
    """Return how rows and columns change under a display matrix, None for odd angles.

    The matrix takes column p and row q to column ``a p + c q`` and row ``b p + d q``, where a, b,
    c, d are its elements 0, 1, 3 and 4 (ISO/IEC 14496-12, 8.3.2).
    """
    if matrix is None:
        return (False, False, False)
    a, b, c, d = matrix[0], matrix[1], matrix[3], matrix[4]
    if not b and not c and a and d:
        return (False, d < 0, a < 0)
    if not a and not d and b and c:
        return (True, b < 0, c < 0)
    return None


def _turn_words(turn: tuple[bool, bool, bool], degrees: int) -> str:
    mirrored = turn[1] != turn[2] if not turn[0] else turn[1] == turn[2]
    if mirrored:
        return "mirrored"
    return f"by {abs(degrees)}° {'anti-clockwise' if degrees > 0 else 'clockwise'}"


def _colour_facts(frame: VideoFrame, kind: VideoFormat) -> dict[str, Any]:
    if kind.is_rgb or len(kind.components) < 3:
        return {}
    named = {1: "BT.709", 5: "BT.601", 6: "BT.601", 9: "BT.2020"}
    assumed = "BT.709, assumed" if frame.height >= _HD_ROWS else "BT.601, assumed"
    space = assumed if frame.colorspace == _UNSPECIFIED else named.get(frame.colorspace, "other")
    return {"colour_space": space}
