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
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from gateway.completions import MODEL, Completion, CompletionRequest
from gateway.event_stream import EventStream
from gateway.reader_errors import error_body
from gateway.routes.doors import Door
from gateway.routes.visiting import address_of, count_request, gateway_of, program_of
from gateway.store.turn_records import TurnRecord
from gateway.visit import Visit
from gateway.wiring import Gateway
from services.runtime.errors import InternalError, ServiceError

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/v1", route_class=Door)


@router.post("/chat/completions")
async def complete(request: Request, asked: CompletionRequest) -> Response:
    """Answer the last message, streamed or whole."""
    gateway = gateway_of(request)
    visit = await program_of(request)
    turn = _turn_request(gateway, asked, visit)
    await gateway.limits.turn(visit.reader.id, address_of(request))
    if asked.stream:
        frames = _frames(gateway, asked, turn)
        ping_interval_s = gateway.settings.ping_interval_s
        return EventStream(frames, ping_interval_s=ping_interval_s, streams=gateway.streams)
    return await _unless_disconnected(request, _whole(gateway, asked, turn))


@router.get("/models")
async def models(request: Request) -> dict[str, Any]:
    """`docs-chat`, and one per published site."""
    gateway = gateway_of(request)
    await count_request(request)
    sites = (await gateway.retriever.list_sites()).sites
    entries = [_model(MODEL, 0)]
    entries += [_model(f"{MODEL}/{site.profile.site}", site.published_at.seconds) for site in sites]
    return {"object": "list", "data": entries}


def _model(name: str, created: int) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": created, "owned_by": "docs-chat"}


def _turn_request(gateway: Gateway, asked: CompletionRequest, visit: Visit) -> pb.RunTurnRequest:
    settings, place = gateway.settings, visit.place
    return pb.RunTurnRequest(
        messages=asked.conversation(limit=settings.history_messages, max_chars=settings.max_question_chars),
        site=asked.site(place.site or settings.site),
        scope=place.scope(),
        page_uri=place.page_uri,
        page_title=place.page_title,
        reader_id=visit.reader.id,
        reader_network=visit.network,
        reader_language=visit.language,
        tabs=place.tabs,
    )


def _record(turn: pb.RunTurnRequest) -> TurnRecord:
    return TurnRecord(
        uuid.uuid4().hex, "openai", site=turn.site, page_uri=turn.page_uri, question=turn.messages[-1].text
    )


async def _whole(gateway: Gateway, asked: CompletionRequest, turn: pb.RunTurnRequest) -> Response:
    record = _record(turn)
    completion = Completion(f"chatcmpl-{record.id}", asked.model)
    with gateway.limits.stream(turn.reader_id, turn.reader_network):
        async with aclosing(gateway.turns.run(turn, record)) as happening:
            async for event in happening:
                if isinstance(event, events.PassagesFound | events.Notice):
                    completion.note(event)
                if isinstance(event, events.TurnCompleted):
                    return JSONResponse(completion.whole(event))
    raise InternalError("the turn ended without an answer")


async def _frames(gateway: Gateway, asked: CompletionRequest, turn: pb.RunTurnRequest) -> AsyncGenerator[bytes, None]:
    """The stream's frames; a failure is the last one before `[DONE]`, as OpenAI clients expect it."""
    record = _record(turn)
    completion = Completion(f"chatcmpl-{record.id}", asked.model)
    try:
        with gateway.limits.stream(turn.reader_id, turn.reader_network):
            yield _frame(completion.chunk({"role": "assistant", "content": ""}))
            async with aclosing(gateway.turns.run(turn, record)) as happening:
                async for event in happening:
                    for chunk in _chunks(completion, event, asked):
                        yield _frame(chunk)
    except ServiceError as error:
        yield _frame(error_body(error))
    except Exception:
        logger.exception("stream failed unexpectedly")
        yield _frame(error_body(InternalError("unexpected failure")))
    yield b"data: [DONE]\n\n"


def _chunks(completion: Completion, event: object, asked: CompletionRequest) -> list[dict[str, Any]]:
    match event:
        case events.PassagesFound() | events.Notice():
            completion.note(event)
        case events.TextDelta():
            return [completion.chunk({"content": event.text})]
        case events.TurnCompleted():
            wants_usage = asked.stream_options is not None and asked.stream_options.include_usage
            return [completion.last_chunk(event), *([completion.usage_chunk(event)] if wants_usage else [])]
    return []


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
