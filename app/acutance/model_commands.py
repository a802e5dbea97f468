"""Work of `acutance models list` and `acutance models import`."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from acutance_models.catalogue import list_descriptors
from acutance_models.conversion import convert_file
from acutance_models.errors import AcutanceModelsError
from acutance_models.imported import file_sha256, imported_files, read_sidecar, sidecar_path

if TYPE_CHECKING:
    import argparse

    from acutance_models.descriptor import NetworkDescriptor
    from acutance_models.imported import ImportedWeights

DONE, NOTHING_DONE = 0, 1


def imported_folder() -> Path:
    """Return where imported weights are kept unless the user names a place."""
    return Path(platformdirs.user_data_dir("acutance", appauthor=False)) / "imported"


def run(arguments: argparse.Namespace) -> int:
    """Carry out `models list` or `models import`; return the exit code."""
    try:
        if arguments.models_command == "list":
            return _list(arguments.json)
        return _import(arguments.file, arguments.output, arguments.t)
    except AcutanceModelsError as error:
        print(str(error).replace("\n", " "), file=sys.stderr)
        return NOTHING_DONE


def _list(target: str | None) -> int:
    shipped = list_descriptors()
    imported = []
    for path in imported_files(imported_folder()):
        try:
            imported.append(read_sidecar(path))
        except AcutanceModelsError as error:
            print(error, file=sys.stderr)
    records = [_shipped_record(d) for d in shipped] + [_imported_record(w) for w in imported]
    lines = "".join(json.dumps(record) + "\n" for record in records)
    if target == "-":
        sys.stdout.write(lines)
        return DONE
    if target is not None:
        Path(target).write_text(lines, encoding="utf-8")
    for descriptor in shipped:
        print(
            f"{descriptor.id}: {descriptor.title}, version {descriptor.version}, "
            f"{descriptor.params:,} parameters, {descriptor.licence}; card {descriptor.card}"
        )
    for weights in imported:
        print(
            f"{weights.path.name}: {weights.architecture}, {weights.params:,} parameters, "
            f"{weights.status}, imported from {weights.source_name}; {weights.path}"
        )
    return DONE


def _import(file: Path, output: Path | None, t: int | None) -> int:
    target = output if output is not None else default_output(file)
    weights = convert_file(file, target, t=t)
    print(
        f"{file}: recognised as {weights.architecture}; all {weights.entries} entries fit, "
        f"{weights.params:,} parameters"
    )
    if weights.left_out:
        print(f"  left out: {', '.join(weights.left_out)}")
    print(f"  written: {weights.path}, {sidecar_path(weights.path)}")
    print(f"  converted under: {', '.join(weights.locks)}")
    print(f"  status: {weights.status}. There is no model card: no verdict of it is ever usable.")
    return DONE


def default_output(file: Path) -> Path:
    """Return a name in the folder of imported weights: made safe, told apart by content."""
    stem = re.sub(r"(\.pth)?\.[A-Za-z]+$", "", file.name)
    safe = re.sub(r"[^A-Za-z0-9_-]+", "_", stem).strip("_")[:48] or "weights"
    folder = imported_folder()
    try:
        digest = file_sha256(file)[:8] if file.is_file() else "0" * 8
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        # The conversion opens the file again and says what is wrong with it or with the folder.
        digest = "0" * 8
    return folder / f"{safe}-{digest}.safetensors"


def _shipped_record(descriptor: NetworkDescriptor) -> dict[str, Any]:
    return {
        "id": descriptor.id,
        "title": descriptor.title,
        "task": descriptor.task,
        "architecture": descriptor.architecture,
        "version": descriptor.version,
        "status": "shipped",
        "params": descriptor.params,
        "sha256": descriptor.sha256,
        "licence": descriptor.licence,
        "path": str(descriptor.weights_file),
    }


def _imported_record(weights: ImportedWeights) -> dict[str, Any]:
    return {
        "id": weights.path.name.removesuffix(".safetensors"),
        "title": f"imported from {weights.source_name}",
        "task": None,
        "architecture": weights.architecture,
        "version": None,
        "status": weights.status,
        "params": weights.params,
        "sha256": weights.sha256,
        "licence": None,
        "path": str(weights.path),
    }
