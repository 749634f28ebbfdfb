"""The reading side of the contract: checks what is asked, hands it on, and translates the answer."""

import base64
import binascii
from typing import Any
from urllib.parse import urldefrag

from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc

from services.retriever.reading.candidates import Query
from services.retriever.reading.page_reader import PageReader
from services.retriever.reading.request import SearchRequest
from services.retriever.reading.search import Search
from services.retriever.reading.typed.section_search import SectionSearch, TypedRequest
from services.retriever.sites.sites import Sites
from services.retriever.translate.documents import chunk_to_proto, document_to_proto, summary_to_proto
from services.retriever.translate.passages import result_to_proto, scope_from_proto
from services.retriever.translate.sites import site_to_proto
from services.retriever.translate.typed import typed_result_to_proto
from services.runtime.errors import InvalidRequest

DEFAULT_LIMIT, LARGEST_LIMIT = 8, 50
DEFAULT_CONTEXT_TOKENS = 400
LARGEST_QUERY = 8_000
LARGEST_TYPED = 500
DEFAULT_SECTIONS = 10
DEFAULT_OF_PAGE, LARGEST_OF_PAGE = 4, 10
DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE = 500, 1_000


class RetrieverServicer(rpc.RetrieverServiceServicer):
    """Answers RetrieverService."""

    def __init__(self, sites: Sites, search: Search, typed: SectionSearch, pages: PageReader) -> None:
        self._sites = sites
        self._search = search
        self._typed = typed
        self._pages = pages

    async def SearchPassages(self, request: pb.SearchPassagesRequest, context: Any) -> pb.SearchPassagesResponse:
        result = await self._search.find(request.site, _search_request(request))
        return result_to_proto(result)

    async def SearchSections(self, request: pb.SearchSectionsRequest, context: Any) -> pb.SearchSectionsResponse:
        result = await self._typed.find(request.site, _typed_request(request))
        return typed_result_to_proto(result)

    async def GetDocument(self, request: pb.GetDocumentRequest, context: Any) -> pb.GetDocumentResponse:
        uri, _ = urldefrag(request.uri)
        page = await self._pages.page(request.site, uri)
        return pb.GetDocumentResponse(
            document=document_to_proto(page.document),
            chunks=[chunk_to_proto(chunk) for chunk in page.chunks],
            revision=page.revision,
        )

    async def ListDocuments(self, request: pb.ListDocumentsRequest, context: Any) -> pb.ListDocumentsResponse:
        size = _bounded(request.page_size, DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE, "page_size")
        after = _token_to_uri(request.page_token)
        listing = await self._pages.list_pages(request.site, scope_from_proto(request.scope), after=after, limit=size)
        return pb.ListDocumentsResponse(
            documents=[summary_to_proto(document, count) for document, count in listing.pages],
            next_page_token=_uri_to_token(listing.next_after),
            revision=listing.revision,
        )

    async def GetSite(self, request: pb.GetSiteRequest, context: Any) -> pb.GetSiteResponse:
        published = await self._sites.published(request.site)
        return pb.GetSiteResponse(site=site_to_proto(published.manifest))

    async def ListSites(self, request: pb.ListSitesRequest, context: Any) -> pb.ListSitesResponse:
        return pb.ListSitesResponse(sites=[site_to_proto(manifest) for manifest in await self._sites.all_published()])


def _search_request(request: pb.SearchPassagesRequest) -> SearchRequest:
    violations = {}
    if not 1 <= len(request.queries) <= 4:
        violations["queries"] = "1 to 4 queries"
    for index, query in enumerate(request.queries):
        if not 1 <= len(query.text) <= LARGEST_QUERY:
            violations[f"queries[{index}].text"] = f"1 to {LARGEST_QUERY} characters"
        if not 0 <= query.weight <= 10:
            violations[f"queries[{index}].weight"] = "0 to 10"
    if violations:
        raise InvalidRequest(
            "the search cannot run: " + "; ".join(map(": ".join, violations.items())), violations=violations
        )
    return SearchRequest(
        queries=tuple(Query(query.text, query.weight or 1.0) for query in request.queries),
        scope=scope_from_proto(request.scope),
        limit=_bounded(request.limit, DEFAULT_LIMIT, LARGEST_LIMIT, "limit"),
        context_tokens=min(request.context_tokens or DEFAULT_CONTEXT_TOKENS, 4_000),
        page_uri=urldefrag(request.page_uri)[0],
        highlight=request.highlight,
        default_site=request.default_site,
    )


def _typed_request(request: pb.SearchSectionsRequest) -> TypedRequest:
    if not 1 <= len(request.text) <= LARGEST_TYPED:
        message = f"1 to {LARGEST_TYPED} characters"
        raise InvalidRequest(f"the search cannot run: text: {message}", violations={"text": message})
    return TypedRequest(
        text=request.text,
        scope=scope_from_proto(request.scope),
        limit=_bounded(request.limit, DEFAULT_SECTIONS, LARGEST_LIMIT, "limit"),
        sections_per_page=_bounded(request.sections_per_page, DEFAULT_OF_PAGE, LARGEST_OF_PAGE, "sections_per_page"),
        page_uri=urldefrag(request.page_uri)[0],
        default_site=request.default_site,
    )


def _bounded(value: int, default: int, largest: int, field: str) -> int:
    if not 0 <= value <= largest:
        message = f"{field} must be 1 to {largest}"
        raise InvalidRequest(message, violations={field: message})
    return value or default


def _uri_to_token(uri: str) -> str:
    return base64.urlsafe_b64encode(uri.encode()).decode()


def _token_to_uri(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        message = "this is not a page token of this service: start again without one"
        raise InvalidRequest(f"page_token: {message}", violations={"page_token": message}) from error
