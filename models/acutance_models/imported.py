"""Weights that were imported: the safetensors file and the sidecar beside it. No torch."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from acutance_models.errors import WeightsError

if TYPE_CHECKING:
    from pathlib import Path

#: A checkpoint without a model card: its results carry this word and are never "usable".
STATUS = "unverified"
FORMAT = 1
_SIDECAR_LIMIT_BYTES = 1 << 20


@dataclass(frozen=True)
class ImportedWeights:
    """Imported weights, as their sidecar describes them.

    Parameters
    ----------
    path : Path
        The safetensors file, in the names of the network.
    sha256 : str
    size_bytes : int
    family, architecture : str
        What was recognised.
    t : int or None
        Steps of recurrence that were given at import.
    params, entries : int
        Trainable parameters, and entries of the state dict.
    status : str
        Always "unverified".
    source_name, source_sha256 : str
    source_size_bytes : int
        The file it was made from.
    left_out : tuple of str
        What the checkpoint held beside the state dict, such as the state of the optimiser.
    locks : tuple of str
        Which layers of `acutance_models.conversion.sandbox` held during the conversion.
    created_utc : str
    """

    path: Path
    sha256: str
    size_bytes: int
    family: str
    architecture: str
    t: int | None
    params: int
    entries: int
    status: str
    source_name: str
    source_sha256: str
    source_size_bytes: int
    left_out: tuple[str, ...]
    locks: tuple[str, ...]
    created_utc: str

    def to_plain(self) -> dict[str, Any]:
        """Return the content of the sidecar."""
        return {
            "format": FORMAT,
            "file": self.path.name,
            "sha256": self.sha256,
            "size_bytes": self.size_bytes,
            "status": self.status,
            "family": self.family,
            "architecture": self.architecture,
            "t": self.t,
            "params": self.params,
            "entries": self.entries,
            "source": {
                "file": self.source_name,
                "sha256": self.source_sha256,
                "size_bytes": self.source_size_bytes,
                "left_out": list(self.left_out),
            },
            "locks": list(self.locks),
            "created_utc": self.created_utc,
        }


def sidecar_path(weights: Path) -> Path:
    """Return where the sidecar of a weights file lies."""
    return weights.with_name(weights.name + ".json")


def read_sidecar(weights: Path) -> ImportedWeights:
    """Read the sidecar of imported weights; the weights themselves are not looked at.

    Whatever a sidecar says, the status is "unverified": it is a file anybody can write.

    Raises
    ------
    WeightsError
        If it is missing or malformed.
    """
    note = sidecar_path(weights)
    try:
        with note.open("rb") as file:
            plain = json.loads(file.read(_SIDECAR_LIMIT_BYTES))
        if plain["format"] != FORMAT or plain["file"] != weights.name:
            raise ValueError("it belongs to another file or version")
        source = plain["source"]
        return ImportedWeights(
            path=weights,
            sha256=str(plain["sha256"]),
            size_bytes=int(plain["size_bytes"]),
            family=str(plain["family"]),
            architecture=str(plain["architecture"]),
            t=None if plain["t"] is None else int(plain["t"]),
            params=int(plain["params"]),
            entries=int(plain["entries"]),
            status=STATUS,
            source_name=str(source["file"]),
            source_sha256=str(source["sha256"]),
            source_size_bytes=int(source["size_bytes"]),
            left_out=tuple(map(str, source["left_out"])),
            locks=tuple(map(str, plain["locks"])),
            created_utc=str(plain["created_utc"]),
        )
    except OSError as error:
        raise WeightsError(
            f"{note.name}: cannot be read ({error.strerror}). Import the checkpoint again.",
            path=note,
        ) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise WeightsError(
            f"{note.name}: malformed ({error}). Import the checkpoint again.", path=note
        ) from error


def imported_files(folder: Path) -> tuple[Path, ...]:
    """Return the weights files of a folder that have a sidecar, by name."""
    if not folder.is_dir():
        return ()
    return tuple(w for w in sorted(folder.glob("*.safetensors")) if sidecar_path(w).is_file())


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
