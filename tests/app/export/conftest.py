"""What the tests of exporters share."""

from __future__ import annotations

import sys
from pathlib import Path

# For `import dicom_factory`.
sys.path.insert(0, str(Path(__file__).parents[1] / "io"))
