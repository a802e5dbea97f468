"""What the tests of enlarging share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "io"))  # for `import video_factory`

from acutance.io import dicom_cine, video
from acutance.jobs.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner(device="cpu", synchronous=True) as made:
        yield made


@pytest.fixture(autouse=True)
def _closed_files() -> Iterator[None]:
    yield
    video.open_readers.close()
    dicom_cine.open_cines.close()
