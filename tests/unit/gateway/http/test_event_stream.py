"""A stream goes out as fast as its reader reads, and keeps little of what is not read."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from gateway.http.event_stream import EventStream, Streams

CHUNK = b"x" * 100_000


class Endless:
    """Makes chunks for ever and counts them."""

    def __init__(self) -> None:
        self.made = 0

    async def chunks(self) -> AsyncIterator[bytes]:
        while True:
            self.made += 1
            yield CHUNK
            await asyncio.sleep(0)


async def test_the_maker_waits_for_a_reader_who_does_not_read() -> None:
    source, streams = Endless(), Streams()
    stuck, may_go_on = asyncio.Event(), asyncio.Event()

    async def send(message: Any) -> None:
        stuck.set()
        await may_go_on.wait()

    response = EventStream(source.chunks(), ping_interval_s=60, streams=streams)
    sending = asyncio.create_task(response.stream_response(send))
    await stuck.wait()
    before = -1
    while source.made != before:  # until it makes no more
        before = source.made
        for _ in range(50):
            await asyncio.sleep(0)
    assert source.made * len(CHUNK) < 3_000_000
    may_go_on.set()
    while source.made == before:  # and goes on with the reader
        await asyncio.sleep(0)
    sending.cancel()
    await streams.drained()
