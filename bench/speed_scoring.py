"""Measure the scoring network alone: 64 slices of 256 x 256, against every runtime at hand.

    PYTHONPATH=app:models python bench/speed_scoring.py [--rounds 7] [--threads 0]

Ours is what the engine chose in a trial: once of the backends in float32, once of all that are
within the tolerance of scores. Peers, with the same weights in float32: torch eager as it is
loaded, torch channels last, and ONNX Runtime and OpenVINO where they are installed (the extra
`fast`). Scores are compared first. What a volume costs where verdicts make the engine compute
slices once more is told by scoring_precision.py.
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

from acutance.backend_commands import table
from acutance.core.backends import LARGEST_99TH, LARGEST_MEAN, precision_of
from acutance.engines.backends.choice import Backends
from acutance.engines.scoring_network import load_shipped
from acutance_models.loading import load_network
from acutance_models.simulation.heads import trial_slices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.backends import BackendTrial

NETWORK = "iqa_resnet18"
SLICES, SIDE, BATCH = 64, 256, 16
OURS, OURS_FLOAT32 = "ours", "ours in float32"
CPU = torch.device("cpu")
TOLERANCE = 1e-3
#: Of one slice (4.53 GFLOP at 256 x 256: two for each multiplication with its addition).
FLOP_PER_SLICE = 4.53e9

Scorer = "Callable[[], NDArray[np.float32]]"


def fastest_float32(trial: BackendTrial) -> str:
    """Return the fastest backend that computes in float32."""
    rows = [r for r in trial.rows if r.is_allowed and precision_of(r.backend) == "float32"]
    return min(rows, key=lambda row: row.milliseconds or float("inf")).backend


def contenders(
    images: NDArray[np.float32], threads: int, backends: Backends, trial: BackendTrial
) -> dict[str, Scorer]:  # type: ignore[valid-type]
    """Return each runtime that is here, ready to score all images."""
    tensor = torch.from_numpy(images)
    last = tensor.contiguous(memory_format=torch.channels_last)
    plain = load_network(NETWORK, device="cpu")
    turned = load_network(NETWORK, device="cpu").to(memory_format=torch.channels_last)

    def by_torch(network: torch.nn.Module, given: torch.Tensor) -> Scorer:  # type: ignore[valid-type]
        def run() -> NDArray[np.float32]:
            with torch.inference_mode():
                parts = [network(part)[:, 0] for part in torch.split(given, BATCH)]
                scored: NDArray[np.float32] = torch.cat(parts).numpy()
                return scored

        return run

    def by_backend(name: str) -> Scorer:  # type: ignore[valid-type]
        scorer = backends.active(name, lambda fraction: None).compute
        return lambda: np.concatenate([scorer(part) for part in torch.split(tensor, BATCH)])

    found = {
        OURS: by_backend(trial.chosen),
        OURS_FLOAT32: by_backend(fastest_float32(trial)),
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


def measure(rounds: int, threads: int, folder: Path) -> list[Outcome]:
    """Run the comparison; return a row for float32 and one for what was chosen."""
    torch.set_num_threads(threads)
    images = trial_slices(SLICES, seed=2)
    backends = Backends(load_shipped(NETWORK, CPU), CPU, folder)
    trial = backends.try_all(lambda fraction: None)
    for line in table(trial):
        print(line)
    scorers = contenders(images, threads, backends, trial)
    scores = {name: scorer() for name, scorer in scorers.items()}
    exact = {name: score for name, score in scores.items() if name != OURS}
    largest = max(float(np.abs(scores[OURS_FLOAT32] - other).max()) for other in exact.values())
    off = np.abs(scores[OURS] - scores[OURS_FLOAT32])
    if largest > TOLERANCE or off.mean() > LARGEST_MEAN or np.percentile(off, 99) > LARGEST_99TH:
        raise SystemExit(f"The scores differ by {largest} and {off.max()}: no time counts.")
    seconds = take_turns(scorers, rounds=rounds)
    medians = {name: float(np.median(times)) for name, times in seconds.items()}
    peers = [name for name in medians if name not in (OURS, OURS_FLOAT32)]
    fastest = min(peers, key=lambda name: medians[name])
    stages = {name: medians[name] for name in peers}
    ratio, low, high = ratios(seconds[fastest], seconds[OURS_FLOAT32])
    by_eager = ratios(seconds["torch eager"], seconds[OURS])
    return [
        Outcome(
            f"ResNet-18, {SLICES} slices {SIDE} x {SIDE}, {fastest_float32(trial)}",
            "0.95 x the fastest",
            f"{fastest}, the fastest of {len(peers)} in float32",
            ratio,
            low,
            high,
            medians[OURS_FLOAT32],
            medians[fastest],
            ratio >= 0.95,
            f"largest difference of scores {largest:.1e}",
            stages,
            "the convolutions themselves: nearly all of the time is in them",
            FLOP_PER_SLICE * SLICES,
        ),
        Outcome(
            f"ResNet-18, {SLICES} slices {SIDE} x {SIDE}, {trial.chosen}, as chosen",
            "5 x where a reduced precision is within the tolerance, else 1.7 x",
            "torch eager, float32",
            *by_eager,
            medians[OURS],
            medians["torch eager"],
            by_eager[0] >= (1.7 if precision_of(trial.chosen) == "float32" else 5.0),
            f"scores differ by {off.mean():.5f} in the mean, {off.max():.5f} at most",
            {},
            "the arithmetic of the convolutions: a smaller precision, or a smaller network",
            FLOP_PER_SLICE * SLICES,
        ),
    ]


def main(arguments: list[str]) -> int:
    from run import show

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        for outcome in measure(options.rounds, options.threads, Path(folder)):
            show(outcome)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
