"""Write frames of videos as PNG, for the training of restorers.

    python bench/extract_frames.py VIDEOS OUT [--every SECONDS] [--most N] [--for-tests]

Clips wider than 500 pixels are averaged two by two first, so that little is left of their own
compression. Files are named ``CLIP_NNNN.png`` after what stands before the size in the name of the
video. Clips whose licence does not allow training are left out: `EXCLUDED` names them. With
``--for-tests`` they alone are written, for `bench/restoration.py --clips`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import av
import numpy as np
from PIL import Image

EXCLUDED = ("bikes", "cockatoo", "realshort", "codec", "malformed")
BROKEN = "malformed"
WIDE = 500


def main() -> int:
    parser = argparse.ArgumentParser(description="Write frames of videos as PNG.")
    parser.add_argument("videos", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--every", type=float, default=0.4, help="seconds between two frames")
    parser.add_argument("--most", type=int, default=16, help="frames of each clip")
    parser.add_argument("--for-tests", action="store_true", help="clips no training may use")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for path in sorted(options.videos.iterdir()):
        if path.suffix not in (".mp4", ".mkv", ".mov"):
            continue
        if path.name.startswith(EXCLUDED) != options.for_tests or path.name.startswith(BROKEN):
            continue
        clip = path.stem
        head, _, tail = clip.rpartition("_")
        if "x" in tail and tail.replace("x", "").isdigit():
            clip = head
        count = extract(path, options.out, clip, options.every, options.most)
        print(f"{clip}: {count} frames")
    return 0


def extract(path: Path, out: Path, clip: str, every: float, most: int) -> int:
    """Write frames at least so many seconds apart; return how many."""
    count, due = 0, 0.0
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            seconds = float(frame.time or 0.0)
            if seconds < due:
                continue
            due = seconds + every
            picture = frame.to_ndarray(format="rgb24").astype(np.float32)
            if picture.shape[1] > WIDE:
                height, width = (size // 2 * 2 for size in picture.shape[:2])
                blocks = picture[:height, :width].reshape(height // 2, 2, width // 2, 2, 3)
                picture = blocks.mean((1, 3))
            stored = np.clip(picture + 0.5, 0, 255).astype(np.uint8)
            Image.fromarray(stored).save(out / f"{clip}_{count:04d}.png")
            count += 1
            if count == most:
                break
    return count


if __name__ == "__main__":
    raise SystemExit(main())
