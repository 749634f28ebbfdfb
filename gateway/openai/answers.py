"""The answer of a turn as it travels to a program: one JSON body, or the frames of a stream."""

import json
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from docs_chat.agent.v1 import turn_events_pb2 as events

from gateway.openai.completions import Completion
from gateway.openai.errors import openai_body
from gateway.turns.events import TurnEvent
from services.runtime.errors import InternalError, ServiceError

logger = logging.getLogger(__name__)
_DONE = b"data: [DONE]\n\n"


async def whole_answer(completion: Completion, turn: AsyncGenerator[TurnEvent, None]) -> dict[str, Any]:
    """The answer in one piece.

    Raises:
        ServiceError: What ended the turn.
    """
    async with aclosing(turn):
        async for event in turn:
            completion.note(event)
            if isinstance(event, events.TurnCompleted):
                return completion.whole(event)
    raise InternalError("the turn ended without an answer")


async def frames(completion: Completion, turn: AsyncGenerator[TurnEvent, None]) -> AsyncGenerator[bytes, None]:
    """The frames of the stream, from the first text on; a failure before that gets an HTTP status."""
    is_open = False
    async with aclosing(turn):
        try:
            async for event in turn:
                if not is_open and isinstance(event, events.TextDelta | events.TurnCompleted):
                    is_open = True
                    yield _frame(completion.opening())
                for chunk in completion.chunks(event):
                    yield _frame(chunk)
        except ServiceError:
            for chunk in completion.broken_off():
                yield _frame(chunk)
            raise
    yield _DONE


def last_frames(error: Exception) -> bytes:
    """A failure in the middle of a stream, as OpenAI's clients expect it."""
    if not isinstance(error, ServiceError):
        logger.error("stream failed unexpectedly", exc_info=error)
        error = InternalError("unexpected failure")
    return _frame(openai_body(error)) + _DONE


def _frame(data: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"
