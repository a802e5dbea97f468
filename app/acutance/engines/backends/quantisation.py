"""Turn the convolutions of a network into ones of 8-bit integers, calibrated without any data.

Which convolutions near the input stay as they are is tried on made-up slices: they cost little
time, and what they round off reaches everything behind them. Activations get 256 levels from 0 to
what all but one in 100,000 of them stay below on made-up slices; weights get 255 levels for each
output channel, with the range of least squared error; the bias of each channel takes back what the
rounded weights add to its mean [1]_; and scores are made right in the mean.

References
----------
.. [1] Nagel, van Baalen, Blankevoort, Welling, "Data-free quantization through weight equalization
   and bias correction", ICCV 2019, section 4.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance_models.simulation.heads import trial_slices

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Made-up slices for the ranges, other ones than those a trial compares.
SLICES, SEED, BATCH = 48, 1, 8
#: Share of the activations that may lie above the range.
_BEYOND = 1e-5
_LEVELS, _WEIGHT_LEVELS = 256, 255
NEWTON_STEPS = 4
#: Convolutions, counted from the input, that stay as they are; each of these is tried.
KEPT = ((), (0,), (2,), (0, 2))
#: Ranges of weights that are tried, as shares of the largest.
_SHARES = np.linspace(0.7, 1.0, 13)


@dataclass(frozen=True)
class _Input:
    """What goes into one convolution.

    Parameters
    ----------
    ceiling : float
        Upper end of the range.
    means : ndarray, shape (channels,), float64
    """

    ceiling: float
    means: NDArray[np.float64]


def quantise(model: Any, hint: str) -> Any:
    """Return a copy of a model of OpenVINO whose convolutions OpenVINO runs in 8-bit integers.

    Parameters
    ----------
    model : openvino.Model
        Slices in, whose convolutions see nothing below 0, as behind a ReLU.
    hint : str
        What OpenVINO calls the precision of all else: "f32" or "bf16".

    Raises
    ------
    ValueError
        If a convolution sees values below 0, no constant is added to what it gives, or scores do
        not come out of a sigmoid behind such a constant.
    """
    slices = trial_slices(SLICES, seed=SEED)
    inputs = _measure(model, slices)
    exact = _scores(model, slices, "f32")
    found = []
    for kept in KEPT:
        changed = _quantised(model, inputs, kept)
        _centre(changed, exact, _scores(changed, slices, hint))
        off = np.abs(_scores(changed, slices, hint) - exact)
        found.append((float(np.percentile(off, 99)), changed))
    return min(found, key=lambda one: one[0])[1]


def _quantised(model: Any, inputs: list[_Input], kept: tuple[int, ...]) -> Any:
    """Return a copy with all but some convolutions quantised."""
    from openvino import opset13 as operations

    changed = model.clone()
    quantised: dict[str, Any] = {}
    numbered = enumerate(zip(_convolutions(changed), inputs, strict=True))
    for number, (convolution, known) in numbered:
        if number in kept:
            continue
        source = convolution.input_value(0)
        name = _name(source)
        if name not in quantised:
            ends = np.float32(0.0), np.float32(known.ceiling)
            made = operations.fake_quantize(source, *ends, *ends, _LEVELS)
            quantised[name] = made
            for reader in source.get_target_inputs():
                if reader.get_node().get_friendly_name() != made.get_friendly_name():
                    reader.replace_source_output(made.output(0))
        weights = _constant(convolution.input_value(1))
        rounded, ends_of_weights = round_weights(weights)
        convolution.input(1).replace_source_output(
            operations.fake_quantize(
                operations.constant(rounded),
                -ends_of_weights, ends_of_weights, -ends_of_weights, ends_of_weights,
                _WEIGHT_LEVELS,
            ).output(0)
        )  # fmt: skip
        lost = (weights - rounded).sum(axis=(2, 3), dtype=np.float64) @ known.means
        _add_to_bias(convolution, lost.astype(np.float32), operations)
    changed.validate_nodes_and_infer_types()
    return changed


def round_weights(
    weights: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Round the weights of each output channel to 255 levels about 0.

    Parameters
    ----------
    weights : ndarray, shape (out, in, rows, columns), float32

    Returns
    -------
    rounded : ndarray, same shape, float32
    ends : ndarray, shape (out, 1, 1, 1), float32
        Upper end of the range of each channel.
    """
    axes = (1, 2, 3)
    largest = np.maximum(np.abs(weights).max(axis=axes, keepdims=True), np.float32(1e-12))
    steps = (_WEIGHT_LEVELS - 1) // 2
    rounded, ends = np.zeros_like(weights), largest
    least = np.full(largest.shape, np.inf, np.float32)
    for share in _SHARES:
        end = largest * np.float32(share)
        tried = np.clip(np.rint(weights / end * steps), -steps, steps) * end / steps
        error = ((tried - weights) ** 2).sum(axis=axes, keepdims=True)
        better = error < least
        least = np.where(better, error, least)
        ends = np.where(better, end, ends)
        rounded = np.where(better, tried, rounded)
    return rounded.astype(np.float32), ends.astype(np.float32)


def _scores(model: Any, slices: NDArray[np.float32], hint: str) -> NDArray[np.float64]:
    import openvino

    settings = {"INFERENCE_PRECISION_HINT": hint}
    request = openvino.Core().compile_model(model, "CPU", settings).create_infer_request()
    parts = [
        np.array(request.infer({0: slices[first : first + BATCH]})[0], np.float64).reshape(-1)
        for first in range(0, len(slices), BATCH)
    ]
    return np.concatenate(parts)


def _centre(model: Any, exact: NDArray[np.float64], rounded: NDArray[np.float64]) -> None:
    """Shift what goes into the sigmoid, so that scores are right in the mean."""
    from openvino import opset13 as operations

    ends = [node for node in model.get_ordered_ops() if node.get_type_name() == "Sigmoid"]
    adder: Any = ends[0].input_value(0).get_node() if len(ends) == 1 else None
    places = [] if adder is None or adder.get_type_name() != "Add" else [0, 1]
    places = [n for n in places if adder.input_value(n).get_node().get_type_name() == "Constant"]
    if len(places) != 1:
        raise ValueError("scores do not come out of a sigmoid behind a constant")
    inside = np.clip(rounded, 1e-6, 1.0 - 1e-6)
    logits, shift = np.log(inside / (1.0 - inside)), 0.0
    for _ in range(NEWTON_STEPS):
        scores = 1.0 / (1.0 + np.exp(-(logits + shift)))
        shift += float((exact - scores).mean() / (scores * (1.0 - scores)).mean())
    bias = _constant(adder.input_value(places[0])) + np.float32(shift)
    adder.input(places[0]).replace_source_output(operations.constant(bias).output(0))


def _measure(model: Any, slices: NDArray[np.float32]) -> list[_Input]:
    """Return what goes into each convolution on made-up slices, in order."""
    import openvino

    probe = model.clone()
    sources = [convolution.input_value(0) for convolution in _convolutions(probe)]
    inner = {
        _name(source): source
        for source in sources
        if source.get_node().get_type_name() != "Parameter"
    }
    first = len(probe.outputs)
    probe.add_outputs(list(inner.values()))
    settings = {"INFERENCE_PRECISION_HINT": "f32"}
    request = openvino.Core().compile_model(probe, "CPU", settings).create_infer_request()
    tops: dict[str, list[float]] = {}
    sums: dict[str, Any] = {}
    for start in range(0, len(slices), BATCH):
        part = slices[start : start + BATCH]
        request.infer({0: part})
        seen = {
            name: request.get_output_tensor(first + place).data for place, name in enumerate(inner)
        }
        for name in {_name(source) for source in sources}:
            values = seen.get(name, part)
            if values.min() < 0:
                raise ValueError("a convolution sees values below 0")
            tops.setdefault(name, []).append(_top(values))
            mean = values.mean(axis=(2, 3), dtype=np.float64).sum(axis=0)
            sums[name] = sums.get(name, 0.0) + mean
    names = [_name(source) for source in sources]
    return [_Input(max(max(tops[name]), 1e-6), sums[name] / len(slices)) for name in names]


def _top(values: NDArray[np.float32]) -> float:
    """Return what all but the permitted share of the values stay below."""
    place = max(0, values.size - 1 - int(_BEYOND * values.size))
    return float(np.partition(values, place, axis=None)[place])


def _convolutions(model: Any) -> list[Any]:
    return [node for node in model.get_ordered_ops() if node.get_type_name() == "Convolution"]


def _name(source: Any) -> str:
    return f"{source.get_node().get_friendly_name()}:{source.get_index()}"


def _constant(source: Any) -> NDArray[np.float32]:
    node = source.get_node()
    while node.get_type_name() != "Constant":
        node = node.input_value(0).get_node()
    return np.array(node.data, np.float32)


def _add_to_bias(convolution: Any, added: NDArray[np.float32], operations: Any) -> None:
    readers = list(convolution.output(0).get_target_inputs())
    adder: Any = readers[0].get_node() if len(readers) == 1 else None
    other = 1 - readers[0].get_index()
    if adder is None or adder.get_type_name() != "Add":
        raise ValueError("nothing is added to a convolution")
    source = adder.input_value(other)
    if source.get_node().get_type_name() != "Constant":
        raise ValueError("no constant is added to a convolution")
    bias = _constant(source) + added.reshape(1, -1, 1, 1)
    adder.input(other).replace_source_output(operations.constant(bias).output(0))
