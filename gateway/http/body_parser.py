"""The body of a request that offers another protocol, as Java's client offers HTTP/2 with its first POST.

httptools believes that the offer is taken and reads no body. We take none, so the rest is read by a parser of its own.
"""

from typing import Protocol

import httptools

_FRAMING = (b"content-length", b"transfer-encoding")


class BodyTaker(Protocol):
    """Whom the body is for."""

    def on_body(self, body: bytes) -> None: ...

    def on_message_complete(self) -> None: ...


def framing_of(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers that say how long the body is; none when there is no body."""
    return [(name, value) for name, value in headers if name in _FRAMING]


class BodyParser:
    """Parses one body; what follows it is dropped.

    Args:
        taker: Gets the body.
        framing: How long it is.
    """

    def __init__(self, taker: BodyTaker, framing: list[tuple[bytes, bytes]]) -> None:
        self._taker = taker
        self._is_done = not framing
        self._parser = httptools.HttpRequestParser(self)
        lines = b"".join(b"%s: %s\r\n" % pair for pair in framing)
        self._parser.feed_data(b"POST / HTTP/1.1\r\n" + lines + b"\r\n")

    def feed_data(self, data: memoryview) -> None:
        """As the parser it stands for."""
        if not self._is_done:
            self._parser.feed_data(data)

    def should_upgrade(self) -> bool:
        return False

    def on_body(self, body: bytes) -> None:
        if not self._is_done:
            self._taker.on_body(body)

    def on_message_complete(self) -> None:
        if not self._is_done:
            self._is_done = True
            self._taker.on_message_complete()
