"""Readers that make their series up; imported in children too."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from acutance.core.ledger import Index, Ledger, LoadedSeries, LoadWarning, SeriesItem
from acutance.core.volume import Volume
from acutance.core.window import Window
from acutance.errors import CorruptFileError


def index_paths(paths: Any, progress: Any, token: Any) -> Index:
    for path in paths:
        if Path(path).name == "endless":
            progress.found(Index((replace(make_item("first"), is_partial=True),)))
            while True:
                time.sleep(0.01)
                token.raise_if_cancelled()
    progress.report(1.0, "done")
    return Index(tuple(make_item(str(path)) for path in paths))


def make_item(path: str) -> SeriesItem:
    return SeriesItem("fake", path, (path,), title=Path(path).name)


def expected(dtype: str = "<i2") -> np.ndarray:
    return np.arange(4 * 5 * 6).reshape(4, 5, 6).astype(dtype)


def read_item(item: SeriesItem, allocate: Any, progress: Any, token: Any) -> LoadedSeries:
    kind = Path(item.path).name
    values = expected()
    if kind == "transposed":
        array = allocate((6, 5, 4), values.dtype).T
        array[...] = values
    elif kind == "reversed":
        base = allocate(values.shape, values.dtype)
        array = base[::-1]
        array[...] = values
    elif kind == "copied":
        array = values
    elif kind == "big-endian":
        array = allocate(values.shape, np.dtype(">i2"))
        array[...] = values
    elif kind == "large":
        array = allocate((4096, 4096, 4096), np.dtype("<f8"))
    elif kind == "greedy":
        array = values
        np.ones(1 << 34, np.uint8)
    elif kind == "corrupt":
        raise CorruptFileError("The header is cut.", remedy="Fetch it again.")
    elif kind == "stalling":
        progress.report(0.1, "slow")
        time.sleep(60)
    elif kind == "mortal":
        allocate(values.shape, values.dtype)
        os.kill(os.getpid(), signal.SIGSEGV)
    else:
        array = allocate(values.shape, values.dtype)
        array[...] = values
    progress.report(1.0, "read")
    affine = np.diag([1.0, 2.0, 3.0, 1.0])
    volume = Volume(
        array,
        affine,
        slope=2.0,
        intercept=-1.0,
        unit="HU",
        modality="CT",
        name=item.title,
        orientation_known=False,
        acquisition_axis=2,
        windows=(Window(40, 80, "brain"),),
        facts={"manufacturer": "none", "sizes": (1, 2), "te": float("nan")},
    )
    return LoadedSeries(
        item, volume, Ledger(1, 1), (LoadWarning("gap", "A gap.", (item.path,)),), ("a note",)
    )
