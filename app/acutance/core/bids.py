"""Names of a BIDS dataset: entities, suffixes, and which images are wanted.

References
----------
.. [1] The Brain Imaging Data Structure Specification 1.10: file names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

DESCRIPTION = "dataset_description.json"
#: Short and full names of the entities of anatomical images.
ENTITIES = {
    "sub": "subject",
    "ses": "session",
    "task": "task",
    "acq": "acquisition",
    "ce": "ceagent",
    "rec": "reconstruction",
    "run": "run",
    "echo": "echo",
    "part": "part",
    "chunk": "chunk",
}
#: Suffixes of anatomical images that are measured.
SUFFIXES = ("T1w", "T2w", "PDw", "FLAIR", "T2starw", "UNIT1", "angio", "inplaneT1", "inplaneT2")
#: What of a sidecar is kept: the machine and what it was told, nothing of the participant.
KEPT_FIELDS = (
    "AcquisitionMatrixPE", "BandwidthPerPixelPhaseEncode", "EchoTime", "FlipAngle", "ImageType",
    "InversionTime", "MRAcquisitionType", "MagneticFieldStrength", "Manufacturer",
    "ManufacturersModelName", "ParallelReductionFactorInPlane", "PhaseEncodingDirection",
    "PixelBandwidth", "ProtocolName", "PulseSequenceType", "ReceiveCoilName", "RepetitionTime",
    "ScanningSequence", "SequenceName", "SequenceVariant", "SliceThickness", "SoftwareVersions",
    "StationName",
)  # fmt: skip
_NAME = re.compile(r"((?:[a-z]+-[A-Za-z0-9]+_)+)([A-Za-z0-9]+)\.nii(?:\.gz)?")
ENTITY = re.compile(r"([a-z]+)-([A-Za-z0-9]+)_")


@dataclass(frozen=True)
class BidsImage:
    """One image of a dataset.

    Parameters
    ----------
    path : Path
    entities : dict of str to str
        By short name, in the order of the file name.
    suffix : str
        Such as "T1w".
    sidecar : dict
        The fields of `KEPT_FIELDS` that its sidecars tell; the nearer one counts.
    """

    path: Path
    entities: dict[str, str]
    suffix: str
    sidecar: dict[str, Any] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """Its name without the suffixes of the file."""
        return self.path.name.partition(".")[0]

    @property
    def folder(self) -> str:
        """Where it lies below the dataset, as in `sub-01/ses-1/anat`."""
        session = self.entities.get("ses")
        parts = [f"sub-{self.entities['sub']}", *([f"ses-{session}"] if session else []), "anat"]
        return "/".join(parts)


@dataclass(frozen=True)
class BidsFilter:
    """Which images are wanted; an empty tuple wants all.

    Parameters
    ----------
    participants, sessions, runs, tasks : tuple of str
        Labels, with or without `sub-` and the like.
    suffixes : tuple of str
    """

    participants: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = SUFFIXES

    def wants(self, entities: dict[str, str], suffix: str) -> bool:
        """Whether an image is one of those wanted."""
        wishes = (
            ("sub", self.participants),
            ("ses", self.sessions),
            ("run", self.runs),
            ("task", self.tasks),
        )
        return suffix in self.suffixes and all(
            not labels or entities.get(key) in {label.removeprefix(f"{key}-") for label in labels}
            for key, labels in wishes
        )


def parse_name(name: str) -> tuple[dict[str, str], str] | None:
    """Return entities and suffix of the name of an image; None where it is no BIDS name."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    entities = dict(ENTITY.findall(found[1]))
    return (entities, found[2]) if "sub" in entities else None
