"""Networks by OpenVINO, where it is installed: float32, bfloat16, and 8-bit integers.

A network is read by OpenVINO's own front end for torch. Its converter of the same purpose is gone
around, because that one reports each use to its makers.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from acutance.core.backends import precision_of
from acutance.engines.backends import cache
from acutance.engines.backends.base import BackendUnavailableError, Part, installed_version

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from acutance.engines.backends.base import Task

_HINTS = {"float32": "f32", "bfloat16": "bf16", "int8": "bf16"}
_NEEDED = {"float32": "FP32", "bfloat16": "BF16", "int8": "INT8"}
PACKAGE = "openvino"
#: Sizes of slices for which a network stays compiled.
KEPT_SIZES = 2


class OpenVinoNetwork:
    """Networks of OpenVINO on the CPU, one after the other, compiled for each size of slices.

    Parameters
    ----------
    parts : sequence of (Path, str)
        Of each part as OpenVINO writes it, and what OpenVINO calls its precision.
    threads : int
    """

    def __init__(self, parts: Sequence[tuple[Path, str]], threads: int) -> None:
        self._parts = parts
        self._threads = threads
        self._compiled: dict[tuple[int, ...], list[Any]] = {}

    def __call__(self, batch: torch.Tensor) -> torch.Tensor:
        """Map (N, C, H, W) on the CPU to what the network gives, float32."""
        requests = self._requests(tuple(batch.shape[1:]))
        given = batch.contiguous().numpy()
        for request in requests[:-1]:  # memory of its own, good until its next call
            given = request.infer({0: given}, share_inputs=True, share_outputs=True)[0]
        found = requests[-1].infer({0: given}, share_inputs=True)[0]
        return torch.from_numpy(np.asarray(found, np.float32))

    def _requests(self, size: tuple[int, ...]) -> list[Any]:
        import openvino

        if size not in self._compiled:
            core, channels = openvino.Core(), size[0]
            requests: list[Any] = []
            for path, hint in self._parts:
                model = core.read_model(path)
                if requests:
                    channels = model.inputs[0].get_partial_shape()[1].get_length()
                model.reshape(openvino.PartialShape([-1, channels, *size[1:]]))
                settings = {
                    "INFERENCE_PRECISION_HINT": hint,
                    "INFERENCE_NUM_THREADS": self._threads,
                    "NUM_STREAMS": 1,
                }
                requests.append(core.compile_model(model, "CPU", settings).create_infer_request())
            for old in list(self._compiled)[: 1 - KEPT_SIZES or None]:
                del self._compiled[old]
            self._compiled[size] = requests
        return self._compiled[size]


def load(
    network: torch.nn.Module, sha256: str, backend: str, task: Task, folder: Path | None = None
) -> OpenVinoNetwork:
    """Return a network of torch as OpenVINO computes it; converted once and kept.

    Parameters
    ----------
    network : nn.Module
        In evaluation mode, float32, on the CPU.
    sha256 : str
        Of its weights.
    backend : str
        One of "openvino-float32", "openvino-bfloat16" and "openvino-int8".
    task : Task
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
    if _NEEDED[precision] not in _capabilities():
        raise BackendUnavailableError(f"this processor has no units for {precision}")
    hint = _hint(precision)
    parts: Sequence[Part] = (Part(task.whole(network), task.channels),)
    if precision != "float32":
        parts = task.parts(network)

    def write(place: Path) -> None:
        import openvino

        for number, part in enumerate(parts):
            model = convert(part.module, part.channels, task.side, task.is_of_one_size)
            if precision == "int8":
                from acutance.engines.backends.quantisation import quantise

                model = quantise(model, hint)
            openvino.save_model(model, str(place / _file(number)), compress_to_fp16=False)

    form = f"int8 {hint}" if precision == "int8" else f"float {len(parts)}"
    size = task.channels, task.side, task.is_of_one_size
    key = cache.digest("openvino", found, torch.__version__, sha256, *size, form, cache.RECIPE)
    place = cache.converted(key, write, folder)
    files = [
        (place / _file(number), _HINTS["float32"] if part.is_exact else hint)
        for number, part in enumerate(parts)
    ]
    return OpenVinoNetwork(files, torch.get_num_threads())


def convert(network: torch.nn.Module, channels: int, side: int, is_of_one_size: bool) -> Any:
    """Return a network of torch as a model of OpenVINO, for any number of slices.

    Parameters
    ----------
    network : nn.Module
    channels, side : int
        Of the slices that are traced.
    is_of_one_size : bool
        Whether it need take no other size.
    """
    import openvino
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder
    from openvino.passes import ConstantFolding, Manager

    front_end = FrontEndManager().load_by_framework("pytorch")
    with warnings.catch_warnings(), torch.inference_mode(False):
        warnings.simplefilter("ignore")  # of tracing, which these networks are made for
        decoder = TorchScriptPythonDecoder(
            network, example_input=torch.zeros(1, channels, side, side)
        )
        model = front_end.convert(front_end.load(decoder))
    sides = [side, side] if is_of_one_size else [-1, -1]
    model.reshape(openvino.PartialShape([-1, channels, *sides]))
    passes = Manager()
    passes.register_pass(ConstantFolding())  # biases become constants, as quantisation wants them
    passes.run_passes(model)
    return model


def _file(number: int) -> str:
    return f"part-{number}.xml"


def _hint(precision: str) -> str:
    """Return what OpenVINO calls a precision; beside 8-bit integers the best there is."""
    if precision == "int8" and "BF16" not in _capabilities():
        return "f32"
    return _HINTS[precision]


def _capabilities() -> list[str]:
    import openvino

    found: list[str] = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return found
