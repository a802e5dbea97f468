"""Grey windows on offer for what is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from acutance.core.window import CT_PRESETS, Window, background_window, percentile_window
from acutance.session.sampling import sorted_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acutance.core.site import Preset
    from acutance.core.video import VideoSource
    from acutance.core.volume import Volume

Presets = tuple[tuple[str, Window], ...]
#: By volume, while it lives.
_automatic: WeakKeyDictionary[Volume, Window] = WeakKeyDictionary()
_background: WeakKeyDictionary[Volume, Window] = WeakKeyDictionary()


def first_window(volume: Volume) -> Window:
    """Return the window that a volume starts with: as stored, else automatic."""
    return volume.windows[0] if volume.windows else automatic_window(volume)


def automatic_window(volume: Volume) -> Window:
    """Return the window that fits a volume; found once, for views ask each time they paint."""
    found = _automatic.get(volume)
    if found is None:
        found = _automatic[volume] = percentile_window(sorted_values(volume))
    return found


def air_preset(volume: Volume) -> Window:
    """Return the window that stretches the air of a volume; found once."""
    found = _background.get(volume)
    if found is None:
        found = _background[volume] = background_window(sorted_values(volume))
    return found


def prepare(volume: Volume) -> None:
    """Find, on any thread, what is asked as soon as a volume is looked at."""
    automatic_window(volume)
    if not volume.is_colour and volume.modality != "CT":
        air_preset(volume)


def volume_presets(volume: Volume, listed: Sequence[Preset] = ()) -> Presets:
    """Return name and window: automatic, those of the file, those listed, those of the modality.

    Where some are listed for the modality, the program adds no others of its own.

    Colour has none.
    """
    if volume.is_colour:
        return ()
    automatic = automatic_window(volume)
    presets = [("auto", automatic)]
    for number, window in enumerate(volume.windows, start=1):
        presets.append((window.name or f"stored {number}", window))
    mine = [preset for preset in listed if preset.modality in ("", volume.modality)]
    presets.extend((preset.window.name, preset.window) for preset in mine)
    if any(preset.modality for preset in mine):
        return tuple(presets)
    if volume.modality == "CT":
        presets.extend((window.name, window) for window in CT_PRESETS)
    else:
        presets.append(("background", air_preset(volume)))
    return tuple(presets)


def video_presets(video: VideoSource, automatic: Window | None) -> Presets:
    """Return name and window: that of a frame, those of the file, the range of 8 bits.

    Parameters
    ----------
    video : VideoSource
    automatic : Window or None
        What fits the frame that is shown; None for colour, which has no windows, and before one is.
    """
    if video.channels != 1 or automatic is None:
        return ()
    presets = [("auto", automatic)]
    for number, window in enumerate(video.windows, start=1):
        presets.append((window.name or f"stored {number}", window))
    if video.dtype.itemsize == 1:
        presets.append(("8 bits", Window(127.5, 255.0, "8 bits")))
    return tuple(presets)
