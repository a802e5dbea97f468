"""`python -m acutance` and the `acutance` command."""

from __future__ import annotations


def main(argv: list[str] | None = None) -> int:
    """Run the command line, or open the window; return the exit code.

    Child processes start by importing this module, so nothing is imported at its top.
    """
    from multiprocessing import freeze_support

    freeze_support()
    from acutance import window_command

    window = window_command.parse(argv)
    if window is not None:
        return window_command.run(window)
    from acutance import cli

    return cli.run(cli.parse(argv))


if __name__ == "__main__":
    raise SystemExit(main())
