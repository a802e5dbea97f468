"""From slice headers to series, and from a series to volumes that lose no slice.

References
----------
.. [1] DICOM PS3.3, C.7.3.1 (series), C.7.6.2 (image plane).
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from acutance.core.ledger import LoadWarning, SeriesItem, SetAside
from acutance.core.natural_order import natural_key
from acutance.io._protocols import plural
from acutance.io.dicom_geometry import SAME_POSITION_MM, position_along, valid_orientation
from acutance.io.dicom_parts import write_part

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from acutance.io.dicom_slice import SliceHeader

#: Fewer slices of another size than this share are strays, more are a volume of their own.
_STRAY_SHARE = 0.1
#: Of these, images without a position are still slices of a stack; of others, pictures.
_STACKED_MODALITIES = frozenset({"CT", "MR", "PT"})
#: Directions nearer than this are one orientation; scanners round to 4 digits or more.
_ORIENTATION_TOLERANCE = 2e-3


@dataclass
class Group:
    """Slices that become one volume.

    Parameters
    ----------
    slices : list of SliceHeader
    companions : list of SliceHeader
        Files that go with them and are not used: duplicates, strays; the read says why.
    label : str
        What tells the group from others of its series, such as "b 1000".
    is_dealt : bool
        Whether nothing in the headers tells it from others at the same positions.
    places : int
        How many positions the volumes have that were told apart at them.
    """

    slices: list[SliceHeader]
    companions: list[SliceHeader] = field(default_factory=list)
    label: str = ""
    is_dealt: bool = False
    places: int = 0


def group_slices(
    headers: Sequence[SliceHeader],
) -> tuple[list[SeriesItem], list[SetAside]]:
    """Return the items of slices in display order, and files that make no item.

    Series are told apart by SeriesInstanceUID and patient, then by orientation, size and, where
    positions repeat, by what the headers say differs, last by instance number.
    """
    series: dict[Hashable, list[SliceHeader]] = defaultdict(list)
    for header in sorted(headers, key=lambda h: (natural_key(h.path), h.frame or 0)):
        uid: Hashable = header.series_uid or (
            os.path.dirname(header.path),
            header.series_number,
            header.title,
        )
        series[uid, header.patient_hash, header.modality].append(header)
    frames = Counter(h.path for h in headers if h.frame is not None)
    items: list[tuple[tuple[object, ...], SeriesItem]] = []
    broken: list[SliceHeader] = []
    for members in series.values():
        groups = []
        for group in _split_series(members):
            if all(s.defect for s in group.slices):
                broken.extend(group.slices)
                broken.extend(
                    s if s.defect else replace(s, defect="goes with files that cannot be read")
                    for s in group.companions
                )
            else:
                groups.append(group)
        # All volumes of a series have its path, so that they stand in their order in time.
        path = _common_path({s.path for s in members})
        for number, group in enumerate(groups):
            item = _item(group, number, len(groups), path, frames)
            order = (natural_key(item.path), group.slices[0].series_number or 0, number)
            items.append((order, item))
    items.sort(key=lambda pair: pair[0])
    crowded = _folders_of_several(headers)
    placed = {file for _, item in items for file in item.files}
    reasons: dict[str, str] = {}
    for one in broken:
        if one.path not in placed:
            reasons.setdefault(one.path, one.defect)
    aside = [SetAside(file, reason) for file, reason in reasons.items()]
    return [_with_patients(item, crowded) for _, item in items], aside


def _folders_of_several(headers: Sequence[SliceHeader]) -> dict[str, int]:
    """Return how many patients the images of a folder are of, where that is more than one."""
    patients: dict[str, set[str]] = defaultdict(set)
    for header in headers:
        patients[os.path.dirname(header.path)].add(header.patient_hash)
    return {folder: len(hashes) for folder, hashes in patients.items() if len(hashes) > 1}


def _with_patients(item: SeriesItem, crowded: dict[str, int]) -> SeriesItem:
    count = max((crowded.get(os.path.dirname(file), 1) for file in item.files), default=1)
    if count < 2:
        return item
    warning = LoadWarning(
        "several_patients",
        f"The folder holds images of {count} patients or identities; this series is of one of "
        "them. Check that it is the one you mean.",
    )
    return replace(item, warnings=(*item.warnings, warning))


def _common_path(files: set[str]) -> str:
    if len(files) == 1:
        return next(iter(files))
    return os.path.commonpath({os.path.dirname(file) for file in files})


def _item(group: Group, number: int, count: int, path: str, frames: Counter[str]) -> SeriesItem:
    first = group.slices[0]
    members = (*group.slices, *group.companions)
    files = tuple(dict.fromkeys(s.path for s in members))
    identity = "\x00".join(
        (
            first.series_uid,
            first.patient_hash,
            str(number),
            *sorted(s.sop_uid for s in group.slices),
        )
    )
    title = first.title
    if count > 1:
        label = f", {group.label}" if group.label else ""
        title = f"{title} (volume {number + 1} of {count}{label})"
    return SeriesItem(
        reader="dicom",
        path=path,
        files=files,
        key=hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:16],
        title=title,
        modality=first.modality,
        part=write_part(files, members, frames),
        warnings=_dealt_warnings(group),
    )


def _dealt_warnings(group: Group) -> tuple[LoadWarning, ...]:
    warnings = []
    if len(group.slices) < group.places:
        warnings.append(
            LoadWarning(
                "incomplete_volume",
                f"The volume has {plural(len(group.slices), 'slice')} where others of its series "
                f"have up to {group.places}; it does not cover the same part of the body.",
            )
        )
    if not group.is_dealt:
        return tuple(warnings)
    return (
        *warnings,
        LoadWarning(
            "same_position",
            "Several images lie at each position and nothing in their headers tells them apart; "
            "they were dealt to volumes by instance number.",
            tuple(dict.fromkeys(one.path for one in group.slices))[:16],
        ),
    )


def _split_series(members: list[SliceHeader]) -> list[Group]:
    """Return the groups of one series, the earliest acquired first."""
    groups: list[Group] = []
    stacks = _by_stack(members)
    for label, stack in stacks.items():
        for same_direction in _by_orientation(stack):
            for group in _by_size(same_direction):
                parts = _by_phase(*_without_duplicates(group.slices))
                parts[0].companions.extend(group.companions)
                if len(stacks) > 1:
                    for part in parts:
                        part.label = ", ".join(filter(None, (f"stack {label}", part.label)))
                groups.extend(parts)
    if len(groups) > 1 and all(s.orientation is None for g in groups for s in g.slices):
        return groups
    return sorted(
        groups,
        key=lambda g: min((s.instance if s.instance is not None else 1 << 40) for s in g.slices),
    )


def _by_stack(members: list[SliceHeader]) -> dict[str, list[SliceHeader]]:
    """Split by Stack ID, unless it is that of single frames and so no stack."""
    stacks: dict[str, list[SliceHeader]] = defaultdict(list)
    for member in members:
        stacks[member.stack].append(member)
    return stacks if min(map(len, stacks.values())) > 1 else {"": members}


def _by_orientation(members: list[SliceHeader]) -> list[list[SliceHeader]]:
    bins: list[tuple[np.ndarray | None, list[SliceHeader]]] = []
    for member in members:
        frame = valid_orientation(member)
        for known, slices in bins:
            if (frame is None) == (known is None) and (
                frame is known
                or frame is None
                or known is None
                or float(np.abs(frame[:2] - known[:2]).max()) <= _ORIENTATION_TOLERANCE
            ):
                slices.append(member)
                break
        else:
            bins.append((frame, [member]))
    return [slices for _, slices in bins]


def _by_size(members: list[SliceHeader]) -> list[Group]:
    sizes: dict[Hashable, list[SliceHeader]] = defaultdict(list)
    for member in members:
        sizes[member.format].append(member)
    ordered = sorted(sizes.values(), key=len, reverse=True)
    groups = [Group(ordered[0])]
    for slices in ordered[1:]:
        if len(slices) <= _STRAY_SHARE * len(ordered[0]):
            groups[0].companions.extend(slices)
        else:
            groups.append(Group(slices))
    return groups


def _without_duplicates(
    slices: list[SliceHeader],
) -> tuple[list[SliceHeader], dict[str, list[SliceHeader]]]:
    """Return one slice per SOPInstanceUID, the readable one, and the others by that UID."""
    kept: dict[str, SliceHeader] = {}
    others: dict[str, list[SliceHeader]] = defaultdict(list)
    unnamed: list[SliceHeader] = []
    for one in slices:
        if not one.sop_uid:
            unnamed.append(one)
        elif one.sop_uid not in kept:
            kept[one.sop_uid] = one
        elif kept[one.sop_uid].defect and not one.defect:
            others[one.sop_uid].append(kept[one.sop_uid])
            kept[one.sop_uid] = one
        else:
            others[one.sop_uid].append(one)
    return [*kept.values(), *unnamed], others


def _by_phase(slices: list[SliceHeader], duplicates: dict[str, list[SliceHeader]]) -> list[Group]:
    """Split slices whose positions repeat into volumes in which none repeats."""
    frame = valid_orientation(slices[0])
    normal = None if frame is None else frame[2]
    along = [position_along(s, normal) for s in slices]
    placed = [(p, s) for p, s in zip(along, slices, strict=True) if p is not None]
    unplaced = [s for p, s in zip(along, slices, strict=True) if p is None]
    if not placed and unplaced[0].modality in _STACKED_MODALITIES:
        parts = [Group(unplaced)]
    elif not placed:
        parts = [Group([one]) for one in unplaced]
    else:
        bins = _position_bins(placed)
        parts = _split_repeats(bins)
        parts[0].companions.extend(unplaced)
    for part in parts:
        for one in part.slices:
            part.companions.extend(duplicates.get(one.sop_uid, ()) if one.sop_uid else ())
    return parts


def _position_bins(placed: list[tuple[float, SliceHeader]]) -> list[list[SliceHeader]]:
    """Return slices at the same position together, along the normal."""
    bins: list[list[SliceHeader]] = []
    last = -np.inf
    for position, one in sorted(placed, key=lambda pair: pair[0]):
        if position - last <= SAME_POSITION_MM:
            bins[-1].append(one)
        else:
            bins.append([one])
            last = position
    return bins


def _split_repeats(bins: list[list[SliceHeader]]) -> list[Group]:
    place = {id(one): number for number, many in enumerate(bins) for one in many}
    parts = [Group([one for many in bins for one in many])]
    names = dict.fromkeys(name for many in bins for one in many for name, _ in one.phases)
    for name in names:
        if not any(_repeats(part.slices, place) for part in parts):
            break
        parts = [piece for part in parts for piece in _split_by(part, name, place)]
    parts = [piece for part in parts for piece in _split_by_turn(part, place)]
    if len(parts) > 1:
        for part in parts:
            part.places = len(bins)
    return parts


def _repeats(slices: list[SliceHeader], place: dict[int, int]) -> bool:
    return len({place[id(s)] for s in slices}) < len(slices)


def _split_by(part: Group, name: str, place: dict[int, int]) -> list[Group]:
    """Split by one header value if that yields volumes, not single slices of one."""
    values: dict[str, list[SliceHeader]] = defaultdict(list)
    for one in part.slices:
        values[dict(one.phases).get(name, "")].append(one)
    if len(values) < 2 or not _repeats(part.slices, place):
        return [part]
    whole = len({place[id(s)] for s in part.slices})
    covered = [len({place[id(s)] for s in slices}) for slices in values.values()]
    if min(covered) < 0.5 * whole:
        return [part]
    return [
        Group(slices, label=", ".join(filter(None, (part.label, words))))
        for slices, words in zip(values.values(), _labels(name, list(values)), strict=True)
    ]


#: Codes of image types (C.7.6.1.1.2, C.8.3.1.1.1, C.8.13.3.1) in words.
_TYPE_WORDS = {"m": "magnitude", "p": "phase", "r": "real", "i": "imaginary"}
#: Values that say nothing to a reader of the title.
_UNNAMED = frozenset({"diffusion direction", "acquisition", "velocity encoding"})


def _labels(name: str, values: list[str]) -> list[str]:
    """Return what tells each value from the others, in words."""
    if name in _UNNAMED:
        return [""] * len(values)
    if name == "image type":
        types = [value.lower().split("\\") for value in values]
        common = set(types[0]).intersection(*types[1:])
        return [
            " ".join(_TYPE_WORDS.get(w, w.replace("_", " ")) for w in words if w not in common)[:32]
            for words in types
        ]
    if name in ("component", "diffusion", "label"):
        return [value.lower().replace("_", " ")[:16] for value in values]
    return [f"{name} {value[:12]}" if value else "" for value in values]


def _split_by_turn(part: Group, place: dict[int, int]) -> list[Group]:
    """Deal slices at the same position to volumes in order of instance number.

    A few extra slices are no volume: they stay with the volume, and the read names them.
    """
    at: dict[int, list[SliceHeader]] = defaultdict(list)
    for one in part.slices:
        at[place[id(one)]].append(one)
    depth = max(map(len, at.values()))
    if depth == 1:
        return [part]
    for many in at.values():
        many.sort(key=lambda s: (s.instance or 0, natural_key(s.path)))
    extra = len(part.slices) - len(at)
    if extra <= max(1.0, _STRAY_SHARE * len(at)) and len(at) > 1:
        kept = [_first_readable(many) for many in at.values()]
        chosen = {id(one) for one in kept}
        rest = [one for one in part.slices if id(one) not in chosen]
        return [Group(kept, [*part.companions, *rest], part.label)]
    turns = [
        Group(
            [many[turn] for many in at.values() if len(many) > turn],
            label=part.label,
        )
        for turn in range(depth)
    ]
    turns[0].companions.extend(part.companions)
    places = list(at.values())
    if len(at) == 1 or not (_follow_each_other(turns) or _repeat_in_place(places)):
        for group in turns:
            group.is_dealt = True
    return turns


def _follow_each_other(turns: list[Group]) -> bool:
    """Whether each volume has instance numbers beyond those of the one before: scans in time."""
    last = -1
    for turn in turns:
        numbers = [s.instance for s in turn.slices if s.instance is not None]
        if len(numbers) < len(turn.slices) or min(numbers) <= last:
            return False
        last = max(numbers)
    return True


def _repeat_in_place(places: list[list[SliceHeader]]) -> bool:
    """Whether images were made place by place, all of one place in a row."""
    numbers = [[-1 if s.instance is None else s.instance for s in many] for many in places]
    flat = [number for many in numbers for number in many]
    return len(set(flat)) == len(flat) and all(
        max(many) - min(many) + 1 == len(many) for many in numbers
    )


def _first_readable(many: list[SliceHeader]) -> SliceHeader:
    return next((one for one in many if not one.defect), many[0])
