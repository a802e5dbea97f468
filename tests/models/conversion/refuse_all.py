"""Convert every file of a folder in a process of its own; print what came of each, as JSON.

Run by a test: the peak memory of the children is only known for all children of a process.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path


def main(folder: Path, output: Path) -> None:
    from acutance_models.conversion import convert_file
    from acutance_models.errors import AcutanceModelsError

    answers = {}
    for path in sorted(folder.iterdir()):
        try:
            convert_file(path, output / f"{path.name}.out.safetensors")
            answers[path.name] = ["converted", ""]
        except AcutanceModelsError as error:
            answers[path.name] = [type(error).__name__, str(error)]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps({"answers": answers, "peak_kib": peak, "torch": "torch" in sys.modules}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
