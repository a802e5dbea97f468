"""Send mutated files through the reading child, as the program would, and count what may not be.

Run: python bench/fuzz_readers.py [--count 10000] [--seed 1] [--first 0] [--only dicom]
     python bench/fuzz_readers.py --seed 1 --replay 4711
Every mutant is made from its run and number alone; failing ones are kept in bench/failures. The
goals are those that the last lines name, each 0 but the growth of memory, at most 1 GB.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "app"))

import psutil

from acutance.jobs.runner import Runner
from corpus.outcome import Outcome, run_info, snapshot
from fuzz.mutate import Mutant, mutant
from fuzz.seeds import all_seeds

FAILURES = Path(__file__).resolve().parent / "failures"
LIMIT_SECONDS = 10.0
GROWTH_LIMIT_MB = 1000.0
#: What a message of a child that died holds.
_DEATH = "ended twice"


def judge(outcome: Outcome, before: object, after: object) -> list[str]:
    """Return what was wrong with an outcome, nothing where all is as it may be."""
    faults = []
    said = " ".join(outcome.messages)
    if outcome.code not in (0, 1, 3):
        faults.append("exit code")
    if "Traceback" in said:
        faults.append("traceback")
    if "unexpected fault" in said or "answer cannot be used" in said:
        faults.append("unexpected fault")
    if outcome.seconds > LIMIT_SECONDS:
        faults.append("too slow")
    if before != after:
        faults.append("input changed")
    if outcome.code == 0 and not outcome.records:
        faults.append("silence")
    if outcome.code == 1 and not outcome.messages:
        faults.append("no message")
    for record in outcome.records:
        ledger = record["ledger"]
        if ledger["found"] != ledger["used"] + len(ledger["set_aside"]):
            faults.append("wrong ledger")
    if outcome.child_died and _DEATH not in said:
        # Tried once more and well: a death all the same, and counted.
        faults.append("death without a word" if not outcome.records else "death, then well")
    return faults


def place(one: Mutant, folder: Path) -> None:
    (folder / f"mutant{one.seed.suffix}").write_bytes(one.data)
    for name, data in one.seed.companions:
        (folder / name).write_bytes(data)


def keep(one: Mutant, run: int, faults: list[str], outcome: Outcome | None) -> None:
    folder = FAILURES / f"{run}-{one.number}"
    folder.mkdir(parents=True, exist_ok=True)
    place(one, folder)
    words = {
        "seed": one.seed.name,
        "kinds": one.kinds,
        "faults": faults,
        "messages": outcome.messages if outcome else [],
        "seconds": outcome.seconds if outcome else None,
    }
    (folder / "why.json").write_text(json.dumps(words, indent=2) + "\n")


def resident_mb(runner: Runner) -> float:
    """Return the memory of the reading child, 0 where there is none now."""
    if runner.reader_pid is None:
        return 0.0
    try:
        return float(psutil.Process(runner.reader_pid).memory_info().rss) / 1e6
    except psutil.Error:
        return 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1, help="seed of the run")
    parser.add_argument("--first", type=int, default=0, help="number to begin with")
    parser.add_argument("--only", default="", help="kinds of file that begin so")
    parser.add_argument("--replay", type=int, help="one number, with all that is said")
    arguments = parser.parse_args()
    seeds = all_seeds()
    numbers = range(arguments.first, arguments.first + arguments.count)
    if arguments.replay is not None:
        numbers = range(arguments.replay, arguments.replay + 1)
    tally: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    slowest, deaths, done = 0.0, 0, 0
    started = time.monotonic()
    parent = psutil.Process()
    with Runner(device="cpu") as runner:
        with tempfile.TemporaryDirectory() as warm:
            for number, seed in enumerate(seeds):
                place(Mutant(seed, number, (), seed.data), Path(warm))
            run_info([Path(warm)], runner)
        first_child, first_parent = resident_mb(runner), parent.memory_info().rss / 1e6
        peak_child, peak_parent = first_child, first_parent
        for number in numbers:
            one = mutant(seeds, arguments.seed, number)
            if not one.seed.name.startswith(arguments.only):
                continue
            folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
            try:
                place(one, folder)
                before = snapshot(folder)
                outcome = run_info([folder], runner)
                faults = judge(outcome, before, snapshot(folder))
            except Exception as fault:  # of the parent: the worst there is
                outcome, faults = None, [f"parent: {type(fault).__name__}: {fault}"[:200]]
            finally:
                with contextlib.suppress(OSError):
                    shutil.rmtree(folder)
            done += 1
            if outcome is not None:
                slowest = max(slowest, outcome.seconds)
                deaths += outcome.child_died
                ends[{0: "read", 1: "refused", 3: "in part"}.get(outcome.code, "?")] += 1
            peak_child = max(peak_child, resident_mb(runner))
            peak_parent = max(peak_parent, parent.memory_info().rss / 1e6)
            if faults or (outcome is not None and outcome.child_died):
                tally.update(faults)
                keep(one, arguments.seed, faults, outcome)
                said = outcome.messages if outcome else []
                print(f"{number} {one.seed.name} {one.kinds}: {faults} {said}", flush=True)
            if arguments.replay is not None:
                print(outcome)
            if done % 1000 == 0:
                print(f"{done} in {time.monotonic() - started:.0f} s", flush=True)
    growth = max(peak_child - first_child, peak_parent - first_parent)
    report = {
        "inputs": done,
        "seconds": round(time.monotonic() - started, 1),
        "ends": dict(ends),
        "faults": dict(tally),
        "parent crashes": sum(n for name, n in tally.items() if name.startswith("parent")),
        "over 10 s": tally["too slow"],
        "slowest s": round(slowest, 2),
        "child deaths": deaths,
        "growth MB": round(growth, 1),
    }
    print(json.dumps(report, indent=2))
    return 1 if tally or growth > GROWTH_LIMIT_MB else 0


if __name__ == "__main__":
    sys.exit(main())
