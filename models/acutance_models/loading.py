"""Weights from disk: size and checksum first, then safetensors, then a strict, finite fit."""

from __future__ import annotations

import hashlib
from importlib import import_module
from typing import TYPE_CHECKING

import torch
from safetensors import SafetensorError
from safetensors.torch import load

from acutance_models.catalogue import get_descriptor
from acutance_models.errors import WeightsError
from acutance_models.imported import file_sha256, read_sidecar, sidecar_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor, nn

    from acutance_models.descriptor import NetworkDescriptor
    from acutance_models.imported import ImportedWeights

REMEDY = "Install the program again."
NAMED_KEYS = 5  # of a long list, how many a message names


def build_network(network_id: str) -> nn.Module:
    """Build a network of the catalogue with random weights.

    Parameters
    ----------
    network_id : str
        E.g. ``"iqa_resnet18"``.

    Returns
    -------
    nn.Module

    Raises
    ------
    UnknownNetworkError
        If the catalogue has no such id.
    """
    return _build(get_descriptor(network_id))


def load_network(network_id: str, *, device: str = "cpu") -> nn.Module:
    """Load a network of the catalogue with its weights.

    Parameters
    ----------
    network_id : str
        E.g. ``"iqa_resnet18"``.
    device : str
        A torch device.

    Returns
    -------
    nn.Module
        Float32, in evaluation mode, on the device.

    Raises
    ------
    UnknownNetworkError
        If the catalogue has no such id.
    WeightsError
        If the file is missing, damaged or does not fit; the message names file, cause, remedy.
    """
    return load_described(get_descriptor(network_id), device=device)


def load_described(descriptor: NetworkDescriptor, *, device: str = "cpu") -> nn.Module:
    """Load the network of a descriptor; see `load_network`."""
    state = read_weights(descriptor)
    network = _build(descriptor)
    fill_network(network, state, source=descriptor.weights_file.name)
    return network.to(device).eval()


def load_imported(path: Path, *, device: str = "cpu") -> tuple[nn.Module, ImportedWeights]:
    """Load weights that `acutance models import` wrote; SHA-256 first.

    Parameters
    ----------
    path : Path
        The safetensors file; its sidecar lies beside it.
    device : str
        A torch device.

    Returns
    -------
    network : nn.Module
        Float32, in evaluation mode, on the device.
    weights : ImportedWeights
        Its `status` is "unverified" and belongs into every result.

    Raises
    ------
    WeightsError
        If file or sidecar is missing, damaged or changed.
    """
    from acutance_models.importing import import_state_dict

    weights = read_sidecar(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(
            f"{path.name}: cannot be read ({error.strerror}). Import the checkpoint again.",
            path=path,
        ) from error
    if hashlib.sha256(data).hexdigest() != weights.sha256:
        raise WeightsError(
            f"{path.name}: not the file its sidecar describes. Import the checkpoint again.",
            path=path,
        )
    network = import_state_dict(load(data), t=weights.t)
    return network.to(device).eval(), weights


def load_unverified(
    path: Path, *, t: int | None = None, device: str = "cpu"
) -> tuple[nn.Module, str, str]:
    """Load a safetensors file of any known network; nobody vouches for it.

    Parameters
    ----------
    path : Path
        Where a sidecar of `acutance models import` lies beside it, the two must agree.
    t : int, optional
        Steps of recurrence, for networks that have some; by default what the sidecar says.
    device : str
        A torch device.

    Returns
    -------
    network : nn.Module
        Float32, in evaluation mode, on the device.
    architecture : str
        What was recognised.
    sha256 : str
        Of the file.

    Raises
    ------
    UnknownNetworkError
        If names and shapes are those of no known network.
    WeightsError
        If the file cannot be read, is no safetensors file, or does not fit.
    """
    from acutance_models.families import recognise
    from acutance_models.importing import import_state_dict

    steps = t
    if sidecar_path(path).is_file():
        weights = read_sidecar(path)
        if file_sha256(path) != weights.sha256:
            raise WeightsError(
                f"{path.name}: not the file its sidecar describes. Import the checkpoint again.",
                path=path,
            )
        steps = weights.t if t is None else t
    try:
        data = path.read_bytes()
        state = load(data)
    except OSError as error:
        raise WeightsError(
            f"{path.name}: cannot be read ({error.strerror}). Name a safetensors file.", path=path
        ) from error
    except SafetensorError as error:
        raise WeightsError(
            f"{path.name}: not a safetensors file ({error}). "
            "Convert a checkpoint with `acutance models import`.",
            path=path,
        ) from error
    _, architecture, _ = recognise({key: tuple(value.shape) for key, value in state.items()})
    network = import_state_dict(state, t=steps)
    return network.to(device).eval(), architecture, hashlib.sha256(data).hexdigest()


def read_weights(descriptor: NetworkDescriptor) -> dict[str, Tensor]:
    """Read the tensors of a weights file that is exactly the one of the manifest.

    Size and SHA-256 are compared before a byte is parsed.

    Parameters
    ----------
    descriptor : NetworkDescriptor

    Returns
    -------
    dict of str to Tensor
        As stored, on the CPU.

    Raises
    ------
    WeightsError
        If the file is missing, of another size or digest, or no safetensors file.
    """
    return read_tensors(descriptor.weights_file, descriptor.size_bytes, descriptor.sha256)


def read_tensors(path: Path, size_bytes: int, sha256: str) -> dict[str, Tensor]:
    """Read a safetensors file of known size and digest; see `read_weights`.

    Parameters
    ----------
    path : Path
    size_bytes : int
    sha256 : str
        64 hexadecimal digits, lower case.

    Returns
    -------
    dict of str to Tensor
        As stored, on the CPU.

    Raises
    ------
    WeightsError
        If the file is missing, of another size or digest, or no safetensors file.
    """
    try:
        size = path.stat().st_size
        if size != size_bytes:
            raise WeightsError(
                f"{path.name}: expected {size_bytes} bytes, found {size}; "
                f"the file is incomplete or was changed. {REMEDY}",
                path=path,
            )
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(
            f"{path.name}: the weights cannot be read ({error.strerror}). {REMEDY}", path=path
        ) from error
    digest = hashlib.sha256(data).hexdigest()
    if digest != sha256:
        raise WeightsError(
            f"{path.name}: expected SHA-256 {sha256[:12]}..., found {digest[:12]}...; "
            f"the file is damaged or was changed. {REMEDY}",
            path=path,
        )
    try:
        return load(data)
    except SafetensorError as error:
        raise WeightsError(
            f"{path.name}: not a safetensors file ({error}). {REMEDY}", path=path
        ) from error


def fill_network(network: nn.Module, state: Mapping[str, Tensor], *, source: str) -> None:
    """Put weights into a network: all of them, or none.

    Parameters
    ----------
    network : nn.Module
        Keeps its types: float16 weights become float32 in a float32 network.
    state : mapping of str to Tensor
        Every name and shape of the network, and no other; finite.
    source : str
        What an error message calls the weights.

    Raises
    ------
    WeightsError
        If names, shapes or types do not fit (all of them are reported), a value is not finite,
        or every weight is 0.
    """
    expected = network.state_dict()
    missing = tuple(sorted(expected.keys() - state.keys()))
    unexpected = tuple(sorted(state.keys() - expected.keys()))
    unlike = tuple(
        key for key in expected if key in state and not _is_like(state[key], expected[key])
    )
    if missing or unexpected or unlike:
        shapes = "; ".join(
            f"{key} should be {tuple(expected[key].shape)} {expected[key].dtype}, "
            f"is {tuple(state[key].shape)} {state[key].dtype}"
            for key in unlike[:NAMED_KEYS]
        )
        raise WeightsError(
            f"{source}: the weights do not fit this network: {_count(missing)} missing, "
            f"{_count(unexpected)} unexpected, {len(unlike)} of another shape or type"
            f"{f': {shapes}' if shapes else ''}. Use the file made for it.",
            keys=missing + unexpected + unlike,
        )
    for key, tensor in state.items():
        if not bool(torch.isfinite(tensor).all()):
            raise WeightsError(
                f"{source}: {key} holds values that are not finite. Use another checkpoint.",
                keys=(key,),
            )
    weights = [tensor for tensor in state.values() if tensor.ndim > 1]
    if weights and not any(bool(tensor.any()) for tensor in weights):
        raise WeightsError(f"{source}: every weight is 0. Use another checkpoint.")
    network.load_state_dict({key: value.to(expected[key].dtype) for key, value in state.items()})


def _is_like(tensor: Tensor, target: Tensor) -> bool:
    """Return whether shapes agree, and both are numbers with a fraction or both are not."""
    return tensor.shape == target.shape and tensor.is_floating_point() == target.is_floating_point()


def _build(descriptor: NetworkDescriptor) -> nn.Module:
    module, _, name = descriptor.factory.partition(":")
    network: nn.Module = getattr(import_module(module), name)(descriptor.architecture)
    return network


def _count(keys: tuple[str, ...]) -> str:
    if not keys:
        return "0"
    more = ", ..." if len(keys) > NAMED_KEYS else ""
    return f"{len(keys)} ({', '.join(keys[:NAMED_KEYS])}{more})"
