"""The words in the corners of a frame view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from acutance.core.frames import frame_values
from acutance.qt.language import local, tr, translated
from acutance.qt.viewers.captions import format_value, window_text
from acutance.qt.viewers.overlay import CornerText

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from acutance.core.video import VideoSource
    from acutance.session import Session


def frame_text(
    session: Session,
    video: VideoSource,
    pixel_line: str,
    *,
    zoom: float,
    is_window_tool: bool = False,
    is_narrow: bool = False,
) -> CornerText:
    """Return what stands in the corners; frames count from 1, as in every player.

    Time and frame are those that are drawn, which may lag behind what was asked for.
    """
    playback = session.playback
    number = playback.frame if playback.shown is None else playback.shown[0]
    place = tr("frame {number} / {count}", number=number + 1, count=video.count)
    time = clock_text(float(video.times[number]))
    warning = tr("frame rate assumed") if video.frame_time_source == "assumed" else ""
    if is_narrow:
        return CornerText(top_left=(place,), top_right=(time,), warning=warning)
    active = session.active
    title = video.name or (active.title if active is not None else "")
    waiting = (
        tr("reading frame {frame}…", frame=playback.frame + 1) if number != playback.frame else ""
    )
    right = (time, rate_text(video)) + ((tr("W/L tool"),) if is_window_tool else ())
    colour = tr("colour") if video.channels != 1 else window_text(session.window)
    return CornerText(
        top_left=tuple(filter(None, (title, place, waiting))),
        top_right=right,
        bottom_left=(colour, tr("zoom {zoom:.2f}×", zoom=zoom)),
        bottom_right=(pixel_line,) if pixel_line else (),
        warning=warning,
    )


def rate_text(video: VideoSource) -> str:
    """Return frames per second, and where that comes from."""
    if video.count < 2:
        return tr("one frame")
    about = tr("mean") + " " if video.facts.get("variable_frame_rate") else ""
    return tr(
        "{about}{frame_rate:.4g} fps ({frame_time_source})",
        about=about,
        frame_rate=video.frame_rate,
        frame_time_source=translated(video.frame_time_source),
    )


def pace_text(session: Session) -> str:
    """Return how many frames were dropped and how long the clock waited; empty where neither."""
    playback = session.playback
    parts = []
    if playback.dropped:
        parts.append(tr("{dropped} dropped", dropped=playback.dropped))
    if playback.waited >= 0.05:
        parts.append(tr("waited {waited:.1f} s", waited=playback.waited))
    return ", ".join(parts)


def pixel_text(video: VideoSource, frame: NDArray[Any], row: int, column: int) -> str:
    """Return place and value of a pixel."""
    if video.channels != 1:
        red, green, blue = frame[row, column].tolist()
        value = f"R {red} G {green} B {blue}"
    else:
        found = float(frame_values(video, frame[row : row + 1, column : column + 1])[0, 0])
        value = f"{format_value(found)} {video.unit}".rstrip()
    return tr("pixel {column}, {row}  value {value}", column=column, row=row, value=value)


def clock_text(seconds: float) -> str:
    """Return a time as `"4.37 s"`, from a minute on as `"1:04.37"`."""
    if seconds < 60:
        return tr("{seconds:.2f} s", seconds=seconds)
    minutes, rest = divmod(seconds, 60)
    return local("{minutes}:{rest:05.2f}", minutes=int(minutes), rest=rest)
