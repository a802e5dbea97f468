from __future__ import annotations

import pytest

from acutance.core.ledger import Index
from acutance.errors import EngineError
from acutance.qt.errand import Errand


@pytest.fixture
def run(open_window, kit, qtbot):
    """Run an errand to its end, which closes the window, and return its exit code."""

    def run_one(runner, paths=None, **wanted):
        window = open_window(runner)
        errand = Errand(
            window, [kit.SCAN] if paths is None else paths, exit_when_done=True, **wanted
        )
        errand.start()
        qtbot.waitUntil(lambda: not window.isVisible())
        return errand.exit_code

    return run_one


def test_scored_scan_is_a_success_with_a_picture(run, kit, tmp_path, capsys):
    picture = tmp_path / "window.png"
    runner = kit.ready_runner()
    assert run(runner, run="score", screenshot=picture) == 0
    assert picture.stat().st_size > 10_000
    assert [job.task for job in runner.jobs] == ["index", "read", "quality"]
    assert runner.closed
    assert capsys.readouterr().err == ""


def test_unreadable_scan_is_a_failure_that_is_told_and_pictured(run, kit, tmp_path, capsys):
    def fail(_item):
        raise kit.make_error()

    picture = tmp_path / "window.png"
    assert run(kit.ready_runner(read=fail), screenshot=picture) == 1
    assert "The file is cut short. Copy it again." in capsys.readouterr().err
    assert picture.exists()


def test_nothing_found_is_a_failure(run, kit, capsys):
    assert run(kit.ready_runner(index=lambda _paths: Index(()))) == 1
    assert "There are no files here." in capsys.readouterr().err


def test_failed_score_is_a_failure_only_where_a_score_was_asked_for(run, kit, capsys):
    def fail(_request):
        raise EngineError("The weights are missing.")

    assert run(kit.ready_runner(quality=fail), run="score") == 1
    assert "The weights are missing." in capsys.readouterr().err
    assert run(kit.ready_runner(quality=fail)) == 0


def test_score_of_nothing_is_a_failure(run, kit, capsys):
    assert run(kit.ready_runner(), paths=[], run="score") == 1
    assert "nothing to score" in capsys.readouterr().err


def test_picture_that_cannot_be_written_is_a_failure(run, kit, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert run(kit.ready_runner(), screenshot=tmp_path / "file" / "window.png") == 1
    assert "could not be written" in capsys.readouterr().err
