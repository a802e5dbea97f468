"""Enhancing a video in the window: preview, split and side by side, the whole clip, pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog

from acutance.core.clip_export import CINE_SUFFIX, CODECS, VIDEO_SUFFIXES
from acutance.qt.actions import Command
from acutance.qt.companion import CompanionLoader
from acutance.qt.enhancer import Enhancer, visible_region
from acutance.qt.feature import Feature
from acutance.qt.frame_meter import FrameMeter
from acutance.qt.language import error_text, tr
from acutance.qt.panels.enhance_bar import EnhanceBar
from acutance.qt.viewers.enhanced_layer import EnhancedLayer
from acutance.qt.viewers.frame_captions import clock_text
from acutance.qt.viewers.listening import listen
from acutance.qt.viewers.thumbnail_strip import ThumbnailLoader, ThumbnailStrip

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from acutance.core.ledger import LoadedVideo
    from acutance.errors import AcutanceError
    from acutance.qt.main_window import MainWindow
    from acutance.upscaling.run import UpscaleOutcome
    from acutance.upscaling.timeline import ClipQuality

#: How long the stretch is that is looked for.
BEST_SECONDS = 3.0
_CLIPS = f"Video ({' '.join(f'*{suffix}' for suffix in VIDEO_SUFFIXES)});;DICOM (*{CINE_SUFFIX})"


class EnhanceFeature(Feature):
    """Gives a video more pixels, first a piece of it to look at, then the whole.

    Parameters
    ----------
    window : MainWindow
    """

    COMMANDS: ClassVar = (
        Command(
            "preview_enhanced",
            "Preview enhanced",
            "Shift+E",
            needs="video",
            tip="Enhance what is seen, for a second from the frame in view on",
        ),
        Command(
            "enhance_clip",
            "Enhance clip…",
            "Ctrl+Shift+E",
            needs="video",
            tip="Write the whole clip with four or two times the pixels",
        ),
        Command(
            "show_enhanced",
            "Show enhanced clip beside…",
            needs="video",
            tip="Show a file that was made of the clip in view, split or side by side",
        ),
        Command(
            "best_seconds",
            "Find the best seconds",
            needs="video",
            tip="Measure every frame, draw how good each is, and play the best three seconds",
        ),
    )
    MENUS: ClassVar = {
        "Engines": ("-", "preview_enhanced", "enhance_clip", "show_enhanced", "-", "best_seconds")
    }
    SHEET = ("preview_enhanced", "enhance_clip")

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        session, page = window.session, window.centre.video
        self.enhancer = Enhancer(session, window.runner, window.controller)
        self.layer = EnhancedLayer(page.view, session, self.enhancer.enhancement)
        self.companion = CompanionLoader(
            session, window.runner, self.enhancer.enhancement, self.enhancer
        )
        self.meter = FrameMeter(window.runner, self)
        self.bar = EnhanceBar(self.enhancer)
        self.strip = ThumbnailStrip(session)
        self.thumbnails = ThumbnailLoader(
            self.strip, session, window.runner, window.controller.frames
        )
        page.view.layer = self.layer
        page.add_row(self.strip)
        page.add_row(self.bar)
        page.view.installEventFilter(self)

    def slots(self) -> Mapping[str, Callable[..., None]]:
        """Return what its commands do."""
        return {
            "preview_enhanced": self.preview,
            "enhance_clip": self.ask_for_target,
            "show_enhanced": self.ask_for_enhanced,
            "best_seconds": self.find_best,
        }

    def start(self) -> None:
        """Connect the bar."""
        bar, enhancer = self.bar, self.enhancer
        bar.preview_requested.connect(self.preview)
        bar.run_requested.connect(self.ask_for_target)
        bar.weights_requested.connect(self.ask_for_weights)
        bar.settings_changed.connect(self._on_settings)
        enhancer.failed.connect(self._on_failed)
        self.companion.failed.connect(self._on_failed)
        self.meter.failed.connect(self._on_failed)
        self.meter.measured.connect(self._on_measured)
        self.meter.progressed.connect(
            lambda done, count: bar.tell(
                tr("Measuring: {done} of {count} frames", done=done, count=count)
            )
        )
        enhancer.finished.connect(self._on_finished)
        listen(self, enhancer.enhancement.changed, bar.refresh)
        listen(self, self.window.session.playback.video_changed, self._on_video)

    def shut_down(self) -> None:
        """End what is under way."""
        self.thumbnails.close()
        self.companion.close()
        self.meter.close()
        self.enhancer.close()

    def preview(self) -> None:
        """Enhance what is seen, for a second."""
        loaded = self.window.session.playback.loaded
        if loaded is None:
            return
        view = self.window.centre.video.view
        rect, canvas = view.image_rect(), self.layer.canvas
        region = visible_region(
            (rect.left(), rect.top(), rect.width(), rect.height()),
            (canvas.width(), canvas.height()),
            (loaded.video.height, loaded.video.width),
        )
        self.bar.tell("")
        self.enhancer.preview(region)

    def ask_for_target(self) -> None:
        """Let the user choose what is written."""
        loaded = self.window.session.playback.loaded
        if loaded is None or self.enhancer.is_running:
            return
        source = Path(loaded.item.path)
        suffix = CINE_SUFFIX if loaded.item.reader == "dicom" else VIDEO_SUFFIXES[0]
        name = f"{source.stem}-x{self.enhancer.settings.scale}{suffix}"
        kinds = target_kinds()
        dialog = QFileDialog(self.window, tr("Enhance clip"), str(source.with_name(name)))
        dialog.setNameFilters(list(kinds))
        is_cine = suffix == CINE_SUFFIX
        dialog.selectNameFilter(next(k for k in kinds if (CINE_SUFFIX in k) == is_cine))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(
            lambda path: self.enhance(Path(path), kinds.get(dialog.selectedNameFilter(), ""))
        )
        dialog.open()

    def enhance(self, target: Path, codec: str = "") -> None:
        """Enhance the whole clip, with this codec where such a file can hold it."""
        self.bar.tell("")
        fits = any(c.id == codec and target.suffix.lower() in c.suffixes for c in CODECS)
        self.enhancer.run(target, codec if fits else "")

    def find_best(self) -> None:
        """Measure every frame of the clip in view, and play its best seconds."""
        loaded = self.window.session.playback.loaded
        if loaded is not None:
            self.bar.tell(tr("Measuring"))
            self.meter.measure(loaded)

    def ask_for_enhanced(self) -> None:
        """Let the user choose a clip that was made of the one in view."""
        dialog = QFileDialog(self.window, tr("Show enhanced clip"), "", _CLIPS)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.companion.open(Path(path)))
        dialog.open()

    def ask_for_weights(self) -> None:
        """Let the user choose a network from a file."""
        dialog = QFileDialog(
            self.window, tr("Weights of a network for videos"), "", tr("Weights (*.safetensors)")
        )
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.use_weights)
        dialog.open()

    def use_weights(self, path: str) -> None:
        """Enhance with a network from a file from now on."""
        self.enhancer.settings = replace(self.enhancer.settings, weights=path)
        self.bar.tell(tr("Network: {name}", name=Path(path).name))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show the original as long as B is held."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_B:
            kind = event.type()
            if not event.isAutoRepeat() and self.enhancer.enhancement.preview is not None:
                self.enhancer.enhancement.hold(kind == QEvent.Type.KeyPress)
                return True
        return False

    def _on_settings(self, scale: int, strength: float) -> None:
        self.enhancer.settings = replace(self.enhancer.settings, scale=scale, strength=strength)

    def _on_failed(self, error: AcutanceError) -> None:
        self.bar.tell(error_text(error), is_problem=True)

    def _on_finished(self, outcome: UpscaleOutcome) -> None:
        fallbacks = len(outcome.record["fallbacks"])
        told = tr(
            "{frames} frames enhanced, {rate:.2f} frames/s",
            frames=outcome.frames,
            rate=outcome.rate,
        )
        if fallbacks:
            told += tr(
                "; {fallbacks} departed from their input and are bicubic", fallbacks=fallbacks
            )
        self.bar.tell(tr("{told}. Written: {path}", told=told, path=outcome.path))
        if outcome.path.is_file() and self.enhancer.source is self.window.session.playback.loaded:
            self.companion.open(outcome.path)

    def _on_measured(self, loaded: LoadedVideo, found: ClipQuality) -> None:
        playback = self.window.session.playback
        if loaded is not playback.loaded:
            return
        self.strip.set_trace(found.goodness)
        start, stop = found.best(BEST_SECONDS)
        playback.set_frame(start)
        playback.set_range((start, stop))
        standing = (
            tr("; {standing} frames stand still", standing=found.standing) if found.standing else ""
        )
        self.bar.tell(
            tr(
                "Best {span:g} s: frames {start} to {stop}, from {time} on{standing}.",
                span=BEST_SECONDS,
                start=start + 1,
                stop=stop,
                time=clock_text(float(found.times[start])),
                standing=standing,
            )
        )

    def _on_video(self) -> None:
        self.meter.cancel()
        enhancement = self.enhancer.enhancement
        if enhancement.preview is not None:
            enhancement.show(None)
        self.bar.tell("")


def target_kinds() -> dict[str, str]:
    """Return what a clip can be written as, in words with licences, and the codec of each."""
    kinds = {}
    for codec in CODECS:
        patterns = " ".join(f"*{suffix}" for suffix in codec.suffixes)
        kinds[f"Video: {codec.title}, {codec.licence} ({patterns})"] = codec.id
    return kinds | {f"DICOM (*{CINE_SUFFIX})": "", tr("Folder of PNG frames (*)"): ""}
