"""`POST /chatkit`: ChatKit's one endpoint, with the errors its client can show.

The client shows an error of a stream only when it comes as an event of a stream that began well, and sends a request
again when it gets a 5xx. So whatever fails after a reader is known is told inside the stream.
"""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from chatkit.store import NotFoundError
from chatkit.types import ErrorEvent
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from gateway.answers import frame
from gateway.chatkit_requests import parse_request, wants_stream
from gateway.event_stream import EventStream
from gateway.reader_errors import reader_message
from gateway.routes.doors import Door
from gateway.routes.visiting import address_of, gateway_of, visitor_of
from gateway.visit import Visit
from gateway.wiring import Gateway
from services.runtime.errors import ServiceError

logger = logging.getLogger(__name__)
router = APIRouter(route_class=Door)

_GONE = "This conversation no longer exists."


@router.post("/chatkit")
async def chatkit(request: Request) -> Response:
    """Answer any ChatKit request of a reader."""
    gateway = gateway_of(request)
    body = await request.body()
    visitor = await visitor_of(request)
    if wants_stream(body):
        await gateway.limits.turn(visitor.visit.reader.id, address_of(request))
        response: Response = EventStream(
            _events(gateway, body, visitor.visit),
            ping_interval_s=gateway.settings.ping_interval_s,
            streams=gateway.streams,
        )
    else:
        await gateway.limits.request(address_of(request))
        response = await _json(gateway, body, visitor.visit)
    visitor.remember(request, response)
    return response


async def _json(gateway: Gateway, body: bytes, visit: Visit) -> Response:
    try:
        json = await gateway.conversations.reply(_parse(gateway, body), visit)
    except NotFoundError:
        return JSONResponse({"message": _GONE}, status_code=404)
    return Response(json, media_type="application/json", headers={"Cache-Control": "no-store"})


async def _events(gateway: Gateway, body: bytes, visit: Visit) -> AsyncGenerator[bytes, None]:
    """The frames of one answer; a failure becomes the last of them."""
    try:
        with gateway.limits.stream(visit.reader.id):
            asked = _parse(gateway, body)
            async with aclosing(gateway.answers.stream(asked, visit)) as frames:
                async for each in frames:
                    yield each
    except NotFoundError:
        yield _error(_GONE, allow_retry=False)
    except ServiceError as error:
        message = reader_message(error)
        yield _error(message.text, allow_retry=message.allow_retry)
    except Exception:
        logger.exception("stream failed unexpectedly")
        yield _error("Something went wrong on our side. Please try again.", allow_retry=True)


def _parse(gateway: Gateway, body: bytes) -> Any:
    settings = gateway.settings
    return parse_request(
        body,
        max_question=settings.max_question_chars,
        max_quote=settings.max_quote_chars,
        max_title=settings.max_title_chars,
    )


def _error(text: str, *, allow_retry: bool) -> bytes:
    return frame(ErrorEvent(code="custom", message=text, allow_retry=allow_retry))
