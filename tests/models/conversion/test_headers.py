"""`acutance_models.conversion.headers`: good files are known for what they are, others named."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import save_file

from acutance_models import WeightsError
from acutance_models.conversion.headers import check_file, read_header

if TYPE_CHECKING:
    from pathlib import Path

STATE = {
    "conv1.weight": torch.arange(36.0).reshape(4, 1, 3, 3),
    "count": torch.ones((), dtype=torch.int64),
    "half": torch.zeros(2, dtype=torch.bfloat16),
    "empty": torch.zeros(0, 3),
}


@pytest.fixture
def good(tmp_path: Path) -> list[Path]:
    zipped, old, plain = tmp_path / "a.pth", tmp_path / "b.ckpt", tmp_path / "c.safetensors"
    torch.save({"state_dict": STATE, "epoch": 1}, zipped)
    torch.save(STATE, old, _use_new_zipfile_serialization=False)
    save_file(STATE, plain, metadata={"made": "here"})
    return [zipped, old, plain]


def test_good_files_are_known_for_what_they_are(good: list[Path]) -> None:
    assert [check_file(p, name=p.name) for p in good] == ["pickle", "pickle", "safetensors"]


def test_a_header_tells_every_shape(good: list[Path]) -> None:
    entries = read_header(good[2], name="c.safetensors")
    assert {k: e.shape for k, e in entries.items()} == {k: tuple(v.shape) for k, v in STATE.items()}


def outcome(path: Path) -> str:
    """Return what a file is, or the message of its refusal; other errors come out."""
    try:
        return check_file(path, name=path.name)
    except WeightsError as error:
        return str(error)


def test_a_file_wrong_at_random_is_named_or_harmless(good: list[Path]) -> None:
    draw = random.Random(20)
    for path in good:
        original = path.read_bytes()
        for _ in range(200):
            data = bytearray(original)
            for _ in range(draw.randint(1, 3)):
                place = draw.randrange(len(data) if draw.random() < 0.5 else min(len(data), 300))
                if draw.random() < 0.7:
                    data[place] = draw.randrange(256)
                else:
                    del data[place : place + draw.randint(1, 30)]
            path.write_bytes(data)
            answer = outcome(path)
            assert answer in ("pickle", "safetensors") or answer.startswith(f"{path.name}: ")


@pytest.mark.parametrize("part", [0, 1, 8, 9, 40, -1])
def test_a_cut_file_is_named(good: list[Path], part: int) -> None:
    for path in (good[0], good[2]):
        path.write_bytes(path.read_bytes()[:part])
        assert outcome(path).startswith(f"{path.name}: ")
