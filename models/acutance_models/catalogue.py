"""The ordered list of networks, read from the manifest beside the weights. No torch."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from acutance_models.descriptor import NetworkDescriptor, OperatorFile
from acutance_models.errors import UnknownNetworkError, WeightsError

WEIGHTS_FOLDER = Path(__file__).resolve().parent / "weights"
MANIFEST = WEIGHTS_FOLDER / "manifest.toml"


def get_descriptor(network_id: str) -> NetworkDescriptor:
    """Return the network of an id.

    Parameters
    ----------
    network_id : str
        E.g. ``"iqa_resnet18"``.

    Returns
    -------
    NetworkDescriptor

    Raises
    ------
    UnknownNetworkError
        If the catalogue has no such id.
    WeightsError
        If the manifest cannot be read.
    """
    descriptors = list_descriptors()
    for descriptor in descriptors:
        if descriptor.id == network_id:
            return descriptor
    known = tuple(descriptor.id for descriptor in descriptors)
    raise UnknownNetworkError(
        f"Expected one of {', '.join(known) or 'an empty catalogue'}; got {network_id!r}.",
        known=known,
    )


def list_descriptors() -> tuple[NetworkDescriptor, ...]:
    """List all networks, in the order of the manifest.

    Returns
    -------
    tuple of NetworkDescriptor

    Raises
    ------
    WeightsError
        If the manifest is missing, malformed, or names an id twice.
    """
    return _read_bundled()


def read_manifest(path: Path) -> tuple[NetworkDescriptor, ...]:
    """Read a manifest; its files are looked for in the folder it lies in.

    Parameters
    ----------
    path : Path
        TOML with one ``[[network]]`` table for each network.

    Returns
    -------
    tuple of NetworkDescriptor

    Raises
    ------
    WeightsError
        If the manifest is missing, malformed, or names an id twice.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("network", [])
        descriptors = tuple(_descriptor(table, path.parent) for table in tables)
    except OSError as error:
        raise WeightsError(
            f"The list of networks {path.name} cannot be read ({error.strerror}). "
            "Install the program again.",
            path=path,
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(
            f"The list of networks {path.name} is malformed ({error}). Install the program again.",
            path=path,
        ) from error
    seen: set[str] = set()
    for descriptor in descriptors:
        if descriptor.id in seen:
            raise WeightsError(
                f"The list of networks {path.name} names {descriptor.id!r} twice; ids are unique.",
                path=path,
            )
        seen.add(descriptor.id)
    return descriptors


@cache
def _read_bundled() -> tuple[NetworkDescriptor, ...]:
    return read_manifest(MANIFEST)


def _descriptor(table: dict[str, Any], folder: Path) -> NetworkDescriptor:
    sha256 = _digest(table["sha256"])
    names = {key: str(table[key]) for key in ("weights_file", "card")}
    names |= {key: str(table[key]) for key in ("calibration_file",) if key in table}
    operators = [_operator(part, folder) for part in table.get("operators", ())]
    named = [*names.values(), *(str(part["file"]) for part in table.get("operators", ()))]
    if any(Path(name).name != name for name in named):
        raise ValueError("file names are given without a folder")
    return NetworkDescriptor(
        id=str(table["id"]),
        title=str(table["title"]),
        task=str(table["task"]),
        architecture=str(table["architecture"]),
        version=str(table["version"]),
        factory=str(table["factory"]),
        params=int(table["params"]),
        weights_file=folder / names["weights_file"],
        size_bytes=int(table["size_bytes"]),
        sha256=sha256,
        source=str(table["source"]),
        licence=str(table["licence"]),
        attribution=tuple(map(str, table["attribution"])),
        training_data=tuple(map(str, table["training_data"])),
        held_out=tuple(map(str, table["held_out"])),
        card=folder / names["card"],
        metrics=MappingProxyType({key: float(value) for key, value in table["metrics"].items()}),
        **_beside(table, "calibration", folder),
        operators=tuple(sorted(operators, key=lambda operator: operator.noise)),
        classes=tuple(map(str, table.get("classes", ()))),
        channels=int(table.get("channels", 1)),
        pixel_mm=float(table.get("pixel_mm", 0.0)),
    )


def _beside(table: dict[str, Any], kind: str, folder: Path) -> dict[str, Any]:
    """Return the fields of a file beside the weights, none where the network has no such file."""
    if f"{kind}_file" not in table:
        return {}
    return {
        f"{kind}_file": folder / str(table[f"{kind}_file"]),
        f"{kind}_size_bytes": int(table[f"{kind}_size_bytes"]),
        f"{kind}_sha256": _digest(table[f"{kind}_sha256"]),
    }


def _operator(table: dict[str, Any], folder: Path) -> OperatorFile:
    return OperatorFile(
        folder / str(table["file"]),
        int(table["size_bytes"]),
        _digest(table["sha256"]),
        float(table["noise"]),
    )


def _digest(value: object) -> str:
    digest = str(value).lower()
    if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise ValueError("sha256 is not 64 hexadecimal digits")
    return digest
