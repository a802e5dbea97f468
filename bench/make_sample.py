"""Make the bundled sample scan and its motion-corrupted copy; the same bytes on every call.

    python bench/make_sample.py SOURCE.nii.gz

SOURCE is `stroke/T1.nii.gz` of neurolabusc/VolumeRenderingData. The motion comes from the
simulator that also makes the training data. That person is held out of all training.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from io import BytesIO
from pathlib import Path

import nibabel as nib
import numpy as np

from acutance_models.simulation.volume import corrupt_volume

FOLDER = Path(__file__).resolve().parent.parent / "resources/acutance_resources/sample"
LIMIT_BYTES = 4 * 1024 * 1024
AXIAL = 2
SIGMA_DEG = 2.0
SEED = 7


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args(arguments)

    image = nib.load(options.source)
    clean = np.asarray(image.dataobj)
    moved = corrupt_volume(clean, AXIAL, SIGMA_DEG, SEED)
    options.folder.mkdir(parents=True, exist_ok=True)
    total = 0
    for name, array, text in (
        ("sample_T1.nii.gz", clean, "Acutance sample, T1"),
        (
            "sample_T1_moved.nii.gz",
            moved,
            f"Acutance sample, T1, simulated motion {SIGMA_DEG:g} deg",
        ),
    ):
        data = encode(array, image.affine, text)
        (options.folder / name).write_bytes(data)
        total += len(data)
        print(f"{name}: {len(data)} bytes")
    if total > LIMIT_BYTES:
        print(f"{total} bytes together, more than {LIMIT_BYTES}", file=sys.stderr)
        return 1
    return 0


def encode(array: np.ndarray, affine: np.ndarray, description: str) -> bytes:
    """Return a compressed NIfTI-1 of rounded 8-bit voxels, with nothing else in it than named here.

    The source was reduced to 8 bits by its makers and is stored as int16.
    """
    stored = np.clip(np.rint(array), 0, 255).astype(np.uint8)
    image = nib.Nifti1Image(stored, affine)
    image.header.set_xyzt_units("mm")
    image.header["descrip"] = description.encode("ascii")
    image.set_sform(affine, code="scanner")
    image.set_qform(affine, code="scanner")
    buffer = BytesIO()
    # No name and no time in the header of the stream: the same bytes on every call.
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0, compresslevel=9) as out:
        out.write(image.to_bytes())
    return buffer.getvalue()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
