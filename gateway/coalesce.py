"""Joins pieces of text that come close together: an event costs a line of JSON, an eye sees ten changes a second."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterator

from docs_chat.agent.v1 import turn_events_pb2 as events

from gateway.agent_client import TurnEvent


async def coalesce_text(turn: AsyncGenerator[TurnEvent, None], window_s: float) -> AsyncGenerator[TurnEvent, None]:
    """The same events in the same order; text that follows text within `window_s` seconds is joined.

    The first text goes out at once, and whatever is no text takes all text before it along.
    """
    inbox = _Inbox()
    filling = asyncio.create_task(inbox.fill(turn))
    clock = asyncio.get_running_loop().time
    sent_at = float("-inf")
    try:
        while not inbox.is_over():
            await inbox.arrived.wait()
            await inbox.anything_urgent(within_s=sent_at + window_s - clock())
            for event in _joined(inbox.take()):
                if isinstance(event, events.TextDelta):
                    sent_at = clock()
                yield event
        await filling  # a failure of the turn is ours
    finally:
        filling.cancel()
        await asyncio.wait({filling})
        await turn.aclose()


class _Inbox:
    """What has come and not been taken yet. One task fills it, so a token costs no task of its own."""

    def __init__(self) -> None:
        self.arrived = asyncio.Event()
        self._urgent = asyncio.Event()
        self._held: list[TurnEvent] = []
        self._filled = False

    async def fill(self, turn: AsyncGenerator[TurnEvent, None]) -> None:
        try:
            async for event in turn:
                self._held.append(event)
                self.arrived.set()
                if not isinstance(event, events.TextDelta):
                    self._urgent.set()
        finally:
            self._filled = True
            self.arrived.set()
            self._urgent.set()

    def is_over(self) -> bool:
        return self._filled and not self._held

    async def anything_urgent(self, *, within_s: float) -> None:
        """Return when something other than text has come, or the time is up."""
        if within_s > 0 and not self._urgent.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._urgent.wait(), within_s)

    def take(self) -> list[TurnEvent]:
        taken, self._held = self._held, []
        if not self._filled:
            self.arrived.clear()
            self._urgent.clear()
        return taken


def _joined(taken: list[TurnEvent]) -> Iterator[TurnEvent]:
    text = ""
    for event in taken:
        if isinstance(event, events.TextDelta):
            text += event.text
            continue
        if text:
            yield events.TextDelta(text=text)
            text = ""
        yield event
    if text:
        yield events.TextDelta(text=text)
