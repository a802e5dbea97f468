"""What a child that opens a stranger's checkpoint can no longer do.

Four layers, and `lock_down` says which of them this system has:

- limits of the system (POSIX): memory, size of a file written, open files, no core dump;
- Landlock (Linux 5.13): nothing is written, made or removed outside one folder, nothing executed;
- seccomp (Linux on x86-64 and ARM64): no socket, no other program, no other process looked into;
- an audit hook (everywhere): the same asked of Python. It stops a payload made of Python, not one
  that has broken out of it, and is all there is on Windows and, with the limits, on macOS.

References
----------
.. [1] Linux man pages landlock(7), seccomp(2), prctl(2); the layout of their structures is ABI.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import struct
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 1, 38, 22
_SIGKILL = 9
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
# Rights of Landlock, by bit, and the version that brought them.
_EXECUTE, _WRITE, _REMOVE_FILE, _MAKE_FILE = 1 << 0, 1 << 1, 1 << 5, 1 << 8
_CHANGES = _EXECUTE | _WRITE | sum(1 << bit for bit in range(4, 13))
_REFER, _TRUNCATE = 1 << 13, 1 << 14
# Machine -> (audit architecture, numbers of the calls that are refused).
_REFUSED_CALLS = {
    "x86_64": (
        0xC000003E,
        # socket connect bind accept listen socketpair, fork vfork, execve execveat, ptrace,
        # process_vm_readv process_vm_writev, io_uring_setup, bpf, kexec_load, mount
        (41, 42, 49, 43, 50, 53, 57, 58, 59, 322, 101, 310, 311, 425, 321, 246, 165),
    ),
    "aarch64": (
        0xC00000B7,
        (198, 203, 200, 202, 201, 199, 221, 281, 117, 270, 271, 425, 280, 104, 40),
    ),
}
_X32_BIT = 0x40000000
_ALLOW, _EPERM = 0x7FFF0000, 0x00050000 | 1
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
#: Open files the libraries need while they load.
OPEN_FILES = 128
#: Events of Python's audit hook that no conversion needs. `socket.` and the like are prefixes.
_REFUSED_EVENTS = (
    "socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn",
    "os.spawn", "os.startfile", "os.kill", "os.chmod", "os.chown", "os.link",
    "os.symlink", "pty.spawn", "ftplib.", "http.client.", "imaplib.", "smtplib.", "poplib.",
    "urllib.", "webbrowser.", "winreg.", "msvcrt.", "shutil.", "tempfile.",
)  # fmt: skip
#: Events whose first argument is a path that must lie in the folder.
_PATH_EVENTS = ("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.truncate", "os.utime")


def lock_down(folder: Path, *, memory_bytes: int, file_bytes: int) -> tuple[str, ...]:
    """Take from this process, for good, what it does not need; nothing is ever given back.

    Parameters
    ----------
    folder : Path
        The only place it may still write to; becomes the current folder.
    memory_bytes : int
        Address space beyond what is mapped now; see `limit_memory`.
    file_bytes : int
        Largest file it may write.

    Returns
    -------
    tuple of str
        Which layers hold: "limits", "landlock", "seccomp", "audit hook".
    """
    folder = folder.resolve()
    os.chdir(folder)
    sys.dont_write_bytecode = True
    held = []
    if os.name == "posix" and _limit(memory_bytes, file_bytes):
        held.append("limits")
    if sys.platform == "linux":
        library = ctypes.CDLL(None, use_errno=True)
        _prctl(library, _PR_SET_PDEATHSIG, _SIGKILL)
        if _prctl(library, _PR_SET_NO_NEW_PRIVS, 1):
            if _landlock(library, folder):
                held.append("landlock")
            if _seccomp(library):
                held.append("seccomp")
    _hook(folder)
    held.append("audit hook")
    return tuple(held)


def limit_memory(extra_bytes: int | None) -> None:
    """Allow so much address space beyond what is mapped now; None: as much as there is.

    Only Linux says what is mapped and keeps to the limit; elsewhere nothing happens.
    """
    if sys.platform != "linux":
        return
    import resource

    limit = resource.RLIM_INFINITY
    if extra_bytes is not None:
        with open("/proc/self/statm", encoding="ascii") as file:
            limit = int(file.read().split()[0]) * resource.getpagesize() + extra_bytes
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY and (limit == resource.RLIM_INFINITY or limit > hard):
        limit = hard
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _limit(memory_bytes: int, file_bytes: int) -> bool:
    import resource

    try:
        for kind, value in (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, file_bytes),
            (resource.RLIMIT_NOFILE, OPEN_FILES),
        ):
            _, hard = resource.getrlimit(kind)
            most = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (most, most))
        limit_memory(memory_bytes)
    except (ValueError, OSError):
        return False
    return True


def _landlock(library: ctypes.CDLL, folder: Path) -> bool:
    """Forbid changes outside a folder, and every execution."""
    version = library.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if version < 1:
        return False
    handled = _CHANGES | (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    attributes = struct.pack("=Q", handled)
    rules = library.syscall(
        _LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0)
    )
    if rules < 0:
        return False
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        allowed = (_WRITE | _REMOVE_FILE | _MAKE_FILE) | (_TRUNCATE if version >= 3 else 0)
        rule = struct.pack("=Qi", allowed, place)
        added = library.syscall(
            _LANDLOCK_ADD, ctypes.c_int(rules), ctypes.c_int(1), rule, ctypes.c_uint32(0)
        )
        restricted = library.syscall(_LANDLOCK_RESTRICT, ctypes.c_int(rules), ctypes.c_uint32(0))
        return bool(added == 0 and restricted == 0)
    finally:
        os.close(place)
        os.close(rules)


def _seccomp(library: ctypes.CDLL) -> bool:
    """Answer some calls to the system with EPERM."""
    known = _REFUSED_CALLS.get(platform.machine())
    if known is None:
        return False
    architecture, numbers = known
    # The architecture of the call lies at byte 4 of what the filter sees, its number at byte 0.
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _EPERM)]
    steps.append((_LOAD, 0, 0, 0))
    if platform.machine() == "x86_64":
        steps += [(_AT_LEAST, 0, 1, _X32_BIT), (_RETURN, 0, 0, _EPERM)]
    for number in numbers:
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _EPERM)]
    steps.append((_RETURN, 0, 0, _ALLOW))
    program = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    header = struct.pack("@HP", len(steps), ctypes.addressof(program))
    place = ctypes.create_string_buffer(header)
    return _prctl(library, _PR_SET_SECCOMP, 2, ctypes.addressof(place))


def _prctl(library: ctypes.CDLL, option: int, first: int, second: int = 0) -> bool:
    words = (ctypes.c_ulong(word) for word in (first, second, 0, 0))
    return bool(library.prctl(ctypes.c_int(option), *words) == 0)


def _hook(folder: Path) -> None:
    inside = os.path.realpath(folder) + os.sep

    def lies_inside(path: Any) -> bool:
        if isinstance(path, int):
            return True  # a file that is open already
        with contextlib.suppress(TypeError, ValueError):
            return os.path.realpath(os.fsdecode(path)).startswith(inside)
        return False

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            writes = (isinstance(mode, str) and any(letter in mode for letter in "wax+")) or (
                isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            )
            if writes and not lies_inside(path):
                raise PermissionError("writing outside the folder of the conversion")
        elif event.startswith(_REFUSED_EVENTS):
            raise PermissionError(f"{event} is not allowed in the conversion")
        elif event in _PATH_EVENTS and not all(
            lies_inside(path) for path in arguments[: 2 if event == "os.rename" else 1]
        ):
            raise PermissionError(f"{event} outside the folder of the conversion")

    sys.addaudithook(hook)
