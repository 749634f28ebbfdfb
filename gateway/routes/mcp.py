"""`/mcp`: the docs as tools and resources for other people's assistants (Model Context Protocol, streamable HTTP).

Stateless: a message is one POST with one answer, so any replica can answer it. We never send messages of our own, so a
stream opened by `GET` would wait for ever: it is refused, as the protocol allows. There is no session to `DELETE`.
"""

import json

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.types import (
    INVALID_REQUEST,
    PARSE_ERROR,
    jsonrpc_message_adapter,
)
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from gateway.http.bodies import ReplayedBody
from gateway.routes.callers import count_request
from gateway.routes.doors import enter

_VERSION_HEADER = "mcp-protocol-version"
_MOST_NAME_CHARS = 64


class McpRoute(Route):
    """A route that logs and metrics know by its path, like FastAPI's routes."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child_scope = super().matches(scope)
        return match, {**child_scope, "route": self} if match is not Match.NONE else child_scope


class McpEndpoint:
    """Hands a request to the MCP session manager of this process, within our limits."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        await enter(request, "/mcp")
        if request.method != "POST":
            refusal: JSONResponse | None = _error(405, INVALID_REQUEST, "Send each message as a POST.")
        else:
            body = await request.body()
            refusal = _refusal(request.headers.get(_VERSION_HEADER, ""), body)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        await count_request(request)
        manager: StreamableHTTPSessionManager = request.app.state.mcp
        await manager.handle_request(scope, ReplayedBody(body, receive).receive, send)


def _refusal(version: str, body: bytes) -> JSONResponse | None:
    """Why a body is not one message of JSON-RPC; None when it is one. The SDK would answer in its own way."""
    if len(version) > _MOST_NAME_CHARS:
        return _error(400, INVALID_REQUEST, "There is no such version of the protocol.")
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return _error(400, PARSE_ERROR, "The body must be JSON.")
    if isinstance(sent, list):
        return _error(400, INVALID_REQUEST, "Batches are not taken: send each message as a POST of its own.")
    if isinstance(sent, dict) and len(str(sent.get("method", ""))) > _MOST_NAME_CHARS:
        return _error(400, INVALID_REQUEST, "There is no such method.")
    try:
        jsonrpc_message_adapter.validate_python(sent, by_name=False)
    except ValidationError:
        return _error(400, INVALID_REQUEST, "The body must be one request or notification of JSON-RPC 2.0.")
    return None


def _error(status: int, code: int, message: str) -> JSONResponse:
    """A failure before a message could be read."""
    body = {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": message}}
    return JSONResponse(body, status_code=status, headers={"Allow": "POST"} if status == 405 else None)
