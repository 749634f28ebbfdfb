"""A small HTTP/1.1 server that can also misbehave: cut connections, end streams early, send what is not an HTTP body.

Frameworks make wrong answers hard to send; here every byte is ours.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

MAX_BODY_BYTES = 16 * 1024 * 1024
_SHORT_S = 0.1


class Disconnected(Exception):
    """The client has closed its side."""


@dataclass(slots=True)
class Request:
    """One request, its body read."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as an object; empty when it is not one."""
        try:
            value = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


@dataclass(slots=True)
class Reply:
    """Writes one answer.

    Args:
        writer: The connection.
        gone: Set when the client has left.
    """

    writer: asyncio.StreamWriter
    gone: asyncio.Event
    keep_alive: bool = True

    async def send_json(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
        """A whole answer."""
        payload = json.dumps(body).encode()
        await self.send_bytes(status, payload, "application/json", headers)

    async def send_bytes(
        self, status: int, payload: bytes, content_type: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """A whole answer of any kind."""
        self._head(status, {"content-type": content_type, "content-length": str(len(payload)), **(headers or {})})
        self.writer.write(payload)
        await self.writer.drain()

    def start_stream(self, headers: Mapping[str, str] | None = None, content_type: str = "text/event-stream") -> None:
        """Begin an answer whose length is not known."""
        self._head(200, {"content-type": content_type, "transfer-encoding": "chunked", **(headers or {})})

    async def send_chunk(self, payload: bytes) -> None:
        """The next piece of a stream.

        Raises:
            Disconnected: If the client has left.
        """
        if self.gone.is_set():
            raise Disconnected
        self.writer.write(b"%x\r\n%b\r\n" % (len(payload), payload))
        try:
            await self.writer.drain()
        except ConnectionError as error:
            raise Disconnected from error

    async def end_stream(self) -> None:
        """End it as HTTP wants."""
        self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()

    def cut(self) -> None:
        """Tear the connection down in the middle of whatever it was."""
        self.keep_alive = False
        self.writer.transport.abort()

    async def pause(self, seconds: float) -> None:
        """Wait, but not longer than the client does.

        Raises:
            Disconnected: If the client leaves meanwhile.
        """
        if seconds <= _SHORT_S:  # a stream of tokens is mostly such pauses, and a timeout costs more than a rest
            if seconds > 0:
                await asyncio.sleep(seconds)
            if self.gone.is_set():
                raise Disconnected
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.gone.wait()
                raise Disconnected

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} Emulated", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        self.writer.write("\r\n".join(lines).encode())


Handler = Callable[[Request, Reply], Awaitable[None]]


async def serve_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler) -> None:
    """Serve the requests of one connection, one after the other."""
    early = b""
    try:
        while (request := await _read_request(reader, early)) is not None:
            reply = Reply(writer, asyncio.Event())
            watch = asyncio.create_task(_watch(reader, reply.gone))
            try:
                await handler(request, reply)
            except Disconnected:
                break
            finally:
                early = await _stopped(watch)
            if not reply.keep_alive or reply.gone.is_set():
                break
    except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        pass
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def _watch(reader: asyncio.StreamReader, gone: asyncio.Event) -> bytes:
    """Notice a client that leaves while its answer is written; the first byte of its next request is handed on."""
    early = b""
    with contextlib.suppress(ConnectionError):
        early = await reader.read(1)
    if not early:
        gone.set()
    return early


async def _stopped(watch: "asyncio.Task[bytes]") -> bytes:
    watch.cancel()
    try:
        return await watch
    except asyncio.CancelledError:
        return b""


async def _read_request(reader: asyncio.StreamReader, early: bytes) -> Request | None:
    try:
        head = early + await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = min(int(headers.get("content-length", "0")), MAX_BODY_BYTES)
    body = await reader.readexactly(length) if length else b""
    return Request(method, path, headers, body)
