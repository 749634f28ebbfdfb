"""Request bodies: read whole before anything else runs, then replayed for the application."""

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive


async def read_body(receive: Receive, limit: int) -> bytes | None:
    """The whole body, or None when it is larger than the limit: a chunked one shows its length only while it is read.

    Read before anything else runs, so that a client who leaves halfway does not look like a failing route.

    Raises:
        ClientDisconnect: If the client leaves before the end.
    """
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body", False):
            return bytes(body)


class ReplayedBody:
    """A body that has been read already, to be read again; after it come the client's own messages."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._message: Message | None = {"type": "http.request", "body": body, "more_body": False}
        self._receive = receive

    async def receive(self) -> Message:
        message, self._message = self._message, None
        return message or await self._receive()
