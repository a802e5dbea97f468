"""Time a fit on twelve slices, and the updates of the slider on a slice of 256 x 256.

    PYTHONPATH=app:models:resources QT_QPA_PLATFORM=offscreen python bench/restoration_speed.py
        [--network ID_OR_FILE] [--patch 3|5] [--threads N]

Without a network the restorer of the catalogue for noise is taken. The slices are those of the
sample scan, with air around them to 256 x 256. An update of the slider is the blend, the grey
levels, the scaling to a view of 800 x 800 pixels and its painting; with evidence also the map of
what changed. Wall and processor time, since a machine may be shared; with one thread the processor
time is what an idle core takes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import nibabel
import numpy as np

SIDE, SLICES = 256, 12
UPDATES = 60


class Silent:
    is_cancelled = False

    def report(self, fraction: float, message: str) -> None: ...

    def raise_if_cancelled(self) -> None: ...


def sample() -> object:
    """Return the sample scan in a frame of 256 x 256, with noise on it."""
    from acutance.core.volume import Volume
    from acutance_resources import path

    image = nibabel.as_closest_canonical(nibabel.load(path("sample/sample_T1.nii.gz")))
    values = np.asarray(image.dataobj, np.float32)[:, :, ::4]
    framed = np.zeros((SIDE, SIDE, values.shape[2]), np.float32)
    left, low = ((SIDE - n) // 2 for n in values.shape[:2])
    framed[left : left + values.shape[0], low : low + values.shape[1]] = values
    sigma = 0.04 * float(np.percentile(values, 99))
    draws = sigma * np.random.default_rng(0).standard_normal((2, *framed.shape))
    noisy = np.hypot(framed + draws[0], draws[1]).astype(np.float32)
    return Volume(noisy, np.diag([1.0, 1.0, 4.0, 1.0]), modality="MR", name="sample")


def time_fit(volume: object, weights: str, patch: int, folder: Path) -> tuple[str, float, float]:
    """Fit on twelve slices; return the operator's file, and wall and processor seconds."""
    from acutance.core.restoration_fit import FitImages, FitRequest, spread_slices
    from acutance.engines.restoration_fit import RestorationFitEngine

    engine, silent = RestorationFitEngine("cpu"), Silent()
    chosen = spread_slices(volume.shape[2], SLICES)  # type: ignore[attr-defined]
    request = FitRequest(
        (FitImages(volume, "axial", chosen),),  # type: ignore[arg-type]
        (), "speed", "1", folder, weights=weights, patch=patch,
    )  # fmt: skip
    wall, busy = time.perf_counter(), time.process_time()
    result = engine.run(request, silent, silent)
    return result.path, time.perf_counter() - wall, time.process_time() - busy


def time_slider(
    volume: object, weights: str, operator: str, *, evidence: bool
) -> tuple[float, float]:
    """Return updates per second of wall and of processor time."""
    from acutance.core.ledger import Ledger, LoadedSeries, SeriesItem
    from acutance.core.restoration import RestorationRequest
    from acutance.engines.restoration import RestorationEngine
    from acutance.qt.application import create_application
    from acutance.qt.viewers.restored_layer import RestoredLayer
    from acutance.qt.viewers.slice_view import SliceView
    from acutance.session import Session

    silent = Silent()
    middle = volume.shape[2] // 2  # type: ignore[attr-defined]
    request = RestorationRequest(
        volume,
        weights=weights,
        operator=operator,
        only=middle,  # type: ignore[arg-type]
    )
    result = RestorationEngine("cpu").run(request, silent, silent)
    application = create_application([])
    session = Session()
    item = SeriesItem("nifti", "sample", ("sample",), title="sample")
    (id,) = session.add_items([item])
    session.set_loaded(id, LoadedSeries(item, volume, Ledger(1, 1)))  # type: ignore[arg-type]
    session.activate(id)
    session.set_slice("axial", middle)
    session.restorations.settle(id, session.active.loaded, result)  # type: ignore[union-attr]
    session.restorations.set_evidence(evidence)
    view = SliceView(session, "axial")
    view.layers.append(RestoredLayer(session))
    view.resize(800, 800)
    view.grab()
    wall, busy = time.perf_counter(), time.process_time()
    for step in range(UPDATES):
        session.restorations.set_alpha(1.0 - step / UPDATES)
        view.grab()
        application.processEvents()
    spent = time.perf_counter() - wall, time.process_time() - busy
    view.deleteLater()
    return UPDATES / spent[0], UPDATES / spent[1]


def main() -> int:
    parser = argparse.ArgumentParser(description="Time the fit and the slider.")
    parser.add_argument("--network", default="")
    parser.add_argument("--patch", type=int, default=3, choices=(3, 5))
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    import torch

    torch.set_num_threads(options.threads)
    volume = sample()
    with tempfile.TemporaryDirectory() as folder:
        operator, wall, busy = time_fit(volume, options.network, options.patch, Path(folder))
        print(f"fit on {SLICES} slices: {wall:.1f} s, processor {busy:.1f} s", flush=True)
        rates = {}
        for evidence in (False, True):
            rate, busy_rate = time_slider(volume, options.network, operator, evidence=evidence)
            rates[evidence] = busy_rate
            told = "with evidence" if evidence else "slider"
            print(f"{told}: {rate:.0f} updates/s, {busy_rate:.0f} per processor second", flush=True)
    return 0 if min(wall, busy) <= 10.0 and rates[False] >= 15.0 else 1


if __name__ == "__main__":
    sys.exit(main())
