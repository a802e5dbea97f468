"""Make the pictures of batch, watched folder and history: `python bench/batch_screenshots.py`.

    PYTHONPATH=app:models:resources python bench/batch_screenshots.py [FOLDER] [--theme THEME]
        [--scene NAME ...]

The dialogs run offscreen with the real children on series cut from the bundled sample, some of them
with simulated motion, one broken, one there twice; the batch, its outcomes and the watched folder
are real. The history holds drawn values (seed 11) with a change of level and single bad scans,
since a year of scans takes a year. With Chromium on the path the group report of the series is
drawn as well. Without --theme both themes are drawn. Scenes: `batch-choices`, `batch-planned`,
`batch-running`, `batch-paused`, `batch-finished`, `batch-refused`, `watch-empty`, `watch-arrived`,
`history-empty`, `history`, `group-report`.
"""

from __future__ import annotations

import argparse
import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / name) for name in ("app", "models", "resources")]

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

IMAGES = ROOT / "docs" / "images"
LIMIT_SECONDS = 600.0
THEMES = ("dark", "light")
#: What `docs/` shows; the others are drawn where FOLDER is named.
DOCUMENTED = ("batch-running", "history", "group-report")
_SERIES = 10


class Stage:
    """Where pictures go, and waiting for what is under way.

    Parameters
    ----------
    output : Path
    wanted : tuple of str
        Scenes to keep; empty for all.
    theme : str
        Pictures of the light theme are named so.
    """

    def __init__(self, output: Path, wanted: tuple[str, ...], theme: str) -> None:
        from acutance.qt.application import create_application

        self._application = create_application(theme=theme)
        self._output, self._wanted = output, wanted
        self._suffix = "" if theme == "dark" else f"-{theme}"
        output.mkdir(parents=True, exist_ok=True)

    def wants(self, *names: str) -> bool:
        """Whether any of some scenes is wanted."""
        return not self._wanted or bool(set(names) & set(self._wanted))

    def path(self, name: str) -> Path:
        """Return the file of a scene."""
        return self._output / f"{name}{self._suffix}.png"

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Let the window work until something holds."""
        limit = time.monotonic() + LIMIT_SECONDS
        while not condition():
            if time.monotonic() > limit:
                raise TimeoutError("the window did not get there")
            self._application.processEvents()
            time.sleep(0.01)

    def take(self, name: str, widget: QWidget) -> None:
        """Draw a dialog."""
        pause = time.monotonic() + 0.3
        self.wait_for(lambda: time.monotonic() > pause)
        if self.wants(name):
            widget.grab().save(str(self.path(name)), "PNG")
            print(self.path(name), flush=True)


def write_series(folder: Path) -> None:
    """Write series as a site would have them, cut from the bundled sample."""
    import nibabel
    import numpy as np

    from acutance_resources import path

    affine = np.diag([1.0, 1.0, 4.0, 1.0])
    for number in range(_SERIES):
        is_moved = number % 4 == 2
        name = "sample_T1_moved" if is_moved else "sample_T1"
        image = nibabel.load(path(f"sample/{name}.nii.gz"))
        array = np.asarray(image.dataobj, np.float32)[:, :, 24 + number : 120 : 8]
        noise = np.random.default_rng(number).normal(0.0, 1.0 + number % 5, array.shape)
        target = folder / f"sub-{number + 1:02}" / "anat" / f"sub-{number + 1:02}_T1w.nii.gz"
        target.parent.mkdir(parents=True)
        values = np.clip(array + noise, 0, 32767).astype(np.int16)
        nibabel.save(nibabel.Nifti1Image(values, affine), target)
    first = folder / "sub-01" / "anat" / "sub-01_T1w.nii.gz"
    shutil.copyfile(first, first.with_name("sub-01_copy-1_T1w.nii.gz"))
    whole = gzip.decompress(first.read_bytes())
    cut = folder / "sub-05" / "anat" / "sub-05_T2w.nii.gz"
    cut.write_bytes(gzip.compress(whole)[: len(whole) // 4])
    (folder / "README").write_text("Made from the bundled sample.\n")


def draw_batch(stage: Stage, source: Path, scratch: Path) -> None:
    """Play a batch from the choice of tasks to its account."""
    from acutance.qt.dialogs.batch_dialog import BatchDialog

    dialog = BatchDialog()
    dialog.source.setText(str(source))
    dialog.output.setText(str(scratch / "results"))
    dialog.show()
    for box in dialog.choices.boxes.values():
        box.setChecked(True)
    dialog.choices.weights["restore"].edit.setText("/models/site_denoise.safetensors")
    dialog.shares.setValue(4)
    dialog.share.setValue(2)
    stage.take("batch-choices", dialog)
    for name, box in dialog.choices.boxes.items():
        box.setChecked(name in ("score", "iqm"))
    dialog.shares.setValue(1)
    dialog.plan()
    stage.wait_for(dialog.start_button.isEnabled)
    stage.take("batch-planned", dialog)
    dialog.start()
    stage.wait_for(lambda: dialog.table.states().count("done") >= 5)
    stage.take("batch-running", dialog)
    dialog.toggle_pause()
    stage.wait_for(lambda: "running" not in dialog.table.states())
    stage.take("batch-paused", dialog)
    dialog.toggle_pause()
    stage.wait_for(lambda: not dialog.is_busy)
    stage.take("batch-finished", dialog)
    dialog.resume.setChecked(False)
    dialog.plan()
    stage.wait_for(lambda: not dialog.is_busy)
    stage.take("batch-refused", dialog)
    dialog.shut_down()
    dialog.close()


def draw_watching(stage: Stage, source: Path, scratch: Path) -> None:
    """Watch a folder in which series arrive."""
    from acutance.qt.dialogs.hot_folder_dialog import HotFolderDialog

    folder = scratch / "scans"
    folder.mkdir()
    dialog = HotFolderDialog()
    dialog.show()
    stage.take("watch-empty", dialog)
    dialog.folder.setText(str(folder))
    dialog.output.setText(str(scratch / "watched"))
    dialog.quiet.setValue(0.5)
    dialog.start()
    files = [*sorted(source.rglob("*_T1w.nii.gz"))[1:5], *source.rglob("*_T2w.nii.gz")]
    for count, file in enumerate(files, start=1):
        shutil.copyfile(file, folder / file.name)
        stage.wait_for(lambda count=count: dialog.table.rowCount() == count)  # type: ignore[misc]
    stage.take("watch-arrived", dialog)
    dialog.shut_down()
    dialog.close()


def draw_history(stage: Stage, scratch: Path) -> None:
    """Draw a history with nothing in it, and one with a scanner that changes."""
    import numpy as np

    from acutance.export.history_store import Entry, HistoryStore, Process
    from acutance.qt.dialogs.history_dialog import HistoryDialog
    from acutance.qt.history_desk import HistoryDesk

    empty = HistoryDialog(HistoryDesk(scratch / "empty.sqlite"))
    empty.show()
    stage.take("history-empty", empty)
    empty.close()
    values = np.random.default_rng(11).normal(0.93, 0.008, 64)
    values[[27, 45]] -= 0.09
    values[48:] -= 0.022
    with HistoryStore(scratch / "history.sqlite") as store:
        store.add(
            Entry(
                str(n),
                Process("MR1", "T1w MPRAGE", "Head 32"),
                {"ssim_pred": float(value), "efc": 0.5},
                f"2026-{1 + n // 28:02}-{1 + n % 28:02}T08:30:00",
            )
            for n, value in enumerate(values)
        )
    dialog = HistoryDialog(HistoryDesk(scratch / "history.sqlite"))
    dialog.show()
    stage.wait_for(lambda: dialog.table.rowCount() == values.size)
    stage.take("history", dialog)
    dialog.close()


def draw_group_report(stage: Stage, source: Path, scratch: Path) -> None:
    """Score the series, report them as a group, and let Chromium draw the page."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None or not stage.wants("group-report"):
        return
    from acutance import __main__

    scored, report = scratch / "scored", scratch / "report"
    __main__.main(["score", str(source), "-o", str(scored), "--device", "cpu"])
    __main__.main(["report", str(scored), "-o", str(report)])
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    command += ["--window-size=1280,1360", f"--screenshot={stage.path('group-report')}"]
    subprocess.run(
        [*command, (report / "group.html").absolute().as_uri()], check=True, capture_output=True
    )
    print(stage.path("group-report"), flush=True)


def main() -> int:
    """Draw what is asked for."""
    parser = argparse.ArgumentParser(description="Make the pictures of the batch.")
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--theme", choices=THEMES)
    parser.add_argument("--scene", action="append")
    options = parser.parse_args()
    if options.theme is None and options.folder is not None:
        for theme in THEMES:  # a theme is that of a process
            subprocess.run([sys.executable, *sys.argv, "--theme", theme], check=True)
        return 0
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    wanted = tuple(options.scene or (DOCUMENTED if options.folder is None else ()))
    stage = Stage((options.folder or IMAGES).absolute(), wanted, options.theme or "dark")
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)  # short paths in the pictures
        scratch, source = Path(), Path("incoming")
        write_series(source)
        if stage.wants("history", "history-empty"):
            draw_history(stage, scratch)
        if any(stage.wants(f"batch-{scene}") for scene in _BATCH_SCENES):
            draw_batch(stage, source, scratch)
        if stage.wants("watch-empty", "watch-arrived"):
            draw_watching(stage, source, scratch)
        draw_group_report(stage, source, scratch)
    return 0


_BATCH_SCENES = ("choices", "planned", "running", "paused", "finished", "refused")

if __name__ == "__main__":
    sys.exit(main())
