"""What the restoration engine is asked and what it answers; no torch here."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from acutance.core.quality import SHIPPED, UNVERIFIED, ModelFacts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.volume import Volume

#: What `--task` may say: the catalogue calls its networks by these.
DENOISE, MOTION, ARTIFACTS = "denoise", "motion", "artifacts"
TASKS = (DENOISE, MOTION, ARTIFACTS)
TASK_TITLES = {
    DENOISE: "Noise",
    MOTION: "Motion and ghosts",
    ARTIFACTS: "Compression and noise of pictures",
}
#: Ends of the slider: what the network gave, and what the transport made of it.
FAITHFUL, PERCEPTUAL = 1.0, 0.0
#: Positions at which the perceptual index is measured; between them it is read off a line.
INDEX_POSITIONS = (0.0, 0.25, 0.5, 0.75, 1.0)
#: What stands in the pixels of every restored image that is no NIfTI file.
MARK = "RESTORED"
#: What the description of a restored DICOM series begins with.
SERIES_PREFIX = "AI-RESTORED"
#: What `descrip` of a restored NIfTI file holds, so that it is known for what it is.
RESTORED_WORD = "restored"


def check_alpha(alpha: float) -> float:
    """Return a position of the slider; raise ValueError outside [0, 1]."""
    if not 0.0 <= alpha <= 1.0:
        raise ValueError(f"alpha is a number from 0 (perceptual) to 1 (faithful), not {alpha}")
    return float(alpha)


@dataclass(frozen=True)
class RestorationRequest:
    """Ask for the two ends of the slider of a volume.

    Parameters
    ----------
    volume : Volume
    task : str
        One of `TASKS`: which network of the catalogue.
    weights : str
        A safetensors file of an image-to-image network in place of it; empty for none.
    operator : str
        A file of a fitted operator; empty for the one that is shipped, where there is one.
    autoencoder : str
        A safetensors file of the autoencoder that operator was fitted with; empty for the
        catalogue's.
    plane : str
        "auto", "axial", "coronal" or "sagittal": slices are restored in this plane.
    only : int or None
        The one slice that is wanted, counted in file order; None for all.

    Raises
    ------
    ValueError
        If the task is unknown.
    """

    volume: Volume
    task: str = DENOISE
    weights: str = ""
    operator: str = ""
    autoencoder: str = ""
    plane: str = "auto"
    only: int | None = None

    def __post_init__(self) -> None:
        """Check the task."""
        if self.task not in TASKS:
            raise ValueError(f"the task is one of {', '.join(TASKS)}, not {self.task!r}")


@dataclass(frozen=True)
class NoiseFacts:
    """The noise of a volume, as far as it can be measured in it.

    Parameters
    ----------
    sigma : float
        Standard deviation, real-world units; 0 where there is none to measure.
    source : str
        "air", "tissue" where there is no air to measure in, or "none".
    widths : tuple of float
        By array axis: standard deviation, in voxels, of the Gaussian that white noise was
        smoothed with; 0 where neighbours are independent.
    """

    sigma: float = 0.0
    source: str = "none"
    widths: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def to_plain(self) -> dict[str, Any]:
        """Return the facts as JSON-ready values."""
        return {"sigma": self.sigma, "source": self.source, "widths": list(self.widths)}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> NoiseFacts:
        """Rebuild facts; raise ValueError where a number is not finite."""
        i, j, k = map(_finite, plain["widths"])
        return cls(_finite(plain["sigma"]), str(plain["source"]), (i, j, k))


@dataclass(frozen=True)
class OperatorFacts:
    """Which operator made the perceptual end.

    Parameters
    ----------
    name, version, sha256, space : str
    status : str
        "shipped", or "unverified" for one that was fitted here.
    noise : float
        Standard deviation of the noise it was fitted for, as a share of the span; 0 for any.
    """

    name: str
    version: str
    sha256: str
    space: str
    status: str = UNVERIFIED
    noise: float = 0.0

    def to_plain(self) -> dict[str, Any]:
        """Return the facts as JSON-ready values."""
        return {
            "name": self.name,
            "version": self.version,
            "sha256": self.sha256,
            "space": self.space,
            "status": self.status,
            "noise": self.noise,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> OperatorFacts:
        """Rebuild facts."""
        return cls(
            str(plain["name"]),
            str(plain["version"]),
            str(plain["sha256"]),
            str(plain["space"]),
            SHIPPED if plain["status"] == SHIPPED else UNVERIFIED,
            _finite(plain["noise"]),
        )


@dataclass(frozen=True, eq=False)
class RestorationResult:
    """Both ends of the slider, and what is to be known about every position between them.

    Parameters
    ----------
    array : ndarray, shape (E, I, J, K) or, of colour, (E, I, J, K, 3), float32
        Real-world values, of colours stored ones: the faithful end, then the perceptual one where
        there is an operator. Along `axis` only the slices from `first` on.
    plane : str
    axis : int
        The array axis that slices are counted along.
    first : int
    span : (float, float)
        Real-world values that the network saw as 0 and 1.
    noise : NoiseFacts
    between : float
        Root mean square difference of the two ends where there is anatomy, as a share of the span.
    expected_mse : float or None
        Mean squared error of the network on people never trained on, on the same scale, as its
        model card says for the noise of this volume; None where there is no card, it does not say,
        or the noise could not be measured.
    index : tuple of float
        Perceptual index at each of `INDEX_POSITIONS`: gap between the logarithmic spectra of these
        patches and of sharp ones, as a share of what it is at the faithful end; empty where there
        is no operator.
    model : ModelFacts
    operator : OperatorFacts or None
    device : str
    parameters : dict
        Everything else the values depend on.
    seconds : float
    reason : str
        Why the volume is out of the network's scope; empty where nothing speaks against it.
    changed : tuple of tuple of float or None
        By slice: which share of its anatomy changed beyond the noise at each of
        `INDEX_POSITIONS`, at the faithful end alone where there is no operator; None where a slice
        shows nothing. Empty where the noise could not be measured.

    Raises
    ------
    ValueError
        If the array is of another kind.
    """

    #: The array crosses beside the plain values.
    carries_array = True

    array: NDArray[np.float32]
    plane: str
    axis: int
    first: int
    span: tuple[float, float]
    noise: NoiseFacts
    between: float
    expected_mse: float | None
    index: tuple[float, ...]
    model: ModelFacts
    operator: OperatorFacts | None
    device: str
    parameters: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    reason: str = ""
    changed: tuple[tuple[float, ...] | None, ...] = ()

    def __post_init__(self) -> None:
        """Check the array, and what is told by slice and by position."""
        if self.array.ndim not in (4, 5) or self.array.dtype != np.float32:
            raise ValueError(f"ends are float32 of (E, I, J, K[, 3]), not {self.array.shape}")
        if self.array.shape[0] != (1 if self.operator is None else 2):
            raise ValueError("there is a perceptual end where there is an operator")
        if self.axis not in range(3) or self.first < 0:
            raise ValueError("slices are counted along one of three axes, from 0")
        if len(self.index) not in (0, len(INDEX_POSITIONS)):
            raise ValueError("the perceptual index is measured at every position or none")
        if self.changed and len(self.changed) != self.count:
            raise ValueError("what changed is told of every slice or none")
        positions = len(INDEX_POSITIONS) if self.has_ends else 1
        if any(part is not None and len(part) != positions for part in self.changed):
            raise ValueError("what changed is told at every position")

    @property
    def has_ends(self) -> bool:
        """Whether the slider can leave the faithful end."""
        return len(self.array) == 2

    @property
    def relative_noise(self) -> float:
        """Standard deviation of the noise as a share of the span; 0 where it is not known."""
        return self.noise.sigma / (self.span[1] - self.span[0])

    @property
    def is_whole(self) -> bool:
        """Whether every slice was restored."""
        return "only_slice" not in self.parameters

    @property
    def count(self) -> int:
        """Slices that were restored."""
        return int(self.array.shape[1 + self.axis])

    def blend(self, alpha: float) -> NDArray[np.float32]:
        """Return (1 - alpha) x0 + alpha x*, shape (I, J, K[, 3]); at 1 the very values of x*.

        Raises
        ------
        ValueError
            If alpha is outside [0, 1], or less than 1 where there is no perceptual end.
        """
        return blend_ends(self.array, alpha)

    def expected_error(self, alpha: float) -> tuple[float | None, float]:
        """Return the expected root mean square error, and what of it the position adds.

        Both as a share of the span. The error of an estimator of least squares is orthogonal to
        everything made of its input, so that moving by (1 - alpha)(x0 - x*) adds its square
        (reference 1, section 3). The first is None where no model card tells the error of x*.

        References
        ----------
        .. [1] Freirich, Michaeli, Meir, "A theory of the distortion-perception tradeoff in
           Wasserstein space", NeurIPS 2021.
        """
        added = (1.0 - check_alpha(alpha)) * self.between
        if self.expected_mse is None:
            return None, added
        total = math.sqrt(self.expected_mse + added**2)
        return total, total - math.sqrt(self.expected_mse)

    def perceptual_index(self, alpha: float) -> float | None:
        """Return the perceptual index at a position; None where there is no operator."""
        if not self.index:
            return None
        return float(np.interp(check_alpha(alpha), INDEX_POSITIONS, self.index))

    def changed_shares(self, alpha: float) -> tuple[float | None, ...]:
        """Return which share of each slice's anatomy changed beyond the noise at a position.

        Empty where the noise could not be measured, None for a slice that shows nothing.
        """
        positions = INDEX_POSITIONS if self.has_ends else (FAITHFUL,)
        place = check_alpha(alpha)
        return tuple(
            None if part is None else float(np.interp(place, positions, part))
            for part in self.changed
        )

    def to_plain(self) -> dict[str, Any]:
        """Return everything but the array as JSON-ready values."""
        return {
            "plane": self.plane,
            "axis": self.axis,
            "first": self.first,
            "span": list(self.span),
            "noise": self.noise.to_plain(),
            "between": self.between,
            "expected_mse": self.expected_mse,
            "index": list(self.index),
            "model": {
                "name": self.model.name,
                "version": self.model.version,
                "sha256": self.model.sha256,
                "status": self.model.status,
            },
            "operator": None if self.operator is None else self.operator.to_plain(),
            "device": self.device,
            "parameters": dict(self.parameters),
            "seconds": self.seconds,
            "reason": self.reason,
            "changed": [None if part is None else list(part) for part in self.changed],
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any], array: NDArray[Any]) -> RestorationResult:
        """Rebuild a result around its array.

        Raises
        ------
        ValueError
            If a number is not finite, or array and facts do not hold together.
        """
        model, operator = plain["model"], plain["operator"]
        low, high = map(_finite, plain["span"])
        error = plain["expected_mse"]
        return cls(
            array,
            str(plain["plane"]),
            int(plain["axis"]),
            int(plain["first"]),
            (low, high),
            NoiseFacts.from_plain(plain["noise"]),
            _finite(plain["between"]),
            None if error is None else _finite(error),
            tuple(map(_finite, plain["index"])),
            ModelFacts(
                str(model["name"]),
                str(model["version"]),
                str(model["sha256"]),
                SHIPPED if model["status"] == SHIPPED else UNVERIFIED,
            ),
            None if operator is None else OperatorFacts.from_plain(operator),
            str(plain["device"]),
            dict(plain["parameters"]),
            float(plain["seconds"]),
            str(plain["reason"]),
            tuple(None if part is None else tuple(map(_finite, part)) for part in plain["changed"]),
        )


def blend_ends(ends: NDArray[np.float32], alpha: float) -> NDArray[np.float32]:
    """Return the picture at a position between ends, shape (E, ...); see `RestorationResult`."""
    if check_alpha(alpha) == FAITHFUL:
        faithful: NDArray[np.float32] = ends[0]
        return faithful
    if len(ends) < 2:
        raise ValueError("without an operator there is only the faithful end, alpha = 1")
    share = np.float32(alpha)
    mixed: NDArray[np.float32] = (np.float32(1.0) - share) * ends[1] + share * ends[0]
    return mixed


def restored_volume(volume: Volume, result: RestorationResult, alpha: float = FAITHFUL) -> Volume:
    """Return a whole volume as restored, in the kind of voxels it is written and shown with.

    Grey becomes float32 of real-world values with slope 1; colours keep their stored type. The
    facts say that it is restored, so that it is never scored as a scan.

    Raises
    ------
    ValueError
        If the result is of some slices only or of another shape.
    """
    from dataclasses import replace

    values = result.blend(alpha)
    if values.shape != volume.array.shape:
        raise ValueError(f"the result has the shape {values.shape}, not {volume.array.shape}")
    facts = {**volume.facts, RESTORED_WORD: True}
    if volume.is_colour:
        top = np.iinfo(volume.array.dtype).max
        stored = np.clip(np.rint(values), 0, top).astype(volume.array.dtype)
        return replace(volume, array=stored, facts=facts)
    return replace(volume, array=values, slope=1.0, intercept=0.0, facts=facts)


def score_warning(before: float, after: float) -> str:
    """Return in words what a changed prediction means: nothing good."""
    return (
        f"predicted SSIM {before:.2f} before, {after:.2f} after; the scorer was not made for "
        "restored images, and the verdict on the scan stays as it was"
    )


def _finite(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"expected a finite number, not {value!r}")
    return float(value)
