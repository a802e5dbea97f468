"""The words in the corners of a view."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from acutance.core.affine import to_index, to_world
from acutance.qt.language import language, numeral, tr, translated
from acutance.qt.viewers.overlay import CornerText
from acutance.session.panes import LINK_ACTIONS
from acutance.session.tools import BRUSH, FILL

if TYPE_CHECKING:
    from acutance.core.slicing import SliceGeometry
    from acutance.core.volume import Volume
    from acutance.core.window import Window
    from acutance.session import Session
    from acutance.session.panes import Pane

Point = tuple[float, float, float]


def corner_text(
    session: Session,
    pane: Pane,
    geometry: SliceGeometry,
    hovered: Point | None,
    *,
    zoom: float,
    is_window_tool: bool = False,
    is_narrow: bool = False,
    shows_name: bool = True,
    shows_tool: bool = True,
) -> CornerText:
    """Return what stands in the corners; a narrow view shows only what tells slices apart.

    That the plane was turned, or is drawn otherwise, is always told; the name of the series is
    left out where it shall not be shown, and so is the tool in hand.

    Index, position and value are those under the pointer, else those at the cursor. Slices count
    from 0, in file order, as in every report.
    """
    volume, active = pane.volume, pane.entry
    if volume is None or active is None:
        return CornerText()
    place = place_text(pane, geometry)
    convention = tr("RAD") if session.convention == "radiological" else tr("NEU")
    warning = "" if volume.orientation_known else tr("sides unknown")
    if is_narrow:
        right = (convention, *look_words(session, pane))
        return CornerText(top_left=(place,), top_right=right, warning=warning)
    tool = tool_words(session, is_window_tool=is_window_tool) if shows_tool else ()
    words = (*tool, *state_words(session, pane))
    right = (convention, link_text(pane), *words)
    return CornerText(
        top_left=(volume.name or active.title, place) if shows_name else (place,),
        top_right=tuple(filter(None, right)),
        bottom_left=(
            tr("colour") if volume.is_colour else window_text(pane.window),
            tr("zoom {zoom:.2f}×", zoom=zoom),
        ),
        bottom_right=position_lines(volume, pane.cursor if hovered is None else hovered),
        warning=warning,
    )


def place_text(pane: Pane, geometry: SliceGeometry) -> str:
    """Return plane and slice; along the patient's axes, where no slice of the file is, its mm."""
    plane, grid = tr(geometry.plane), pane.grid
    if not pane.is_resampled or grid is None:
        return f"{plane} {pane.index} / {geometry.count}"
    mm = to_world(grid.affine, (float(pane.index),) * 3)[geometry.axis]
    letter = ("RAS" if round(mm, 1) >= 0 else "LPI")[geometry.axis]
    return tr("{plane} at {place}", plane=plane, place=f"{letter} {numeral(abs(mm), '.1f')} mm")


def link_text(pane: Pane) -> str:
    """Return what a view does together with others, in words; nothing where that is everything.

    A view that follows the active series and shares all is how views are at first.
    """
    linked = [action for action in LINK_ACTIONS if action in pane.links]
    if not linked:
        return tr("not linked")
    if pane.series is None and len(linked) == len(LINK_ACTIONS):
        return ""
    if len(linked) == len(LINK_ACTIONS):
        return tr("linked")
    alone = [action for action in LINK_ACTIONS if action not in linked]
    if len(alone) == 1:
        return tr("linked, not {action}", action=_action_word(alone[0]))
    return tr("linked: {actions}", actions=", ".join(map(_action_word, linked)))


def _action_word(action: str) -> str:
    return tr("W/L") if action == "window" else tr(action)


def tool_words(session: Session, *, is_window_tool: bool) -> tuple[str, ...]:
    """Return the tool in hand."""
    tool, labels = session.tools.current, session.labels
    if tool in (BRUSH, FILL):
        return (f"{tr(tool)}: {translated(labels.label_name(labels.label))}",)
    if tool:
        return (tr(tool),)
    return (tr("W/L tool"),) if is_window_tool else ()


def state_words(session: Session, pane: Pane) -> tuple[str, ...]:
    """Return how the image is drawn, and whether the labels over it were edited by hand."""
    words = look_words(session, pane)
    edited = session.labels.edited_of(pane.entry)
    if session.segmentations.is_shown and edited is not None and edited.count:
        return (*words, tr("labels edited"))
    return words


def look_words(session: Session, pane: Pane) -> tuple[str, ...]:
    """Return how the image is drawn otherwise than it is stored."""
    look, volume = session.appearance, pane.volume
    is_resampled = pane.is_resampled
    words = () if volume is None or volume.is_colour else look.words(slab=not is_resampled)
    told = tuple(translated(word) for word in (look.turn(pane.plane).words, *words) if word)
    return (tr("patient axes, resampled"), *told) if is_resampled else told


def position_lines(volume: Volume, point: Point) -> tuple[str, ...]:
    """Return index, position in mm and value of a point, one line each."""
    index = to_index(volume.affine, point)
    i, j, k = (
        min(max(math.floor(x + 0.5 + 1e-6), 0), n - 1)
        for x, n in zip(index, volume.shape, strict=True)
    )
    if volume.is_colour:
        red, green, blue = volume.array[i, j, k].tolist()
        value = f"R {red} G {green} B {blue}"
    else:
        value = f"{format_value(volume.value_at((i, j, k)))} {volume.unit}".rstrip()
    lines = [tr("voxel {i}, {j}, {k}", i=i, j=j, k=k)]
    if volume.spacing_known:
        lines.append(format_point(volume, point))
    return (*lines, tr("value {value}", value=value))


def window_text(window: Window) -> str:
    """Return width, level and, where it is none of the linear ones, function of a window."""
    words = tr(
        "W {width}  L {level}",
        width=format_value(window.width),
        level=format_value(window.centre),
    )
    return f"{words}  {tr(window.function)}" if window.function in ("sigmoid", "table") else words


def format_point(volume: Volume, point: Point) -> str:
    """Return a point with the letters of the sides it lies on, such as `"L 12.0 A 3.5 S 7.0 mm"`.

    Without known sides it is written as three plain numbers.
    """
    if not volume.orientation_known:
        gap = ", " if language() == "en" else "; "
        return gap.join(numeral(x, ".1f") for x in point) + " mm"
    letters = (
        positive if round(x, 1) >= 0 else negative
        for x, positive, negative in zip(point, "RAS", "LPI", strict=True)
    )
    return (
        " ".join(f"{s} {numeral(abs(x), '.1f')}" for s, x in zip(letters, point, strict=True))
        + " mm"
    )


def format_value(value: float) -> str:
    """Return a number with as many digits as it deserves: whole from 100 on, else three places."""
    if not math.isfinite(value):
        return tr("no value")
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return numeral(value, ".0f") if 100 <= abs(value) < 1e6 else numeral(value, ".3g")
