"""The ordered list of network families a state dict can belong to. No torch.

A family is told from names and shapes alone, so that a file can be recognised, or refused, from
its header before anything of it is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from acutance_models.errors import UnknownNetworkError, WeightsError
from acutance_models.iqa_resnet.layout import resnet_architecture, resnet_names
from acutance_models.negvsr.layout import vsr_layout, vsr_names
from acutance_models.ot_restore.dncnn_layout import dncnn_architecture
from acutance_models.ot_restore.layout import own_architecture, own_names
from acutance_models.ot_restore.published_layout import (
    flatten_attention,
    published_architecture,
    published_names,
)
from acutance_models.r2unet.layout import unet_architecture, unet_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Shape = tuple[int, ...]
    Shapes = Mapping[str, Shape]

#: Keys under which checkpoints keep their state dict, tried in order.
WRAPPERS = ("state_dict", "params_ema", "params")


@dataclass(frozen=True)
class Family:
    """One family of networks whose published checkpoints can be imported.

    Parameters
    ----------
    id : str
    title : str
        What messages call it.
    names : callable
        Takes the names of a checkpoint's entries and returns what the network calls each; an
        entry that is not in the answer is no part of the network and left out.
    recognise : callable
        Takes shapes by the network's names and returns the architecture, or None when they are
        not this family's.
    builder : str
        Import string "module:function"; called with the architecture and the steps of recurrence.
    prepare : callable, optional
        Takes the tensors by the network's names and returns them as the network wants them, where
        files of one network differ in more than names.
    """

    id: str
    title: str
    names: Callable[[Iterable[str]], dict[str, str]]
    recognise: Callable[[Shapes], str | None]
    builder: str
    prepare: Callable[[dict[str, Any]], dict[str, Any]] | None = None


#: A new family is one entry here. The first that recognises a state dict is taken.
FAMILIES: tuple[Family, ...] = (
    Family(
        "iqa_resnet",
        "resnet18, resnet101 with a one-channel 7x7 stem and one output",
        resnet_names,
        resnet_architecture,
        "acutance_models.iqa_resnet.importing:build_imported",
    ),
    Family(
        "r2unet",
        "R2U_Net, U_Net, AttU_Net, R2AttU_Net of any width",
        unet_names,
        unet_architecture,
        "acutance_models.r2unet.importing:build_imported",
    ),
    Family(
        "negvsr",
        "RealBasicVSR, NegVSR, BasicVSR",
        vsr_names,
        vsr_layout,
        "acutance_models.negvsr.importing:build_imported",
    ),
    Family(
        "ot_restore",
        "residual U-Nets for restoration and compact autoencoders of this program",
        own_names,
        own_architecture,
        "acutance_models.ot_restore.importing:build_imported",
    ),
    Family(
        "autoencoderkl",
        "AutoencoderKL in the diffusers or CompVis layout",
        published_names,
        published_architecture,
        "acutance_models.ot_restore.importing:build_imported",
        flatten_attention,
    ),
    Family(
        "dncnn",
        "DnCNN without normalisation",
        own_names,
        dncnn_architecture,
        "acutance_models.ot_restore.importing:build_imported",
    ),
)


def recognise(shapes: Shapes) -> tuple[Family, str, dict[str, str]]:
    """Return the family of a state dict, its architecture and the network's name of each entry.

    Parameters
    ----------
    shapes : mapping of str to tuple of int
        Shape of every entry, by the names of the checkpoint.

    Raises
    ------
    UnknownNetworkError
        If no family knows these names.
    WeightsError
        If two names mean the same entry.
    """
    for family in FAMILIES:
        names = family.names(shapes)
        architecture = family.recognise({name: shapes[key] for key, name in names.items()})
        if architecture is None:
            continue
        seen: set[str] = set()
        for name in names.values():
            if name in seen:
                raise WeightsError(f"{name} is given twice, under two names.", keys=(name,))
            seen.add(name)
        return family, architecture, names
    found = ", ".join(sorted(shapes)[:3]) or "nothing"
    titles = tuple(family.title for family in FAMILIES)
    raise UnknownNetworkError(
        f"Expected the weights of one of: {'; '.join(titles)}. Got entries such as {found}.",
        known=titles,
    )
