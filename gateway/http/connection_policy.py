"""How long connections may take, how much they may send, and which of them goes when too many wait."""

from dataclasses import dataclass
from typing import Protocol

from gateway.metrics import REFUSED


@dataclass(frozen=True, slots=True)
class ConnectionPolicy:
    """Times in seconds, sizes in bytes."""

    head_timeout_s: float = 10.0
    body_timeout_s: float = 30.0
    write_timeout_s: float = 30.0
    idle_timeout_s: float = 75.0
    max_head_bytes: int = 32 * 1024
    max_headers: int = 100
    max_body_bytes: int = 256 * 1024
    max_waiting: int = 500


class Connection(Protocol):
    """A connection that can wait."""

    def cut(self) -> None:
        """Close at once."""


class Waiting:
    """The connections that wait for their client, longest first.

    Args:
        limit: Most of them; one more closes the first. A browser that loses an idle connection simply opens another.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._connections: dict[Connection, None] = {}

    def __len__(self) -> int:
        return len(self._connections)

    def enter(self, connection: Connection) -> None:
        self._connections.pop(connection, None)
        self._connections[connection] = None
        if len(self._connections) > self._limit:
            oldest = next(iter(self._connections))
            self.leave(oldest)
            REFUSED.labels("connections").inc()
            oldest.cut()

    def leave(self, connection: Connection) -> None:
        self._connections.pop(connection, None)
