"""`/mcp`: the docs as tools and resources for other people's assistants (Model Context Protocol, streamable HTTP).

Stateless: a message is one POST with one answer, so any replica answers any message. Streams that wait for messages
from us would wait for ever, so `GET` is refused as the protocol provides for; there is no session to `DELETE` either.
"""

import importlib.metadata
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import (
    INVALID_REQUEST,
    PARSE_ERROR,
    CallToolRequestParams,
    CallToolResult,
    ListResourcesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    jsonrpc_message_adapter,
)
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Match, Route
from starlette.types import Message, Receive, Scope, Send

from gateway.mcp.resources import DocsResources
from gateway.mcp.tools import DocsTools
from gateway.retrieval.retriever_client import RetrieverClient
from gateway.routes.callers import count_request
from gateway.routes.doors import enter

# Hosts and origins are checked before, for every door alike; the library's own check knows localhost only.
_CHECKED_BEFORE = TransportSecuritySettings(enable_dns_rebinding_protection=False)
_VERSION_HEADER = "mcp-protocol-version"
_MOST_NAME_CHARS = 64
_INSTRUCTIONS = (
    "Search the documentation with search_docs; read a whole page, or a section of it, with read_page. "
    "Cite the addresses. When a search says that the documentation does not cover the question, say so."
)


class McpRoute(Route):
    """A route that log and metrics know by its path, like those of FastAPI."""

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
        await manager.handle_request(scope, _Again(body, receive).receive, send)


@asynccontextmanager
async def mcp_sessions(retriever: RetrieverClient, default_site: str) -> AsyncIterator[StreamableHTTPSessionManager]:
    """The session manager while it runs; without sessions, so that any replica answers any request."""
    server = build_server(retriever, default_site)
    # Makes the manager; the routes are ours.
    server.streamable_http_app(stateless_http=True, json_response=True, transport_security=_CHECKED_BEFORE)
    async with server.session_manager.run():
        yield server.session_manager


def build_server(retriever: RetrieverClient, default_site: str) -> Server[Any]:
    """Tools and resources; only what is there is announced."""
    tools, resources = DocsTools(retriever, default_site), DocsResources(retriever)

    async def list_tools(_: Any, params: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=tools.list())

    async def call_tool(_: Any, params: CallToolRequestParams) -> CallToolResult:
        return await tools.call(params.name, params.arguments or {})

    async def list_resources(_: Any, params: PaginatedRequestParams | None) -> ListResourcesResult:
        return await resources.list(params.cursor if params else None)

    async def read_resource(_: Any, params: ReadResourceRequestParams) -> ReadResourceResult:
        return await resources.read(params.uri)

    return Server(
        "docs-chat",
        version=importlib.metadata.version("docs-chat"),
        title="Documentation",
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_read_resource=read_resource,
    )


class _Again:
    """A body that has been read, to be read once more."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._message: Message | None = {"type": "http.request", "body": body, "more_body": False}
        self._receive = receive

    async def receive(self) -> Message:
        message, self._message = self._message, None
        return message or await self._receive()


def _refusal(version: str, body: bytes) -> JSONResponse | None:
    """Why a body is not one message of JSON-RPC; None when it is one. The SDK would answer with pages of its own."""
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
