"""Read a folder or file with SimpleITK and dcm2niix and save what they give, for a comparison.

Run by bench/make_formats_table.py with a Python that has SimpleITK, dcm2niix, nibabel and numpy;
imports nothing of Acutance. Usage: python read_with_peers.py PATH OUTPUT_FOLDER
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import SimpleITK

_SECONDS = 120


def with_simpleitk(path: Path) -> list[tuple[Any, Any]]:
    """Return arrays [i, j, k, ...] and affines (RAS, mm) of every series or file."""
    images = []
    if path.is_dir():
        reader = SimpleITK.ImageSeriesReader()
        for uid in reader.GetGDCMSeriesIDs(str(path)):
            names = reader.GetGDCMSeriesFileNames(str(path), uid)
            with contextlib.suppress(RuntimeError):
                images.append(SimpleITK.ReadImage(names if len(names) > 1 else names[0]))
    else:
        with contextlib.suppress(RuntimeError):
            images.append(SimpleITK.ReadImage(str(path)))
    found = []
    for image in images:
        if image.GetDimension() not in (2, 3, 4) or image.GetNumberOfComponentsPerPixel() > 3:
            continue
        size = image.GetDimension()
        array = SimpleITK.GetArrayFromImage(image)
        axes = list(range(size))[::-1] + ([size] if array.ndim > size else [])
        n = min(size, 3)
        affine = np.eye(4)
        direction = np.array(image.GetDirection()).reshape(size, size)[:n, :n]
        affine[:n, :n] = direction * np.array(image.GetSpacing())[:n]
        affine[:n, 3] = np.array(image.GetOrigin())[:n]
        found.append((array.transpose(axes), np.diag([-1.0, -1, 1, 1]) @ affine))
    return found


def with_dcm2niix(path: Path) -> list[tuple[Any, Any]]:
    """Return the same of what dcm2niix writes."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        tool = Path(sys.executable).with_name("dcm2niix")
        with contextlib.suppress(subprocess.TimeoutExpired):
            command = [str(tool), "-z", "n", "-b", "n", "-o", folder, "-f", "%f_%s_%d"]
            single = [] if path.is_dir() else ["-s", "y"]
            subprocess.run(
                [*command, *single, str(path)],
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        for name in sorted(os.listdir(folder)):
            if not name.endswith(".nii"):
                continue
            image = nib.load(Path(folder) / name)
            array = np.asarray(image.dataobj)
            if array.dtype.names:
                array = np.stack([array[n] for n in array.dtype.names], axis=-1)
            found.append((np.array(array), image.affine))
    return found


def main() -> None:
    path, output = Path(sys.argv[1]), Path(sys.argv[2])
    readers = {"simpleitk": with_simpleitk}
    if path.is_dir() or path.suffix == ".dcm":
        readers["dcm2niix"] = with_dcm2niix
    listed: dict[str, list[dict[str, Any]]] = {}
    for name, reader in readers.items():
        listed[name] = []
        for number, (array, affine) in enumerate(reader(path)):
            file = f"{name}{number}.npy"
            np.save(output / file, array)
            listed[name].append({"file": file, "affine": np.asarray(affine).tolist()})
    (output / "volumes.json").write_text(json.dumps(listed))


if __name__ == "__main__":
    main()
