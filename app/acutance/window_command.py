"""The command that opens the window; parsed without the other commands, which it need not load."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = "gui"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give a parser what the window can be told at its start."""
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH")
    parser.add_argument("--headless", action="store_true", help="draw offscreen, for tests")
    parser.add_argument("--run", choices=["score"], help="start this once the scan is loaded")
    parser.add_argument("--screenshot", type=Path, metavar="FILE", help="save the window as PNG")
    parser.add_argument("--exit", action="store_true", help="close when done")
    parser.add_argument(
        "--language", choices=["auto", "en", "de"], help="of the window; default: of the settings"
    )
    add_site(parser)


def add_site(parser: argparse.ArgumentParser) -> None:
    """Give a parser the site file."""
    parser.add_argument(
        "--site", type=Path, metavar="FILE", help="thresholds of the verdict by protocol (TOML)"
    )


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace | None:
    """Parse the arguments of the window; None where another command is asked for.

    Without any argument the window is meant. Wrong usage exits with 2.
    """
    arguments = list(sys.argv[1:] if argv is None else argv) or [NAME]
    if arguments[0] != NAME:
        return None
    parser = argparse.ArgumentParser(prog=f"acutance {NAME}")
    add_arguments(parser)
    return parser.parse_args(arguments[1:])
