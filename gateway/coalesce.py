"""Joins pieces of text that come close together: an event costs a line of JSON, a reader sees 25 a second at most."""

import asyncio
from collections.abc import AsyncGenerator

from docs_chat.agent.v1 import turn_events_pb2 as events

from gateway.agent_client import TurnEvent


async def coalesce_text(turn: AsyncGenerator[TurnEvent, None], window_s: float) -> AsyncGenerator[TurnEvent, None]:
    """The same events; text within `window_s` seconds of the text before is joined. The first text goes out at once.

    Order is kept: whatever is no text goes out behind all text that came before it.
    """
    clock = asyncio.get_running_loop().time
    held, sent_at = "", float("-inf")
    coming = asyncio.ensure_future(anext(turn))
    try:
        while True:
            wait_s = sent_at + window_s - clock() if held else None
            await asyncio.wait({coming}, timeout=None if wait_s is None else max(0.0, wait_s))
            event = None
            if coming.done():
                try:
                    event = coming.result()
                except StopAsyncIteration:
                    break
                coming = asyncio.ensure_future(anext(turn))
            if isinstance(event, events.TextDelta):
                held += event.text
                event = None
            if held and (event is not None or clock() >= sent_at + window_s):
                yield events.TextDelta(text=held)
                held, sent_at = "", clock()
            if event is not None:
                yield event
        if held:
            yield events.TextDelta(text=held)
    finally:
        coming.cancel()
        await asyncio.wait({coming})
        await turn.aclose()
