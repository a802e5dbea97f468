"""`acutance selftest`: weights, child processes and the bundled sample, end to end."""

from __future__ import annotations

import sys
import time
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from acutance import NOT_FOR_DIAGNOSIS, __version__
from acutance.core.ledger import LoadedSeries
from acutance.core.quality import QualityRequest, QualityResult
from acutance.errors import AcutanceError, EngineError
from acutance.jobs.runner import Runner
from acutance_resources import path as resource_path

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLE, MOVED = "sample/sample_T1.nii.gz", "sample/sample_T1_moved.nii.gz"
#: Lowest version of each package without a vulnerability known at the time of writing.
SAFE_VERSIONS: dict[str, tuple[int, int, int]] = {"torch": (2, 10, 0), "pydicom": (3, 0, 2)}


def run(device: str) -> int:
    """Run every check, print one line each, return 0 when all hold and 1 otherwise."""
    print(f"acutance {__version__}. {NOT_FOR_DIAGNOSIS}.")
    passed = [_checked("versions", _check_versions)]
    with Runner(device=device) as runner:
        clean: list[QualityResult] = []
        order = "sample scores above its moved copy"
        passed.append(_checked(order, lambda: _check_order(runner, clean)))
        passed.append(_checked("same input, same score", lambda: _check_repeat(runner, clean)))
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
            found.append(f"{package} version not stated")
            continue
        numbers = tuple(int(part) for part in text.split("+")[0].split(".")[:3] if part.isdigit())
        if numbers < safe:
            raise EngineError(
                f"{package} {text} has known vulnerabilities.",
                remedy=f"Install {package} {'.'.join(map(str, safe))} or newer.",
            )
        found.append(f"{package} {text}")
    return ", ".join(found)


def _score(runner: Runner, name: str) -> QualityResult:
    index = runner.index([resource_path(name)]).value()
    loaded = runner.read(index.items[0]).value()
    if not isinstance(loaded, LoadedSeries):
        raise EngineError("The sample is no volume.", remedy="Reinstall Acutance.")
    result: QualityResult = runner.submit("quality", QualityRequest(loaded.volume)).value()
    if result.ssim_pred is None:
        raise EngineError(f"The bundled sample got no score: {result.reason}.")
    return result


def _check_order(runner: Runner, kept: list[QualityResult]) -> str:
    clean, moved = _score(runner, SAMPLE), _score(runner, MOVED)
    kept.append(clean)
    if not (clean.ssim_pred or 0.0) > (moved.ssim_pred or 0.0):
        raise EngineError(
            f"The sample scored {clean.ssim_pred}, its moved copy {moved.ssim_pred}.",
            remedy="Reinstall Acutance.",
        )
    return f"{clean.ssim_pred:.3f} against {moved.ssim_pred:.3f} on {clean.device}"


def _check_repeat(runner: Runner, kept: list[QualityResult]) -> str:
    first = kept[0] if kept else _score(runner, SAMPLE)
    second = _score(runner, SAMPLE)
    if first.slices != second.slices:
        raise EngineError("The same scan scored differently twice.", remedy="Reinstall Acutance.")
    return f"{len(first.slices)} slices bit-equal"
