"""`acutance.export`: the record, the picture and the HTML report of a series."""

import json
import re

import numpy as np
import pytest
from PIL import Image

import phantoms
from acutance.core.ledger import Ledger, LoadedSeries, LoadWarning, SeriesItem, SetAside
from acutance.core.quality import ModelFacts, QualityResult, SliceScore, Verdict
from acutance.core.report_export import ReportExport
from acutance.core.review import Decision, Review
from acutance.core.volume import Volume
from acutance.errors import ExportError
from acutance.export.exporters import report_stem, write_series_report
from acutance.export.record import series_record, volume_statistics
from acutance.jobs.runner import Runner

HOSTILE = "<script>alert(1)</script>"


def loaded(name: str = HOSTILE, path: str = "/scans/Doe^Jane/head.nii.gz") -> LoadedSeries:
    array = phantoms.head()[::4, ::4, ::4]
    volume = Volume(array, np.diag([4.0, 4.0, 4.0, 1.0]), modality="MR", name=name)
    return LoadedSeries(
        SeriesItem("nifti", path, (path,), title=name),
        volume,
        Ledger(2, 1, (SetAside("/scans/Doe^Jane/notes.txt", f"plain text {HOSTILE}"),)),
        (LoadWarning("missing_slices", f"2 slices are missing {HOSTILE}"),),
        ("single slice",),
    )


def scored(verdict: Verdict = Verdict.CHECK) -> QualityResult:
    slices = (
        SliceScore("axial", 10, 0.9),
        SliceScore("axial", 11, 0.4),
        SliceScore("axial", 12, None, "no anatomy"),
    )
    parameters = {"threshold_usable": 0.85, "threshold_repeat": 0.6, "planes": ["axial"]}
    model = ModelFacts("iqa_resnet18", "1", "ab" * 32)
    return QualityResult(
        verdict, "motion artefact likely", True, 0.65, slices, ("axial",), model, "cpu",
        parameters, 0.5,
    )  # fmt: skip


def test_record_has_the_promised_fields() -> None:
    record = series_record(loaded(), scored(), seconds=1.0)
    assert set(record) == {
        "path", "series", "modality", "shape", "kind", "spacing_mm", "verdict", "reason",
        "in_scope",
        "verdict_code", "ssim_pred", "ssim_interval", "slices", "model", "device", "software",
        "parameters", "created_utc", "acquisition",
        "seconds", "ledger", "warnings", "notes",
    }  # fmt: skip
    assert record["slices"][1] == {
        "plane": "axial",
        "index": 11,
        "ssim_pred": 0.4,
        "ssim_interval": None,
        "in_scope": True,
        "reason": "",
    }
    ledger = record["ledger"]
    assert ledger["found"] == ledger["used"] + len(ledger["set_aside"])
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    without = series_record(loaded(), None, seconds=1.0)
    assert not {"verdict", "ssim_pred", "slices", "model"} & set(without)


def test_statistics_are_of_real_world_values() -> None:
    array = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    stats = volume_statistics(Volume(array, np.eye(4), slope=2.0, intercept=-1.0))
    assert stats == {"min": -1.0, "max": 45.0, "mean": 22.0, "sum": 528.0}
    floats = array.astype(np.float32)
    floats[0, 0, 0] = np.nan
    assert volume_statistics(Volume(floats, np.eye(4)))["min"] == 1.0
    empty = volume_statistics(Volume(np.full((2, 2, 2), np.nan), np.eye(4)))
    assert empty == dict.fromkeys(("min", "max", "mean", "sum"))


@pytest.mark.parametrize("verdict", Verdict)
def test_report_is_written_whole_and_inert(tmp_path, verdict: Verdict) -> None:
    series, result = loaded(), scored(verdict)
    record = series_record(series, result, seconds=1.0)
    written = write_series_report(series, result, record, tmp_path / "new" / "folder")
    assert sorted(p.suffix for p in written) == [".html", ".json", ".png"]
    assert not list((tmp_path / "new" / "folder").glob(".*"))
    html = next(p for p in written if p.suffix == ".html").read_text(encoding="utf-8")
    assert "<script" not in html
    assert not re.search(r"(src|href)=\"(?!data:)", html)
    assert "Not for diagnosis" in html
    assert "predicted SSIM 0.65" in html
    assert "1 of 2 files used" in html
    assert "Doe^Jane" not in html
    with Image.open(next(p for p in written if p.suffix == ".png")) as picture:
        assert picture.size[0] > 900
        assert len(np.unique(np.asarray(picture.convert("L")))) > 20


def test_names_of_two_series_never_clash_and_are_safe() -> None:
    first = report_stem(loaded(path="/a/ü..\n%$/../x.nii.gz"))
    second = report_stem(loaded(path="/b/x.nii.gz"))
    assert first != second
    assert re.fullmatch(r"[A-Za-z0-9_-]+-[0-9a-f]{8}", first)


def test_a_folder_that_cannot_be_written_is_named(tmp_path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("x")
    series, result = loaded(), scored()
    with pytest.raises(ExportError, match="file"):
        write_series_report(series, result, series_record(series, result, seconds=1), blocker)


def test_a_persons_decision_stands_beside_the_prediction_in_every_report(tmp_path) -> None:
    review = Review(Decision.REPEAT, "128553", "Jane Doe moved", "check", 0.7)
    result = scored()
    with Runner(device="cpu", synchronous=True) as runner:
        asked = ReportExport(loaded(), result, tmp_path, ("html", "json"), review)
        written = runner.export_report(asked).value()
        plain = ReportExport(loaded(), result, tmp_path / "without", ("html", "json"))
        without = runner.export_report(plain).value()
    assert not any("Doe" in name for name in written.files)
    text = (tmp_path / next(n for n in written.files if n.endswith(".html"))).read_text()
    assert "Decided by a person, beside the prediction: <strong>Repeat: Patient motion" in text
    assert "Jane" not in text
    record = json.loads(
        (tmp_path / next(n for n in written.files if n.endswith(".json"))).read_text()
    )
    assert record["review"] == review.to_plain()
    assert (record["verdict"], record["verdict_code"]) == ("check", "111236")
    folder = tmp_path / "without"
    names = {name.rpartition(".")[2]: folder / name for name in without.files}
    assert json.loads(names["json"].read_text())["review"] is None
    assert "Decided by a person" not in names["html"].read_text()
    with pytest.raises(ValueError, match="kinds"):
        ReportExport(loaded(), result, tmp_path, ("docx",))


def test_the_pdf_tells_the_decision_too(tmp_path) -> None:
    review = Review(Decision.ACCEPT_WITH_NOTE, "111207")
    with Runner(device="cpu", synchronous=True) as runner:
        asked = ReportExport(loaded(), scored(), tmp_path, ("pdf",), review)
        (name,) = runner.export_report(asked).value().files
        plain = ReportExport(loaded(), scored(), tmp_path / "without", ("pdf",))
        (other,) = runner.export_report(plain).value().files
    assert (tmp_path / name).stat().st_size > (tmp_path / "without" / other).stat().st_size
