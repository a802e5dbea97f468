"""The report of a video: frames instead of slices, and no number where none was measured."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from acutance.core.ledger import Ledger, LoadedVideo, LoadWarning, SeriesItem
from acutance.core.quality import ModelFacts, QualityResult, Verdict
from acutance.core.video import VideoSource
from acutance.errors import ExportError
from acutance.export.contact_sheet import SheetFrame, frame_pictures
from acutance.export.exporters import write_video_report
from acutance.export.record import series_record

HOSTILE = "<script>alert(1)</script>"


def loaded(channels: int = 3, count: int = 30, **values: object) -> LoadedVideo:
    video = VideoSource(
        np.arange(count) / 25.0, 24, 48, channels, np.dtype(np.uint8),
        frame_time_source="frame time", modality="US", name=HOSTILE, **values,
    )  # type: ignore[arg-type]  # fmt: skip
    item = SeriesItem("dicom", "/scans/Doe^Jane/a.dcm", ("/scans/Doe^Jane/a.dcm",), kind="video")
    warning = LoadWarning("damaged_frames", f"Bad frames: 1 of 30 {HOSTILE}")
    return LoadedVideo(item, video, Ledger(1, 1), (warning,), ("compressed with loss",))


def grey() -> QualityResult:
    parameters = {"threshold_usable": 0.85, "threshold_repeat": 0.6, "planes": []}
    return QualityResult(
        Verdict.NOT_ASSESSED, "a video; the network was trained on slices of brain MR", False,
        None, (), (), ModelFacts("iqa_resnet18", "1", "ab" * 32), "cpu", parameters, 0.1,
    )  # fmt: skip


def frames(video: VideoSource, numbers: tuple[int, ...]) -> list[SheetFrame]:
    return [
        SheetFrame(n, float(video.times[n]), np.full(video.shape[1:], 40 + n, np.uint8))
        for n in numbers
    ]


def test_json_sheet_and_html_are_written(tmp_path: Path) -> None:
    one = loaded()
    shown = frames(one.video, (1, 9, 20, 28, 29))
    record = series_record(one, grey(), seconds=1.0)
    written = write_video_report(one, shown, grey(), record, tmp_path / "new")
    assert [path.suffix for path in written] == [".json", ".png", ".html"]
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == sorted(p.name for p in written)
    plain = json.loads(written[0].read_text())
    assert (plain["verdict"], plain["ssim_pred"], plain["slices"]) == ("not_assessed", None, [])
    assert (plain["kind"], plain["frames"], plain["frame_time_source"]) == (
        "video", 30, "frame time",
    )  # fmt: skip
    with Image.open(written[1]) as sheet:
        values = np.asarray(sheet)
    assert set(range(41, 70)) & set(map(int, np.unique(values))) >= {41, 49, 60, 68, 69}
    text = written[2].read_text()
    assert HOSTILE not in text
    assert "Doe" not in text
    assert len(re.findall(r"<img ", text)) == 5
    for words in ("frame 10, 0.36 s", "30 frames", "frame time", "Not assessed", "Bad frames"):
        assert words in text
    assert "Score strip" not in text
    assert "predicted SSIM" not in text
    assert not re.search(r"<script|src=\"http|href=", text)


@pytest.mark.parametrize(
    ("values", "box"),
    [({}, (100, 50)), ({"pixel_spacing": (2.0, 1.0)}, (100, 100)),
     ({"facts": {"pixel_aspect": 0.5}}, (100, 100))],
)  # fmt: skip
def test_frames_are_shown_in_true_proportions(
    values: dict[str, object], box: tuple[int, int]
) -> None:
    one = loaded(1, **values)
    picture = frame_pictures(one.video, frames(one.video, (29,)), 100)[0]
    left, top, right, bottom = picture.getbbox() or (0, 0, 0, 0)
    assert (right - left, bottom - top) == pytest.approx(box, abs=2)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    one = loaded()
    with pytest.raises(ExportError, match="could not be written"):
        write_video_report(one, frames(one.video, (0,)), grey(), {}, tmp_path / "file" / "x")
