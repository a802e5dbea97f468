"""Measure how often the judge of scope refuses what is no brain, and what is one.

    PYTHONPATH=app:models python bench/scoring_scope.py DATA [--scope SCOPE.safetensors]
        [--out REPORT.md] [--whole]

DATA is the folder that holds mr-brain, mr-other, dicom, video and seg-nuclei. Only pixels are
judged: the modality a header names, by which scoring refuses CT anyway, is not looked at. A volume
is refused when more than half of the slices of its middle half are.

With --whole what is out of scope is read and scored as `acutance score` does it, headers and all,
and the table tells how much of it ends grey.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import av
import nibabel as nib
import numpy as np
import torch
from safetensors.torch import load_file
from scoring_slices import SILENT
from skimage.io import imread

from acutance.core.ledger import LoadedSeries
from acutance.core.quality import QualityRequest, Verdict
from acutance.engines.quality import QualityEngine
from acutance.io.readers import index_paths, read_item
from acutance_models import get_descriptor
from acutance_models.iqa_resnet.calibration import load_calibration
from acutance_models.iqa_resnet.preprocess import preprocess_slices
from acutance_models.iqa_resnet.scope import ScopeNetwork
from acutance_models.iqa_resnet.volumes import find_volumes
from acutance_models.loading import fill_network
from acutance_models.simulation.volume import corrupt_volume

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

THRESHOLD = 0.05
PHANTOMS = (
    "mr-acr-phantom",
    "mr-ge-mprage-phantom",
    "mr-philips-enhanced",
    "mr-siemens-j2k",
    "mr-siemens-jpeg",
)
# Clips whose frames the network was shown as pictures out of scope.
TRAINED_VIDEOS = ("asl_", "bottles", "cars")


def middle(array: NDArray[np.generic], axis: int) -> NDArray[np.float32]:
    """Return the middle half of an axis, that axis first."""
    count = array.shape[axis]
    part = np.take(array, range(count // 4, max(3 * count // 4, count // 4 + 1)), axis)
    return np.moveaxis(part, axis, 0).astype(np.float32)


def brains(folder: Path, held_out: tuple[str, ...]) -> Iterator[tuple[str, str, NDArray]]:
    """Yield slices of clean brain volumes along all axes, and of strongly moved held-out ones."""
    training, held = find_volumes(folder, held_out=held_out)
    for path in [*training, *held]:
        array = np.asarray(nib.Nifti1Image.from_filename(path).dataobj, dtype=np.float32)
        kind = "clean, held out" if path in held else "clean, trained on"
        for axis in range(3):
            yield (
                kind,
                f"{path.name.split('.')[0]} {axis}",
                middle(array, axis),
            )
        if path in held:
            for sigma in (4.0, 8.0):
                moved = corrupt_volume(np.moveaxis(middle(array, 2), 0, 2)[:, :, ::6], 2, sigma, 1)
                yield f"moved, {sigma:g} degrees", path.name, np.moveaxis(moved, 2, 0)


def dicom(folder: Path) -> Iterator[tuple[str, str, NDArray]]:
    """Yield phantoms, CT, ultrasound, X-ray and other brains among the DICOM samples."""
    for path in sorted(folder.iterdir()):
        name = path.name
        if name.startswith(PHANTOMS):
            kind = "phantom"
        elif name.startswith("ct-"):
            kind = "CT"
        elif name == "cine":
            kind = "cine"
        elif name.startswith("mr-"):
            kind = "brain, DICOM"
        else:
            continue
        for number, item in enumerate(index_paths([path], SILENT, SILENT).items):
            loaded = read_item(item, np.empty, SILENT, SILENT)
            if isinstance(loaded, LoadedSeries):
                array = np.asarray(loaded.volume.array, dtype=np.float32)
                if array.ndim == 3 and min(array.shape[:2]) >= 32:
                    thin = int(np.argmin(array.shape))
                    yield kind, f"{name} {number}", middle(array, thin)


def pictures(data: Path) -> Iterator[tuple[str, str, NDArray]]:
    """Yield chest MR, microscopy and video that was not trained on, and noise."""
    for path in sorted((data / "mr-other").glob("*.nii*")):
        array = np.asarray(nib.Nifti1Image.from_filename(path).dataobj, dtype=np.float32)
        yield "chest MR", path.name, middle(array, 2)
    for path in sorted((data / "seg-nuclei" / "images").iterdir())[50:]:
        picture = np.asarray(imread(path), dtype=np.float32)
        yield "microscopy", path.name, (picture if picture.ndim == 2 else picture.mean(-1))[None]
    for path in sorted((data / "video").glob("*.m*")):
        if path.name.startswith((*TRAINED_VIDEOS, "malformed")):
            continue
        with av.open(str(path)) as container:
            frames = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
        yield "video", path.name, np.stack(frames[::10]).astype(np.float32)
    rng = np.random.default_rng(0)
    yield "noise", "white", rng.random((20, 128, 128), np.float32)
    yield "noise", "Rayleigh", rng.rayleigh(1.0, (20, 160, 120)).astype(np.float32)


def whole(data: Path) -> list[str]:
    """Score every file out of scope as the application does; lay out how many end grey."""
    engine = QualityEngine("cpu")
    dicom_ = sorted((data / "dicom").iterdir())
    pictures_ = sorted((data / "seg-nuclei" / "images").iterdir())[50:]
    clips = sorted((data / "video").glob("*.m*"))
    clips = [p for p in clips if not p.name.startswith((*TRAINED_VIDEOS, "malformed"))]
    kinds = {
        "CT": [path for path in dicom_ if path.name.startswith("ct-")],
        "phantom": [path for path in dicom_ if path.name.startswith(PHANTOMS)],
        "chest MR": sorted((data / "mr-other").glob("*.nii*")),
        "microscopy": pictures_,
        "video": clips,
    }
    lines = ["| kind | inputs | grey | not grey |", "|---|---|---|---|"]
    inputs = refused = 0
    for kind, paths in kinds.items():
        passed = []
        items = index_paths(paths, SILENT, SILENT).items
        for item in items:
            loaded = read_item(item, np.empty, SILENT, SILENT)
            content = loaded.volume if isinstance(loaded, LoadedSeries) else loaded.video
            result = engine.run(QualityRequest(content), SILENT, SILENT)
            if result.verdict is not Verdict.NOT_ASSESSED:
                passed.append(Path(item.files[0]).relative_to(data).parts[1])
        grey = len(items) - len(passed)
        lines.append(f"| {kind} | {len(items)} | {grey} | {', '.join(passed)} |")
        inputs, refused = inputs + len(items), refused + grey
    lines.append(f"| all | {inputs} | {refused} ({100 * refused / inputs:.1f} %) | |")
    return lines


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--network", default="iqa_resnet18")
    parser.add_argument("--scope", type=Path, help="another judge, from train_scope")
    parser.add_argument("--held-out", help="people instead of the manifest's, comma-separated")
    parser.add_argument("--every", type=int, default=3, help="judge every n-th slice")
    parser.add_argument("--whole", action="store_true", help="as the application, with headers")
    parser.add_argument("--out", type=Path, help="write the table as Markdown")
    options = parser.parse_args(arguments)
    if options.whole:
        text = "\n".join(whole(options.data)) + "\n"
        print(text)
        if options.out:
            options.out.write_text(text, encoding="utf-8")
        return 0
    descriptor = get_descriptor(options.network)
    scope, threshold = ScopeNetwork().eval(), THRESHOLD
    if options.scope:
        fill_network(scope, load_file(options.scope), source=options.scope.name)
    else:
        calibration = load_calibration(descriptor)
        if calibration is None:
            parser.error("that network has no judge of scope; give --scope")
        scope, threshold = calibration.scope, calibration.scope_threshold
    held_out = tuple(options.held_out.split(",")) if options.held_out else descriptor.held_out
    found: dict[str, list[tuple[str, int, int, int]]] = {}
    sources = (
        brains(options.data / "mr-brain", held_out),
        dicom(options.data / "dicom"),
        pictures(options.data),
    )
    for source in sources:
        for kind, name, stack in source:
            step = options.every if len(stack) >= 12 and "moved" not in kind else 1
            images, _ = preprocess_slices(stack[::step])
            with torch.inference_mode():
                judged = scope(torch.from_numpy(images)[:, None]) if len(images) else torch.ones(0)
            refused = int((judged < threshold).sum())
            found.setdefault(kind, []).append((name, len(stack[::step]), len(images), refused))
    lines = [
        "| kind | volumes | grey | slices shown | blank | refused |",
        "|---|---|---|---|---|---|",
    ]
    details = []
    for kind, volumes in found.items():
        grey = sum(v[2] == 0 or v[3] > 0.5 * v[2] for v in volumes)
        shown, scored = sum(v[1] for v in volumes), sum(v[2] for v in volumes)
        refused = sum(v[3] for v in volumes)
        lines.append(
            f"| {kind} | {len(volumes)} | {grey} | {shown} | {shown - scored} "
            f"| {refused} ({100 * refused / max(scored, 1):.1f} %) |"
        )
        details += [f"{kind}: {v[0]}: {v[3]} of {v[2]} refused" for v in volumes]
    text = "\n".join(lines) + "\n"
    print("\n".join(details) + "\n\n" + text)
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
