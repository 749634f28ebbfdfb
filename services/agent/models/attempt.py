"""One request to one model, until its first text held back, so that a failure before it stays unseen.

Passed on are the Agents SDK's own stream events. What a reader must never see as an answer becomes `BadAnswer`: nothing
at all, a tool call written as text, a classifier's verdict.
"""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from agents.items import TResponseStreamEvent
from openai.types.responses import ResponseFunctionToolCall, ResponseTextDeltaEvent

from services.agent.models.failures import BadAnswer
from services.agent.text.spoken import SpokenText
from services.agent.transport_guard import Exchange


@dataclass(frozen=True, slots=True)
class Patience:
    """Longest silences, in seconds."""

    first_text_s: float = 10.0
    text_gap_s: float = 20.0


_LEAK_MARKERS = (
    "<tool_call",
    "<tool_code",
    "<|tool",
    "<|python_tag",
    "<｜tool",
    "<function=",
    "<function_call",
    "<invoke",
    "[tool_call",
    "[function_call",
)
_LEAK_AT_START = (
    '{"name":',
    '{"tool',
    '{"function',
    '{"type":"function',
    '[{"name":',
    '```json{"name":',
    '```json{"tool',
    "```tool",
    "search_docs(",
    "read_page(",
    "usersafety:",
    "responsesafety:",
)
_WHITESPACE = re.compile(r"\s+")


@dataclass(slots=True)
class AnswerFilter:
    """Passes text on and stops at what is no answer.

    Free models write tool calls as text when the template of their server is wrong, and the random router has sent
    readers' questions to a safety classifier.
    """

    _held: str = ""
    _started: bool = False
    _spoken: SpokenText = field(default_factory=SpokenText)

    def feed(self, text: str) -> str:
        """Text that may be shown, at times later than it came.

        Raises:
            BadAnswer: At a marker of a tool call.
        """
        self._held += self._spoken.feed(text)
        if not self._started and self._may_be_no_answer():
            return ""
        self._started = True
        lowered = self._held.lower()
        if any(marker in lowered for marker in _LEAK_MARKERS):
            raise BadAnswer("the model wrote a tool call as text")
        keep = max(
            (n for marker in _LEAK_MARKERS for n in range(1, len(marker)) if lowered.endswith(marker[:n])), default=0
        )
        shown, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return shown

    def finish(self) -> str:
        """What is still held, now that nothing follows."""
        shown, self._held = self._held + self._spoken.finish(), ""
        return shown

    def _may_be_no_answer(self) -> bool:
        start = _WHITESPACE.sub("", self._held).lower()
        if any(start.startswith(marker) for marker in _LEAK_AT_START):
            raise BadAnswer("the model's text is not an answer to a reader")
        return any(marker.startswith(start) for marker in _LEAK_AT_START)


@dataclass(slots=True)
class CallIds:
    """Gives every tool call an id of its own: providers leave them out and use them twice, which the SDK refuses."""

    _by_place: dict[int, str] = field(default_factory=dict)

    def rewrite(self, event: TResponseStreamEvent) -> TResponseStreamEvent:
        """The event with ids of ours, the same for the same call within one response."""
        if event.type in ("response.output_item.added", "response.output_item.done"):
            if not isinstance(event.item, ResponseFunctionToolCall):
                return event
            call_id = self._by_place.setdefault(event.output_index, f"call_{uuid.uuid4().hex}")
            return event.model_copy(update={"item": event.item.model_copy(update={"call_id": call_id})})
        if event.type == "response.completed":
            ids = iter([self._by_place[place] for place in sorted(self._by_place)])
            output = [
                item.model_copy(update={"call_id": next(ids, item.call_id)})
                if isinstance(item, ResponseFunctionToolCall)
                else item
                for item in event.response.output
            ]
            return event.model_copy(update={"response": event.response.model_copy(update={"output": output})})
        return event


async def attempt(
    events: AsyncIterator[TResponseStreamEvent], exchange: Exchange, patience: Patience, *, tools_allowed: bool
) -> AsyncIterator[TResponseStreamEvent]:
    """The events of one answer, none of them before it is known to be one.

    Args:
        events: The SDK's stream of one request.
        exchange: What the guard reads from the same request.
        patience: Longest silences.
        tools_allowed: Whether an answer may be a tool call.

    Raises:
        BadAnswer: If what came is no answer; TimeoutError and whatever the SDK raises pass through.
    """
    answer, ids = AnswerFilter(), CallIds()
    held: list[TResponseStreamEvent] = []
    committed = False
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + patience.first_text_s
    while True:
        try:
            async with asyncio.timeout_at(give_up_at):
                event = ids.rewrite(await anext(events))
        except StopAsyncIteration:
            return
        if event.type == "response.output_text.delta":
            shown = answer.feed(event.delta)
            committed = committed or bool(shown.strip())
            give_up_at = loop.time() + patience.text_gap_s
            if not shown:
                continue
            event = event.model_copy(update={"delta": shown})
        elif event.type in ("response.output_text.done", "response.content_part.done"):
            if rest := answer.finish():
                committed = committed or bool(rest.strip())
                held.append(_delta_like(event, rest))
        elif event.type == "response.completed":
            committed = committed or _is_tool_call(event, exchange, allowed=tools_allowed)
            if not committed:
                raise BadAnswer("the model's answer is empty")
        held.append(event)
        if committed:
            for ready in held:
                yield ready
            held.clear()


def _delta_like(event: Any, text: str) -> Any:
    return ResponseTextDeltaEvent(
        type="response.output_text.delta",
        item_id=event.item_id,
        output_index=event.output_index,
        content_index=event.content_index,
        sequence_number=event.sequence_number,
        delta=text,
        logprobs=[],
    )


def _is_tool_call(event: Any, exchange: Exchange, *, allowed: bool) -> bool:
    calls = [item for item in event.response.output if isinstance(item, ResponseFunctionToolCall)]
    if calls and exchange.finish_reason == "length":
        raise BadAnswer("the model's tool call was cut off")
    return bool(calls) and allowed
