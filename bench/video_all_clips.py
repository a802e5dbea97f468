"""Enlarge every clip of a data folder and hold each result against its source.

    PYTHONPATH=app:models:resources python bench/video_all_clips.py DATA [--name PART ...]
        [--weights FILE] [--strength 1] [--scale 4] [--codec ID] [--frames N] [--keep FOLDER]
        [--out REPORT.md]

DATA holds `video/` and `dicom/cine/`. Videos become .mp4 or .mkv as they were (.mkv for others),
cines DICOM and .mp4. Each result is then read by PyAV or pydicom alone, not by our readers: all
frames decode, there are as many as in the source, at its times; the sound is the source's, packet
by packet; pictures stand upright; a frame reduced to the size of its source looks like it. Of a
damaged source no frame that can be decoded may be missing, and it lasts as long. Only a source of
which no frame can be decoded may end in a message, with a remedy. Without --weights a small random
network of the compact family is used; --frames N takes the first N frames of each.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pydicom
from PIL import Image
from video_memory import LAYOUTS, random_weights

from acutance.core.upscaling import UpscaleSettings
from acutance.errors import AcutanceError
from acutance.jobs.runner import Runner
from acutance.upscaling.plan import make_plan
from acutance.upscaling.run import Upscale
from acutance.upscaling.source import open_clip, value_ends

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from numpy.typing import NDArray

#: Unlike by at most so much, in seconds: clocks of containers are rounded.
TIME_TOLERANCE = 2e-3
#: A frame that is reduced again resembles its source at least so much, in dB.
LIKENESS_DB = 24.0
READ_LIMIT_SECONDS = 600.0
VIDEO_ENDINGS = (".mp4", ".mkv")
#: Elements by which a derived object must differ from its source.
NEW = ("SOPInstanceUID", "SeriesInstanceUID")
KEPT = ("StudyInstanceUID", "SOPClassUID", "NumberOfFrames", "BitsStored", "FrameTime")
SPACINGS = ("PixelSpacing", "ImagerPixelSpacing")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument(
        "--name", action="append", default=[], help="only files whose names hold it"
    )
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--strength", type=float, default=1.0, help="0 runs without any network")
    parser.add_argument("--scale", type=int, default=4, choices=(2, 4))
    parser.add_argument("--codec", default="")
    parser.add_argument("--frames", type=int, default=0, help="at most, of each clip")
    parser.add_argument("--keep", type=Path, help="leave the results here")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    sources = [*sorted((options.data / "video").iterdir())]
    sources += sorted((options.data / "dicom" / "cine").glob("*.dcm"))
    if options.name:
        sources = [s for s in sources if any(part in s.name for part in options.name)]
    lines = ["| clip | becomes | frames | seconds | sound tracks | took s | found |"]
    lines.append("|---|---|---|---|---|---|---|")
    print(*lines, sep="\n", flush=True)
    faults = 0
    # A busy machine is no fault of a clip: readers may take long.
    runner = Runner(device="cpu", read_limit_seconds=READ_LIMIT_SECONDS)
    with tempfile.TemporaryDirectory() as name, runner:
        folder = options.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        weights = options.weights
        if weights is None and options.strength:
            weights = random_weights(LAYOUTS["tiny"], Path(name) / "random.safetensors")
        settings = UpscaleSettings(
            options.scale, options.strength, "", "" if weights is None else str(weights)
        )
        for source in sources:
            for target in targets_of(source, folder):
                line, is_fine = try_one(runner, source, target, settings, options)
                faults += not is_fine
                lines.append(line)
                print(line, flush=True)
                if options.keep is None and target.is_file():
                    target.unlink()
    lines.append(f"\n{len(lines) - 2} results, {faults} with a fault.")
    print(lines[-1])
    if options.out:
        options.out.write_text("\n".join(lines) + "\n", "utf-8")
    return 1 if faults else 0


def targets_of(source: Path, folder: Path) -> list[Path]:
    """Return what a source is to become."""
    if source.suffix == ".dcm":
        return [folder / f"{source.stem}.dcm", folder / f"{source.stem}.mp4"]
    ending = source.suffix if source.suffix in VIDEO_ENDINGS else ".mkv"
    return [folder / f"{source.stem}{ending}"]


def try_one(
    runner: Runner, source: Path, target: Path, settings: UpscaleSettings, options: Any
) -> tuple[str, bool]:
    """Enlarge one clip; return its line of the table and whether nothing is wrong."""
    started = time.monotonic()
    try:
        clip = open_clip(runner, source)
        stop = min(clip.video.count, options.frames or clip.video.count)
        codec = options.codec if target.suffix in VIDEO_ENDINGS else ""
        plan = make_plan(clip, target, settings, value_ends(runner, clip), codec=codec, stop=stop)
        outcome = Upscale(runner, plan).run()
    except AcutanceError as error:
        verdict = "as it should" if error.message and error.remedy else "FAULT: no remedy"
        if is_decodable(source):
            verdict = "FAULT: the source can be decoded"
        told = f"message: {error.message} {error.remedy}"
        return f"| {source.name} | {told} | | | | | {verdict} |", verdict[0] == "a"
    seconds = time.monotonic() - started
    if target.suffix == ".dcm":
        faults, told = check_cine(source, target, settings.scale, stop)
    elif source.suffix == ".dcm":
        faults, told = check_shown(clip.video.times[:stop], target)
    else:
        faults, told = check_video(source, target, settings.scale, stop)
    notes = "; ".join((*clip.notes, *outcome.notes))
    verdict = "FAULT: " + "; ".join(faults) if faults else "agrees"
    return (
        f"| {source.name} | {target.suffix} | {outcome.frames} | {told} | {outcome.sound_tracks} "
        f"| {seconds:.0f} | {verdict}{' (' + notes + ')' if notes else ''} |",
        not faults,
    )


def is_decodable(source: Path) -> bool:
    """Return whether a source has a frame for PyAV or pydicom alone; then no message will do."""
    try:
        if source.suffix == ".dcm":
            return bool(pydicom.dcmread(source).pixel_array.size)
        return bool(Seen(source, stop=1).times)
    except (av.FFmpegError, ValueError, AttributeError, NotImplementedError):
        return False


class Seen:
    """What PyAV alone tells of a video: times, some pictures, turn and sound."""

    def __init__(self, path: Path, *, stop: int = 0, is_small: int = 1) -> None:
        self.times: list[Fraction] = []
        self.pictures: dict[int, NDArray[np.uint8]] = {}
        self.turn = 0
        self.is_damaged = False
        with av.open(str(path)) as container:
            stream = max(container.streams.video, key=lambda s: (s.width * s.height, -s.index))
            for frame in self._frames(container, stream):
                if len(self.times) % 16 == 0:
                    pixels = frame.to_ndarray(format="rgb24")
                    self.turn = int(frame.rotation)
                    self.pictures[len(self.times)] = reduced(pixels, is_small)
                self.times.append(frame.pts * frame.time_base)
                if stop and len(self.times) >= stop:
                    break
            self.size = (stream.width, stream.height)
            self.aspect = stream.sample_aspect_ratio or 1
        self.sounds: list[list[tuple[float, bytes]]] = []
        with av.open(str(path)) as container:
            for track in container.streams.audio:
                unit = float(track.time_base or 1)
                container.seek(0)
                packets = container.demux(track)
                self.sounds.append(
                    [(p.pts * unit, bytes(p)) for p in packets if p.size and p.pts is not None]
                )

    def _frames(self, container: Any, stream: Any) -> Iterator[Any]:
        """Yield all frames that can be decoded, and note whether some cannot."""
        packets, packet = container.demux(stream), None
        while True:
            try:
                for packet in packets:
                    yield from packet.decode()
                return
            except av.FFmpegError:
                self.is_damaged = True
                if packet is None or not packet.size:
                    return


def reduced(pixels: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    """Return a picture with each pixel the mean of those it covers."""
    if scale == 1:
        return pixels
    height, width = (side // scale for side in pixels.shape[:2])
    box = pixels[: height * scale, : width * scale].astype(np.float32)
    found: NDArray[np.uint8] = (
        box.reshape(height, scale, width, scale, 3).mean((1, 3)).round().astype(np.uint8)
    )
    return found


def check_video(source: Path, target: Path, scale: int, stop: int) -> tuple[list[str], str]:
    """Return what is wrong with an enlarged video, and its seconds."""
    before, after = Seen(source, stop=stop), Seen(target, is_small=scale)
    faults = []
    if before.is_damaged:
        faults += damage_faults(before, after)
        before.pictures = {}  # their numbers are not those of the result
    elif len(before.times) != len(after.times):
        faults.append(f"{len(after.times)} frames of {len(before.times)}")
    else:
        steps = [
            np.array([float(t - seen.times[0]) for t in seen.times]) for seen in (before, after)
        ]
        late = float(np.abs(steps[0] - steps[1]).max())
        if late > TIME_TOLERANCE:
            faults.append(f"a frame is shown {late:.4f} s off")
    if after.turn:
        faults.append(f"turned by {after.turn} degrees once more")
    is_lying = before.turn % 180 != 0
    wide, high = before.size[::-1] if is_lying else before.size
    even = [scale * side + scale * side % 2 for side in (wide, high)]
    if list(after.size) != even:
        faults.append(f"{after.size} pixels in the place of {even}")
    for number, picture in before.pictures.items():
        upright = np.rot90(picture, before.turn // 90) if before.turn else picture
        small = after.pictures.get(number)
        if small is not None and (found := likeness(upright, small)) < LIKENESS_DB:
            faults.append(f"frame {number + 1} resembles its source by {found:.1f} dB only")
            break
    faults += sound_faults(before, after, is_part=len(before.times) == stop and stop > 0)
    return faults, f"{float(after.times[-1] - after.times[0]):.3f}"


def damage_faults(before: Seen, after: Seen) -> list[str]:
    """Return what is wrong with the result of a damaged source."""
    faults = []
    if len(after.times) < len(before.times):
        faults.append(f"{len(after.times)} frames, but {len(before.times)} can be decoded")
    lasts = [float(seen.times[-1] - seen.times[0]) for seen in (before, after)]
    if abs(lasts[0] - lasts[1]) > TIME_TOLERANCE:
        faults.append(f"lasts {lasts[1]:.3f} s in the place of {lasts[0]:.3f} s")
    return faults


def sound_faults(before: Seen, after: Seen, *, is_part: bool) -> list[str]:
    """Return what is wrong with the sound: packets that are lost, changed or moved."""
    if len(before.sounds) != len(after.sounds):
        return [f"{len(after.sounds)} sound tracks of {len(before.sounds)}"]
    faults = []
    for number, (one, other) in enumerate(zip(before.sounds, after.sounds, strict=True), start=1):
        if not one:
            continue
        data = [packet for _, packet in one]
        kept = [packet for _, packet in other]
        begin = data.index(kept[0]) if kept and kept[0] in data else -1
        if begin < 0 or data[begin : begin + len(kept)] != kept:
            faults.append(f"sound track {number} differs")
            continue
        if not is_part and len(kept) != len(data):
            faults.append(f"sound track {number} has {len(kept)} packets of {len(data)}")
        ahead = [
            float(times[at][0]) - float(seen.times[0])
            for seen, times, at in ((before, one, begin), (after, other, 0))
        ]
        if abs(ahead[0] - ahead[1]) > 2 * TIME_TOLERANCE:
            faults.append(f"sound track {number} is {ahead[1] - ahead[0]:+.3f} s off")
    return faults


def check_shown(times: NDArray[Any], target: Path) -> tuple[list[str], str]:
    """Return what is wrong with a cine that became a video, and its seconds."""
    after = Seen(target)
    faults = []
    if len(after.times) != len(times):
        faults.append(f"{len(after.times)} frames of {len(times)}")
    else:
        found = np.array([float(t - after.times[0]) for t in after.times])
        late = float(np.abs(found - (times - times[0])).max())
        if late > TIME_TOLERANCE:
            faults.append(f"a frame is shown {late:.4f} s off")
    return faults, f"{float(after.times[-1] - after.times[0]):.3f}"


def check_cine(source: Path, target: Path, scale: int, stop: int) -> tuple[list[str], str]:
    """Return what is wrong with a derived object, and its seconds."""
    before, after = pydicom.dcmread(source), pydicom.dcmread(target)
    faults = [f"{name} is the source's" for name in NEW if before[name].value == after[name].value]
    if list(after.ImageType[:2]) != ["DERIVED", "SECONDARY"]:
        faults.append("not called derived")
    is_whole = stop == int(before.NumberOfFrames)
    for name in KEPT:
        if name in before and before.get(name) != after.get(name) and is_whole:
            faults.append(f"{name} is {after.get(name)} and was {before.get(name)}")
    if (after.Rows, after.Columns) != (scale * before.Rows, scale * before.Columns):
        faults.append(f"{after.Columns} x {after.Rows} pixels")
    for name in SPACINGS:
        if name in before:
            wanted = [float(mm) / scale for mm in before[name].value]
            if not np.allclose([float(mm) for mm in after[name].value], wanted, rtol=1e-6):
                faults.append(f"{name} is {after[name].value}")
    faults += region_faults(before, after, scale)
    frames = after.pixel_array
    if len(frames) != stop:
        faults.append(f"{len(frames)} frames of {stop}")
    video = float(after.get("FrameTime", 0.0)) * (len(frames) - 1) / 1000.0
    return faults, f"{video:.3f}"


def region_faults(before: Any, after: Any, scale: int) -> list[str]:
    """Return what is wrong with the calibration of ultrasound regions."""
    old = before.get("SequenceOfUltrasoundRegions", [])
    new = after.get("SequenceOfUltrasoundRegions", [])
    if len(old) != len(new):
        return [f"{len(new)} ultrasound regions of {len(old)}"]
    faults = []
    for one, other in zip(old, new, strict=True):
        if not np.isclose(float(other.PhysicalDeltaX) * scale, float(one.PhysicalDeltaX)):
            faults.append(f"PhysicalDeltaX is {other.PhysicalDeltaX}, was {one.PhysicalDeltaX}")
        if other.RegionLocationMinX0 != scale * one.RegionLocationMinX0:
            faults.append("an ultrasound region has moved")
    return faults


def likeness(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Return the peak signal-to-noise ratio of two pictures of about one size, in dB."""
    if one.shape != other.shape:
        other = np.asarray(Image.fromarray(other).resize(one.shape[1::-1], Image.Resampling.BOX))
    error = float(np.mean((one.astype(np.float64) - other) ** 2))
    return 10.0 * float(np.log10(255.0**2 / max(error, 1e-10)))


if __name__ == "__main__":
    raise SystemExit(main())
