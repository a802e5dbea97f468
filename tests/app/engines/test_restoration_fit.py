"""`acutance.engines.restoration_fit`: operators from a few slices, and the command around it."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import nibabel
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from scipy.ndimage import gaussian_filter

import phantoms
from acutance import cli, restore_fit_commands
from acutance.core.quality import ModelFacts
from acutance.core.restoration import RestorationRequest
from acutance.core.restoration_fit import FitImages, FitRequest, FitResult, spread_slices
from acutance.core.volume import Volume
from acutance.engines import restoration, restoration_fit, restoration_network
from acutance.engines.restoration import RestorationEngine
from acutance.engines.restoration_fit import RestorationFitEngine, damage
from acutance.engines.restoration_network import RestorationNetwork
from acutance.errors import EngineError, JobCancelled, UnsupportedInputError
from acutance.jobs.runner import Runner
from acutance_models.ot_restore.files import load_operator
from acutance_models.ot_restore.restorer import build_restorer


class Listener:
    """Progress and cancel token in one."""

    def __init__(self, is_cancelled: bool = False) -> None:
        self.is_cancelled = is_cancelled

    def report(self, fraction: float, message: str) -> None:
        assert message

    def raise_if_cancelled(self) -> None:
        if self.is_cancelled:
            raise JobCancelled


class Blur(torch.nn.Module):
    """A stand-in that does to pictures what least squares does: it takes the details away."""

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.avg_pool2d(pictures, 3, stride=1, padding=1)


def without_autoencoder(monkeypatch) -> None:
    """Let the fit fall back to patches of pixels, which takes a moment only."""
    monkeypatch.setattr(restoration_network, "list_descriptors", lambda: ())


@pytest.fixture
def blurring(monkeypatch) -> None:
    without_autoencoder(monkeypatch)
    standin = RestorationNetwork(Blur(), ModelFacts("blur", "1", "0" * 64), 1)
    for module in (restoration, restoration_fit):
        monkeypatch.setattr(module, "load_shipped", lambda task, device: standin)


def head(seed: int = 0, shape=(64, 72, 24)) -> Volume:
    values = phantoms.head(shape, noise_sigma=4.0, seed=seed)
    return Volume(values, np.diag([2.0, 2.0, 5.0, 1.0]), modality="MR")


def fit(folder: Path, *, degraded=(), name="sharp", version="1", **more) -> FitResult:
    volume = head()
    sharp = (FitImages(volume, "axial", spread_slices(24, 12)),)
    listener = Listener()
    request = FitRequest(sharp, degraded, name, version, folder, **more)
    return RestorationFitEngine("cpu").run(request, listener, listener)


def test_a_dozen_slices_in_pairs(blurring, tmp_path) -> None:
    result = fit(tmp_path)
    assert result.is_paired
    assert (result.sharp_slices, result.source_slices) == (12, 12)
    assert result.space == "pixels"
    assert result.report["source_effective"] > 1000
    operator = load_operator(tmp_path / "sharp-v1.safetensors", sha256=result.sha256)
    assert operator.provenance["network"] == "blur 1 (shipped)"
    assert operator.provenance["pairing"].startswith("paired")


def test_what_the_network_took_comes_back(blurring, tmp_path) -> None:
    result = fit(tmp_path, degraded=(FitImages(head(seed=9), "axial", spread_slices(24, 12)),))
    # A person that was not fitted on: the perceptual end has back what the blur took.
    volume = head(seed=5)
    listener = Listener()
    asked = RestorationRequest(volume, operator=result.path)
    moved = RestorationEngine("cpu").run(asked, listener, listener)

    def detail(values: np.ndarray) -> float:
        return float(np.std(values - gaussian_filter(values, (1, 1, 0))))

    faithful, perceptual = (detail(end) for end in moved.array)
    assert perceptual > 1.3 * faithful
    assert moved.index[0] < 0.7 < moved.index[-1] == 1.0
    assert list(moved.index) == sorted(moved.index)


def test_a_fit_for_one_noise_tells_it_and_may_leave_the_brightness(blurring, tmp_path) -> None:
    weak, strong = (
        load_operator(Path(fit(tmp_path, name=name, noise=noise, moves_mean=False).path))
        for name, noise in (("weak", 0.01), ("strong", 0.15))
    )
    assert (weak.noise, strong.noise) == (0.01, 0.15)
    assert (weak.provenance["noise"], weak.provenance["mean"]) == ("0.01", "kept")
    assert np.array_equal(weak.mean_source, weak.mean_target)
    # Noise that the stand-in leaves in part is not in the sharp slices: less is brought back.
    assert np.trace(strong.matrix) < np.trace(weak.matrix)
    usual = load_operator(Path(fit(tmp_path).path))
    assert usual.noise == 0.0
    assert not np.array_equal(usual.mean_source, usual.mean_target)
    with pytest.raises(ValueError, match=r"up to 0\.2"):
        fit(tmp_path, name="much", noise=0.3)
    with pytest.raises(ValueError, match="task denoise"):
        fit(tmp_path, name="moved", noise=0.1, task="motion")


def test_other_scans_are_the_source_of_an_unpaired_fit(blurring, tmp_path) -> None:
    degraded = (FitImages(head(seed=9), "axial", (8, 10, 12)),)
    result = fit(tmp_path, degraded=degraded, patch=5)
    assert not result.is_paired
    assert (result.sharp_slices, result.source_slices) == (12, 3)
    assert result.size == 25
    again = FitResult.from_plain(result.to_plain())
    assert again == result
    with pytest.raises(ValueError, match="not finite"):
        FitResult.from_plain({**result.to_plain(), "report": {"shrinkage": float("inf")}})


def test_a_fit_is_reproducible_and_never_replaces_one(blurring, tmp_path) -> None:
    one, other = fit(tmp_path / "a"), fit(tmp_path / "b")
    assert one.sha256 == other.sha256
    with pytest.raises(EngineError, match="already"):
        fit(tmp_path / "a")


def test_what_is_too_little_is_refused(blurring, tmp_path) -> None:
    volume = Volume(np.zeros((40, 40, 6), np.float32), np.eye(4))
    listener = Listener()
    request = FitRequest((FitImages(volume, "axial", (1, 2)),), (), "a", "1", tmp_path)
    with pytest.raises(UnsupportedInputError, match="too few slices"):
        RestorationFitEngine("cpu").run(request, listener, listener)
    with pytest.raises(ValueError, match="needs 2 slices"):
        FitRequest((FitImages(volume, "axial", (1,)),), (), "a", "1", tmp_path)
    with pytest.raises(ValueError, match="a name has letters"):
        FitRequest((FitImages(volume, "axial", (1, 2)),), (), "../a", "1", tmp_path)
    with pytest.raises(JobCancelled):
        RestorationFitEngine("cpu").run(request, Listener(), Listener(is_cancelled=True))
    assert list(tmp_path.iterdir()) == []


def test_thin_statistics_are_told() -> None:
    result = FitResult(
        "a", "0" * 64, "a", "1", "pixels", True, 2, 2, 25, "m 1", 0.1,
        {"source_effective": 80.0, "target_effective": 900.0, "source_condition": None,
         "target_condition": 12.0, "capped": 3.0},
    )  # fmt: skip
    thin, poor, capped = result.warnings()
    assert "about 80 independent samples for 25 values" in thin
    assert "badly conditioned" in poor
    assert "3 directions" in capped


@pytest.mark.parametrize("task", ["denoise", "motion", "artifacts"])
@pytest.mark.parametrize("channels", [1, 3])
def test_damage_is_that_of_training(task: str, channels: int) -> None:
    rng = np.random.default_rng(2)
    picture = np.stack([phantoms.head((64, 64, 20))[:, :, 10] / 1200.0] * channels)
    damaged, clean = damage(picture.astype(np.float32), task, rng)
    assert damaged.shape == clean.shape == picture.shape
    assert damaged.dtype == clean.dtype == np.float32
    assert np.abs(damaged - clean).max() > 0.01


def test_the_command_names_versions_and_tells_the_report(tmp_path, monkeypatch, capsys) -> None:
    without_autoencoder(monkeypatch)
    monkeypatch.setattr(restore_fit_commands, "Runner", partial(Runner, synchronous=True))
    network = build_restorer("resunet-i1-w4.8-n1")
    weights, scan = tmp_path / "net.safetensors", tmp_path / "head.nii.gz"
    save_file(network.state_dict(), weights)
    nibabel.save(nibabel.Nifti1Image(head().array, np.diag([2.0, 2, 5, 1])), scan)

    def run(*more: object) -> tuple[int, str, str]:
        arguments = ["restore", "fit", scan, "--name", "t1", "-o", tmp_path / "ops"]
        arguments += ["--model", weights, "--device", "cpu", *more]
        code = cli.run(cli.parse(list(map(str, arguments))))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    code, told, errors = run("--slices", 6)
    assert (code, errors) == (0, "")
    assert "t1 version 1: 6 sharp and 6 restored slices" in told
    assert "effective samples" in told
    assert "condition" in told
    code, told, _ = run("--slices", 4, "--degraded", scan, "--json", "-")
    plain = json.loads(told)
    assert (code, plain["version"], plain["is_paired"]) == (0, "2", False)
    names = sorted(path.name for path in (tmp_path / "ops").iterdir())
    assert names == ["t1-v1.safetensors", "t1-v2.safetensors"]
    for more, message in (
        (["--name", "a/b"], "a name has letters"),
        (["--slices", "1"], "2 to 1000"),
        (["--noise", "0.5"], "from 0.001 to 0.2"),
        (["--model", "gone.safetensors"], "no such file"),
    ):
        with pytest.raises(SystemExit):
            run(*more)
        assert message in capsys.readouterr().err


def test_slices_are_spread_over_the_middle_half() -> None:
    assert spread_slices(40, 5) == (10, 15, 20, 24, 29)
    assert spread_slices(1, 12) == (0,)
    assert len(set(spread_slices(200, 12))) == 12
    assert min(spread_slices(200, 12)) >= 50
    assert max(spread_slices(200, 12)) < 150
