"""Read-only links to conversations, where the operators allow them (`GATEWAY_SHARE_LINKS`)."""

from typing import Any

from chatkit.store import NotFoundError
from chatkit.types import AssistantMessageItem, UserMessageItem
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from gateway.chatkit.threads import question_of
from gateway.routes.callers import caller_of, count_request, gateway_of
from gateway.routes.doors import Door

router = APIRouter(prefix="/v1", route_class=Door)

_OFF = "Links to conversations are switched off here."
_PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


@router.post("/threads/{thread_id}/link")
async def share(request: Request, thread_id: str) -> Response:
    """A link to a conversation of the reader; the same one while it lives."""
    gateway = gateway_of(request)
    if not gateway.settings.share_links:
        return _missing(_OFF)
    caller = await caller_of(request)
    await count_request(request)
    try:
        link = await gateway.shared.share(thread_id, caller.asker.reader.id)
    except NotFoundError:
        return _missing("This conversation no longer exists.")
    expires_at = link.expires_at.isoformat() if link.expires_at else None
    return JSONResponse({"token": link.token, "expires_at": expires_at}, headers=_PRIVATE)


@router.post("/threads/{thread_id}/unlink")
async def withdraw(request: Request, thread_id: str) -> Response:
    """Make the link of a conversation lead nowhere, also where links have been switched off since."""
    gateway = gateway_of(request)
    caller = await caller_of(request)
    await count_request(request)
    await gateway.shared.withdraw(thread_id, caller.asker.reader.id)
    return JSONResponse({}, headers=_PRIVATE)


@router.get("/shared/{token}")
async def read(request: Request, token: str) -> Response:
    """Questions and answers with their citations; nothing about who asked, when, or from where."""
    gateway = gateway_of(request)
    if not gateway.settings.share_links:
        return _missing(_OFF)
    await count_request(request)
    try:
        thread, items = await gateway.shared.read(token)
    except NotFoundError:
        return _missing("This link leads nowhere (any more).")
    body = {"title": thread.title or "", "items": [shown for item in items if (shown := _shown(item))]}
    return JSONResponse(body, headers=_PRIVATE)


def _missing(message: str) -> Response:
    return JSONResponse({"message": message}, status_code=404, headers=_PRIVATE)


def _shown(item: Any) -> dict[str, Any] | None:
    """An item as ChatKit writes it, with its text and its citations alone."""
    match item:
        case UserMessageItem():
            content = [{"type": "input_text", "text": question_of(item)}]
            return {"type": item.type, "id": item.id, "content": content, "quoted_text": item.quoted_text or ""}
        case AssistantMessageItem():
            parts = [part.model_dump(mode="json", exclude_none=True) for part in item.content]
            return {"type": item.type, "id": item.id, "content": parts}
        case _:
            return None
