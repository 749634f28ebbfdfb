"""`/mcp`: the docs as tools for other people's assistants (Model Context Protocol, streamable HTTP, stateless)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from docs_chat.retriever.v1 import passages_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import ToolAnnotations
from pydantic import Field
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from gateway.reader_errors import reader_message
from gateway.retriever_client import RetrieverClient
from gateway.routes.doors import enter
from gateway.routes.visiting import count_request
from services.runtime.errors import ServiceError

MAX_PAGE_CHARS = 60_000
# Hosts and origins are checked before, for every door alike; the library's own check knows localhost only.
_CHECKED_BEFORE = TransportSecuritySettings(enable_dns_rebinding_protection=False)
_READ_ONLY = ToolAnnotations(read_only_hint=True, open_world_hint=False)


class McpEndpoint:
    """Hands a request to the MCP session manager of this process, within our limits."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        await enter(request, "/mcp")
        await count_request(request)
        manager: StreamableHTTPSessionManager = request.app.state.mcp
        await manager.handle_request(scope, receive, send)


@asynccontextmanager
async def mcp_sessions(retriever: RetrieverClient, default_site: str) -> AsyncIterator[StreamableHTTPSessionManager]:
    """The session manager while it runs; without sessions, so that any replica answers any request."""
    server = build_server(retriever, default_site)
    # Makes the manager; the routes are ours.
    server.streamable_http_app(stateless_http=True, json_response=True, transport_security=_CHECKED_BEFORE)
    async with server.session_manager.run():
        yield server.session_manager


def build_server(retriever: RetrieverClient, default_site: str) -> MCPServer:
    """The two tools."""
    server = MCPServer(
        "docs-chat",
        title="Documentation",
        instructions="Search the documentation with search_docs; read a whole page with read_page. Cite the addresses.",
    )

    @server.tool(annotations=_READ_ONLY, structured_output=False)
    async def search_docs(
        query: Annotated[str, Field(min_length=1, max_length=8000, description="Question or keywords")],
        limit: Annotated[int, Field(ge=1, le=20, description="Number of passages")] = 6,
        version: Annotated[str, Field(description="Docs version; empty for the latest")] = "",
        locale: Annotated[str, Field(description="Locale; empty for the site's default")] = "",
        site: Annotated[str, Field(description="Site; empty when there is only one")] = "",
    ) -> str:
        """Search the documentation. Returns passages as Markdown, each with the address to cite."""
        scope = passages_pb2.Scope(versions=[version] if version else [], locale=locale)
        request = pb.SearchPassagesRequest(
            site=site or default_site, queries=[pb.Query(text=query)], scope=scope, limit=limit
        )
        try:
            found = await retriever.search(request)
        except ServiceError as error:
            raise ToolError(reader_message(error).text) from error
        return "\n\n---\n\n".join(map(_passage_text, found.passages)) or "Nothing was found."

    @server.tool(annotations=_READ_ONLY, structured_output=False)
    async def read_page(
        uri: Annotated[str, Field(min_length=1, max_length=2000, description="Address as search_docs gave it")],
        site: Annotated[str, Field(description="Site; empty when there is only one")] = "",
    ) -> str:
        """Read one page of the documentation, whole, as Markdown."""
        try:
            page = await retriever.read_page(site or default_site, uri)
        except ServiceError as error:
            raise ToolError(reader_message(error).text) from error
        return page_text(page)

    return server


def page_text(page: pb.GetDocumentResponse) -> str:
    """A page as Markdown, a heading wherever the section changes; cut with a remark when it is enormous."""
    lines, path = [f"# {page.document.title}", page.document.uri], None
    for chunk in page.chunks:
        if list(chunk.heading_path) != path and chunk.heading_path:
            lines.append(f"{'#' * min(6, len(chunk.heading_path) + 1)} {chunk.heading_path[-1]}")
        path = list(chunk.heading_path)
        lines.append(chunk.text)
    text = "\n\n".join(lines)
    return text if len(text) <= MAX_PAGE_CHARS else text[:MAX_PAGE_CHARS] + "\n\n[The page goes on; it was cut here.]"


def _passage_text(passage: passages_pb2.Passage) -> str:
    heading = " › ".join([passage.title, *passage.heading_path])
    version = f" (version {passage.version})" if passage.version else ""
    return f"## {heading}{version}\n{passage.uri}\n\n{passage.text}"
