"""`acutance_models.conversion.pickle_scan`: what a pickle would do is known before it does it."""

from __future__ import annotations

import io
import pickle
import pickletools
from collections import OrderedDict
from typing import TYPE_CHECKING

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from acutance_models import UnsafeCheckpointError, WeightsError
from acutance_models.conversion.pickle_scan import ALLOWED_OPCODES, scan_bytes, scan_legacy

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("protocol", range(6))
def test_plain_values_pass_in_every_protocol(protocol: int) -> None:
    value = {"epoch": 3, "lr": 1e-3, "names": ("a", [1, None, True]), "flags": OrderedDict(a=1)}
    scan_bytes(pickle.dumps(value, protocol), name="x.pth")


def test_what_torch_saves_passes(tmp_path: Path) -> None:
    network = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    optimiser = torch.optim.Adam(network.parameters(), amsgrad=True)
    network(torch.rand(4, 3)).sum().backward()
    optimiser.step()
    state = {
        "state_dict": network.state_dict(),
        "optimizer": optimiser.state_dict(),
        "half": torch.zeros(2, dtype=torch.bfloat16),
        "parameter": torch.nn.Parameter(torch.zeros(1)),
        "size": torch.Size([1, 2]),
        "dtype": torch.float16,
    }
    torch.save(state, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    with (tmp_path / "old.pth").open("rb") as file:
        scan_legacy(file, name="old.pth")


@pytest.mark.parametrize(
    "function",
    [eval, exec, getattr, open, __import__, pickle.loads, io.open_code, torch.load, torch.hub.load],
)
@pytest.mark.parametrize("protocol", range(6))
def test_no_other_function_passes(function: object, protocol: int) -> None:
    with pytest.raises(UnsafeCheckpointError, match="would call"):
        scan_bytes(pickle.dumps(function, protocol), name="x.pth")


def test_a_name_fetched_from_the_memo_is_still_known() -> None:
    # Both texts are kept, dropped from the stack, and fetched again for the call.
    body = b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94000h\x00h\x01\x93."
    with pytest.raises(UnsafeCheckpointError, match=r"os\.system"):
        scan_bytes(body, name="x.pth")


def test_a_memo_entry_written_twice_counts_as_written_last() -> None:
    names = b"\x8c\x0bcollectionsq\x00\x8c\x0bOrderedDictq\x01"
    body = b"\x80\x04" + names + b"\x8c\x02osq\x00000h\x00h\x01\x93."
    with pytest.raises(UnsafeCheckpointError, match=r"os\.OrderedDict"):
        scan_bytes(body, name="x.pth")


def test_instructions_that_make_objects_are_not_on_the_list() -> None:
    known = {code.name for code in pickletools.opcodes}
    assert known >= ALLOWED_OPCODES
    assert not ALLOWED_OPCODES & {
        "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "EXT1", "EXT2", "EXT4", "PERSID", "NEXT_BUFFER",
    }  # fmt: skip


def outcome(data: bytes) -> str:
    """Return the message of the refusal, empty where there is none; other errors come out."""
    try:
        scan_bytes(data, name="x.pth")
    except WeightsError as error:
        return str(error)
    return ""


@given(st.binary(max_size=200))
def test_any_bytes_are_a_named_error_or_harmless(data: bytes) -> None:
    assert outcome(data) == "" or outcome(data).startswith("x.pth: ")


@given(st.data())
def test_a_flipped_byte_is_a_named_error_or_harmless(data: st.DataObject) -> None:
    good = bytearray(pickle.dumps({"a": OrderedDict(b=[1, 2.5, "c"])}, 2))
    place = data.draw(st.integers(0, len(good) - 1))
    good[place] ^= data.draw(st.integers(1, 255))
    assert outcome(bytes(good)) == "" or outcome(bytes(good)).startswith("x.pth: ")
