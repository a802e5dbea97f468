"""`acutance history` from outside: add, import, list, trend, export."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from acutance import __main__

if TYPE_CHECKING:
    from pathlib import Path


def history(*arguments: object) -> int:
    return __main__.main(["history", *map(str, arguments)])


def record(n: int, value: float) -> dict[str, object]:
    return {
        "path": f"/in/Zebedee{n}.dcm", "series": "t1", "modality": "MR", "kind": "volume",
        "verdict": "usable", "ssim_pred": value, "slices": [], "created_utc": f"2026-01-01T00:{n}",
        "acquisition": {"station": "=MR1", "protocol": "T1 \x1b[31mred"}, "ledger": {},
    }  # fmt: skip


def test_from_results_to_a_trend(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = np.random.default_rng(5).normal(0.9, 0.01, 40)
    values[25:] -= 0.03
    lines = tmp_path / "results.jsonl"
    lines.write_text("".join(json.dumps(record(n, v)) + "\n" for n, v in enumerate(values)))
    where = ("--database", tmp_path / "h.sqlite")
    assert history("add", lines, "--coil", "Head32", *where) == 0
    assert history("add", lines, "--coil", "Head32", *where) == 0
    assert "40 series added, 0 renewed" in (told := capsys.readouterr().out)
    assert "0 series added, 40 renewed" in told
    assert history("list", "--json", *where) == 0
    (listed,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (listed["scanner"], listed["coil"], listed["scans"]) == ("=MR1", "Head32", 40)
    assert history("trend", "--scanner", "=MR1", "--json", *where) == 0
    trend = json.loads(capsys.readouterr().out)
    assert len(trend["values"]) == 40
    assert trend["change_at"] in range(24, 29)
    assert trend["drifted"]
    assert history("trend", *where) == 0
    told = capsys.readouterr().out
    assert "level changed" in told
    assert "Not for diagnosis" in told
    assert "\x1b" not in told
    assert history("trend", "--metric", "nothing", *where) == 1
    assert "measurement named nothing" in capsys.readouterr().err
    table = tmp_path / "all.csv"
    assert history("export", "-o", table, *where) == 0
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert [float(row["ssim_pred"]) for row in rows] == list(values)
    assert {row["scanner"] for row in rows} == {"'=MR1"}
    assert "Zebedee" not in table.read_text()
    assert history("export", "-o", tmp_path / "all.xls", *where) == 1


def test_a_table_of_mriqc_is_a_trend_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "group_T1w.tsv"
    table.write_text("bids_name\tefc\n" + "".join(f"sub-{n}_T1w\t0.{n}\n" for n in range(10, 22)))
    where = ("--database", tmp_path / "h.sqlite")
    assert history("import", table, "--scanner", "MR1", *where) == 0
    assert history("trend", "--metric", "efc", "--source", "mriqc", *where) == 0
    told = capsys.readouterr().out
    assert "MR1, protocol not stated, from mriqc: efc" in told
    assert "12 values" in told
    assert history("import", tmp_path / "gone.tsv", *where) == 1
    assert "cannot be read" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        history("import", table, "--source", "acutance")
