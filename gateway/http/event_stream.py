"""Sends events to a browser as they are made: one task makes them, the response sends them.

In a task of its own the maker sees a disconnect as one plain `CancelledError` wherever it is, can still store what
there is, and is held up by a slow reader only when much is unread. A silent stream carries comments, so that no proxy
closes it.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Send

_HEADERS = {"Cache-Control": "no-cache, no-store", "X-Accel-Buffering": "no"}
_PING = b": ping\n\n"
_MAX_UNSENT_BYTES = 1024 * 1024
"""More than any answer has; beyond it the maker waits for the reader."""


class EventStream(StreamingResponse):
    """A `text/event-stream` response.

    Args:
        chunks: Framed events; closed when the reader leaves.
        ping_interval_s: Longest silence, in seconds.
        streams: The set of streams in flight, for draining.
        failed: Frames for a failure inside the stream. A failure before anything was sent is raised instead, so that
            the response gets a fitting status. Without `failed`, every failure ends the stream.
    """

    def __init__(
        self,
        chunks: AsyncIterator[bytes],
        *,
        ping_interval_s: float,
        streams: "Streams",
        failed: Callable[[Exception], bytes] | None = None,
    ) -> None:
        super().__init__(self._sent(), media_type="text/event-stream", headers=_HEADERS)
        self._chunks = chunks
        self._ping_interval_s = ping_interval_s
        self._streams = streams
        self._ready: list[bytes] = []
        self._unsent_bytes = 0
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._is_made = False
        self._failed = failed
        self._is_open = False

    async def stream_response(self, send: Send) -> None:
        maker = self._streams.start(self._make())
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._ping_interval_s):
                    await self._news.wait()  # so that the headers travel together with the first event
            self._is_open = bool(self._ready) or not self._is_made
            if not self._is_open:
                await maker  # raises what ended it
            await super().stream_response(send)
        finally:
            maker.cancel()  # does nothing once everything has been made

    async def _make(self) -> None:
        try:
            async for chunk in self._chunks:
                self._ready.append(chunk)
                self._unsent_bytes += len(chunk)
                self._news.set()
                while self._unsent_bytes > _MAX_UNSENT_BYTES:
                    self._room.clear()
                    await self._room.wait()
        except Exception as error:
            if self._failed is None or not (self._is_open or self._ready):
                raise
            self._ready.append(self._failed(error))
        finally:
            self._is_made = True
            self._news.set()
            if isinstance(self._chunks, AsyncGenerator):
                await self._chunks.aclose()

    async def _sent(self) -> AsyncIterator[bytes]:
        """Send what is ready together: each message to the browser has a cost, whatever its size."""
        while self._ready or not self._is_made:
            try:
                async with asyncio.timeout(self._ping_interval_s):
                    await self._news.wait()
            except TimeoutError:
                yield _PING
                continue
            self._news.clear()
            ready, self._ready = self._ready, []
            self._unsent_bytes = 0
            self._room.set()
            if ready:
                yield b"".join(ready)


class Streams:
    """Streams in flight: kept from the garbage collector, and waited for at shutdown."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, making: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(making)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def drained(self) -> None:
        """Return when every stream has ended and stored what it had."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        with contextlib.suppress(asyncio.CancelledError):
            task.exception()  # the maker has logged it; asking keeps asyncio from logging it again
