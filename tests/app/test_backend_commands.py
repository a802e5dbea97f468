"""`acutance backends`, `--backend` and `[scoring]`: who names the backend, and what is printed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from acutance import cli
from acutance.backend_commands import table
from acutance.batch import work as batch_work
from acutance.batch.settings import BatchSettings
from acutance.core.backends import AUTO, REFERENCE, BackendRow, BackendTrial
from acutance.core.ledger import SeriesItem
from acutance.core.scoring import ScoringPolicy
from acutance.core.site import SiteRules, parse_site
from acutance.errors import SiteFileError


def test_the_table_names_what_is_chosen_and_why_the_others_are_not() -> None:
    rows = (
        BackendRow(REFERENCE, 20.0, 0.0, 0.0, 0.0),
        BackendRow("onnxruntime-float32", reason="ONNX Runtime is not installed"),
        BackendRow("openvino-bfloat16", 11.0, 0.0009, 0.002, 0.0027),
        BackendRow("openvino-int8", 5.0, 0.003, 0.009, 0.01),
    )
    lines = table(BackendTrial(rows, "a" * 64, "b" * 64, 96, 2))
    assert lines[3].split() == ["openvino-bfloat16", "11.00", "0.00090", "0.00270", "chosen"]
    assert lines[2].endswith("ONNX Runtime is not installed")
    assert lines[4].endswith("not within the tolerance")
    assert "Nothing was measured" in table(BackendTrial((), "a" * 64, "b" * 64, 0, 2))[0]


def test_only_backends_that_there_are_can_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.parse(["score", "."]).backend == AUTO
    assert cli.parse(["score", ".", "--backend", "openvino-int8"]).backend == "openvino-int8"
    with pytest.raises(SystemExit):
        cli.parse(["score", ".", "--backend", "abacus"])
    assert "abacus" in capsys.readouterr().err
    path = Path("site.toml")
    site = parse_site(b'format = 1\n[scoring]\nbackend = "torch-float32"\n', path)
    assert ScoringPolicy(site, backend="openvino-int8").named_backend == REFERENCE
    for text in ('backend = "auto"', "backend = 3", 'bakend = "torch-float32"'):
        with pytest.raises(SiteFileError, match="scoring"):
            parse_site(f"format = 1\n[scoring]\n{text}\n".encode(), path)


def test_a_batch_takes_the_reference_unless_one_is_named(tmp_path: Path) -> None:
    plain = BatchSettings(tmp_path, tmp_path / "out")
    assert plain.parameters["backend"] == REFERENCE
    named = BatchSettings(
        tmp_path, tmp_path / "out", policy=ScoringPolicy(backend="openvino-bfloat16")
    )
    assert named.parameters["backend"] == "openvino-bfloat16"
    assert named.key("a") != plain.key("a")


@pytest.mark.parametrize(
    ("named", "used", "is_refused"),
    [("openvino-int8", REFERENCE, True), (REFERENCE, REFERENCE, False), (AUTO, REFERENCE, False)],
)
def test_a_batch_refuses_the_scores_of_another_backend(
    monkeypatch: pytest.MonkeyPatch, named: str, used: str, is_refused: bool
) -> None:
    result = SimpleNamespace(parameters={"backend": used, "backend_note": "it is not installed"})
    monkeypatch.setattr(batch_work, "work_on", lambda *_given: (None, result, {"verdict": "x"}))
    work = batch_work.Work(
        SeriesItem("nifti", "a", ("a",)), ("score",), policy=ScoringPolicy(backend=named)
    )
    runner: Any = None
    outcome = batch_work.perform(work, runner)
    assert (outcome.record is None) is is_refused
    if is_refused:
        assert "not installed" in outcome.error["message"]
        assert f"--backend {used}" in outcome.error["remedy"]


def test_a_site_without_a_word_on_it_leaves_the_choice_open() -> None:
    assert ScoringPolicy(SiteRules(), backend="openvino-int8").named_backend == "openvino-int8"
