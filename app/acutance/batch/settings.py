"""What a batch is asked: folders, tasks, workers, and which share of the whole."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from acutance import __version__
from acutance.batch import tasks as registry
from acutance.batch.tasks import BY_ID, TaskOptions
from acutance.core.backends import AUTO, REFERENCE
from acutance.core.scoring import ScoringPolicy

#: What can be done with a series, in the order in which it is done.
TASKS = tuple(task.id for task in registry.TASKS)
MAX_WORKERS = 64
MAX_SHARDS = 10_000


@dataclass(frozen=True)
class Shard:
    """One share of a batch that several machines divide among themselves.

    Parameters
    ----------
    number : int
        From 1 to `count`.
    count : int

    Raises
    ------
    ValueError
        If there is no such share.
    """

    number: int = 1
    count: int = 1

    def __post_init__(self) -> None:
        """Check the numbers."""
        if not 1 <= self.number <= self.count <= MAX_SHARDS:
            raise ValueError(
                f"{self.number}/{self.count} is no share: K/N with 1 <= K <= N <= {MAX_SHARDS}"
            )

    def holds(self, location: str) -> bool:
        """Whether a place in the input, as a hex digest, belongs to this share."""
        return int(location[:16], 16) % self.count == self.number - 1

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


@dataclass(frozen=True)
class BatchSettings:
    """A wish for a batch.

    Parameters
    ----------
    source : Path
        Folder, or one file, that is searched for series; never changed.
    output : Path
        Folder of the batch; made where it is missing.
    tasks : tuple of str
        Some of `TASKS`, in their order.
    workers : int
        Pairs of child processes on this machine; not looked at with a scheduler.
    device : str
        "auto", "cpu" or "cuda:N".
    plane : str
        As in `QualityRequest`.
    policy : ScoringPolicy
        The rules of the site and the weights.
    options : TaskOptions
        What the tasks are told.
    shard : Shard
    is_resumed : bool
        Go on with the batch in `output`, where there is one.
    retries_failed : bool
        When resumed, try again what failed.
    scheduler : str
        Address of a Dask scheduler, or empty for this machine.
    """

    source: Path
    output: Path
    tasks: tuple[str, ...] = ("score",)
    workers: int = 1
    device: str = "auto"
    plane: str = "auto"
    policy: ScoringPolicy = field(default_factory=ScoringPolicy)
    options: TaskOptions = field(default_factory=TaskOptions)
    shard: Shard = field(default_factory=Shard)
    is_resumed: bool = False
    retries_failed: bool = False
    scheduler: str = ""

    def __post_init__(self) -> None:
        """Make both paths absolute and check the rest."""
        object.__setattr__(self, "source", Path(self.source).absolute())
        object.__setattr__(self, "output", Path(self.output).absolute())
        if self.policy.backend == AUTO:
            # Not what this machine finds fastest today: one table, one way to compute.
            object.__setattr__(self, "policy", replace(self.policy, backend=REFERENCE))
        if not self.tasks or any(task not in TASKS for task in self.tasks):
            raise ValueError(f"tasks are some of {TASKS}, not {self.tasks}")
        if not 1 <= self.workers <= MAX_WORKERS:
            raise ValueError(f"workers are 1 to {MAX_WORKERS}, not {self.workers}")

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """Everything the results depend on beside the input and the version."""
        found: dict[str, Any] = {"tasks": list(self.tasks)}
        if {"score", "segment", "restore", "upscale"} & set(self.tasks):
            found |= {"plane": self.plane, "device": self.device}
        if "score" in self.tasks:
            found |= {"site": self.policy.site.sha256, "weights": _weights_told(self.policy)}
            found["backend"] = self.policy.named_backend
            calibration = self.policy.calibration
            found["calibration"] = "" if calibration is None else digest(repr(calibration))
        for task in self.tasks:
            found |= BY_ID[task].parameters(self.options)
        return found

    @property
    def identity(self) -> dict[str, Any]:
        """What makes two runs the same batch; the place of the input only as a hash."""
        return {
            "version": __version__,
            "source": digest(str(self.source)),
            "shard": str(self.shard),
            **self.parameters,
        }

    def key(self, content: str) -> str:
        """Return what a result is filed under: input hash, version and parameters, as one hash."""
        return digest(json.dumps([content, __version__, self.parameters], sort_keys=True))


def _weights_told(policy: ScoringPolicy) -> list[str]:
    """Return network, steps of recurrence, and hash of the weights where a file is named."""
    told = [policy.network, str(policy.recurrence or "")]
    if policy.weights:
        with open(policy.weights, "rb") as file:
            told.append(hashlib.file_digest(file, "sha256").hexdigest())
    return told


def digest(text: str) -> str:
    """Return the SHA-256 of a text as 64 hex digits; names that are no text have one too."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def parse_tasks(text: str) -> tuple[str, ...]:
    """Read what a user types, such as `score` or `score,iqm`.

    Raises
    ------
    ValueError
        If it names another task, or none.
    """
    wanted = {part.strip() for part in text.split(",") if part.strip()}
    unknown = sorted(wanted - set(TASKS))
    if unknown or not wanted:
        raise ValueError(
            f"{', '.join(unknown) or 'nothing'} is no task; there are {', '.join(TASKS)}"
        )
    return tuple(task for task in TASKS if task in wanted)


def parse_shard(text: str) -> Shard:
    """Read `K/N`, K from 1.

    Raises
    ------
    ValueError
        If it is no share.
    """
    found = re.fullmatch(r"(\d{1,5})/(\d{1,5})", text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not K/N, such as 1/8")
    return Shard(int(found[1]), int(found[2]))
