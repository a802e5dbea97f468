"""What stands beside the weights of a scoring network: its intervals and its judge of scope.

One safetensors file of some hundred kilobytes, named in the manifest with size and SHA-256 as the
weights are, and like them made for one version of the network only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from safetensors.torch import save_file

from acutance_models.errors import WeightsError
from acutance_models.iqa_resnet.interval import ScoreInterval
from acutance_models.iqa_resnet.scope import ScopeNetwork
from acutance_models.loading import fill_network, read_tensors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

    from acutance_models.descriptor import NetworkDescriptor

SCOPE_PREFIX = "scope."
INTERVALS = ("slice", "volume")


@dataclass(frozen=True, eq=False)
class Calibration:
    """Intervals of slices and volumes, and the network that judges the scope.

    Parameters
    ----------
    of_slice, of_volume : ScoreInterval
    scope : ScopeNetwork
        In evaluation mode.
    scope_threshold : float, in (0, 1)
        From which on a slice counts as one of a brain.
    """

    of_slice: ScoreInterval
    of_volume: ScoreInterval
    scope: ScopeNetwork
    scope_threshold: float


def load_calibration(descriptor: NetworkDescriptor, *, device: str = "cpu") -> Calibration | None:
    """Load what belongs to a network of the catalogue.

    Parameters
    ----------
    descriptor : NetworkDescriptor
    device : str
        A torch device, for the network that judges the scope.

    Returns
    -------
    Calibration or None
        None where the manifest names no file.

    Raises
    ------
    WeightsError
        If the file is missing, damaged or does not hold what it should.
    """
    path = descriptor.calibration_file
    if path is None:
        return None
    tensors = read_tensors(path, descriptor.calibration_size_bytes, descriptor.calibration_sha256)
    scope = ScopeNetwork()
    fill_network(
        scope,
        {
            key.removeprefix(SCOPE_PREFIX): value
            for key, value in tensors.items()
            if key.startswith(SCOPE_PREFIX)
        },
        source=path.name,
    )
    try:
        of_slice, of_volume = (_interval(tensors, name) for name in INTERVALS)
        threshold = float(tensors["scope_threshold"])
    except (KeyError, ValueError, RuntimeError) as error:
        raise WeightsError(
            f"{path.name}: expected intervals of slices and volumes ({error}). "
            "Install the program again.",
            path=path,
        ) from error
    return Calibration(of_slice, of_volume, scope.to(device).eval(), threshold)


def save_calibration(calibration: Calibration, path: Path) -> None:
    """Write a file that `load_calibration` reads; the judge of scope in float16.

    Parameters
    ----------
    calibration : Calibration
    path : Path
        Overwritten.
    """
    tensors: dict[str, Tensor] = {
        SCOPE_PREFIX + key: (value.half() if value.is_floating_point() else value).contiguous()
        for key, value in calibration.scope.state_dict().items()
    }
    for name, interval in zip(
        INTERVALS, (calibration.of_slice, calibration.of_volume), strict=True
    ):
        tensors[f"{name}.knots"] = torch.from_numpy(interval.knots.copy())
        tensors[f"{name}.scale"] = torch.from_numpy(interval.scale.copy())
        bounds = [interval.low, interval.high]
        tensors[f"{name}.quantiles"] = torch.tensor(bounds, dtype=torch.float64)
    tensors["scope_threshold"] = torch.tensor(calibration.scope_threshold, dtype=torch.float64)
    save_file(tensors, str(path))


def _interval(tensors: Mapping[str, Tensor], name: str) -> ScoreInterval:
    low, high = tensors[f"{name}.quantiles"].double().tolist()
    return ScoreInterval(
        tensors[f"{name}.knots"].double().numpy(),
        tensors[f"{name}.scale"].double().numpy(),
        low,
        high,
    )
