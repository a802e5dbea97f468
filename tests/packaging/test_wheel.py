"""What a user gets: the wheel, its contents and its metadata."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {"acutance", "acutance_models", "acutance_resources"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (file,) = folder.glob("*.whl")
    return zipfile.ZipFile(file)


def test_wheel_holds_the_three_packages_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES


def test_wheel_holds_no_tests_and_no_leftovers(wheel: zipfile.ZipFile) -> None:
    parts = {part for name in wheel.namelist() for part in name.split("/")}
    assert not parts & {"tests", "__pycache__", ".training", "conftest.py", "bench"}
    assert not [name for name in wheel.namelist() if name.endswith((".pyc", ".pt", ".pth"))]


def test_wheel_holds_every_weight_of_the_manifest(wheel: zipfile.ZipFile) -> None:
    folder = "acutance_models/weights/"
    names = set(wheel.namelist())
    assert folder + "manifest.toml" in names
    carried = {Path(name).name for name in names if name.endswith(".safetensors")}
    on_disk = {file.name for file in (ROOT / "models" / folder).glob("*.safetensors")}
    assert carried == on_disk
    assert carried, "no weights at all"
    manifest = wheel.read(folder + "manifest.toml").decode()
    for name in carried:
        assert name.removesuffix(".safetensors") in manifest


def test_wheel_holds_the_sample_with_its_licence(wheel: zipfile.ZipFile) -> None:
    sample = {
        Path(name).name: wheel.getinfo(name).file_size
        for name in wheel.namelist()
        if name.startswith("acutance_resources/sample/")
    }
    assert sample.keys() >= {"sample_T1.nii.gz", "sample_T1_moved.nii.gz"}
    assert sample.keys() >= {"LICENSE.txt", "ATTRIBUTION.md"}
    assert sum(sample.values()) <= 4 * 1024 * 1024


def test_wheel_is_typed_and_has_an_entry_point_and_a_licence(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    assert {f"{package}/py.typed" for package in PACKAGES} <= names
    (entry_points,) = (name for name in names if name.endswith("entry_points.txt"))
    assert "acutance = acutance.__main__:main" in wheel.read(entry_points).decode()
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_version_is_stated_once_and_equal_everywhere(wheel: zipfile.ZipFile) -> None:
    import acutance

    (metadata,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    assert Parser().parsestr(wheel.read(metadata).decode())["Version"] == acutance.__version__
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "version" in project["dynamic"]


def test_pinned_torch_of_the_run_script_is_within_the_bounds_of_the_project() -> None:
    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (bounds,) = (r for r in map(Requirement, project["dependencies"]) if r.name == "torch")
    script = (ROOT / "run.py").read_text(encoding="utf-8")
    (pin,) = (line for line in script.splitlines() if line.startswith("TORCH = "))
    version = pin.partition("==")[2].partition('"')[0]
    assert bounds.specifier.contains(version)
