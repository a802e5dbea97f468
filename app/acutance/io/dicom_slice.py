"""What one slice of a DICOM file says about itself, as plain values.

References
----------
.. [1] DICOM PS3.3, C.7.6.2 (image plane), C.7.6.3 (image pixel).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from acutance.io.dicom_colour import PALETTE
from acutance.io.dicom_syntax import is_native

if TYPE_CHECKING:
    from acutance.core.window import Function
    from acutance.io.dicom_text import Rescale


@dataclass(frozen=True)
class SliceHeader:
    """What one classic single-frame file says about itself; lengths in mm, LPS as stored.

    `position`, `orientation` and `pixel_spacing` are None where absent or no valid numbers.
    `defect` is the reason why the pixels cannot be read, "" where they can. `patient_hash` and
    `series_uid` tell series apart and are shown nowhere.
    """

    path: str
    sop_uid: str
    series_uid: str
    patient_hash: str
    series_number: int | None
    instance: int | None
    modality: str
    title: str
    rows: int
    columns: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    is_signed: bool
    photometric: str
    pixel_kind: str
    is_big_endian: bool
    syntax: str
    pixel_offset: int
    pixel_length: int
    orientation: tuple[float, ...] | None
    position: tuple[float, ...] | None
    pixel_spacing: tuple[float, ...] | None
    slice_location: float | None
    spacing_between: float | None
    thickness: float | None
    rescale: Rescale
    has_lut: bool
    unit: str
    #: Centre, width, name and function, as `acutance.core.window.Window` takes them.
    windows: tuple[tuple[float, float, str, Function], ...]
    image_type: tuple[str, ...]
    #: Values that tell volumes at the same place apart, by name, in order of weight.
    phases: tuple[tuple[str, str], ...]
    defect: str
    facts: dict[str, Any] = field(default_factory=dict)
    #: 1 for grey, 3 for colour; colour samples are interleaved (planar 0) or one after the other.
    samples: int = 1
    planar: int = 0
    #: Whether the file has a table from values to grey levels.
    has_voi_table: bool = False
    #: Whether the file has a private scale of Philips besides the public one.
    has_private_scale: bool = False
    #: Number of the frame or tile, from 0, in a file of several slices; None in a classic one.
    frame: int | None = None
    #: Stack ID of an enhanced image.
    stack: str = ""
    #: Where the compressed bytes of the frame stand; empty in a classic file.
    pieces: tuple[tuple[int, int], ...] = ()
    #: Top, left, rows and columns of the whole picture of which the slice is a tile.
    tile: tuple[int, int, int, int] | None = None

    @property
    def key(self) -> tuple[str, int]:
        """What tells this slice from all others: its file, and its place in it."""
        return self.path, -1 if self.frame is None else self.frame

    @property
    def format(self) -> tuple[object, ...]:
        """What all slices of a volume have in common: size, spacing, kind and sense of pixels.

        Scanners round the spacing of one series to different numbers of digits.
        """
        mm = self.pixel_spacing
        spacing = None if mm is None else tuple(float(f"{v:.4g}") for v in mm)
        is_inverted = self.photometric == "MONOCHROME1"
        return self.rows, self.columns, spacing, self.pixel_kind, self.is_colour, is_inverted

    @property
    def sample_bytes(self) -> int:
        """Bytes per stored pixel."""
        return self.bits_allocated // 8

    @property
    def is_colour(self) -> bool:
        """Whether pixels are read as red, green and blue."""
        return self.samples == 3 or self.photometric == PALETTE

    @property
    def frame_bytes(self) -> int:
        """Bytes of the one frame, uncompressed."""
        pixels = self.rows * self.columns * self.sample_bytes
        if self.photometric == "YBR_FULL_422" and is_native(self.syntax):
            return 2 * pixels
        return pixels * self.samples
