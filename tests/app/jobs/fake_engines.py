"""Engines that do what engines may do, and what they should not; imported in children too."""

from __future__ import annotations

import math
import os
import signal
import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from acutance.engines.catalogue import EngineEntry
from acutance.errors import EngineError


@dataclass(frozen=True)
class Answer:
    """Whatever the engine said."""

    values: dict[str, Any]

    def to_plain(self) -> dict[str, Any]:
        return self.values

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Answer:
        if plain.get("is_refused"):
            raise KeyError("secret")
        return cls(plain)


class Fake:
    """Base of the fakes."""

    def __init__(self, device: str) -> None:
        self.device = device
        self.jobs = 0


class Echo(Fake):
    """Says what it was given and where it runs."""

    def run(self, request: Any, progress: Any, token: Any) -> Answer:
        self.jobs += 1
        progress.report(0.5, "half")
        print("noise on standard output")
        os.write(1, b"more noise\n")
        return Answer(
            {
                "request": request,
                "device": self.device,
                "pid": os.getpid(),
                "jobs": self.jobs,
                "modules": sorted({"torch", "acutance.io", "PySide6"} & set(sys.modules)),
            }
        )


class Look(Fake):
    """Describes arrays, then scribbles on those it may write to."""

    def run(self, request: Any, progress: Any, token: Any) -> Answer:
        found = []
        for array in request:
            found.append(
                {
                    "values": np.asarray(array, dtype=np.float64).ravel().tolist()[:2000],
                    "dtype": array.dtype.str,
                    "shape": list(array.shape),
                    "strides": list(array.strides),
                    "path": getattr(_base(array), "path", ""),
                }
            )
            if array.flags.writeable:
                array[...] = 0
        return Answer({"arrays": found})


def _base(array: np.ndarray) -> Any:
    base = array
    while isinstance(base, np.ndarray):
        base = base.base
    return base


class Steps(Fake):
    """Takes (steps, seconds each), and heeds a cancel between steps."""

    def run(self, request: Any, progress: Any, token: Any) -> Answer:
        steps, seconds = request
        for step in range(steps):
            token.raise_if_cancelled()
            progress.report(step / steps, f"step {step}")
            time.sleep(seconds)
        return Answer({"steps": steps, "pid": os.getpid()})


class Stubborn(Fake):
    """Heeds nothing."""

    def run(self, request: Any, progress: Any, token: Any) -> Answer:
        progress.report(0.0, "deaf")
        time.sleep(60)
        return Answer({})


class Faulty(Fake):
    """Raises what it is asked to."""

    def run(self, request: Any, progress: Any, token: Any) -> Answer:
        if request == "expected":
            raise EngineError("the network is too deep", remedy="Dig less.")
        if request == "memory":
            raise MemoryError
        raise LookupError("Patient^Secret /home/someone")


class Mortal(Fake):
    """Dies by SIGKILL, as often as there are lives in the file it is given."""

    def run(self, request: Any, progress: Any, token: Any) -> Answer:
        file = Path(request)
        lives = int(file.read_text())
        if lives > 0:
            file.write_text(str(lives - 1))
            os.kill(os.getpid(), signal.SIGKILL)
        return Answer({"lives": lives})


class Odd(Fake):
    """Answers what must be refused."""

    def run(self, request: Any, progress: Any, token: Any) -> Answer:
        if request == "nan":
            return Answer({"score": math.nan})
        if request == "object":
            return Answer({"score": object()})
        if request == "long":
            return Answer({"text": "x" * (65 << 20)})
        if request == "refused":
            return Answer({"is_refused": True})
        worker = progress._worker
        if request == "long claim":
            os.write(worker._connection.fileno(), struct.pack("!i", 1 << 30))
        elif request == "garbled":
            worker._connection.send_bytes(b'{"kind": NaN}')
        elif request == "unknown":
            worker._connection.send_bytes(b'{"kind":"pickle","job":%d}' % progress._job)
        elif request == "huge":
            worker.ask({"kind": "allocate", "job": progress._job, "shape": [-1], "dtype": "|O"})
        time.sleep(60)
        return Answer({})


def _entry(name: str) -> EngineEntry:
    return EngineEntry(name.lower(), name, f"fake_engines:{name}", "fake_engines:Answer")


ENTRIES = tuple(
    _entry(name) for name in ("Echo", "Look", "Steps", "Stubborn", "Faulty", "Mortal", "Odd")
)
