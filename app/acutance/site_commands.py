"""Work of `acutance site check` and `acutance site example`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from acutance.core.quality import Thresholds
from acutance.core.site import EXAMPLE
from acutance.errors import SiteFileError
from acutance.io.site import VARIABLE, default_site_file, find_site_file, read_site_file

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from acutance.core.site import ProtocolRule

DONE, NOTHING_DONE = 0, 1


def run(arguments: argparse.Namespace) -> int:
    """Carry out `site check` or `site example`; return the exit code."""
    if arguments.site_command == "example":
        print(EXAMPLE, end="")
        return DONE
    try:
        return _check(arguments.file)
    except SiteFileError as error:
        print(error, file=sys.stderr)
        return NOTHING_DONE


def _check(named: Path | None) -> int:
    path = find_site_file(named)
    if path is None:
        print(
            f"There is no site file: none is named, {VARIABLE} is not set, and "
            f"{default_site_file()} does not exist. {_limits(Thresholds())}, for every series."
        )
        return DONE
    rules = read_site_file(path)
    print(f"{path}: understood; sha256 {rules.sha256}")
    for number, rule in enumerate(rules.rules, start=1):
        print(f"  {number}. {rule.name}: {_limits(rule.thresholds)}, where {_conditions(rule)}")
    default = rules.default or Thresholds()
    origin = "" if rules.default is not None else " (built-in)"
    print(f"  otherwise: {_limits(default)}{origin}")
    if rules.least_alpha > 0:
        print(f"  restored images: alpha {rules.least_alpha:.2f} or more")
    return DONE


def _limits(thresholds: Thresholds) -> str:
    return f"usable from {thresholds.usable:.2f}, repeat below {thresholds.repeat:.2f}"


def _conditions(rule: ProtocolRule) -> str:
    return " and ".join(
        f"{key.replace('_', ' ')} is {' or '.join(patterns)}" for key, patterns in rule.patterns
    )
