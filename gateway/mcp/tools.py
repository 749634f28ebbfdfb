"""The tools that other people's assistants call: `search_docs` and `read_page`.

Every failure is one sentence that a model can act on: which argument, and what is allowed there.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from docs_chat.retriever.v1 import passages_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from mcp.types import CallToolResult, TextContent, Tool, ToolAnnotations
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.http.reader_messages import reader_message
from gateway.mcp.pages import page_text, passage_text, piece_of, remarks_on, search_data, sections_of, updated_on
from gateway.retrieval.retriever_client import RetrieverClient
from services.runtime.errors import InternalError, InvalidRequest, ServiceError, SiteNotFound, shown

logger = logging.getLogger(__name__)

_READ_ONLY = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_MOST_NAMES = 30
_Site = Annotated[
    str, Field(pattern=r"^[a-z0-9-]{0,64}$", description="Name of the site; empty when there is only one")
]


class SearchArguments(BaseModel):
    """What `search_docs` takes."""

    model_config = ConfigDict(extra="forbid")

    query: Annotated[str, Field(min_length=1, max_length=8000, description="Question or keywords")]
    limit: Annotated[int, Field(ge=1, le=20, description="Number of passages")] = 6
    version: Annotated[str, Field(max_length=100, description="Version of the docs; empty for the latest")] = ""
    locale: Annotated[str, Field(max_length=35, description="Locale; empty for the site's default")] = ""
    site: _Site = ""


class ReadArguments(BaseModel):
    """What `read_page` takes."""

    model_config = ConfigDict(extra="forbid")

    uri: Annotated[str, Field(min_length=1, max_length=2000, description="Address as search_docs gave it")]
    section: Annotated[
        str,
        Field(max_length=300, description="Read only this section: what stands behind # in an address; empty for all"),
    ] = ""
    offset: Annotated[int, Field(ge=0, description="Go on from here, in characters; 0 is the beginning")] = 0
    site: _Site = ""


_ALLOWED = {
    "query": "a text of 1 to 8,000 characters",
    "limit": "a whole number from 1 to 20",
    "version": "the name of a version, at most 100 characters",
    "locale": "a locale such as en or zh-Hans, at most 35 characters",
    "site": "the name of a site: lower-case letters, digits and hyphens, at most 64",
    "uri": "an address as search_docs gave it, at most 2,000 characters",
    "section": "the id of a heading, at most 300 characters",
    "offset": "a whole number, 0 or more",
}
_PASSAGE_TEXTS = ("uri", "title", "text", "version", "locale", "kind", "published")
_STRINGS = {"type": "array", "items": {"type": "string"}}
SEARCH_RESULT = {
    "type": "object",
    "properties": {
        "site": {"type": "string"},
        "answerability": {"type": "string", "description": "answerable, weak, not_covered or unknown"},
        "remarks": _STRINGS,
        "passages": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    **{name: {"type": "string"} for name in _PASSAGE_TEXTS},
                    "heading_path": _STRINGS,
                },
                "required": ["uri", "title", "heading_path", "text"],
            },
        },
    },
    "required": ["site", "answerability", "remarks", "passages"],
}
READ_RESULT = {
    "type": "object",
    "properties": {
        **{name: {"type": "string"} for name in ("uri", "title", "text", "version", "locale", "last_updated")},
        "offset": {"type": "integer"},
        "next_offset": {"type": ["integer", "null"], "description": "Where the rest begins; null at the end"},
        "total_characters": {"type": "integer"},
        "sections": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "required": ["uri", "title", "text", "offset", "next_offset", "total_characters"],
}


@dataclass(frozen=True, slots=True)
class _Called:
    """A tool, its arguments and what it does."""

    tool: Tool
    takes: type[BaseModel]
    call: Callable[[Any], Awaitable[CallToolResult]]


class DocsTools:
    """Search and reading over one retriever.

    Args:
        retriever: Where the pages are.
        default_site: Site to use when a caller names none.
    """

    def __init__(self, retriever: RetrieverClient, default_site: str) -> None:
        self._retriever = retriever
        self._default_site = default_site
        search = "Search the documentation. Returns passages as Markdown, each with the address to cite."
        read = "Read one page of the documentation, or a section of it, as Markdown. Long pages come in pieces."
        known = (
            _Called(_tool("search_docs", "Search the docs", search, SearchArguments, SEARCH_RESULT),
                    SearchArguments, self._search),
            _Called(_tool("read_page", "Read a page", read, ReadArguments, READ_RESULT),
                    ReadArguments, self._read),
        )  # fmt: skip
        self._known = {called.tool.name: called for called in known}

    def list(self) -> list[Tool]:
        """The tools as they are announced."""
        return [called.tool for called in self._known.values()]

    async def call(self, name: str, arguments: dict[str, Any]) -> CallToolResult:
        """Call a tool; a failure is a result that the model can read."""
        called = self._known.get(name)
        if called is None:
            return _failure(f"There is no tool {shown(name)}: there are {' and '.join(self._known)}.")
        try:
            return await called.call(called.takes.model_validate(arguments))
        except ValidationError as error:
            return _failure(_what_is_wrong(error, called))
        except ServiceError as error:
            return _failure(await self._words(error))
        except Exception:
            logger.exception("tool failed unexpectedly", extra={"tool": name})
            return _failure(reader_message(InternalError("unexpected failure")).text)

    async def _search(self, asked: SearchArguments) -> CallToolResult:
        scope = passages_pb2.Scope(versions=[asked.version] if asked.version else [], locale=asked.locale)
        found = await self._retriever.search(
            pb.SearchPassagesRequest(
                site=asked.site or self._default_site,
                queries=[pb.Query(text=asked.query)],
                scope=scope,
                limit=asked.limit,
            )
        )
        remarks, passages = remarks_on(found), "\n\n---\n\n".join(map(passage_text, found.passages))
        return _result("\n\n".join([*remarks, passages or "Nothing was found."]), search_data(found))

    async def _read(self, asked: ReadArguments) -> CallToolResult:
        page = await self._retriever.read_page(asked.site or self._default_site, asked.uri)
        sections = sections_of(page)
        try:
            text = page_text(page, asked.section.removeprefix("#"))
        except KeyError:
            there = ", ".join(list(sections)[:_MOST_NAMES]) or "none"
            return _failure(f"The page has no section {shown(asked.section)}. Its sections: {there}.")
        if asked.offset >= len(text):
            return _failure(f"offset must be below {len(text)}: so many characters are there to read.")
        piece = piece_of(text, asked.offset)
        data = {
            "uri": page.document.uri,
            "title": page.document.title,
            "version": page.document.version,
            "locale": page.document.locale,
            "last_updated": updated_on(page.document),
            "text": piece.text,
            "offset": piece.offset,
            "next_offset": piece.next_offset,
            "total_characters": piece.total,
            "sections": sections,
        }
        more = f"[It goes on: read_page with offset {piece.next_offset} gives more of {piece.total} characters.]"
        return _result(piece.text if piece.next_offset is None else f"{piece.text.rstrip()}\n\n{more}", data)

    async def _words(self, error: ServiceError) -> str:
        """The failure in words; names the sites when the right one was missing."""
        unclear = isinstance(error, InvalidRequest) and "site" in error.violations
        if not (isinstance(error, SiteNotFound) or unclear):
            return reader_message(error).text
        try:
            sites = [site.profile.site for site in (await self._retriever.list_sites()).sites]
        except ServiceError as failure:
            return reader_message(failure).text
        if not sites:
            return reader_message(error).text
        return f"site must be one of: {', '.join(sites[:_MOST_NAMES])}."


def _tool(name: str, title: str, description: str, takes: type[BaseModel], gives: dict[str, Any]) -> Tool:
    schema = {key: value for key, value in takes.model_json_schema().items() if key not in ("description", "title")}
    return Tool(
        name=name,
        title=title,
        description=description,
        input_schema=schema,
        output_schema=gives,
        annotations=_READ_ONLY,
    )


def _what_is_wrong(error: ValidationError, called: _Called) -> str:
    fault = error.errors()[0]
    name = str(fault["loc"][0]) if fault["loc"] else ""
    if name not in called.takes.model_fields:
        return f"There is no argument {shown(name)}: {called.tool.name} takes {', '.join(called.takes.model_fields)}."
    if fault["type"] == "missing":
        return f"{name} is missing: give {_ALLOWED[name]}."
    return f"{name} must be {_ALLOWED[name]}."


def _result(text: str, data: dict[str, Any]) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=data)


def _failure(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)
