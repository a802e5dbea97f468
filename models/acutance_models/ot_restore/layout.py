"""Names and shapes by which restorers and autoencoders are known. No torch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from acutance_models.errors import UnknownNetworkError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PARALLEL_PREFIX = "module."
EXAMPLES = ("resunet-i1-w32.64.128-n2", "kl-i1-z8-w48.96-n2")
_RESTORER = re.compile(r"resunet-i(\d+)-w(\d+(?:\.\d+)*)-n(\d+)", re.ASCII)
_AUTOENCODER = re.compile(r"kl-i(\d+)-z(\d+)-w(\d+(?:\.\d+)*)-n(\d+)", re.ASCII)
_STAGE = re.compile(r"encoder\.(\d+)\.(\d+)\.first\.weight")


@dataclass(frozen=True)
class RestorerLayout:
    """Everything that fixes the shape of a residual U-Net.

    Parameters
    ----------
    channels : int
        Of the pictures, in and out.
    widths : tuple of int
        Channels of each level; the first has half the resolution of the picture, each next half
        of that.
    blocks : int
        Residual blocks of each level, on the way down and again on the way up.
    """

    channels: int
    widths: tuple[int, ...]
    blocks: int

    def __post_init__(self) -> None:
        if min(self.channels, self.blocks, *self.widths) < 1:
            raise ValueError(f"Expected channels, widths and blocks of 1 or more; got {self}.")

    def __str__(self) -> str:
        """Return the text that `parse_restorer` reads."""
        return f"resunet-i{self.channels}-w{'.'.join(map(str, self.widths))}-n{self.blocks}"


@dataclass(frozen=True)
class AutoencoderLayout:
    """Everything that fixes the shape of a compact autoencoder.

    Parameters
    ----------
    channels : int
        Of the pictures, in and out.
    latent_channels : int
    widths : tuple of int
        Channels of each level, from half the resolution on; the latent map has the resolution
        of the last.
    blocks : int
        Residual blocks of each level, in the encoder and in the decoder.
    """

    channels: int
    latent_channels: int
    widths: tuple[int, ...]
    blocks: int

    def __post_init__(self) -> None:
        if min(self.channels, self.latent_channels, self.blocks, *self.widths) < 1:
            raise ValueError(f"Expected channels, widths and blocks of 1 or more; got {self}.")

    @property
    def stride(self) -> int:
        """Pixels along each side of what one site of the latent map stands for."""
        return 1 << len(self.widths)

    def __str__(self) -> str:
        """Return the text that `parse_autoencoder` reads."""
        widths = ".".join(map(str, self.widths))
        return f"kl-i{self.channels}-z{self.latent_channels}-w{widths}-n{self.blocks}"


def parse_restorer(text: str) -> RestorerLayout:
    """Read what ``str(RestorerLayout)`` wrote, e.g. ``"resunet-i1-w32.64.128-n2"``.

    Raises
    ------
    UnknownNetworkError
        If it is written otherwise.
    """
    match = _RESTORER.fullmatch(text)
    if match is None:
        raise _unknown(text)
    try:
        return RestorerLayout(int(match[1]), _widths(match[2]), int(match[3]))
    except ValueError as error:
        raise _unknown(text) from error


def parse_autoencoder(text: str) -> AutoencoderLayout:
    """Read what ``str(AutoencoderLayout)`` wrote, e.g. ``"kl-i1-z8-w48.96-n2"``.

    Raises
    ------
    UnknownNetworkError
        If it is written otherwise.
    """
    match = _AUTOENCODER.fullmatch(text)
    if match is None:
        raise _unknown(text)
    try:
        return AutoencoderLayout(int(match[1]), int(match[2]), _widths(match[3]), int(match[4]))
    except ValueError as error:
        raise _unknown(text) from error


def own_names(keys: Iterable[str]) -> dict[str, str]:
    """Return for each name of a checkpoint what the network calls the entry."""
    return {key: key.removeprefix(PARALLEL_PREFIX) for key in keys}


def own_architecture(shapes: Mapping[str, tuple[int, ...]]) -> str | None:
    """Return the restorer or compact autoencoder whose names and shapes a state dict has.

    Parameters
    ----------
    shapes : mapping of str to tuple of int

    Returns
    -------
    str or None
        As `parse_restorer` or `parse_autoencoder` reads it; None where it is neither.
    """
    stages: dict[int, int] = {}
    widths: dict[int, int] = {}
    for name, shape in shapes.items():
        if (match := _STAGE.fullmatch(name)) and len(shape) == 4:
            level = int(match[1])
            stages[level] = max(stages.get(level, 0), int(match[2]) + 1)
            widths[level] = shape[0]
    stem, latent = shapes.get("stem.weight", ()), shapes.get("from_latent.weight", ())
    if not stages or sorted(stages) != list(range(len(stages))) or len(stem) != 4 or stem[1] % 4:
        return None
    channels, ordered = stem[1] // 4, tuple(widths[level] for level in sorted(widths))
    try:
        if len(latent) == 4:
            return str(AutoencoderLayout(channels, latent[1], ordered, stages[0]))
        return str(RestorerLayout(channels, ordered, stages[0]))
    except ValueError:
        return None


def _widths(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _unknown(text: str) -> UnknownNetworkError:
    return UnknownNetworkError(
        f"Expected a layout such as {' or '.join(EXAMPLES)}; got {text!r}.", known=EXAMPLES
    )
