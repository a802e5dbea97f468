"""`acutance score --explain`: the worst slices, what the test found, and where it is written."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest import mock

import nibabel
import numpy as np
import pytest
from PIL import Image

import phantoms
from acutance import cli
from acutance.core.explained_series import ExplainedSeries, requests_for_worst
from acutance.core.explanation import (
    CAPTION,
    DeletionNumbers,
    ExplanationRequest,
    ExplanationResult,
)
from acutance.core.quality import ModelFacts, QualityRequest, QualityResult, SliceScore, Verdict
from acutance.core.slicing import volume_geometry
from acutance.core.volume import Volume
from acutance.errors import DeviceMemoryError
from acutance.explain_commands import with_count
from acutance.export.explanation_picture import tinted_picture, write_explanation
from acutance.jobs.runner import Runner

if TYPE_CHECKING:
    from pathlib import Path

SHAPE = (40, 48, 16)
SCORES = {4: 0.7, 5: 0.5, 6: 0.3, 7: 0.4, 8: 0.9}


def numbers(gain: float) -> DeletionNumbers:
    return DeletionNumbers(gain, -0.08, 0.03, 0.05, 19, 0.05, 0.2, 0.03, 0.05)


def answer(request: ExplanationRequest) -> ExplanationResult:
    """Say that slice 6 has a map, hot in the upper left, and that no other has."""
    rows, columns = volume_geometry(request.volume, request.plane).size
    half = max(rows, columns) / 2
    middle = ((rows - 1) / 2, (columns - 1) / 2)
    extent = (middle[0] - half, middle[0] + half, middle[1] - half, middle[1] + half)
    score = SCORES[request.index]
    if request.index != 6:
        why = "regions drawn at random change it as much"
        return ExplanationResult(
            request.plane, request.index, score, why, None, extent, numbers(0.04), 1.0
        )
    values = np.zeros((32, 32), np.float32)
    values[4:10, 8:14] = 0.01
    return ExplanationResult(
        request.plane, request.index, score, "", values, extent, numbers(0.16), 1.0
    )


def scored(verdict: Verdict = Verdict.REPEAT) -> QualityResult:
    slices = tuple(SliceScore("axial", n, score) for n, score in SCORES.items())
    reason = "a colour image" if verdict is Verdict.NOT_ASSESSED else "low predicted SSIM"
    return QualityResult(
        verdict, reason, verdict is not Verdict.NOT_ASSESSED, 0.56, slices, ("axial",),
        ModelFacts("iqa_resnet18", "2", "ab" * 32), "cpu", {}, 0.5,
    )  # fmt: skip


class Kept:
    """A runner that reads for real, and answers engines as told."""

    def __init__(self, runner: Runner, verdict: Verdict, fault: Exception | None = None) -> None:
        self._runner, self._verdict, self._fault = runner, verdict, fault
        self.asked: list[ExplanationRequest] = []

    def __enter__(self) -> Kept:
        return self

    def __exit__(self, *_: object) -> None:
        """Keep the runner."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._runner, name)

    def warm_up(self, lane: str) -> None:
        """Start nothing."""

    def submit(self, engine: str, request: object, *, title: str = "") -> SimpleNamespace:
        if isinstance(request, QualityRequest):
            return SimpleNamespace(value=lambda: scored(self._verdict))
        assert engine == "explanation"
        assert isinstance(request, ExplanationRequest)
        self.asked.append(request)

        def value() -> ExplanationResult:
            if self._fault is not None and len(self.asked) > 1:
                raise self._fault
            return answer(request)

        return SimpleNamespace(value=value)


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    head = phantoms.head(SHAPE).astype(np.float32)
    path = tmp_path / "scan.nii"
    nibabel.save(nibabel.Nifti1Image(head, np.diag([4, 4, 9, 1])), path)
    return path


def run(
    *arguments: object, verdict: Verdict = Verdict.REPEAT, fault: Exception | None = None
) -> tuple[int, Kept]:
    with Runner(device="cpu", synchronous=True) as runner:
        kept = Kept(runner, verdict, fault)
        with mock.patch("acutance.headless.Runner", return_value=kept):
            return cli.run(cli.parse(["score", *map(str, arguments)])), kept


def test_the_object_tells_the_worst_slices_and_is_the_same_without(
    scan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(scan, "--explain", 2, "--json", "-")[0] == cli.DONE
    first = json.loads(capsys.readouterr().out)
    assert run(scan, "--json", "-")[0] == cli.DONE
    plain = json.loads(capsys.readouterr().out)
    explanations = first.pop("explanations")
    assert set(first) == set(plain)
    assert explanations["reason"] == ""
    worst, second = explanations["slices"]
    assert (worst["plane"], worst["index"], worst["ssim_pred"]) == ("axial", 6, 0.3)
    assert (worst["supported"], worst["reason"]) == (True, "")
    assert (second["index"], second["supported"]) == (7, False)
    assert second["reason"] == "regions drawn at random change it as much"
    assert worst["test"]["gain_top"] == 0.16
    # Nothing of it depends on the clock.
    assert "seconds" not in worst


def test_the_terminal_says_what_the_test_found(
    scan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--explain", scan)[0] == cli.DONE
    text = capsys.readouterr().out
    assert "axial 6: predicted SSIM 0.30" in text
    assert "Smoothing the highest 20% of the map raises the predicted SSIM by +0.160." in text
    assert CAPTION in text
    assert "axial 7" not in text


def test_only_a_supported_map_is_drawn(
    scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run(scan, "--explain", "2", "-o", out)[0] == cli.DONE
    assert capsys.readouterr().out.count("-why-") == 1
    (picture,) = out.glob("*-why-*.png")
    assert picture.name.endswith("-why-axial-6.png")
    (html,) = out.glob("*.html")
    page = html.read_text(encoding="utf-8")
    assert "What lowers the lowest predictions" in page
    assert page.count(f"<figcaption>axial 6: predicted SSIM 0.30; {CAPTION}") == 1
    assert "No region explains this score" in page
    alone = tmp_path / "alone"
    assert run(scan, "-o", alone)[0] == cli.DONE
    assert not list(alone.glob("*-why-*"))
    (html,) = alone.glob("*.html")
    assert "What lowers" not in html.read_text(encoding="utf-8")


def test_a_series_that_was_not_assessed_says_why_it_is_not_explained(
    scan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, kept = run(scan, "--explain", "--json", "-", verdict=Verdict.NOT_ASSESSED)
    assert code == cli.DONE
    assert not kept.asked
    record = json.loads(capsys.readouterr().out)
    assert record["explanations"] == {"reason": "a colour image", "slices": []}
    run(scan, "--explain", verdict=Verdict.NOT_ASSESSED)
    assert "not explained: a colour image" in capsys.readouterr().out


def test_what_cannot_be_explained_keeps_its_scores(
    scan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fault = DeviceMemoryError("Too little memory.", remedy="Close other programs.")
    code, _ = run(scan, "--explain", "3", "--json", "-", fault=fault)
    assert code == cli.NOTHING_DONE
    told = capsys.readouterr()
    assert "Too little memory" in told.err
    record = json.loads(told.out)
    assert record["ssim_pred"] == 0.56
    assert record["explanations"]["reason"] == "Too little memory."
    assert [one["index"] for one in record["explanations"]["slices"]] == [6]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (["score", "--explain", "a.nii"], ["score", "--explain=1", "a.nii"]),
        (["score", "a.nii", "--explain"], ["score", "a.nii", "--explain=1"]),
        (["score", "--explain", "3", "a.nii"], ["score", "--explain", "3", "a.nii"]),
        (["score", "--explain=4", "a.nii"], ["score", "--explain=4", "a.nii"]),
    ],
)
def test_a_path_is_never_taken_for_the_number(given: list[str], meant: list[str]) -> None:
    assert with_count(given) == meant


@pytest.mark.parametrize("number", ["0", "33", "1.5", "-1"])
def test_a_number_out_of_range_is_wrong_usage(
    number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        cli.parse(["score", "a.nii", f"--explain={number}"])
    assert end.value.code == cli.WRONG_USAGE
    assert "no number from 1 to 32" in capsys.readouterr().err


def test_what_scored_is_what_explains() -> None:
    volume = Volume(phantoms.head(SHAPE), np.diag([4.0, 4.0, 9.0, 1.0]))
    requests = requests_for_worst(volume, scored(), 9, weights="w.safetensors", recurrence=3)
    assert [r.index for r in requests] == [6, 7, 5, 4, 8]
    assert {(r.weights, r.recurrence) for r in requests} == {("w.safetensors", 3)}


def test_the_map_lies_where_its_cells_are(tmp_path: Path) -> None:
    volume = Volume(phantoms.head(SHAPE), np.diag([4.0, 4.0, 9.0, 1.0]))
    result = answer(ExplanationRequest(volume, "axial", 6))
    # Cells 4 to 9 of 32 downward, 8 to 13 to the right, of a square of 320 pixels.
    tinted = np.asarray(tinted_picture(volume, result, 320)).astype(int)
    spread = tinted.max(-1) - tinted.min(-1)
    coloured = np.argwhere(spread > 40)
    assert np.abs(coloured.min(0) - (40, 80)).max() <= 8
    assert np.abs(coloured.max(0) - (100, 140)).max() <= 8
    path = tmp_path / "why.png"
    write_explanation(volume, result, path)
    with Image.open(path) as picture:
        assert picture.width > 2 * picture.height * 0.8
    without = ExplanationResult("axial", 6, 0.3, "no", None, result.extent, None, 1.0)
    with pytest.raises(ValueError, match="no map"):
        tinted_picture(volume, without, 320)


def test_a_slice_without_a_score_has_lines_too() -> None:
    one = ExplanationResult("axial", 6, None, "blank", None, (0.0, 1.0, 0.0, 1.0), None, 1.0)
    assert ExplainedSeries((one,)).lines() == ("axial 6", "blank")
    assert ExplainedSeries((one,)).to_plain()["slices"][0]["test"] is None
