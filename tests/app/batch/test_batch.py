"""A batch in peace: plan, results, ledger, resume, shares."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from small_batches import finish, write_volume

from acutance.batch.merging import merge
from acutance.batch.settings import BatchSettings, Shard, parse_shard, parse_tasks
from acutance.batch.tables import iter_ledger, iter_results
from acutance.errors import ExportError

if TYPE_CHECKING:
    from pathlib import Path

    from acutance.batch.events import BatchEvent


def tables(out: Path) -> tuple[bytes, bytes]:
    return (out / "results.jsonl").read_bytes(), (out / "ledger.jsonl").read_bytes()


def test_every_file_is_in_exactly_one_state(source: Path, make_batch: Any, tmp_path: Path) -> None:
    batch = make_batch()
    plan = batch.plan()
    assert (len(plan.entries), plan.waiting, plan.done) == (5, 4, 0)
    assert plan.seconds > 0
    outcome = batch.run()
    lines = list(iter_ledger(tmp_path / "out"))
    states = {line.file.removeprefix(f"{source}/"): line.state for line in lines}
    assert states == {
        "b/Jane_Doe.nii": "done",
        "b/z_copy.nii": "done",
        "cut.nii.gz": "failed",
        "notes.txt": "set aside",
        "sub-01_T1w.nii": "set aside",
        "sub-02_T1w.nii": "done",
    }
    assert len(lines) == len(states) == sum(path.is_file() for path in source.rglob("*"))
    assert dict(outcome.totals.files) == {"done": 3, "failed": 1, "set aside": 2}
    assert dict(outcome.totals.items) == {"done": 3, "failed": 1}
    copy = next(line for line in lines if line.file.endswith("sub-01_T1w.nii"))
    assert copy.reason == f"the same bytes as {source / 'b' / 'z_copy.nii'}"


def test_results_come_in_order_and_hold_no_time(make_batch: Any, tmp_path: Path) -> None:
    finish(make_batch())
    out = tmp_path / "out"
    lines = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    results = list(iter_results(out))
    assert [r.record["path"] for r in results] == [line["path"] for line in lines]
    assert [line["path"] for line in lines] == sorted(line["path"] for line in lines)
    for result, line in zip(results, lines, strict=True):
        assert set(result.record) - set(line) == {"created_utc", "seconds"}
        assert {n: v for n, v in result.record.items() if n in line} == line
        assert (out / "items" / f"{result.name}.json").is_file()


def test_no_name_of_a_patient_is_in_names_or_queue(make_batch: Any, tmp_path: Path) -> None:
    finish(make_batch())
    out = tmp_path / "out"
    names = sorted(path.stem.rpartition("-")[0] for path in (out / "items").iterdir())
    assert names == ["sub-02_T1w", "volume", "volume"]
    assert b"Jane" not in (out / "queue.sqlite").read_bytes()
    assert b"Jane" not in (out / "batch.json").read_bytes()
    assert str(tmp_path).encode() not in (out / "queue.sqlite").read_bytes()


def test_resume_does_nothing_twice(make_batch: Any, tmp_path: Path) -> None:
    finish(make_batch())
    before = tables(tmp_path / "out")
    heard: list[BatchEvent] = []
    batch = make_batch(listener=heard.append, is_resumed=True)
    plan = batch.plan()
    assert (plan.waiting, plan.done, plan.failed) == (0, 3, 1)
    batch.run()
    assert tables(tmp_path / "out") == before
    assert not {"begun", "done", "failed"} & {event.kind for event in heard}


def test_resume_of_nothing_starts_anew(make_batch: Any, tmp_path: Path) -> None:
    assert finish(make_batch(is_resumed=True)).totals.items["done"] == 3


def test_what_changed_is_done_again_and_what_is_gone_is_kept(
    source: Path, make_batch: Any, tmp_path: Path
) -> None:
    finish(make_batch())
    (source / "b" / "Jane_Doe.nii").unlink()
    write_volume(source / "sub-02_T1w.nii", 9)
    heard: list[BatchEvent] = []
    outcome = finish(make_batch(listener=heard.append, is_resumed=True))
    assert outcome.totals.items == {"done": 3, "failed": 1}
    assert [e.entry.item.title for e in heard if e.kind == "done" and e.entry] == ["sub-02_T1w"]
    assert len(list((tmp_path / "out" / "items").iterdir())) == 3
    gone = [line for line in iter_ledger(tmp_path / "out") if line.file.endswith("Jane_Doe.nii")]
    assert [line.state for line in gone] == ["done"]
    assert "no longer" in gone[0].reason


def test_failed_series_are_tried_again_only_when_asked(make_batch: Any) -> None:
    finish(make_batch())
    again = make_batch(is_resumed=True, retries_failed=True)
    assert again.plan().waiting == 1
    assert again.run().totals.items == {"done": 3, "failed": 1}


def test_shares_joined_are_the_whole(source: Path, make_batch: Any, tmp_path: Path) -> None:
    for seed in range(20, 26):
        write_volume(source / f"more{seed}.nii", seed)
    shutil.copy(source / "more20.nii", source / "a_copy.nii")
    shutil.copy(source / "more20.nii", source / "z_copy.nii")
    finish(make_batch())
    parts = []
    for number in (1, 2, 3):
        parts.append(tmp_path / f"part{number}")
        finish(make_batch(parts[-1], shard=Shard(number, 3)))
    assert all((part / "ledger.jsonl").read_text() for part in parts)
    totals = merge(parts[::-1], tmp_path / "joined")
    assert tables(tmp_path / "joined") == tables(tmp_path / "out")
    assert totals.files["failed"] == 1
    names = [sorted(p.name for p in (tmp_path / n / "items").iterdir()) for n in ("joined", "out")]
    assert names[0] == names[1]
    merge(parts, tmp_path / "joined")  # again, over what is there
    assert tables(tmp_path / "joined") == tables(tmp_path / "out")
    with pytest.raises(ExportError, match="All 3 shares are needed once"):
        merge(parts[:2], tmp_path / "other")


def test_object_is_that_of_the_command(source: Path, make_batch: Any, tmp_path: Path) -> None:
    from acutance import __main__

    target = tmp_path / "lines.jsonl"
    assert __main__.main(["iqm", str(source), "--json", str(target)]) == 3
    expected = {}
    for line in target.read_text().splitlines():
        record = json.loads(line)
        expected[record["path"]] = {**record, "created_utc": 0, "seconds": 0}
    finish(make_batch())
    for result in iter_results(tmp_path / "out"):
        record = {**result.record, "created_utc": 0, "seconds": 0}
        assert record == expected[record["path"]]


def test_tasks_and_shards_are_read_and_refused() -> None:
    assert parse_tasks("iqm, score") == ("score", "iqm")
    assert parse_shard("2/8") == Shard(2, 8)
    for text in ("", "score,paint"):
        with pytest.raises(ValueError, match="no task"):
            parse_tasks(text)
    for text in ("0/2", "3/2", "1", "a/b", "1/99999"):
        with pytest.raises(ValueError, match=r"share|K/N"):
            parse_shard(text)


def test_keys_tell_parameters_apart(tmp_path: Path) -> None:
    plain = BatchSettings(tmp_path, tmp_path / "o")
    other = BatchSettings(tmp_path, tmp_path / "o", plane="coronal")
    assert plain.key("x") != other.key("x")
    assert plain.key("x") == BatchSettings(tmp_path, tmp_path / "p", workers=3).key("x")


def test_identity_in_a_header_reaches_no_file_of_the_batch(make_batch: Any, tmp_path: Path) -> None:
    import pydicom
    from pydicom.data import get_testdata_file

    folder = tmp_path / "dicom"
    folder.mkdir()
    dataset = pydicom.dcmread(str(get_testdata_file("CT_small.dcm", download=False)))
    dataset.PatientName, dataset.PatientID = "Canary^Name", "CANARY-ID"
    dataset.PatientBirthDate = "19010203"
    dataset.save_as(folder / "1.dcm")
    (folder / "cut.dcm").write_bytes((folder / "1.dcm").read_bytes()[:3000])
    finish(make_batch(into=folder))
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert [path.stem[:7] for path in files if path.suffix == ".json"].count("series-") == 1
    for canary in (b"Canary", b"CANARY", b"19010203"):
        assert not [path for path in files if canary in path.read_bytes()]
        assert not [path for path in files if canary in str(path).encode()]
