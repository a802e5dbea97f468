"""What the segmentation engine is asked and what it answers; no torch here."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.backends import AUTO
from acutance.core.label_edit import HandEdits
from acutance.core.label_map import Label, LabelMap
from acutance.core.quality import SHIPPED, UNVERIFIED, ModelFacts
from acutance.core.volume import luma

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.volume import Volume

#: What `--model` may say besides a file.
#: A region whose size changes by more than this share is worth a warning.
REGION_CHANGE = 0.05
BRAIN, NUCLEI = "brain", "nuclei"
MODELS = (BRAIN, NUCLEI)
#: Names of the three tissues that metrics ask for.
CSF, GREY_MATTER, WHITE_MATTER = "CSF", "grey matter", "white matter"
#: Longest side of a tile, and how far a tile looks beyond what is kept of it, in pixels.
DEFAULT_TILE, DEFAULT_CONTEXT = 512, 64
#: Steps of an uncertainty that is stored in a byte.
UNCERTAINTY_STEPS = 255
#: Colours that stay apart for every common colour vision deficiency: Okabe, Ito, "Color universal
#: design", 2008, without its yellow and black, which are lost on grey images.
PALETTE: tuple[tuple[int, int, int], ...] = (
    (86, 180, 233),
    (230, 159, 0),
    (0, 158, 115),
    (204, 121, 167),
    (213, 94, 0),
    (0, 114, 178),
)


def colour_of(value: int) -> tuple[int, int, int]:
    """Return the colour of a label; 0 is black, and from the seventh on colours come again."""
    return (0, 0, 0) if value < 1 else PALETTE[(value - 1) % len(PALETTE)]


@dataclass(frozen=True)
class SegmentationRequest:
    """Ask for the regions of a volume.

    Parameters
    ----------
    volume : Volume
    model : str
        "brain" or "nuclei".
    weights : str
        A safetensors file of a segmentation network in place of a model; empty for those.
    recurrence : int or None
        Steps of recurrence of these weights, where a network has some.
    plane : str
        "auto", "axial", "coronal" or "sagittal": slices are segmented in this plane.
    flips : bool
        Whether mirrored slices are segmented too and the probabilities averaged.
    cleans : bool
        Whether small parts are removed; what was there before is kept beside.
    tile, context : int
        Longest side of a tile and its context, in pixels; multiples of 16.
    backend : str
        One of `acutance.core.backends.LABEL_CHOICES`.

    Raises
    ------
    ValueError
        If tile or context is no positive multiple of 16, or the context leaves nothing of a tile.
    """

    volume: Volume
    model: str = BRAIN
    weights: str = ""
    recurrence: int | None = None
    plane: str = "auto"
    flips: bool = False
    cleans: bool = True
    tile: int = DEFAULT_TILE
    context: int = DEFAULT_CONTEXT
    backend: str = AUTO

    def __post_init__(self) -> None:
        """Check the tile."""
        if self.tile % 16 or self.context % 16 or self.context < 16:
            raise ValueError("tile and context are multiples of 16 pixels, the context at least 16")
        if self.tile < 2 * self.context + 96:
            raise ValueError(f"a context of {self.context} leaves nothing of a tile of {self.tile}")


@dataclass(frozen=True)
class CleaningStep:
    """Remove small parts: those connected by faces that are smaller than a bound.

    The bound is the larger of `smallest_share` of the largest part and `smallest_voxels`.

    Parameters
    ----------
    name : str
        What it does, for people.
    values : tuple of int
        Labels that are taken together.
    becomes : int
        The label that voxels of removed parts get.
    smallest_share : float, in [0, 1]
    smallest_voxels : int
    parts, voxels : int
        How many were removed.
    """

    name: str
    values: tuple[int, ...]
    becomes: int
    smallest_share: float = 0.0
    smallest_voxels: int = 0
    parts: int = 0
    voxels: int = 0

    def to_plain(self) -> dict[str, Any]:
        """Return the step as JSON-ready values."""
        return {
            "name": self.name,
            "values": list(self.values),
            "becomes": self.becomes,
            "smallest_share": self.smallest_share,
            "smallest_voxels": self.smallest_voxels,
            "parts": self.parts,
            "voxels": self.voxels,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> CleaningStep:
        """Rebuild a step."""
        return cls(
            str(plain["name"]),
            tuple(map(int, plain["values"])),
            int(plain["becomes"]),
            float(plain["smallest_share"]),
            int(plain["smallest_voxels"]),
            int(plain["parts"]),
            int(plain["voxels"]),
        )


@dataclass(frozen=True)
class LabelStatistics:
    """Size and intensities of one region.

    Parameters
    ----------
    value : int
    name : str
    voxels : int
    volume_ml : float or None
        None where the spacing is not known.
    mean, sd, median, p05, p95 : float or None
        Real-world values, of a colour volume its luma; None for a region without a finite one.
    """

    value: int
    name: str
    voxels: int
    volume_ml: float | None
    mean: float | None = None
    sd: float | None = None
    median: float | None = None
    p05: float | None = None
    p95: float | None = None

    def to_plain(self) -> dict[str, Any]:
        """Return the statistics as JSON-ready values."""
        return {
            "value": self.value,
            "name": self.name,
            "voxels": self.voxels,
            "volume_ml": self.volume_ml,
            "mean": self.mean,
            "sd": self.sd,
            "median": self.median,
            "p05": self.p05,
            "p95": self.p95,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> LabelStatistics:
        """Rebuild statistics; raise ValueError where a number is not finite."""
        numbers = ("volume_ml", "mean", "sd", "median", "p05", "p95")
        return cls(
            int(plain["value"]),
            str(plain["name"]),
            int(plain["voxels"]),
            *(_number(plain[name]) for name in numbers),
        )


@dataclass(frozen=True, eq=False)
class SegmentationResult:
    """The regions of a volume, how sure the network was, and what it depends on.

    Parameters
    ----------
    array : ndarray, shape (3, I, J, K), uint8
        Labels, labels before the cleaning, and uncertainty in steps of 1 / 255, each in the axis
        order of the volume.
    labels : tuple of Label
        The table, background included.
    plane : str
        The plane of the slices that were segmented.
    uncertainty_by_slice : tuple of float or None
        For each slice of that plane, in file order, the mean uncertainty of the pixels that are
        labelled or at least half uncertain; None where there is none.
    statistics : tuple of LabelStatistics
        One for each label but the background.
    steps : tuple of CleaningStep
        In the order in which they were applied to the labels before the cleaning.
    model : ModelFacts
    device : str
    parameters : dict
        Everything else the labels depend on.
    seconds : float
    reason : str
        Why the volume is out of the network's scope; empty where nothing speaks against it.
    edits : HandEdits or None
        How far a person changed the labels since; None for labels as the network gave them.
        Uncertainty is the network's all the same.

    Raises
    ------
    ValueError
        If the array is of another kind or holds a label that the table lacks.
    """

    #: The array crosses beside the plain values.
    carries_array = True

    array: NDArray[np.uint8]
    labels: tuple[Label, ...]
    plane: str
    uncertainty_by_slice: tuple[float | None, ...]
    statistics: tuple[LabelStatistics, ...]
    steps: tuple[CleaningStep, ...]
    model: ModelFacts
    device: str
    parameters: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    reason: str = ""
    edits: HandEdits | None = None

    def __post_init__(self) -> None:
        """Check the array against the table."""
        if self.array.ndim != 4 or self.array.shape[0] != 3 or self.array.dtype != np.uint8:
            raise ValueError(f"labels have the shape (3, I, J, K), not {self.array.shape}")
        known = {label.value for label in self.labels}
        if known != set(range(len(self.labels))):
            raise ValueError("the labels are numbered from 0 without a gap")
        if self.array[:2].size and int(self.array[:2].max()) not in known:
            raise ValueError("a voxel has a label that is not in the table")

    @property
    def label_map(self) -> LabelMap:
        """The labels after the cleaning."""
        return LabelMap(self.array[0], self.labels)

    @property
    def raw_label_map(self) -> LabelMap:
        """The labels as the network gave them."""
        return LabelMap(self.array[1], self.labels)

    @property
    def uncertainty(self) -> NDArray[np.uint8]:
        """Entropy of the class probabilities over its largest value, shape (I, J, K), times 255."""
        uncertainty: NDArray[np.uint8] = self.array[2]
        return uncertainty

    def edited(
        self,
        labels: NDArray[np.uint8],
        edits: HandEdits,
        statistics: tuple[LabelStatistics, ...],
    ) -> SegmentationResult:
        """Return the result with labels that a person has changed.

        Parameters
        ----------
        labels : ndarray, shape (I, J, K), uint8
            In place of the labels after the cleaning; those before it stay.
        edits : HandEdits
        statistics : tuple of LabelStatistics
            Of these labels.
        """
        array = np.stack([labels, self.array[1], self.array[2]])
        return replace(self, array=array, edits=edits, statistics=statistics)

    @property
    def is_cleaned(self) -> bool:
        """Whether the cleaning changed a voxel."""
        return any(step.voxels for step in self.steps)

    def to_plain(self) -> dict[str, Any]:
        """Return everything but the array as JSON-ready values."""
        return {
            "labels": [
                {"value": label.value, "name": label.name, "colour": list(label.colour)}
                for label in self.labels
            ],
            "plane": self.plane,
            "uncertainty_by_slice": list(self.uncertainty_by_slice),
            "statistics": [s.to_plain() for s in self.statistics],
            "steps": [s.to_plain() for s in self.steps],
            "model": {
                "name": self.model.name,
                "version": self.model.version,
                "sha256": self.model.sha256,
                "status": self.model.status,
            },
            "device": self.device,
            "parameters": dict(self.parameters),
            "seconds": self.seconds,
            "reason": self.reason,
            "edits": None if self.edits is None else self.edits.to_plain(),
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any], array: NDArray[Any]) -> SegmentationResult:
        """Rebuild a result around its array.

        Raises
        ------
        ValueError
            If a number is not finite, or array and table do not hold together.
        """
        model = plain["model"]
        return cls(
            array,
            tuple(
                Label(int(e["value"]), str(e["name"]), _colour(e["colour"]))
                for e in plain["labels"]
            ),
            str(plain["plane"]),
            tuple(map(_number, plain["uncertainty_by_slice"])),
            tuple(LabelStatistics.from_plain(s) for s in plain["statistics"]),
            tuple(CleaningStep.from_plain(s) for s in plain["steps"]),
            ModelFacts(
                str(model["name"]),
                str(model["version"]),
                str(model["sha256"]),
                SHIPPED if model["status"] == SHIPPED else UNVERIFIED,
            ),
            str(plain["device"]),
            dict(plain["parameters"]),
            float(plain["seconds"]),
            str(plain["reason"]),
            None if plain["edits"] is None else HandEdits.from_plain(plain["edits"]),
        )


def label_statistics(
    volume: Volume, labels: NDArray[np.uint8], table: tuple[Label, ...]
) -> tuple[LabelStatistics, ...]:
    """Return size and intensities of every label of a table but 0.

    Parameters
    ----------
    volume : Volume, shape (I, J, K)
    labels : ndarray, shape (I, J, K), uint8
    table : tuple of Label
    """
    voxel_ml = abs(float(np.linalg.det(volume.affine[:3, :3]))) / 1000.0
    found = []
    for label in table:
        if label.value == 0:
            continue
        mask = labels == label.value
        count = int(np.count_nonzero(mask))
        stored = volume.array[mask]
        values = volume.to_real(luma(stored) if volume.is_colour else stored)
        values = values[np.isfinite(values)].astype(np.float64)
        numbers: tuple[float, ...] = ()
        if values.size:
            p05, median, p95 = np.percentile(values, (5, 50, 95))
            numbers = (values.mean(), values.std(), median, p05, p95)
        found.append(
            LabelStatistics(
                label.value,
                label.name,
                count,
                round(count * voxel_ml, 6) if volume.spacing_known else None,
                *(float(f"{number:.7g}") for number in numbers),
            )
        )
    return tuple(found)


def _number(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"expected a finite number, not {value!r}")
    return float(value)


def _colour(parts: Any) -> tuple[int, int, int]:
    red, green, blue = map(int, parts)
    return red, green, blue


def region_warnings(before: SegmentationResult, after: SegmentationResult) -> list[str]:
    """Return in words which regions of an image that was changed have another size.

    Parameters
    ----------
    before, after : SegmentationResult
        By one network; sizes that differ by less than `REGION_CHANGE` are no news.
    """
    told = []
    for one, other in zip(before.statistics, after.statistics, strict=True):
        if one.voxels and abs(other.voxels - one.voxels) > REGION_CHANGE * one.voxels:
            share = (other.voxels - one.voxels) / one.voxels
            told.append(f"{one.name} is {share:+.0%} in size on the restored image")
    return told
