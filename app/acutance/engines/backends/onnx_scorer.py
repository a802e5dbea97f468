"""Scoring by ONNX Runtime, where it is installed: float32."""

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

    from numpy.typing import NDArray

PACKAGE = "onnxruntime"
_FILE = "network.onnx"
_INPUT = "slices"


class OnnxScorer:
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

    def __call__(self, batch: torch.Tensor) -> NDArray[np.float64]:
        """Score slices (N, 1, 256, 256) on the CPU; return (N,)."""
        (answers,) = self._session.run(None, {_INPUT: batch.numpy()})
        return np.asarray(answers, np.float64).reshape(-1)


def load(
    network: torch.nn.Module, sha256: str, side: int, folder: Path | None = None
) -> OnnxScorer:
    """Return a network of torch as ONNX Runtime computes it; converted once and kept.

    Parameters
    ----------
    network : nn.Module
        In evaluation mode, float32, on the CPU.
    sha256 : str
        Of its weights.
    side : int
        Of the slices.
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

    def write(place: Path) -> None:
        with warnings.catch_warnings(), torch.inference_mode(False):
            warnings.simplefilter("ignore")  # of tracing, which this network is made for
            torch.onnx.export(
                network,
                (torch.zeros(1, 1, side, side),),
                str(place / _FILE),
                dynamo=False,
                input_names=[_INPUT],
                dynamic_axes={_INPUT: {0: "count"}},
            )

    key = cache.digest("onnxruntime", found, torch.__version__, sha256, side, cache.RECIPE)
    place = cache.converted(key, write, folder)
    return OnnxScorer(place / _FILE, torch.get_num_threads())
