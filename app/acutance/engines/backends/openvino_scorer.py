"""Scoring by OpenVINO, where it is installed: float32, bfloat16, and 8-bit integers.

The network is read by OpenVINO's own front end for torch. Its converter of the same purpose is
gone around, because that one reports each use to its makers.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from acutance.core.backends import precision_of
from acutance.engines.backends import cache
from acutance.engines.backends.base import BackendUnavailableError, installed_version

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_HINTS = {"float32": "f32", "bfloat16": "bf16", "int8": "bf16"}
_NEEDED = {"float32": "FP32", "bfloat16": "BF16", "int8": "INT8"}
PACKAGE = "openvino"
_FILE = "network.xml"


class OpenVinoScorer:
    """A compiled network of OpenVINO on the CPU.

    Parameters
    ----------
    path : Path
        Of the network as OpenVINO writes it.
    precision : str
        "float32", "bfloat16" or "int8".
    threads : int

    Raises
    ------
    BackendUnavailableError
        If this processor has no units for the precision.
    """

    def __init__(self, path: Path, precision: str, threads: int) -> None:
        import openvino

        core = openvino.Core()
        if _NEEDED[precision] not in _capabilities():
            raise BackendUnavailableError(f"this processor has no units for {precision}")
        settings = {
            "INFERENCE_PRECISION_HINT": _hint(precision),
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
        }
        self._request = core.compile_model(path, "CPU", settings).create_infer_request()

    def __call__(self, batch: torch.Tensor) -> NDArray[np.float64]:
        """Score slices (N, 1, 256, 256) on the CPU; return (N,)."""
        answers = self._request.infer({0: batch.numpy()})[0]
        return np.asarray(answers, np.float64).reshape(-1)


def load(
    network: torch.nn.Module, sha256: str, backend: str, side: int, folder: Path | None = None
) -> OpenVinoScorer:
    """Return a network of torch as OpenVINO computes it; converted once and kept.

    Parameters
    ----------
    network : nn.Module
        In evaluation mode, float32, on the CPU.
    sha256 : str
        Of its weights.
    backend : str
        One of "openvino-float32", "openvino-bfloat16" and "openvino-int8".
    side : int
        Of the slices.
    folder : Path, optional
        In place of the user's cache folder.

    Raises
    ------
    BackendUnavailableError
        If OpenVINO is not installed, or this processor has no units for the precision.
    """
    found = installed_version(PACKAGE)
    if not found:
        raise BackendUnavailableError("OpenVINO is not installed")
    precision = precision_of(backend)
    form = f"int8 {_hint(precision)}" if precision == "int8" else "float"

    def write(place: Path) -> None:
        import openvino

        model = convert(network, side)
        if precision == "int8":
            from acutance.engines.backends.quantisation import quantise

            model = quantise(model, _hint(precision))
        openvino.save_model(model, str(place / _FILE), compress_to_fp16=False)

    key = cache.digest("openvino", found, torch.__version__, sha256, side, form, cache.RECIPE)
    place = cache.converted(key, write, folder)
    return OpenVinoScorer(place / _FILE, precision, torch.get_num_threads())


def convert(network: torch.nn.Module, side: int) -> Any:
    """Return a network of torch as a model of OpenVINO, for any number of slices."""
    import openvino
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder
    from openvino.passes import ConstantFolding, Manager

    front_end = FrontEndManager().load_by_framework("pytorch")
    with warnings.catch_warnings(), torch.inference_mode(False):
        warnings.simplefilter("ignore")  # of tracing, which this network is made for
        decoder = TorchScriptPythonDecoder(network, example_input=torch.zeros(1, 1, side, side))
        model = front_end.convert(front_end.load(decoder))
    model.reshape(openvino.PartialShape([-1, 1, side, side]))
    passes = Manager()
    passes.register_pass(ConstantFolding())  # biases become constants, as quantisation wants them
    passes.run_passes(model)
    return model


def _hint(precision: str) -> str:
    """Return what OpenVINO calls a precision; beside 8-bit integers the best there is."""
    if precision == "int8" and "BF16" not in _capabilities():
        return "f32"
    return _HINTS[precision]


def _capabilities() -> list[str]:
    import openvino

    found: list[str] = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return found
