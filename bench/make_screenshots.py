"""Make the pictures of the guide from the bundled sample: `python bench/make_screenshots.py`.

Runs the real window offscreen, with the real children: nothing in a picture is put there by hand.
With `--all FOLDER` every scene is drawn in both themes at 100 % and 200 %, and in German in the
dark theme at 100 % and the light one at 200 %. Texts that do not fit their widgets are listed; any
makes the exit code 1.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / name) for name in ("app", "models", "resources", "bench")]

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

IMAGES = ROOT / "docs" / "images"
LIMIT_SECONDS = 180.0
#: Theme, scale and language of what `--all` draws.
LOOKS = (
    *((theme, scale, "en") for theme in ("dark", "light") for scale in (1, 2)),
    *(("dark", 1, "de"), ("light", 2, "de")),
)
#: Scenes that the guide shows; the others are drawn with `--all` only.
GUIDE = (
    "start",
    "opened",
    "scored",
    "worst",
    "studies",
    "large",
    "mosaic",
    "pair",
    "patient-axes",
    "swipe",
    "difference",
    "header",
    "settings-keys",
    "keys",
    "palette",
)


class Stage:
    """A window, the wish to wait for things, and where pictures go.

    Parameters
    ----------
    output : Path
    wanted : tuple of str
        Scenes to keep; empty for all.
    theme : str
    language : str
    """

    def __init__(self, output: Path, wanted: tuple[str, ...], theme: str, language: str) -> None:
        from PySide6.QtWidgets import QApplication

        from acutance.qt.application import create_application, create_main_window
        from acutance.qt.language import install_language
        from acutance.qt.settings import Settings

        settings = Settings()
        settings.auto_score = False
        settings.theme = theme
        install_language(create_application(theme=theme), language)
        self.window = create_main_window(settings=settings)
        self.session = self.window.session
        self.clipped: list[str] = []
        self._output, self._wanted = output, wanted
        self._application = QApplication.instance()
        output.mkdir(parents=True, exist_ok=True)
        # The pictures of the guide are read beside text.
        self.window.resize(*((1280, 800) if wanted else (1440, 900)))
        self.window.show()

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Let the window work until something holds."""
        limit = time.monotonic() + LIMIT_SECONDS
        while not condition():
            if time.monotonic() > limit:
                raise TimeoutError("the window did not get there")
            self._application.processEvents()
            time.sleep(0.005)

    def settle(self, seconds: float = 0.3) -> None:
        """Let what is under way be laid out and painted."""
        pause = time.monotonic() + seconds
        self.wait_for(lambda: time.monotonic() > pause)

    def take(self, name: str, widget: QWidget | None = None) -> None:
        """Draw the window, or a dialog."""
        self.settle()
        shown = widget or self.window
        self.clipped += [f"{name}: {text}" for text in clipped_texts(shown)]
        if not self._wanted or name in self._wanted:
            shown.grab().save(str(self._output / f"{name}.png"), "PNG")

    def act(self, command: str) -> None:
        """Do a command, as a key or a menu does."""
        self.window.actions_[command].trigger()

    def open(self, *paths: Path) -> None:
        """Open files and wait until all that was found is read."""
        before = len(self.session.entries)
        self.window.open_paths(list(paths))
        self.wait_for(lambda: len(self.session.entries) > before)
        self.wait_for(lambda: not self.window.controller.jobs)
        for entry in self.session.entries:
            if entry.loaded is None:
                self.window.controller.load(entry.id)
        self.wait_for(lambda: not self.window.controller.jobs)


def clipped_texts(widget: QWidget) -> list[str]:
    """Return the texts of labels and buttons that are wider than the place they have."""
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QAbstractButton, QLabel, QToolButton

    found = []
    for child in widget.findChildren(QLabel) + widget.findChildren(QAbstractButton):
        text = child.text()
        if not text or not child.isVisible() or "\n" in text:
            continue
        if isinstance(child, QLabel) and (child.wordWrap() or child.text().startswith("<")):
            continue
        only_icon = Qt.ToolButtonStyle.ToolButtonIconOnly
        if isinstance(child, QToolButton) and child.toolButtonStyle() == only_icon:
            continue
        need = child.fontMetrics().horizontalAdvance(text.replace("&", ""))
        if need > child.width() + 1:
            found.append(f"{type(child).__name__} {text!r} needs {need}, has {child.width()}")
    return found


def write_study(folder: Path) -> None:
    """Write two small DICOM series of one study, and one of another, from the bundled sample."""
    import nibabel
    import numpy as np
    import pydicom
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

    from acutance_resources import path

    image = nibabel.load(path("sample/sample_T1.nii.gz"))
    array = np.asarray(image.dataobj, np.float32)[::-1, ::-1].transpose(2, 1, 0)[20:120:4]
    studies = {
        "head": ("DOE^JANE", "4711", ("t1_mprage", "t2_tse")),
        "control": ("DOE^JANE", "4711", ("t1_mprage",)),
        "other": ("ROE^RICHARD", "4712", ("t1_space",)),
    }
    for study, (name, number, series) in studies.items():
        study_uid, frame = generate_uid(), generate_uid()
        for place, title in enumerate(series):
            series_uid = generate_uid()
            for n, plane in enumerate(array * (0.6 if "t2" in title else 1.0)):
                dataset = Dataset()
                dataset.file_meta = FileMetaDataset()
                dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
                dataset.SOPClassUID, dataset.SOPInstanceUID = MRImageStorage, generate_uid()
                dataset.PatientName, dataset.PatientID = name, number
                dataset.PatientBirthDate, dataset.StudyDate = "19700101", "20240229"
                dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study_uid, series_uid
                dataset.FrameOfReferenceUID = frame
                dataset.StudyDescription, dataset.SeriesDescription = f"Brain {study}", title
                dataset.Modality, dataset.SeriesNumber, dataset.InstanceNumber = "MR", place, n + 1
                dataset.ImagePositionPatient = [-62, -80, 4.0 * n]
                dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
                dataset.PixelSpacing, dataset.SliceThickness = [1.0, 1.0], 4.0
                dataset.EchoTime, dataset.RepetitionTime = 3.4, 2300
                dataset.Manufacturer, dataset.MagneticFieldStrength = "Example", 3
                dataset.Rows, dataset.Columns = plane.shape
                dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
                dataset.BitsAllocated = dataset.BitsStored = 16
                dataset.HighBit, dataset.PixelRepresentation = 15, 0
                dataset.PixelData = np.clip(plane, 0, 65535).astype("<u2").tobytes()
                target = folder / study / f"{title}-{n:03}.dcm"
                target.parent.mkdir(parents=True, exist_ok=True)
                pydicom.dcmwrite(target, dataset, enforce_file_format=True)


def write_oblique(path: Path) -> None:
    """Write the sample as if it had been acquired along turned axes: a ball of it stays a ball."""
    import nibabel
    import numpy as np

    from acutance_resources import path as resource

    image = nibabel.load(resource("sample/sample_T1.nii.gz"))
    tilt, turn = np.radians(18.0), np.radians(-12.0)
    about_x = np.array(
        [[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]]
    )
    about_z = np.array(
        [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]]
    )
    affine = np.eye(4)
    affine[:3, :3] = about_z @ about_x @ image.affine[:3, :3]
    affine[:3, 3] = about_z @ about_x @ image.affine[:3, 3]
    nibabel.save(nibabel.Nifti1Image(np.asarray(image.dataobj), affine), path)


def run_scenes(stage: Stage, scratch: Path) -> None:
    """Play every scene, each from where the one before ends."""
    from acutance_resources import path

    window, session, act = stage.window, stage.session, stage.act
    stage.take("start")
    offer_to_restore(stage)
    window.drop_overlay.open()
    stage.take("drop")
    window.drop_overlay.hide()
    stage.open(path("sample/sample_T1_moved.nii.gz"))
    stage.take("opened")
    window.controller.score()
    stage.wait_for(lambda: session.active is not None and session.active.result is not None)
    stage.take("scored")
    session.next_worst()
    stage.take("worst")
    stage.open(path("sample/sample_T1.nii.gz"))
    for name in ("large", "mosaic", "pair", "four", "single", "three"):
        act(f"layout_{name}")
        stage.take(name)
    session.activate(session.entries[0].id)
    act("layout_single")
    for name in ("swipe", "flicker", "difference", "checker"):
        act(f"compare_{name}")
        stage.take(name)
        act(f"compare_{name}")
    session.comparing.hold(True)
    stage.take("before")
    session.comparing.hold(False)
    act("layout_three")
    act("k_space")
    stage.take("k-space")
    act("k_space")
    run_dialogs(stage)
    run_tools(stage)
    run_sizes(stage)
    window.session.clear()
    write_oblique(scratch / "oblique.nii")
    stage.open(scratch / "oblique.nii")
    stage.take("oblique")
    act("patient_axes")
    stage.take("patient-axes")
    act("patient_axes")
    window.session.clear()
    broken = scratch / "broken.nii"
    broken.write_bytes(b"\x5c\x01\x00\x00" + bytes(400))
    window.open_paths([broken])
    stage.wait_for(lambda: not window.controller.jobs)
    stage.take("problem")
    window.controller.dismiss_problem()
    session.clear()
    write_study(scratch / "study")
    stage.open(scratch / "study")
    stage.wait_for(lambda: not session.studies.unknown())
    stage.take("studies")
    act("patient_names")
    stage.take("studies-named")
    act("patient_names")
    dialog = feature(stage, "StudyFeature").show_header()
    stage.wait_for(lambda: bool(dialog.shown()))
    stage.take("header", dialog)
    dialog.close()


def offer_to_restore(stage: Stage) -> None:
    """Draw the line that a start after a crash shows."""
    from acutance.qt.panels.restore_bar import RestoreBar

    words = "Acutance did not end well last time. Open sample_T1.nii.gz again?"
    bar = RestoreBar(words, stage.window, can_restore=True, has_report=True)
    stage.window.addToolBarBreak()
    stage.window.addToolBar(bar)
    stage.take("restore-bar")
    stage.window.removeToolBar(bar)
    bar.deleteLater()


def run_tools(stage: Stage) -> None:
    """Draw the palette, measurements, colours and what is at work."""
    from acutance.core.measuring import Measurement

    window, session, act = stage.window, stage.session, stage.act
    palette = feature(stage, "PaletteFeature").palette
    act("palette")
    palette.field.setText("view")
    stage.take("palette")
    palette.field.setText("zzz")
    stage.take("palette-nothing")
    palette.close_palette()
    view = window.centre.grid.view("axial")
    axis = view.geometry_of_slice.axis
    rows, columns = (view.geometry_of_slice.row_axis, view.geometry_of_slice.column_axis)

    def point(row: float, column: float) -> tuple[float, float, float]:
        found = [0.0, 0.0, 0.0]
        found[axis], found[rows], found[columns] = float(view.index), row, column
        return found[0], found[1], found[2]

    for kind, points in (
        ("distance", (point(60, 40), point(110, 40))),
        ("ellipse", (point(70, 60), point(100, 90))),
    ):
        session.measurements.add(Measurement(kind, axis, view.index, points))
    session.appearance.set_colour_map("viridis")
    stage.take("measured")
    session.appearance.reset()
    window.controller.score()
    stage.wait_for(lambda: any(job.state == "running" for job in window.controller.jobs))
    act("work")
    stage.take("work")
    stage.wait_for(lambda: not window.controller.jobs)
    act("work")


def run_sizes(stage: Stage) -> None:
    """Draw the smallest window that is to be of use, and an upright one."""
    window, size = stage.window, stage.window.size()
    for name, width, height in (
        ("small", 1280, 720),
        ("smallest", 960, 540),
        ("upright", 900, 1400),
    ):
        window.resize(width, height)
        stage.take(name)
    window.resize(size)
    stage.settle()
    window.reset_layout()


def run_dialogs(stage: Stage) -> None:
    """Draw the dialogs that need an open scan."""
    from PySide6.QtGui import QKeySequence
    from PySide6.QtWidgets import QDialog

    from acutance.qt.dialogs.crash_report import CrashReport
    from acutance.qt.dialogs.export_dialog import ExportDialog
    from acutance.qt.journal import surroundings

    window = stage.window
    window.cheat_sheet.open()
    stage.take("keys")
    window.cheat_sheet.close_sheet()
    dialog: Any = feature(stage, "SettingsFeature").open()
    for n, name in enumerate(("scoring", "windows", "keys", "networks", "speed", "places")):
        dialog.tabs.setCurrentIndex(n)
        if name == "keys":
            dialog.shortcuts.select("score")
            dialog.shortcuts.edit.setKeySequence(QKeySequence("Ctrl+O"))
        stage.take(f"settings-{name}", dialog)
    dialog.reject()
    report = CrashReport(f"{surroundings()}\n\nValueError\n  slice_view.py:301 paintEvent", window)
    report.show()
    stage.take("crash-report", report)
    report.close()
    export = ExportDialog("sample_T1", window)
    export.show()
    stage.take("export", export)
    export.close()
    window.dialogs.open_batch()
    stage.take("batch", window.dialogs.batch)
    window.dialogs.batch.close()
    for command in ("watch_folder", "history", "calibrate", "compare_series", "export_report"):
        stage.act(command)
        stage.settle()
        opened = [one for one in window.findChildren(QDialog) if one.isVisible()]
        for one in opened:
            stage.take(command.replace("_", "-"), one)
            one.close()


def feature(stage: Stage, name: str) -> Any:
    """Return a feature of the window by the name of its class."""
    return next(one for one in stage.window.features if type(one).__name__ == name)


def draw(output: Path, theme: str, language: str, *, is_all: bool) -> list[str]:
    """Draw the scenes in one theme at the scale of this process; return what does not fit."""
    stage = Stage(output, () if is_all else GUIDE, theme, language)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            run_scenes(stage, Path(scratch))
    finally:
        stage.window.close()
    return stage.clipped


def main() -> int:
    """Draw what was asked for; return 1 where a text does not fit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every scene, theme and scale")
    parser.add_argument(
        "--one", nargs=3, metavar=("FOLDER", "THEME", "LANGUAGE"), help=argparse.SUPPRESS
    )
    options = parser.parse_args()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with contextlib.suppress(AttributeError):
        sys.stdout.reconfigure(line_buffering=True)
    if options.all is None:
        folder, theme, language = options.one or (IMAGES, "dark", "en")
        clipped = draw(Path(folder), theme, language, is_all=options.one is not None)
        for line in clipped:
            print(line)
        return int(bool(clipped))
    codes = []
    for theme, scale, language in LOOKS:
        folder = options.all / f"{theme}-{100 * scale}-{language}"
        # The scale is read once, when Qt starts.
        surroundings = os.environ | {"QT_SCALE_FACTOR": str(scale)}
        command = [sys.executable, __file__, "--one", str(folder), theme, language]
        print(folder)
        codes.append(subprocess.run(command, env=surroundings, check=False).returncode)
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
