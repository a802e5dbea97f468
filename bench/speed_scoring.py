"""Measure the scoring network alone: 64 slices of 256 x 256, against every runtime at hand.

    PYTHONPATH=app:models python bench/speed_scoring.py [--rounds 7] [--threads 0]

Ours is the network as the engine holds it: normalisations folded, channels last, batches of 16.
Peers, with the same weights in float32: torch eager as it is loaded, torch channels last, and ONNX
Runtime and OpenVINO where they are installed (the extra `fast`). Scores are compared first.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from pairing import Outcome, ratios, take_turns

from acutance.engines.scoring_network import load_shipped
from acutance_models.loading import load_network

if TYPE_CHECKING:
    from numpy.typing import NDArray

NETWORK = "iqa_resnet18"
SLICES, SIDE, BATCH = 64, 256, 16
TOLERANCE = 1e-3
#: Of one slice (4.53 GFLOP at 256 x 256: two for each multiplication with its addition).
FLOP_PER_SLICE = 4.53e9

Scorer = "Callable[[], NDArray[np.float32]]"


def contenders(images: NDArray[np.float32], threads: int) -> dict[str, Scorer]:  # type: ignore[valid-type]
    """Return each runtime that is here, ready to score all images."""
    tensor = torch.from_numpy(images)
    last = tensor.contiguous(memory_format=torch.channels_last)
    plain = load_network(NETWORK, device="cpu")
    turned = load_network(NETWORK, device="cpu").to(memory_format=torch.channels_last)
    ours = load_shipped(NETWORK, torch.device("cpu")).network

    def by_torch(network: torch.nn.Module, given: torch.Tensor) -> Scorer:  # type: ignore[valid-type]
        def run() -> NDArray[np.float32]:
            with torch.inference_mode():
                parts = [network(part)[:, 0] for part in torch.split(given, BATCH)]
                scored: NDArray[np.float32] = torch.cat(parts).numpy()
                return scored

        return run

    found = {
        "ours": by_torch(ours, last),
        "torch eager": by_torch(plain, tensor),
        "torch channels last": by_torch(turned, last),
    }
    batches = [images[first : first + BATCH] for first in range(0, len(images), BATCH)]
    if find_spec("onnxruntime") and find_spec("onnx"):
        found["ONNX Runtime"] = by_onnx(plain, batches, threads)
    if find_spec("openvino"):
        found["OpenVINO"] = by_openvino(plain, batches, threads)
    return found


def by_onnx(network: torch.nn.Module, batches: list[NDArray[np.float32]], threads: int):  # type: ignore[no-untyped-def]
    """Return a scorer through ONNX Runtime."""
    import onnxruntime

    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "network.onnx")
        example = torch.zeros(1, 1, SIDE, SIDE)
        torch.onnx.export(
            network,
            (example,),
            path,
            dynamo=False,
            input_names=["x"],
            dynamic_axes={"x": {0: "n"}},
        )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(path, options)
    return lambda: np.concatenate([session.run(None, {"x": b})[0][:, 0] for b in batches])


def by_openvino(network: torch.nn.Module, batches: list[NDArray[np.float32]], threads: int):  # type: ignore[no-untyped-def]
    """Return a scorer through OpenVINO, held to float32."""
    import openvino

    example = torch.zeros(1, 1, SIDE, SIDE)
    model = openvino.convert_model(network, example_input=example, input=[-1, 1, SIDE, SIDE])
    hints = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads}
    request = openvino.Core().compile_model(model, "CPU", hints).create_infer_request()
    return lambda: np.concatenate([request.infer({0: b})[0][:, 0].copy() for b in batches])


def measure(rounds: int, threads: int) -> Outcome:
    """Run the comparison."""
    torch.set_num_threads(threads)
    images = np.random.default_rng(0).random((SLICES, 1, SIDE, SIDE), np.float32)
    scorers = contenders(images, threads)
    scores = {name: scorer() for name, scorer in scorers.items()}
    largest = max(float(np.abs(scores["ours"] - other).max()) for other in scores.values())
    if largest > TOLERANCE:
        raise SystemExit(f"The scores differ by {largest}: no time counts.")
    seconds = take_turns(scorers, rounds=rounds)
    medians = {name: float(np.median(times)) for name, times in seconds.items()}
    fastest = min((name for name in medians if name != "ours"), key=lambda name: medians[name])
    ratio, low, high = ratios(seconds[fastest], seconds["ours"])
    eager, *_ = ratios(seconds["torch eager"], seconds["ours"])
    return Outcome(
        f"ResNet-18, {SLICES} slices {SIDE} x {SIDE}, float32",
        "0.95 x the fastest, 1.7 x torch eager",
        f"{fastest}, the fastest of {len(scorers) - 1}",
        ratio,
        low,
        high,
        medians["ours"],
        medians[fastest],
        ratio >= 0.95 and eager >= 1.7,
        f"largest difference of scores {largest:.1e}; torch eager / ours {eager:.2f} x",
        {name: value for name, value in medians.items() if name != "ours"},
        "the convolutions themselves: nearly all of the time is in them",
        FLOP_PER_SLICE * SLICES,
    )


def main(arguments: list[str]) -> int:
    from run import show

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args(arguments)
    return show(measure(options.rounds, options.threads))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
