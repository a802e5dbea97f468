"""The history: what it keeps, what it never keeps, and how it fails."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from acutance.errors import ExportError, ReadError
from acutance.export import history_store, network_share
from acutance.export.history_store import Entry, HistoryStore, Process, entry_of
from acutance.export.history_table import read_table
from acutance.export.table import table_row

if TYPE_CHECKING:
    from pathlib import Path

HERE = Process("MR1", "T1w", "Head32")
CANARY = "Zebedee"


def entry(name: str, value: float, process: Process = HERE) -> Entry:
    return Entry(f"/data/{CANARY}/{name}", process, {"ssim_pred": value}, "2026-01-02T03:04:05")


def test_scans_are_kept_in_order_and_once(tmp_path: Path) -> None:
    with HistoryStore(tmp_path / "deep" / "h.sqlite") as store:
        assert store.add([entry("a", 0.9), entry("b", 0.8)]) == (2, 0)
        assert store.add([entry("a", 0.7), entry("c", 0.6, Process("MR2"))]) == (1, 1)
        assert [(p.number, p.value) for p in store.points(HERE, "ssim_pred")] == [
            (1, 0.7),
            (2, 0.8),
        ]
        assert store.processes() == {HERE: 2, Process("MR2"): 1}
        assert store.names(HERE) == {"ssim_pred": 2}
    with HistoryStore(tmp_path / "deep" / "h.sqlite") as store:
        assert [row["ssim_pred"] for row in store.rows()] == [0.7, 0.8, 0.6]


def test_nothing_that_names_a_scan_reaches_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    with HistoryStore(path) as store:
        store.add([entry("a", 0.9)])
        for file in tmp_path.iterdir():
            assert CANARY.encode() not in file.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_histories_hash_the_same_scan_differently(tmp_path: Path) -> None:
    hashes = []
    for name in ("a", "b"):
        with HistoryStore(tmp_path / name) as store:
            store.add([entry("a", 0.9)])
        with closing(sqlite3.connect(tmp_path / name)) as raw:
            hashes.append(raw.execute("SELECT scan FROM entries").fetchone())
    assert hashes[0] != hashes[1]


def test_a_share_of_the_network_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    share = tmp_path / "a share"
    share.mkdir()
    escaped = str(share.resolve()).replace(" ", "\\040")
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/x {escaped} nfs4 rw 0 0\n")
    monkeypatch.setattr(network_share, "_MOUNTS", mounts)
    with pytest.raises(ExportError, match="network share"):
        HistoryStore(share / "sub" / "h.sqlite")
    assert list(share.iterdir()) == []
    HistoryStore(tmp_path / "h.sqlite").close()
    told = mounts.read_text()
    assert network_share.kind_of(f"{share.resolve()}er/x", told) == "ext4"
    assert network_share.is_network_share(tmp_path.__class__("//server/share/x"))


def test_a_history_that_another_program_holds_is_named(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    with (
        HistoryStore(path, busy_seconds=0.05) as store,
        closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ExportError, match="Another program holds the history"):
            store.add([entry("a", 0.9)])
        with pytest.raises(ExportError, match="Another program holds the history"):
            HistoryStore(path, busy_seconds=0.05)
        other.execute("ROLLBACK")
        assert store.add([entry("a", 0.9)]) == (1, 0)
        # Two programs at once is no fault.
        with HistoryStore(path) as second:
            assert second.add([entry("b", 0.9)]) == (1, 0)
        assert len(list(store.rows())) == 2


def test_damaged_foreign_and_later_histories(tmp_path: Path) -> None:
    path = tmp_path / "h.sqlite"
    path.write_bytes(b"no database at all" * 100)
    with HistoryStore(path) as store:
        assert store.moved_aside is not None
        assert store.moved_aside.read_bytes().startswith(b"no database")
        store.add([entry("a", 0.9)])
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"PRAGMA user_version = {history_store.SCHEMA_VERSION + 1}")
    with pytest.raises(ExportError, match="a later version"):
        HistoryStore(path)
    with closing(sqlite3.connect(tmp_path / "other")) as raw:
        raw.execute("CREATE TABLE mine (x)")
    with pytest.raises(ExportError, match="another program"):
        HistoryStore(tmp_path / "other")
    with pytest.raises(ExportError, match="cannot be used"):
        HistoryStore(tmp_path)


def test_a_fault_midway_keeps_all_or_nothing(tmp_path: Path) -> None:
    with HistoryStore(tmp_path / "h.sqlite") as store:
        bad = Entry("x", HERE, {"ssim_pred": None})  # type: ignore[dict-item]
        with pytest.raises(TypeError):
            store.add([entry("a", 0.9), bad])
        assert list(store.rows()) == []


def test_records_tell_their_process() -> None:
    record = {
        "path": f"/in/{CANARY}.dcm", "modality": "MR", "verdict": "usable", "ssim_pred": 0.9,
        "created_utc": "2026-01-02T03:04:05+00:00", "iqms": {"efc": 0.5, "fber": None},
        "acquisition": {"station": "MR7", "scanner": "Skyra", "coil": "H20"},
    }  # fmt: skip
    found = entry_of(record, table_row(record, ""), Process(protocol="mprage"))
    assert found.process == Process("MR7", "mprage", "H20")
    assert (found.numbers["ssim_pred"], found.numbers["efc"]) == (0.9, 0.5)
    assert not {"fber", "verdict_code", "in_scope"} & set(found.numbers)


def test_tables_of_others_are_read(tmp_path: Path) -> None:
    table = tmp_path / "group_T1w.tsv"
    table.write_text(
        f"bids_name\tcjv\tefc\tnote\tscanner\tdate\nsub-{CANARY}_T1w\t0.4\tn/a\tx\tMR9\t2020-01-01\n"
        "sub-02_T1w\t0.5\t0.6\ty\t\t\n\t0.5\t0.6\t\t\t\nsub-03_T1w\t\tn/a\t\t\t\n"
    )
    found = read_table(table, Process(protocol="T1", source="mriqc"), time_column="date")
    assert found.columns == ("cjv", "efc")
    assert [e.numbers for e in found.entries] == [{"cjv": 0.4}, {"cjv": 0.5, "efc": 0.6}]
    assert [e.process.scanner for e in found.entries] == ["MR9", ""]
    assert [e.measured_utc for e in found.entries] == ["2020-01-01", ""]
    assert found.skipped == ((4, "names no scan"), (5, "holds no number"))
    for text, words in (
        ("a\tb\n1\t2\n", "names the scans"),
        ("only\n", "no table"),
        ("", "no table"),
    ):
        table.write_text(text)
        with pytest.raises(ReadError, match=words):
            read_table(table, Process())
