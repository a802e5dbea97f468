"""What the functional groups of an enhanced image say of one frame.

References
----------
.. [1] DICOM PS3.3, C.7.6.16.1 (shared and per-frame functional groups), C.7.6.16.2.11 (real world
   value mapping), C.8.13.5 (MR macros), C.8.15.3 (CT macros).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag, Tag

from acutance.io._protocols import FOREIGN_ERRORS, clean_text
from acutance.io.dicom_text import PHILIPS_SCALE, raw_text, texts
from acutance.io.values import is_usable_rescale

if TYPE_CHECKING:
    from acutance.io.dicom_slice import SliceHeader
    from acutance.io.dicom_text import Rescale

#: Macros that hold Frame Type (0008,9007) and the like, one per modality.
_FRAME_TYPES = (
    "MRImageFrameTypeSequence",
    "CTImageFrameTypeSequence",
    "PETFrameTypeSequence",
    "XRay3DFrameTypeSequence",
    "ParametricMapFrameTypeSequence",
)
_PHILIPS_GROUP = 0x2005140F
#: Dimensions that are positions: of the patient, Stack ID, In-Stack Position Number.
_IN_SPACE = frozenset({0x00200032, 0x00209056, 0x00209057, 0x00209113})


class FrameGroups:
    """The functional groups of a data set, shared and per frame.

    Parameters
    ----------
    dataset : pydicom.Dataset
        With both sequences, as far as there are any.
    """

    def __init__(self, dataset: Dataset) -> None:
        shared = sequence_items(dataset, "SharedFunctionalGroupsSequence")
        self._shared = shared[0] if shared else Dataset()
        self._frames = sequence_items(dataset, "PerFrameFunctionalGroupsSequence")
        self._shared_macros: dict[str, Dataset | None] = {}
        self._dimensions = _dimensions(dataset)

    def macro(self, number: int, name: str) -> Dataset | None:
        """Return the first item of a macro: that of the frame, else the shared one."""
        if number < len(self._frames):
            own = sequence_items(self._frames[number], name)
            if own:
                return own[0]
        if name not in self._shared_macros:
            shared = sequence_items(self._shared, name)
            self._shared_macros[name] = shared[0] if shared else None
        return self._shared_macros[name]

    def dimensions(self, number: int) -> tuple[tuple[str, str], ...]:
        """Return the place of a frame along each dimension that is none of space, by name."""
        content = self.macro(number, "FrameContentSequence")
        values = () if content is None else numbers(content, "DimensionIndexValues")
        if len(values) != len(self._dimensions):
            return ()
        return tuple(
            (name, f"{value:.0f}")
            for name, value in zip(self._dimensions, values, strict=True)
            if name
        )

    def has_private_scale(self, number: int) -> bool:
        """Whether a frame has a private scale of Philips, in its private group."""
        if number >= len(self._frames):
            return False
        try:
            element: Any = self._frames[number].get(_PHILIPS_GROUP)
            return element is not None and PHILIPS_SCALE in element.value[0]
        except FOREIGN_ERRORS:
            return False

    def real_world_mapping(self, number: int) -> tuple[float, float, str] | None:
        """Return slope, intercept and unit code of the first linear real world value mapping."""
        macro = self.macro(number, "RealWorldValueMappingSequence")
        if macro is None:
            return None
        slope = numbers(macro, "RealWorldValueSlope")
        intercept = numbers(macro, "RealWorldValueIntercept")
        if len(slope) != 1 or len(intercept) != 1 or not is_usable_rescale(slope[0], intercept[0]):
            return None
        codes = sequence_items(macro, "MeasurementUnitsCodeSequence")
        code = clean_text(raw_text(codes[0], "CodeValue"), 16) if codes else ""
        return slope[0], intercept[0], code


def _dimensions(dataset: Dataset) -> tuple[str, ...]:
    """Return the name of each dimension that frames are indexed by, "" of those in space [1]_.

    References
    ----------
    .. [1] DICOM PS3.3, C.7.6.17 (multi-frame dimension).
    """
    names = []
    for number, item in enumerate(sequence_items(dataset, "DimensionIndexSequence"), start=1):
        try:
            pointer = int(item.DimensionIndexPointer)
        except FOREIGN_ERRORS:
            return ()
        label = clean_text(raw_text(item, "DimensionDescriptionLabel"), 24).lower()
        names.append("" if pointer in _IN_SPACE else label or f"dimension {number}")
    return tuple(names)


def sequence_items(dataset: Dataset, name: str) -> list[Dataset]:
    """Return the items of a sequence, none where it is absent or no sequence."""
    tag = _tag(name)
    if tag not in dataset:
        return []
    try:
        value = dataset[tag].value
    except FOREIGN_ERRORS:
        return []
    return list(value) if isinstance(value, Sequence) else []


@lru_cache(maxsize=256)
def _tag(name: str) -> BaseTag:
    return Tag(name)


def numbers(dataset: Dataset, name: str) -> tuple[float, ...]:
    """Return the finite numbers of an element of any numeric representation, else ()."""
    tag = _tag(name)
    if tag not in dataset:
        return ()
    try:
        value: Any = dataset[tag].value
        parts = [] if value is None else value if hasattr(value, "__iter__") else [value]
        found = tuple(float(part) for part in parts)
    except FOREIGN_ERRORS:
        return ()
    return found if all(map(math.isfinite, found)) else ()


def frame_phases(
    groups: FrameGroups, number: int, base: SliceHeader
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Return what tells frames at the same place apart, in order of weight, and the frame type.

    What no element of the standard tells is told by the dimensions that the file declares.
    """
    kind, component = base.image_type, ""
    for name in _FRAME_TYPES:
        macro = groups.macro(number, name)
        if macro is not None:
            kind = texts(macro, "FrameType") or kind
            component = raw_text(macro, "ComplexImageComponent")
            break
    content = groups.macro(number, "FrameContentSequence")
    diffusion = groups.macro(number, "MRDiffusionSequence")
    gradients = (
        [] if diffusion is None else sequence_items(diffusion, "DiffusionGradientDirectionSequence")
    )
    gradient = gradients[0] if gradients else None
    modifier = groups.macro(number, "MRModifierSequence")
    temporal = groups.macro(number, "TemporalPositionSequence")
    cardiac = groups.macro(number, "CardiacSynchronizationSequence")
    respiratory = groups.macro(number, "RespiratorySynchronizationSequence")
    velocity = groups.macro(number, "MRVelocityEncodingSequence")
    labelling = groups.macro(number, "MRArterialSpinLabelingSequence")
    echo = groups.macro(number, "MREchoSequence")
    phases = (
        ("image type", "\\".join(kind)),
        ("component", component.lower()),
        ("echo time", _text(echo, "EffectiveEchoTime")),
        ("b", _text(diffusion, "DiffusionBValue")),
        ("diffusion", "" if diffusion is None else raw_text(diffusion, "DiffusionDirectionality")),
        ("diffusion direction", _text(gradient, "DiffusionGradientOrientation")),
        ("inversion time", _text(modifier, "InversionTimes")),
        ("velocity encoding", _text(velocity, "VelocityEncodingDirection")),
        ("label", "" if labelling is None else raw_text(labelling, "ASLContext")),
        ("time point", _text(content, "TemporalPositionIndex")),
        ("time", _text(temporal, "TemporalPositionTimeOffset")),
        ("trigger time", _text(cardiac, "NominalCardiacTriggerDelayTime")),
        ("respiratory trigger", _text(respiratory, "NominalRespiratoryTriggerDelayTime")),
        ("acquisition", _text(content, "FrameAcquisitionNumber")),
        *groups.dimensions(number),
    )
    return phases, kind


def _text(macro: Dataset | None, name: str) -> str:
    values = () if macro is None else numbers(macro, name)
    return "\\".join(f"{value:.6g}" for value in values)


def frame_unit(groups: FrameGroups, number: int, rescale: Rescale) -> str:
    """Return the unit of the rescaled values of a frame, "" where none is stated.

    The unit of a real world value mapping counts where that mapping is the very rescale.
    """
    macro = groups.macro(number, "PixelValueTransformationSequence")
    stated = "" if macro is None else raw_text(macro, "RescaleType")[:16]
    mapping = groups.real_world_mapping(number)
    if mapping is not None and mapping[2] not in ("", "1"):
        slope, intercept, code = mapping
        if math.isclose(slope, rescale.slope, rel_tol=1e-6) and math.isclose(
            intercept, rescale.intercept, rel_tol=1e-6, abs_tol=1e-6
        ):
            return "HU" if code == "[hnsf'U]" else code
    return stated


def frame_facts(groups: FrameGroups, number: int, facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of the file with those that enhanced images keep per frame."""
    found = dict(facts)
    for key, macro_name, name in (
        ("echo_time_ms", "MREchoSequence", "EffectiveEchoTime"),
        ("repetition_time_ms", "MRTimingAndRelatedParametersSequence", "RepetitionTime"),
        ("flip_angle_deg", "MRTimingAndRelatedParametersSequence", "FlipAngle"),
        ("inversion_time_ms", "MRModifierSequence", "InversionTimes"),
        ("slice_thickness_mm", "PixelMeasuresSequence", "SliceThickness"),
        ("tube_voltage_kv", "CTXRayDetailsSequence", "KVP"),
    ):
        macro = groups.macro(number, macro_name)
        values = () if macro is None else numbers(macro, name)
        if len(values) == 1:
            found.setdefault(key, values[0])
    return found
