"""Write the tables of docs/formats.md: what every file of a data folder gave, beside two peers.

Run: python bench/make_formats_table.py DATA [--peers PYTHON] [--only TEXT]
DATA holds folders dicom, video and mr-*; PYTHON is that of an environment of its own with
SimpleITK, dcm2niix and nibabel, which are no part of Acutance. Without it the columns of the peers
say "not compared". Only the part of the page between its two marks is replaced.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "app"))

import numpy as np

from acutance.core.ledger import LoadedSeries, LoadedVideo
from acutance.errors import AcutanceError
from acutance.jobs.runner import Runner

PAGE = Path(__file__).resolve().parents[1] / "docs" / "formats.md"
BEGIN, END = "<!-- made by bench/make_formats_table.py -->", "<!-- end -->"
PEERS = ("simpleitk", "dcm2niix")
#: The goal for placements, in mm.
AFFINE_MM = 1e-4
#: Folders whose files are no series but each a case of its own.
_SINGLE = ("malformed", "transfer-syntaxes", "cine")


@dataclass
class PeerVolume:
    """What a peer gave: voxels and affine."""

    array: np.ndarray
    affine: np.ndarray


@dataclass
class Row:
    """One line of the table."""

    name: str
    gave: str
    shape: str = ""
    spacing: str = ""
    values: str = ""
    remarks: list[str] = field(default_factory=list)
    peers: dict[str, str] = field(default_factory=dict)


def cases(data: Path) -> list[tuple[str, Path]]:
    """Return heading and path of everything that is read on its own."""
    found = []
    for folder in sorted((data / "dicom").iterdir()):
        if folder.name in _SINGLE:
            found += [(f"dicom/{folder.name}", p) for p in sorted(folder.iterdir())]
        else:
            found.append(("dicom", folder))
    for folder in sorted(data.glob("mr-*")):
        files = [p for p in sorted(folder.rglob("*")) if p.is_file()]
        found += [(folder.name, p) for p in files if ".nii" in p.name]
    found += [("video", p) for p in sorted((data / "video").iterdir())]
    return found


def read_peers(python: str | None, path: Path) -> dict[str, list[PeerVolume]] | None:
    """Return the volumes of each peer, None where there is none to ask."""
    if python is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        script = Path(__file__).with_name("read_with_peers.py")
        subprocess.run(
            [python, str(script), str(path), folder], capture_output=True, timeout=400, check=False
        )
        try:
            listed = json.loads((Path(folder) / "volumes.json").read_text())
        except OSError:
            return {}
        return {
            name: [
                PeerVolume(np.load(Path(folder) / v["file"]), np.array(v["affine"]))
                for v in volumes
            ]
            for name, volumes in listed.items()
        }


def compare(loaded: LoadedSeries, volumes: list[PeerVolume]) -> str:
    """Return in words how a volume of ours agrees with what a peer gave."""
    if not volumes:
        return "not read"
    volume = loaded.volume
    real = np.asarray(volume.array, np.float64) * volume.slope + volume.intercept
    said: list[tuple[int, str]] = []
    for peer in volumes:
        array = peer.array.reshape(peer.array.shape + (1,) * (3 - peer.array.ndim))
        if volume.is_colour and array.shape[-1] != 3:
            said.append((3, "no colours"))
            continue
        affine = peer.affine.copy()
        if volume.shape[2] == array.shape[2] == 1:
            affine[:3, 2] = volume.affine[:3, 2]  # there is no step across one slice
        signs = _turn(volume.affine, affine)
        if array.shape[:2] == volume.shape[:2] and array.shape[2] > volume.shape[2]:
            if _holds_slices(real, array):
                said.append((1, f"equal slices, in one stack of {array.shape[2]}"))
            else:
                said.append((3, f"one stack of {array.shape[2]}, other values"))
            continue
        if signs is None or not volume.orientation_known:
            least = min(_difference(real, array[turn]) for turn in _FLIPS)
            known = "placed elsewhere" if volume.orientation_known else "no placement to compare"
            if least == 0:
                said.append((1, f"equal values, {known}"))
            elif np.isfinite(least):
                said.append((2, f"values differ by up to {least:.3g}"))
            else:
                said.append((4, "other shape " + " × ".join(map(str, array.shape))))
            continue
        turned = _turned(array, signs)
        if turned.shape[:3] != volume.shape:
            said.append((3, "other shape " + " × ".join(map(str, array.shape))))
            continue
        apart = _apart(volume.affine, affine, signs, array.shape)
        least = _difference(real, turned)
        words = "equal" if least == 0 else f"values differ by up to {least:.3g}"
        place = "" if apart <= AFFINE_MM else f", {apart:.3g} mm apart"
        said.append((0 if words + place == "equal" else 1 if least == 0 else 2, words + place))
    return min(said)[1]


#: Ways in which a writer may turn axes where no placement is stated.
_FLIPS = tuple(
    (slice(None, None, i), slice(None, None, j), slice(None, None, k))
    for i in (1, -1)
    for j in (1, -1)
    for k in (1, -1)
)


def _turn(grid: np.ndarray, other: np.ndarray) -> np.ndarray | None:
    """Return which axis is which, and its sign, from voxels of `grid` to those of `other`."""
    try:
        signs = np.rint((np.linalg.inv(other) @ grid)[:3, :3])
    except np.linalg.LinAlgError:
        return None
    once = np.abs(signs).sum(axis=0), np.abs(signs).sum(axis=1)
    return signs if all((sums == 1).all() for sums in once) else None


def _turned(array: np.ndarray, signs: np.ndarray) -> np.ndarray:
    order = [int(np.argmax(np.abs(signs[:, axis]))) for axis in range(3)]
    turned = array.transpose(*order, *range(3, array.ndim))
    return turned[tuple(slice(None, None, int(signs[order[a], a])) for a in range(3))]


def _holds_slices(real: np.ndarray, array: np.ndarray) -> bool:
    """Whether every slice of ours is one of a stack of more, turned over or not."""
    stack = np.asarray(array, np.float64)
    return all(
        any(
            _difference(one[..., None], turned[:, :, k : k + 1]) == 0
            for turned in (stack, stack[:, ::-1])
            for k in range(stack.shape[2])
        )
        for one in np.moveaxis(real, 2, 0)
    )


def _difference(real: np.ndarray, array: np.ndarray) -> float:
    """Return the greatest difference, of the volume of several that is nearest; 0 up to float32."""
    if array.shape[:3] != real.shape[:3]:
        return np.inf
    several = np.moveaxis(array, 3, 0) if array.ndim > real.ndim else [array]
    scale = max(1.0, float(np.nanmax(np.abs(real))))
    least = np.inf
    for one in several:
        apart = np.abs(np.asarray(one, np.float64).reshape(real.shape) - real)
        least = min(least, float(np.nanmax(apart)))
    return 0.0 if least <= 1e-6 * scale else least


def _apart(grid: np.ndarray, other: np.ndarray, signs: np.ndarray, shape: tuple[int, ...]) -> float:
    """Return how far apart in mm the same voxel lies, at most, by the two affines."""
    exact = np.eye(4)
    exact[:3, :3] = signs
    for row in range(3):
        if signs[row].sum() < 0:
            exact[row, 3] = shape[row] - 1
    last = [shape[int(np.argmax(np.abs(signs[:, axis])))] - 1 for axis in range(3)]
    ends = [(0, end) for end in last]
    corners = np.array([[i, j, k, 1] for i in ends[0] for j in ends[1] for k in ends[2]])
    difference = corners @ (other @ exact - grid).T
    return float(np.linalg.norm(difference[:, :3], axis=1).max())


def _shapes(volumes: list[PeerVolume]) -> str:
    shapes = dict.fromkeys(" × ".join(map(str, v.array.shape)) for v in volumes)
    return "gives " + ", ".join(shapes) if shapes else "not read"


def rows_of(path: Path, runner: Runner, python: str | None) -> list[Row]:
    """Return a row for each thing that a path held."""
    try:
        index = runner.index([path]).value()
    except AcutanceError as error:
        return [Row(path.name, "refused", remarks=[error.message])]
    if not index.items:
        reasons = list(dict.fromkeys(s.reason for s in index.set_aside))
        refused = Row(path.name, "refused", remarks=reasons[:3])
        peers = read_peers(python, path) if path.suffix == ".dcm" else {}
        refused.peers = {
            name: "not compared" if peers is None else _shapes(peers.get(name, []))
            for name in PEERS
        }
        return [refused]
    peers = None
    rows = []
    for number, item in enumerate(index.items):
        name = path.name if len(index.items) == 1 else f"{path.name} {number + 1}"
        try:
            loaded = runner.read(item).value()
        except AcutanceError as error:
            rows.append(Row(name, "refused", remarks=[error.message]))
            continue
        remarks = [f"`{w.name}`" for w in loaded.warnings]
        remarks += list(loaded.notes)
        reasons = dict.fromkeys(s.reason for s in loaded.ledger.set_aside)
        remarks += [f"set aside: {reason}" for reason in list(reasons)[:2]]
        if isinstance(loaded, LoadedVideo):
            video = loaded.video
            shape = " × ".join(map(str, video.shape))
            rate = f"{video.frame_rate:.4g}/s ({video.frame_time_source})"
            rows.append(Row(name, "video", shape, rate, video.dtype.name, remarks))
            continue
        volume = loaded.volume
        if item.extra_axes:
            axes = ", ".join(f"{axis.name} {axis.size}" for axis in item.extra_axes)
            remarks.insert(0, f"further axes: {axes}")
        if peers is None:
            peers = read_peers(python, path)
        label = item.title.rpartition("(")[2].rstrip(")") if "(volume" in item.title else ""
        row = Row(
            name + (f": {label}" if label else ""),
            "colour volume" if volume.is_colour else "volume",
            " × ".join(map(str, volume.shape)),
            " × ".join(f"{s:.4g}" for s in volume.spacing) if volume.spacing_known else "unknown",
            volume.array.dtype.name,
            remarks,
        )
        for peer in PEERS:
            if peers is None:
                row.peers[peer] = "not compared"
            elif peer in peers:
                row.peers[peer] = compare(loaded, peers[peer])
            else:
                row.peers[peer] = ""
        rows.append(row)
    return rows


def as_markdown(sections: dict[str, list[Row]]) -> str:
    """Return the tables."""
    lines = []
    for heading, rows in sections.items():
        lines += ["", f"### {heading}", ""]
        is_video = heading == "video"
        titles = ["file or series", "gave", "shape", "rate" if is_video else "mm", "stored"]
        titles += ["warnings and remarks"] + ([] if is_video else ["SimpleITK", "dcm2niix"])
        lines += ["| " + " | ".join(titles) + " |", "|" + "---|" * len(titles)]
        for row in rows:
            cells = [row.name, row.gave, row.shape, row.spacing, row.values, "; ".join(row.remarks)]
            cells += [] if is_video else [row.peers.get(peer, "") for peer in PEERS]
            lines.append("| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--peers", metavar="PYTHON", help="a Python with SimpleITK and dcm2niix")
    parser.add_argument("--only", default="", help="paths with this; only prints")
    arguments = parser.parse_args()
    sections: dict[str, list[Row]] = {}
    with Runner(device="cpu") as runner:
        for heading, path in cases(arguments.data):
            if arguments.only in str(path):
                sections.setdefault(heading, []).extend(rows_of(path, runner, arguments.peers))
    text = as_markdown(sections)
    if arguments.only:
        print(text)
        return 0
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
