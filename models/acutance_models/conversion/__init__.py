"""Checkpoints from elsewhere: looked at without being opened, converted in a locked-down child.

Importing this package loads no torch; only the child does, once a file has passed.
"""

from acutance_models.conversion.convert import convert_file

__all__ = ["convert_file"]
