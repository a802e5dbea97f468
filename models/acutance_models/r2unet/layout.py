"""Names and shapes by which the U-Nets are known, and their architecture as a value. No torch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from acutance_models.errors import UnknownNetworkError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Checkpoints of several data-parallel processes put this before every name.
PARALLEL_PREFIX = "module."
NETWORKS = ("r2unet", "unet", "attunet", "r2attunet")
HEAD = "Conv_1x1.weight"
RECURRENT_STEM, RECURRENT_CONV = "RRCNN1.Conv_1x1.weight", "RRCNN1.RCNN.0.conv.0.weight"
PLAIN_STEM = "Conv1.conv.0.weight"
GATE = "Att5.psi.0.weight"
_STEP = re.compile(r"RRCNN1\.RCNN\.0\.norms\.(\d+)\.weight")
_NAME = re.compile(
    rf"({'|'.join(NETWORKS)})-w(\d+)-i(\d+)-o(\d+)(?:-t(\d+))?(-stepwise)?", re.ASCII
)


@dataclass(frozen=True)
class Architecture:
    """Everything that fixes the shape of one network.

    Parameters
    ----------
    network : str
        ``"r2unet"``, ``"unet"``, ``"attunet"`` or ``"r2attunet"``.
    width : int
        Channels of the finest level; each of the four coarser ones has twice as many.
    in_channels, classes : int
    t : int, optional
        Steps of recurrence, >= 0; None for the networks that have none, and for recurrent ones
        whose file does not say.
    is_stepwise : bool
        Whether each pass of a recurrent convolution has statistics of its own.
    """

    network: str
    width: int
    in_channels: int
    classes: int
    t: int | None = None
    is_stepwise: bool = False

    def __post_init__(self) -> None:
        if self.network not in NETWORKS:
            raise UnknownNetworkError(
                f"Expected one of {', '.join(NETWORKS)}; got {self.network!r}.", known=NETWORKS
            )
        if min(self.width, self.in_channels, self.classes) < 1 or (self.t or 0) < 0:
            raise ValueError(f"Expected a width, channels and classes of 1 or more; got {self}.")
        if not self.is_recurrent and (self.t is not None or self.is_stepwise):
            raise ValueError(f"Expected no steps of recurrence for {self.network}; got {self}.")

    @property
    def is_recurrent(self) -> bool:
        """Whether the network has recurrent convolutions."""
        return self.network in ("r2unet", "r2attunet")

    @property
    def has_gates(self) -> bool:
        """Whether attention gates weigh what goes across."""
        return self.network in ("attunet", "r2attunet")

    def __str__(self) -> str:
        """Return the text that `parse_architecture` reads, e.g. ``"r2unet-w64-i3-o1-t2"``."""
        steps = "" if self.t is None else f"-t{self.t}"
        rule = "-stepwise" if self.is_stepwise else ""
        return f"{self.network}-w{self.width}-i{self.in_channels}-o{self.classes}{steps}{rule}"


def parse_architecture(text: str) -> Architecture:
    """Read what ``str(Architecture)`` wrote.

    Parameters
    ----------
    text : str
        E.g. ``"unet-w64-i3-o1"`` or ``"r2unet-w16-i1-o5-t2-stepwise"``: width of the finest
        level, channels in, classes out, steps of recurrence, statistics for each of them.

    Returns
    -------
    Architecture

    Raises
    ------
    UnknownNetworkError
        If it is written otherwise.
    """
    match = _NAME.fullmatch(text)
    try:
        if match is None:
            raise ValueError("not a known form")
        network, width, channels, classes, t, rule = match.groups()
        steps = None if t is None else int(t)
        return Architecture(
            network, int(width), int(channels), int(classes), steps, rule is not None
        )
    except ValueError as error:
        raise UnknownNetworkError(
            f"Expected an architecture such as r2unet-w64-i3-o1-t2; got {text!r} ({error}).",
            known=NETWORKS,
        ) from error


def unet_names(keys: Iterable[str]) -> dict[str, str]:
    """Return for each name of a checkpoint what the network calls the entry."""
    return {key: key.removeprefix(PARALLEL_PREFIX) for key in keys}


def unet_architecture(shapes: Mapping[str, tuple[int, ...]]) -> str | None:
    """Return the architecture whose names and shapes a state dict has.

    Width, channels and classes are read from the shapes. Steps of recurrence are read where each
    has statistics of its own; the distributed files do not hold them.

    Parameters
    ----------
    shapes : mapping of str to tuple of int

    Returns
    -------
    str or None
        As `parse_architecture` reads it; None where it is none of these networks.
    """
    stem = shapes.get(RECURRENT_STEM, shapes.get(PLAIN_STEM, ()))
    head = shapes.get(HEAD, ())
    if len(stem) != 4 or len(head) != 4 or 0 in (*stem, *head):
        return None
    is_recurrent = RECURRENT_STEM in shapes
    if is_recurrent and RECURRENT_CONV not in shapes:
        return None
    network = ("r2" if is_recurrent else "") + ("attunet" if GATE in shapes else "unet")
    steps = [int(match[1]) for name in shapes if (match := _STEP.fullmatch(name))]
    return str(
        Architecture(
            network,
            stem[0],
            stem[1],
            head[0],
            t=max(steps) if steps else None,
            is_stepwise=bool(steps),
        )
    )
