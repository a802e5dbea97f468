"""`acutance_models.torchvision_guard`."""

from __future__ import annotations

from importlib import import_module as real_import
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from acutance_models import torchvision_guard

if TYPE_CHECKING:
    from types import ModuleType


def test_torchvision_builds_networks() -> None:
    if find_spec("torchvision") is None:
        pytest.skip("torchvision is not installed")
    torchvision = torchvision_guard.import_torchvision()
    assert torchvision_guard.import_torchvision() is torchvision
    assert torchvision.models.resnet18(weights=None) is not None


def test_another_failure_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> ModuleType:
        if name == "torchvision":
            raise RuntimeError("out of memory")
        return real_import(name)

    monkeypatch.setattr(torchvision_guard, "import_module", fail)
    with pytest.raises(RuntimeError, match="out of memory"):
        torchvision_guard.import_torchvision()
