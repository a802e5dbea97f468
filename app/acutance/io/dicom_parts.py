"""Which frames of which files make an item, as the one line that `SeriesItem.part` is.

One entry per file, in the order of `SeriesItem.files`, joined by ``|``; an entry lists frames,
counted from 1, as numbers and as runs with a step: ``1-64|1-63/2,100``. An empty entry stands for
all of a file.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from acutance.io.dicom_slice import SliceHeader


def write_part(files: Sequence[str], slices: Iterable[SliceHeader], whole: dict[str, int]) -> str:
    """Return the part of `files` that some slices are, `""` for all of them.

    Parameters
    ----------
    files : sequence of str
    slices : iterable of SliceHeader
    whole : dict of str to int
        How many frames each file of several slices holds; classic files are not in it.
    """
    frames: dict[str, list[int]] = defaultdict(list)
    for one in slices:
        if one.frame is not None:
            frames[one.path].append(one.frame)
    entries = [
        "" if len(frames[file]) == whole.get(file, 0) else _runs(sorted(frames[file]))
        for file in files
    ]
    return "|".join(entries) if any(entries) else ""


def read_part(part: str, files: Sequence[str]) -> dict[str, frozenset[int] | None]:
    """Return the frames of each file, from 0, None for all of a file.

    Raises
    ------
    ValueError
        If the part is none that `write_part` writes for so many files.
    """
    if not part:
        return dict.fromkeys(files)
    entries = part.split("|")
    if len(entries) != len(files):
        raise ValueError(f"part names {len(entries)} files, not {len(files)}")
    return {
        file: _frames(entry) if entry else None for file, entry in zip(files, entries, strict=True)
    }


def _runs(frames: Sequence[int]) -> str:
    words = []
    at = 0
    while at < len(frames):
        end = at + 1
        step = frames[end] - frames[at] if end < len(frames) else 1
        while end < len(frames) and frames[end] - frames[end - 1] == step:
            end += 1
        if end - at < 3:
            words.append(str(frames[at] + 1))
            at += 1
            continue
        words.append(f"{frames[at] + 1}-{frames[end - 1] + 1}" + (f"/{step}" if step > 1 else ""))
        at = end
    return ",".join(words)


def _frames(entry: str) -> frozenset[int]:
    found: set[int] = set()
    for word in entry.split(","):
        run, _, step = word.partition("/")
        first, _, last = run.partition("-")
        start, stop, stride = int(first), int(last or first), int(step or 1)
        if not 1 <= start <= stop <= 1 << 20 or stride < 1:
            raise ValueError(f"{word!r} is no run of frames")
        found.update(range(start - 1, stop, stride))
    return frozenset(found)
