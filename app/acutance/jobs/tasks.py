"""What a job does: the same steps in a child and in the synchronous lane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from acutance.core.ledger import Index
from acutance.engines.catalogue import resolve
from acutance.errors import (
    AcutanceError,
    DeviceMemoryError,
    EngineError,
    ExportError,
    JobCancelled,
    ReadError,
    UnsupportedInputError,
    WorkerDiedError,
)
from acutance.jobs import messages
from acutance.jobs.plain import (
    array_of,
    frames_from_plain,
    frames_to_plain,
    loaded_from_plain,
    loaded_to_plain,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray

    from acutance.core.ledger import SeriesItem
    from acutance.engines.base import Engine, Progress
    from acutance.jobs.shared import ArrayReference

INDEX, READ, FRAMES, ENGINE = "index", "read", "frames", "engine"
DEIDENTIFY, EXPORT = "deidentify", "export"
#: What finds the files below the paths that a user named.
WALK = "acutance.io.walk:find_files"


@dataclass(frozen=True)
class Call:
    """What to do, as values that can be sent to a child.

    Parameters
    ----------
    kind : str
        "index", "read", "frames", "deidentify", "export" or "engine".
    target : str
        The module of the readers, the engine as "module:Class", or the export as "module:function".
    argument : Any
        Paths, a series item, a `FrameRange`, or the request of the engine or export.
    result : str
        The result of an engine or export as "module:Class"; empty for readers.
    path : str
        The file that messages name; may be empty.
    scratch : str
        The folder that archives are unpacked to; empty where there are none.
    """

    kind: str
    target: str
    argument: Any
    result: str = ""
    path: str = ""
    scratch: str = ""


@dataclass(frozen=True)
class FrameRange:
    """Frames of a video that are wanted.

    Parameters
    ----------
    item : SeriesItem
    start, count : int
        The first one, and how many; fewer come where the video ends before.
    """

    item: SeriesItem
    start: int
    count: int


class Allocation(Protocol):
    """Gives arrays that need not be copied to reach the parent."""

    def array(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
        """Return an empty array."""

    def locate(self, array: NDArray[Any]) -> ArrayReference:
        """Return where an array lies, copied if it must be."""


class Token:
    """Tells a job that the user no longer wants it.

    Parameters
    ----------
    is_cancelled : callable
        Answers the question; cheap.
    """

    def __init__(self, is_cancelled: Callable[[], bool]) -> None:
        self._is_cancelled = is_cancelled

    @property
    def is_cancelled(self) -> bool:
        """Whether cancel was asked for."""
        return self._is_cancelled()

    def raise_if_cancelled(self) -> None:
        """Raise `JobCancelled` when cancel was asked for."""
        if self._is_cancelled():
            raise JobCancelled


class Engines:
    """The engines of one process, each made at its first use and kept.

    Parameters
    ----------
    device : str
        "auto", "cpu" or "cuda:N".
    """

    def __init__(self, device: str) -> None:
        self._device = device
        self._made: dict[str, Engine] = {}

    def get(self, target: str) -> Engine:
        """Return the engine that is named "module:Class"."""
        engine = self._made.get(target)
        if engine is None:
            engine = self._made[target] = resolve(target)(self._device)
        return engine


def perform(
    call: Call, engines: Engines, allocation: Allocation, progress: Progress, token: Token
) -> dict[str, Any]:
    """Do the work of a call; return the answer as JSON-ready values."""
    import numpy as np

    token.raise_if_cancelled()
    if call.kind == ENGINE:
        result = engines.get(call.target).run(call.argument, progress, token)
        if not getattr(result, "carries_array", False):
            return result.to_plain()
        place = allocation.locate(cast("Any", result).array)
        return {"answer": result.to_plain(), "array": messages.reference_to_plain(place)}
    if call.kind == DEIDENTIFY:
        found = resolve(WALK)(call.argument.paths, progress, token)
        export = resolve(call.target)
        answer = export(call.argument, found.files, found.set_aside, progress, token)
        return cast("dict[str, Any]", answer.to_plain())
    if call.kind == EXPORT:
        made = resolve(call.target)(call.argument, progress, token)
        return cast("dict[str, Any]", made.to_plain())
    if call.kind == INDEX:
        if call.scratch:
            resolve("acutance.io.archive:set_folder")(call.scratch)
        index: Index = resolve(f"{call.target}:index_paths")(call.argument, progress, token)
        return index.to_plain()

    def allocate(shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
        return allocation.array(tuple(map(int, shape)), np.dtype(dtype))

    if call.kind == FRAMES:
        read_frames = resolve(f"{call.target}:read_frames")
        wanted: FrameRange = call.argument
        frames = read_frames(wanted.item, wanted.start, wanted.count, allocate, progress, token)
        plain, array = frames_to_plain(frames), frames.array
    else:
        loaded = resolve(f"{call.target}:read_item")(call.argument, allocate, progress, token)
        plain, array = loaded_to_plain(loaded), array_of(loaded)
    return {"answer": plain, "array": messages.reference_to_plain(allocation.locate(array))}


def conclude(
    call: Call, plain: dict[str, Any], find: Callable[[ArrayReference], NDArray[Any]]
) -> Any:
    """Rebuild the answer of a call from plain values, checked.

    Parameters
    ----------
    find : callable
        Returns the array at a reference, or raises ValueError.
    """
    if call.kind in (ENGINE, DEIDENTIFY, EXPORT):
        kind = resolve(call.result)
        if getattr(kind, "carries_array", False):
            array = find(messages.reference_from_plain(plain["array"]))
            return kind.from_plain(plain["answer"], array)
        return kind.from_plain(plain)
    if call.kind == INDEX:
        return Index.from_plain(plain)
    array = find(messages.reference_from_plain(plain["array"]))
    if call.kind == FRAMES:
        return frames_from_plain(plain["answer"], array)
    return loaded_from_plain(plain["answer"], array)


def explain(fault: BaseException, call: Call) -> AcutanceError:
    """Return what the user is told when a call ended with an exception.

    An unforeseen exception is named by its type and place only: its text may hold a name or path.
    """
    if isinstance(fault, AcutanceError):
        if isinstance(fault, ReadError) and fault.path is None and call.path:
            return type(fault)(fault.message, remedy=fault.remedy, path=call.path)
        return fault
    if isinstance(fault, MemoryError):
        if call.kind == ENGINE:
            return DeviceMemoryError(
                "There is too little memory for this scan.", remedy="Close other programs."
            )
        return ReadError(
            "Reading needs more memory than it may take.",
            remedy="Close other scans or programs and open it again.",
            path=call.path or None,
        )
    text = f"An unexpected fault ended the work: {type(fault).__name__}{_place(fault)}."
    return failure(call, text, "Please report this.")


def failure(call: Call, message: str, remedy: str) -> AcutanceError:
    """Return the error for a call whose process, not whose input, is at fault."""
    if call.kind == ENGINE:
        return EngineError(message, remedy=remedy)
    if call.kind in (DEIDENTIFY, EXPORT):
        return ExportError(message, remedy=remedy, path=call.path or None)
    return ReadError(message, remedy=remedy, path=call.path or None)


def invalid_answer(call: Call, fault: BaseException) -> AcutanceError:
    """Return the error for an answer that must not be used."""
    if isinstance(fault, AcutanceError):
        return explain(fault, call)
    return failure(
        call, f"The answer cannot be used: {type(fault).__name__}{_place(fault)}.", "Try again."
    )


def death(call: Call, how: str) -> WorkerDiedError:
    """Return the error for a call during which the child died twice."""
    if call.kind == ENGINE:
        remedy = "Try again; with --device cpu if this machine's GPU is the cause."
    else:
        remedy = "The file may be damaged; try the others without it."
    message = f"The process that did the work ended twice, at last with {how}."
    return WorkerDiedError(message, remedy=remedy, path=call.path or None)


def unsupported(call: Call) -> AcutanceError:
    """Return the error for a request that cannot be sent to a child."""
    return UnsupportedInputError(
        f"A request of this kind cannot be sent: {type(call.argument).__name__}."
    )


def _place(fault: BaseException) -> str:
    """Return module and line where an exception was raised, without any folder."""
    trace: TracebackType | None = fault.__traceback__
    if trace is None:
        return ""
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f" in {trace.tb_frame.f_globals.get('__name__', '?')}, line {trace.tb_lineno}"
