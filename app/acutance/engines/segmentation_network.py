"""The network that a request to segment names, with what its outputs stand for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from acutance.core.quality import ModelFacts
from acutance.core.segmentation import BRAIN, CSF, GREY_MATTER, WHITE_MATTER
from acutance.engines.weights import channels_last, fold_normalisation, load_without_card
from acutance.errors import EngineError, UnsupportedInputError
from acutance_models.catalogue import list_descriptors
from acutance_models.errors import AcutanceModelsError
from acutance_models.loading import load_network

if TYPE_CHECKING:
    from pathlib import Path

    import torch

    from acutance_models.descriptor import NetworkDescriptor

TASK = "segmentation"
_REMEDY = (
    "Name a segmentation network as safetensors: --model FILE, in the window Engines, "
    "Segment with weights."
)


@dataclass(frozen=True, eq=False)
class SegmentationNetwork:
    """A network ready to segment.

    Parameters
    ----------
    network : nn.Module
        In evaluation mode, on the device, channels last.
    facts : ModelFacts
    classes : tuple of str
        What each output stands for, background first.
    channels : int
        Of the input: 1 for grey, 3 for colour.
    pixel_mm : float
        Pixel size it was trained on; 0 where size is free.
    """

    network: torch.nn.Module
    facts: ModelFacts
    classes: tuple[str, ...]
    channels: int
    pixel_mm: float

    @property
    def knows_brains(self) -> bool:
        """Whether its classes are the tissues of the brain."""
        return {CSF, GREY_MATTER, WHITE_MATTER} <= set(self.classes)


def load_shipped(model: str, device: torch.device) -> SegmentationNetwork:
    """Load the segmentation network of the catalogue that is called `model`, or ends in it.

    Raises
    ------
    UnsupportedInputError
        If there is none.
    EngineError
        If its weights cannot be used.
    """
    descriptor = _find(model)
    if descriptor is None:
        raise UnsupportedInputError(
            f"This copy of Acutance carries no weights for the model {model!r}.", remedy=_REMEDY
        )
    try:
        network = load_network(descriptor.id, device=str(device))
    except AcutanceModelsError as error:
        raise EngineError(
            f"The weights of {descriptor.id} cannot be used: {error}", remedy="Reinstall Acutance."
        ) from error
    facts = ModelFacts(descriptor.id, descriptor.version, descriptor.sha256)
    return SegmentationNetwork(
        channels_last(fold_normalisation(network)),
        facts,
        descriptor.classes,
        descriptor.channels,
        descriptor.pixel_mm,
    )


def load_foreign(
    path: Path, recurrence: int | None, model: str, device: torch.device
) -> SegmentationNetwork:
    """Load weights that have no model card.

    Parameters
    ----------
    path : Path
        A safetensors file.
    recurrence : int or None
        Steps of recurrence, where the network has some.
    model : str
        "brain" where five outputs are the tissues of the brain.
    device : torch.device

    Raises
    ------
    EngineError
        If the file is damaged or of a network that is not known.
    UnsupportedInputError
        If it is of a network that does not segment.
    """
    network, facts = load_without_card(path, recurrence, device)
    made = getattr(network, "architecture", None)
    classes, channels = getattr(made, "classes", 0), getattr(made, "in_channels", 0)
    if not isinstance(classes, int) or classes < 1 or channels not in (1, 3):
        raise UnsupportedInputError(
            f"{path.name} holds the weights of {facts.name}, which segments no slices.",
            remedy="Choose the weights of a segmentation network.",
        )
    return SegmentationNetwork(
        channels_last(fold_normalisation(network)),
        facts,
        class_names(classes, model),
        channels,
        0.0,
    )


def class_names(classes: int, model: str) -> tuple[str, ...]:
    """Return names for the outputs of a network that has no model card."""
    if classes == 1:
        return ("background", "foreground")
    if classes == 5 and model == BRAIN:
        return ("background", CSF, GREY_MATTER, WHITE_MATTER, "other head tissue")
    return ("background", *(f"class {n}" for n in range(1, classes)))


def _find(model: str) -> NetworkDescriptor | None:
    fitting = [d for d in list_descriptors() if d.task == TASK]
    exact = [d for d in fitting if d.id == model]
    ending = [d for d in fitting if d.id.rpartition("_")[2] == model]
    return next(iter(exact + ending), None)
