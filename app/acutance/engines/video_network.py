"""The network that a request to enlarge a video names, and its parts one frame at a time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import torch

from acutance.core.quality import ModelFacts
from acutance.engines.device import has_bfloat16
from acutance.engines.weights import channels_last, load_without_card
from acutance.errors import EngineError, UnsupportedInputError
from acutance_models.catalogue import list_descriptors
from acutance_models.errors import AcutanceModelsError
from acutance_models.loading import load_network
from acutance_models.negvsr.network import VideoNetwork as Network

if TYPE_CHECKING:
    from torch import Tensor

    from acutance.core.upscaling import UpscaleSettings
    from acutance_models.descriptor import NetworkDescriptor

#: Networks of the catalogue that enlarge videos have ids that end so.
SUFFIX = "_vsr"
_REMEDY = (
    "Name the weights of such a network, as safetensors: with --model FILE, in the window with "
    "Weights…; a checkpoint is converted by `acutance models import FILE`."
)


class Steps:
    """The parts of a network, each on one frame, in the precision of its weights.

    Parameters
    ----------
    network : Network
        In evaluation mode, on the device.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._core = network.basicvsr
        self.channels = network.layout.width
        self.has_cleaning = network.layout.has_cleaning
        self.dtype = self._core.fusion.weight.dtype
        #: What features wait in: float16 where the network computes in float32.
        self.half = self.dtype if self.dtype.itemsize == 2 else torch.float16

    def residue(self, frame: Tensor) -> Tensor:
        """Return the change of one cleaning, (1, 3, H, W), float32."""
        return self._network.cleaning_residue(_last(frame)[None])[0].float()

    def flow(self, reference: Tensor, other: Tensor) -> Tensor:
        """Return where each pixel of `reference` lies in `other`, (1, 2, H, W), float32."""
        found: Tensor = self._core.spynet(reference, other)
        return found

    def backward(self, frame: Tensor, state: Tensor | None, flow: Tensor | None) -> Tensor:
        """Return the features of a frame from those of the next one, (1, channels, H, W)."""
        return self._step("backward", frame, state, flow)

    def forward(self, frame: Tensor, state: Tensor | None, flow: Tensor | None) -> Tensor:
        """Return the features of a frame from those of the one before, (1, channels, H, W)."""
        return self._step("forward", frame, state, flow)

    def reconstruct(self, backward: Tensor, forward: Tensor, frame: Tensor) -> Tensor:
        """Return the frame at four times the size, (1, 3, 4 H, 4 W), float32."""
        # Interpolation of three channels takes half as long where they come first.
        made = self._core.reconstruct(
            frame.contiguous(), _last(backward.to(self.dtype)), _last(forward.to(self.dtype))
        )
        return made.float()

    def _step(
        self, direction: str, frame: Tensor, state: Tensor | None, flow: Tensor | None
    ) -> Tensor:
        if state is None:
            state = frame.new_zeros((1, self.channels, *frame.shape[-2:]), dtype=self.dtype)
        return self._core.step(direction, _last(frame), state, flow)


@dataclass(frozen=True, eq=False)
class VideoNetwork:
    """A network ready to enlarge frames.

    Parameters
    ----------
    steps : Steps
    facts : ModelFacts
    precision : str
        "float32" or "bfloat16".
    """

    steps: Steps
    facts: ModelFacts
    precision: str


def load_video_network(
    settings: UpscaleSettings,
    device: torch.device,
    known: dict[tuple[object, ...], VideoNetwork],
) -> VideoNetwork:
    """Return the network that settings name; the one used last is kept in `known`.

    Raises
    ------
    UnsupportedInputError
        If there is none, or the weights are of a network that does something else.
    EngineError
        If the weights cannot be used.
    """
    precision = chosen_precision(settings.precision, device)
    key: tuple[object, ...] = (settings.model, precision)
    if settings.weights:
        path = Path(settings.weights)
        facts = path.stat() if path.is_file() else None
        key = (path, precision, *((facts.st_mtime_ns, facts.st_size) if facts else ()))
    if key not in known:
        network, model = (
            _load_file(Path(settings.weights), device)
            if settings.weights
            else _load_shipped(settings.model, device)
        )
        network = network.to(getattr(torch, precision))
        known.clear()
        known[key] = VideoNetwork(Steps(cast("Network", channels_last(network))), model, precision)
    return known[key]


def chosen_precision(asked: str, device: torch.device) -> str:
    """Return what a network computes in: bfloat16 where "auto" finds units for it."""
    if asked != "auto":
        return asked
    return "bfloat16" if has_bfloat16(device) else "float32"


def find_shipped(model: str) -> NetworkDescriptor | None:
    """Return the network of the catalogue with this id; for "" the first that enlarges videos."""
    fitting = [d for d in list_descriptors() if d.id.endswith(SUFFIX)]
    return next((d for d in fitting if model in ("", d.id)), None)


def _load_shipped(model: str, device: torch.device) -> tuple[Network, ModelFacts]:
    descriptor = find_shipped(model)
    if descriptor is None:
        named = f" called {model!r}" if model else ""
        raise UnsupportedInputError(
            f"No network{named} that enlarges videos is installed.", remedy=_REMEDY
        )
    try:
        network = load_network(descriptor.id, device=str(device))
    except AcutanceModelsError as error:
        raise EngineError(
            f"The weights of {descriptor.id} cannot be used: {error}", remedy="Reinstall Acutance."
        ) from error
    facts = ModelFacts(descriptor.id, descriptor.version, descriptor.sha256)
    return cast("Network", network), facts


def _load_file(path: Path, device: torch.device) -> tuple[Network, ModelFacts]:
    network, facts = load_without_card(path, None, device)
    if not isinstance(network, Network):
        raise UnsupportedInputError(
            f"{path.name} holds the weights of {facts.name}, which enlarges no videos.",
            remedy="Choose the weights of a video network.",
        )
    return network, facts


def _last(tensor: Tensor) -> Tensor:
    """Return a tensor with its channels last, as the weights are."""
    return tensor.contiguous(memory_format=torch.channels_last)
