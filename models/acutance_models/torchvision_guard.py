"""The one place that imports torchvision. Tests hold our networks against it; nothing else does.

A torchvision built for CUDA cannot load its operators beside a CPU-only torch, and its import
fails on ``torchvision::nms``. Its networks need none of them.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from types import ModuleType

SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"

# Declarations vanish with the library object that made them.
_declared: list[torch.library.Library] = []


def import_torchvision() -> ModuleType:
    """Import torchvision, declaring its missing operators only if the plain import fails.

    Returns
    -------
    module
        ``torchvision``; its networks and transforms work, ``ops.nms`` may not.

    Raises
    ------
    ImportError
        If torchvision is not installed.
    RuntimeError
        If its import fails for another reason.
    """
    try:
        return import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
    # WORKAROUND https://github.com/pytorch/vision: a build for another torch registers no
    # operators, so they are declared without an implementation. Tried second, as a working
    # build registers them itself.
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    if not _declared:
        library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
        library.define("nms" + SIGNATURE)  # type: ignore[no-untyped-call]
        library.define("qnms" + SIGNATURE)  # type: ignore[no-untyped-call]
        _declared.append(library)
    return import_module("torchvision")
