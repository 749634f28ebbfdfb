"""`POST /v1/chat/completions` and `GET /v1/models`: any OpenAI client can ask the docs."""

import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from docs_chat.agent.v1 import agent_service_pb2 as pb
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from gateway.http.disconnects import unless_disconnected
from gateway.http.event_stream import EventStream
from gateway.openai.answers import frames, last_frames, whole_answer
from gateway.openai.completion_request import MODEL, CompletionRequest, ModelNotFound
from gateway.openai.completions import Completion
from gateway.openai.models import models_of
from gateway.parts import Gateway
from gateway.routes.callers import address_of, count_request, gateway_of, program_of
from gateway.routes.doors import Door
from gateway.store.turn_records import TurnRecord
from gateway.turns.events import TurnEvent
from gateway.turns.turn_request import turn_request
from services.runtime.errors import InvalidRequest, SiteNotFound

router = APIRouter(prefix="/v1", route_class=Door)


@router.post("/chat/completions")
async def complete(request: Request, asked: CompletionRequest) -> Response:
    """Answer the last message, streamed or whole."""
    gateway = gateway_of(request)
    asker = await program_of(request)
    asked.check()
    settings = gateway.settings
    turn = turn_request(
        asker,
        asked.conversation(limit=settings.history_messages, max_chars=settings.max_question_chars),
        site=asked.site() or asker.page.site,
        default_site=settings.site,
        whole_answer=not asked.stream,
    )
    await gateway.limits.turn(asker.reader.id, address_of(request))
    record = _record(turn)
    shown = gateway.settings.completion_citations
    completion = Completion(f"chatcmpl-{record.id}", asked, citations=shown)
    events = _turn(gateway, asked, turn, record)
    if asked.stream:
        ping_interval_s = gateway.settings.ping_interval_s
        stream = frames(completion, events)
        return EventStream(stream, ping_interval_s=ping_interval_s, streams=gateway.streams, failed=last_frames)
    return await unless_disconnected(request, _json(completion, events))


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


async def _json(completion: Completion, turn: AsyncGenerator[TurnEvent, None]) -> Response:
    return JSONResponse(await whole_answer(completion, turn))


async def _models(request: Request) -> list[dict[str, Any]]:
    gateway = gateway_of(request)
    await count_request(request)
    return models_of((await gateway.retriever.list_sites()).sites, gateway.settings.site)


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
            async with aclosing(gateway.turns.run(turn, record)) as turn_events:
                async for event in turn_events:
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
