"""A program that is not trusted, run to its end: alone, for a time, with a home that is thrown away afterwards."""

import contextlib
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

logger = logging.getLogger(__name__)

_LAUNCHER = Path(__file__).with_name("confine.py")
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ")
_SYSTEM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt/node", "/etc/ssl", "/etc/alternatives")
_SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/nsswitch.conf", "/etc/passwd", "/proc")
_POLL_S = 0.02
CAN_CONFINE = os.name == "posix"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a program may use."""

    time_s: float = 90.0
    memory_bytes: int = 2 * 1024**3
    """Of each of its processes."""
    output_bytes: int = 16 * 1024**2
    """Printed, or written into one file."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A program that came to its end."""

    code: int
    stdout: str
    stderr: str


class RanTooLong(Exception):
    """The program was ended before it came to its end."""


def run_confined(
    command: Sequence[str], folder: Path, readable: Sequence[Path], bounds: Bounds, stop: threading.Event | None = None
) -> Finished:
    """Run a command in a folder, without our environment, and end whatever it left running.

    Args:
        command: Absolute path of the program, and its arguments.
        folder: Where it runs.
        readable: What it may read besides the system's own folders, where the system can restrict that.
        bounds: What it may use.
        stop: Ends it early when set.

    Raises:
        RanTooLong: If its time was over, or it was stopped.
    """
    with (
        tempfile.TemporaryDirectory(prefix="docs-chat-home-", ignore_cleanup_errors=True) as home,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        tempfile.TemporaryFile() as report,
    ):
        os.mkdir(os.path.join(home, "tmp"))
        orders = {
            "folder": os.fspath(folder),
            "home": os.path.realpath(home),
            "readable": [*_SYSTEM_FOLDERS, *_SYSTEM_FILES, *map(str, readable), _folder_of(command[0])],
            "limits": _limits(bounds),
            "limits_inside": {"NPROC": 512},  # outside it would count whatever else this user runs
            "report_fd": report.fileno(),
        }
        child = subprocess.Popen(  # noqa: S603  # our launcher; what it starts is confined by it
            [sys.executable, "-I", os.fspath(_LAUNCHER), json.dumps(orders), *command],
            env=_environment(os.path.realpath(home)),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            pass_fds=[report.fileno()],
            start_new_session=True,
        )
        with _ended_with_its_group(child):
            code = _wait(child, bounds.time_s, stop)
        had = json.loads(_read(report, 1000) or "{}")
        if not had.get("namespaces"):
            logger.warning("a config ran without namespaces of its own, so with the network", extra=had)
        return Finished(code, _read(out, bounds.output_bytes), _read(err, bounds.output_bytes))


def _environment(home: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    return kept | {"HOME": home, "TMPDIR": os.path.join(home, "tmp")}


def _folder_of(program: str) -> str:
    """Where a program and what belongs to it lie: `…/bin/node` needs `…`."""
    real = Path(program).resolve()
    return os.fspath(real.parent.parent if real.parent.name == "bin" else real)


def _limits(bounds: Bounds) -> dict[str, int]:
    return {
        "DATA": bounds.memory_bytes,  # not AS: engines of JavaScript reserve far more than they use
        "FSIZE": bounds.output_bytes,
        "CPU": max(1, round(bounds.time_s)) * 4,
        "CORE": 0,
        "NOFILE": 4096,
    }


@contextlib.contextmanager
def _ended_with_its_group(child: "subprocess.Popen[bytes]") -> Iterator[None]:
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _wait(child: "subprocess.Popen[bytes]", time_s: float, stop: threading.Event | None) -> int:
    """Exit code of the launcher, which is the command's."""
    stop = stop or threading.Event()
    deadline = time.monotonic() + time_s
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.wait(_POLL_S)
        if stop.is_set() or time.monotonic() > deadline:
            raise RanTooLong


def _read(file: IO[bytes], limit: int) -> str:
    file.seek(0)
    return file.read(limit).decode(errors="replace")


def find_program(name: str) -> str | None:
    """Absolute path of a program."""
    found = shutil.which(name)
    return os.path.abspath(found) if found else None
