"""Hold our metrics against MRIQC's own functions, on the same images and masks.

    python bench/iqm_against_mriqc.py [--cases 20] [--seed 0]

Builds a throw-away environment with MRIQC but without what its workflow needs (`--no-deps`: the
functions of `mriqc.qc.anatomical` are numpy, scipy and statsmodels; the one module they import
beside these sets up logging and is replaced by an empty one), asks it about seeded random images
and masks, and prints the largest difference of each metric. Exits with 1 when one exceeds 1e-6.
Needs the network for the packages, nothing else. `pytorch-msssim` is the second implementation of
the multi-scale SSIM; it is fetched the same way, without dependencies, and uses the torch at hand.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import numpy as np

from acutance import metrics

MRIQC = "mriqc==24.0.2"
MRIQC_NEEDS = ("numpy", "scipy", "statsmodels==0.15.0")
MS_SSIM = "pytorch-msssim==1.0.0"
TOLERANCE = 1e-6
# That package normalises its window in float32, whatever the type of the images.
MS_SSIM_TOLERANCE = 1e-5

ORACLE = """
import json, logging, sys, types
import numpy as np
import mriqc
config = types.ModuleType("mriqc.config")
config.loggers = types.SimpleNamespace(interface=logging.getLogger("mriqc"))
logging.getLogger("mriqc").addHandler(logging.NullHandler())
sys.modules["mriqc.config"] = mriqc.config = config
from mriqc.qc import anatomical as a
answers = []
for file in sys.argv[1:]:
    case = np.load(file)
    image, head, frame = case["image"], case["head"], case["frame"]
    wm, gm, air, art = case["wm"], case["gm"], case["air"], case["artefact"]
    stats = a.summary_stats(image, {"wm": wm, "gm": gm, "bg": air})
    s = {k: image[case[k] > 0.5] for k in ("wm", "gm", "air")}
    m = {k: float(v.mean()) for k, v in s.items()}
    d = {k: float(v.std()) for k, v in s.items()}
    mad = float(np.median(np.abs(s["air"] - np.median(s["air"]))))
    answer = {
        "efc": a.efc(image), "efc (frame)": a.efc(image, frame),
        "efc (not rounded)": a.efc(image, frame, decimals=15),
        "fber": a.fber(image, head), "fber (frame)": a.fber(image, head, frame),
        "fber (not rounded)": a.fber(image, head, decimals=15),
        "snr": a.snr(m["wm"], d["wm"], s["wm"].size),
        "snrd (mad)": a.snr_dietrich(m["wm"], mad, d["air"]),
        "snrd (sigma)": a.snr_dietrich(m["wm"], 0.0, d["air"]),
        "cnr": a.cnr(m["wm"], m["gm"], d["air"], d["wm"], d["gm"]),
        "cjv": a.cjv(m["wm"], m["gm"], d["wm"], d["gm"]),
        "wm2max": a.wm2max(image, stats["wm"]["median"]),
        "qi_1": a.art_qi1(air, art),
    }
    for tissue, values in stats.items():
        answer |= {f"summary_{tissue}_{k}": v for k, v in values.items()}
    answers.append(answer)
print(json.dumps(answers))
"""


def make_case(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Make a noisy ball of two tissues in air, with fractional tissue maps and a rotated frame."""
    shape = tuple(int(n) for n in rng.integers(24, 56, 3))
    grids = np.meshgrid(*(np.linspace(-1, 1, n) for n in shape), indexing="ij")
    radius = np.sqrt(sum(g**2 for g in grids)) + 0.05 * rng.standard_normal(shape)
    wm = np.clip((0.5 - radius) * 8, 0, 1).astype(np.float32)
    gm = np.clip((0.8 - radius) * 8, 0, 1).astype(np.float32) * (1 - wm)
    head = (radius < 0.85).astype(np.uint8)
    scale = 10.0 ** rng.uniform(1, 4)
    clean = scale * (wm + rng.uniform(0.5, 0.9) * gm)
    noise = rng.uniform(0.02, 0.1) * scale * rng.standard_normal((2, *shape))
    image = np.hypot(clean + noise[0], noise[1])
    air = (radius > 0.9).astype(np.uint8)
    artefact = (air.astype(bool) & (rng.random(shape) < 0.02)).astype(np.uint8)
    frame = np.zeros(shape, np.uint8)
    frame[: int(rng.integers(1, 4))] = 1
    return {
        "image": image, "head": head, "frame": frame, "wm": wm, "gm": gm,
        "air": (air - artefact).astype(np.uint8), "artefact": artefact,
    }  # fmt: skip


def ours(case: dict[str, np.ndarray]) -> dict[str, float]:
    """Answer the questions of ORACLE with our functions."""
    image, head, frame = case["image"], case["head"], case["frame"]
    maps = {"wm": case["wm"], "gm": case["gm"], "bg": case["air"]}
    stats = metrics.summary_stats(image, maps)
    s = {k: image[case[k] > 0.5] for k in ("wm", "gm", "air")}
    m = {k: float(v.mean()) for k, v in s.items()}
    d = {k: float(v.std()) for k, v in s.items()}
    mad = float(np.median(np.abs(s["air"] - np.median(s["air"]))))
    answer = {
        "efc": metrics.efc(image),
        "efc (frame)": metrics.efc(image, frame),
        "efc (not rounded)": metrics.efc(image, frame, decimals=None),
        "fber": metrics.fber(image, head),
        "fber (frame)": metrics.fber(image, head, frame),
        "fber (not rounded)": metrics.fber(image, head, decimals=None),
        "snr": metrics.snr(m["wm"], d["wm"], s["wm"].size),
        "snrd (mad)": metrics.snr_dietrich(m["wm"], mad, d["air"]),
        "snrd (sigma)": metrics.snr_dietrich(m["wm"], 0.0, d["air"]),
        "cnr": metrics.cnr(m["wm"], m["gm"], d["air"], d["wm"], d["gm"]),
        "cjv": metrics.cjv(m["wm"], m["gm"], d["wm"], d["gm"]),
        "wm2max": metrics.wm2max(image, stats["wm"]["median"]),
        "qi_1": metrics.art_qi1(case["air"], case["artefact"]),
    }
    for tissue, values in stats.items():
        answer |= {f"summary_{tissue}_{k}": v for k, v in values.items()}
    return answer


def ask_mriqc(cases: list[dict[str, np.ndarray]], folder: Path) -> list[dict[str, float]]:
    """Build the environment and return MRIQC's answers."""
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    for arguments in (MRIQC_NEEDS, ("--no-deps", MRIQC)):
        install = (python, "-m", "pip", "install", "--quiet", *arguments)
        subprocess.run(install, check=True, stderr=subprocess.DEVNULL)
    files = []
    for n, case in enumerate(cases):
        files.append(folder / f"case{n}.npz")
        np.savez(files[-1], **case)
    done = subprocess.run(
        [python, "-c", ORACLE, *files], check=True, capture_output=True, text=True
    )
    answers: list[dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return answers


def ms_ssim_difference(rng: np.random.Generator, folder: Path, cases: int) -> float:
    """Return the largest difference of the multi-scale SSIM from pytorch-msssim, in float64."""
    target = folder / "msssim"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--target",
            target,
            MS_SSIM,
        ],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    sys.path.insert(0, str(target))
    import torch
    from pytorch_msssim import ms_ssim

    worst = 0.0
    for _ in range(cases):
        # Even at all five scales: the two treat an odd last row differently.
        shape = tuple(16 * int(n) for n in rng.integers(11, 17, 2))
        clean = np.cumsum(np.cumsum(rng.standard_normal(shape), 0), 1)
        clean = (clean - clean.min()) / (clean.max() - clean.min())
        noisy = clean + rng.uniform(0.01, 0.3) * rng.standard_normal(shape)
        pair = [torch.from_numpy(image)[None, None] for image in (clean, noisy)]
        theirs = float(ms_ssim(*pair, data_range=1.0))
        mine = metrics.multi_scale_structural_similarity(clean, noisy, data_range=1.0)
        worst = max(worst, abs(theirs - mine))
    return worst


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    cases = [make_case(rng) for _ in range(arguments.cases)]
    with tempfile.TemporaryDirectory() as name:
        theirs = ask_mriqc(cases, Path(name))
        worst: dict[str, tuple[float, float]] = {}
        for case, other in zip(cases, theirs, strict=True):
            for metric, value in ours(case).items():
                apart = abs(value - other[metric])
                if math.isnan(apart) or apart >= worst.get(metric, (-1.0, 0.0))[0]:
                    worst[metric] = (apart, other[metric])
        scales = ms_ssim_difference(rng, Path(name), arguments.cases)
    print(f"{MRIQC}, {arguments.cases} seeded images with masks, seed {arguments.seed}")
    print(f"{'metric':<26}{'largest difference':>20}{'at MRIQC value':>18}")
    for metric, (apart, at) in worst.items():
        print(f"{metric:<26}{apart:>20.3g}{at:>18.6g}")
    largest = max(apart for apart, _ in worst.values())
    print(f"largest against MRIQC: {largest:.3g} (allowed: {TOLERANCE:g})")
    print(f"multi-scale SSIM: {scales:.3g} (allowed: {MS_SSIM_TOLERANCE:g}, a float32 window)")
    return 0 if largest <= TOLERANCE and scales <= MS_SSIM_TOLERANCE else 1


if __name__ == "__main__":
    raise SystemExit(main())
