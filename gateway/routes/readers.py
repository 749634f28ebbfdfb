"""`/v1/readers`: tokens for panels that cannot keep a cookie, and a way to be forgotten."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from gateway.readers.reader import COOKIE, TOKEN_HEADER
from gateway.routes.callers import caller_of, count_request, gateway_of
from gateway.routes.doors import Door

router = APIRouter(prefix="/v1/readers", route_class=Door)


@router.post("")
async def make_reader(request: Request) -> Response:
    """A token to send as `X-Docs-Chat-Reader`. A valid token is returned as it is; a login needs none."""
    caller = await caller_of(request, renew=True)
    token = caller.new_token or request.headers.get(TOKEN_HEADER) or request.cookies.get(COOKIE, "")
    body: dict[str, Any] = {"kind": caller.asker.reader.kind.value, "token": token}
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


@router.delete("/me")
async def forget_me(request: Request) -> Response:
    """Delete every conversation of the reader, with their feedback."""
    gateway = gateway_of(request)
    caller = await caller_of(request)
    await count_request(request)
    deleted = await gateway.store.delete_all_threads(caller.asker.reader.id)
    return JSONResponse({"conversations_deleted": deleted})
