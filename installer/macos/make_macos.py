"""Pack ``Acutance.app`` as a disk image; sign and notarise it where an identity is at hand.

Signing: ACUTANCE_SIGN_IDENTITY is the name of a "Developer ID Application" certificate in the
key chain; ACUTANCE_NOTARY_PROFILE a profile that ``xcrun notarytool store-credentials`` made.
Without the first nothing is signed, and that is said.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent


def make(bundle: Path, output: Path, version: str, variant: str) -> list[Path]:
    """Write ``acutance-VERSION-macos-MACHINE.dmg``; return it and its bill of materials."""
    application = bundle.parent / "Acutance.app"
    contents = application / "Contents" / "Resources"
    for name in ("sbom.cdx.json", "NOTICE.txt"):
        shutil.copyfile(bundle / name, contents / name)
    shutil.copytree(bundle / "licenses", contents / "licenses", dirs_exist_ok=True)
    sign(application)
    target = output / f"acutance-{version}-macos-{platform.machine()}.dmg"
    command = ["hdiutil", "create", "-volname", f"Acutance {version}", "-srcfolder"]
    subprocess.run([*command, str(application), "-ov", "-format", "UDZO", str(target)], check=True)
    notarise(target)
    bill = target.with_suffix(".cdx.json")
    shutil.copyfile(bundle / "sbom.cdx.json", bill)
    return [target, bill]


def sign(application: Path) -> None:
    """Sign an application with all that is inside, where an identity is at hand."""
    identity = os.environ.get("ACUTANCE_SIGN_IDENTITY")
    if not identity:
        print(f"{application.name}: not signed, ACUTANCE_SIGN_IDENTITY names none", flush=True)
        return
    command = ["codesign", "--force", "--deep", "--timestamp", "--options", "runtime"]
    command += ["--entitlements", str(HERE / "entitlements.plist"), "--sign", identity]
    subprocess.run([*command, str(application)], check=True)


def notarise(image: Path) -> None:
    """Have Apple notarise an image and staple the ticket to it, where a profile is at hand."""
    profile = os.environ.get("ACUTANCE_NOTARY_PROFILE")
    if not profile:
        print(f"{image.name}: not notarised, ACUTANCE_NOTARY_PROFILE names none", flush=True)
        return
    command = ["xcrun", "notarytool", "submit", str(image), "--keychain-profile", profile]
    subprocess.run([*command, "--wait"], check=True)
    subprocess.run(["xcrun", "stapler", "staple", str(image)], check=True)
