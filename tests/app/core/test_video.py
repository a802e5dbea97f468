"""`acutance.core.video`: times, rates, and what can be no video."""

from __future__ import annotations

import numpy as np
import pytest

from acutance.core.video import Video, VideoSource


def make_source(times: list[float], **fields: object) -> VideoSource:
    values: dict[str, object] = {"height": 4, "width": 6, "channels": 3, "dtype": np.dtype("u1")}
    return VideoSource(np.array(times), **(values | fields))  # type: ignore[arg-type]


def test_rate_and_duration_are_those_of_the_times() -> None:
    source = make_source([0.0, 0.04, 0.08, 0.12])
    assert source.frame_rate == pytest.approx(25.0)
    assert source.duration == pytest.approx(0.16)
    assert source.shape == (4, 4, 6, 3)


def test_one_frame_has_no_rate() -> None:
    assert (make_source([0.0]).frame_rate, make_source([0.0]).duration) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("times", "fields"),
    [
        ([], {}),
        ([0.0, 0.0], {}),
        ([0.0, float("nan")], {}),
        ([0.0], {"channels": 2}),
        ([0.0], {"height": 0}),
        ([0.0], {"dtype": np.dtype("f4")}),
    ],
)
def test_what_can_be_no_video_is_refused(times: list[float], fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="frame"):
        make_source(times, **fields)


def test_frames_need_one_time_each() -> None:
    with pytest.raises(ValueError, match="one time per frame"):
        Video(np.zeros((2, 4, 4, 1), np.uint8), np.zeros(3))
