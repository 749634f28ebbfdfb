"""The body of a request that offers to switch protocols, as Java's client offers HTTP/2 with its first POST.

httptools assumes that the offer is accepted and reads no body. We never accept it, so a second parser reads the rest.
"""

from typing import Protocol

import httptools

_FRAMING = (b"content-length", b"transfer-encoding")


class BodyTaker(Protocol):
    """Receives the body."""

    def on_body(self, body: bytes) -> None: ...

    def on_message_complete(self) -> None: ...


def framing_of(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers that give the length of the body; none when there is no body."""
    return [(name, value) for name, value in headers if name in _FRAMING]


class BodyParser:
    """Parses one body; what follows it is dropped.

    Args:
        taker: Receives the body.
        framing: The headers that give its length.
    """

    def __init__(self, taker: BodyTaker, framing: list[tuple[bytes, bytes]]) -> None:
        self._taker = taker
        self._is_done = not framing
        self._parser = httptools.HttpRequestParser(self)
        lines = b"".join(b"%s: %s\r\n" % pair for pair in framing)
        self._parser.feed_data(b"POST / HTTP/1.1\r\n" + lines + b"\r\n")

    def feed_data(self, data: memoryview) -> None:
        """Same as the method of the parser that this replaces."""
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
