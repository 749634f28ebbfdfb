"""One request to one model, until its first text held back, so that a failure before it stays unseen.

Passed on are events of the Agents SDK. What a reader must never see as an answer becomes `BadAnswer`: nothing at all, a
tool call written as text, a classifier's verdict.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field

from agents.items import TResponseStreamEvent

from services.agent.models.failures import BadAnswer
from services.agent.models.reply import ReplyFacts
from services.agent.models.sdk_events import completed, text_delta
from services.agent.models.visible_text import VisibleText


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
    _visible: VisibleText = field(default_factory=VisibleText)

    def feed(self, text: str) -> str:
        """Text that may be shown, at times later than it came.

        Raises:
            BadAnswer: At a marker of a tool call.
        """
        self._held += self._visible.feed(text)
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
        shown, self._held = self._held + self._visible.finish(), ""
        return shown

    def _may_be_no_answer(self) -> bool:
        start = _WHITESPACE.sub("", self._held).lower()
        if any(start.startswith(marker) for marker in _LEAK_AT_START):
            raise BadAnswer("the model's text is not an answer to a reader")
        return any(marker.startswith(start) for marker in _LEAK_AT_START)


async def guarded_stream(
    pieces: AsyncIterator[str], reply: ReplyFacts, patience: Patience, *, tools_allowed: bool
) -> AsyncGenerator[TResponseStreamEvent, None]:
    """The events of one answer, none of them before it is known to be one.

    Args:
        pieces: The text of one answer as it comes.
        reply: What the answer tells beside its text.
        patience: Longest silences.
        tools_allowed: Whether an answer may be a tool call.

    Raises:
        BadAnswer: If what came is no answer; TimeoutError and whatever reading raises pass through.
    """
    answer, said, held = AnswerFilter(), "", ""
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + patience.first_text_s
    while (piece := await _next(pieces, give_up_at)) is not None:
        give_up_at = loop.time() + patience.text_gap_s
        held += answer.feed(piece)
        if held.strip():
            yield text_delta(held)
            said, held = said + held, ""
    held += answer.finish()
    if held.strip():
        yield text_delta(held)
        said += held
    calls = reply.tool_calls if tools_allowed and reply.finish_reason != "length" else []  # a cut call is none
    if not said and not calls:
        raise BadAnswer("the model's answer is empty")
    yield completed(reply.served_model, said, calls)


async def _next(pieces: AsyncIterator[str], give_up_at: float) -> str | None:
    """The next piece, or None when there is none."""
    async with asyncio.timeout_at(give_up_at):
        return await anext(pieces, None)
