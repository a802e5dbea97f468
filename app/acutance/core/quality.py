"""What the scoring engine is asked and what it answers; no torch, so that every process has it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from acutance.core.affine import PLANES, axis_plane, spacing
from acutance.core.backends import AUTO

if TYPE_CHECKING:
    from acutance.core.calibration import SiteCalibration
    from acutance.core.video import VideoSource
    from acutance.core.volume import Volume

#: Spacing ratio from which a volume counts as acquired in slices along its widest axis.
ANISOTROPY_RATIO = 1.5
DEFAULT_NETWORK = "iqa_resnet18"
#: Status of weights that come with a model card, and of those that do not.
SHIPPED, UNVERIFIED = "shipped", "unverified"


class Verdict(StrEnum):
    """The answer to "is it good enough?"."""

    USABLE = "usable"
    CHECK = "check"
    REPEAT = "repeat"
    NOT_ASSESSED = "not_assessed"

    @property
    def code(self) -> str | None:
        """The code of DICOM CID 6044 that says the same; None where nothing was assessed.

        References
        ----------
        .. [1] DICOM PS3.16, CID 6044 "Quality Control Standard".
        """
        return _CODES.get(self.value)


_CODES = {"usable": "111237", "check": "111236", "repeat": "111235"}


@dataclass(frozen=True)
class Thresholds:
    """Predicted SSIM from which a series is usable, and below which a repeat is advised.

    Defaults are the classes of the expert reading in arXiv 2206.06725: 0.85 and 0.60.

    Parameters
    ----------
    usable, repeat : float
    never_usable : bool
        Whether "check" stands in place of "usable", since nobody vouches for the prediction.

    Raises
    ------
    ValueError
        If not 0 <= repeat < usable <= 1.
    """

    usable: float = 0.85
    repeat: float = 0.60
    never_usable: bool = False

    def __post_init__(self) -> None:
        """Check the order."""
        if not 0.0 <= self.repeat < self.usable <= 1.0:
            raise ValueError(f"need 0 <= repeat < usable <= 1, not {self.repeat}, {self.usable}")

    def verdict(self, ssim_pred: float) -> Verdict:
        """Return the verdict on a predicted SSIM in [0, 1]."""
        if ssim_pred >= self.usable:
            return Verdict.CHECK if self.never_usable else Verdict.USABLE
        return Verdict.CHECK if ssim_pred >= self.repeat else Verdict.REPEAT

    def straddled(self, low: float, high: float) -> float | None:
        """Return the threshold that an interval of predicted SSIM lies on both sides of, if any."""
        if low < self.usable <= high:
            return self.usable
        return self.repeat if low < self.repeat <= high else None


@dataclass(frozen=True)
class ThresholdSource:
    """Where the thresholds of a verdict come from.

    Parameters
    ----------
    kind : str
        "built-in", "site default", "site protocol", "site calibration" or "user setting".
    rule : str
        Name of the rule of the site file that matched; empty where none did.
    site_sha256 : str
        Of the site file; empty where there is none.
    """

    kind: str = "built-in"
    rule: str = ""
    site_sha256: str = ""

    def to_parameters(self) -> dict[str, Any]:
        """Return what stands in the parameters of a result; what is empty is left out."""
        told = {
            "threshold_source": self.kind,
            "threshold_rule": self.rule,
            "site_file_sha256": self.site_sha256,
        }
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True)
class QualityRequest:
    """Ask for the predicted SSIM of the slices of a volume.

    Parameters
    ----------
    volume : Volume or VideoSource
        A video is answered with "not assessed": the network knows slices of the head only.
    plane : str
        "auto", "axial", "coronal", "sagittal" or "all".
    thresholds : Thresholds
    network : str
        Id in the model catalogue.
    source : ThresholdSource
        Where the thresholds come from.
    weights : str
        A safetensors file of a scoring network in place of the network's own; empty for those.
    recurrence : int or None
        Steps of recurrence of these weights, where a network has some.
    calibration : SiteCalibration or None
        Of the site; used where it was made for the weights that score.
    identify : bool
        Whether the result carries the hash of the voxels.
    backend : str
        One of `acutance.core.backends.CHOICES`.
    """

    volume: Volume | VideoSource
    plane: str = "auto"
    thresholds: Thresholds = field(default_factory=Thresholds)
    network: str = DEFAULT_NETWORK
    source: ThresholdSource = field(default_factory=ThresholdSource)
    weights: str = ""
    recurrence: int | None = None
    calibration: SiteCalibration | None = None
    identify: bool = False
    backend: str = AUTO


@dataclass(frozen=True)
class SliceScore:
    """The prediction for one slice.

    Parameters
    ----------
    plane : str
    index : int
        0-based voxel index along the array axis nearest to the plane's normal, file order.
    ssim_pred : float or None
        Predicted SSIM in (0, 1); None where nothing could be assessed.
    reason : str
        Why there is no number; empty otherwise.
    in_headline : bool
        Whether the slice lies in the middle half that the series value is the mean of.
    ssim_lo, ssim_hi : float or None
        Ends of the interval that holds the true SSIM of such a slice nine times in ten; None
        where there is no number or the network has no calibration.
    in_scope : bool
        Whether it looks like a slice the network was made for.
    """

    plane: str
    index: int
    ssim_pred: float | None
    reason: str = ""
    in_headline: bool = True
    ssim_lo: float | None = None
    ssim_hi: float | None = None
    in_scope: bool = True

    @property
    def ssim_interval(self) -> list[float] | None:
        """Both ends of the interval, JSON-ready."""
        return _pair(self.ssim_lo, self.ssim_hi)


@dataclass(frozen=True)
class ModelFacts:
    """Which weights gave a number.

    Parameters
    ----------
    name, version, sha256 : str
    status : str
        "shipped", or "unverified" where there is no model card: nothing is then "usable".
    """

    name: str
    version: str
    sha256: str
    status: str = SHIPPED


@dataclass(frozen=True)
class QualityResult:
    """The verdict on a series, with the evidence slice by slice.

    Parameters
    ----------
    verdict : Verdict
    reason : str
        One line: why this verdict.
    in_scope : bool
        Whether the network was made for such images.
    ssim_pred : float or None
        Mean over the non-blank slices of the middle half; None when there is none.
    slices : tuple of SliceScore
        Every slice that was looked at.
    planes : tuple of str
        Planes that were scored.
    model : ModelFacts
    device : str
        Where it was computed, such as "cpu".
    parameters : dict
        Everything else the numbers depend on.
    seconds : float
        Time the engine took.
    ssim_lo, ssim_hi : float or None
        Ends of the interval that holds the true mean of such a series nine times in ten; None
        where there is no number or the network has no calibration.
    """

    verdict: Verdict
    reason: str
    in_scope: bool
    ssim_pred: float | None
    slices: tuple[SliceScore, ...]
    planes: tuple[str, ...]
    model: ModelFacts
    device: str
    parameters: dict[str, Any]
    seconds: float
    ssim_lo: float | None = None
    ssim_hi: float | None = None

    @property
    def ssim_interval(self) -> list[float] | None:
        """Both ends of the interval, JSON-ready."""
        return _pair(self.ssim_lo, self.ssim_hi)

    @property
    def thresholds(self) -> Thresholds:
        """The thresholds it was judged by, where it tells them; also for single slices."""
        never = self.model.status != SHIPPED
        told = self.parameters
        try:
            usable, repeat = float(told["threshold_usable"]), float(told["threshold_repeat"])
            return Thresholds(usable, repeat, never)
        except (KeyError, TypeError, ValueError):
            return Thresholds(never_usable=never)

    def worst_first(self) -> tuple[SliceScore, ...]:
        """Return the scored slices, lowest predicted SSIM first, ties by index."""
        scored = [s for s in self.slices if s.ssim_pred is not None]
        return tuple(sorted(scored, key=lambda s: (s.ssim_pred or 0.0, s.plane, s.index)))

    def to_plain(self) -> dict[str, Any]:
        """Return the result as JSON-ready values."""
        return {
            "verdict": self.verdict.value,
            "reason": self.reason,
            "in_scope": self.in_scope,
            "verdict_code": self.verdict.code,
            "ssim_pred": self.ssim_pred,
            "ssim_interval": self.ssim_interval,
            "slices": [
                {
                    "plane": s.plane,
                    "index": s.index,
                    "ssim_pred": s.ssim_pred,
                    "reason": s.reason,
                    "in_headline": s.in_headline,
                    "ssim_interval": s.ssim_interval,
                    "in_scope": s.in_scope,
                }
                for s in self.slices
            ],
            "planes": list(self.planes),
            "model": {
                "name": self.model.name,
                "version": self.model.version,
                "sha256": self.model.sha256,
                "status": self.model.status,
            },
            "device": self.device,
            "parameters": dict(self.parameters),
            "seconds": self.seconds,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> QualityResult:
        """Rebuild a result from `to_plain`; a NaN is refused.

        Raises
        ------
        ValueError
            If a score is not a finite number in [0, 1].
        """
        slices = tuple(
            SliceScore(
                str(s["plane"]),
                int(s["index"]),
                _score(s["ssim_pred"]),
                str(s["reason"]),
                bool(s["in_headline"]),
                *_ends(s.get("ssim_interval")),
                bool(s.get("in_scope", True)),
            )
            for s in plain["slices"]
        )
        model = plain["model"]
        return cls(
            Verdict(plain["verdict"]),
            str(plain["reason"]),
            bool(plain["in_scope"]),
            _score(plain["ssim_pred"]),
            slices,
            tuple(map(str, plain["planes"])),
            ModelFacts(
                str(model["name"]),
                str(model["version"]),
                str(model["sha256"]),
                SHIPPED if model.get("status", SHIPPED) == SHIPPED else UNVERIFIED,
            ),
            str(plain["device"]),
            dict(plain["parameters"]),
            float(plain["seconds"]),
            *_ends(plain.get("ssim_interval")),
        )


def _pair(low: float | None, high: float | None) -> list[float] | None:
    return None if low is None or high is None else [low, high]


def _ends(interval: object) -> tuple[float | None, float | None]:
    if interval is None:
        return None, None
    if not isinstance(interval, list | tuple) or len(interval) != 2:
        raise ValueError(f"an interval has two ends, not {interval!r}")
    return _score(interval[0]), _score(interval[1])


def _score(value: object) -> float | None:
    if value is None:
        return None
    if not isinstance(value, int | float) or not math.isfinite(value) or not 0 <= value <= 1:
        raise ValueError(f"a score is a number in [0, 1], not {value!r}")
    return float(value)


def headline_range(count: int) -> range:
    """Return the slices of the middle half: count // 4 <= k < 3 * count // 4, never empty."""
    middle = range(count // 4, 3 * count // 4)
    return middle if len(middle) else range(count)


def choose_planes(volume: Volume, plane: str) -> tuple[str, ...]:
    """Return the planes to score.

    `auto` is the plane of the axis of largest spacing where that is at least 1.5 times the
    smallest, else axial; a volume of one slice is looked at along that slice whatever its
    spacing. `all` is axial, coronal and sagittal.

    Raises
    ------
    ValueError
        If `plane` is unknown.
    """
    if plane == "all":
        return PLANES
    if plane in PLANES:
        return (plane,)
    if plane != "auto":
        raise ValueError(f"plane must be auto, axial, coronal, sagittal or all, not {plane!r}")
    if 1 in volume.shape:
        return (axis_plane(volume.affine, volume.shape.index(1)),)
    mm = spacing(volume.affine)
    if volume.spacing_known and max(mm) >= ANISOTROPY_RATIO * min(mm):
        return (axis_plane(volume.affine, mm.index(max(mm))),)
    return ("axial",)
