"""`acutance.session.air`: the window over the air, and the way back."""

import numpy as np
import pytest

from acutance.core.ledger import Ledger, LoadedSeries, SeriesItem
from acutance.core.volume import Volume
from acutance.core.window import AIR, Window, air_window
from acutance.session import Session

ITEM = SeriesItem("nifti", "scan.nii", ("scan.nii",), title="scan")


def head(noise: float = 5.0, ghost: float = 0.0) -> np.ndarray:
    """Return a block of 1000 in noisy air, with a fainter copy of it beside."""
    array = np.abs(np.random.default_rng(1).normal(0, noise, (40, 40, 12))).astype(np.float32)
    array[12:28, 12:28] += 1000
    array[30:38, 12:28] += ghost
    return array


def opened(volume: Volume) -> Session:
    session = Session()
    (id,) = session.add_items([ITEM])
    session.set_loaded(id, LoadedSeries(ITEM, volume, Ledger(1, 1)))
    session.activate(id)
    return session


def test_noise_is_dark_and_a_ghost_is_bright() -> None:
    window = air_window(head(ghost=60.0))
    assert window.name == AIR
    noise = (5.0 - window.low) / window.width
    assert 0.0 < noise < 0.3
    assert (60.0 - window.low) / window.width > 0.9
    assert window.high < 105


@pytest.mark.parametrize("array", [np.full((9, 9, 9), 7.0), np.full((4, 4, 4), np.nan)])
def test_an_image_without_air_still_has_a_window(array: np.ndarray) -> None:
    assert air_window(array).width > 0


def test_masked_air_says_nothing_of_noise() -> None:
    array = head(noise=0.0)
    assert air_window(array).name == AIR


def test_the_toggle_comes_back_to_the_window_there_was() -> None:
    session = opened(Volume(head(), np.eye(4), modality="MR"))
    mine = Window(400, 300)
    session.set_window(mine)
    session.air.toggle()
    assert session.air.is_on
    assert session.window.name == AIR
    session.air.toggle()
    assert not session.air.is_on
    assert session.window == mine


def test_a_window_that_was_dragged_on_is_no_longer_the_air() -> None:
    session = opened(Volume(head(), np.eye(4), modality="MR"))
    session.air.toggle()
    session.set_window(session.window.moved(50, 60))
    assert not session.air.is_on
    session.air.toggle()
    assert session.air.is_on


def test_ct_has_its_own_and_colours_have_none() -> None:
    session = opened(Volume(head() - 1000, np.eye(4), modality="CT", unit="HU"))
    session.air.toggle()
    assert (session.window.centre, session.window.width) == (-900, 400)
    colours = opened(Volume(np.zeros((8, 8, 2, 3), np.uint8), np.eye(4)))
    told: list[str] = []
    colours.notice.connect(told.append)
    before = colours.window
    colours.air.toggle()
    assert colours.window == before
    assert told
