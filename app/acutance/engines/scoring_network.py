"""The network that a request to score names, with what stands beside its weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from acutance.core.quality import SHIPPED, ModelFacts
from acutance.engines.weights import channels_last, fold_normalisation, load_without_card
from acutance.errors import EngineError, UnsupportedInputError
from acutance_models.catalogue import get_descriptor
from acutance_models.errors import AcutanceModelsError
from acutance_models.iqa_resnet.calibration import load_calibration
from acutance_models.iqa_resnet.network import SsimRegressor
from acutance_models.loading import load_network

if TYPE_CHECKING:
    from pathlib import Path

    import torch

    from acutance_models.iqa_resnet.calibration import Calibration
    from acutance_models.iqa_resnet.interval import ScoreInterval


@dataclass(frozen=True, eq=False)
class ScoringNetwork:
    """A network ready to score.

    Parameters
    ----------
    network : nn.Module
        In evaluation mode, on the device, channels last.
    facts : ModelFacts
    judge : Calibration or None
        Holds the judge of scope, and the intervals of the network it was made for.
    """

    network: torch.nn.Module
    facts: ModelFacts
    judge: Calibration | None

    @property
    def of_slice(self) -> ScoreInterval | None:
        """The interval about the score of a slice; None for weights that nobody calibrated."""
        return None if self.judge is None or self.facts.status != SHIPPED else self.judge.of_slice

    @property
    def of_volume(self) -> ScoreInterval | None:
        """The interval about the score of a volume, likewise."""
        return None if self.judge is None or self.facts.status != SHIPPED else self.judge.of_volume


def load_shipped(network_id: str, device: torch.device) -> ScoringNetwork:
    """Load a network of the catalogue.

    Raises
    ------
    EngineError
        If its weights cannot be used.
    """
    try:
        descriptor = get_descriptor(network_id)
        network = load_network(network_id, device=str(device))
        judge = load_calibration(descriptor, device=str(device))
    except AcutanceModelsError as error:
        raise EngineError(
            f"The weights of {network_id} cannot be used: {error}", remedy="Reinstall Acutance."
        ) from error
    facts = ModelFacts(descriptor.id, descriptor.version, descriptor.sha256)
    return ScoringNetwork(_ready(network), facts, judge)


def load_foreign(
    path: Path, recurrence: int | None, judge: Calibration | None, device: torch.device
) -> ScoringNetwork:
    """Load weights that have no model card.

    Parameters
    ----------
    path : Path
        A safetensors file.
    recurrence : int or None
        Steps of recurrence, where the network has some.
    judge : Calibration or None
        Of the shipped network: what shows no brain shows none, whoever made the weights.
    device : torch.device

    Raises
    ------
    EngineError
        If the file is damaged or of a network that is not known.
    UnsupportedInputError
        If it is of a network that does not score.
    """
    network, facts = load_without_card(path, recurrence, device)
    if not isinstance(network, SsimRegressor):
        raise UnsupportedInputError(
            f"{path.name} holds the weights of {facts.name}, which gives no score.",
            remedy="Choose the weights of a scoring network.",
        )
    return ScoringNetwork(_ready(network), facts, judge)


def _ready(network: torch.nn.Module) -> torch.nn.Module:
    return channels_last(fold_normalisation(network))
