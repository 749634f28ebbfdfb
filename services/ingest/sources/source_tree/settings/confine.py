"""Starts a program that is not trusted, with as little around it as the system lets us take away.

A program of its own, so that it needs none of our code: `python -I confine.py ORDERS COMMAND…`, where ORDERS is JSON as
`orders` makes it. What could be had is written as JSON to the file descriptor `report_fd`: `namespaces` (no network, no
other process in sight, nothing can be written but the home, which is memory) and `landlock` (only the folders named can
be read; no TCP). Limits of time, memory and file size hold everywhere.

Source:
    namespaces(7), user_namespaces(7), mount_setattr(2), landlock(7), setrlimit(2).
"""

import contextlib
import ctypes
import json
import os
import resource
import signal
import struct
import sys
from typing import Any, NoReturn

_NEW_NAMESPACES = 0x10000000 | 0x40000000 | 0x00020000 | 0x20000000 | 0x08000000  # user, network, mounts, pids, ipc
_INSIDE_ID = 65534

_MS_REC_PRIVATE = 0x4000 | 0x40000
_MS_NOSUID_NODEV = 2 | 4
_SYS_MOUNT_SETATTR, _AT_RECURSIVE, _RDONLY, _AT_FDCWD = 442, 0x8000, 1, -100

_SYS_CREATE_RULESET, _SYS_ADD_RULE, _SYS_RESTRICT_SELF = 444, 445, 446
_READ = 1 << 0 | 1 << 2 | 1 << 3  # execute, read files, read folders
_FILE_RIGHTS = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14
_ACCESS_OF_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_TCP_BIND_CONNECT = 3
_SCOPES = 3  # abstract sockets, signals

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38

_libc = ctypes.CDLL(None, use_errno=True)


def main() -> NoReturn:
    """Confine this process as ordered, then become the command."""
    orders, command = json.loads(sys.argv[1]), sys.argv[2:]
    _end_with_parent()
    _set_limits(orders["limits"])
    if sys.platform == "linux":
        child = os.fork()
        if not child:
            _become_in_namespaces(orders, command)
        code = _waited(child)
        if os.fstat(orders["report_fd"]).st_size:  # the command did run, whatever it ended with
            os._exit(code)
    _become(orders, command, namespaces=False)


def _become_in_namespaces(orders: dict[str, Any], command: list[str]) -> NoReturn:
    """Become the command, the first process of its own namespaces; end without a report where there are none."""
    try:
        _enter_namespaces()
        _set_limits(orders["limits_inside"])
        child = os.fork()
        if child:
            os._exit(_waited(child))
        _end_with_parent()
        _close_file_system(orders["home"])
    except OSError:
        os._exit(1)
    _become(orders, command, namespaces=True)


def _enter_namespaces() -> None:
    user, group = os.getuid(), os.getgid()
    _checked(_libc.unshare(_NEW_NAMESPACES))
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{_INSIDE_ID} {user} 1"),
        ("gid_map", f"{_INSIDE_ID} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def _close_file_system(home: str) -> None:
    """Everything becomes read-only but the home, which becomes memory; `/proc` shows the new processes if it may."""
    _mount(None, "/", None, _MS_REC_PRIVATE, None)
    attributes = struct.pack("=QQQQ", _RDONLY, 0, 0, 0)
    arguments = (_AT_FDCWD, b"/", _AT_RECURSIVE, attributes, ctypes.c_size_t(len(attributes)))
    _checked(_libc.syscall(_SYS_MOUNT_SETATTR, *arguments))
    _mount("tmpfs", home, "tmpfs", _MS_NOSUID_NODEV, "size=256m,mode=700")
    os.mkdir(os.path.join(home, "tmp"), 0o700)
    with contextlib.suppress(OSError):  # not inside most containers
        _mount("proc", "/proc", "proc", _MS_NOSUID_NODEV, None)


def _become(orders: dict[str, Any], command: list[str], *, namespaces: bool) -> NoReturn:
    landlock = sys.platform == "linux" and _restrict_access(orders["readable"], orders["home"])
    with os.fdopen(orders["report_fd"], "w") as report:
        json.dump({"namespaces": namespaces, "landlock": landlock}, report)
    try:
        os.chdir(orders["folder"])
        os.execv(command[0], command)  # noqa: S606  # without a shell on purpose
    except OSError as error:
        os.write(2, f"it could not be started: {error.strerror}".encode())
        os._exit(127)


def _restrict_access(readable: list[str], home: str) -> bool:
    """Let this process read only what is named and write only its home; whether the system can do that."""
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    abi = _libc.syscall(_SYS_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if abi < 1:
        return False
    access = _ACCESS_OF_ABI[max(known for known in _ACCESS_OF_ABI if known <= abi)]
    handled = struct.pack("=QQQ", access, _TCP_BIND_CONNECT if abi >= 4 else 0, _SCOPES if abi >= 6 else 0)
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    rules = _libc.syscall(_SYS_CREATE_RULESET, handled, ctypes.c_size_t(size), 0)
    if rules < 0:
        return False
    for path in readable:
        _allow(rules, path, _READ & access)
    _allow(rules, "/dev", (_READ | 1 << 1) & access)
    _allow(rules, home, access)
    done = _libc.syscall(_SYS_RESTRICT_SELF, rules, 0)
    os.close(rules)
    return bool(done == 0)


def _allow(rules: int, path: str, access: int) -> None:
    with contextlib.suppress(OSError):  # what is not there needs no permission
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        if not os.path.isdir(path):
            access &= _FILE_RIGHTS
        _libc.syscall(_SYS_ADD_RULE, rules, 1, struct.pack("=Qi", access, opened), 0)
        os.close(opened)


def _set_limits(limits: dict[str, int]) -> None:
    for name, limit in limits.items():
        number = getattr(resource, f"RLIMIT_{name}", None)
        if number is not None:
            hard = resource.getrlimit(number)[1]
            lowered = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(number, (lowered, lowered))


def _mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None) -> None:
    texts = [text.encode() if text is not None else None for text in (source, target, kind, options)]
    _checked(_libc.mount(texts[0], texts[1], texts[2], ctypes.c_ulong(flags), texts[3]))


def _checked(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), "refused")


def _waited(child: int) -> int:
    """Exit code of a child; one that was killed counts as shells count it."""
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return 128 - code if code < 0 else code


def _end_with_parent() -> None:
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


if __name__ == "__main__":
    main()
