"""Check the ledger of a batch against the folder it was made from.

    python bench/batch_ledger.py IN OUT

Every file below IN, other than links that lead to a file counted already, must stand in exactly
one line of OUT/ledger.jsonl, as done, set aside or failed; every failed one with a reason. Every
result must belong to a done line and every done line to a result; where one file holds several
series, its line names one of them and serves them all. Ends with 1 where that is not so.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter
from pathlib import Path

from acutance.batch.folder import ITEMS, RESULTS
from acutance.batch.tables import iter_ledger

STATES = ("done", "set aside", "failed")


def files_of(source: Path) -> set[str]:
    """Return every file below a folder, by the name that the folder gives it."""
    return {
        os.path.join(folder, name)
        for folder, _, names in os.walk(source)
        for name in names
        if os.path.isfile(os.path.join(folder, name))
    }


def faults_of(source: Path, output: Path) -> list[str]:
    """Return what is wrong with a ledger, in words; nothing where it is right."""
    lines = list(iter_ledger(output))
    there = files_of(source)
    # A part of an archive is told as the archive's name, a bar and its own.
    told = Counter(line.file for line in lines)
    faults = [f"not in the ledger: {name}" for name in sorted(there - set(told))]
    faults += [f"in the ledger and not there: {name}" for name in sorted(set(told) - there)]
    faults += [f"{count} times: {name}" for name, count in sorted(told.items()) if count > 1]
    faults += [f"{line.state}: {line.file}" for line in lines if line.state not in STATES]
    faults += [f"no reason: {x.file}" for x in lines if x.state != "done" and not x.reason]
    objects = {path.stem: path for path in (output / ITEMS).iterdir()}
    with (output / RESULTS).open(encoding="utf-8") as table:
        results = [json.loads(line)["path"] for line in table]
    done = {line.item for line in lines if line.state == "done"}
    files_done = {line.file for line in lines if line.state == "done"}
    if len(results) != len(objects):
        faults.append(f"{len(results)} results, {len(objects)} objects")
    for stem in sorted(set(objects) - done):
        path = json.loads(objects[stem].read_text(encoding="utf-8"))["path"]
        if path not in files_done:
            faults.append(f"an object without a done line: {stem}")
    faults += [f"done without an object: {name}" for name in sorted(done - set(objects))]
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, metavar="IN")
    parser.add_argument("output", type=Path, metavar="OUT")
    arguments = parser.parse_args()
    source = arguments.source.absolute()
    faults = faults_of(source, arguments.output)
    states = Counter(line.state for line in iter_ledger(arguments.output))
    print(f"{len(files_of(source))} files: " + ", ".join(f"{states[s]} {s}" for s in STATES))
    for line in iter_ledger(arguments.output):
        if line.state == "failed":
            print(f"failed: {os.path.relpath(line.file, source)}: {line.reason}")
    print(f"faults: {len(faults) or 'none'}", *faults[:20], sep="\n  ")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
