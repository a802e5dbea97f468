"""`acutance selftest`: weights, child processes and the bundled sample, end to end."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import numpy as np

from acutance import NOT_FOR_DIAGNOSIS, __version__
from acutance.core.backends import REFERENCE
from acutance.core.ledger import LoadedSeries
from acutance.core.quality import QualityRequest, QualityResult
from acutance.core.restoration import RestorationRequest, RestorationResult
from acutance.core.segmentation import (
    BRAIN,
    CSF,
    GREY_MATTER,
    WHITE_MATTER,
    SegmentationRequest,
    SegmentationResult,
)
from acutance.core.upscaling import UpscaleRequest, UpscaleResult, UpscaleSettings, full_range
from acutance.errors import AcutanceError, EngineError
from acutance.jobs.runner import Runner
from acutance_models import list_descriptors
from acutance_resources import path as resource_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from acutance.core.volume import Volume

_REINSTALL = "Reinstall Acutance."
SAMPLE, MOVED = "sample/sample_T1.nii.gz", "sample/sample_T1_moved.nii.gz"
#: Lowest version of each package without a vulnerability known at the time of writing.
SAFE_VERSIONS: dict[str, tuple[int, int, int]] = {
    "torch": (2, 10, 0),
    "pydicom": (3, 0, 2),
    "av": (18, 1, 0),
    "pillow": (11, 3, 0),
    "jinja2": (3, 1, 6),
}


def run(device: str) -> int:
    """Run every check, print one line each, return 0 when all hold and 1 otherwise."""
    print(f"acutance {__version__}. {NOT_FOR_DIAGNOSIS}.")
    passed = [_checked("versions", _check_versions)]
    with Runner(device=device) as runner:
        clean: list[QualityResult] = []
        order = "sample scores above its moved copy"
        passed.append(_checked(order, lambda: _check_order(runner, clean)))
        passed.append(_checked("same input, same score", lambda: _check_repeat(runner, clean)))
        for kind, title, check in (
            ("brain", "tissues of the sample", _check_segmentation),
            ("denoise", "noise taken from the sample", _check_restoration),
            ("vsr", "a clip enlarged", _check_upscaling),
        ):
            if _is_installed(kind):
                passed.append(_checked(title, partial(check, runner)))
            else:
                print(f"skip  {title}: no network of this kind is installed")
    return 0 if all(passed) else 1


def _checked(title: str, check: Callable[[], str]) -> bool:
    started = time.monotonic()
    try:
        detail = check()
    except AcutanceError as error:
        print(f"FAIL  {title}: {error}", file=sys.stderr)
        return False
    print(f"ok    {title}: {detail} ({time.monotonic() - started:.1f} s)")
    return True


def _check_versions() -> str:
    found = []
    for package, safe in SAFE_VERSIONS.items():
        try:
            text = version(package)
        except PackageNotFoundError:
            found.append(f"{package} not stated")
            continue
        numbers = tuple(int(part) for part in text.split("+")[0].split(".")[:3] if part.isdigit())
        if numbers < safe:
            raise EngineError(
                f"{package} {text} has known vulnerabilities.",
                remedy=f"Install {package} {'.'.join(map(str, safe))} or newer.",
            )
        found.append(f"{package} {text}")
    return ", ".join(found)


def _sample(runner: Runner, name: str) -> Volume:
    index = runner.index([resource_path(name)]).value()
    loaded = runner.read(index.items[0]).value()
    if not isinstance(loaded, LoadedSeries):
        raise EngineError("The sample is no volume.", remedy=_REINSTALL)
    return loaded.volume


def _score(runner: Runner, name: str) -> QualityResult:
    request = QualityRequest(_sample(runner, name))
    result: QualityResult = runner.submit("quality", request).value()
    if result.ssim_pred is None:
        raise EngineError(f"The bundled sample got no score: {result.reason}.")
    return result


def _check_order(runner: Runner, kept: list[QualityResult]) -> str:
    clean, moved = _score(runner, SAMPLE), _score(runner, MOVED)
    kept.append(clean)
    if not (clean.ssim_pred or 0.0) > (moved.ssim_pred or 0.0):
        raise EngineError(
            f"The sample scored {clean.ssim_pred}, its moved copy {moved.ssim_pred}.",
            remedy=_REINSTALL,
        )
    return f"{clean.ssim_pred:.3f} against {moved.ssim_pred:.3f} on {clean.device}"


def _check_repeat(runner: Runner, kept: list[QualityResult]) -> str:
    first = kept[0] if kept else _score(runner, SAMPLE)
    second = _score(runner, SAMPLE)
    if first.slices != second.slices:
        raise EngineError("The same scan scored differently twice.", remedy=_REINSTALL)
    return f"{len(first.slices)} slices bit-equal"


def _is_installed(kind: str) -> bool:
    return any(d.id.rpartition("_")[2] == kind for d in list_descriptors())


def _check_segmentation(runner: Runner) -> str:
    request = SegmentationRequest(_sample(runner, SAMPLE), BRAIN, plane="axial", backend=REFERENCE)
    result: SegmentationResult = runner.submit("segmentation", request).value()
    volumes = {one.name: one.volume_ml or 0.0 for one in result.statistics}
    brain = sum(ml for name, ml in volumes.items() if name in (CSF, GREY_MATTER, WHITE_MATTER))
    # From a small child's to a large man's, with room for what the sample cuts off.
    if not 600.0 < brain < 2200.0:
        raise EngineError(f"The brain of the sample measures {brain:.0f} ml.", remedy=_REINSTALL)
    return f"brain {brain:.0f} ml on {result.device}"


def _check_restoration(runner: Runner) -> str:
    volume = _sample(runner, SAMPLE)
    clean = volume.to_real(volume.array)
    sigma = 0.05 * float(np.percentile(clean, 99))
    parts = np.random.default_rng(0).normal(0.0, sigma, (2, *clean.shape)).astype(np.float32)
    noisy = np.hypot(clean + parts[0], parts[1])
    middle = volume.shape[2] // 2
    request = RestorationRequest(
        replace(volume, array=noisy, slope=1.0, intercept=0.0), only=middle, plane="axial"
    )
    result: RestorationResult = runner.submit("restoration", request).value()
    restored = np.take(result.array[0], 0, result.axis)
    true, seen = (np.take(one, middle, result.axis) for one in (clean, noisy))
    before, after = (float(np.mean((one - true) ** 2)) for one in (seen, restored))
    if not after < before:
        raise EngineError("The restored sample is no nearer to the clean one.", remedy=_REINSTALL)
    return f"mean squared error {100 * (1 - after / before):.0f} % less on {result.device}"


def _check_upscaling(runner: Runner) -> str:
    rows, columns = np.mgrid[:48, :64]
    frames = np.stack([127 + 100 * np.sin((columns + t) / 5) * np.cos(rows / 7) for t in range(4)])
    frames = frames.round().astype(np.uint8)[..., None]
    span = full_range(frames.dtype)
    if span is None:
        raise EngineError("Frames of 8 bits have no range.", remedy=_REINSTALL)
    request = UpscaleRequest(frames, 0, 0, 4, UpscaleSettings(), span, whole=True)
    result: UpscaleResult = runner.submit("super_resolution", request).value()
    if result.array.shape != (4, 192, 256, 1):
        raise EngineError(f"The enlarged clip has shape {result.array.shape}.", remedy=_REINSTALL)
    reduced = result.array[..., 0].reshape(4, 48, 4, 64, 4).mean((2, 4))
    departure = float(np.abs(reduced - frames[..., 0]).mean()) / 255.0
    if departure > 0.05:
        raise EngineError(f"The enlarged clip departs by {departure:.3f}.", remedy=_REINSTALL)
    return f"4 frames, {departure:.4f} from the input when reduced, on {result.device}"
