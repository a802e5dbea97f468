"""One report of many series: every record accounted, outliers found, nothing runs or names."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from acutance import cli
from acutance.errors import ReadError
from acutance.export.group_records import read_group
from acutance.export.group_report import DOTS, group_html
from acutance.export.group_statistics import LEAST_VALUES, modified_z, outliers_first, spreads_of

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "Zebedee"


def record(n: int, score: float | None = 0.9, **more: Any) -> dict[str, Any]:
    verdict = "not_assessed" if score is None else "usable" if score > 0.8 else "repeat"
    return {
        "path": f"/scans/{CANARY}/{n}.nii.gz",
        "series": f"{CANARY} T1w <script>alert({n})</script>",
        "modality": "MR",
        "verdict": verdict,
        "ssim_pred": score,
        "ssim_interval": None if score is None else [score - 0.05, min(1.0, score + 0.05)],
        "slices": [{"plane": "axial", "index": 3, "ssim_pred": score, "reason": ""}],
        "reason": "=cmd|' /C calc'!A0 <img src=x onerror=alert(1)>",
        "ledger": {"found": 2, "used": 1, "set_aside": [{"file": CANARY, "reason": "empty"}]},
        "parameters": {"threshold_repeat": 0.6},
        "warnings": [],
        "model": {"name": "iqa", "version": "2", "status": "shipped"},
        "software": {"version": "0.1.0"},
        **more,
    }


def write_lines(path: Path, records: list[Any]) -> Path:
    path.write_text("".join(f"{json.dumps(r)}\n" for r in records), encoding="utf-8")
    return path


def test_every_record_is_in_one_place(tmp_path) -> None:
    good = [record(n) for n in range(3)]
    metrics = {k: good[1][k] for k in ("path", "series")} | {"iqms": {"efc": 0.5}}
    bad = [[], {"path": 1}, {"path": "x"}, record(8, verdict="superb"), record(9, ledger=[1]),
           record(10, iqms={"efc": "high"}), {"path": "y", "iqms": {"efc": 10**400}}]  # fmt: skip
    file = write_lines(tmp_path / "r.jsonl", [*good, metrics, *bad])
    with file.open("a", encoding="utf-8") as more:
        more.write('{"path": "x", "verdict": "usable", "ssim_pred": NaN}\n{cut\n\n' + "[" * 99999)
    group = read_group([file])
    assert group.found == len(group.cases) + group.joined + len(group.set_aside)
    assert (len(group.cases), group.joined, len(group.set_aside)) == (3, 1, len(bad) + 3)
    assert group.cases[1].row["efc"] == 0.5
    assert group.cases[1].row["verdict"] == "usable"
    assert len({case.id for case in group.cases}) == 3
    assert "line 5" in group.set_aside[0].place
    with pytest.raises(ReadError, match="cannot be read"):
        read_group([tmp_path / "nowhere"])


def test_the_folder_of_a_run_gives_pictures_and_the_ids_of_its_reports(tmp_path) -> None:
    write_lines(tmp_path / "results.jsonl", [record(n) for n in range(2)])
    (tmp_path / "items").mkdir()
    one = tmp_path / "items" / "scan-0123abcd.json"
    one.write_text(json.dumps(record(5)), encoding="utf-8")
    noise = np.random.default_rng(0).integers(0, 255, (508, 992, 3), dtype=np.uint8)
    Image.fromarray(noise).save(one.with_suffix(".png"))
    broken = tmp_path / "items" / "other-11111111.json"
    broken.write_text(json.dumps(record(6)), encoding="utf-8")
    broken.with_suffix(".png").write_bytes(b"\x89PNG\r\n\x1a\n cut")
    group = read_group([tmp_path])
    assert [case.id for case in group.cases][2:] == ["series-11111111", "series-0123abcd"]
    html = group_html(group, created_utc="2026")
    assert html.count("data:image/jpeg;base64,") == 1
    assert "1 of 4 series" in html


def test_nothing_of_a_record_runs_or_names(tmp_path) -> None:
    file = write_lines(tmp_path / "r.jsonl", [record(n, 0.9 - 0.01 * n) for n in range(12)])
    assert cli.run(cli.parse(["report", str(file), "-o", str(tmp_path / "out")])) == 0
    for path in (tmp_path / "out").iterdir():
        assert CANARY.encode() not in path.read_bytes(), path.name
    html = (tmp_path / "out" / "group.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert len(scripts) == html.count("<script") == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'\"" in html
    assert "default-src 'none'" in html
    assert "<img src=x" not in html
    assert not re.search(r"(src|href)=\"(?!data:)", html)
    assert "Not for diagnosis" in html
    table = (tmp_path / "out" / "group.csv").read_text(encoding="utf-8")
    assert "'=cmd" in table
    assert ",=cmd" not in table
    lines = (tmp_path / "out" / "group.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[3])["ssim_pred"] == pytest.approx(0.87)


def test_the_key_alone_tells_which_scan_is_which(tmp_path, capsys) -> None:
    file = write_lines(tmp_path / "r.jsonl", [record(0), "no record"])
    key = tmp_path / "key.tsv"
    arguments = ["report", str(file), "-o", str(tmp_path / "out"), "--key", str(key)]
    assert cli.run(cli.parse(arguments)) == 3
    assert "line 2: set aside" in capsys.readouterr().err
    id, path, _ = key.read_text(encoding="utf-8").splitlines()[1].split("\t")
    assert path == record(0)["path"]
    assert id in (tmp_path / "out" / "group.csv").read_text(encoding="utf-8")
    before = file.read_bytes()
    assert cli.run(cli.parse([*arguments[:-1], str(file)])) == 1
    assert file.read_bytes() == before
    empty = write_lines(tmp_path / "empty.jsonl", [])
    assert cli.run(cli.parse(["report", str(empty), "-o", str(tmp_path / "none")])) == 1
    assert not (tmp_path / "none").exists()


def test_modified_z_scores_have_their_textbook_values() -> None:
    # Median 4.5, absolute deviations 3.5 2.5 1.5 .5 .5 1.5 2.5 3.5, their median 2.
    assert modified_z([1, 2, 3, 4, 5, 6, 7, 8])[0] == pytest.approx(0.6745 * -3.5 / 2)
    assert modified_z([1.0] * 9) == (0.0,) * 9
    # More than half are equal: the mean absolute deviation, 10 / 10 here.
    assert modified_z([5.0] * 9 + [15.0])[9] == pytest.approx(10 / 1.253314)
    assert modified_z([1.0, None] * 7) == (None,) * 14


@given(st.lists(st.floats(-1e6, 1e6), min_size=LEAST_VALUES, max_size=40))
def test_a_shift_and_a_scale_change_no_score(values: list[float]) -> None:
    moved = modified_z([4.0 * v + 1024.0 for v in values])
    spread = float(np.median(np.abs(np.array(values) - np.median(values))))
    if spread > 1e-3:
        assert np.allclose(modified_z(values), moved, rtol=1e-3, atol=1e-3)


def test_unusual_series_come_first_and_every_dot_of_theirs_is_drawn(tmp_path) -> None:
    rng = np.random.default_rng(1)
    records = [record(n, float(0.9 + 0.01 * rng.standard_normal())) for n in range(DOTS + 200)]
    records[40] = record(40, 0.3)
    records[77] = record(77, None)
    group = read_group([write_lines(tmp_path / "r.jsonl", records)])
    spreads = spreads_of(group.cases)
    assert outliers_first(group.cases, spreads)[0] == 40
    html = group_html(group, created_utc="2026")
    assert 'data-case="40" tabindex' in html.split("<tbody>")[1].split("</tr>")[0]
    plot = html.split('aria-label="distribution of ssim_pred"')[1].split("</svg>")[0]
    assert 'data-case="40"' in plot
    assert 'data-case="77"' not in plot
    assert plot.count("<circle") <= DOTS + sum(spreads[0].is_unusual(n) for n in range(800))
