"""Operators on disk: safetensors, with name, version, report and provenance in the header."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from acutance_models.errors import WeightsError
from acutance_models.ot_restore.operator import ConditionReport, FittedOperator

FORMAT = "acutance-transport-1"
REMEDY = "Fit the operator again."
_LIMIT_BYTES = 1 << 28


def save_operator(operator: FittedOperator, path: Path) -> str:
    """Write an operator, whole or not at all.

    Parameters
    ----------
    operator : FittedOperator
    path : Path
        Ends in ``.safetensors``; a file there is replaced.

    Returns
    -------
    str
        SHA-256 of the file, which results that used it should carry.
    """
    tensors = _tensors(operator)
    header = {
        "format": FORMAT,
        "name": operator.name,
        "version": operator.version,
        "space": operator.space,
        "channels": operator.channels,
        "patch": operator.patch,
        "report": {k: repr(v) for k, v in asdict(operator.report).items()},
        "provenance": dict(operator.provenance),
    }
    plain = json.dumps(header, sort_keys=True)
    # One entry, for the order of several is not kept: equal operators are equal files.
    data = save(tensors, metadata={"acutance": _digest(tensors, plain) + plain})
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".operator-", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return hashlib.sha256(data).hexdigest()


def load_operator(path: Path, *, sha256: str | None = None) -> FittedOperator:
    """Read an operator; a file that was changed is refused.

    Parameters
    ----------
    path : Path
    sha256 : str, optional
        What the file as a whole must have.

    Raises
    ------
    WeightsError
        If it cannot be read, is no operator, was changed, or holds values that do not fit.
    """
    try:
        if path.stat().st_size > _LIMIT_BYTES:
            raise ValueError("it is too large for an operator")
        if sha256 is not None and hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            raise ValueError("it is not the file of that SHA-256")
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        digest, plain = metadata["acutance"][:64], metadata["acutance"][64:]
        if digest != _digest(tensors, plain):
            raise ValueError("its values were changed")
        return _operator(json.loads(plain), tensors)
    except OSError as error:
        raise WeightsError(
            f"{path.name}: cannot be read ({error.strerror}). {REMEDY}", path=path
        ) from error
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise WeightsError(
            f"{path.name}: no operator of this program ({error}). {REMEDY}", path=path
        ) from error


def _tensors(operator: FittedOperator) -> dict[str, Any]:
    tensors = {
        "mean_source": operator.mean_source,
        "mean_target": operator.mean_target,
        "transport_operator": operator.matrix,
    }
    if operator.noise_root is not None:
        tensors["noise_root"] = operator.noise_root
    if operator.cov_target is not None:
        tensors["cov_target"] = operator.cov_target
    return {name: np.ascontiguousarray(value, np.float64) for name, value in tensors.items()}


def _digest(tensors: dict[str, Any], plain: str) -> str:
    digest = hashlib.sha256(plain.encode())
    for name in sorted(tensors):
        digest.update(f"{name}{tensors[name].shape}{tensors[name].dtype}".encode())
        digest.update(tensors[name].tobytes())
    return digest.hexdigest()


def _operator(header: dict[str, Any], tensors: dict[str, Any]) -> FittedOperator:
    if header["format"] != FORMAT:
        raise ValueError(f"its format is {header['format']!r}")
    channels, patch = int(header["channels"]), int(header["patch"])
    size = channels * patch**2
    shapes = {
        "mean_source": (size,),
        "mean_target": (size,),
        "transport_operator": (size, size),
        "noise_root": (size, size),
        "cov_target": (size, size),
    }
    for name, value in tensors.items():
        if value.shape != shapes[name] or value.dtype != np.float64:
            raise ValueError(f"{name} is {value.dtype} of the shape {value.shape}")
        if not np.isfinite(value).all():
            raise ValueError(f"{name} is not finite")
    counted = {"source_count", "target_count", "source_rank", "capped"}
    report: dict[str, Any] = {
        k: int(v) if k in counted else float(v) for k, v in header["report"].items()
    }
    return FittedOperator(
        str(header["name"]),
        str(header["version"]),
        str(header["space"]),
        channels,
        patch,
        tensors["mean_source"],
        tensors["mean_target"],
        tensors["transport_operator"],
        tensors.get("noise_root"),
        ConditionReport(**report),
        {str(k): str(v) for k, v in header["provenance"].items()},
        tensors.get("cov_target"),
    )
