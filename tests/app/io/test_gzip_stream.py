"""Both inflaters say the same, of whole streams and of damaged ones."""

from __future__ import annotations

import gzip
import io
import random
import zlib
from typing import TYPE_CHECKING

import pytest

from acutance.io import gzip_stream
from acutance.io.gzip_stream import GzipStream

if TYPE_CHECKING:
    from collections.abc import Callable

CONTENT = random.Random(1).randbytes(3000) * 400


@pytest.fixture(params=["zlib", "isal"])
def inflate(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[[bytes], tuple[bytes, bool]]:
    if request.param == "isal":
        module = pytest.importorskip("isal.isal_zlib", reason="isal is not installed")
    else:
        module = zlib
    monkeypatch.setattr(gzip_stream, "_inflate_module", module)

    def run(data: bytes) -> tuple[bytes, bool]:
        stream = GzipStream(io.BytesIO(data))
        out = bytearray()
        view = memoryview(bytearray(70_000))
        while count := stream.readinto(view):
            out += view[:count]
        return bytes(out), stream.has_rubbish

    return run


def test_one_and_several_members(inflate: Callable[[bytes], tuple[bytes, bool]]) -> None:
    packed = gzip.compress(CONTENT)
    assert inflate(packed) == (CONTENT, False)
    assert inflate(packed + gzip.compress(b"more") + bytes(512)) == (CONTENT + b"more", False)
    assert inflate(packed + b"rubbish") == (CONTENT, True)
    assert inflate(gzip.compress(b"")) == (b"", False)


@pytest.mark.parametrize("at", [-1, -5, 500])
def test_a_flipped_bit_is_an_error(at: int, inflate: Callable[[bytes], tuple[bytes, bool]]) -> None:
    packed = bytearray(gzip.compress(CONTENT))
    packed[at] ^= 4
    with pytest.raises(zlib.error):
        inflate(bytes(packed))


@pytest.mark.parametrize("length", [5, 12, 2000, -9, -1])
def test_a_cut_stream_is_an_error(
    length: int, inflate: Callable[[bytes], tuple[bytes, bool]]
) -> None:
    with pytest.raises((EOFError, zlib.error)):
        inflate(gzip.compress(CONTENT)[:length])
