"""Write into a bundle what it is made of: bill of materials, licence texts, notice.

    python installer/contents.py BUNDLE [--variant cpu|cuda]

Runs in the environment that the bundle was built in. Components are the program, what it depends
on in the versions installed there, and the libraries that wheels carry inside. The bill is in the
form of CycloneDX 1.6 and holds no time and no random number, so that it repeats.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = "acutance"
EXTRAS = ("video",)
LICENCE_FILE = re.compile(r"(licen[cs]e|copying|notice|authors)", re.IGNORECASE)
#: Libraries inside wheels: component, licence, distribution that carries it, pattern of its file.
CARRIED = (
    ("FFmpeg", "GPL-3.0-or-later", "av", "libavcodec*"),
    ("x264", "GPL-2.0-or-later", "av", "libx264*"),
    ("x265", "GPL-2.0-or-later", "av", "libx265*"),
    ("dav1d", "BSD-2-Clause", "av", "libdav1d*"),
    ("SVT-AV1", "BSD-3-Clause-Clear", "av", "libSvtAv1*"),
    ("libvpx", "BSD-3-Clause", "av", "libvpx*"),
    ("Qt", "LGPL-3.0-only", "PySide6_Essentials", "*Qt6Core*"),
    ("GDCM", "BSD-3-Clause", "python-gdcm", "*gdcmMSFF*"),
    ("OpenJPEG", "BSD-2-Clause", "pylibjpeg-openjpeg", "_openjpeg*"),
    ("OpenBLAS", "BSD-3-Clause", "numpy", "libscipy_openblas*"),
)
NOTICE = """\
Acutance {version}, bundle for {variant}
Not for diagnosis.

The source of Acutance is under the Apache License 2.0 (LICENSE). This bundle as a whole is
offered under the terms of the GNU General Public License, version 3, because the FFmpeg that it
carries (with PyAV) contains x264 and x265, which are under the GPL. The corresponding sources are
those of the versions named in sbom.cdx.json, from the projects that publish them; Acutance's own
source is at the commit that the version names.

Qt and PySide6 are under the LGPL-3.0. Their libraries lie as separate files in
_internal/PySide6 and may be replaced by builds of your own of the same version.

The licence texts of every component lie in the folder licenses.
"""
#: Texts of the licences that some components only name.
TEXTS = Path(__file__).resolve().parent / "texts"


def main(arguments: list[str]) -> int:
    """Write ``sbom.cdx.json``, ``NOTICE.txt`` and ``licenses/`` into a bundle."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--variant", default="cpu")
    options = parser.parse_args(arguments)
    distributions = sorted(
        (d for d in requirements(PROGRAM, EXTRAS) if canonical(d.name) != PROGRAM),
        key=lambda d: canonical(d.name),
    )
    write_bill(options.bundle, distributions)
    write_licences(options.bundle / "licenses", distributions)
    notice = NOTICE.format(version=metadata.version(PROGRAM), variant=options.variant)
    (options.bundle / "NOTICE.txt").write_text(notice, "utf-8")
    write_manual(options.bundle / "acutance.1")
    return 0


def requirements(name: str, extras: tuple[str, ...]) -> list[metadata.Distribution]:
    """List a distribution and all that it needs here, each once."""
    found: dict[str, metadata.Distribution] = {}
    waiting = [(name, extras)]
    while waiting:
        name, extras = waiting.pop()
        distribution = metadata.distribution(name)
        if canonical(name) in found and not extras:
            continue
        found[canonical(name)] = distribution
        for text in distribution.requires or ():
            wanted = Requirement(text)
            contexts: list[dict[str, str]] = [{"extra": extra} for extra in (*extras, "")]
            if wanted.marker and not any(wanted.marker.evaluate(c) for c in contexts):
                continue
            if canonical(wanted.name) not in found or wanted.extras:
                waiting.append((wanted.name, tuple(wanted.extras)))
    return list(found.values())


def write_bill(bundle: Path, distributions: list[metadata.Distribution]) -> None:
    """Write the bill of materials of a bundle."""
    licences = LicenseFactory()
    bill = Bom()
    bill.serial_number = None  # type: ignore[assignment]
    bill.metadata.timestamp = None  # type: ignore[assignment]
    bill.metadata.component = Component(
        name=PROGRAM,
        version=metadata.version(PROGRAM),
        type=ComponentType.APPLICATION,
        bom_ref=PROGRAM,
    )
    for distribution in distributions:
        name = canonical(distribution.name)
        stated = licence_of(distribution)
        bill.components.add(
            Component(
                name=distribution.name,
                version=distribution.version,
                type=ComponentType.LIBRARY,
                bom_ref=f"pypi:{name}",
                purl=PackageURL("pypi", None, name, distribution.version),
                licenses=[licences.make_from_string(stated)] if stated else [],
            )
        )
    for name, licence, carrier, pattern in CARRIED:
        files = sorted(file.name for file in bundle.rglob(pattern) if file.is_file())
        if files:
            bill.components.add(
                Component(
                    name=name,
                    version=version_in(files[0]),
                    type=ComponentType.LIBRARY,
                    bom_ref=f"carried:{name}",
                    description=f"{files[0]}, inside the wheel of {carrier}",
                    licenses=[licences.make_from_string(licence)],
                )
            )
    python = ".".join(map(str, sys.version_info[:3]))
    bill.components.add(
        Component(
            name="CPython",
            version=python,
            type=ComponentType.PLATFORM,
            bom_ref="cpython",
            licenses=[licences.make_from_string("PSF-2.0")],
        )
    )
    bill.register_dependency(bill.metadata.component, bill.components)
    text = JsonV1Dot6(bill).output_as_string(indent=1)
    (bundle / "sbom.cdx.json").write_text(text + "\n", "utf-8")


def write_licences(folder: Path, distributions: list[metadata.Distribution]) -> None:
    """Copy every licence text that a distribution brings; name those that bring none."""
    if folder.exists():
        shutil.rmtree(folder)
    silent = []
    for distribution in distributions:
        texts = list(licence_files(distribution))
        target = folder / f"{canonical(distribution.name)}-{distribution.version}"
        for relative, source in texts:
            place = target / relative
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, place)
        if not texts:
            silent.append(f"{distribution.name} {distribution.version}: {licence_of(distribution)}")
    if silent:
        (folder / "stated-without-text.txt").write_text("\n".join(silent) + "\n", "utf-8")
    python = next(Path(sys.base_prefix).rglob("LICENSE.txt"), None)
    if python is not None:
        shutil.copyfile(python, folder / "python.txt")
    for text in TEXTS.glob("*.txt"):
        shutil.copyfile(text, folder / text.name)


def licence_files(distribution: metadata.Distribution) -> Iterator[tuple[Path, Path]]:
    """Yield the licence texts of a distribution: place inside its folder, and file."""
    for entry in distribution.files or ():
        is_own = entry.parts[0].endswith(".dist-info") and len(entry.parts) > 1
        if is_own and LICENCE_FILE.search(entry.name):
            source = Path(str(distribution.locate_file(entry)))
            if source.is_file():
                yield Path(*entry.parts[1:]), source


def licence_of(distribution: metadata.Distribution) -> str:
    """Return the licence that a distribution states of itself, short, or an empty string."""
    about = distribution.metadata
    expression = about.get("License-Expression") or ""
    if expression:
        return expression
    classifiers = [
        text.rpartition(" :: ")[2]
        for text in about.get_all("Classifier") or ()
        if text.startswith("License ::")
    ]
    stated = (about.get("License") or "").strip()
    return " AND ".join(classifiers) or stated.partition("\n")[0][:80]


def version_in(filename: str) -> str | None:
    """Return the version that the name of a shared library carries, if any."""
    match = re.search(r"\.so\.(\d[\d.]*)|-(\d+(?:\.\d+)+)|\.(\d+(?:\.\d+)+)\.dylib", filename)
    return next((group for group in match.groups() if group), None) if match else None


def canonical(name: str) -> str:
    """Return the name of a distribution as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def write_manual(path: Path) -> None:
    """Write the manual page, made from the command line's own help."""
    command = [str(Path(sys.executable).parent / "argparse-manpage")]
    command += ["--module", "acutance.cli", "--function", "build_parser", "--prog", PROGRAM]
    command += ["--project-name", "Acutance", "--manual-title", "User Commands"]
    command += ["--description", "image quality of medical scans", "--output", str(path)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
