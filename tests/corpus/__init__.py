"""The abuse corpus: small hostile inputs made by code, each with the one outcome it may have.

`cases.CASES` lists them all; `outcome.run_case` sends one through the command line. Nothing here
is read from disk: every byte is made by the generators.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "app" / "io"))  # for `import dicom_factory`
