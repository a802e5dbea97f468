"""The child that converts a checkpoint: locks itself down, looks, loads, writes, ends.

It answers with one JSON text. Importing this module loads no torch: a file that must not be
opened is refused before torch is there, with little memory.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acutance_models.conversion.headers import check_file, read_header
from acutance_models.conversion.sandbox import limit_memory, lock_down
from acutance_models.errors import (
    AcutanceModelsError,
    UnknownNetworkError,
    UnsafeCheckpointError,
    WeightsError,
)
from acutance_models.families import recognise

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

#: Memory while a file is looked at, beyond what the interpreter has mapped.
LOOKING_BYTES = 160 << 20
#: Memory while a file is loaded, beyond torch: some times its size, and room to work.
LOADING_FACTOR, LOADING_BYTES = 5, 1 << 30
#: First torch whose `weights_only` has no hole known at the time of writing.
SAFE_TORCH = (2, 10)
COPY, REPACKED, RESULT = "source", "source.zip", "weights.safetensors"
_CHUNK_BYTES = 4 << 20


def main(
    connection: Connection, source: str, name: str, folder: str, size: int, t: int | None
) -> None:
    """Convert a file and send the answer as JSON.

    Parameters
    ----------
    connection : Connection
    source : str
        The file; opened once, for reading.
    name : str
        What messages call it.
    folder : str
        A private, empty folder; the only one written to. The result is left there.
    size : int
        Bytes of the file.
    t : int or None
        Steps of recurrence, for families that have some.
    """
    _mute()
    os.environ["OMP_NUM_THREADS"] = "1"
    try:
        answer = _convert(Path(source), name, Path(folder), size, t)
    except AcutanceModelsError as error:
        answer = {"error": type(error).__name__, "message": str(error)}
        answer["keys"] = list(getattr(error, "keys", ()))[:1000]
    except MemoryError:
        answer = _failure(name, "it needs more memory than its size allows")
    except Exception as error:
        # The child's boundary: whatever a hostile file provokes is one sentence.
        answer = _failure(name, f"it cannot be converted ({type(error).__name__})")
    connection.send_bytes(json.dumps(answer).encode("ascii"))
    connection.close()


def _convert(source: Path, name: str, folder: Path, size: int, t: int | None) -> dict[str, Any]:
    held = lock_down(folder, memory_bytes=LOOKING_BYTES, file_bytes=2 * size + (64 << 20))
    copy = Path(COPY)
    digest = _copy(source, copy, size, name)
    kind = check_file(copy, name=name)
    if kind == "safetensors":
        entries = read_header(copy, name=name)
        recognise({key: entry.shape for key, entry in entries.items()})
    elif zipfile.is_zipfile(copy):
        copy = _repack(copy)
    return {
        "source_sha256": digest,
        "kind": kind,
        "locks": list(held),
        **_load_and_write(copy, kind, name, size, t),
    }


def _copy(source: Path, copy: Path, size: int, name: str) -> str:
    """Copy the file, so that what was checked is what is loaded; return its SHA-256."""
    digest = hashlib.sha256()
    left = size
    with source.open("rb") as given, copy.open("wb") as taken:
        while left and (data := given.read(min(left, _CHUNK_BYTES))):
            digest.update(data)
            taken.write(data)
            left -= len(data)
        if left or given.read(1):
            raise WeightsError(f"{name}: the file changed while it was read. Try again.")
    return digest.hexdigest()


def _repack(copy: Path) -> Path:
    """Write the archive anew as Python sees it: another reader then sees nothing else."""
    target = Path(REPACKED)
    with zipfile.ZipFile(copy) as given, zipfile.ZipFile(target, "w") as taken:
        for entry in given.infolist():
            with given.open(entry) as reading, taken.open(entry.filename, "w") as writing:
                while data := reading.read(_CHUNK_BYTES):
                    writing.write(data)
    copy.unlink()
    return target


def _load_and_write(copy: Path, kind: str, name: str, size: int, t: int | None) -> dict[str, Any]:
    limit_memory(None)
    import torch
    from safetensors.torch import load_file, save_file

    from acutance_models.importing import import_state_dict, unwrap

    version = tuple(int(part) for part in torch.__version__.split("+")[0].split(".")[:2])
    if version < SAFE_TORCH:
        raise WeightsError(
            f"{name}: torch {torch.__version__} opens checkpoints unsafely. "
            f"Install torch {'.'.join(map(str, SAFE_TORCH))} or newer."
        )
    torch.set_num_threads(1)
    limit_memory(LOADING_FACTOR * size + LOADING_BYTES)
    if kind == "safetensors":
        checkpoint: Any = load_file(copy)
    else:
        try:
            checkpoint = torch.load(copy, map_location="cpu", weights_only=True)
        except (MemoryError, AcutanceModelsError):
            raise
        except Exception as error:
            raise WeightsError(
                f"{name}: torch cannot load it with weights only ({type(error).__name__}). Get the "
                "file again, or save it with torch.save as it is."
            ) from error
    tensors, beside = unwrap(checkpoint)
    family, architecture, _ = recognise({k: tuple(v.shape) for k, v in tensors.items()})
    network = import_state_dict(tensors, t=t)
    state = {key: tensor.contiguous() for key, tensor in network.state_dict().items()}
    save_file(state, RESULT, metadata={"family": family.id, "architecture": architecture})
    return {
        "family": family.id,
        "architecture": architecture,
        "entries": len(state),
        "params": sum(parameter.numel() for parameter in network.parameters()),
        "left_out": [key[:200] for key in beside[:100]],
    }


def _failure(name: str, what: str) -> dict[str, Any]:
    return {
        "error": "WeightsError",
        "message": f"{name}: {what}. Nothing of it was kept; use another checkpoint.",
        "keys": [],
    }


def _mute() -> None:
    """Keep what libraries print away from the terminal."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


#: Errors that may cross to the parent, by name.
ERRORS: dict[str, type[WeightsError] | type[UnknownNetworkError]] = {
    error.__name__: error for error in (WeightsError, UnsafeCheckpointError, UnknownNetworkError)
}
