"""`acutance_models.iqa_resnet.calibration`."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from acutance_models import get_descriptor
from acutance_models.errors import WeightsError
from acutance_models.iqa_resnet.calibration import (
    Calibration,
    load_calibration,
    save_calibration,
)
from acutance_models.iqa_resnet.interval import ScoreInterval
from acutance_models.iqa_resnet.scope import ScopeNetwork

if TYPE_CHECKING:
    from pathlib import Path

    from acutance_models.descriptor import NetworkDescriptor


def describe(path: Path) -> NetworkDescriptor:
    data = path.read_bytes()
    return replace(
        get_descriptor("iqa_resnet18"),
        calibration_file=path,
        calibration_size_bytes=len(data),
        calibration_sha256=hashlib.sha256(data).hexdigest(),
    )


@pytest.fixture
def written(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    knots = np.linspace(0.0, 1.0, 5)
    calibration = Calibration(
        ScoreInterval(knots, np.full(5, 0.02), -2.0, 1.5),
        ScoreInterval(knots, np.full(5, 0.01), -1.0, 1.0),
        ScopeNetwork().eval(),
        0.25,
    )
    path = tmp_path / "calibration.safetensors"
    save_calibration(calibration, path)
    return path


def test_what_is_written_is_read_back(written: Path) -> None:
    calibration = load_calibration(describe(written))
    assert calibration is not None
    assert calibration.of_slice.bounds(0.5) == pytest.approx((0.46, 0.53))
    assert calibration.of_volume.bounds(0.5) == pytest.approx((0.49, 0.51))
    assert calibration.scope_threshold == 0.25
    assert not calibration.scope.training
    assert calibration.scope.head.weight.dtype == torch.float32


def test_a_network_without_calibration_has_none() -> None:
    descriptor = replace(get_descriptor("iqa_resnet18"), calibration_file=None)
    assert load_calibration(descriptor) is None


def test_a_changed_file_is_refused(written: Path) -> None:
    descriptor = describe(written)
    data = bytearray(written.read_bytes())
    data[-1] ^= 1
    written.write_bytes(data)
    with pytest.raises(WeightsError, match="SHA-256"):
        load_calibration(descriptor)


@pytest.mark.parametrize("missing", ["slice.scale", "scope_threshold", "scope.head.weight"])
def test_an_incomplete_file_is_refused(written: Path, missing: str) -> None:
    tensors = load_file(written)
    del tensors[missing]
    save_file(tensors, str(written))
    with pytest.raises(WeightsError):
        load_calibration(describe(written))
