"""`acutance_models.conversion.sandbox`: tried from inside, with and without Python's help."""

from __future__ import annotations

import contextlib
import ctypes
import json
import multiprocessing
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from acutance_models.conversion.sandbox import lock_down

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection


def attempts(connection: Connection, folder: str, outside: str) -> None:
    """Lock down, then try everything; send what worked."""
    held = lock_down(Path(folder), memory_bytes=256 << 20, file_bytes=1 << 20)
    worked: dict[str, Any] = {"held": held}

    def attempt(name: str, action: Callable[[], object]) -> None:
        try:
            action()
            worked[name] = True
        except (OSError, MemoryError):
            worked[name] = False

    attempt("write inside", lambda: Path("note").write_bytes(b"x"))
    attempt("replace inside", lambda: Path("note").unlink())
    attempt("write much", lambda: Path("much").write_bytes(bytes(2 << 20)))
    attempt("write outside", lambda: Path(outside, "python").write_bytes(b"x"))
    attempt("append outside", lambda: os.open(Path(outside, "given"), os.O_WRONLY))
    attempt("make outside", lambda: os.mkdir(Path(outside, "folder")))
    attempt("remove outside", lambda: os.remove(Path(outside, "given")))
    attempt("read outside", lambda: Path(outside, "given").read_bytes())
    attempt("socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).close())
    attempt("run", lambda: subprocess.run([sys.executable, "-c", ""], check=True))
    attempt("system", lambda: os.system("true"))
    attempt("memory", lambda: bytearray(2 << 30))
    if sys.platform == "linux":
        library = ctypes.CDLL(None, use_errno=True)
        path = str(Path(outside, "native")).encode()
        worked["native write"] = library.open(path, os.O_CREAT | os.O_WRONLY, 0o600) >= 0
        worked["native socket"] = library.socket(2, 1, 0) >= 0
        # Returns only where it fails; a child that was replaced sends nothing.
        library.execl(b"/bin/true", b"true", None)
        worked["native run"] = False
    connection.send_bytes(json.dumps(worked).encode())
    connection.close()


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    inside, outside = tmp_path_factory.mktemp("inside"), tmp_path_factory.mktemp("outside")
    (outside / "given").write_bytes(b"given")
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=attempts, args=(sending, str(inside), str(outside)))
    process.start()
    sending.close()
    try:
        answer: dict[str, Any] = json.loads(receiving.recv_bytes())
    finally:
        process.join(30)
        receiving.close()
    assert {p.name for p in outside.iterdir()} == {"given"}
    assert (outside / "given").read_bytes() == b"given"
    return answer


def test_the_folder_can_be_used_and_other_files_read(worked: dict[str, Any]) -> None:
    assert worked["write inside"]
    assert worked["replace inside"]
    assert worked["read outside"]


@pytest.mark.parametrize(
    "name",
    [
        "write outside",
        "append outside",
        "make outside",
        "remove outside",
        "socket",
        "run",
        "system",
    ],
)
def test_python_cannot(worked: dict[str, Any], name: str) -> None:
    assert "audit hook" in worked["held"]
    assert worked[name] is False


def test_limits_hold(worked: dict[str, Any]) -> None:
    if "limits" not in worked["held"] or sys.platform != "linux":
        pytest.skip("this system has no limits of this kind")
    assert worked["write much"] is False
    assert worked["memory"] is False


@pytest.mark.parametrize(
    ("name", "layer"),
    [("native write", "landlock"), ("native socket", "seccomp"), ("native run", "seccomp")],
)
def test_native_code_cannot(worked: dict[str, Any], name: str, layer: str) -> None:
    if layer not in worked["held"]:
        pytest.skip(f"this system has no {layer}")
    assert worked[name] is False


def test_the_parent_is_as_free_as_before(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with contextlib.closing(socket.socket()):
        pass
