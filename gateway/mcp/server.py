"""The MCP server of this process: which tools and resources it announces, and its session manager."""

import importlib.metadata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import (
    CallToolRequestParams,
    CallToolResult,
    ListResourcesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
)

from gateway.mcp.resources import DocsResources
from gateway.mcp.tools import DocsTools
from gateway.retrieval.retriever_client import RetrieverClient

# Hosts and origins are checked before, for every door alike; the library's own check knows localhost only.
_CHECKED_BEFORE = TransportSecuritySettings(enable_dns_rebinding_protection=False)
_INSTRUCTIONS = (
    "Search the documentation with search_docs; read a whole page, or a section of it, with read_page. "
    "Cite the addresses. When a search says that the documentation does not cover the question, say so."
)


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
