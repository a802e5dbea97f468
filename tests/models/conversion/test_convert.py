"""`acutance_models.conversion`: checkpoints of every form, and files that would do harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from acutance_models import WeightsError, import_state_dict, load_imported
from acutance_models.conversion import convert_file
from acutance_models.imported import read_sidecar, sidecar_path
from acutance_models.iqa_resnet.network import build
from acutance_models.r2unet.network import build as build_unet

sys.path.insert(0, str(Path(__file__).parent))
import hostile

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def network() -> torch.nn.Module:
    torch.manual_seed(5)
    return build("resnet18").eval()


def published(network: torch.nn.Module) -> dict[str, object]:
    """Return a checkpoint in the published layout, optimiser and all."""
    names = network.state_dict()
    state = {f"module.{key}".replace("fc.0.", "fc."): value for key, value in names.items()}
    optimiser = torch.optim.Adam(network.parameters(), amsgrad=True)
    return {
        "epoch": 7,
        "best_loss": torch.tensor(0.25),
        "state_dict": state,
        "optimizer": optimiser.state_dict(),
        "AMPScaler": {"scale": 65536.0, "growth_factor": 2.0, "_growth_tracker": 0},
    }


@pytest.mark.parametrize("form", ["zip", "legacy"])
def test_published_layout_becomes_the_same_network(
    network: torch.nn.Module, tmp_path: Path, form: str
) -> None:
    given, output = tmp_path / "model.pth.tar", tmp_path / "out.safetensors"
    torch.save(published(network), given, _use_new_zipfile_serialization=form == "zip")
    before = given.read_bytes()
    weights = convert_file(given, output)
    assert given.read_bytes() == before
    assert weights.architecture == "resnet18"
    assert weights.status == "unverified"
    assert weights.params == 11_170_753
    assert weights.left_out == ("epoch", "best_loss", "optimizer", "AMPScaler")
    assert "audit hook" in weights.locks
    assert {p.name for p in tmp_path.iterdir()} == {
        "model.pth.tar", "out.safetensors", "out.safetensors.json",
    }  # fmt: skip
    assert read_sidecar(output) == weights
    loaded, described = load_imported(output)
    assert described == weights
    images = torch.rand(2, 1, 64, 64)
    with torch.inference_mode():
        assert torch.equal(loaded(images), network(images))


@pytest.fixture
def converted(network: torch.nn.Module, tmp_path: Path) -> Path:
    """Return a converted safetensors file with its sidecar."""
    state = {f"module.{key}": value.clone() for key, value in network.state_dict().items()}
    save_file(state, tmp_path / "a.safetensors")
    convert_file(tmp_path / "a.safetensors", tmp_path / "b.safetensors", t=3)
    return tmp_path / "b.safetensors"


def test_every_entry_at_fault_is_reported(network: torch.nn.Module, tmp_path: Path) -> None:
    state = dict(network.state_dict())
    del state["layer4.1.bn2.bias"]
    state["layer9.weight"] = torch.zeros(1)
    state["fc.0.weight"] = torch.zeros(2, 512)
    torch.save(state, tmp_path / "a.pth")
    with pytest.raises(WeightsError) as caught:
        convert_file(tmp_path / "a.pth", tmp_path / "b.safetensors")
    assert set(caught.value.keys) == {"layer4.1.bn2.bias", "layer9.weight", "fc.0.weight"}
    assert str(caught.value).startswith("a.pth: ")
    for part in ("1 (layer4.1.bn2.bias) missing", "1 (layer9.weight) unexpected", "(1, 512)"):
        assert part in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == ["a.pth"]


@pytest.mark.skipif(sys.platform == "win32", reason="asks for the peak memory of children")
def test_hostile_files_are_refused_by_name_without_torch(tmp_path: Path) -> None:
    folder, output, marker = tmp_path / "in", tmp_path / "out", tmp_path / "marker"
    folder.mkdir()
    output.mkdir()
    made = hostile.files(marker)
    for name, (data, _) in made.items():
        (folder / name).write_bytes(data)
    os.mkfifo(folder / "pipe.pth")
    (folder / "folder.pth").mkdir()
    (folder / "other.bin").write_bytes(b"x")
    path = os.pathsep.join(str(ROOT / part) for part in ("app", "models", "resources"))
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("refuse_all.py"), folder, output],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert not marker.exists()
    assert list(output.iterdir()) == []
    for name, (_, expected) in made.items():
        kind, message = found["answers"][name]
        assert kind in ("WeightsError", "UnsafeCheckpointError", "UnknownNetworkError")
        assert expected in message, f"{name}: {message}"
        assert message.startswith(f"{name}: ")
        assert (kind == "UnsafeCheckpointError") == (expected in hostile.UNSAFE), f"{name}: {kind}"
    for name in ("pipe.pth", "folder.pth"):
        assert "no such file" in found["answers"][name][1]
    assert "expected a file named" in found["answers"]["other.bin"][1]
    assert found["peak_kib"] <= 256 << 10
    assert not found["torch"]


def test_what_torch_itself_refuses_is_a_named_error(tmp_path: Path) -> None:
    (tmp_path / "a.pt").write_bytes(hostile.archive(b"\x80\x02ctorch\nFloatStorage\n)R."))
    with pytest.raises(WeightsError, match=r"a\.pt: torch cannot load it"):
        convert_file(tmp_path / "a.pt", tmp_path / "b.safetensors")


def test_an_output_that_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.pth").write_bytes(b"x")
    (tmp_path / "b.safetensors").write_bytes(b"mine")
    with pytest.raises(WeightsError, match="there already"):
        convert_file(tmp_path / "a.pth", tmp_path / "b.safetensors")
    assert (tmp_path / "b.safetensors").read_bytes() == b"mine"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.pth").write_bytes(b"x")
    with pytest.raises(WeightsError, match="cannot be written"):
        convert_file(tmp_path / "a.pth", tmp_path / "nowhere" / "b.safetensors")


def test_safetensors_is_renamed_and_a_change_is_noticed(
    network: torch.nn.Module, converted: Path
) -> None:
    assert load_file(converted).keys() == network.state_dict().keys()
    assert read_sidecar(converted).t == 3
    note = sidecar_path(converted)
    plain = json.loads(note.read_text())
    note.write_text(json.dumps({**plain, "status": "verified"}))
    assert read_sidecar(converted).status == "unverified"
    data = bytearray(converted.read_bytes())
    data[-1] ^= 1
    converted.write_bytes(data)
    with pytest.raises(WeightsError, match="not the file"):
        load_imported(converted)
    note.write_text("{")
    with pytest.raises(WeightsError, match="malformed"):
        load_imported(converted)
    note.unlink()
    with pytest.raises(WeightsError, match="cannot be read"):
        load_imported(converted)


def test_weights_that_are_all_zero_are_refused(network: torch.nn.Module) -> None:
    state = {key: torch.zeros_like(value) for key, value in network.state_dict().items()}
    with pytest.raises(WeightsError, match="every weight is 0"):
        import_state_dict(state)


@pytest.mark.parametrize("t", [2, 3])
def test_a_recurrent_network_keeps_the_steps_it_was_imported_with(tmp_path: Path, t: int) -> None:
    torch.manual_seed(6)
    source = build_unet(f"r2unet-w4-i3-o1-t{t}").eval()
    given, output = tmp_path / "R2U_Net-150.pkl", tmp_path / "out.safetensors"
    torch.save(source.state_dict(), given)
    weights = convert_file(given, output, t=t)
    assert (weights.family, weights.architecture, weights.t) == ("r2unet", "r2unet-w4-i3-o1", t)
    assert weights.entries == 174
    loaded, _ = load_imported(output)
    images = torch.rand(1, 3, 32, 48)
    with torch.inference_mode():
        assert torch.equal(loaded(images), source(images))


def test_a_recurrent_network_is_not_imported_without_its_steps(tmp_path: Path) -> None:
    given, output = tmp_path / "R2U_Net-150.pkl", tmp_path / "out.safetensors"
    torch.save(build_unet("r2unet-w4-i3-o1-t2").state_dict(), given)
    with pytest.raises(WeightsError, match="Give t"):
        convert_file(given, output)
    assert not output.exists()
