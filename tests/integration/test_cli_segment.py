"""`acutance segment` from outside: files, JSON lines, refusals, exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import nibabel
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import phantoms
from acutance import cli
from acutance_models.r2unet.network import build
from commands import here as acutance

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("children")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(5)
    path = tmp_path_factory.mktemp("weights") / "five.safetensors"
    save_file(build("r2unet-w2-i1-o5-t1").state_dict(), path)
    return path


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scan") / "head.nii.gz"
    affine = np.array([[-3.0, 0, 0, 40], [0, 0, 3, -50], [0, 4, 0, 7], [0, 0, 0, 1]])
    nibabel.save(nibabel.Nifti1Image(phantoms.head((24, 20, 28)), affine), path)
    return path


def test_files_and_record_of_a_scan(scan: Path, weights: Path, tmp_path: Path) -> None:
    before = scan.read_bytes()
    out = tmp_path / "out"
    done = acutance(
        "segment", scan, "-o", out, "--model", weights, "--t", 1,
        "--export", "nifti,csv,seg", "--device", "cpu", "--json", "-",
    )  # fmt: skip
    # The label map is written; the SEG, which a NIfTI file cannot have, is one message.
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "needs DICOM images" in done.stderr
    (record,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert scan.read_bytes() == before
    names = record["output"]["files"]
    assert sorted(names) == sorted(path.name for path in out.iterdir())
    (label_map,) = [n for n in names if n.endswith("-segmentation.nii.gz")]
    image = nibabel.load(out / label_map)
    assert np.allclose(image.affine, nibabel.load(scan).affine)
    labels = np.asarray(image.dataobj)
    assert labels.shape == (24, 20, 28)
    for region in record["segmentation"]["statistics"]:
        assert region["voxels"] == np.count_nonzero(labels == region["value"])
        assert region["volume_ml"] == pytest.approx(region["voxels"] * 0.036)
    assert record["model"]["status"] == "unverified"
    assert record["parameters"]["t"] == 1
    assert record["segmentation"]["plane"] == "axial"
    assert not [name for name in names if name.endswith(".part")]


def test_a_model_without_weights_says_what_to_do(scan: Path, tmp_path: Path, monkeypatch) -> None:
    from acutance.engines import segmentation_network

    monkeypatch.setattr(segmentation_network, "list_descriptors", lambda: ())
    with pytest.raises(Exception, match="no weights for the model 'brain'") as told:
        segmentation_network.load_shipped("brain", torch.device("cpu"))
    assert "--model FILE" in str(told.value)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--model", "lungs"], "is none of brain, nuclei"),
        (["--model", "gone.safetensors"], "there is no such file"),
        (["--t", "2"], "--t goes with --model FILE"),
        (["--export", "nifti,stl"], "is not of nifti, seg, csv"),
        (["--device", "cuda:x"], "is not auto, cpu or cuda:N"),
    ],
)
def test_wrong_usage_is_refused(more, message, tmp_path, capsys) -> None:
    with pytest.raises(SystemExit) as told:
        cli.parse(["segment", "scan.nii", "-o", str(tmp_path / "out"), *more])
    assert told.value.code == 2
    assert message in capsys.readouterr().err


def test_the_output_may_not_lie_in_the_input(tmp_path, capsys) -> None:
    with pytest.raises(SystemExit):
        cli.parse(["segment", str(tmp_path), "-o", str(tmp_path / "out")])
    assert "lies in the input" in capsys.readouterr().err


def test_metrics_take_the_tissues_of_a_segmentation(scan: Path, weights: Path) -> None:
    from acutance.metrics.regional import NAMES

    done = acutance("iqm", scan, "--tissues", weights, "--t", 1, "--json", "-")
    assert done.returncode == 0, done.stderr
    (record,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert set(NAMES) <= set(record["iqms"])
    assert {n for n, v in record["iqms"].items() if v is None} == set(record["reasons"])
    assert record["tissues"]["model"]["status"] == "unverified"


def test_tissues_are_those_of_a_brain(tmp_path, capsys) -> None:
    with pytest.raises(SystemExit):
        cli.parse(["iqm", "scan.nii", "--tissues", "nuclei"])
    assert "is none of brain" in capsys.readouterr().err
