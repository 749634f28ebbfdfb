"""Pages as resources, which an assistant's user can pick from a list or name by their address."""

import base64
import binascii
import json

from docs_chat.retriever.v1 import documents_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    ListResourcesResult,
    ReadResourceResult,
    Resource,
    TextResourceContents,
)

from gateway.http.reader_messages import reader_message
from gateway.mcp.pages import page_text
from gateway.retrieval.retriever_client import RetrieverClient
from gateway.retrieval.site_of import site_of
from services.runtime.errors import InvalidRequest, NotFound, ServiceError, shown

PAGES_AT_ONCE = 100
_MARKDOWN = "text/markdown"
_MOST_CURSOR_CHARS = 4000
_MOST_URI_CHARS = 2000


class DocsResources:
    """Every page of every published site.

    Args:
        retriever: Where the pages are.
    """

    def __init__(self, retriever: RetrieverClient) -> None:
        self._retriever = retriever

    async def list(self, cursor: str | None) -> ListResourcesResult:
        """One portion of the pages, site by site, by address.

        Raises:
            MCPError: If the cursor is not from here, or the pages cannot be listed.
        """
        try:
            return await self._portion(cursor)
        except ServiceError as error:
            raise _failure(error) from error

    async def read(self, uri: str) -> ReadResourceResult:
        """A page, whole.

        Raises:
            MCPError: If there is no such page, or it cannot be read.
        """
        try:
            site = await self._site_of(uri) if len(uri) <= _MOST_URI_CHARS else ""
            page = await self._retriever.read_page(site, uri) if site else None
        except ServiceError as error:
            raise _failure(error) from error
        if page is None:
            raise MCPError(INVALID_PARAMS, f"There is no page {shown(uri)}.")
        contents = TextResourceContents(uri=uri, mime_type=_MARKDOWN, text=page_text(page))
        return ReadResourceResult(contents=[contents])

    async def _portion(self, cursor: str | None) -> ListResourcesResult:
        sites = [site.profile.site for site in (await self._retriever.list_sites()).sites]
        site, token = _read_cursor(cursor) if cursor else (sites[0] if sites else "", "")
        if site not in sites:
            if cursor:
                raise InvalidRequest("the cursor is not valid (any more)")
            return ListResourcesResult(resources=[])
        request = pb.ListDocumentsRequest(site=site, page_size=PAGES_AT_ONCE, page_token=token)
        listed = await self._retriever.list_pages(request)
        following = sites[sites.index(site) + 1 :]
        after = (site, listed.next_page_token) if listed.next_page_token else (following[0], "") if following else None
        return ListResourcesResult(
            resources=[_resource(document) for document in listed.documents],
            next_cursor=_cursor(*after) if after else None,
        )

    async def _site_of(self, uri: str) -> str:
        """The site whose pages begin like this; empty when there is none."""
        return site_of(uri, (await self._retriever.list_sites()).sites)


def _resource(document: documents_pb2.DocumentSummary) -> Resource:
    told = [f"Version {document.version}" if document.version else "", f"Locale {document.locale}"]
    return Resource(
        uri=document.uri,
        name=document.title,
        title=document.title,
        description=". ".join(filter(None, told)),
        mime_type=_MARKDOWN,
    )


def _failure(error: ServiceError) -> MCPError:
    text = reader_message(error).text
    return MCPError(INVALID_PARAMS if isinstance(error, InvalidRequest | NotFound) else INTERNAL_ERROR, text)


def _cursor(site: str, token: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([site, token]).encode()).decode()


def _read_cursor(cursor: str) -> tuple[str, str]:
    try:
        site, token = json.loads(base64.b64decode(cursor[:_MOST_CURSOR_CHARS], altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError) as error:
        raise InvalidRequest("this is not a cursor from here: take next_cursor of the answer before") from error
    if not (isinstance(site, str) and isinstance(token, str)):
        raise InvalidRequest("this is not a cursor from here: take next_cursor of the answer before")
    return site, token
