"""Convert a checkpoint from elsewhere to safetensors, in a child that can do little else."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from acutance_models.conversion import child
from acutance_models.errors import UnknownNetworkError, WeightsError
from acutance_models.imported import STATUS, ImportedWeights, file_sha256, sidecar_path

SUFFIXES = (".safetensors", ".pth", ".pth.tar", ".pt", ".ckpt", ".pkl")
#: Larger files are not looked at.
SIZE_LIMIT_BYTES = 8 << 30
#: What the child may take: a floor, and seconds per megabyte.
TIME_SECONDS, SECONDS_PER_MEGABYTE = 180.0, 0.5
_ANSWER_LIMIT_BYTES = 1 << 20


def convert_file(path: Path, output: Path, *, t: int | None = None) -> ImportedWeights:
    """Convert a checkpoint to a safetensors file with a sidecar that says where it came from.

    The file is opened in a child process only. The weights are marked "unverified": nobody has
    measured what they are worth, so that no verdict of theirs may be "usable".

    Parameters
    ----------
    path : Path
        A safetensors file, or one that torch.save wrote.
    output : Path
        The safetensors file to write; its folder exists, it itself does not.
    t : int, optional
        Steps of recurrence, for networks that have some and do not store them.

    Returns
    -------
    ImportedWeights
        As its sidecar says, which lies beside `output` as ``<output>.json``.

    Raises
    ------
    UnsafeCheckpointError
        If opening the file would run code.
    UnknownNetworkError
        If the weights are those of no known network.
    WeightsError
        If the file cannot be read, is damaged, too large or does not fit its network, or the
        output cannot be written. Nothing is left behind then.
    """
    name = path.name
    size = _checked_size(path)
    try:
        if output.exists() or sidecar_path(output).exists():
            raise WeightsError(f"{output} is there already; choose another name.", path=output)
        folder = Path(tempfile.mkdtemp(prefix=".acutance-import-", dir=output.parent)).resolve()
    except OSError as error:
        raise _unwritable(output, error) from error
    try:
        if shutil.disk_usage(folder).free < 3 * size + (64 << 20):
            raise WeightsError(f"{name}: there is too little room in {output.parent}.", path=output)
        answer = _ask_child(path.resolve(), name, folder, size, t)
        _raise_error(answer, path)
        return _keep(folder / child.RESULT, output, name, size, answer, t)
    except OSError as error:
        raise _unwritable(output, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _checked_size(path: Path) -> int:
    name = path.name
    if not name.lower().endswith(SUFFIXES):
        raise WeightsError(
            f"{name}: expected a file named {', '.join(SUFFIXES)}. Nothing was opened.", path=path
        )
    try:
        if not path.is_file():
            raise WeightsError(f"{name}: there is no such file.", path=path)
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as error:
        raise WeightsError(f"{name}: cannot be read ({error.strerror}).", path=path) from error
    if not 0 < size <= SIZE_LIMIT_BYTES:
        raise WeightsError(
            f"{name}: expected 1 byte to {SIZE_LIMIT_BYTES >> 30} GiB, found {size} bytes.",
            path=path,
        )
    return size


def _ask_child(path: Path, name: str, folder: Path, size: int, t: int | None) -> dict[str, Any]:
    """Run the child and return its answer; a child that dies or hangs gives an error."""
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(
        target=child.main,
        args=(sending, str(path), name, str(folder), size, t),
        name="acutance-import",
        daemon=True,
    )
    process.start()
    sending.close()
    limit = TIME_SECONDS + SECONDS_PER_MEGABYTE * (size >> 20)
    try:
        if not receiving.poll(limit):
            return _no_answer(name, f"took longer than {limit:.0f} s")
        # Plain JSON of bounded length: nothing a child sends is unpickled.
        answer: dict[str, Any] = json.loads(receiving.recv_bytes(_ANSWER_LIMIT_BYTES))
        return answer
    except EOFError:
        process.join(10.0)
        return _no_answer(name, f"ended with code {process.exitcode}")
    except (OSError, ValueError):
        return _no_answer(name, "gave an answer that cannot be used")
    finally:
        receiving.close()
        process.join(5.0)
        if process.is_alive():
            process.kill()
            process.join()
        process.close()


def _no_answer(name: str, how: str) -> dict[str, Any]:
    return {
        "error": "WeightsError",
        "message": f"{name}: the process that looked at it {how}. Use another checkpoint.",
        "keys": [],
    }


def _raise_error(answer: dict[str, Any], path: Path) -> None:
    kind = child.ERRORS.get(str(answer.get("error")))
    if kind is None:
        return
    message = str(answer.get("message", ""))[:4000]
    if not message.startswith(f"{path.name}: "):
        message = f"{path.name}: {message}"
    if issubclass(kind, UnknownNetworkError):
        raise UnknownNetworkError(message)
    raise kind(message, path=path, keys=tuple(map(str, answer.get("keys", ()))))


def _keep(
    result: Path, output: Path, name: str, size: int, answer: dict[str, Any], t: int | None
) -> ImportedWeights:
    """Move the result to its place, sidecar first, so that no weights are without one."""
    weights = ImportedWeights(
        path=output,
        sha256=file_sha256(result),
        size_bytes=result.stat().st_size,
        family=str(answer["family"]),
        architecture=str(answer["architecture"]),
        t=t,
        params=int(answer["params"]),
        entries=int(answer["entries"]),
        status=STATUS,
        source_name=name,
        source_sha256=str(answer["source_sha256"]),
        source_size_bytes=size,
        left_out=tuple(map(str, answer["left_out"])),
        locks=tuple(map(str, answer["locks"])),
        created_utc=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    note = result.with_name("sidecar.json")
    note.write_text(json.dumps(weights.to_plain(), indent=2) + "\n", encoding="utf-8")
    for written in (note, result):
        with written.open("rb+") as file:
            os.fsync(file.fileno())
    os.replace(note, sidecar_path(output))
    try:
        os.replace(result, output)
    except OSError:
        sidecar_path(output).unlink(missing_ok=True)
        raise
    return weights


def _unwritable(output: Path, error: OSError) -> WeightsError:
    return WeightsError(
        f"{output} cannot be written ({error.strerror or error}). Choose another place.",
        path=output,
    )
