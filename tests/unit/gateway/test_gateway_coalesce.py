"""Joining close text: nothing is lost, nothing overtakes."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from docs_chat.agent.v1 import turn_events_pb2 as events
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.agent_client import TurnEvent
from gateway.coalesce import coalesce_text


def says(text: str) -> events.TextDelta:
    return events.TextDelta(text=text)


def cites(index: int) -> events.CitationAdded:
    return events.CitationAdded(citation=events.Citation(index=index))


async def plays(*steps: TurnEvent | Exception) -> AsyncGenerator[TurnEvent, None]:
    for step in steps:
        if isinstance(step, Exception):
            raise step
        yield step


async def collect(turn: AsyncGenerator[TurnEvent, None], window_s: float = 60.0) -> list[TurnEvent]:
    return [event async for event in coalesce_text(turn, window_s)]


async def test_text_that_comes_at_once_is_one_event() -> None:
    assert await collect(plays(says("a"), says("b"), says("c"))) == [says("abc")]


async def test_a_citation_takes_the_text_before_it_along() -> None:
    steps = [says("a"), says("b"), cites(2), says("c")]
    assert await collect(plays(*steps)) == [says("ab"), cites(2), says("c")]


async def test_the_first_text_does_not_wait() -> None:
    more = asyncio.Event()

    async def turn() -> AsyncGenerator[TurnEvent, None]:
        yield says("first")
        await more.wait()

    stream = coalesce_text(turn(), window_s=60.0)
    assert await anext(stream) == says("first")
    more.set()
    assert [event async for event in stream] == []


async def test_text_within_the_window_waits_for_what_is_urgent() -> None:
    first_seen = asyncio.Event()

    async def turn() -> AsyncGenerator[TurnEvent, None]:
        yield says("first")
        await first_seen.wait()
        yield says(" second")
        yield says(" third")
        yield cites(1)

    stream = coalesce_text(turn(), window_s=60.0)
    await anext(stream)
    first_seen.set()
    assert [event async for event in stream] == [says(" second third"), cites(1)]


async def test_a_failure_comes_after_what_was_said() -> None:
    stream = coalesce_text(plays(says("a"), ZeroDivisionError()), window_s=0.0)
    assert await anext(stream) == says("a")
    with pytest.raises(ZeroDivisionError):
        await anext(stream)


async def test_closing_the_stream_closes_the_turn() -> None:
    closed = asyncio.Event()

    async def turn() -> AsyncGenerator[TurnEvent, None]:
        try:
            yield says("a")
            await asyncio.Event().wait()
        finally:
            closed.set()

    stream = coalesce_text(turn(), window_s=0.0)
    await anext(stream)
    await stream.aclose()
    assert closed.is_set()


_STEPS = st.lists(st.one_of(st.text(min_size=1, max_size=3).map(says), st.integers(0, 9).map(cites)))


@settings(max_examples=50, deadline=None)
@given(_STEPS)
def test_order_and_text_are_kept(steps: list[TurnEvent]) -> None:
    def flat(seen: list[TurnEvent]) -> list[object]:
        return [part for event in seen for part in (event.text if isinstance(event, events.TextDelta) else [event])]

    assert flat(asyncio.run(collect(plays(*steps)))) == flat(steps)
