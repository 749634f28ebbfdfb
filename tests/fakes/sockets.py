"""A client that writes what it likes: raw bytes to a port, and what came back."""

import asyncio
import contextlib
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer as it came; status 0 when there was none."""

    status: int
    head: str
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


async def connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    return await asyncio.open_connection(parts.hostname, parts.port)


async def send_raw(url: str, raw: bytes) -> Answer:
    """Everything at once, then the first answer until its end."""
    reader, writer = await connect(url)
    try:
        reading = asyncio.create_task(read_answer(reader))
        with contextlib.suppress(ConnectionError):  # refused before all was sent
            writer.write(raw)
            await writer.drain()
        return await reading
    finally:
        writer.close()


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    """One answer with a `Content-Length`, or whatever comes until the end."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head.split(" ", 2)[1])
        if status == 100:
            return Answer(status, head, b"")
        length = next((line.partition(":")[2] for line in head.lower().split("\r\n") if "content-length" in line), "")
        body = await (reader.readexactly(int(length)) if length else reader.read())
    except (asyncio.IncompleteReadError, ConnectionError):
        return Answer(0, "", b"")
    return Answer(status, head, body)


def request(
    method: str, target: str, body: bytes = b"", *, headers: tuple[tuple[str, str], ...] = (), kind: str = ""
) -> bytes:
    """A request as it travels; with a length when there is a body."""
    lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    lines += [f"Content-Type: {kind}"] if kind else []
    lines += [f"Content-Length: {len(body)}"] if body else []
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
