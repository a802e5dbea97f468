"""A batch on a Dask cluster of two workers gives the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from small_batches import finish

from acutance.batch import dask_pool
from acutance.errors import ExportError

pytest.importorskip("distributed", reason="the extra `dask` is not installed")

ROOT = Path(__file__).parents[3]
#: In a process of its own: what the cluster warns of is none of ours.
_SCRIPT = """
import sys
from acutance.__main__ import main
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        code = main(["batch", *sys.argv[1:], "--scheduler", cluster.scheduler_address])
    raise SystemExit(code)
"""


def test_two_workers_give_the_same_bytes(source: Path, make_batch: Any, tmp_path: Path) -> None:
    finish(make_batch())
    script = tmp_path / "script.py"
    script.write_text(_SCRIPT)
    paths = os.pathsep.join(str(ROOT / part) for part in ("app", "models", "resources"))
    target = tmp_path / "dask"
    arguments = [str(source), str(target), "--tasks", "iqm", "--device", "cpu"]
    done = subprocess.run(
        [sys.executable, str(script), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert done.returncode == 3, done.stdout + done.stderr
    for name in ("results.jsonl", "ledger.jsonl"):
        assert (target / name).read_bytes() == (tmp_path / "out" / name).read_bytes()


def test_scheduler_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_pool, "CONNECT_SECONDS", 0.2)
    with pytest.raises(ExportError, match="does not answer"):
        dask_pool.DaskPool("tcp://127.0.0.1:1", "cpu")


def test_missing_extra_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ExportError, match="not installed"):
        dask_pool.DaskPool("tcp://127.0.0.1:1", "cpu")
