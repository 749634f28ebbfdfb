"""`POST /chatkit`: ChatKit's one endpoint, with the errors its client can show.

For a stream, the client shows only errors that come as events of a stream that began well, and it repeats a request
after a 5xx. So once the reader is known, every failure is told inside the stream.
"""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from chatkit.store import NotFoundError
from chatkit.types import ErrorEvent
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from gateway.chatkit.answers import Question, frame
from gateway.chatkit.conversations import NoSuchItems
from gateway.chatkit.requests import parse_request, wants_stream
from gateway.http.event_stream import EventStream
from gateway.http.reader_messages import reader_message
from gateway.parts import Gateway
from gateway.readers.asker import Asker
from gateway.routes.callers import address_of, caller_of, count_request, gateway_of
from gateway.routes.doors import Door
from gateway.store.thread_store import UnknownCursor
from services.runtime.errors import InternalError, InvalidRequest, ServiceError

logger = logging.getLogger(__name__)
router = APIRouter(route_class=Door)

_GONE = "This conversation no longer exists."
_NOT_IN_IT = "This message is no longer part of the conversation."


@router.post("/chatkit")
async def chatkit(request: Request) -> Response:
    """Answer any ChatKit request of a reader."""
    gateway = gateway_of(request)
    body = await request.body()
    caller = await caller_of(request)
    if wants_stream(body):
        frames = await _frames(request, body, caller.asker)
        ping_interval_s = gateway.settings.ping_interval_s
        response: Response = EventStream(frames, ping_interval_s=ping_interval_s, streams=gateway.streams)
    else:
        await count_request(request)
        response = await _json(gateway, body, caller.asker.reader.id)
    caller.remember(request, response)
    return response


async def _json(gateway: Gateway, body: bytes, owner: str) -> Response:
    try:
        json = await gateway.conversations.reply(_parse(gateway, body), owner)
    except UnknownCursor as error:
        raise InvalidRequest(
            "the cursor `after` is not known (any more): begin again without it",
            violations={"params.after": "no such cursor"},
        ) from error
    except NotFoundError as error:
        text = _NOT_IN_IT if isinstance(error, NoSuchItems) else _GONE
        return JSONResponse({"message": text}, status_code=404)
    return Response(json, media_type="application/json", headers={"Cache-Control": "no-store"})


async def _frames(request: Request, body: bytes, asker: Asker) -> AsyncGenerator[bytes, None]:
    """The frames of a stream. A request that holds no question counts as a plain request."""
    gateway = gateway_of(request)
    try:
        asked = _parse(gateway, body)
    except InvalidRequest as error:
        await count_request(request)
        return _refusal(error)
    await gateway.limits.turn(asker.reader.id, address_of(request))
    return _events(gateway, asked, asker)


async def _refusal(error: ServiceError) -> AsyncGenerator[bytes, None]:
    yield _failure(error)


async def _events(gateway: Gateway, asked: Question, asker: Asker) -> AsyncGenerator[bytes, None]:
    """The frames of one answer; a failure becomes the last of them."""
    try:
        with gateway.limits.stream(asker.reader.id, asker.network):
            async with aclosing(gateway.answers.stream(asked, asker)) as frames:
                async for each in frames:
                    yield each
    except NotFoundError:
        yield _error(_GONE, allow_retry=False)
    except ServiceError as error:
        yield _failure(error)
    except Exception:
        logger.exception("stream failed unexpectedly")
        yield _failure(InternalError("unexpected failure"))


def _parse(gateway: Gateway, body: bytes) -> Any:
    settings = gateway.settings
    return parse_request(
        body,
        max_question=settings.max_question_chars,
        max_quote=settings.max_quote_chars,
        max_title=settings.max_title_chars,
    )


def _failure(error: ServiceError) -> bytes:
    message = reader_message(error)
    return _error(message.text, allow_retry=message.allow_retry)


def _error(text: str, *, allow_retry: bool) -> bytes:
    return frame(ErrorEvent(code="custom", message=text, allow_retry=allow_retry))
