"""Networks by ONNX Runtime, where it is installed: float32."""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import torch

from acutance.engines.backends import cache
from acutance.engines.backends.base import BackendUnavailableError, installed_version

if TYPE_CHECKING:
    from pathlib import Path

    from acutance.engines.backends.base import Task

PACKAGE = "onnxruntime"
_FILE = "network.onnx"
_INPUT = "slices"


class OnnxNetwork:
    """A session of ONNX Runtime on the CPU.

    Parameters
    ----------
    path : Path
        Of the network as ONNX.
    threads : int
    """

    def __init__(self, path: Path, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 4
        self._session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, batch: torch.Tensor) -> torch.Tensor:
        """Map (N, C, H, W) on the CPU to what the network gives."""
        (answers,) = self._session.run(None, {_INPUT: batch.contiguous().numpy()})
        return torch.from_numpy(np.asarray(answers, np.float32))


def load(
    network: torch.nn.Module, sha256: str, task: Task, folder: Path | None = None
) -> OnnxNetwork:
    """Return a network of torch as ONNX Runtime computes it; converted once and kept.

    Parameters
    ----------
    network : nn.Module
        In evaluation mode, float32, on the CPU.
    sha256 : str
        Of its weights.
    task : Task
    folder : Path, optional
        In place of the user's cache folder.

    Raises
    ------
    BackendUnavailableError
        If ONNX Runtime, or what converts for it, is not installed.
    """
    found = installed_version(PACKAGE)
    if not found:
        raise BackendUnavailableError("ONNX Runtime is not installed")
    if find_spec("onnx") is None:
        raise BackendUnavailableError("the package onnx, which converts, is not installed")
    free = {0: "count"} if task.is_of_one_size else {0: "count", 2: "rows", 3: "columns"}

    def write(place: Path) -> None:
        with warnings.catch_warnings(), torch.inference_mode(False):
            warnings.simplefilter("ignore")  # of tracing, which these networks are made for
            torch.onnx.export(
                task.whole(network),
                (torch.zeros(1, task.channels, task.side, task.side),),
                str(place / _FILE),
                dynamo=False,
                input_names=[_INPUT],
                dynamic_axes={_INPUT: free},
            )

    form = task.channels, task.side, task.is_of_one_size
    key = cache.digest("onnxruntime", found, torch.__version__, sha256, *form, cache.RECIPE)
    place = cache.converted(key, write, folder)
    return OnnxNetwork(place / _FILE, torch.get_num_threads())
