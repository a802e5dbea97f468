"""Where an engine computes, and what it can compute there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from acutance.errors import UnsupportedInputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def resolve_device(name: str) -> torch.device:
    """Return the torch device for "auto", "cpu" or "cuda:N".

    `auto` is the first CUDA device where there is one, else the CPU.

    Raises
    ------
    UnsupportedInputError
        If the name is of no known form or this machine has no such device.
    """
    if name == "auto":
        return torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    if name == "cpu":
        return torch.device("cpu")
    kind, _, number = name.partition(":")
    if kind != "cuda" or not number.isdecimal():
        raise UnsupportedInputError(
            f"Device {name!r} is not known.", remedy="Use auto, cpu or cuda:N."
        )
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if int(number) >= count:
        raise UnsupportedInputError(
            f"Device {name} was asked for, but this machine offers {count} CUDA device(s).",
            remedy="Use --device auto or --device cpu.",
        )
    return torch.device(name)


def has_bfloat16(device: torch.device) -> bool:
    """Return whether a device has units for bfloat16; emulation is slower than float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def to_device(array: NDArray[np.float32], device: torch.device) -> torch.Tensor:
    """Return an array as a tensor on a device; the CPU shares its memory.

    A CUDA device takes it out of pinned memory, so that the copy need not be waited for.
    """
    tensor = torch.from_numpy(array)
    if device.type != "cuda":
        return tensor
    return tensor.pin_memory().to(device, non_blocking=True)
