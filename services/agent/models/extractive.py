"""The extractive model: an Agents SDK `Model` that quotes the passages instead of writing. It needs no network.

The same run, the same stream and the same citations as with a language model; only the text comes from the passages.
"""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

from agents import Model
from agents.items import ModelResponse, TResponseStreamEvent
from agents.usage import Usage
from openai.types.responses import (
    Response,
    ResponseCompletedEvent,
    ResponseContentPartAddedEvent,
    ResponseCreatedEvent,
    ResponseOutputItemAddedEvent,
    ResponseOutputMessage,
    ResponseOutputText,
    ResponseTextDeltaEvent,
)

from services.agent.evidence import Evidence
from services.agent.text.extract import extract_answer

MODEL_NAME = "docs-chat/extractive"


class ExtractiveModel(Model):
    """Answers one question from its evidence.

    Args:
        question: What was asked, with the subject of the conversation if it leans on it.
        evidence: What was found; passages of a second look are quoted too.
        nothing_found: What to say when there is nothing to quote.
    """

    def __init__(self, question: str, evidence: Evidence, *, nothing_found: str) -> None:
        self._question = question
        self._evidence = evidence
        self._nothing_found = nothing_found

    async def get_response(self, *args: Any, **named: Any) -> ModelResponse:
        """The whole answer at once."""
        message = _message(f"msg_{uuid.uuid4().hex}", "\n\n".join(self._blocks()))
        return ModelResponse(output=[message], usage=Usage(), response_id=None)

    async def stream_response(self, *args: Any, **named: Any) -> AsyncIterator[TResponseStreamEvent]:
        """The answer block by block."""
        blocks = self._blocks()
        item_id = f"msg_{uuid.uuid4().hex}"
        response = _response([])
        yield ResponseCreatedEvent(type="response.created", sequence_number=0, response=response)
        yield ResponseOutputItemAddedEvent(
            type="response.output_item.added", sequence_number=1, output_index=0, item=_message(item_id, "", done=False)
        )
        yield ResponseContentPartAddedEvent(
            type="response.content_part.added",
            sequence_number=2,
            item_id=item_id,
            output_index=0,
            content_index=0,
            part=_text(""),
        )
        for at, block in enumerate(blocks):
            yield ResponseTextDeltaEvent(
                type="response.output_text.delta",
                sequence_number=3 + at,
                item_id=item_id,
                output_index=0,
                content_index=0,
                delta=block if at == 0 else f"\n\n{block}",
                logprobs=[],
            )
            await asyncio.sleep(0)  # let the first block reach the reader before the next is made
        done = response.model_copy(update={"output": [_message(item_id, "\n\n".join(blocks))]})
        yield ResponseCompletedEvent(type="response.completed", sequence_number=3 + len(blocks), response=done)

    def _blocks(self) -> list[str]:
        return extract_answer(self._question, self._evidence.passages) or [self._nothing_found]


def _response(output: list[Any]) -> Response:
    return Response(
        id=f"resp_{uuid.uuid4().hex}",
        created_at=time.time(),
        model=MODEL_NAME,
        object="response",
        output=output,
        tool_choice="none",
        tools=[],
        parallel_tool_calls=False,
    )


def _message(item_id: str, text: str, *, done: bool = True) -> ResponseOutputMessage:
    return ResponseOutputMessage(
        id=item_id,
        type="message",
        role="assistant",
        status="completed" if done else "in_progress",
        content=[_text(text)] if done else [],
    )


def _text(text: str) -> ResponseOutputText:
    return ResponseOutputText(type="output_text", text=text, annotations=[], logprobs=[])
