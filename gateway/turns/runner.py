"""Runs turns for every door: asks the agent, measures, and leaves a record however the turn ends."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import turn_events_pb2 as events
from docs_chat.retriever.v1.retriever_service_pb2 import Query, SearchPassagesRequest

from gateway.metrics import STREAMS, TURN_RETRIES, TURN_SECONDS, TURNS
from gateway.retrieval.retriever_client import RetrieverClient
from gateway.retrieval.translate import verdict_name
from gateway.store.turn_records import TurnRecord, TurnRecords
from gateway.turns.agent_client import AgentClient
from gateway.turns.events import Retrying, TurnEvent, source_name
from services.runtime.errors import ServiceError, ServiceUnreachable, reason_name

logger = logging.getLogger(__name__)


class Turns:
    """Every turn passes here.

    Args:
        agent: Where turns are run.
        retriever: Where passages come from when the agent cannot be reached.
        records: Where turns are noted.
    """

    def __init__(self, agent: AgentClient, retriever: RetrieverClient, records: TurnRecords) -> None:
        self._agent = agent
        self._retriever = retriever
        self._records = records
        self._unsaved: list[TurnRecord] = []
        self._saving: asyncio.Task[None] | None = None

    async def run(self, request: pb.RunTurnRequest, record: TurnRecord) -> AsyncGenerator[TurnEvent, None]:
        """The events of a turn; closing the generator cancels it.

        Args:
            request: The turn. Its id is the record's.
            record: Filled in while the turn goes on, saved when it ends.

        Raises:
            ServiceError: What ended the turn.
        """
        request.turn_id = record.id
        notes = _Notes(record)
        STREAMS.inc()
        try:
            async with aclosing(self._agent.run_turn(request)) as turn:
                async for event in turn:
                    notes.take(event)
                    yield event
        except ServiceError as error:
            if isinstance(error, ServiceUnreachable) and not notes.passages_seen:
                async for event in self._passages_at_least(request):
                    notes.take(event)
                    yield event
            record.outcome = reason_name(error.reason).lower()
            logger.info("turn failed", extra={"reason": record.outcome, "detail": error.message})
            raise
        finally:
            STREAMS.dec()
            self._save(notes.finish())

    async def _passages_at_least(self, request: pb.RunTurnRequest) -> AsyncGenerator[TurnEvent, None]:
        """What the docs say, straight from the retriever, for a reader the agent cannot answer."""
        search = SearchPassagesRequest(
            site=request.site,
            default_site=request.default_site,
            queries=[Query(text=request.messages[-1].text)],
            scope=request.scope,
            page_uri=request.page_uri,
            highlight=True,
        )
        try:
            found = await self._retriever.search(search)
        except ServiceError:
            return  # the reader is being told about the agent already
        yield events.PassagesFound(
            passages=found.passages,
            answerability=found.answerability,
            revision=found.revision,
            widening=found.widening if found.HasField("widening") else None,
            site=found.site,
        )

    async def saved(self) -> None:
        """Return when every record is written."""
        if self._saving is not None:
            await asyncio.wait({self._saving})

    def _save(self, record: TurnRecord) -> None:
        """In a task of its own: the reader does not wait for it, and leaving does not undo it."""
        self._unsaved.append(record)
        if self._saving is None or self._saving.done():
            self._saving = asyncio.create_task(self._save_all())

    async def _save_all(self) -> None:
        """Write together what has come in meanwhile."""
        while self._unsaved:
            records, self._unsaved = self._unsaved, []
            try:
                await self._records.save(*records)
            except Exception:  # a record matters less than an answer
                logger.exception("turn records could not be saved", extra={"records": len(records)})


class _Notes:
    def __init__(self, record: TurnRecord) -> None:
        self._record = record
        self._started = time.perf_counter()

    @property
    def passages_seen(self) -> bool:
        return self._record.passages_ms is not None

    def take(self, event: TurnEvent) -> None:
        record = self._record
        match event:
            case events.PassagesFound():
                record.passages_ms = self._milestone("passages")
                record.verdict = verdict_name(event.answerability)
                record.passage_uris = [passage.uri for passage in event.passages]
                record.site = event.site or record.site
            case events.TextDelta() if record.first_text_ms is None:
                record.first_text_ms = self._milestone("first_text")
            case Retrying() if record.attempts != event.attempt:  # its countdown comes more than once
                record.attempts = event.attempt
                TURN_RETRIES.labels(reason_name(event.error.reason)).inc()
            case events.TurnCompleted():
                record.outcome = "completed"
                record.source, record.model = source_name(event), event.model
                record.degraded = event.degraded
                record.cited_uris = sorted({citation.uri for citation in event.citations})
                record.not_found = list(event.grounding.not_found)
                if event.source != events.ANSWER_SOURCE_CACHE:  # a cached answer reports the usage of the original one
                    record.model_requests = event.usage.requests

    def finish(self) -> TurnRecord:
        self._record.total_ms = self._milestone("end")
        TURNS.labels(self._record.channel, self._record.outcome, self._record.source).inc()
        return self._record

    def _milestone(self, name: str) -> int:
        seconds = time.perf_counter() - self._started
        TURN_SECONDS.labels(name).observe(seconds)
        return round(seconds * 1000)
