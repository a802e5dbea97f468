"""Read what a pickle would do, without doing it: opcodes and globals against an allow-list.

`torch.load(weights_only=True)` has had holes that let code through, so it is no boundary. A pickle
is looked at here first, instruction by instruction. It may only build containers, numbers, text
and tensors, and may call nothing but the few functions that rebuild tensors.

References
----------
.. [1] The Python Library Reference, `pickletools`.
.. [2] CVE-2025-32434, CVE-2026-24747: `torch.load` with `weights_only=True`.
"""

from __future__ import annotations

import io
import pickletools
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from acutance_models.errors import UnsafeCheckpointError, WeightsError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What a checkpoint of tensors needs, and nothing that reaches further.
ALLOWED_GLOBALS = frozenset(
    {
        ("collections", "OrderedDict"),
        ("torch._utils", "_rebuild_tensor_v2"),
        ("torch._utils", "_rebuild_parameter"),
        ("torch", "Size"),
        ("torch", "device"),
        ("torch.serialization", "_get_layout"),
        *(
            ("torch", f"{kind}Storage")
            for kind in (
                "Double", "Float", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte",
                "Bool",
            )
        ),
        *(
            ("torch", name)
            for name in (
                "float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8",
                "uint8", "bool",
            )
        ),
        ("torch.storage", "UntypedStorage"),
    }
)  # fmt: skip
#: Build plain values and containers, keep and fetch memo entries, call, set state, end.
ALLOWED_OPCODES = frozenset(
    {
        "PROTO", "FRAME", "STOP", "MARK", "POP", "POP_MARK", "DUP", "MEMOIZE", "PUT",
        "BINPUT", "LONG_BINPUT", "GET", "BINGET", "LONG_BINGET", "NONE", "NEWTRUE",
        "NEWFALSE", "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4",
        "FLOAT", "BINFLOAT", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8",
        "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "STRING", "BINSTRING", "SHORT_BINSTRING",
        "EMPTY_LIST", "LIST", "APPEND", "APPENDS", "EMPTY_TUPLE", "TUPLE", "TUPLE1",
        "TUPLE2", "TUPLE3", "EMPTY_DICT", "DICT", "SETITEM", "SETITEMS", "EMPTY_SET",
        "ADDITEMS", "FROZENSET", "GLOBAL", "STACK_GLOBAL", "REDUCE", "BUILD", "BINPERSID",
    }
)  # fmt: skip
#: The pickles of a checkpoint are short: the numbers lie beside them.
PICKLE_LIMIT_BYTES = 4 << 20
#: Values a pickle may keep for later use.
MEMO_LIMIT = 200_000
#: First value in a file of torch's older format.
LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
_TEXT = frozenset({"UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"})
_KEEP = frozenset({"MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT"})
_FETCH = frozenset({"GET", "BINGET", "LONG_BINGET"})
_IGNORED = _KEEP | {"FRAME", "PROTO"}


def scan_pickle(stream: BinaryIO, *, name: str) -> int | None:
    """Check one pickle up to its end; the stream stands behind it afterwards.

    Parameters
    ----------
    stream : BinaryIO
    name : str
        What messages call the file.

    Returns
    -------
    int or None
        The first long integer in it, by which torch's older format is known.

    Raises
    ------
    UnsafeCheckpointError
        If an instruction or a global is not on the lists.
    WeightsError
        If it is damaged or too long.
    """
    first_long: int | None = None
    memo: dict[int, str | None] = {}
    #: The last two values pushed, where they are text and nothing but memo keeping lies between.
    pushed: list[str | None] = [None, None]
    for opcode, argument in _instructions(stream, name):
        if opcode not in ALLOWED_OPCODES:
            raise UnsafeCheckpointError(
                f"{name}: the pickle in it holds the instruction {opcode}, which no checkpoint of "
                "tensors needs. It was not opened. Use a safetensors file from its author."
            )
        if len(memo) > MEMO_LIMIT:
            raise WeightsError(f"{name}: the pickle in it keeps more values than any checkpoint.")
        if opcode == "GLOBAL":
            module, _, attribute = str(argument).partition(" ")
            _check_global(module, attribute, name)
        elif opcode == "STACK_GLOBAL":
            if pushed[0] is None or pushed[1] is None:
                raise UnsafeCheckpointError(
                    f"{name}: the pickle in it hides the name of what it calls. It was not "
                    "opened. Use a safetensors file from its author."
                )
            _check_global(pushed[0], pushed[1], name)
        if opcode in _TEXT:
            pushed = [pushed[1], str(argument)]
        elif opcode in _KEEP:
            memo[len(memo) if opcode == "MEMOIZE" else int(argument)] = pushed[1]
        elif opcode in _FETCH:
            pushed = [pushed[1], memo.get(int(argument))]
        elif opcode not in _IGNORED:
            # What lies on the stack now is not known to be text.
            pushed = [None, None]
            if opcode in ("LONG1", "LONG4") and first_long is None:
                first_long = int(argument)
    return first_long


def scan_legacy(stream: BinaryIO, *, name: str) -> None:
    """Check the five pickles at the beginning of torch's older format; raises as `scan_pickle`."""
    bounded = cast("BinaryIO", _Bounded(stream))
    if scan_pickle(bounded, name=name) != LEGACY_MAGIC:
        raise WeightsError(
            f"{name}: a pickle, but not one that torch.save wrote. Nothing was opened."
        )
    for _ in range(4):
        scan_pickle(bounded, name=name)


def scan_bytes(data: bytes, *, name: str) -> None:
    """Check a pickle that must fill all its bytes; raises as `scan_pickle`."""
    stream = io.BytesIO(data)
    scan_pickle(stream, name=name)
    if stream.read(1):
        raise UnsafeCheckpointError(f"{name}: something follows the end of the pickle in it.")


class _Bounded:
    """Reads no more than the limit in all, and never asks for more than the file may hold."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._left = PICKLE_LIMIT_BYTES

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        data = self._stream.read(wanted)
        self._left -= len(data)
        return data

    def readline(self) -> bytes:
        data = self._stream.readline(self._left)
        self._left -= len(data)
        return data


def _instructions(stream: BinaryIO, name: str) -> Iterator[tuple[str, Any]]:
    """Yield the instructions of one pickle; damage of any kind is one named error."""
    steps = pickletools.genops(stream)
    while True:
        try:
            opcode, argument, _ = next(steps)
        except StopIteration:
            return
        except Exception as error:
            # pickletools raises whatever its decoders meet.
            raise WeightsError(
                f"{name}: the pickle in it is damaged or not one ({type(error).__name__}). "
                "Get the file again."
            ) from error
        yield opcode.name, argument


def _check_global(module: str, attribute: str, name: str) -> None:
    if (module, attribute) not in ALLOWED_GLOBALS:
        called = repr(f"{module}.{attribute}"[:80])
        raise UnsafeCheckpointError(
            f"{name}: opening it would call {called}, which no checkpoint of tensors needs. It was "
            "not opened. Use a safetensors file from its author."
        )
