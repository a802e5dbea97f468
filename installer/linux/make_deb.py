"""Pack a bundle as a Debian package.

The program lies in /opt/acutance; a link in /usr/bin, a desktop entry, icons, the type of NIfTI
files and a manual page make it part of the system. There are no scripts of the package's own: the
system's triggers bring its databases up to date, and removal removes every file.
"""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path

import environment

sys.path.insert(0, str(Path(__file__).resolve().parent))

from make_tar import architecture, with_bill

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
#: What Qt's wheels ask of the system, for the command line and the window without a display, and
#: for a window under X11.
DEPENDS = (
    "libc6 (>= 2.34)",
    "libgl1",
    "libegl1",
    "libglib2.0-0",
    "libxkbcommon0",
    "libfontconfig1",
    "libdbus-1-3",
    "fonts-dejavu-core",
    "libxcb-cursor0",
    "libxkbcommon-x11-0",
    "libxcb-icccm4",
    "libxcb-keysyms1",
    "libxcb-shape0",
)
CONTROL = """\
Package: {package}
Version: {version}
Architecture: {architecture}
Maintainer: The Acutance authors <acutance@localhost>
Installed-Size: {kilobytes}
Depends: {depends}
Recommends: shared-mime-info, desktop-file-utils, hicolor-icon-theme
Conflicts: {other}
Section: science
Priority: optional
Description: image quality of medical and scientific scans
 Drop a DICOM or NIfTI scan, or a video, and see within seconds whether it is
 good enough: a network predicts the structural similarity of every slice to
 an undisturbed one, and says where it does not know.
 .
 Not for diagnosis.
"""
COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Acutance
Comment: The package as a whole is offered under the GPL-3, because it carries an FFmpeg with
 x264 and x265. Every component and its licence: /opt/acutance/sbom.cdx.json; the texts:
 /opt/acutance/licenses. The source of Acutance itself is under the Apache License 2.0.

Files: *
Copyright: The Acutance authors and those named in /opt/acutance/licenses
License: GPL-3
 On Debian systems, the text is in /usr/share/common-licenses/GPL-3.
"""


def make(bundle: Path, output: Path, version: str, variant: str) -> list[Path]:
    """Write ``acutance[-cuda]_VERSION_MACHINE.deb``; return it."""
    package = "acutance" if variant == "cpu" else f"acutance-{variant}"
    name = f"{package}_{version}_{architecture()}"
    tree = output / "deb"
    if tree.exists():
        shutil.rmtree(tree)
    lay_out(bundle, tree)
    size = sum(f.stat().st_size for f in tree.rglob("*") if f.is_file() and not f.is_symlink())
    control = CONTROL.format(
        package=package,
        version=version,
        architecture=architecture(),
        kilobytes=size // 1024,
        depends=", ".join(DEPENDS),
        other="acutance-cuda" if variant == "cpu" else "acutance",
    )
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN" / "control").write_text(control, "utf-8")
    target = output / f"{name}.deb"
    command = ["dpkg-deb", "-Zzstd", "-z12", "--root-owner-group", "--build", str(tree)]
    variables = {**os.environ, "SOURCE_DATE_EPOCH": environment.epoch()}
    subprocess.run([*command, str(target)], check=True, env=variables)
    shutil.rmtree(tree)
    return [target, *with_bill(bundle, output, name)]


def lay_out(bundle: Path, tree: Path) -> None:
    """Put everything where it goes, below a folder that stands for the root."""
    tree.mkdir(parents=True)
    # Hard links: nothing is copied that is only packed.
    shutil.copytree(bundle, tree / "opt/acutance", symlinks=True, copy_function=_link)
    link = tree / "usr/bin/acutance"
    link.parent.mkdir(parents=True)
    link.symlink_to("/opt/acutance/acutance")
    for source, target in (
        (HERE / "acutance.desktop", "usr/share/applications/acutance.desktop"),
        (HERE / "acutance.xml", "usr/share/mime/packages/acutance.xml"),
        (
            ROOT / "resources/acutance_resources/icons/acutance.svg",
            "usr/share/icons/hicolor/scalable/apps/acutance.svg",
        ),
    ):
        place = tree / target
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)
    document = tree / "usr/share/doc/acutance"
    document.mkdir(parents=True)
    (document / "copyright").write_text(COPYRIGHT, "utf-8")
    compress(ROOT / "CHANGELOG.md", document / "changelog.gz")
    manual = tree / "usr/share/man/man1"
    manual.mkdir(parents=True)
    compress(tree / "opt/acutance/acutance.1", manual / "acutance.1.gz")
    (tree / "opt/acutance/acutance.1").unlink()
    for folder in (tree, *(place for place in tree.rglob("*") if place.is_dir())):
        if not folder.is_symlink():
            folder.chmod(0o755)


def compress(source: Path, target: Path) -> None:
    """Write a file gzipped, without name and time."""
    with target.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as stream:
        stream.write(source.read_bytes())


def _link(source: str, target: str) -> None:
    os.link(source, target, follow_symlinks=False)
