"""`python -m acutance` and the `acutance` command."""

from __future__ import annotations


def main(argv: list[str] | None = None) -> int:
    """Run the command line, or open the window; return the exit code.

    Child processes start by importing this module, so nothing is imported at its top.
    """
    from multiprocessing import freeze_support

    freeze_support()
    from acutance import cli

    arguments = cli.parse(argv)
    if arguments.command == "gui":
        from acutance.qt import application

        return application.main(
            arguments.paths,
            headless=arguments.headless,
            run=arguments.run,
            screenshot=arguments.screenshot,
            exit_when_done=arguments.exit,
            site=arguments.site,
        )
    return cli.run(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
