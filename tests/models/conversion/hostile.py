"""Files that must be refused by name, each with a payload that would leave a marker."""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
#: What the refusals say of files that would run code.
UNSAFE = {
    "would call", "builtins.eval", "hides the name", "follows the end", "NEWOBJ", "EXT1", "INST",
}  # fmt: skip


class Payload:
    """Makes a folder when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = str(marker)

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.marker,)


def safetensors(header: dict[str, Any] | bytes, data: bytes, length: int | None = None) -> bytes:
    """Return a safetensors file with whatever header is given."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def archive(data: bytes, *, compression: int = zipfile.ZIP_STORED, extra: str = "") -> bytes:
    """Return an archive as torch.save writes it, around a pickle."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as file:
        file.writestr("archive/data.pkl", data)
        file.writestr("archive/version", "3\n")
        if extra:
            file.writestr(extra, b"x")
    return buffer.getvalue()


def legacy(*pickles: bytes) -> bytes:
    """Return a file of torch's older format around some pickles."""
    return pickle.dumps(LEGACY_MAGIC, 2) + b"".join(pickles)


def entry(dtype: str, shape: list[int], begin: int, end: int) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def files(marker: Path) -> dict[str, tuple[bytes, str]]:
    """Return the content of each hostile file by name, and what its refusal must say."""
    payload = Payload(marker)
    inside = {"state_dict": {"conv1.weight": payload}}
    made: dict[str, tuple[bytes, str]] = {}
    for protocol in range(6):
        made[f"protocol{protocol}.pth"] = (pickle.dumps(payload, protocol), "would call")
        made[f"zip{protocol}.pt"] = (archive(pickle.dumps(payload, protocol)), "would call")
    for protocol in (0, 2, 4):
        made[f"named{protocol}.safetensors"] = (
            pickle.dumps(payload, protocol),
            "named .safetensors, but a pickle",
        )
    made["inside.pkl"] = (pickle.dumps(inside, 2), "would call")
    small = pickle.dumps(1, 2)
    made |= {
        "legacy.pth.tar": (
            legacy(small, small, pickle.dumps(payload, 2), small),
            "would call",
        ),
        "keys.ckpt": (legacy(small, small, small, pickle.dumps(payload, 2)), "would call"),
        "eval.pth": (b"cbuiltins\neval\n(S'1'\ntR.", "builtins.eval"),
        "hidden.pth": (
            # The name of what is called lies in a tuple that is taken apart on the stack.
            b"\x80\x04\x8c\x05posix\x94N0\x8c\x06system\x94\x93\x8c\x02id\x85R.",
            "hides the name",
        ),
        "newobj.pth": (b"\x80\x02ccollections\nOrderedDict\n)\x81.", "NEWOBJ"),
        "extension.pth": (b"\x80\x02\x82\x01.", "EXT1"),
        "instance.pth": (b"(iposix\nsystem\n.", "INST"),
        "behind.pt": (archive(pickle.dumps({}, 2) + pickle.dumps(payload, 2)), "follows the end"),
        "plain.pth": (pickle.dumps({"a": 1}, 2), "not one that torch.save wrote"),
        "cut.pth": (pickle.dumps({"a": [1] * 99}, 4)[:-20], "damaged"),
        "text.pth": (b"Zebras are no checkpoints", "damaged"),
        "huge_text.pth": (b"\x80\x04\x8d" + struct.pack("<Q", 1 << 62) + b"x", "damaged"),
        "memo.pth": (b"\x80\x04N" + b"\x94" * 300_000 + b".", "keeps more values"),
        "empty.pth": (b"", "1 byte"),
        "archive.safetensors": (archive(pickle.dumps(payload, 2)), "an archive"),
        "compressed.pt": (
            archive(b"\x80\x02N." + bytes(1 << 20), compression=zipfile.ZIP_DEFLATED),
            "compressed",
        ),
        "script.pt": (archive(pickle.dumps({}, 2), extra="archive/constants.pkl"), "torch.save"),
        "cut_archive.pt": (archive(pickle.dumps({}, 2))[:-30], "archive cannot be read"),
        "tar.pth.tar": (_tar(), "tar archive"),
        "length.safetensors": (safetensors({}, b"", 1 << 63), "header claims 9223372036854775808"),
        "long.safetensors": (safetensors(b"{" + b" " * 99, b"", 10**6), "header claims 1000000"),
        "cut.safetensors": (safetensors({"a": entry("F32", [4], 0, 16)}, bytes(8)), "fill 16 of 8"),
        "overlap.safetensors": (
            safetensors({"a": entry("F32", [2], 0, 8), "b": entry("F32", [2], 4, 12)}, bytes(12)),
            "'b' overlaps",
        ),
        "gap.safetensors": (safetensors({"a": entry("U8", [4], 4, 8)}, bytes(8)), "leaves a gap"),
        "overflow.safetensors": (
            safetensors({"a": entry("F32", [1 << 62, 4], 0, 0)}, b""),
            "claims 73786976294838206464 bytes",
        ),
        "negative.safetensors": (
            safetensors({"a": entry("F32", [1], -4, 0)}, bytes(4)),
            "no whole numbers",
        ),
        "fraction.safetensors": (
            safetensors({"a": {"dtype": "F32", "shape": [1.5], "data_offsets": [0, 6]}}, bytes(6)),
            "no whole numbers",
        ),
        "dtype.safetensors": (safetensors({"a": entry("F7", [1], 0, 4)}, bytes(4)), "'F7'"),
        "deep.safetensors": (safetensors(b'{"a":' + b"[" * 200_000, b""), "no valid JSON"),
        "twice.safetensors": (
            safetensors(b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":1}', b"x"),
            "no valid JSON",
        ),
        "list.safetensors": (safetensors(b"[]", b""), "is not one"),
        "bare.safetensors": (safetensors({"a": 3}, b""), "not described"),
        "nan.safetensors": (
            safetensors({"a": entry("F32", [2], 0, 8)}, struct.pack("<2f", 1.0, float("nan"))),
            "not finite",
        ),
        "inf.safetensors": (
            safetensors({"a": entry("BF16", [2], 0, 4)}, b"\x80\x3f\x80\x7f"),
            "not finite",
        ),
        "keys.safetensors": (
            safetensors({"encoder.weight": entry("F32", [1], 0, 4)}, struct.pack("<f", 1.0)),
            "entries such as encoder.weight",
        ),
    }
    return made


def _tar() -> bytes:
    import tarfile

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as file:
        member = tarfile.TarInfo("storages")
        member.size = 4
        file.addfile(member, io.BytesIO(b"\x80\x02N."))
    return buffer.getvalue()
