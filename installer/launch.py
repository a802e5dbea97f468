"""What the frozen program starts with."""

from acutance.__main__ import main

# Child processes of the frozen program start here too; main() calls freeze_support first.
if __name__ == "__main__":
    raise SystemExit(main())
