"""Names and shapes by which DnCNN is known. No torch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from acutance_models.errors import UnknownNetworkError

if TYPE_CHECKING:
    from collections.abc import Mapping

EXAMPLE = "dncnn-i1-w64-d20"
#: IRCNN has the names and shapes of a DnCNN of this depth, and other dilations: not told apart.
DEPTH_OF_IRCNN = 7
_NAME = re.compile(r"dncnn-i(\d+)-w(\d+)-d(\d+)", re.ASCII)
_CONV = re.compile(r"model\.(\d+)\.weight")


@dataclass(frozen=True)
class DncnnLayout:
    """Everything that fixes the shape of the network.

    Parameters
    ----------
    channels : int
        Of the pictures, in and out.
    width : int
    depth : int
        Convolutions, >= 2.
    """

    channels: int
    width: int
    depth: int

    def __post_init__(self) -> None:
        if min(self.channels, self.width) < 1 or self.depth < 2:
            raise ValueError(f"Expected channels, a width and two convolutions; got {self}.")

    def __str__(self) -> str:
        """Return the text that `parse_dncnn` reads."""
        return f"dncnn-i{self.channels}-w{self.width}-d{self.depth}"


def parse_dncnn(text: str) -> DncnnLayout:
    """Read what ``str(DncnnLayout)`` wrote.

    Raises
    ------
    UnknownNetworkError
        If it is written otherwise.
    """
    match = _NAME.fullmatch(text)
    try:
        if match is None:
            raise ValueError("not a known form")
        return DncnnLayout(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        raise UnknownNetworkError(
            f"Expected a layout such as {EXAMPLE}; got {text!r} ({error}).", known=(EXAMPLE,)
        ) from error


def dncnn_architecture(shapes: Mapping[str, tuple[int, ...]]) -> str | None:
    """Return the layout whose names and shapes a state dict has, or None.

    Parameters
    ----------
    shapes : mapping of str to tuple of int
    """
    places = sorted(int(match[1]) for name in shapes if (match := _CONV.fullmatch(name)))
    depth = len(places)
    if depth < 2 or depth == DEPTH_OF_IRCNN or places != list(range(0, 2 * depth, 2)):
        return None
    first, last = (shapes[f"model.{place}.weight"] for place in (places[0], places[-1]))
    if len(first) != 4 or len(last) != 4 or first[1] != last[0] or 0 in (*first, *last):
        return None
    return str(DncnnLayout(first[1], first[0], depth))
