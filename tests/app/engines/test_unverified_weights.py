"""`acutance.engines.quality` with weights that nobody vouches for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import phantoms
from acutance.core.quality import QualityRequest, QualityResult, Thresholds, Verdict
from acutance.core.volume import Volume
from acutance.engines import weights as weights_module
from acutance.engines.quality import QualityEngine
from acutance.errors import EngineError, UnsupportedInputError
from acutance_models.iqa_resnet.network import build


class Silent:
    is_cancelled = False

    def report(self, fraction: float, message: str) -> None:
        pass

    def raise_if_cancelled(self) -> None:
        pass


@pytest.fixture(scope="module")
def engine() -> QualityEngine:
    torch.set_num_threads(1)
    return QualityEngine("cpu")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights that score every slice at sigmoid(4), about 0.982."""
    path = tmp_path_factory.mktemp("weights") / "mine.safetensors"
    torch.manual_seed(0)
    state = build("resnet18").state_dict()
    state["fc.0.weight"] = torch.zeros_like(state["fc.0.weight"])
    state["fc.0.bias"] = torch.tensor([4.0])
    save_file(state, path)
    return path


def head(**facts: object) -> Volume:
    array = phantoms.head()[:, :, 20:28]
    return Volume(array, np.diag([3.0, 3.0, 3.0, 1.0]), **{"modality": "MR", **facts})


def score(engine: QualityEngine, weights: Path, **options: object) -> QualityResult:
    request = QualityRequest(
        options.pop("volume", head()), plane="axial", weights=str(weights), **options
    )
    return engine.run(request, Silent(), Silent())


def test_a_perfect_score_is_check_without_an_interval(engine: QualityEngine, weights: Path) -> None:
    result = score(engine, weights)
    assert result.ssim_pred == pytest.approx(1 / (1 + np.exp(-4)), abs=1e-5)
    assert result.verdict is Verdict.CHECK
    assert result.reason.startswith("unverified weights")
    assert (result.model.name, result.model.status) == ("resnet18", "unverified")
    assert result.ssim_interval is None
    assert all(s.ssim_interval is None for s in result.slices)
    assert result.thresholds.verdict(0.99) is Verdict.CHECK
    assert result.parameters["weights_file"] == "mine.safetensors"
    again = QualityResult.from_plain(json.loads(json.dumps(result.to_plain())))
    assert again == result


def test_a_bad_score_is_still_repeat(engine: QualityEngine, weights: Path) -> None:
    result = score(engine, weights, thresholds=Thresholds(1.0, 0.99))
    assert result.verdict is Verdict.REPEAT
    assert "unverified weights" in result.reason


def test_what_is_out_of_scope_stays_grey(engine: QualityEngine, weights: Path) -> None:
    result = score(engine, weights, volume=head(modality="CT"))
    assert result.verdict is Verdict.NOT_ASSESSED


def test_shipped_weights_are_untouched_by_it(engine: QualityEngine, weights: Path) -> None:
    score(engine, weights)
    shipped = engine.run(QualityRequest(head(), plane="axial"), Silent(), Silent())
    assert shipped.model.status == "shipped"
    assert shipped.ssim_interval is not None


def test_a_file_that_changed_is_read_again(
    engine: QualityEngine, weights: Path, tmp_path: Path
) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(weights.read_bytes())
    first = score(engine, path)
    state = build("resnet18").state_dict()
    save_file({**state, "fc.0.bias": torch.tensor([-4.0])}, path)
    second = score(engine, path)
    assert first.model.sha256 != second.model.sha256


@pytest.mark.parametrize("data", [b"", b"not weights", b"\x00" * 64])
def test_a_damaged_file_is_one_error(engine: QualityEngine, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(data)
    with pytest.raises(EngineError, match=r"bad\.safetensors"):
        score(engine, path)
    with pytest.raises(EngineError, match="cannot be read"):
        score(engine, tmp_path / "gone.safetensors")


def test_weights_of_another_network_are_refused(
    engine: QualityEngine, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.safetensors"
    save_file({"a": torch.ones(2, 2)}, other)
    with pytest.raises(EngineError, match="Expected the weights of"):
        score(engine, other)
    segmenter = (torch.nn.Linear(1, 1), "segmenter", "0" * 64)
    monkeypatch.setattr(weights_module, "load_unverified", lambda *_, **__: segmenter)
    other.touch()
    with pytest.raises(UnsupportedInputError, match="gives no score"):
        score(engine, other)


def test_a_sidecar_that_disagrees_is_told(
    engine: QualityEngine, weights: Path, tmp_path: Path
) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(weights.read_bytes())
    sidecar = {
        "format": 1, "file": path.name, "sha256": "0" * 64, "size_bytes": 1, "family": "iqa_resnet",
        "architecture": "resnet18", "t": None, "params": 1, "entries": 1, "locks": [],
        "created_utc": "", "source": {"file": "", "sha256": "", "size_bytes": 1, "left_out": []},
    }  # fmt: skip
    Path(f"{path}.json").write_text(json.dumps(sidecar))
    with pytest.raises(EngineError, match="sidecar"):
        score(engine, path)
