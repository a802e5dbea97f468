"""Whether a folder lies on a share of the network, where locks of a database cannot be trusted."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

#: Types of file systems that other machines hold.
_REMOTE = frozenset(
    (
        "9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "fuse.glusterfs", "fuse.rclone",
        "fuse.s3fs", "fuse.sshfs", "gfs2", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2",
        "panfs", "smb3", "smbfs",
    )
)  # fmt: skip
_MOUNTS = Path("/proc/self/mounts")
_WINDOWS_REMOTE = 4  # DRIVE_REMOTE of GetDriveTypeW


def is_network_share(path: Path) -> bool:
    """Return whether a path, or the part of it that exists, lies on another machine.

    Where the system does not tell, as on macOS, a path counts as local unless it is a UNC path.
    """
    text = os.path.abspath(path)
    if text.startswith(("\\\\", "//")):
        return True
    if sys.platform == "win32":
        import ctypes

        drive = os.path.splitdrive(text)[0] + "\\"
        return bool(ctypes.windll.kernel32.GetDriveTypeW(drive) == _WINDOWS_REMOTE)
    try:
        mounts = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return False
    return kind_of(os.path.realpath(text), mounts) in _REMOTE


def kind_of(path: str, mounts: str) -> str:
    """Return the type of the file system that a path lies on.

    Parameters
    ----------
    path : str
        Absolute, without links.
    mounts : str
        As Linux tells them: device, place, type and more in each line; the last that fits counts.
    """
    best, kind = -1, ""
    for line in mounts.splitlines():
        parts = line.split(" ")
        if len(parts) < 3:
            continue
        place = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), parts[1])
        inside = place == "/" or path == place or path.startswith(place.rstrip("/") + "/")
        if inside and len(place) >= best:
            best, kind = len(place), parts[2]
    return kind
