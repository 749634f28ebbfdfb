"""`POST /v1/chat/completions` and `GET /v1/models`: any OpenAI client can ask the docs."""

import asyncio
import json
import logging
import uuid
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from typing import Any

from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import turn_events_pb2 as events
from docs_chat.retriever.v1 import documents_pb2 as documents
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from gateway.http.event_stream import EventStream
from gateway.openai.completion_request import MODEL, CompletionRequest, ModelNotFound
from gateway.openai.completions import Completion
from gateway.openai.errors import openai_body
from gateway.parts import Gateway
from gateway.readers.asker import Visit
from gateway.routes.callers import address_of, count_request, gateway_of, program_of
from gateway.routes.doors import Door
from gateway.store.turn_records import TurnRecord
from gateway.turns.agent_client import TurnEvent
from services.runtime.errors import InternalError, InvalidRequest, ServiceError, SiteNotFound

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/v1", route_class=Door)
_DONE = b"data: [DONE]\n\n"


@router.post("/chat/completions")
async def complete(request: Request, asked: CompletionRequest) -> Response:
    """Answer the last message, streamed or whole."""
    gateway = gateway_of(request)
    visit = await program_of(request)
    asked.check()
    turn = _turn_request(gateway, asked, visit)
    await gateway.limits.turn(visit.reader.id, address_of(request))
    record = _record(turn)
    shown = gateway.settings.completion_citations
    completion = Completion(f"chatcmpl-{record.id}", asked, citations=shown)
    happening = _turn(gateway, asked, turn, record)
    if asked.stream:
        ping_interval_s = gateway.settings.ping_interval_s
        frames = _frames(completion, happening)
        return EventStream(frames, ping_interval_s=ping_interval_s, streams=gateway.streams, failed=_last_frames)
    return await _unless_disconnected(request, _whole(completion, happening))


@router.get("/models")
async def models(request: Request) -> dict[str, Any]:
    """What can be asked: `docs-chat/<site>` for each published site, `docs-chat` when one of them is the default."""
    return {"object": "list", "data": await _models(request)}


@router.get("/models/{model:path}")
async def one_model(request: Request, model: str) -> dict[str, Any]:
    """One of them."""
    for known in await _models(request):
        if known["id"] == model:
            return known
    raise ModelNotFound(model)


async def _models(request: Request) -> list[dict[str, Any]]:
    gateway = gateway_of(request)
    await count_request(request)
    sites = (await gateway.retriever.list_sites()).sites
    default = _default_site(list(sites), gateway.settings.site)
    named = [_model(f"{MODEL}/{site.profile.site}", site) for site in sites]
    return [_model(MODEL, default), *named] if default else named


def _default_site(sites: list[documents.Site], configured: str) -> documents.Site | None:
    """The site that is asked when none is named: the configured one, or the only one."""
    if configured:
        return next((site for site in sites if site.profile.site == configured), None)
    return sites[0] if len(sites) == 1 else None


def _model(name: str, site: documents.Site) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": site.published_at.seconds, "owned_by": "docs-chat"}


def _turn_request(gateway: Gateway, asked: CompletionRequest, visit: Visit) -> pb.RunTurnRequest:
    settings, place = gateway.settings, visit.place
    return pb.RunTurnRequest(
        site=asked.site() or place.site or settings.site,
        messages=asked.conversation(limit=settings.history_messages, max_chars=settings.max_question_chars),
        scope=place.scope(),
        page_uri=place.page_uri,
        page_title=place.page_title,
        reader_id=visit.reader.id,
        reader_network=visit.network,
        reader_language=visit.language,
        tabs=place.tabs,
        # Whoever gets the answer in one piece has seen nothing of one that broke off.
        options=pb.TurnOptions(whole_answer=not asked.stream),
    )


def _record(turn: pb.RunTurnRequest) -> TurnRecord:
    return TurnRecord(
        uuid.uuid4().hex, "openai", site=turn.site, page_uri=turn.page_uri, question=turn.messages[-1].text
    )


async def _turn(
    gateway: Gateway, asked: CompletionRequest, turn: pb.RunTurnRequest, record: TurnRecord
) -> AsyncGenerator[TurnEvent, None]:
    """The events of the turn, while there is a place for it."""
    try:
        with gateway.limits.stream(turn.reader_id, turn.reader_network):
            async with aclosing(gateway.turns.run(turn, record)) as happening:
                async for event in happening:
                    yield event
    except SiteNotFound as error:
        if asked.site():
            raise ModelNotFound(asked.model) from error
        raise
    except InvalidRequest as error:
        if "site" in error.violations and not turn.site:  # several are published and none is the default
            what = f"{error.message} (as {MODEL}/<site>)"
            raise InvalidRequest(what, violations={"model": what}, code="model_not_found") from error
        raise


async def _whole(completion: Completion, happening: AsyncGenerator[TurnEvent, None]) -> Response:
    async with aclosing(happening):
        async for event in happening:
            completion.note(event)
            if isinstance(event, events.TurnCompleted):
                return JSONResponse(completion.whole(event))
    raise InternalError("the turn ended without an answer")


async def _frames(completion: Completion, happening: AsyncGenerator[TurnEvent, None]) -> AsyncGenerator[bytes, None]:
    """The stream's frames, from the first text on: what fails before that has a status of its own."""
    is_open = False
    async with aclosing(happening):
        try:
            async for event in happening:
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


def _last_frames(error: Exception) -> bytes:
    """A failure in the middle of a stream, as OpenAI's clients expect it."""
    if not isinstance(error, ServiceError):
        logger.error("stream failed unexpectedly", exc_info=error)
        error = InternalError("unexpected failure")
    return _frame(openai_body(error)) + _DONE


def _frame(data: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"


async def _unless_disconnected(request: Request, work: Coroutine[Any, Any, Response]) -> Response:
    """The result of the work, which is cancelled when the caller leaves: nobody else would stop it."""
    working = asyncio.create_task(work)
    leaving = asyncio.create_task(_disconnected(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else Response(status_code=499)
    finally:
        leaving.cancel()
        working.cancel()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
