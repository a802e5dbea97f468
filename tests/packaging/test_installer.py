"""`installer/`: what can be checked without building anything."""

from __future__ import annotations

import configparser
import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[2]
HERE = ROOT / "installer"


def load(path: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Import a script of the installer, which finds its neighbours beside itself."""
    monkeypatch.syspath_prepend(HERE)
    file = HERE / path
    spec = importlib.util.spec_from_file_location(f"installer_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pins() -> dict[str, str]:
    lines = (HERE / "constraints.txt").read_text("utf-8").splitlines()
    pairs = (line.split("==") for line in lines if not line.startswith("#"))
    return {name.lower().replace("_", "-"): version for name, version in pairs}


def test_pinned_versions_are_allowed_by_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["video"]]
    found = pins()
    for requirement in map(Requirement, wanted):
        name = requirement.name.lower().replace("_", "-")
        assert name in found, f"{name} is not in installer/constraints.txt"
        assert requirement.specifier.contains(found[name]), requirement


def test_desktop_entry_opens_the_types_that_are_declared() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment, method-assign]
    entry.read(HERE / "linux" / "acutance.desktop", "utf-8")
    section = entry["Desktop Entry"]
    assert section["Exec"] == "acutance gui %F"
    root = ET.parse(HERE / "linux" / "acutance.xml").getroot()
    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    declared = {element.get("type") for element in root.iter(f"{space}mime-type")}
    opened = set(section["MimeType"].strip(";").split(";"))
    assert declared == opened - {"application/dicom"}  # which every system knows


def test_magic_of_nifti_is_what_is_written(tmp_path: Path) -> None:
    import nibabel as nib
    import numpy as np

    path = tmp_path / "scan.nii"
    nib.save(nib.Nifti1Image(np.zeros((4, 4, 4), np.int16), np.eye(4)), path)
    assert path.read_bytes()[344:348] == b"n+1\0"
    assert r'value="n+1\0" offset="344"' in (HERE / "linux" / "acutance.xml").read_text("utf-8")


@pytest.mark.skipif(sys.platform != "linux", reason="Debian packages are built on Linux")
@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs dpkg-deb")
def test_debian_package_lays_everything_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = load("linux/make_deb.py", monkeypatch)
    bundle = tmp_path / "acutance"
    (bundle / "_internal").mkdir(parents=True)
    for name in ("acutance", "acutance.1", "sbom.cdx.json", "_internal/data"):
        (bundle / name).write_text(name, "utf-8")
    (bundle / "acutance").chmod(0o755)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    digests = []
    for folder in ("one", "two"):
        output = tmp_path / folder
        output.mkdir()
        package, bill = module.make(bundle, output, "1.2.3", "cpu")
        digests.append(hashlib.sha256(package.read_bytes()).hexdigest())
    assert digests[0] == digests[1]
    assert package.name.startswith("acutance_1.2.3_")
    assert bill.read_text("utf-8") == "sbom.cdx.json"
    listing = subprocess.run(
        ["dpkg-deb", "--contents", str(package)], capture_output=True, text=True, check=True
    ).stdout
    for name in (
        "./opt/acutance/_internal/data",
        "./usr/bin/acutance -> /opt/acutance/acutance",
        "./usr/share/applications/acutance.desktop",
        "./usr/share/mime/packages/acutance.xml",
        "./usr/share/icons/hicolor/scalable/apps/acutance.svg",
        "./usr/share/man/man1/acutance.1.gz",
        "./usr/share/doc/acutance/copyright",
    ):
        assert name in listing
    assert "acutance.1\n" not in listing
    assert all(" root/root " in line for line in listing.splitlines())
    fields = subprocess.run(
        ["dpkg-deb", "--field", str(package)], capture_output=True, text=True, check=True
    ).stdout
    assert "Package: acutance\n" in fields
    assert "libxcb-cursor0" in fields
    assert (bundle / "acutance.1").exists()


@pytest.mark.skipif(shutil.which("makensis") is None, reason="needs makensis, the package nsis")
def test_script_for_windows_compiles(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load("windows/make_windows.py", monkeypatch).check() == 0


def test_another_system_is_refused_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    module = load("build.py", monkeypatch)
    foreign = "macos" if sys.platform != "darwin" else "deb"
    assert module.main([foreign, "--output", str(tmp_path)]) == 1
    assert "has to be built on" in capsys.readouterr().err


def test_comparison_tells_what_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = load("build.py", monkeypatch)
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        (folder / "same").write_text("same", "utf-8")
        (folder / "other").write_text(folder.name, "utf-8")
    assert module.compare(first, first) == 0
    assert module.compare(first, second) == 1
    assert "differs: other" in capsys.readouterr().out
    (second / "other").write_text("first", "utf-8")
    (second / "more").touch()
    assert module.compare(first, second) == 1
    assert "only in the second: more" in capsys.readouterr().out


def test_checksums_are_what_sha256sum_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "artefact"
    file.write_bytes(b"abc")
    load("build.py", monkeypatch).write_checksums(tmp_path, [file])
    digest, name = (tmp_path / "artefact.sha256").read_text("ascii").split()
    assert digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert name == "artefact"


def test_version_is_that_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    from acutance import __version__

    assert load("build.py", monkeypatch).version() == __version__
