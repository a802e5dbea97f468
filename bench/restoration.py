"""Measure restorers, their autoencoder and the transport on people and clips never trained on.

    PYTHONPATH=app:models python bench/restoration.py DATA [--denoise FILE_OR_ID]
        [--perceptual FILE_OR_ID] [--motion FILE_OR_ID] [--artifacts FILE_OR_ID --frames FOLDER]
        --vae FILE_OR_ID [--slices N] [--noise SD ...] [--patch 3|5] [--clips NAME ...]
        [--keep-mean] [--out REPORT.md] [--json FILE]

DATA holds ``mr-brain``; FOLDER is what `bench/extract_frames.py` writes. A network is an id of the
catalogue or a safetensors file. Of the clips those are measured that no shipped network was trained
on, and those whose names begin as ``--clips`` says: their owner has to know.

Rows are the damaged slice, classical restorations, x* (what the restorer makes), D(E(x*)) (the
same through the autoencoder) and the slider from alpha = 0 (perceptual) over 1 (x* itself) to 1.25.
The classical rows are told more than the networks: the true standard deviation of Rician noise
(else an estimate of it, and beside it one strength for all), and of each method the strength with
the best PSNR on the very slices that are measured. "unbiased" then inverts the mean of the Rician
distribution.

The operator is fitted for each series (or clip) on twelve other slices of it, which are damaged
alike and restored for the source, and sharp for the target: what a user does in the window.
``--keep-mean`` leaves the mean of the patches alone, as the shipped operators do.
``--fit people`` fits one operator on slices of people trained on instead; ``--operator FILE...``
takes what `acutance restore fit` wrote, of several files that for the noise at hand, as the program
does.

- PSNR, SSIM: mean over slices, data range 1.
- patch SWD: sliced Wasserstein distance of 7x7 patches, their mean removed, at the same places of
  the restored and the true slices where those show something; 128 directions, times 1000. 2000
  places of each slice: few differ even where their distributions do not (at noise 0.02, the same
  pictures came to 1.15 with 300 places and to 0.78 with 4000).
- spectrum gap: mean absolute difference of the radial power spectra (Hann window) from 0.2 cycles
  per pixel on, dB.
- sharpness: mean squared gradient divided by that of the true slices; above 1 is sharper.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file
from scipy import ndimage
from scipy.special import ive
from skimage.metrics import structural_similarity
from skimage.restoration import denoise_nl_means, denoise_tv_chambolle

from acutance.metrics.sharpness import gradient_energy
from acutance_models import import_state_dict, list_descriptors, load_network
from acutance_models.iqa_resnet.volumes import find_volumes, read_volumes
from acutance_models.ot_restore.blocks import pad_to_multiple
from acutance_models.ot_restore.degradation import add_rician, compress, draw_moved
from acutance_models.ot_restore.files import load_operator
from acutance_models.ot_restore.moments import Moments
from acutance_models.ot_restore.operator import fit_operator, nearest_level
from acutance_models.ot_restore.patches import valid_patches
from acutance_models.ot_restore.restore import blend, perceptual_end
from acutance_models.ot_restore.schedule import HELD_OUT
from acutance_models.ot_restore.spaces import AutoencoderSpace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from torch import nn

    from acutance_models.ot_restore.operator import FittedOperator

    Picture = NDArray[np.float32]  # (C, H, W), about [0, 1]
    Damage = Callable[[Picture, np.random.Generator], tuple[Picture, Picture]]

ALPHAS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25)
FIT_SLICES = 12
FIT_PEOPLE = ("child3y", "id001", "ms_patient07", "adult_prisma", "seg3d", "m2208")
LARGEST = 256  # pixels along each side: larger slices are cut about their centre
SHOWN = 0.08
SWD_SIDE, SWD_PATCHES, SWD_DIRECTIONS = 7, 2000, 128
# Of the standard deviation; the best is taken, and told where it lies at an end. From weak to
# strong, and no further once the PSNR has fallen so often.
NLM_STRENGTHS = (0.4, 0.55, 0.7, 0.85, 1.0, 1.5, 2.2, 3.2, 4.5, 6.3, 9.0, 12.6)
TV_STRENGTHS = (0.2, 0.35, 0.5, 0.8, 1.1, 1.6, 2.4, 3.4, 4.8, 6.8, 9.6, 13.6)
# The same for all pictures, where there is no noise to be told.
ABSOLUTE = (0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.06, 0.08, 0.12, 0.17)
FALLS = 2
HIGH = 0.2  # cycles per pixel
NOISE_LEVELS = (0.02, 0.05, 0.09)
COMPRESSIONS = ((20, 0.0), (50, 0.05), (80, 0.0))  # JPEG quality, standard deviation of the noise


@dataclass
class Series:
    """Slices of one series or clip: those that are measured, and those to fit on."""

    name: str
    measured: list[Picture]
    fitted: list[Picture]


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure restorers on people never trained on.")
    parser.add_argument("data", type=Path)
    for task in ("denoise", "perceptual", "motion", "artifacts"):
        parser.add_argument(f"--{task}")
    parser.add_argument("--vae", required=True)
    parser.add_argument("--frames", type=Path)
    parser.add_argument("--slices", type=int, default=3, help="slices measured of each series")
    parser.add_argument("--noise", type=float, nargs="+", default=NOISE_LEVELS)
    parser.add_argument("--patch", type=int, default=3)
    parser.add_argument("--fit", choices=("series", "people"), default="series")
    parser.add_argument("--operator", type=Path, nargs="+", default=[])
    parser.add_argument("--clips", nargs="+", default=[], metavar="NAME")
    parser.add_argument("--keep-mean", action="store_true", help="operators leave the mean alone")
    parser.add_argument("--no-classical", action="store_true", help="leave the slow rows out")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    vae = load(options.vae)
    people = read_people(options.data / "mr-brain", options.slices)
    unseen = (*HELD_OUT, *options.clips)
    clips = read_clips(options.frames, options.slices, unseen) if options.frames else []
    fits = read_fit_people(options.data / "mr-brain") if options.fit == "people" else None
    report: dict[str, Any] = {"autoencoder": reconstruction(vae, people, clips)}
    report["speed"] = speed(vae, options.patch)
    settings: dict[str, Any] = {
        "vae": vae,
        "patch": options.patch,
        "is_classical": not options.no_classical,
        "remembered": {},
        "moves_mean": not options.keep_mean,
    }
    settings["shipped"] = [load_operator(path) for path in options.operator]
    for task in ("denoise", "perceptual"):
        if getattr(options, task):
            restorer = load(getattr(options, task))
            for sd in options.noise:
                name = f"{task}, noise {sd:g}"
                report[name] = measure(people, restorer, noisy(sd), fits=fits, sd=sd, **settings)
                show(name, report[name])
    if options.motion:
        restorer = load(options.motion)
        report["motion"] = measure(people, restorer, moved, fits=fits, **settings)
        show("motion", report["motion"])
    if options.artifacts:
        restorer = load(options.artifacts)
        for quality, sd in COMPRESSIONS:
            name = f"artifacts, JPEG {quality}, noise {sd:g}"
            report[name] = measure(clips, restorer, compressed(quality, sd), **settings)
            show(name, report[name])
    text = write_report(report)
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    if options.json:
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")
    return 0


def load(name: str) -> nn.Module:
    """Return a network, from an id of the catalogue or a weights file."""
    if name in {descriptor.id for descriptor in list_descriptors()}:
        return load_network(name)
    return import_state_dict(load_file(name))


def read_people(folder: Path, slices: int) -> list[Series]:
    """Read the series of people held out, slices along all three axes."""
    _, paths = find_volumes(folder, held_out=HELD_OUT)
    return [read_series(path, slices) for path in paths]


def read_fit_people(folder: Path) -> list[Picture]:
    """Read two slices of each series of some people trained on."""
    paths, _ = find_volumes(folder, held_out=HELD_OUT)
    chosen = [path for path in paths if path.name.startswith(FIT_PEOPLE)]
    return [image for path in chosen for image in read_series(path, 2).fitted[::6]]


def read_series(path: Path, slices: int) -> Series:
    """Read slices to measure, the axes in turn, and others along one axis to fit on."""
    (volume,) = read_volumes([path])
    views = sorted(volume.views, key=lambda view: -view.weight)
    chosen: list[list[int]] = [[] for _ in views]
    for n in range(slices):
        axis, turn = n % len(views), n // len(views)
        of_axis = -(-(slices - axis) // len(views))
        chosen[axis].append(len(views[axis].slices) * (2 * turn + 1) // (2 * of_axis))
    measured = [
        prepare(view.slices[place])
        for view, places in zip(views, chosen, strict=True)
        for place in places
    ]
    first = views[0].slices
    apart = [n for n in range(len(first)) if all(abs(n - place) > 2 for place in chosen[0])]
    fitted = [apart[round(n)] for n in np.linspace(0, len(apart) - 1, FIT_SLICES)]
    return Series(path.name.split(".")[0], measured, [prepare(first[n]) for n in fitted])


def read_clips(folder: Path, slices: int, unseen: tuple[str, ...]) -> list[Series]:
    """Read the clips whose names begin so."""
    clips: dict[str, list[Picture]] = {}
    for path in sorted(folder.glob("*.png")):
        clip = path.stem.rsplit("_", 1)[0]
        if clip.startswith(unseen):
            with Image.open(path) as image:
                picture = np.asarray(image.convert("RGB"), np.float32) / 255.0
            clips.setdefault(clip, []).append(cut(np.moveaxis(picture, 2, 0)))
    return [
        Series(name, pictures[1::3][:slices], pictures[::3] + pictures[2::3])
        for name, pictures in clips.items()
        if len(pictures) > 3
    ]


def prepare(image: NDArray[np.floating]) -> Picture:
    values = image.astype(np.float32)
    values = (values - values.min()) / max(float(np.ptp(values)), 1e-6)
    return cut(values[None])


def cut(picture: Picture) -> Picture:
    """Cut what is larger than 256 about the centre, and to even multiples of 4."""
    window = []
    for size in picture.shape[1:]:
        kept = min(size, LARGEST) // 4 * 4
        window.append(slice((size - kept) // 2, (size - kept) // 2 + kept))
    return np.ascontiguousarray(picture[:, window[0], window[1]])


def noisy(sd: float) -> Damage:
    return lambda clean, rng: (add_rician(clean[0], sd, rng)[None], clean)


def moved(clean: Picture, rng: np.random.Generator) -> tuple[Picture, Picture]:
    damaged, target = draw_moved(clean[0], rng)
    return damaged[None], target[None]


def compressed(quality: int, sd: float) -> Damage:
    def damage(clean: Picture, rng: np.random.Generator) -> tuple[Picture, Picture]:
        with_noise = clean + np.float32(sd) * rng.standard_normal(clean.shape, dtype=np.float32)
        return np.moveaxis(compress(np.moveaxis(with_noise, 0, 2), quality), 2, 0), clean

    return damage


def restore(network: nn.Module, picture: Picture) -> Picture:
    """Restore one picture as the program does: brought to [0, 1] first."""
    peak = max(1.0, float(picture.max()))
    with torch.inference_mode():
        restored = network(torch.from_numpy(np.ascontiguousarray(picture / peak))[None])
    return np.clip(restored[0].numpy(), 0.0, 1.0) * np.float32(peak)


def reconstruction(
    vae: nn.Module, people: Sequence[Series], clips: Sequence[Series]
) -> dict[str, float]:
    """Return what is left of undisturbed slices after encoding and decoding, PSNR in dB."""
    figures: dict[str, float] = {}
    for kind, many in (("slices", people), ("frames", clips)):
        ratios = []
        for series in many:
            space = AutoencoderSpace(vae, name="vae", channels=len(series.measured[0]))
            of_series = [psnr(through(space, image), image) for image in series.measured]
            ratios += of_series
            figures[f"{kind}, {series.name}"] = float(np.mean(of_series))
        if ratios:
            figures[f"{kind}, mean"] = float(np.mean(ratios))
            figures[f"{kind}, lowest"] = float(np.min(ratios))
    print({key: round(value, 2) for key, value in figures.items()}, flush=True)
    return figures


def through(space: AutoencoderSpace, picture: Picture) -> Picture:
    batch = torch.from_numpy(picture)[None]
    height, width = batch.shape[-2:]
    padded = pad_to_multiple(batch, space.stride)
    decoded = space.decode(space.encode(padded))[0, :, :height, :width]
    return np.clip(decoded.numpy(), 0.0, 1.0)


def fit(
    space: AutoencoderSpace,
    restored: Sequence[Picture],
    sharp: Sequence[Picture],
    patch: int,
    *,
    moves_mean: bool = True,
) -> FittedOperator:
    """Fit the transport from restored pictures to sharp ones."""
    sides = []
    for pictures in (restored, sharp):
        moments: Moments | None = None
        for picture in pictures:
            latents = space.encode(pad_to_multiple(torch.from_numpy(picture)[None], space.stride))
            part = Moments.of(valid_patches(latents.double(), patch).numpy())
            moments = part if moments is None else moments.merge(part)
        assert moments is not None
        sides.append(moments)
    return fit_operator(
        sides[0],
        sides[1],
        name="bench",
        version="1",
        space=space.name,
        patch=patch,
        moves_mean=moves_mean,
    )


def perceptual(space: AutoencoderSpace, operator: FittedOperator, restored: Picture) -> Picture:
    batch = torch.from_numpy(restored)[None]
    height, width = batch.shape[-2:]
    end = perceptual_end(pad_to_multiple(batch, space.stride), space, operator)
    return end[0, :, :height, :width].numpy()


def measure(
    many: Sequence[Series],
    restorer: nn.Module,
    damage: Damage,
    *,
    vae: nn.Module,
    patch: int,
    is_classical: bool,
    remembered: dict[bytes, dict[str, list[Picture]]],
    moves_mean: bool = True,
    fits: Sequence[Picture] | None = None,
    sd: float | None = None,
    shipped: Sequence[FittedOperator] = (),
) -> dict[str, dict[str, float]]:
    """Return the figures of every row."""
    truths: list[Picture] = []
    rows: dict[str, list[Picture]] = {}
    rng = np.random.default_rng(7)
    operator: FittedOperator | None = None
    if shipped:
        level = nearest_level([o.noise or 1.0 for o in shipped], sd or 0.0)
        operator = shipped[level]
    for series in many:
        name = operator.space if shipped and operator is not None else "vae"
        space = AutoencoderSpace(vae, name=name, channels=len(series.measured[0]))
        if operator is None or (fits is None and not shipped):
            pairs = [damage(image, rng) for image in (fits or series.fitted)]
            restored = [restore(restorer, damaged) for damaged, _ in pairs]
            sharp = [truth for _, truth in pairs]
            operator = fit(space, restored, sharp, patch, moves_mean=moves_mean)
        for image in series.measured:
            damaged, truth = damage(image, rng)
            answer = restore(restorer, damaged)
            end = perceptual(space, operator, answer)
            truths.append(truth)
            made = {"input": damaged, "x*": answer, "D(E(x*))": through(space, answer)}
            for alpha in ALPHAS:
                mixed = blend(torch.from_numpy(end), torch.from_numpy(answer), alpha)
                made[f"alpha {alpha:g}"] = mixed.numpy()
            for name, picture in made.items():
                rows.setdefault(name, []).append(picture)
    if is_classical:
        # Restorers that are given the same pictures stand beside the same rows.
        digest = hashlib.sha256(b"".join(picture.tobytes() for picture in rows["input"])).digest()
        if digest not in remembered:
            remembered[digest] = classical(rows["input"], truths, sd)
        rows |= remembered[digest]
    order = ["input", *(name for name in rows if name.startswith(("NLM", "TV"))), "x*"]
    order += [name for name in rows if name not in order]
    figures = {"truth": figures_of(truths, truths)}
    return figures | {name: figures_of(rows[name], truths) for name in order}


def classical(
    damaged: Sequence[Picture], truths: Sequence[Picture], sd: float | None
) -> dict[str, list[Picture]]:
    """Return non-local means and total variation, each at the strength with the best PSNR."""
    sigmas = [
        sd if sd is not None else float(np.mean([noise_of(plane) for plane in image]))
        for image in damaged
    ]

    def nlm(image: Picture, sigma: float, strength: float, told: float | None = None) -> Picture:
        # WORKAROUND: scikit-image drops the axis of a single channel and then looks for it.
        is_grey = len(image) == 1
        answer = denoise_nl_means(
            image[0] if is_grey else image, patch_size=5, patch_distance=6, fast_mode=True,
            h=max(strength * sigma, 1e-4), sigma=sigma if told is None else told,
            channel_axis=None if is_grey else 0,
        )  # fmt: skip
        return answer[None] if is_grey else answer

    def nlm_plain(image: Picture, sigma: float, strength: float) -> Picture:
        return nlm(image, sigma, strength, told=0.0)

    def tv(image: Picture, sigma: float, strength: float) -> Picture:
        return denoise_tv_chambolle(image, weight=max(strength * sigma, 1e-4), channel_axis=0)

    rows: dict[str, list[Picture]] = {}
    grids: list[tuple[str, Any, tuple[float, ...], Sequence[float], str]]
    grids = [("NLM", nlm, NLM_STRENGTHS, sigmas, " sd"), ("TV", tv, TV_STRENGTHS, sigmas, " sd")]
    if sd is None:
        ones = [1.0] * len(damaged)
        grids += [("NLM", nlm_plain, ABSOLUTE, ones, ""), ("TV", tv, ABSOLUTE, ones, "")]
    for name, method, strengths, units, unit in grids:
        best: dict[str, tuple[float, float, list[Picture]]] = {}
        falls: dict[str, int] = {}
        for strength in strengths:
            made = {name: [method(i, s, strength) for i, s in zip(damaged, units, strict=True)]}
            if sd is not None:
                made[f"{name}, unbiased"] = [invert_rician(image, sd) for image in made[name]]
            for row, pictures in made.items():
                mean = float(np.mean([psnr(x, t) for x, t in zip(pictures, truths, strict=True)]))
                if row not in best or mean > best[row][0]:
                    best[row], falls[row] = (mean, strength, pictures), 0
                else:
                    falls[row] += 1
            if min(falls.values()) >= FALLS:
                break
        for row, (_, strength, pictures) in best.items():
            end = ", end of the grid" if strength in (strengths[0], strengths[-1]) else ""
            rows[f"{row}, {strength:g}{unit}{end}"] = pictures
    return rows


def noise_of(plane: NDArray[np.floating]) -> float:
    """Estimate the noise by the mean absolute second difference (Immerkaer 1996)."""
    answer = ndimage.convolve(plane, np.outer([1, -2, 1], [1, -2, 1]).astype(np.float32))
    return float(np.sqrt(np.pi / 2) / 6 * np.abs(answer[1:-1, 1:-1]).mean())


def invert_rician(image: Picture, sd: float) -> Picture:
    """Return the amplitude whose Rician mean the values are."""
    amplitudes = np.linspace(0.0, 1.5, 4000)
    x = amplitudes**2 / (2 * sd**2)
    # sd sqrt(pi / 2) L_1/2(-x), with the scaled Bessel functions, which do not overflow
    half = x / 2
    means = sd * np.sqrt(np.pi / 2) * ((1 + x) * ive(0, half) + x * ive(1, half))
    return np.interp(image, means, amplitudes).astype(np.float32)


def psnr(picture: Picture, truth: Picture) -> float:
    return float(-10.0 * np.log10(max(np.mean((picture - truth) ** 2, dtype=np.float64), 1e-12)))


def figures_of(pictures: Sequence[Picture], truths: Sequence[Picture]) -> dict[str, float]:
    pairs = list(zip(pictures, truths, strict=True))
    return {
        "psnr": float(np.mean([psnr(x, t) for x, t in pairs])),
        "mse": float(np.mean([np.mean((x - t) ** 2, dtype=np.float64) for x, t in pairs])),
        "ssim": float(
            np.mean([structural_similarity(x, t, data_range=1.0, channel_axis=0) for x, t in pairs])
        ),
        "swd": sliced_wasserstein(pairs),
        "gap": spectrum_gap(pairs),
        "sharpness": sharpness(pictures, truths) / sharpness(truths, truths),
    }


def sliced_wasserstein(pairs: Sequence[tuple[Picture, Picture]]) -> float:
    """Return the distance of the distributions of patches, times 1000."""
    rng = np.random.default_rng(3)
    gathered: tuple[list[Any], list[Any]] = ([], [])
    for picture, truth in pairs:
        shown = (truth.mean(0) > SHOWN)[: -SWD_SIDE + 1, : -SWD_SIDE + 1]
        places = np.argwhere(shown)
        for row, column in places[rng.integers(len(places), size=SWD_PATCHES)]:
            for kept, image in zip(gathered, (picture, truth), strict=True):
                patch = image[:, row : row + SWD_SIDE, column : column + SWD_SIDE].ravel()
                kept.append(patch - patch.mean())
    directions = rng.standard_normal((gathered[0][0].size, SWD_DIRECTIONS))
    directions /= np.linalg.norm(directions, axis=0)
    one, other = (np.sort(np.asarray(kept) @ directions, axis=0) for kept in gathered)
    return float(1000.0 * np.abs(one - other).mean())


def spectrum_gap(pairs: Sequence[tuple[Picture, Picture]]) -> float:
    """Return the mean difference of radial power spectra above 0.2 cycles per pixel, dB."""
    bins = np.arange(HIGH, 0.5, 0.02)
    sums = np.zeros((2, len(bins)))
    for pair in pairs:
        for side, picture in enumerate(pair):
            sums[side] += radial_power(picture, bins)
    return float(np.abs(10.0 * np.log10((sums[0] + 1e-12) / (sums[1] + 1e-12))).mean())


def radial_power(picture: Picture, bins: NDArray[np.float64]) -> NDArray[np.float64]:
    height, width = picture.shape[1:]
    window = np.outer(np.hanning(height), np.hanning(width))
    power = (np.abs(np.fft.fft2(picture * window)) ** 2).mean(0) / (height * width)
    radius = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None])
    which = np.digitize(radius, np.append(bins, 0.5)) - 1
    return np.array([power[which == n].mean() for n in range(len(bins))])


def sharpness(pictures: Sequence[Picture], truths: Sequence[Picture]) -> float:
    energy, pixels = 0.0, 0
    for picture, truth in zip(pictures, truths, strict=True):
        for plane in picture:
            part, count = gradient_energy(plane, truth.mean(0) > SHOWN)
            energy, pixels = energy + part, pixels + count
    return energy / pixels


def speed(vae: nn.Module, patch: int) -> dict[str, float]:
    """Time a fit on 12 slices of 256 x 256, both ends of the slider, and its updates."""
    rng = np.random.default_rng(0)
    pictures = [rng.random((1, 256, 256), dtype=np.float32) for _ in range(FIT_SLICES)]
    space = AutoencoderSpace(vae, name="vae")
    start = time.perf_counter()
    operator = fit(space, pictures, pictures[::-1], patch)
    seconds = {"fit on 12 slices, s": time.perf_counter() - start}
    start = time.perf_counter()
    end = torch.from_numpy(perceptual(space, operator, pictures[0]))
    seconds["perceptual end, s"] = time.perf_counter() - start
    faithful = torch.from_numpy(pictures[0])
    start = time.perf_counter()
    for n in range(200):
        blend(end, faithful, n / 200)
    seconds["slider, updates per second"] = 200 / (time.perf_counter() - start)
    return seconds


def show(name: str, rows: dict[str, dict[str, float]]) -> None:
    print(f"\n{name}\n{table(rows)}\n{verdict(rows)}", flush=True)


def table(rows: dict[str, dict[str, float]]) -> str:
    lines = ["| | PSNR | SSIM | patch SWD | spectrum gap, dB | sharpness |", "|---" * 6 + "|"]
    for name, row in rows.items():
        lines.append(
            f"| {name} | {row['psnr']:.2f} | {row['ssim']:.4f} | {row['swd']:.2f} | "
            f"{row['gap']:.2f} | {row['sharpness']:.3f} |"
            if name != "truth"
            else f"| truth | | 1 | 0 | 0 | {row['sharpness']:.3f} |"
        )
    return "\n".join(lines)


def verdict(rows: dict[str, dict[str, float]]) -> str:
    """Say in words what the goals ask for, good or bad."""
    told = [row["psnr"] for name, row in rows.items() if name.startswith(("NLM", "TV"))]
    best = max(told, default=None)
    parts = []
    if best is not None:
        parts.append(f"x* against the best classical row: {rows['x*']['psnr'] - best:+.2f} dB")
    for key, title in (("swd", "patch SWD"), ("gap", "spectrum gap")):
        change = rows["alpha 0"][key] / max(rows["x*"][key], 1e-9) - 1.0
        parts.append(f"alpha 0 changes the {title} of x* by {100 * change:+.0f} %")
    # The squared error is quadratic in alpha: three points give its minimum, clipping aside.
    at0, at_half, at1 = (rows[f"alpha {a}"]["mse"] for a in ("0", "0.5", "1"))
    bend = at0 - 2 * at_half + at1
    if bend > 0:
        parts.append(f"least squared error at alpha {0.5 + (at0 - at1) / (4 * bend):.2f}")
    return "; ".join(parts) + "."


def write_report(report: dict[str, Any]) -> str:
    lines = ["# Restoration of people and clips never trained on", ""]
    for name, rows in report.items():
        lines += [f"## {name}", ""]
        if "x*" in rows:
            lines += [table(rows), "", verdict(rows), ""]
        else:
            lines += [f"- {key}: {value:.2f}" for key, value in rows.items()]
            lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
