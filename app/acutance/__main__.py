"""`python -m acutance` and the `acutance` command."""

from __future__ import annotations

#: As a shell counts a program that SIGPIPE ended.
READER_LEFT = 141


def main(argv: list[str] | None = None) -> int:
    """Run the command line, or open the window; return the exit code.

    Child processes start by importing this module, so nothing is imported at its top.
    """
    import os
    import sys
    from multiprocessing import freeze_support

    freeze_support()
    from acutance import window_command

    window = window_command.parse(argv)
    if window is not None:
        from acutance.qt import application

        return application.main(
            window.paths,
            headless=window.headless,
            run=window.run,
            screenshot=window.screenshot,
            exit_when_done=window.exit,
            language=window.language,
            site=window.site,
        )
    from acutance import cli

    try:
        code = cli.run(cli.parse(argv))
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has enough, as `head` has: what is left goes nowhere, without a word.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_LEFT
    return code


if __name__ == "__main__":
    raise SystemExit(main())
