"""Pack a bundle as a compressed archive that is unpacked anywhere and started from there."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import environment

if TYPE_CHECKING:
    from pathlib import Path

MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
#: So that two archives of one bundle are the same bytes.
SAME_BYTES = ("--sort=name", "--owner=0", "--group=0", "--numeric-owner")


def make(bundle: Path, output: Path, version: str, variant: str) -> list[Path]:
    """Write ``acutance-VERSION-linux-MACHINE[-cuda].tar.zst``; return it."""
    suffix = "" if variant == "cpu" else f"-{variant}"
    name = f"acutance-{version}-linux-{architecture()}{suffix}"
    target = output / f"{name}.tar.zst"
    command = ["tar", *SAME_BYTES, f"--mtime=@{environment.epoch()}"]
    command += [f"--transform=s,^{bundle.name},{name},", "--use-compress-program=zstd -12 -T0"]
    command += ["-cf", str(target), "-C", str(bundle.parent), bundle.name]
    subprocess.run(command, check=True)
    return [target, *with_bill(bundle, output, name)]


def with_bill(bundle: Path, output: Path, name: str) -> list[Path]:
    """Put the bill of materials beside an artefact; return it."""
    bill = output / f"{name}.cdx.json"
    shutil.copyfile(bundle / "sbom.cdx.json", bill)
    return [bill]


def architecture() -> str:
    """Return Debian's name of the machine this runs on."""
    import platform

    return MACHINES.get(platform.machine(), platform.machine())
