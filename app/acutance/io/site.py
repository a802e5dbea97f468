"""Find and read the site file."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import site_config_path

from acutance.core.site import SIZE_LIMIT_BYTES, SiteRules, parse_site
from acutance.errors import SiteFileError

#: Names the site file where the command line does not.
VARIABLE = "ACUTANCE_SITE_FILE"
_REMEDY = "Name a site file with --site, or remove the setting."


def default_site_file() -> Path:
    """Return where the site file of this computer lies, if it has one."""
    return site_config_path("acutance", appauthor=False) / "site.toml"


def find_site_file(named: Path | None = None) -> Path | None:
    """Return the site file that holds: the one named, that of the environment, the computer's.

    Raises
    ------
    SiteFileError
        If the one that is named, on the command line or in the environment, is no file.
    """
    told = os.environ.get(VARIABLE, "")
    asked = named if named is not None else Path(told) if told else None
    if asked is not None:
        if not asked.is_file():
            source = "named" if named is not None else f"named by {VARIABLE}"
            raise SiteFileError(
                f"The site file that is {source} does not exist.", remedy=_REMEDY, path=asked
            )
        return asked
    default = default_site_file()
    return default if default.is_file() else None


def read_site_file(path: Path) -> SiteRules:
    """Read one site file.

    Raises
    ------
    SiteFileError
        If it cannot be read or holds anything that is not understood.
    """
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT_BYTES + 1)
    except OSError as error:
        raise SiteFileError(
            f"The site file cannot be read ({error.strerror}).", remedy=_REMEDY, path=path
        ) from error
    if len(data) > SIZE_LIMIT_BYTES:
        raise SiteFileError(
            f"The site file has more than {SIZE_LIMIT_BYTES} bytes.", remedy=_REMEDY, path=path
        )
    return parse_site(data, path)


def load_site(named: Path | None = None) -> SiteRules:
    """Return the rules of the site file that holds; empty rules where there is none.

    Raises
    ------
    SiteFileError
        As `find_site_file` and `read_site_file`.
    """
    path = find_site_file(named)
    return SiteRules() if path is None else read_site_file(path)
