"""What is asked of the writers of enlarged clips and what they answer: plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from acutance.core.upscaling import ValueRange

#: How the frames of a clip are kept: pictures, packets of a video, or as they are for DICOM.
PICTURES, PACKETS, STORED = "pictures", "packets", "stored"
#: What ends a file name, and what is then written.
VIDEO_SUFFIXES, CINE_SUFFIX = (".mp4", ".mkv", ".avi"), ".dcm"
RECORD_NAME = "acutance.json"


@dataclass(frozen=True)
class Codec:
    """One way to encode video.

    Parameters
    ----------
    id : str
        What the user names.
    encoder : str
        What FFmpeg calls it.
    title, licence : str
    suffixes : tuple of str
        Files it can be put in.
    options : dict of str to str
        Of the encoder; none of them makes a frame depend on frames outside its chunk.
    deep : str
        Pixel format for colours of more than 8 bits; empty where there is none.
    plain : str
        Pixel format for 8 bits.
    """

    id: str
    encoder: str
    title: str
    licence: str
    suffixes: tuple[str, ...]
    options: dict[str, str] = field(default_factory=dict)
    deep: str = ""
    plain: str = "yuv420p"


_VP9 = {
    "deadline": "realtime", "cpu-used": "6", "crf": "16", "b": "0", "lag-in-frames": "0",
    "auto-alt-ref": "0", "g": "9999", "row-mt": "0",
}  # fmt: skip
#: The first that fits a file name is taken unless another is named.
CODECS: tuple[Codec, ...] = (
    Codec("vp9", "libvpx-vp9", "VP9", "BSD-3-Clause", (".mp4", ".mkv"), _VP9),
    Codec(
        "av1", "libsvtav1", "AV1", "BSD-3-Clause-Clear", (".mp4", ".mkv"),
        {"preset": "8", "crf": "22", "svtav1-params": "pred-struct=1:keyint=-1"}, "yuv420p10le",
    ),
    Codec("mpeg4", "mpeg4", "MPEG-4 Part 2", "LGPL-2.1-or-later", (".mp4", ".mkv", ".avi"),
          {"g": "300"}),
    Codec("ffv1", "ffv1", "FFV1, without loss", "LGPL-2.1-or-later", (".mkv", ".avi"),
          {"level": "3", "slicecrc": "1", "g": "1"}, "gbrp16le", "bgr0"),
    Codec("h264", "libx264", "H.264", "GPL-2.0-or-later", (".mp4", ".mkv", ".avi"),
          {"crf": "17", "preset": "medium", "bf": "0"}),
)  # fmt: skip


def codec_for(suffix: str, wanted: str = "") -> Codec:
    """Return the codec for a file name.

    Parameters
    ----------
    suffix : str
        E.g. ".mp4".
    wanted : str
        Id of a codec; "" for the first that fits.

    Raises
    ------
    ValueError
        If there is none.
    """
    fitting = [codec for codec in CODECS if suffix in codec.suffixes]
    for codec in fitting:
        if wanted in ("", codec.id):
            return codec
    there = ", ".join(codec.id for codec in fitting) or "none"
    raise ValueError(f"no codec {wanted!r} for {suffix} files; there are {there}")


@dataclass(frozen=True)
class Look:
    """How stored values become pixels of a picture or video.

    Parameters
    ----------
    range : ValueRange
        Shown black and white, where values do not fit the pixels as they are.
    inverted : bool
        Whether the lowest values are shown white.
    mark : str
        Burned into a corner of every frame; empty for none.
    """

    range: ValueRange
    inverted: bool = False
    mark: str = ""


@dataclass(frozen=True, eq=False)
class ChunkWrite:
    """Ask for the frames of a chunk to be written, so that they can be gathered later.

    Parameters
    ----------
    frames : ndarray, shape (T, Y, X, C), stored dtype
    first : int
        Number of the first of them in the clip.
    kind : str
        `PICTURES`, `PACKETS` or `STORED`.
    folder : Path
        Pictures go there under their numbers.
    path : Path
        The file of packets or stored values.
    look : Look
    codec : str
        Id in `CODECS`; of packets.
    rate : float
        Mean frames a second; of packets.
    digits : int
        Of the numbers of pictures.
    """

    frames: NDArray[Any]
    first: int
    kind: str
    folder: Path
    path: Path
    look: Look
    codec: str = ""
    rate: float = 25.0
    digits: int = 6


@dataclass(frozen=True)
class ChunkWritten:
    """What was written of a chunk.

    Parameters
    ----------
    frames : int
    bytes : int
    """

    frames: int
    bytes: int

    def to_plain(self) -> dict[str, Any]:
        """Return the answer as JSON-ready values."""
        return {"frames": self.frames, "bytes": self.bytes}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> ChunkWritten:
        """Rebuild an answer."""
        return cls(int(plain["frames"]), int(plain["bytes"]))


@dataclass(frozen=True, eq=False)
class ClipFinish:
    """Ask for the chunks of a clip to be gathered in one file.

    Parameters
    ----------
    parts : tuple of Path
        Files of the chunks in order.
    target : Path
        What is written.
    source : Path
        What the clip was read from.
    is_container : bool
        Whether that is a video file, whose sound and time base are kept.
    times : ndarray, shape (T,), float64
        Seconds from the first frame.
    height, width, channels : int
        Of the enlarged frames.
    bits : int
        Of a stored value: 8 or 16.
    scale : int
    look : Look
    codec : str
    pixel_aspect : float
        Width of a pixel over its height.
    title : str
        What the file says of itself.
    plan : dict
        What else goes into a DICOM object: UIDs, date and time, the network.
    """

    parts: tuple[Path, ...]
    target: Path
    source: Path
    is_container: bool
    times: NDArray[Any]
    height: int
    width: int
    channels: int
    bits: int
    scale: int
    look: Look
    codec: str = ""
    pixel_aspect: float = 1.0
    title: str = ""
    plan: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ClipWritten:
    """What became of a clip.

    Parameters
    ----------
    path : str
    frames : int
    sound_tracks : int
        Copied unchanged from the source.
    notes : tuple of str
        What could not be kept, and why.
    """

    path: str
    frames: int
    sound_tracks: int = 0
    notes: tuple[str, ...] = ()

    def to_plain(self) -> dict[str, Any]:
        """Return the answer as JSON-ready values."""
        return {
            "path": self.path,
            "frames": self.frames,
            "sound_tracks": self.sound_tracks,
            "notes": list(self.notes),
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> ClipWritten:
        """Rebuild an answer."""
        return cls(
            str(plain["path"]),
            int(plain["frames"]),
            int(plain["sound_tracks"]),
            tuple(map(str, plain["notes"])),
        )
