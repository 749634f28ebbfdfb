"""The extractive model: an Agents SDK `Model` that quotes the passages instead of writing. It needs no network.

The same run, the same stream and the same citations as with a language model; only the text comes from the passages.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from agents import Model
from agents.items import ModelResponse, TResponseStreamEvent
from agents.usage import Usage

from services.agent.evidence import Evidence
from services.agent.models.sdk_events import answer_message, completed, text_delta
from services.agent.quoting.extract import extract_answer

MODEL_NAME = "docs-chat/extractive"


class ExtractiveModel(Model):
    """Answers one question from its evidence.

    Args:
        question: What was asked, with the subject of the conversation if it leans on it.
        evidence: What was found; passages of a second look are quoted too.
        nothing_found: What to say when there is nothing to quote.
        lead: What to say before the quotations; empty says nothing.
    """

    def __init__(self, question: str, evidence: Evidence, *, nothing_found: str, lead: str = "") -> None:
        self._question = question
        self._evidence = evidence
        self._nothing_found = nothing_found
        self._lead = lead

    async def get_response(self, *args: Any, **named: Any) -> ModelResponse:
        """The whole answer at once."""
        return ModelResponse(output=[answer_message("\n\n".join(self._blocks()))], usage=Usage(), response_id=None)

    async def stream_response(self, *args: Any, **named: Any) -> AsyncIterator[TResponseStreamEvent]:
        """The answer block by block."""
        blocks = self._blocks()
        for at, block in enumerate(blocks):
            yield text_delta(block if at == 0 else f"\n\n{block}")
            await asyncio.sleep(0)  # let the first block reach the reader before the next is made
        yield completed(MODEL_NAME, "\n\n".join(blocks))

    def _blocks(self) -> list[str]:
        quoted = extract_answer(self._question, self._evidence.passages)
        if not quoted:
            return [self._nothing_found]
        return [self._lead, *quoted] if self._lead else quoted
