from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from acutance.core.ledger import Ledger, LoadedSeries, SeriesItem
from acutance.core.quality import ModelFacts, QualityResult, SliceScore, Verdict
from acutance.core.volume import Volume
from acutance.qt.theme import apply_theme
from acutance.session import Session

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

ITEM = SeriesItem("nifti", "scan.nii", ("scan.nii",), title="scan")
#: File axes: posterior, superior, right; spacing 2, 3 and 1 mm.
AFFINE = np.array(
    [[0.0, 0.0, 1.0, -20.0], [-2.0, 0.0, 0.0, 30.0], [0.0, 3.0, 0.0, -15.0], [0, 0, 0, 1.0]]
)
SHAPE = (30, 16, 40)
BRIGHT = (6, 11, 31)


def make_volume(affine: np.ndarray = AFFINE, **facts: object) -> Volume:
    array = np.zeros(SHAPE, dtype=np.uint16)
    array[BRIGHT] = 1000
    return Volume(array, affine, name="scan", modality="MR", facts=dict(facts))


def make_colour(red: int, green: int, blue: int) -> Volume:
    array = np.zeros((*SHAPE, 3), dtype=np.uint8)
    array[:] = red, green, blue
    return Volume(array, AFFINE, name="photo", modality="XC")


def make_session(volume: Volume | None = None) -> Session:
    session = Session()
    (id,) = session.add_items([ITEM])
    session.set_loaded(id, LoadedSeries(ITEM, volume or make_volume(), Ledger(1, 1)))
    session.activate(id)
    return session


def make_result(count: int, planes: tuple[str, ...] = ("axial",)) -> QualityResult:
    slices = []
    for plane in planes:
        for k in range(count):
            blank = k in (0, count - 1)
            value = None if blank else (0.4 if k == 5 else 0.7 if k == 6 else 0.95)
            reason = "no anatomy" if blank else ""
            slices.append(SliceScore(plane, k, value, reason, count // 4 <= k < 3 * count // 4))
    model = ModelFacts("net", "1", "0" * 64)
    return QualityResult(
        Verdict.CHECK, "motion", True, 0.8, tuple(slices), planes, model, "cpu", {}, 0.1
    )


@pytest.fixture
def scan() -> SimpleNamespace:
    """A volume with one bright voxel, open in a session."""
    return SimpleNamespace(
        affine=AFFINE,
        shape=SHAPE,
        bright=BRIGHT,
        item=ITEM,
        make_volume=make_volume,
        make_colour=make_colour,
        make_session=make_session,
        make_result=make_result,
    )


@pytest.fixture(autouse=True)
def _dark(qapp: QApplication) -> None:
    if not qapp.styleSheet():
        apply_theme(qapp)
