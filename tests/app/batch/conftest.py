"""Folders of inputs, and batches that work in this process."""

from __future__ import annotations

import gc
import gzip
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from small_batches import write_volume

from acutance.batch.pool import SynchronousPool
from acutance.batch.run import Batch
from acutance.batch.settings import BatchSettings
from acutance.jobs.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable

    from acutance.batch.events import BatchEvent


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a folder of three volumes, a copy of one, a cut one and a text."""
    folder = tmp_path / "in"
    first = write_volume(folder / "sub-01_T1w.nii", 1)
    write_volume(folder / "sub-02_T1w.nii", 2)
    write_volume(folder / "b" / "Jane_Doe.nii", 3)
    (folder / "b" / "z_copy.nii").write_bytes(first.read_bytes())
    (folder / "cut.nii.gz").write_bytes(gzip.compress(first.read_bytes())[:3000])
    (folder / "notes.txt").write_text("not a scan")
    return folder


@pytest.fixture
def make_batch(source: Path, tmp_path: Path) -> Any:
    """Return a function that makes batches of the folder; they are closed in the end."""
    made: list[Batch] = []
    gc.collect()

    def make(
        output: Path | None = None,
        listener: Callable[[BatchEvent], None] | None = None,
        *,
        into: Path | None = None,
        **settings: Any,
    ) -> Batch:
        faults = {n: settings.pop(n) for n in ("step", "busy_seconds") if n in settings}
        wanted = {"tasks": ("iqm",), "device": "cpu", **settings}
        wish = BatchSettings(into or source, output or tmp_path / "out", **wanted)
        pool = SynchronousPool(Runner(device="cpu", synchronous=True))
        batch = Batch(wish, listener, pool=pool, look_seconds=0.02, **faults)
        made.append(batch)
        return batch

    yield make
    for batch in made:
        batch.close()
