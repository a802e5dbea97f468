"""Networks, their weights and the simulation they are trained with.

Importing this package, its catalogue and its descriptors loads no torch; `build_network`,
`load_network`, `load_imported` and `import_state_dict` do so when they are first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from acutance_models.catalogue import get_descriptor, list_descriptors
from acutance_models.descriptor import NetworkDescriptor
from acutance_models.errors import (
    AcutanceModelsError,
    UnknownNetworkError,
    UnsafeCheckpointError,
    WeightsError,
)

if TYPE_CHECKING:
    from acutance_models.importing import import_state_dict
    from acutance_models.loading import build_network, load_imported, load_network

__all__ = [
    "AcutanceModelsError",
    "NetworkDescriptor",
    "UnknownNetworkError",
    "UnsafeCheckpointError",
    "WeightsError",
    "build_network",
    "get_descriptor",
    "import_state_dict",
    "list_descriptors",
    "load_imported",
    "load_network",
]

_NEEDS_TORCH = {
    "build_network": "acutance_models.loading",
    "import_state_dict": "acutance_models.importing",
    "load_imported": "acutance_models.loading",
    "load_network": "acutance_models.loading",
}


def __getattr__(name: str) -> Any:
    """Import what needs torch on first use (PEP 562)."""
    if name not in _NEEDS_TORCH:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_NEEDS_TORCH[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, those not yet imported too."""
    return sorted(__all__)
