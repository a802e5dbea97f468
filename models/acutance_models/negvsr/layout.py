"""Names and shapes by which video networks are known, and their layout as a value. No torch.

Checkpoints come with several sets of names: those of the distributed RealBasicVSR and NegVSR,
with the prefixes of a training run, and those of BasicSR for the network without cleaning. Here
they all become the distributed ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from acutance_models.errors import UnknownNetworkError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

UPSAMPLERS = ("shuffle", "carafe", "direct")
FLOWS = ("spynet", "small")
#: Prefixes of the weights in a checkpoint, the wanted ones first: averaged weights are tested with.
PREFIXES = ("generator_ema.", "generator.", "module.generator_ema.", "module.generator.", "module.")
#: Of the names of distributed networks of this up-sampler.
CARAFE_SUFFIX = "_layer10"
_CORE, _CLEANING = "basicvsr.", "image_cleaning."
_TEXT = re.compile(
    rf"vsr-w(\d+)-b(\d+)-({'|'.join(UPSAMPLERS)})-({'|'.join(FLOWS)})-c(\d+)x(\d+)", re.ASCII
)
_TRUNK = re.compile(r"(backward|forward)_(?:resblocks(?:_layer10)?|trunk)\.")
_BARE_FLOW = re.compile(r"(spynet\.basic_module\.\d+\.basic_module)\.([02468])\.(weight|bias)")
_BLOCK = re.compile(r"basicvsr\.backward_resblocks(?:_layer10)?\.main\.2\.(\d+)\.conv1\.weight")
_CLEANING_BLOCK = re.compile(r"image_cleaning\.0\.main\.2\.(\d+)\.conv1\.weight")
_FLOW = "basicvsr.spynet.basic_module.0.basic_module.0.conv.weight"
_SPYNET_SHAPE = (32, 8, 7, 7)


@dataclass(frozen=True)
class VsrLayout:
    """Everything that fixes the shape of one network.

    Parameters
    ----------
    width : int
        Channels of the propagated features.
    blocks : int
        Residual blocks of each direction.
    upsampler : str
        ``"shuffle"``: twice pixel shuffle by 2 and two convolutions at full size; ``"carafe"``:
        CARAFE instead of the shuffles; ``"direct"``: no convolution at full size, and what is
        learnt is added to the bicubic picture instead of the bilinear one.
    flow : str
        ``"spynet"``, or ``"small"`` for one of half the resolution.
    cleaning_width, cleaning_blocks : int
        Of the cleaning module; 0 for none.
    """

    width: int
    blocks: int
    upsampler: str
    flow: str
    cleaning_width: int
    cleaning_blocks: int

    def __post_init__(self) -> None:
        if self.upsampler not in UPSAMPLERS or self.flow not in FLOWS:
            raise ValueError(
                f"Expected up-sampling by one of {', '.join(UPSAMPLERS)} and flow by one of "
                f"{', '.join(FLOWS)}; got {self}."
            )
        if min(self.width, self.blocks) < 1 or min(self.cleaning_width, self.cleaning_blocks) < 0:
            raise ValueError(f"Expected a width and blocks of 1 or more; got {self}.")
        if (self.cleaning_width == 0) != (self.cleaning_blocks == 0):
            raise ValueError(f"Expected cleaning with both width and blocks, or none; got {self}.")

    @property
    def has_cleaning(self) -> bool:
        """Whether frames are cleaned before they are propagated."""
        return self.cleaning_blocks > 0

    @property
    def trunk_suffix(self) -> str:
        """What distributed networks append to the names of the two trunks."""
        return CARAFE_SUFFIX if self.upsampler == "carafe" else ""

    def __str__(self) -> str:
        """Return the text that `parse_layout` reads."""
        return (
            f"vsr-w{self.width}-b{self.blocks}-{self.upsampler}-{self.flow}"
            f"-c{self.cleaning_width}x{self.cleaning_blocks}"
        )


#: The published networks, and the small one that our weights are for.
REALBASICVSR = VsrLayout(64, 20, "shuffle", "spynet", 64, 20)
NEGVSR = VsrLayout(64, 10, "carafe", "spynet", 64, 20)
COMPACT = VsrLayout(32, 4, "direct", "small", 24, 2)
NAMED = {"realbasicvsr": REALBASICVSR, "negvsr": NEGVSR, "compact": COMPACT}


def parse_layout(text: str) -> VsrLayout:
    """Read what ``str(VsrLayout)`` wrote, or one of the names of `NAMED`.

    Parameters
    ----------
    text : str
        E.g. ``"negvsr"`` or ``"vsr-w64-b20-shuffle-spynet-c64x20"``: width, residual blocks of
        each direction, up-sampler, flow network, width and blocks of the cleaning module.

    Returns
    -------
    VsrLayout

    Raises
    ------
    UnknownNetworkError
        If it is written otherwise.
    """
    if text in NAMED:
        return NAMED[text]
    match = _TEXT.fullmatch(text)
    try:
        if match is None:
            raise ValueError("not a known form")
        width, blocks, upsampler, flow, cleaning_width, cleaning_blocks = match.groups()
        return VsrLayout(
            int(width), int(blocks), upsampler, flow, int(cleaning_width), int(cleaning_blocks)
        )
    except ValueError as error:
        raise UnknownNetworkError(
            f"Expected {', '.join(NAMED)} or a layout such as {REALBASICVSR}; "
            f"got {text!r} ({error}).",
            known=tuple(NAMED),
        ) from error


def vsr_names(keys: Iterable[str]) -> dict[str, str]:
    """Return for each name of a checkpoint what the network calls the entry.

    Of a training run the averaged weights are taken where there are some, else the trained ones;
    discriminator, perceptual network and step counter are left out.

    Parameters
    ----------
    keys : iterable of str

    Returns
    -------
    dict of str to str
        Only what belongs to the network.
    """
    keys = list(keys)
    prefix = next((p for p in PREFIXES if any(key.startswith(p) for key in keys)), "")
    plain = {key: key.removeprefix(prefix) for key in keys if key.startswith(prefix)}
    plain = {key: name for key, name in plain.items() if name != "step_counter"}
    if not any(_TRUNK.search(name) for name in plain.values()):
        return plain
    suffix = CARAFE_SUFFIX if any("carafe1." in name for name in plain.values()) else ""
    return {key: _distributed_name(name, suffix) for key, name in plain.items()}


def _distributed_name(name: str, suffix: str) -> str:
    """Return a name as the distributed networks have it; BasicSR has others."""
    if not name.startswith((_CORE, _CLEANING)):
        name = _CORE + name
    name = _TRUNK.sub(rf"\g<1>_resblocks{suffix}.", name)
    name = re.sub(r"\bupconv([12])\.", r"upsample\1.upsample_conv.", name)
    return _BARE_FLOW.sub(lambda m: f"{m[1]}.{int(m[2]) // 2}.conv.{m[3]}", name)


def vsr_layout(shapes: Mapping[str, tuple[int, ...]]) -> str | None:
    """Return the layout whose names and shapes a state dict has.

    Parameters
    ----------
    shapes : mapping of str to tuple of int
        By the names of `vsr_names`.

    Returns
    -------
    str or None
        As `parse_layout` reads it; None where it is none of these networks.
    """
    fusion = shapes.get("basicvsr.fusion.weight", ())
    flow = shapes.get(_FLOW, ())
    blocks = _count(_BLOCK, shapes)
    if len(fusion) != 4 or 0 in fusion or len(flow) != 4 or not blocks:
        return None
    if "basicvsr.carafe1.content_encoder.weight" in shapes:
        upsampler = "carafe"
    else:
        upsampler = "shuffle" if "basicvsr.conv_hr.weight" in shapes else "direct"
    cleaning = shapes.get("image_cleaning.1.weight", ())
    cleaning_blocks = _count(_CLEANING_BLOCK, shapes)
    if bool(cleaning_blocks) != (len(cleaning) == 4 and 0 not in cleaning):
        return None
    return str(
        VsrLayout(
            fusion[0],
            blocks,
            upsampler,
            "spynet" if flow == _SPYNET_SHAPE else "small",
            cleaning[1] if cleaning_blocks else 0,
            cleaning_blocks,
        )
    )


def _count(pattern: re.Pattern[str], names: Iterable[str]) -> int:
    """Return how many indexed entries there are, from 0 to the largest index."""
    found = [int(match[1]) for name in names if (match := pattern.fullmatch(name))]
    return max(found) + 1 if found else 0
