"""PDF, HTML and tables of a series: what they say, and whom they never name."""

import base64
import csv
import io
import re
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import phantoms
from acutance.core.iqm import IqmResult
from acutance.core.ledger import Ledger, LoadedSeries, LoadWarning, SeriesItem, SetAside
from acutance.core.quality import ModelFacts, QualityResult, SliceScore, Verdict
from acutance.core.volume import Volume
from acutance.export.evidence import Extras
from acutance.export.exporters import neutral_stem, report_stem, write_series_report
from acutance.export.mark import mark_masks
from acutance.export.pdf import latin
from acutance.export.record import series_record
from acutance.export.table import COLUMNS, columns_of, csv_text, safe_text, table_row, tsv_text

CANARY = "Zebedee"
KINDS = ("html", "pdf", "png")


def series(title: str = f"{CANARY} T1w <script>") -> LoadedSeries:
    array = phantoms.head()[::4, ::4, ::4]
    path = f"/scans/{CANARY}/{CANARY}_head.nii.gz"
    aside = (
        SetAside(f"/scans/{CANARY}/{CANARY}.txt", "plain text"),
        SetAside(f"/scans/{CANARY}/{CANARY}2.TXT", "plain text"),
        SetAside(f"/scans/{CANARY}/{CANARY}", "empty"),
    )
    return LoadedSeries(
        SeriesItem("nifti", path, (path,), title=title),
        Volume(array, np.diag([4.0, 4.0, 4.0, 1.0]), modality="MR", name=title),
        Ledger(4, 1, aside),
        (LoadWarning("missing_slices", "≥ 2 slices <b>are</b> missing", (path,)),),
        ("<img src='http://192.0.2.1/x.png'/>",),
    )


def scored(verdict: Verdict = Verdict.CHECK) -> QualityResult:
    slices = tuple(
        SliceScore("axial", 4 + n, 0.9 - n * 0.05, ssim_lo=0.3, ssim_hi=0.95) for n in range(8)
    )
    parameters = {"threshold_usable": 0.85, "threshold_repeat": 0.6, "planes": ["axial"]}
    return QualityResult(
        verdict, "motion artefact likely", True, 0.71, slices, ("axial",),
        ModelFacts("iqa_resnet18", "2", "ab" * 32), "cpu", parameters, 0.5, 0.61, 0.81,
    )  # fmt: skip


EXTRAS = Extras(
    IqmResult({"efc": 0.5, "acu_snr": None}, {"acu_snr": "no air"}, {"version": "1"}, 0.1)
)


def pdf_text(data: bytes) -> str:
    """Return the strings that a PDF of ours draws, in order."""
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
        try:
            content = zlib.decompress(base64.a85decode(b"<~" + stream.strip(), adobe=True))
        except (ValueError, zlib.error):
            continue
        found += re.findall(rb"\(((?:\\.|[^\\()])*)\) Tj", content)
    return " ".join(part.decode("cp1252") for part in found)


def test_pdf_says_what_html_says(tmp_path) -> None:
    loaded, result = series(), scored()
    record = series_record(loaded, result, seconds=1.0)
    write_series_report(loaded, result, record, tmp_path, kinds=KINDS, stem="a", extras=EXTRAS)
    html = (tmp_path / "a.html").read_text(encoding="utf-8")
    data = (tmp_path / "a.pdf").read_bytes()
    text = pdf_text(data)
    for words in (
        "Check", "predicted SSIM 0.71", "0.61 to 0.81", "motion artefact likely",
        "Not for diagnosis", "T1w", "1 of 4 files used", "plain text", "no air", "efc",
        "axial 11", "ab" * 32, "iqa_resnet18 2", "air brightened", "missing",
    ):  # fmt: skip
        assert words in html, words
        assert words in text, words
    # Text is text: neither markup nor a picture from elsewhere.
    assert "<b>are</b>" in text.replace(" ", "")
    assert "<script" not in html
    assert not re.search(r"<img src=['\"](?!data:)", html)
    assert b"/URI" not in data
    assert text.count("Not for diagnosis") >= 2 * text.count(" page ") >= 2


def pdf_pictures(data: bytes) -> list[np.ndarray]:
    """Return the RGB pictures inside a PDF of ours, (rows, columns, 3)."""
    found = []
    for part in re.findall(rb"<<(?:(?!<<).)*?/Subtype /Image.*?endstream", data, re.DOTALL):
        width, height = (int(re.search(rb"/%s (\d+)" % n, part)[1]) for n in (b"Width", b"Height"))
        stream = re.search(rb"stream\r?\n(.*?)endstream", part, re.DOTALL)[1]
        pixels = zlib.decompress(base64.a85decode(b"<~" + stream.strip(), adobe=True))
        found.append(np.frombuffer(pixels, np.uint8).reshape(height, width, 3))
    return found


def test_every_picture_of_a_restored_series_in_a_pdf_is_marked(tmp_path) -> None:
    plain = series()
    facts = {**plain.volume.facts, "restored": True}
    restored = replace(plain, volume=replace(plain.volume, facts=facts))
    marked = {}
    for name, loaded in (("plain", plain), ("restored", restored)):
        record = series_record(loaded, scored(), seconds=1.0)
        write_series_report(loaded, scored(), record, tmp_path, kinds=("pdf",), stem=name)
        pictures = pdf_pictures((tmp_path / f"{name}.pdf").read_bytes())
        assert len(pictures) >= 12  # three planes, their air, six of the lowest slices
        masks = [mark_masks(picture.shape[:2], "RESTORED")[0] for picture in pictures]
        marked[name] = [bool((p[m] == 255).all()) for p, m in zip(pictures, masks, strict=True)]
    assert all(marked["restored"])
    assert not any(marked["plain"])


def test_a_report_names_nobody(tmp_path) -> None:
    loaded, result = series(), scored()
    record = series_record(loaded, result, seconds=1.0)
    stem = neutral_stem(loaded)
    written = write_series_report(
        loaded, result, record, tmp_path, kinds=KINDS, stem=stem, extras=EXTRAS
    )
    assert len(written) == len(KINDS)
    for path in written:
        data = path.read_bytes()
        assert CANARY.encode() not in data, path.suffix
        assert CANARY not in path.name
    assert CANARY not in pdf_text((tmp_path / f"{stem}.pdf").read_bytes())
    row = table_row(record, stem)
    assert CANARY not in csv_text(columns_of([row]), [row])
    assert row["name"] == "T1w"
    # The same scan has the same hash under both names.
    assert stem.rsplit("-", 1)[1] == report_stem(loaded).rsplit("-", 1)[1]


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_a_page_that_is_the_same_every_time(tmp_path, verdict: Verdict) -> None:
    loaded, result = series(), scored(verdict)
    record = series_record(loaded, result, seconds=1.0)
    for name in ("one", "two"):
        write_series_report(loaded, result, record, tmp_path, kinds=("pdf",), stem=name)
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


def test_characters_that_a_font_lacks_are_told() -> None:
    assert latin("≥ 2 × µ – 日") == r">= 2 × µ – \u65e5"


def test_a_row_holds_numbers_as_numbers() -> None:
    record = series_record(series(), scored(), seconds=1.0) | {"iqms": {"efc": -0.5, "x": None}}
    row = table_row(record, "series-1")
    table = list(csv.DictReader(io.StringIO(csv_text(columns_of([row]), [row]))))
    assert len(table) == 1
    assert float(table[0]["ssim_pred"]) == 0.71
    assert float(table[0]["efc"]) == -0.5
    assert table[0]["x"] == ""
    assert table[0]["verdict_code"] == "111236"
    assert (table[0]["worst_slice"], table[0]["slices_repeat_frac"]) == ("11", "0.125")
    assert tuple(table[0])[: len(COLUMNS)] == COLUMNS
    lines = tsv_text(columns_of([row]), [row]).splitlines()
    assert lines[1].split("\t")[lines[0].split("\t").index("efc")] == "-0.5"


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-x", "@A1", "\t=1", " =1", "＝1"])
def test_text_that_a_spreadsheet_would_compute_is_quoted(text: str) -> None:
    row = {"id": text, "reason": text}
    table = list(csv.reader(io.StringIO(csv_text(("id", "reason"), [row]))))
    assert table[1] == [f"'{text}"] * 2
    assert tsv_text(("id",), [row]).splitlines()[1].startswith("'")


@given(st.text())
def test_no_cell_begins_a_formula(text: str) -> None:
    assert not safe_text(text).lstrip().startswith(("=", "+", "-", "@", "\t", "\r", "\0"))
    assert safe_text(text).endswith(text)
    line = tsv_text(("a",), [{"a": text}])
    assert line.count("\t") == 0
    assert len(line.split("\n")) == 3
