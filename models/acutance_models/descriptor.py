"""What a network is, as a value that needs no torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class OperatorFile:
    """An operator that carries what a restorer makes of noise of one strength to sharp images.

    Parameters
    ----------
    path : Path
    size_bytes : int
    sha256 : str
    noise : float
        Standard deviation of the noise it was fitted for, of what the network sees as 1.
    """

    path: Path
    size_bytes: int
    sha256: str
    noise: float


@dataclass(frozen=True)
class NetworkDescriptor:
    """One network with its weights, as the catalogue knows it.

    Parameters
    ----------
    id : str
        Unique name, e.g. ``"iqa_resnet18"``.
    title : str
        One line for people.
    task : str
        ``"quality"``, ``"segmentation"``, ``"restoration"`` or ``"autoencoder"``.
    architecture : str
        What the factory is called with.
    version : str
        Version of the weights.
    factory : str
        Import string ``"package.module:function"`` that builds the network without weights.
    params : int
        Number of trainable parameters.
    weights_file : Path
        The safetensors file; it need not exist until the network is loaded.
    size_bytes : int
        Its size.
    sha256 : str
        Its digest, 64 hexadecimal digits, lower case.
    source : str
        Who made the weights.
    licence : str
        Terms of the weights.
    attribution : tuple of str
        Notices the training data ask for.
    training_data : tuple of str
        Persons trained on.
    held_out : tuple of str
        Persons never trained on.
    metrics : mapping of str to float
        Measured on the held-out persons; the model card says how.
    card : Path
        The model card, Markdown.
    calibration_file : Path, optional
        Intervals and judge of scope of a scoring network, where it has them.
    calibration_size_bytes : int
    calibration_sha256 : str
        Of that file.
    operators : tuple of OperatorFile
        Of a restorer, by rising noise; none where it has none.
    classes : tuple of str
        Of a segmentation network: what each channel of its logits stands for, background first.
    channels : int
        Of its input: 1 for slices, 3 for colour pictures.
    pixel_mm : float
        Pixel size its training slices had, give or take a quarter; 0 where size is free.
    """

    id: str
    title: str
    task: str
    architecture: str
    version: str
    factory: str
    params: int
    weights_file: Path
    size_bytes: int
    sha256: str
    source: str
    licence: str
    attribution: tuple[str, ...]
    training_data: tuple[str, ...]
    held_out: tuple[str, ...]
    card: Path
    metrics: Mapping[str, float] = field(default_factory=dict)
    calibration_file: Path | None = None
    calibration_size_bytes: int = 0
    calibration_sha256: str = ""
    operators: tuple[OperatorFile, ...] = ()
    classes: tuple[str, ...] = ()
    channels: int = 1
    pixel_mm: float = 0.0
