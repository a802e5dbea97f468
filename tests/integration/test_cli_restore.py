"""`acutance restore`: files, JSON lines, refusals, exit codes."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import nibabel
import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

import phantoms
from acutance import cli, restore_commands
from acutance.jobs.runner import Runner
from acutance_models.ot_restore.files import save_operator
from acutance_models.ot_restore.moments import Moments
from acutance_models.ot_restore.operator import fit_operator
from acutance_models.ot_restore.restorer import build_restorer

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(3)
    network = build_restorer("resunet-i1-w4.8-n1")
    torch.nn.init.normal_(network.head.weight, std=0.02)
    path = tmp_path_factory.mktemp("weights") / "one.safetensors"
    save_file(network.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    soft, sharp = 0.1 * rng.standard_normal((4000, 9)), 0.2 * rng.standard_normal((4000, 9))
    fitted = fit_operator(
        Moments.of(soft), Moments.of(sharp), name="sharp", version="1", space="pixels", patch=3
    )
    path = tmp_path_factory.mktemp("operator") / "sharp.safetensors"
    save_operator(fitted, path)
    return path


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "head.nii.gz"
    path.parent.mkdir()
    affine = np.array([[-3.0, 0, 0, 40], [0, 0, 3, -50], [0, 4, 0, 7], [0, 0, 0, 1]])
    noisy = phantoms.head((44, 20, 48), noise_sigma=25.0)
    nibabel.save(nibabel.Nifti1Image(noisy, affine), path)
    return path


@pytest.fixture
def acutance(monkeypatch, capsys):
    """Run a command in this process; return exit code, output and errors."""
    monkeypatch.setattr(restore_commands, "Runner", partial(Runner, synchronous=True))

    def run(*arguments: object):
        code = cli.run(cli.parse(list(map(str, arguments))))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_a_folder_gets_volume_sidecar_and_change_map(acutance, scan, weights, operator, tmp_path):
    before = scan.read_bytes()
    out = tmp_path / "out"
    code, told, errors = acutance(
        "restore", scan, "-o", out, "--model", weights, "--operator", operator,
        "--alpha", "0.5", "--no-check", "--device", "cpu", "--json", "-",
    )  # fmt: skip
    assert (code, errors) == (0, "")
    assert scan.read_bytes() == before
    record = json.loads(told)
    names = record["output"]["files"]
    assert sorted(names) == sorted(path.name for path in out.iterdir())
    volume, sidecar, change = names
    assert volume.endswith("_desc-restored.nii.gz")
    assert change.endswith("-change.nii.gz")
    image = nibabel.load(out / volume)
    assert np.allclose(image.affine, nibabel.load(scan).affine)
    assert nibabel.load(out / change).shape == image.shape == (44, 20, 48)
    assert json.loads((out / sidecar).read_text())["restoration"]["alpha"] == 0.5
    assert record["restoration"]["operator"]["name"] == "sharp"
    assert record["restoration"]["noise"]["source"] in ("air", "tissue")
    shares = record["restoration"]["change"]["changed_share_by_slice"]
    assert len(shares) == 20  # axial slices lie along the second axis
    assert record["model"]["status"] == "unverified"


def test_a_broken_file_beside_the_scan_is_told_and_counts(acutance, scan, weights, tmp_path):
    broken = scan.with_name("broken.nii")
    broken.write_text("no scan")
    wanted = ("-o", tmp_path / "out", "--model", weights, "--no-check", "--device", "cpu")
    code, told, errors = acutance("restore", scan, broken, *wanted)
    assert code == cli.SOME_FAILED
    assert errors == (
        f"{broken}: a text, which holds no scan. Copy or export it again, or leave it out.\n"
    )
    assert f"set aside: {broken}" in told
    assert "of the range (measured in" in told
    # Of a folder it is not known which of its files are meant to be scans.
    code, told, errors = acutance("restore", scan.parent, *wanted)
    assert (code, errors) == (cli.DONE, "")
    assert f"set aside: {broken}" in told


def test_a_file_name_is_the_file(acutance, scan, weights, tmp_path) -> None:
    out = tmp_path / "restored.nii"
    code, told, errors = acutance(
        "restore", scan, "-o", out, "--model", weights, "--no-check", "--device", "cpu"
    )
    assert (code, errors) == (0, "")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "restored.json", "restored.nii"]
    assert "alpha 1: adds 0.00% of the range" in told
    assert "Computed, not acquired. Not for diagnosis." in told


def test_a_picture_stays_a_picture(acutance, weights, tmp_path) -> None:
    source = tmp_path / "in.png"
    values = np.random.default_rng(0).integers(0, 255, (70, 90)).astype(np.uint8)
    Image.fromarray(values).save(source)
    out = tmp_path / "out"
    code, _, errors = acutance(
        "restore", source, "-o", out, "--task", "artifacts", "--model", weights, "--no-check",
        "--device", "cpu",
    )  # fmt: skip
    assert (code, errors) == (0, "")
    (picture,) = out.glob("*_desc-restored.png")
    with Image.open(picture) as image:
        assert image.size == (90, 70)


def test_the_scorer_is_a_warning(acutance, scan, weights, tmp_path, monkeypatch) -> None:
    from acutance.core.quality import ModelFacts, QualityResult, Verdict

    answers = iter((0.71, 0.93))

    def score(self, request, progress, token):
        return QualityResult(
            Verdict.CHECK, "", True, next(answers), (), ("axial",),
            ModelFacts("iqa", "1", "0" * 64), "cpu", {}, 0.1,
        )  # fmt: skip

    monkeypatch.setattr("acutance.engines.quality.QualityEngine.run", score)
    out = tmp_path / "restored.nii"
    code, told, errors = acutance("restore", scan, "-o", out, "--model", weights, "--device", "cpu")
    assert (code, errors) == (0, "")
    assert "warning: predicted SSIM 0.71 before, 0.93 after" in told
    assert "the verdict on the scan stays as it was" in told
    record = json.loads((tmp_path / "restored.json").read_text())
    assert "verdict" not in record
    # Others tell of tissues that changed in size, where the segmenter has weights.
    warnings = record["restoration"]["warnings"]
    assert sum(warning.startswith("predicted SSIM") for warning in warnings) == 1


def test_what_cannot_be_done_says_why(acutance, scan, weights, operator, tmp_path) -> None:
    site = tmp_path / "site.toml"
    site.write_text("format = 1\n[restoration]\nleast_alpha = 0.6\n")
    for more, message in (
        (["--alpha", 0.5, "--operator", operator, "--site", site], "no alpha below 0.6"),
        (["--alpha", 0.5], "no alpha below 1. Fit one: acutance restore fit"),
        (["--format", "dicom"], "Export it as NIfTI or PNG"),
        (["--model", operator], "These weights cannot be used"),
    ):
        code, _, errors = acutance(
            "restore", scan, "-o", tmp_path / "out", "--model", weights, "--no-check",
            "--device", "cpu", *more,
        )  # fmt: skip
        assert code == 1
        assert errors.count("\n") == 1
        assert message in errors
    code, _, errors = acutance(
        "restore", scan, "-o", tmp_path / "x.png", "--model", weights, "--no-check"
    )
    assert code == 1
    assert "A PNG holds one slice; this series has 20" in errors


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--task", "sharpen"], "invalid choice"),
        (["--alpha", "1.5"], "not a number from 0 to 1"),
        (["--operator", "gone.safetensors"], "there is no such file"),
        (["--model", "model.pth"], "acutance models import FILE"),
        (["--device", "cuda:x"], "is not auto, cpu or cuda:N"),
    ],
)
def test_wrong_usage_is_refused(more, message, tmp_path, capsys) -> None:
    with pytest.raises(SystemExit) as told:
        cli.parse(["restore", "scan.nii", "-o", str(tmp_path / "out"), *more])
    assert told.value.code == 2
    assert message in capsys.readouterr().err


def test_the_output_may_not_lie_in_the_input(tmp_path, capsys) -> None:
    for output in (tmp_path / "out", tmp_path / "x.nii"):
        with pytest.raises(SystemExit):
            cli.parse(["restore", str(tmp_path), "-o", str(output)])
        assert "lies in the input" in capsys.readouterr().err
