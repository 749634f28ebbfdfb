"""Asking the agent, and reading what its answers cite."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from docs_chat.agent.v1 import agent_service_pb2 as agent_pb
from docs_chat.agent.v1 import turn_events_pb2 as events
from docs_chat.retriever.v1 import passages_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as retriever_pb

from cli.answers_metrics import Answer
from cli.answers_questions import AnswerQuestion
from services.runtime.errors import DocumentNotFound

_SOURCES = {
    events.ANSWER_SOURCE_MODEL: "model",
    events.ANSWER_SOURCE_CACHE: "cache",
    events.ANSWER_SOURCE_EXTRACTIVE: "extractive",
    events.ANSWER_SOURCE_NOT_COVERED: "not_covered",
    events.ANSWER_SOURCE_SMALL_TALK: "small_talk",
}


@dataclass(slots=True)
class Asking:
    """Asks questions of one agent.

    Args:
        agent: Stub of the agent.
        retriever: Stub of the retriever, where cited pages are read.
        timeout_s: Longest wait for one answer.
        at_once: Questions asked at the same time.
    """

    agent: Any
    retriever: Any
    timeout_s: float
    at_once: int = 2
    _pages: dict[tuple[str, str], Any] = field(default_factory=dict)

    async def ask_all(self, questions: Sequence[AnswerQuestion]) -> list[Answer]:
        """The answers, in the order of the questions."""
        slots = asyncio.Semaphore(self.at_once)

        async def ask(question: AnswerQuestion) -> Answer:
            async with slots:
                return await self._ask(question)

        return list(await asyncio.gather(*map(ask, questions)))

    async def _ask(self, question: AnswerQuestion) -> Answer:
        started, found = time.perf_counter(), events.PassagesFound()
        notices: list[int] = []
        completed = events.TurnCompleted()
        async for response in self.agent.RunTurn(_request(question), timeout=self.timeout_s):
            match response.WhichOneof("event"):
                case "passages_found":
                    found = response.passages_found
                case "notice":
                    notices.append(response.notice.code)
                case "turn_completed":
                    completed = response.turn_completed
        return Answer(
            question,
            completed.text,
            _SOURCES.get(completed.source, "unknown"),
            doubted=events.NOTICE_CODE_DOUBTFUL in notices,
            cited=await self._texts(found, completed),
            seconds=time.perf_counter() - started,
            input_tokens=completed.usage.input_tokens,
            requests=completed.usage.requests,
        )

    async def _texts(self, found: events.PassagesFound, completed: events.TurnCompleted) -> dict[str, str]:
        """Text of each cited passage: as it was found, or all of its section as the page has it."""
        shown = {passage.uri: _text(passage.title, passage.heading_path, passage.text) for passage in found.passages}
        cited = dict.fromkeys(citation.uri for citation in completed.citations)
        return {uri: shown[uri] if uri in shown else await self._section(found.site, uri) for uri in cited}

    async def _section(self, site: str, uri: str) -> str:
        page, _, anchor = uri.partition("#")
        if (site, page) not in self._pages:
            try:
                request = retriever_pb.GetDocumentRequest(site=site, uri=page)
                self._pages[site, page] = await self.retriever.GetDocument(request, timeout=self.timeout_s)
            except DocumentNotFound:
                return ""
        document = self._pages[site, page]
        chunks = [chunk for chunk in document.chunks if anchor in (chunk.anchor, *chunk.anchor_path)]
        return "\n\n".join(_text(document.document.title, chunk.heading_path, chunk.text) for chunk in chunks)


def _text(title: str, heading_path: Sequence[str], text: str) -> str:
    return "\n".join((title, *heading_path, text))


def _request(question: AnswerQuestion) -> agent_pb.RunTurnRequest:
    versions = [question.version] if question.version else []
    return agent_pb.RunTurnRequest(
        messages=[agent_pb.Message(role=agent_pb.MESSAGE_ROLE_USER, text=question.text)],
        site=question.site,
        scope=passages_pb2.Scope(versions=versions, locale=question.locale),
        reader_id="evaluation",
        options=agent_pb.TurnOptions(skip_cache=True, fallback=agent_pb.FALLBACK_POLICY_EXTRACTIVE),
    )
