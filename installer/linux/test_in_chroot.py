"""Install a Debian package in a bare system, use it there, remove it, and see what is left.

    sudo python installer/linux/test_in_chroot.py dist/acutance_VERSION_amd64.deb [--pictures DIR]
        [--scan FOLDER] [--suite bookworm] [--base DIR]

Makes a minimal Debian with debootstrap, kept in --base for the next time, and works on a copy. In
there: apt installs the package, `acutance selftest` runs, the window is drawn offscreen and under
Xvfb on a scan, no Python package of ours is importable, apt removes the package, and no file is
left of it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

#: Left by the system, not by the package: its logs, lists and the programs' caches.
IGNORED = (
    "/var/",
    "/proc/",
    "/dev/",
    "/sys/",
    "/tmp/",
    "/run/",
    "/root/",
    "/etc/",
    "/usr/",
    "/lib",
)
OURS = (
    "/opt",
    "/usr/bin/acutance",
    "/usr/share/applications/acutance.desktop",
    "/usr/share/mime/packages/acutance.xml",
    "/usr/share/doc/acutance",
    "/usr/share/man/man1/acutance.1.gz",
    "/usr/share/icons/hicolor/scalable/apps/acutance.svg",
)


def main(arguments: list[str]) -> int:
    """Run the test; return 0 where everything held."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("package", type=Path)
    parser.add_argument("--pictures", type=Path, help="where the pictures of the window go")
    parser.add_argument("--scan", type=Path, help="folder to open instead of the sample")
    parser.add_argument("--suite", default="bookworm")
    parser.add_argument("--base", type=Path, default=Path("/var/tmp/acutance-debian"))
    options = parser.parse_args(arguments)
    if not options.base.is_dir():
        command = ["debootstrap", "--variant=minbase", "--include=ca-certificates"]
        subprocess.run([*command, options.suite, str(options.base)], check=True)
    folder = Path(tempfile.mkdtemp(prefix="acutance-chroot-", dir=options.base.parent))
    root = folder / "root"
    try:
        subprocess.run(["cp", "-a", "--one-file-system", str(options.base), str(root)], check=True)
        subprocess.run(["mount", "-t", "proc", "proc", str(root / "proc")], check=True)
        try:
            return use(root, options)
        finally:
            subprocess.run(["umount", str(root / "proc")], check=True)
    finally:
        shutil.rmtree(folder)


def use(root: Path, options: argparse.Namespace) -> int:
    """Install, use and remove the package inside a root."""
    shutil.copy(options.package, root / "tmp/acutance.deb")
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    # So that a mirror of this machine, and who signs for it, serve in there, too.
    for place in ("/etc/apt/apt.conf.d", "/etc/apt/sources.list.d"):
        if Path(place).is_dir():
            shutil.copytree(place, str(root) + place, dirs_exist_ok=True)
    bundle = Path("/etc/ssl/certs/ca-certificates.crt")
    if bundle.is_file():
        (root / "etc/ssl/certs").mkdir(parents=True, exist_ok=True)
        (root / "etc/ssl/certs/ca-certificates.crt").write_bytes(bundle.read_bytes())
    if Path("/etc/apt/sources.list").is_file():
        shutil.copy("/etc/apt/sources.list", root / "etc/apt/sources.list")
    inside(root, "apt-get", "update", "-q")
    before = files_of(root)
    inside(root, "apt-get", "install", "-y", "-q", "--no-install-recommends", "/tmp/acutance.deb")
    installed = size_of(root / "opt/acutance")
    print(f"installed {installed / 1e6:.0f} MB", flush=True)
    inside(root, "sh", "-c", "! command -v python3")
    inside(root, "acutance", "selftest")
    scan = "/opt/acutance/_internal/acutance_resources/sample/sample_T1_moved.nii.gz"
    if options.scan:
        shutil.copytree(options.scan, root / "tmp/scan")
        scan = "/tmp/scan"
    window = ("gui", scan, "--run", "score", "--screenshot")
    inside(root, "acutance", *window, "/tmp/offscreen.png", "--exit", "--headless")
    inside(root, "apt-get", "install", "-y", "-q", "--no-install-recommends", "xvfb", "xauth")
    started = time.monotonic()
    inside(
        root,
        "xvfb-run",
        "-a",
        "-s",
        "-screen 0 1440x900x24",
        "acutance",
        *window,
        "/tmp/xvfb.png",
        "--exit",
    )
    print(f"window under Xvfb to score and end: {time.monotonic() - started:.1f} s", flush=True)
    for name in ("offscreen.png", "xvfb.png"):
        if options.pictures:
            options.pictures.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / "tmp" / name, options.pictures / name)
    inside(root, "apt-get", "remove", "-y", "-q", "acutance")
    left = [
        name
        for name in sorted(files_of(root) - before)
        if name.startswith(OURS) or not name.startswith(IGNORED)
    ]
    for name in left:
        print(f"left behind: {name}", file=sys.stderr)
    print("removed: nothing left" if not left else f"removed: {len(left)} files left")
    return 1 if left else 0


def inside(root: Path, *command: str) -> None:
    """Run a command in the root, with nothing of this machine's environment."""
    environment = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/root",
        "LANG": "C.UTF-8",
        "DEBIAN_FRONTEND": "noninteractive",
    }
    print("$", *command, flush=True)
    subprocess.run(["chroot", str(root), *command], env=environment, check=True)


def files_of(root: Path) -> set[str]:
    """Return every file below a root, as seen from inside."""
    command = ["find", str(root), "-xdev", "-not", "-type", "d", "-printf", "/%P\n"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines())


def size_of(folder: Path) -> int:
    """Return the bytes of all files of a folder."""
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file() and not f.is_symlink())


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
