"""500 mutants in this process: whatever the bytes, a reader ends with a volume or a `ReadError`."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from acutance.core.ledger import LoadedVideo
from acutance.errors import ReadError
from acutance.io.readers import index_paths, read_frames, read_item
from fuzz.mutate import Mutant, Seed, mutant
from fuzz.seeds import all_seeds

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


RUN, COUNT, PARTS = 20240229, 500, 10
_BUDGET = 256 * 1024**2
_SECONDS = 10.0


class Silent:
    def report(self, fraction: float, message: str) -> None:
        del fraction, message

    def raise_if_cancelled(self) -> None:
        return


@pytest.fixture(scope="module")
def seeds() -> list[Seed]:
    return all_seeds()


def allocate(shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    if int(np.prod(shape, dtype=object)) * np.dtype(dtype).itemsize > _BUDGET:
        raise ReadError("more than the budget")
    return np.zeros(shape, dtype)


def read_all(one: Mutant, folder: Path) -> None:
    """Read a mutant with all that it claims to hold."""
    path = folder / f"mutant{one.seed.suffix}"
    path.write_bytes(one.data)
    for name, data in one.seed.companions:
        (folder / name).write_bytes(data)
    found = index_paths([folder], Silent(), Silent())
    files = {str(p) for p in folder.iterdir()}
    placed = {s.file for s in found.set_aside}
    for item in found.items:
        placed |= {*item.files, *(s.file for s in item.set_aside)}
        try:
            loaded = read_item(item, allocate, Silent(), Silent())
            if isinstance(loaded, LoadedVideo):
                read_frames(item, 0, 2, allocate, Silent(), Silent())
            else:
                assert np.isfinite(loaded.volume.affine).all()
        except ReadError:
            continue
    if one.seed.suffix != ".zip":  # the files of an archive are counted one by one
        assert placed == files, "a file has no place in the ledger"
    assert path.read_bytes() == one.data


@pytest.mark.parametrize("part", range(PARTS))
def test_mutants_end_as_they_may(part: int, seeds: list[Seed], tmp_path: Path) -> None:
    for number in range(part * COUNT // PARTS, (part + 1) * COUNT // PARTS):
        one = mutant(seeds, RUN, number)
        folder = tmp_path / str(number)
        folder.mkdir()
        started = time.process_time()
        try:
            read_all(one, folder)
        except Exception as fault:
            fault.add_note(f"mutant {number} of run {RUN}: {one.seed.name}, {one.kinds}")
            raise
        assert time.process_time() - started < _SECONDS, f"mutant {number}: {one.seed.name}"


def _nrrd(kinds: str, directions: bool) -> bytes:
    space = "space directions: (2,0,0) (0,1,0) (0,0,3)\n" if directions else ""
    head = f"NRRD0004\ntype: short\ndimension: 3\n{'space: RAS' if directions else '#'}\n"
    head += f"sizes: 5 4 3\n{space}kinds: {kinds}\nendian: little\nencoding: raw\n\n"
    return head.encode() + bytes(120)


@pytest.mark.parametrize("kinds", ["dom", "domain domain RGB-color RGB-color domain", "RGB-color"])
@pytest.mark.parametrize("directions", [False, True])
def test_kinds_of_another_number_than_axes(kinds: str, directions: bool, tmp_path: Path) -> None:
    seed = Seed("nrrd", ".nrrd", b"")
    read_all(Mutant(seed, 0, (), _nrrd(kinds, directions)), tmp_path)


def test_a_mutant_can_be_made_again(seeds: list[Seed]) -> None:
    digests = [
        hashlib.sha256(b"".join(mutant(seeds, 3, n).data for n in range(60))).hexdigest()
        for _ in range(2)
    ]
    assert digests[0] == digests[1]


def test_seeds_are_valid_and_made_wrong(seeds: list[Seed], tmp_path: Path) -> None:
    changed = sum(mutant(seeds, 1, n).data != seeds[n % len(seeds)].data for n in range(300))
    assert changed > 250
    for number, seed in enumerate(seeds):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / f"mutant{seed.suffix}").write_bytes(seed.data)
        for name, data in seed.companions:
            (folder / name).write_bytes(data)
        assert index_paths([folder], Silent(), Silent()).items, seed.name
