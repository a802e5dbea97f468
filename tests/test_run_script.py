"""run.py: its decisions, and what it starts, without installing anything."""

from __future__ import annotations

import importlib.util
import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "run.py"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_script", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


run_script: Any = _load()


@pytest.mark.parametrize(
    ("env", "platform", "expected"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, "linux", False),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "minimal:x"}, "linux", False),
        ({}, "darwin", True),
        ({"SSH_CONNECTION": "a b"}, "darwin", False),
        ({"SESSIONNAME": "Console"}, "win32", True),
        ({"SESSIONNAME": "Services"}, "win32", False),
    ],
)
def test_display_is_recognised(env: dict[str, str], platform: str, expected: bool) -> None:
    assert run_script.has_display(env, platform) is expected


@pytest.mark.parametrize(
    ("chosen", "platform", "gpu", "expected"),
    [
        (None, "linux", False, run_script.TORCH_CPU_INDEX),
        (None, "linux", True, ""),
        (None, "win32", False, ""),
        (None, "darwin", False, ""),
        ("", "linux", False, ""),
        ("https://mirror.example/cpu/", "linux", True, "https://mirror.example/cpu"),
    ],
)
def test_index_of_torch(chosen: str | None, platform: str, gpu: bool, expected: str) -> None:
    assert run_script.torch_index(chosen, platform, gpu) == expected


def test_unreachable_index_is_given_up_within_seconds() -> None:
    started = time.monotonic()
    assert run_script.answers("http://127.0.0.1:9/torch/", seconds=2.0) is False
    assert run_script.answers("no address at all", seconds=2.0) is False
    assert time.monotonic() - started < 5.0


def test_only_missing_libraries_are_named() -> None:
    libraries = {"libgone.so.1": "libgone1", "libhere.so.2": "libhere2"}
    missing = run_script.missing_libraries(libraries, lambda name: name == "libhere.so.2")
    assert missing == ["libgone.so.1"]


def _marker(venv: Path, **changes: Any) -> dict[str, Any]:
    marker = {
        "state": "ready",
        "ours": True,
        "extras": ["test", "video"],
        "identity": run_script.identity(venv),
    }
    return {**marker, **changes}


@pytest.mark.parametrize(
    ("changes", "extras", "python_exists", "expected"),
    [
        ({}, {"video"}, True, "nothing"),
        ({}, {"test", "video"}, True, "nothing"),
        ({}, {"dask"}, True, "update"),
        ({"extras": None}, {"video"}, True, "update"),
        ({"state": "installing"}, {"video"}, True, "rebuild"),
        ({"identity": None}, {"video"}, True, "rebuild"),
        ({}, {"video"}, False, "rebuild"),
    ],
)
def test_what_has_to_be_done(
    tmp_path: Path, changes: dict[str, Any], extras: set[str], python_exists: bool, expected: str
) -> None:
    wanted = run_script.identity(tmp_path)
    marker = _marker(tmp_path, **changes)
    step = run_script.next_step(marker, wanted, extras, python_exists=python_exists)
    assert step == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("dependencies", "update"), ("python", "rebuild"), ("root", "rebuild"), ("venv", "rebuild")],
)
def test_change_of_circumstances_is_noticed(tmp_path: Path, name: str, expected: str) -> None:
    wanted = run_script.identity(tmp_path)
    marker = _marker(tmp_path, identity={**wanted, name: "other"})
    assert run_script.next_step(marker, wanted, {"video"}, python_exists=True) == expected


def test_interrupted_installation_starts_over_and_a_strange_one_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def make_venv(venv: Path) -> None:
        calls.append("venv")
        python = run_script.venv_python(venv)
        python.parent.mkdir(parents=True)
        python.touch()

    monkeypatch.setattr(run_script, "make_venv", make_venv)
    monkeypatch.setattr(run_script, "torch_is_installed", lambda _: "venv" not in calls)
    monkeypatch.setattr(run_script, "install_torch", lambda _: calls.append("torch"))
    monkeypatch.setattr(run_script, "pip", lambda _, *a: calls.append(a[-1].partition("[")[2]))
    monkeypatch.setattr(run_script, "install_system_libraries", lambda **_: None)

    ours = tmp_path / "a b" / "venv"
    ours.mkdir(parents=True)
    (ours / "half").touch()
    run_script.write_marker(ours, {"state": "installing", "ours": True, "extras": ["test"]})
    monkeypatch.setenv("ACUTANCE_VENV", str(ours))
    run_script.prepare({"video"}, display=False, qt_needed=True)
    assert calls == ["venv", "torch", "test,video]"]
    assert not (ours / "half").exists()
    run_script.prepare({"video"}, display=False, qt_needed=True)
    assert len(calls) == 3, "a second call has nothing to do"

    calls.clear()
    strange = tmp_path / "strange"
    python = run_script.venv_python(strange)
    python.parent.mkdir(parents=True)
    python.touch()
    (strange / "kept").touch()
    monkeypatch.setenv("ACUTANCE_VENV", str(strange))
    run_script.prepare({"video"}, display=False, qt_needed=True)
    assert calls == ["video]"]
    assert (strange / "kept").exists()


def test_failure_of_pip_leaves_an_unfinished_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def pip(*_: object) -> None:
        raise run_script.SetupError("no network")

    monkeypatch.setenv("ACUTANCE_VENV", str(tmp_path / "venv"))
    monkeypatch.setattr(run_script, "make_venv", lambda _: None)
    monkeypatch.setattr(run_script, "torch_is_installed", lambda _: True)
    monkeypatch.setattr(run_script, "pip", pip)
    monkeypatch.setattr(run_script, "install_system_libraries", lambda **_: None)
    assert run_script.main(["install"]) == 1
    assert "no network" in capsys.readouterr().err
    assert run_script.read_marker(tmp_path / "venv")["state"] == "installing"


def test_torch_falls_back_to_plain_pip_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[str, ...]] = []

    def pip(_: Path, *arguments: str) -> None:
        calls.append(arguments)
        if "--index-url" in arguments:
            raise run_script.SetupError("nothing there")

    monkeypatch.setattr(run_script, "pip", pip)
    monkeypatch.setenv("ACUTANCE_TORCH_INDEX", "https://mirror.example/cpu")
    run_script.install_torch(Path("python"))
    assert [arguments[-1] for arguments in calls] == [run_script.TORCH] * 2
    assert "--index-url" in calls[0]
    assert calls[0][calls[0].index("--retries") + 1] == "0"
    assert calls[1] == (run_script.TORCH,)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux installs libraries")
def test_missing_libraries_stop_the_window_but_not_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run_script, "can_load", lambda name: name != "libEGL.so.1")
    monkeypatch.setattr(run_script, "administrator", lambda: None)
    monkeypatch.setattr(run_script.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(run_script, "has_fonts", lambda: True)
    with pytest.raises(run_script.SetupError, match="sudo apt-get install libegl1"):
        run_script.install_system_libraries(display=False, needed=True)
    run_script.install_system_libraries(display=False, needed=False)
    assert "sudo apt-get install libegl1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "display", "expected"),
    [
        ([], True, ["-m", "acutance", "gui", str(run_script.SAMPLE_MOVED)]),
        (["scan.nii"], True, ["-m", "acutance", "gui", "scan.nii"]),
        (["score", "a b.nii", "--json", "-"], False, None),
        (["gui", "--headless"], False, ["-m", "acutance", "gui", "--headless"]),
    ],
)
def test_arguments_become_a_command(
    arguments: list[str], display: bool, expected: list[str] | None
) -> None:
    python = Path("/venv/python")
    got, _ = run_script.command(python, arguments, display=display, env={})
    assert got[0] == str(python)
    assert got[1:] == (expected or ["-m", "acutance", *arguments])


def test_every_command_of_the_program_is_known() -> None:
    from acutance.cli import build_parser

    choices = [action.choices for action in build_parser()._actions if action.dest == "command"]
    assert set(run_script.COMMANDS) == set(*choices)


def test_without_a_display_the_samples_are_scored_with_a_report() -> None:
    got, _ = run_script.command(Path("python"), [], display=False, env={})
    samples = [str(run_script.SAMPLE_CLEAN), str(run_script.SAMPLE_MOVED)]
    assert got[3:] == ["score", *samples, "-o", "acutance-report"]


def test_whole_suite_unless_a_test_is_named() -> None:
    got, env = run_script.command(Path("python"), ["test", "-x"], display=False, env={})
    assert got[-2:] == [str(ROOT / "tests"), "-x"]
    assert "-n" in got
    assert env["QT_QPA_PLATFORM"] == "offscreen"
    got, env = run_script.command(
        Path("python"), ["test", "tests/test_run_script.py::test_help"], display=True, env={}
    )
    assert got[-1] == "tests/test_run_script.py::test_help"
    assert "-n" not in got
    assert "QT_QPA_PLATFORM" not in env


def test_help_names_the_two_commands() -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "-h"], capture_output=True, text=True, check=True
    )
    assert "python3 run.py test" in done.stdout
    assert "ACUTANCE_TORCH_INDEX" in done.stdout


@pytest.mark.skipif(os.name != "posix", reason="the stand-in for Python is a shell script")
def test_ready_environment_starts_at_once_and_passes_the_exit_code_on(tmp_path: Path) -> None:
    venv = tmp_path / "a b" / "venv"
    python = venv / "bin" / "python"
    python.parent.mkdir(parents=True)
    record = tmp_path / "called"
    python.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {shlex.quote(str(record))}\nexit 4\n')
    python.chmod(0o755)
    (venv / run_script.MARKER).write_text(json.dumps(_marker(venv)), encoding="utf-8")
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "score", "a b.nii.gz", "--json", "-"],
        env={**os.environ, "ACUTANCE_VENV": str(venv)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert time.monotonic() - started < 10.0
    assert done.returncode == 4
    assert done.stdout == "", "standard output belongs to the program"
    assert record.read_text().splitlines() == [
        "-m",
        "acutance",
        "score",
        "a b.nii.gz",
        "--json",
        "-",
    ]
