"""One request to one model, its answer held back until it is known to be one, so that a failure before it stays unseen.

Passed on are events of the Agents SDK. What is not an answer becomes `BadAnswer`, or the tool call that it is.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Collection
from dataclasses import dataclass

from agents.items import TResponseStreamEvent

from services.agent.models.failures import BadAnswer
from services.agent.models.output.echo import Echo
from services.agent.models.output.opening import CITATION_MARK, Opening, judge_opening
from services.agent.models.output.reader import ModelOutput
from services.agent.models.output.written_calls import read_written_call
from services.agent.models.reply import ReplyFacts, ToolCall
from services.agent.models.sdk_events import completed, text_delta

_MOST_AFTER_THE_END = 200
"""Characters a model may write after it has ended its turn; what follows is read no further."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Longest silences, in seconds."""

    first_text_s: float = 10.0
    """Until the first character of the answer; thoughts do not count."""
    text_gap_s: float = 20.0


async def guarded_stream(
    pieces: AsyncIterator[str],
    reply: ReplyFacts,
    patience: Patience,
    *,
    tools: Collection[str] = (),
    thinks_first: bool = False,
    rules: str = "",
) -> AsyncGenerator[TResponseStreamEvent, None]:
    """The events of one answer, none of them before it is known to be one.

    Args:
        pieces: The text of one answer as it comes.
        reply: What the answer tells beside its text.
        patience: Longest silences.
        tools: Names of the tools that the answer may call.
        thinks_first: The model is known to open its thoughts in the prompt.
        rules: Its instructions; an answer that repeats them is none.

    Raises:
        BadAnswer: If what came is not an answer; TimeoutError and whatever reading raises pass through.
    """
    output, echo, said, held = ModelOutput(thinks_first), Echo(rules), "", ""
    loop = asyncio.get_running_loop()
    give_up_at, after_the_end = loop.time() + patience.first_text_s, 0
    while (piece := await _next(pieces, give_up_at)) is not None:
        held += echo.take(output.feed(piece))
        if output.has_text:
            give_up_at = loop.time() + patience.text_gap_s
        if held.strip():
            yield text_delta(held)
            said, held = said + held, ""
        after_the_end += len(piece) if output.ended else 0
        if (output.call is not None and not tools) or after_the_end > _MOST_AFTER_THE_END or echo.found:
            break
    held += echo.take(output.finish(cut_off=reply.finish_reason == "length")) + echo.finish()
    if not said and not held.strip() and output.call is None and not echo.found:
        held = _answer_among_thoughts(reply)
    if held.strip():
        yield text_delta(held)
        said += held
    is_answer = _is_an_answer(said)
    calls = [] if output.call is not None and is_answer else _calls(output, reply, tools)
    if output.call is not None and not calls and not is_answer:
        raise BadAnswer("the model wrote a tool call as text")
    if not said and not calls:
        raise BadAnswer("the model repeated its instructions" if echo.found else "the model's answer is empty")
    reply.opens_thought_in_prompt = output.closed_unopened_thought
    yield completed(reply.served_model, said, calls)


def _calls(output: ModelOutput, reply: ReplyFacts, tools: Collection[str]) -> list[ToolCall]:
    """Calls that may be carried out; one that was cut off does not count."""
    if not tools or reply.finish_reason == "length":
        return []
    if output.call is None:
        return reply.tool_calls
    written = read_written_call(output.call, tools, recipient=output.recipient)
    return [written] if written else []


def _is_an_answer(said: str) -> bool:
    """Whether text that a tool call followed rests on passages, and so is more than what announces the call.

    A call behind it is not carried out: another answer would follow the one that the reader has.
    """
    return bool(CITATION_MARK.search(said))


def _answer_among_thoughts(reply: ReplyFacts) -> str:
    """The answer of a provider that puts everything into its field for reasoning; empty where it holds thoughts."""
    if reply.finish_reason != "stop" or reply.tool_calls:
        return ""
    output = ModelOutput()
    text = output.feed(reply.reasoning) + output.finish()
    if output.closed_unopened_thought or judge_opening(text, final=True) is Opening.ANSWER:
        return text
    return ""


async def _next(pieces: AsyncIterator[str], give_up_at: float) -> str | None:
    """The next piece, or None when there is none."""
    async with asyncio.timeout_at(give_up_at):
        return await anext(pieces, None)
