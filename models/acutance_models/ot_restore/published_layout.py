"""Names and shapes of published KL autoencoders, in the diffusers and CompVis layouts. No torch.

Both layouts hold one network. Ours has the names of diffusers; those of CompVis, and the older
ones of diffusers for the attention, are mapped to them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from acutance_models.errors import UnknownNetworkError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

GROUPS = 32  # of every group normalisation; the files do not hold it
EXAMPLE = "autoencoderkl-i3-z4-w128.256.512.512-n2"
#: In a checkpoint of a whole diffusion model the autoencoder has this before its names.
WHOLE_PREFIX = "first_stage_model."
_NAME = re.compile(
    r"autoencoderkl-i(\d+)-z(\d+)-w(\d+(?:\.\d+)*)-n(\d+)(-noquant)?(-noattention)?", re.ASCII
)
_OLD_ATTENTION = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
_ATTENTION = {"norm": "group_norm", "q": "to_q", "k": "to_k", "v": "to_v", "proj_out": "to_out.0"}
_UP = re.compile(r"decoder\.up\.(\d+)\.")
_BLOCK = re.compile(r"(encoder|decoder)\.(down|up)\.(\d+)\.block\.(\d+)\.(.+)")
_SAMPLE = re.compile(r"(encoder|decoder)\.(down|up)\.(\d+)\.(?:down|up)sample\.conv\.(.+)")
_MIDDLE = re.compile(r"(encoder|decoder)\.mid\.(block_1|block_2|attn_1)\.(.+)")
_MATRIX = re.compile(r".*\.attentions\.0\.to_(?:q|k|v|out\.0)\.weight")


@dataclass(frozen=True)
class PublishedLayout:
    """Everything that fixes the shape of a published autoencoder.

    Parameters
    ----------
    channels, latent_channels : int
    widths : tuple of int
        Channels of each level, full resolution first; multiples of 32.
    blocks : int
        Residual blocks of each level of the encoder; the decoder has one more.
    has_quant : bool
        Whether 1x1 convolutions stand before and after the latent map.
    has_attention : bool
        Whether the coarsest level of both halves has self-attention.
    """

    channels: int
    latent_channels: int
    widths: tuple[int, ...]
    blocks: int
    has_quant: bool = True
    has_attention: bool = True

    def __post_init__(self) -> None:
        if min(self.channels, self.latent_channels, self.blocks, *self.widths) < 1:
            raise ValueError(f"Expected channels, widths and blocks of 1 or more; got {self}.")
        if any(width % GROUPS for width in self.widths):
            raise ValueError(f"Expected widths that are multiples of {GROUPS}; got {self}.")

    @property
    def stride(self) -> int:
        """Pixels along each side of what one site of the latent map stands for."""
        return 1 << (len(self.widths) - 1)

    def __str__(self) -> str:
        """Return the text that `parse_published` reads."""
        widths = ".".join(map(str, self.widths))
        return (
            f"autoencoderkl-i{self.channels}-z{self.latent_channels}-w{widths}-n{self.blocks}"
            f"{'' if self.has_quant else '-noquant'}{'' if self.has_attention else '-noattention'}"
        )


def parse_published(text: str) -> PublishedLayout:
    """Read what ``str(PublishedLayout)`` wrote.

    Raises
    ------
    UnknownNetworkError
        If it is written otherwise.
    """
    match = _NAME.fullmatch(text)
    try:
        if match is None:
            raise ValueError("not a known form")
        widths = tuple(int(part) for part in match[3].split("."))
        return PublishedLayout(
            int(match[1]), int(match[2]), widths, int(match[4]), not match[5], not match[6]
        )
    except ValueError as error:
        raise UnknownNetworkError(
            f"Expected a layout such as {EXAMPLE}; got {text!r} ({error}).", known=(EXAMPLE,)
        ) from error


def published_names(keys: Iterable[str]) -> dict[str, str]:
    """Return for each name of a checkpoint what the network calls the entry.

    In a checkpoint of a whole diffusion model everything but the autoencoder is left out; so are
    the discriminator and the perceptual loss a training checkpoint has beside it.
    """
    names = {key: key for key in keys}
    if any(name.startswith(WHOLE_PREFIX) for name in names):
        names = {
            key: key.removeprefix(WHOLE_PREFIX) for key in names if key.startswith(WHOLE_PREFIX)
        }
    kept = {
        key: name for key, name in names.items() if not name.startswith(("loss.", "model_ema."))
    }
    ups = [int(match[1]) for name in kept.values() if (match := _UP.match(name))]
    last = max(ups, default=0)
    return {key: _name(name, last) for key, name in kept.items()}


def published_architecture(shapes: Mapping[str, tuple[int, ...]]) -> str | None:
    """Return the autoencoder whose names and shapes a state dict has.

    Parameters
    ----------
    shapes : mapping of str to tuple of int
        By the names of `published_names`.

    Returns
    -------
    str or None
        As `parse_published` reads it; None where it is no such network.
    """
    stem = shapes.get("encoder.conv_in.weight", ())
    latent = shapes.get("decoder.conv_in.weight", ())
    widths: list[int] = []
    while True:
        name = f"encoder.down_blocks.{len(widths)}.resnets.0.conv1.weight"
        shape = shapes.get(name, ())
        if len(shape) != 4:
            break
        widths.append(shape[0])
    blocks = 0
    while f"encoder.down_blocks.0.resnets.{blocks}.conv1.weight" in shapes:
        blocks += 1
    if len(stem) != 4 or len(latent) != 4 or not widths:
        return None
    try:
        return str(
            PublishedLayout(
                stem[1],
                latent[1],
                tuple(widths),
                blocks,
                "quant_conv.weight" in shapes,
                "encoder.mid_block.attentions.0.to_q.weight" in shapes,
            )
        )
    except ValueError:
        return None


def flatten_attention(state: dict[str, Any]) -> dict[str, Any]:
    """Return the state with attention that was written as 1x1 convolutions as matrices."""
    return {
        name: value[:, :, 0, 0]
        if _MATRIX.fullmatch(name) and tuple(value.shape[2:]) == (1, 1)
        else value
        for name, value in state.items()
    }


def _name(name: str, last: int) -> str:
    if match := _BLOCK.fullmatch(name):
        half, way, level, block, rest = match.groups()
        return f"{half}.{_level(way, int(level), last)}.resnets.{block}.{_shortcut(rest)}"
    if match := _SAMPLE.fullmatch(name):
        half, way, level, rest = match.groups()
        return f"{half}.{_level(way, int(level), last)}.{way}samplers.0.conv.{rest}"
    if match := _MIDDLE.fullmatch(name):
        half, part, rest = match.groups()
        if part == "attn_1":
            head, _, tail = rest.partition(".")
            return f"{half}.mid_block.attentions.0.{_ATTENTION.get(head, head)}.{tail}"
        return f"{half}.mid_block.resnets.{int(part[-1]) - 1}.{_shortcut(rest)}"
    if ".attentions." in name:
        before, _, rest = name.partition(".attentions.0.")
        head, _, tail = rest.partition(".")
        return f"{before}.attentions.0.{_OLD_ATTENTION.get(head, head)}.{tail}"
    return re.sub(r"^(encoder|decoder)\.norm_out\.", r"\1.conv_norm_out.", name)


def _level(way: str, level: int, last: int) -> str:
    """Return the name of a level; CompVis counts those of the decoder from the finest on."""
    return f"down_blocks.{level}" if way == "down" else f"up_blocks.{last - level}"


def _shortcut(rest: str) -> str:
    return rest.replace("nin_shortcut", "conv_shortcut")
