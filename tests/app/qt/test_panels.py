from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QFontMetrics

from acutance.core.quality import Thresholds
from acutance.qt.panels.provenance_section import provenance_rows
from acutance.qt.panels.quality_panel import count_text, interval_text, model_text
from acutance.qt.panels.series_list import describe, status_word, two_lines
from acutance.qt.theme import ui_font
from acutance.session import Session


@pytest.fixture
def session(kit):
    session = Session()
    session.add_items([kit.make_item("one")])
    return session


def test_second_line_of_a_series_tells_its_state(kit, session):
    (entry,) = session.entries
    assert describe(entry) == "MR  1 file"
    session.mark_loading(entry.id)
    session.set_progress(entry.id, 0.4)
    assert (describe(entry), status_word(entry)) == ("loading 40%", "Loading")
    session.set_loaded(entry.id, kit.make_loaded())
    assert (describe(entry), status_word(entry)) == ("MR  24×28×20", "Not scored")
    session.set_result(entry.id, kit.make_result())
    assert status_word(entry) == "Usable"
    session.set_scoring_error(entry.id, kit.make_error())
    session.mark_loading(entry.id)
    session.set_failed(entry.id, kit.make_error())
    assert (describe(entry), status_word(entry)) == ("could not be read", "Could not be read")


@pytest.mark.parametrize(
    "name", ["T1", "dti_ax (volume 2 of 17, b 2000)", "x" * 200, "sample_T1_moved", "", "a b" * 90]
)
def test_long_names_take_two_lines_that_fit(qapp, name):
    font = ui_font()
    lines = two_lines(name, font, 90)
    assert 1 <= len(lines) <= 2
    assert all(QFontMetrics(font).horizontalAdvance(line) <= 104 for line in lines)
    assert lines[0] == name[: len(lines[0])]


def test_counts_say_how_many_slices_have_no_score(kit):
    result = kit.make_result(level=0.7)
    assert count_text(result) == "axial: 18 slices scored, 2 without a score"
    assert model_text(result) == "iqa_resnet18 0.1 · cpu · 1.4 s"


def test_provenance_names_source_geometry_and_weights(kit, session):
    (entry,) = session.entries
    session.set_loaded(entry.id, kit.make_loaded())
    session.set_result(entry.id, kit.make_result())
    rows = dict(provenance_rows(entry))
    assert rows["Source"].replace("\u200b", "") == "/scans/one.nii.gz"
    assert rows["Voxels"] == "24 × 28 × 20"
    assert rows["Spacing"] == "2 × 2 × 2 mm"
    assert rows["Array axes"] == "RAS"
    assert rows["Stored as"] == "int16"
    assert rows["Weights"] == "iqa_resnet18 0.1"


def test_what_tells_volumes_of_a_series_apart_has_a_line_of_its_own(qapp):
    font = ui_font(13)
    lines = two_lines("ep2d_diff_mddw_p2_tra_iso (volume 3 of 17, b 2000)", font, 110)
    assert lines[1] == "3/17 b 2000"
    assert two_lines("dti (volume 3 of 17)", font, 110) == ["dti", "3/17"]


def test_the_interval_stands_beside_the_number(kit):
    result = replace(kit.make_result(level=0.7), ssim_lo=0.61, ssim_hi=0.784)
    assert interval_text(result) == "90 %: 0.61 \N{EN DASH} 0.78"
    assert interval_text(kit.make_result()) == ""


def test_bars_are_coloured_by_the_thresholds_a_result_was_judged_by(kit):
    strict = replace(
        kit.make_result(), parameters={"threshold_usable": 0.97, "threshold_repeat": 0.9}
    )
    assert strict.thresholds == Thresholds(0.97, 0.9)
    assert replace(strict, parameters={}).thresholds == Thresholds()
