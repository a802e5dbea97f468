"""Measure a folder with one DICOM series to its verdict against the script a user would write.

    python bench/scoring_series.py [--pairs 5] [--slices 200] [--size 256] [--limit 3.0]

The series is the sample scan, resampled. Ours is what the window does with a dropped folder: the
program runs already and its network is loaded; the time goes from the folder to the verdict, in
stages (find, read, score); the backends were tried before, which is done once. The peer is a
process that runs already too, with its network loaded:
pydicom reads, NumPy sorts, scikit-image resizes, plain torch predicts slice by slice. Scores are
compared first; times count only then. Both take turns in a random order, page cache warm, headers
that ours keeps forgotten; one round of warm-up. Reported are the median of the ratios of a round
with a bootstrap 95 % interval, the stages, and raw seconds. With --limit the exit code tells
whether the median of ours was kept within it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from pairing import MARK, Outcome, interval

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [str(ROOT / name) for name in ("app", "models", "resources", "bench")]
sys.path[:0] = SOURCES

#: Largest difference of the two mean scores at which the times count.
TOLERANCE = 0.005

_PEER = r"""
import json, os, sys, time
import numpy as np, pydicom, torch
from skimage.transform import resize
from acutance_models.loading import load_network

folder = sys.argv[1]
network = load_network("iqa_resnet18", device="cpu")

def score():
    start = time.perf_counter()
    files = [pydicom.dcmread(os.path.join(folder, name)) for name in os.listdir(folder)]
    files.sort(key=lambda ds: float(ds.ImagePositionPatient[2]))
    stack = np.stack([ds.pixel_array.astype(np.float64) for ds in files])
    read = time.perf_counter()
    count = len(stack)
    scores = []
    with torch.no_grad():
        for image in stack[count // 4 : 3 * count // 4]:
            image = (image - image.min()) / (image.max() - image.min())
            image = np.where(image <= 0.025, 0.0, image)
            longer = max(image.shape)
            rows, columns = (longer - n for n in image.shape)
            margins = [(n // 2, n - n // 2) for n in (rows, columns)]
            image = np.pad(image, margins)
            image = resize(image, (256, 256), order=1, anti_aliasing=True)
            scores.append(float(network(torch.from_numpy(image[None, None]).float())))
    end = time.perf_counter()
    return [end - start, float(np.mean(scores)), {"read": read - start, "score": end - read}]

if __name__ == "__main__":
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(score()), flush=True)
"""

_OURS = r"""
import json, os, sys, time
from pathlib import Path
from acutance.core.backends import TrialRequest
from acutance.core.quality import DEFAULT_NETWORK, QualityRequest
from acutance.jobs.runner import Runner

folder = Path(sys.argv[1])

def main():
    with Runner(device="cpu") as runner:
        runner.submit("backend_trial", TrialRequest(DEFAULT_NETWORK, repeats=False)).value()
        print("ready", flush=True)
        for line in sys.stdin:
            for file in folder.iterdir():
                os.utime(file)  # headers that the child keeps are forgotten
            start = time.perf_counter()
            (item,) = runner.index([folder]).value().items
            found = time.perf_counter()
            volume = runner.read(item).value().volume
            read = time.perf_counter()
            request = QualityRequest(volume, plane="axial")
            result = runner.submit("quality", request, title="").value()
            end = time.perf_counter()
            stages = {"find": found - start, "read": read - found, "score": end - read}
            print(json.dumps([end - start, result.ssim_pred, stages]), flush=True)

if __name__ == "__main__":
    main()
"""


class Contender:
    """A process that scores when it is told to."""

    def __init__(self, script: Path, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(script), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=dict(
                os.environ, PYTHONPATH=os.pathsep.join([*SOURCES, os.environ.get("PYTHONPATH", "")])
            ),
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != "ready":
            raise RuntimeError(f"{script.name} does not start")

    def run(self) -> list[Any]:
        """Score once; return seconds, mean score and seconds of each stage."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        answer: list[Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


def make_series(folder: Path, slices: int, size: int) -> None:
    """Write the sample scan as one axial MR series of classic DICOM files."""
    import nibabel
    import pydicom
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid
    from scipy.ndimage import zoom

    import acutance_resources

    image = nibabel.as_closest_canonical(
        nibabel.Nifti1Image.from_filename(acutance_resources.path("sample/sample_T1.nii.gz"))
    )
    array = np.asarray(image.dataobj, dtype=np.float32)
    longer = max(array.shape[:2])
    shape = (*(round(n * size / longer) for n in array.shape[:2]), slices)
    array = zoom(array, [n / m for n, m in zip(shape, array.shape, strict=True)], order=1)
    spacing = [
        mm * m / n
        for mm, m, n in zip(image.header.get_zooms()[:3], image.shape, shape, strict=True)
    ]
    array = np.round(1000.0 * array / array.max()).astype(np.int16)
    folder.mkdir(parents=True)
    study, series, frame = (generate_uid() for _ in range(3))
    for number in range(slices):
        ds = Dataset()
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = MRImageStorage
        ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = generate_uid()
        ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = study, series, frame
        ds.Modality, ds.ImageType = "MR", ["ORIGINAL", "PRIMARY"]
        ds.SeriesNumber, ds.InstanceNumber = 1, number + 1
        ds.PatientName = ds.PatientID = ""
        # Rows run to the left of the patient, columns to the back.
        ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        ds.ImagePositionPatient = [0, 0, f"{number * spacing[2]:.4f}"]
        ds.PixelSpacing = [f"{spacing[1]:.6f}", f"{spacing[0]:.6f}"]
        ds.SliceThickness = f"{spacing[2]:.4f}"
        ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
        ds.Columns, ds.Rows = shape[:2]
        ds.BitsAllocated = ds.BitsStored = 16
        ds.HighBit, ds.PixelRepresentation = 15, 1
        ds.PixelData = array[::-1, ::-1, number].T.tobytes()
        ds["PixelData"].VR = "OW"
        pydicom.dcmwrite(folder / f"{number:04d}.dcm", ds, enforce_file_format=True)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--slices", type=int, default=200)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--limit", type=float, help="seconds the median of ours may take")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="acutance-bench-") as scratch:
        folder = Path(scratch) / "series"
        make_series(folder, options.slices, options.size)
        contenders = {}
        for name, text in (("ours", _OURS), ("peer", _PEER)):
            script = Path(scratch) / f"{name}.py"
            script.write_text(text)
            contenders[name] = Contender(script, folder)
        means = {name: one.run()[1] for name, one in contenders.items()}
        print("mean predicted SSIM: " + ", ".join(f"{n} {v:.4f}" for n, v in means.items()))
        if abs(means["ours"] - means["peer"]) > TOLERANCE:
            raise SystemExit("The scores differ: no time counts.")
        answers: dict[str, list[list[Any]]] = {name: [] for name in contenders}
        for round_number in range(options.pairs):
            turns = list(contenders)
            random.Random(round_number).shuffle(turns)
            for name in turns:
                answers[name].append(contenders[name].run())
        for one in contenders.values():
            one.close()
    return show(answers, options)


def show(answers: dict[str, list[list[Any]]], options: argparse.Namespace) -> int:
    """Print the ratio, the stages and raw seconds; return the exit code."""
    pairs = zip(answers["peer"], answers["ours"], strict=True)
    median, low, high = interval([peer[0] / ours[0] for peer, ours in pairs])
    print(f"peer / ours {median:.2f} x  [{low:.2f}, {high:.2f}]")
    for name, runs in answers.items():
        stages = ", ".join(
            f"{stage} {np.median([run[2][stage] for run in runs]):.3f}" for stage in runs[0][2]
        )
        seconds = [run[0] for run in runs]
        print(f"{name}: {np.median(seconds):.3f} s ({stages}), at best {min(seconds):.3f} s")
    ours = float(np.median([run[0] for run in answers["ours"]]))
    stages = {
        stage: float(np.median([run[2][stage] for run in answers["ours"]]))
        for stage in answers["ours"][0][2]
    }
    peer = float(np.median([run[0] for run in answers["peer"]]))
    outcome = Outcome(
        f"DICOM series of {options.slices} slices to its verdict, warm",
        "4 x",
        "script of pydicom, scikit-image, torch",
        median,
        low,
        high,
        ours,
        peer,
        median >= 4.0,
        f"mean scores agree to {TOLERANCE}",
        stages,
        "the network: nine tenths of a slice's time",
    )
    print(MARK + json.dumps(asdict(outcome)))
    return int(options.limit is not None and ours > options.limit)


if __name__ == "__main__":
    start = time.perf_counter()
    code = main(sys.argv[1:])
    print(f"({time.perf_counter() - start:.0f} s)")
    raise SystemExit(code)
