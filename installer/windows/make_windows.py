"""Pack a bundle as an installer program for Windows, with NSIS; sign it where a key is at hand.

    python installer/windows/make_windows.py check     compile the script around a stand-in
                                                       payload, on any system that has makensis

Signing: ACUTANCE_SIGN_PFX names a PFX file and ACUTANCE_SIGN_PASSWORD holds its password;
ACUTANCE_SIGN_TIMESTAMP overrides the time stamping server. Without the first nothing is signed,
and that is said.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCRIPT = HERE / "acutance.nsi"
TIMESTAMP = "http://timestamp.digicert.com"


def make(bundle: Path, output: Path, version: str, variant: str) -> list[Path]:
    """Write ``acutance-VERSION-windows-x64[-cuda].exe``; return it and its bill of materials."""
    suffix = "" if variant == "cpu" else f"-{variant}"
    target = output / f"acutance-{version}-windows-x64{suffix}.exe"
    sign(bundle / "acutance.exe")
    compile_script(bundle, target, version)
    sign(target)
    bill = target.with_suffix(".cdx.json")
    shutil.copyfile(bundle / "sbom.cdx.json", bill)
    return [target, bill]


def compile_script(payload: Path, target: Path, version: str) -> None:
    """Run makensis; every warning is an error."""
    command = ["makensis", "-V2", "-WX", f"-DVERSION={version}", f"-DPAYLOAD={payload}"]
    icon = payload / "_internal/acutance_resources/icons/acutance.ico"
    if icon.is_file():
        command.append(f"-DICON={icon}")
    subprocess.run([*command, f"-DOUTFILE={target}", str(SCRIPT)], check=True)


def sign(program: Path) -> None:
    """Sign a program in place, where a key is at hand."""
    key = os.environ.get("ACUTANCE_SIGN_PFX")
    if not key:
        print(f"{program.name}: not signed, ACUTANCE_SIGN_PFX names no key", flush=True)
        return
    command = ["signtool", "sign", "/fd", "SHA256", "/td", "SHA256", "/f", key]
    command += ["/p", os.environ.get("ACUTANCE_SIGN_PASSWORD", "")]
    command += ["/tr", os.environ.get("ACUTANCE_SIGN_TIMESTAMP", TIMESTAMP)]
    subprocess.run([*command, str(program)], check=True)


def check() -> int:
    """Compile the script around a payload of a few bytes; return 0 where that works."""
    with tempfile.TemporaryDirectory() as name:
        payload, target = Path(name) / "payload", Path(name) / "acutance-0.0.0-windows-x64.exe"
        (payload / "_internal").mkdir(parents=True)
        for file in ("acutance.exe", "NOTICE.txt", "_internal/stand-in.dll"):
            (payload / file).write_bytes(b"stand-in\r\n")
        compile_script(payload, target, "0.0.0")
        is_program = target.read_bytes()[:2] == b"MZ"
        print(f"{target.stat().st_size} bytes, {'a' if is_program else 'not a'} Windows program")
        return 0 if is_program else 1


if __name__ == "__main__":
    raise SystemExit(check() if sys.argv[1:] == ["check"] else 2)
