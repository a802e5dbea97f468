"""Images of a BIDS dataset: which there are, and what their sidecars tell.

References
----------
.. [1] The Brain Imaging Data Structure Specification 1.10: the inheritance principle.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from acutance.core.bids import DESCRIPTION, ENTITY, KEPT_FIELDS, BidsFilter, BidsImage, parse_name
from acutance.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SIDECAR_LIMIT_BYTES = 16 << 20


def check_dataset(root: Path) -> str:
    """Return the name of a dataset; raise where it is none.

    Raises
    ------
    ReadError
        If the folder or its description is not there, or lacks what BIDS requires.
    """
    if not root.is_dir():
        raise ReadError("There is no such folder.", remedy="Check the path.", path=root)
    path = root / DESCRIPTION
    try:
        told = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise ReadError(
            "This is no BIDS dataset: its description cannot be read.",
            remedy=f"Add {DESCRIPTION} with Name and BIDSVersion, or use acutance batch.",
            path=path,
        ) from error
    if not isinstance(told, dict) or not {"Name", "BIDSVersion"} <= set(told):
        raise ReadError(
            "The description of the dataset lacks Name or BIDSVersion.",
            remedy="Add them; both are required by BIDS.",
            path=path,
        )
    return str(told["Name"])


def find_images(root: Path, wanted: BidsFilter) -> list[BidsImage]:
    """Return the anatomical images that are wanted, sorted by name, with their sidecars."""
    return sorted(_images(root, wanted), key=lambda image: image.stem)


def _images(root: Path, wanted: BidsFilter) -> Iterator[BidsImage]:
    for subject in sorted(root.glob("sub-*")):
        for pattern in ("anat", "ses-*/anat"):
            for folder in sorted(subject.glob(pattern)):
                for path in sorted(folder.glob("*.nii*")):
                    parsed = parse_name(path.name)
                    if parsed is None or not wanted.wants(*parsed):
                        continue
                    entities, suffix = parsed
                    yield BidsImage(path, entities, suffix, _sidecar(root, path, entities, suffix))


def _sidecar(root: Path, path: Path, entities: dict[str, str], suffix: str) -> dict[str, Any]:
    """Return what the sidecars above and beside an image tell, the nearer one counting more."""
    told: dict[str, Any] = {}
    folders = [root]
    for part in path.parent.relative_to(root).parts:
        folders.append(folders[-1] / part)
    for folder in folders:
        fitting = []
        for file in folder.glob(f"*{suffix}.json"):
            name = file.name.removesuffix(".json")
            parts = dict(ENTITY.findall(name))
            is_named = name == suffix or name.endswith(f"_{suffix}")
            if is_named and parts.items() <= entities.items():
                fitting.append((len(parts), file))
        for _, file in sorted(fitting):
            told |= _fields(file)
    return {name: told[name] for name in KEPT_FIELDS if name in told}


def _fields(file: Path) -> dict[str, Any]:
    try:
        if os.path.getsize(file) > _SIDECAR_LIMIT_BYTES:
            raise ReadError("The sidecar is too large to be one.", path=file)
        told = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise ReadError(
            "A sidecar cannot be read.", remedy="Mend it or remove it.", path=file
        ) from error
    return dict(told) if isinstance(told, dict) else {}
