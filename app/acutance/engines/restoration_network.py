"""The networks that a request to restore names: restorer, autoencoder, operator."""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch

from acutance.core.quality import SHIPPED, UNVERIFIED, ModelFacts
from acutance.core.restoration import OperatorFacts
from acutance.engines.weights import channels_last, load_without_card
from acutance.errors import EngineError, UnsupportedInputError
from acutance_models.catalogue import list_descriptors
from acutance_models.errors import AcutanceModelsError
from acutance_models.loading import load_network
from acutance_models.ot_restore.files import load_operator
from acutance_models.ot_restore.operator import nearest_level
from acutance_models.ot_restore.spaces import AutoencoderSpace, PixelSpace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from torch import Tensor

    from acutance_models.descriptor import NetworkDescriptor
    from acutance_models.ot_restore.operator import FittedOperator
    from acutance_models.ot_restore.spaces import LatentSpace

#: Side of the picture a network is tried with before it is trusted to keep sizes.
_TRIAL_SIDE = 32
_VAE = "vae"
_MODEL_REMEDY = (
    "Name a restoration network as safetensors: --model FILE, in the window Engines, Restore with "
    "weights."
)
_FIT_REMEDY = "Fit one: acutance restore fit, in the window Engines, Fit operator."


@dataclass(frozen=True, eq=False)
class RestorationNetwork:
    """A network ready to restore.

    Parameters
    ----------
    network : nn.Module
        Maps (N, C, H, W), float32, in [0, 1], to the same; in evaluation mode, on the device.
    facts : ModelFacts
    channels : int
        C: 1 for grey, 3 for colour.
    errors : mapping of float to float
        Mean squared error on people never trained on, by the standard deviation of the noise, as
        the model card says; that at 0 is of any damage. Empty where there is no card.
    """

    network: torch.nn.Module
    facts: ModelFacts
    channels: int
    errors: Mapping[float, float] = field(default_factory=dict)

    def expected_mse(self, noise: float) -> float | None:
        """Return the mean squared error to be expected at a noise; None where no card tells it.

        Between the levels of the card, and above them, it follows a power of the noise; below the
        least it counts as there, which is too much rather than too little.

        Parameters
        ----------
        noise : float
            Standard deviation, of what the network sees as 1; 0 where it could not be measured.
        """
        levels = sorted(level for level in self.errors if level > 0)
        if len(levels) < 2 or not noise > 0:
            return self.errors.get(0.0)
        noise = max(noise, levels[0])
        above = next((n for n in range(1, len(levels) - 1) if noise <= levels[n]), len(levels) - 1)
        low, high = levels[above - 1], levels[above]
        one, other = self.errors[low], self.errors[high]
        power = math.log(other / one) / math.log(high / low)
        return float(one * (noise / low) ** power)


@dataclass(frozen=True, eq=False)
class Transport:
    """An operator with the space it works in.

    Parameters
    ----------
    operator : FittedOperator
    space : LatentSpace
    facts : OperatorFacts
    channels : int
        Of the pictures the space takes.
    """

    operator: FittedOperator
    space: LatentSpace
    facts: OperatorFacts
    channels: int


def with_channels(function: Callable[[Tensor], Tensor], pictures: Tensor, channels: int) -> Tensor:
    """Apply what takes pictures of so many channels to pictures of 1 or 3.

    Grey is shown three times over and averaged back; colours go one by one where grey is wanted.

    Parameters
    ----------
    function : callable
        Maps (N, channels, H, W) to the same.
    pictures : Tensor, shape (N, C, H, W)
    channels : int
        1 or 3.
    """
    given = pictures.shape[1]
    if given == channels:
        return function(pictures)
    if given == 1:
        return function(pictures.expand(-1, channels, -1, -1)).mean(dim=1, keepdim=True)
    one_by_one = function(pictures.reshape(-1, 1, *pictures.shape[2:]))
    return one_by_one.reshape(pictures.shape)


def find_restorer(task: str) -> NetworkDescriptor | None:
    """Return the first network of the catalogue whose id ends in the task."""
    fitting = [d for d in list_descriptors() if d.id.rpartition("_")[2] == task]
    return next(iter(fitting), None)


def load_shipped(task: str, device: torch.device) -> RestorationNetwork:
    """Load the network of the catalogue for a task.

    Raises
    ------
    UnsupportedInputError
        If there is none.
    EngineError
        If its weights cannot be used.
    """
    descriptor = find_restorer(task)
    if descriptor is None:
        raise UnsupportedInputError(
            f"No network is installed for the task {task!r}.", remedy=_MODEL_REMEDY
        )
    network = _load(descriptor, device)
    facts = ModelFacts(descriptor.id, descriptor.version, descriptor.sha256)
    errors = card_errors(descriptor.metrics)
    return RestorationNetwork(channels_last(network), facts, descriptor.channels, errors)


def card_errors(metrics: Mapping[str, float]) -> dict[float, float]:
    """Return the mean squared errors of a card by noise, `noise_05_mse` being that at 0.05.

    `mse` alone, of any damage, stands under 0.
    """
    found = {0.0: metrics["mse"]} if "mse" in metrics else {}
    for name, value in metrics.items():
        if match := re.fullmatch(r"noise_(\d+)_mse", name):
            found[float(f"0.{match[1]}")] = value
    return found


def load_foreign(path: Path, device: torch.device) -> RestorationNetwork:
    """Load weights that have no model card.

    Raises
    ------
    EngineError
        If the file is damaged or of a network that is not known.
    UnsupportedInputError
        If it is of a network that does not turn an image into one of the same size.
    """
    network, facts = load_without_card(path, None, device)
    channels = _channels_of(network)
    if channels not in (1, 3) or not _keeps_shape(network, channels, device):
        raise UnsupportedInputError(
            f"{path.name} holds the weights of {facts.name}, which makes no image of an image.",
            remedy="Choose the weights of a restoration network.",
        )
    return RestorationNetwork(channels_last(network), facts, channels)


def load_transport(
    path: Path | None,
    task: str,
    device: torch.device,
    autoencoder: Path | None = None,
    *,
    noise: float = 0.0,
) -> Transport | None:
    """Load an operator and the space it was fitted in.

    Parameters
    ----------
    path : Path or None
        None for the operator that is shipped for the task and this noise.
    autoencoder : Path or None
        Weights of the autoencoder it was fitted with; None for those of the catalogue.
    noise : float
        Standard deviation, of what the network sees as 1; 0 where it could not be measured.

    Returns
    -------
    Transport or None
        None where no file was named and none is shipped.

    Raises
    ------
    EngineError
        If the file is damaged, or of a space that is not there.
    """
    status = UNVERIFIED
    if path is None:
        path = shipped_operator(task, noise)
        status = SHIPPED
        if path is None:
            return None
    try:
        operator = load_operator(path)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    except (AcutanceModelsError, OSError) as error:
        raise EngineError(f"This operator cannot be used: {error}", remedy=_FIT_REMEDY) from error
    space, channels = load_space(device, autoencoder, wanted=operator.space)
    facts = OperatorFacts(
        operator.name, operator.version, sha256, operator.space, status, operator.noise
    )
    return Transport(operator, space, facts, channels or operator.channels)


def shipped_operator(task: str, noise: float = 0.0) -> Path | None:
    """Return the file of the operator that comes with the program for a task and a noise."""
    descriptor = find_restorer(task)
    if descriptor is None or not descriptor.operators:
        return None
    levels = [operator.noise for operator in descriptor.operators]
    return descriptor.operators[nearest_level(levels, noise)].path


def load_space(
    device: torch.device, autoencoder: Path | None = None, *, wanted: str = ""
) -> tuple[LatentSpace, int]:
    """Return the latent space that transports work in, and the channels of its pictures.

    Parameters
    ----------
    autoencoder : Path or None
        Weights of an autoencoder in place of the one of the catalogue.
    wanted : str
        The name of the space; empty for the autoencoder's, or the pixels where there is none.

    Returns
    -------
    space : LatentSpace
    channels : int
        0 where it takes any.

    Raises
    ------
    EngineError
        If there is no space of that name, or its weights cannot be used.
    UnsupportedInputError
        If a file holds no autoencoder.
    """
    if wanted == PixelSpace.name:
        return PixelSpace(), 0
    if autoencoder is not None:
        network, facts = load_without_card(autoencoder, None, device)
        if not hasattr(network, "encode"):
            raise UnsupportedInputError(
                f"{autoencoder.name} holds the weights of {facts.name}, which is no autoencoder.",
                remedy="Choose the weights of an autoencoder.",
            )
        sha256, channels = facts.sha256, _channels_of(network)
    else:
        descriptor = find_restorer(_VAE)
        if descriptor is None and not wanted:
            return PixelSpace(), 0
        if descriptor is None:
            raise _no_space(wanted)
        network, channels = _load(descriptor, device), descriptor.channels
        sha256 = descriptor.sha256
    name = f"{_VAE}-{sha256[:12]}"
    if wanted not in ("", name):
        raise _no_space(wanted)
    return AutoencoderSpace(network, name=name, channels=channels), channels


def _no_space(wanted: str) -> EngineError:
    return EngineError(
        f"The operator was fitted in the space {wanted}, which is not installed.",
        remedy="Name the autoencoder it was fitted with: --vae FILE; or fit it again.",
    )


def _load(descriptor: NetworkDescriptor, device: torch.device) -> torch.nn.Module:
    try:
        return load_network(descriptor.id, device=str(device))
    except AcutanceModelsError as error:
        raise EngineError(
            f"The weights of {descriptor.id} cannot be used: {error}", remedy="Reinstall Acutance."
        ) from error


def _channels_of(network: torch.nn.Module) -> int:
    """Return the channels of the pictures a network takes; 0 where it does not tell."""
    told = getattr(network, "channels", None)
    if told is None:
        told = getattr(getattr(network, "architecture", None), "in_channels", 0)
    return told if isinstance(told, int) else 0


@torch.inference_mode()
def _keeps_shape(network: torch.nn.Module, channels: int, device: torch.device) -> bool:
    trial = torch.full((1, channels, _TRIAL_SIDE, _TRIAL_SIDE), 0.5, device=device)
    try:
        answer = network(trial)
    except (RuntimeError, TypeError, ValueError):
        return False
    return isinstance(answer, torch.Tensor) and answer.shape == trial.shape
