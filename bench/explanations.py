"""Measure how often the deletion test supports the map of a slice, on people held out.

    PYTHONPATH=app:models python bench/explanations.py DATA [--slices N] [--out REPORT.md]

DATA holds NIfTI volumes named as the manifest names people. Of each person held out N slices are
taken, spread over scans and planes, and explained three times: as they are, with rotation of 1 to
4 degrees, and with rigid motion and ghosting. As a control each region drawn at random counts as a
map of its own: how often would one of those be shown?
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from scoring_slices import read_sources

from acutance_models import get_descriptor, load_network
from acutance_models.iqa_resnet.evaluation import corrupt_slice
from acutance_models.iqa_resnet.explanation import (
    LARGEST_P,
    SMALLEST_GAIN,
    attribute,
    run_deletion_test,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from scoring_slices import Source

    from acutance_models.iqa_resnet.explanation import DeletionTest

#: What is done to a slice, and the range of its rotation in degrees.
STATES = {
    "as it is": ("rotation", (0.0, 0.0)),
    "rotation": ("rotation", (1.0, 4.0)),
    "rigid motion, ghosting": ("rigid", (1.0, 4.0)),
}


@dataclass(frozen=True)
class Tested:
    """One slice in one state, and what the test found."""

    person: str
    state: str
    test: DeletionTest


def draw_slices(
    sources: Sequence[Source], count: int, seed: int
) -> Iterator[tuple[Source, str, int]]:
    """Draw slices of one person, over scans and planes in turn."""
    rng = np.random.default_rng([seed, len(sources)])
    places = [(source, plane) for source in sources for plane in sorted(source.stacks)]
    for number in range(count):
        source, plane = places[number * len(places) // count]
        yield source, plane, int(rng.integers(len(source.stacks[plane])))


def explain(network: torch.nn.Module, image: NDArray[np.float32]) -> DeletionTest | None:
    """Make the map of a slice and test it, as the application does."""
    slice_ = torch.from_numpy(image)[None, None]
    return run_deletion_test(network, slice_, attribute(network, slice_))


def random_share(tests: Sequence[DeletionTest]) -> float:
    """Return how often a region drawn at random would pass for a map.

    The control of the lowest cells, which it has none of, is left out: at most this often.
    """
    passed = tried = 0
    for test in tests:
        gains = np.array(test.gain_random)
        for number, gain in enumerate(gains):
            others = np.delete(gains, number)
            p_value = (1 + int((others >= gain).sum())) / (1 + len(others))
            # With one region fewer the least p-value is 1 in 19.
            passed += p_value <= 1 / len(gains) and gain - others.mean() >= SMALLEST_GAIN
            tried += 1
    return passed / max(tried, 1)


def report(tested: Sequence[Tested]) -> str:
    """Lay out one line for each person and state."""
    lines = [
        "| slice | person | slices | predicted SSIM | highest 20 % | random | supported "
        "| too small a rise | random as high | lowest as high |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for state in STATES:
        of_state = [one for one in tested if one.state == state]
        for person in [*sorted({one.person for one in of_state}), "all"]:
            tests = [one.test for one in of_state if person in (one.person, "all")]
            kinds = [verdict_of(test) for test in tests]
            means = [
                float(np.mean([getattr(test, name) for test in tests]))
                for name in ("score", "gain_top", "gain_random_mean")
            ]
            counts = " | ".join(str(kinds.count(kind)) for kind in ("gain", "random", "lowest"))
            passed = kinds.count("")
            lines.append(
                f"| {state} | {person} | {len(tests)} | {means[0]:.2f} | {means[1]:+.3f} "
                f"| {means[2]:+.3f} | {passed} ({100 * passed / len(tests):.0f} %) | {counts} |"
            )
    share = random_share([one.test for one in tested])
    return "\n".join(lines) + f"\n\nA region drawn at random would pass {100 * share:.1f} %.\n"


def verdict_of(test: DeletionTest) -> str:
    """Return which of the three conditions fails first; empty where all hold."""
    if test.is_passed:
        return ""
    if test.gain_top - test.gain_random_mean < SMALLEST_GAIN:
        return "gain"
    return "random" if test.p_value > LARGEST_P else "lowest"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--network", default="iqa_resnet18", help="id in the manifest")
    parser.add_argument("--slices", type=int, default=6, help="of each person held out")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, help="write the table as Markdown")
    options = parser.parse_args(arguments)
    descriptor = get_descriptor(options.network)
    network = load_network(options.network).requires_grad_(False)
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    by_person: dict[str, list[Source]] = {}
    for source in read_sources(options.data, None, descriptor.held_out, options.seed):
        by_person.setdefault(source.person, []).append(source)
    tested: list[Tested] = []
    started = time.monotonic()
    for person, sources in by_person.items():
        drawn = draw_slices(sources, options.slices, options.seed)
        for number, (source, plane, index) in enumerate(islice(drawn, options.slices)):
            for state, (family, degrees) in STATES.items():
                rng = np.random.default_rng([options.seed, number, index])
                made = corrupt_slice(
                    source.stacks[plane], index, family, rng, is_native=True,
                    sigma_range_deg=degrees, varies_contrast=False,
                )  # fmt: skip
                test = explain(network, made.image)
                if test is not None:
                    tested.append(Tested(person, state, test))
        print(f"{person}: {len(tested)} so far, {time.monotonic() - started:.0f} s", flush=True)
    text = report(tested)
    print(text)
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    raise SystemExit(main(sys.argv[1:]))
