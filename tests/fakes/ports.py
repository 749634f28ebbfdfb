"""Ports for programs that must be told one before they start, while other tests run beside them.

The system hands out ports from 32768 to whoever asks for any, so a port that was free a moment ago may be somebody
else's when the program takes it, or while it is being started again. These lie below, and each process of the tests
counts through a range of its own.
"""

import itertools
import os
import socket
from collections.abc import Iterator

_FIRST, _RANGE, _RANGES = 20_000, 120, 100
_next: Iterator[int] = itertools.count()


def free_ports(count: int) -> list[int]:
    """So many ports of 127.0.0.1 that nothing listens on."""
    return [free_port() for _ in range(count)]


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    first = _FIRST + os.getpid() % _RANGES * _RANGE
    while True:
        port = first + next(_next) % _RANGE
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
