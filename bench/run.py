"""Run every comparison, and write docs/performance.md.

    python bench/run.py [JOB ...] [--page docs/performance.md]

Each job is a command of its own in a fresh process: it compares outputs first, takes turns with its
peer, and prints a line that starts with RESULT for each row of the table. Ratios are peer / ours,
so above 1 ours is faster; the interval is a bootstrap 95 % interval of the median. "Of the roof" is
the counted arithmetic by the time, over what float32 matrix products reach on the same cores in
this run. The peak is that of the largest process of a job, peers included.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pairing import MARK, Outcome, matmul_peak

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
#: Name, and the command that measures it.
JOBS: dict[str, tuple[str, ...]] = {
    "scoring": ("speed_scoring.py",),
    "series": ("scoring_series.py", "--pairs", "7"),
    "segmentation": ("speed_segmentation.py",),
    "video": ("speed_video.py",),
    "slider": ("speed_restoration.py",),
    "ssim": ("speed_ssim.py",),
    "open": ("open_series.py", "--pairs", "7", "--slices", "500"),
    "window": ("speed_startup.py",),
}
LIMIT_SECONDS = 900


def show(outcome: Outcome) -> int:
    """Print what a job came to, for people and for this program; return 0."""
    print(
        f"{outcome.job}: {outcome.peer} / ours {outcome.ratio:.2f} x "
        f"[{outcome.low:.2f}, {outcome.high:.2f}], goal {outcome.goal}: "
        f"{'met' if outcome.is_met else 'missed'}"
    )
    print(f"  {outcome.agreement}")
    print(f"  ours {outcome.ours_seconds:.3f} s, peer {outcome.peer_seconds:.3f} s")
    for stage, seconds in outcome.stages.items():
        print(f"  {stage}: {seconds:.3f} s")
    print(MARK + json.dumps(asdict(outcome)), flush=True)
    return 0


def main(arguments: Sequence[str]) -> int:
    """Run the jobs named, all by default; return 1 where one could not be run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("jobs", nargs="*", choices=[[], *JOBS], help="all where none is named")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "performance.md")
    options = parser.parse_args(arguments)
    names = options.jobs or list(JOBS)
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    roof = matmul_peak(threads or 1)
    found: list[tuple[Outcome, float]] = []
    failed = []
    for name in names:
        outcomes, peak, output = run_job(name)
        print(output, end="", flush=True)
        found += [(outcome, peak) for outcome in outcomes]
        if not outcomes:
            failed.append(name)
    if not options.jobs:
        options.page.write_text(page(found, failed, roof, threads or 1), "utf-8")
        print(options.page)
    return 1 if failed else 0


def run_job(name: str) -> tuple[list[Outcome], float, str]:
    """Run one job; return what it came to, its peak memory in bytes, and what it printed."""
    script, *arguments = JOBS[name]
    sources = [str(ROOT / source) for source in ("app", "models", "resources", "bench")]
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen")
    environment["PYTHONPATH"] = os.pathsep.join([*sources, environment.get("PYTHONPATH", "")])
    command = [sys.executable, str(HERE / script), *arguments]
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as printed, tempfile.TemporaryFile("w+") as complaints:
        job = subprocess.Popen(command, env=environment, stdout=printed, stderr=complaints)
        alarm = threading.Timer(LIMIT_SECONDS, job.kill)
        alarm.start()
        _, status, usage = os.wait4(job.pid, 0)
        alarm.cancel()
        job.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        complaints.seek(0)
        output, errors = printed.read(), complaints.read()
    peak = usage.ru_maxrss * 1024.0  # of the largest process of the job
    lines = [line for line in output.splitlines() if line.startswith(MARK)]
    shown = "\n".join(line for line in output.splitlines() if not line.startswith(MARK))
    shown += f"\n  ({name}: {time.perf_counter() - start:.0f} s)\n"
    if job.returncode != 0 or not lines:
        return [], peak, f"{shown}{errors[-2000:]}\n{name}: no result\n"
    fields: list[dict[str, Any]] = [json.loads(line.removeprefix(MARK)) for line in lines]
    return [Outcome(**one) for one in fields], peak, shown


def page(found: list[tuple[Outcome, float]], failed: list[str], roof: float, threads: int) -> str:
    """Return the page that docs/performance.md holds."""
    lines = [
        "# Performance",
        "",
        "Made by `python bench/run.py`, all in one run, ours and the peer taking turns, outputs "
        "compared first. Ratios are peer / ours: above 1 ours is faster.",
        "",
        f"Machine: {processor()}, {threads} cores, {platform.system()}, Python "
        f"{platform.python_version()}. Float32 matrix products reach {roof / 1e9:.0f} GFLOP/s.",
        "",
        "| job | peer | ratio | 95 % interval | goal | | of the roof | peak memory |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for outcome, peak in found:
        share = f"{100 * outcome.flop / outcome.ours_seconds / roof:.0f} %" if outcome.flop else ""
        memory = f"{peak / 1e6:.0f} MB" if peak else ""
        lines.append(
            f"| {outcome.job} | {outcome.peer} | {outcome.ratio:.2f} x | "
            f"{outcome.low:.2f} to {outcome.high:.2f} | {outcome.goal} | "
            f"{'met' if outcome.is_met else 'missed'} | {share} | {memory} |"
        )
    lines += [f"| {name} | | could not be run | | | | | |" for name in failed]
    lines += ["", "## Where the time goes", ""]
    for outcome, _ in found:
        lines.append(f"**{outcome.job}.** {outcome.agreement[:1].upper()}{outcome.agreement[1:]}.")
        if outcome.stages:
            parts = (f"{name} {seconds:.3f} s" for name, seconds in outcome.stages.items())
            lines.append(f"Seconds: {', '.join(parts)}.")
        if outcome.bottleneck:
            lines.append(f"Next bottleneck: {outcome.bottleneck}.")
        lines.append("")
    lines += ["## Seconds", "", "| job | ours | peer |", "|---|---|---|"]
    lines += [f"| {o.job} | {o.ours_seconds:.3f} | {o.peer_seconds:.3f} |" for o, _ in found]
    return "\n".join(lines) + "\n"


def processor() -> str:
    """Return the name of the processor, where the system tells."""
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
