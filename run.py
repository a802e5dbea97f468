#!/usr/bin/env python3
"""Start Acutance from its source folder, or test it, on a machine with nothing but Python.

    python3 run.py                  open the window on the sample scan; without a display, score
                                    the sample and leave a report in ./acutance-report
    python3 run.py FILE_OR_FOLDER   open the window on a scan of yours
    python3 run.py score FILE ...   any command of `acutance`: score, iqm, info, convert,
                                    deidentify, models, selftest, gui
    python3 run.py test [ARGS ...]  run the whole test suite; ARGS go to pytest
    python3 run.py install          only prepare, so that everything above works offline

The first call makes `.venv` beside this file, installs the dependencies there and, on Debian and
Ubuntu, the system libraries Qt needs. It remembers that, and the next call starts at once.

Environment:
    ACUTANCE_VENV          another folder for the virtual environment
    ACUTANCE_TORCH_INDEX   package index for PyTorch; empty: whatever pip is configured for.
                           Unset: PyTorch's own CPU index on Linux without an NVIDIA GPU,
                           else as if empty.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the message is for those who run it on less
    sys.exit(
        f"Acutance needs Python 3.11 or newer; this is Python {sys.version.split()[0]} "
        f"({sys.executable}).\n"
        "Install a newer one and start run.py with it, for example: python3.11 run.py"
    )

import ctypes
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import threading
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).resolve().parent
SAMPLE = ROOT / "resources" / "acutance_resources" / "sample"
SAMPLE_CLEAN = SAMPLE / "sample_T1.nii.gz"
SAMPLE_MOVED = SAMPLE / "sample_T1_moved.nii.gz"
REPORT = "acutance-report"
COMMANDS = (
    "gui",
    "score",
    "iqm",
    "segment",
    "upscale",
    "restore",
    "timeline",
    "bids",
    "info",
    "convert",
    "deidentify",
    "backends",
    "batch",
    "compare",
    "models",
    "calibrate",
    "site",
    "report",
    "watch",
    "history",
    "selftest",
)

TORCH = "torch==2.13.0"  # the version the weights were checked with
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
MARKER = "acutance-run.json"
# Neighbours stay together where they can: they share what is slow to set up.
IN_PARALLEL = ("-n", "logical", "--maxprocesses", "8", "--dist", "worksteal")

# Shared library -> Debian package. What the Qt of the wheels asks for on a bare Debian 12;
# the xcb list is only needed to open a window.
QT_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
}
XCB_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}
FONT_PACKAGE = "fonts-dejavu-core"
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")


class SetupError(Exception):
    """Something this script cannot mend; the message says what the user can do."""


def main(arguments: Sequence[str]) -> int:
    """Prepare what is missing, then run what was asked for.

    Returns
    -------
    int
        The exit code of what was run; 1 when preparing failed, 130 when interrupted.
    """
    if arguments and arguments[0] in ("-h", "--help", "help"):
        print(__doc__.strip() if __doc__ else "")
        return 0
    task = arguments[0] if arguments else ""
    display = has_display(os.environ, sys.platform)
    try:
        python = prepare(
            {"test", "video"} if task in ("test", "install") else {"video"},
            display=display,
            qt_needed=task in ("test", "install", "gui") or (display and task not in COMMANDS),
        )
        if task == "install":
            say("ready")
            return 0
        return run(*command(python, arguments, display=display, env=os.environ))
    except SetupError as error:
        print(f"\nrun.py: {error}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        print("\nrun.py: interrupted; the next call repairs what is half done", file=sys.stderr)
        return 130


def command(
    python: Path, arguments: Sequence[str], *, display: bool, env: Mapping[str, str]
) -> tuple[list[str], dict[str, str]]:
    """Return the command that does what the arguments ask for, and its environment."""
    task, rest = (arguments[0], list(arguments[1:])) if arguments else ("", [])
    environment = dict(env)
    if task == "test":
        if not display:
            environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        return [str(python), "-m", "pytest", "--rootdir", str(ROOT), *_tests(rest)], environment
    start = [str(python), "-m", "acutance"]
    if task in COMMANDS:
        return [*start, *arguments], environment
    if arguments:
        return [*start, "gui", *arguments], environment
    if display:
        return [*start, "gui", str(SAMPLE_MOVED)], environment
    say(f"no display: scoring the sample scan; report in {Path(REPORT).resolve()}")
    samples = [str(SAMPLE_CLEAN), str(SAMPLE_MOVED)]
    return [*start, "score", *samples, "-o", REPORT], environment


def _tests(arguments: Sequence[str]) -> list[str]:
    """Return pytest's arguments; the whole suite, a process for each core, without a test's name.

    What is given comes last, so that ``-n 0`` runs everything in one process.
    """
    named = any((ROOT / a.partition("::")[0]).exists() for a in arguments if a[:1] != "-")
    return [*arguments] if named else [*IN_PARALLEL, str(ROOT / "tests"), *arguments]


def has_display(env: Mapping[str, str], platform: str) -> bool:
    """Tell whether a window can be shown to somebody."""
    if env.get("QT_QPA_PLATFORM", "").partition(":")[0] in ("offscreen", "minimal"):
        return False
    if platform in ("win32", "darwin"):
        away = "SSH_CONNECTION" in env or env.get("SESSIONNAME", "").lower() == "services"
        return not away
    return bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"))


# --- the virtual environment -----------------------------------------------------------------


def prepare(extras: set[str], *, display: bool, qt_needed: bool) -> Path:
    """Make the virtual environment ready, doing only what is missing.

    Returns
    -------
    Path
        Its Python.

    Raises
    ------
    SetupError
        If something is missing that could not be installed.
    """
    venv = Path(os.environ.get("ACUTANCE_VENV") or ROOT / ".venv").expanduser().absolute()
    python = venv_python(venv)
    marker = read_marker(venv)
    wanted = identity(venv)
    step = next_step(marker, wanted, extras, python_exists=python.is_file())
    if qt_needed or step != "nothing":
        install_system_libraries(display=display, needed=qt_needed)
    if step == "nothing":
        return python

    ours = marker.get("ours") is True or not venv.exists()
    extras = extras | installed_extras(marker)
    if step == "rebuild" and ours and venv.exists():
        say("the virtual environment is incomplete or was moved: making it anew")
        shutil.rmtree(venv)
    # Written first: whatever stops us from here on, the next call sees an unfinished state.
    venv.mkdir(parents=True, exist_ok=True)
    write_marker(venv, {"state": "installing", "ours": ours, "extras": sorted(extras)})
    if not python.is_file():
        with Step("virtual environment"):
            make_venv(venv)
    if not torch_is_installed(python):
        install_torch(python)
    names = ",".join(sorted(extras))
    with Step(f"Acutance and its dependencies [{names}]"):
        pip(python, "-e", f"{ROOT}[{names}]")
    write_marker(
        venv, {"state": "ready", "ours": ours, "extras": sorted(extras), "identity": wanted}
    )
    return python


def venv_python(venv: Path) -> Path:
    """Return the path of the Python in a virtual environment."""
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


def identity(venv: Path) -> dict[str, str]:
    """Return what an installation depends on; any change asks for another one."""
    pyproject = (ROOT / "pyproject.toml").read_bytes().replace(b"\r\n", b"\n")
    return {
        "dependencies": hashlib.sha256(pyproject + TORCH.encode()).hexdigest(),
        "python": ".".join(str(part) for part in sys.version_info[:2]),
        "root": str(ROOT),
        "venv": str(venv),
    }


def next_step(
    marker: Mapping[str, object],
    wanted: Mapping[str, str],
    extras: set[str],
    *,
    python_exists: bool,
) -> str:
    """Decide between ``"nothing"``, ``"update"`` and ``"rebuild"``.

    A virtual environment holds absolute paths and belongs to one Python, so a move or another
    Python asks for a new one; a changed dependency list does not.
    """
    had = marker.get("identity")
    if marker.get("state") != "ready" or not isinstance(had, dict) or not python_exists:
        return "rebuild"
    if any(had.get(name) != wanted[name] for name in ("python", "root", "venv")):
        return "rebuild"
    if not extras <= installed_extras(marker):
        return "update"
    return "nothing" if had.get("dependencies") == wanted["dependencies"] else "update"


def read_marker(venv: Path) -> dict[str, object]:
    """Return what an earlier call noted; empty where it noted nothing readable."""
    try:
        marker = json.loads((venv / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return marker if isinstance(marker, dict) else {}


def installed_extras(marker: Mapping[str, object]) -> set[str]:
    """Return the extras that an earlier call installed."""
    names = marker.get("extras")
    return {str(name) for name in names} if isinstance(names, list) else set()


def write_marker(venv: Path, marker: Mapping[str, object]) -> None:
    """Note the state of the installation, whole or not at all."""
    draft = venv / f"{MARKER}.new"
    draft.write_text(json.dumps(marker, indent=1), encoding="utf-8")
    draft.replace(venv / MARKER)


def make_venv(venv: Path) -> None:
    """Create a virtual environment with pip."""
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python3.{sys.version_info[1]}-venv"
        try:
            apt_install([package])
        except SetupError as error:
            raise SetupError(
                "this Python cannot make virtual environments (ensurepip is missing). "
                f"On Debian or Ubuntu: sudo apt-get install {package}\n{error}"
            ) from error
    if subprocess.call([sys.executable, "-m", "venv", str(venv)]) != 0:
        raise SetupError(
            f"python -m venv failed for {venv}. On Debian or Ubuntu: "
            f"sudo apt-get install python3.{sys.version_info[1]}-venv"
        )


# --- packages --------------------------------------------------------------------------------


def pip(python: Path, *arguments: str) -> None:
    """Run ``pip install`` in the virtual environment.

    Raises
    ------
    SetupError
        If pip failed; its own messages stand above.
    """
    # A terminal sees pip's progress bar; a log only what goes wrong.
    quiet = [] if sys.stderr.isatty() else ["--quiet"]
    base = [str(python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    environment = {**os.environ, "PIP_USER": "0"}
    # To standard error, as everything from here: `score --json -` owns standard output.
    done = subprocess.run(
        [*base, *quiet, *arguments], env=environment, stdout=sys.stderr, check=False
    )
    if done.returncode != 0:
        raise SetupError(
            "pip could not install what Acutance needs (its messages stand above). Check the "
            "network or the proxy settings of pip, then start run.py again; it goes on from there."
        )


def torch_is_installed(python: Path) -> bool:
    """Tell whether a whole torch is there; half an installed one does not import."""
    probe = "import torch; torch.zeros(1)"
    done = subprocess.run([str(python), "-c", probe], capture_output=True, check=False)
    return done.returncode == 0


def install_torch(python: Path) -> None:
    """Install torch before everything else, so that nothing pulls in another build of it."""
    chosen = os.environ.get("ACUTANCE_TORCH_INDEX")
    index = torch_index(chosen, sys.platform, has_nvidia_gpu())
    if index and (chosen or answers(f"{index}/torch/")):
        with Step(f"{TORCH} from {index}") as step:
            try:
                pip(python, "--retries", "0", "--timeout", "15", "--index-url", index, TORCH)
            except SetupError:
                step.outcome = "not available there"
            else:
                return
    elif index:
        say(f"{index} does not answer: taking torch from where pip is configured to look")
    with Step(TORCH):
        pip(python, TORCH)


def torch_index(chosen: str | None, platform: str, gpu: bool) -> str:
    """Return the index to ask for torch first, or "" for pip's own.

    Plain pip gives a CPU build on Windows and macOS, and on Linux one with several GB of CUDA.
    """
    if chosen is not None:
        return chosen.strip().rstrip("/")
    return TORCH_CPU_INDEX if platform.startswith("linux") and not gpu else ""


def has_nvidia_gpu() -> bool:
    """Tell whether an NVIDIA driver answers."""
    if Path("/proc/driver/nvidia/version").exists():
        return True
    program = shutil.which("nvidia-smi")
    if program is None:
        return False
    try:
        done = subprocess.run([program, "-L"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and b"GPU" in done.stdout


def answers(url: str, seconds: float = 5.0) -> bool:
    """Tell whether a web address answers well within a few seconds, name lookup included."""
    heard: list[bool] = []

    def ask() -> None:
        try:
            request = urllib.request.Request(url, method="HEAD")
            with urllib.request.urlopen(request, timeout=seconds) as response:
                heard.append(response.status == 200)
        except (OSError, ValueError):
            heard.append(False)

    # The socket's time limit does not cover the name lookup; a thread can be left behind.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    return heard == [True]


# --- system libraries ------------------------------------------------------------------------


def install_system_libraries(*, display: bool, needed: bool) -> None:
    """On Linux, install the libraries of Qt that are not there, where apt-get can.

    Raises
    ------
    SetupError
        If they are `needed` and could not be installed.
    """
    if not sys.platform.startswith("linux"):
        return
    libraries = {**QT_LIBRARIES, **XCB_LIBRARIES} if display else QT_LIBRARIES
    missing = missing_libraries(libraries, can_load)
    packages = [libraries[name] for name in missing]
    if not packages:
        return
    if not has_fonts():
        packages.append(FONT_PACKAGE)
    try:
        with Step("system libraries: " + " ".join(packages)):
            apt_install(packages)
    except SetupError as error:
        text = f"Qt needs system libraries that are missing: {', '.join(missing)}.\n{error}"
        if needed:
            raise SetupError(text) from error
        say(f"{text}\nGoing on: the command line works without them, the window does not.")


def missing_libraries(libraries: Mapping[str, str], loads: Callable[[str], bool]) -> list[str]:
    """Return the names among `libraries` that do not load."""
    return [name for name in libraries if not loads(name)]


def can_load(name: str) -> bool:
    """Tell whether the dynamic loader finds a shared library."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def has_fonts() -> bool:
    """Tell whether the system has any font."""
    for folder in FONT_FOLDERS:
        for _, _, files in os.walk(Path(folder).expanduser()):
            if any(name.endswith((".ttf", ".otf", ".ttc", ".pfb")) for name in files):
                return True
    return False


def apt_install(packages: Sequence[str]) -> None:
    """Install Debian packages, as root or through sudo.

    Raises
    ------
    SetupError
        If that is not possible; the message names the command to run.
    """
    remedy = f"Please run: sudo apt-get install {' '.join(packages)}"
    if shutil.which("apt-get") is None:
        raise SetupError(
            "This system has no apt-get; install the packages of the same purpose that it "
            f"offers (Debian calls them {' '.join(packages)})."
        )
    rights = administrator()
    if rights is None:
        raise SetupError(f"Installing them needs administrator rights. {remedy}")
    apt = [*rights, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    # A stale list still installs most packages, and one dead source must not stop us.
    output = subprocess.DEVNULL
    subprocess.call([*apt, "update"], stdout=output, stderr=output)
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    done = subprocess.run(install, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        tail = done.stdout.decode(errors="replace").strip().splitlines()[-5:]
        raise SetupError("\n".join(["apt-get failed:", *tail, remedy]))


def administrator() -> list[str] | None:
    """Return the prefix that gives a command root's rights; None where there is no way."""
    if os.name != "nt" and os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    if subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0:
        return ["sudo", "-n"]
    return ["sudo"] if sys.stdin.isatty() else None


# --- running and telling ---------------------------------------------------------------------


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Become the given program, or where a system cannot do that, wait for it."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        _become(arguments, environment)
    child = subprocess.Popen(list(arguments), env=dict(environment))
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue  # the child got it too and ends in its own way


def _become(arguments: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    os.execve(arguments[0], list(arguments), dict(environment))


def say(text: str) -> None:
    """Print one line about what happens."""
    print(f"run.py: {text}", file=sys.stderr, flush=True)


class Step:
    """Print a line before and, with the time taken, after a piece of work."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.outcome = "done"

    def __enter__(self) -> Step:
        self._start = time.monotonic()
        say(f"{self.title} ...")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        outcome = self.outcome if kind is None else "failed"
        say(f"{self.title}: {outcome}, {time.monotonic() - self._start:.1f} s")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
