"""What reading a published DICOM file or folder gives, in a few numbers.

``python tests/app/io/real_outcome.py DATA/dicom > tests/app/io/real_outcomes.json`` writes what
`test_real_dicom.py` pins; look at the difference before you keep it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.ledger import LoadedSeries
from acutance.errors import ReadError
from acutance.io.readers import index_paths, read_item

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.ledger import SeriesItem

#: Folders whose files are read one by one; the others are series.
SINGLE = (
    "malformed",
    "mr-philips-enhanced",
    "mr-siemens-mosaic",
    "mr-siemens-xa30-enhanced",
    "transfer-syntaxes",
)
#: Frames in time have tests of their own.
LEFT_OUT = ("cine",)


class _Silent:
    def report(self, fraction: float, message: str) -> None:
        return

    def raise_if_cancelled(self) -> None:
        return


def sources(root: Path) -> dict[str, Path]:
    """Return what is read, by the name it is pinned under."""
    found = {}
    for folder in sorted(root.iterdir()):
        if folder.name in SINGLE:
            for file in sorted(folder.iterdir()):
                found[f"{folder.name}/{file.name}"] = file
        elif folder.name not in LEFT_OUT:
            found[folder.name] = folder
    return found


def outcome(path: Path) -> dict[str, Any]:
    """Return items with shape, dtype, unit, warnings, sum and spacing, and reasons of refusal."""
    index = index_paths([path], _Silent(), _Silent())
    return {
        "items": [_item(item) for item in index.items],
        "refused": sorted({entry.reason for entry in index.set_aside}),
    }


def _item(item: SeriesItem) -> dict[str, Any]:
    def allocate(shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
        return np.empty(shape, dtype)

    try:
        loaded = read_item(item, allocate, _Silent(), _Silent())
    except ReadError as error:
        return {"error": type(error).__name__}
    if not isinstance(loaded, LoadedSeries):
        return {"kind": item.kind}
    volume = loaded.volume
    total = float(volume.array.sum(dtype=np.float64)) * volume.slope
    return {
        "shape": list(volume.array.shape),
        "dtype": str(volume.array.dtype),
        "unit": volume.unit,
        "spacing": [round(mm, 4) for mm in volume.spacing],
        "sum": round(total + volume.intercept * volume.array.size, 3),
        "lossy": "lossy_compression" in volume.facts,
        "warnings": [warning.name for warning in loaded.warnings],
        "used": [loaded.ledger.used, loaded.ledger.found],
    }


if __name__ == "__main__":
    pinned = {name: outcome(path) for name, path in sources(Path(sys.argv[1])).items()}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(what)}" for name, what in pinned.items())
    sys.stdout.write(f"{{\n{lines}\n}}\n")
