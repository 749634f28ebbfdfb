"""The reading side of the contract: checks what is asked, hands it on, and words the answer."""

import base64
import binascii
from typing import Any
from urllib.parse import urldefrag

from docs_chat.retriever.v1 import documents_pb2, passages_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc
from google.protobuf.duration_pb2 import Duration

from services.retriever.reading.candidates import Query
from services.retriever.reading.judging.verdict import Judgement, Verdict
from services.retriever.reading.page_reader import PageReader
from services.retriever.reading.passages import Passage
from services.retriever.reading.scope import Scope
from services.retriever.reading.search import Search, SearchRequest, SearchResult
from services.retriever.sites.sites import Sites
from services.retriever.translate import (
    chunk_to_proto,
    document_to_proto,
    kind_from_proto,
    kind_to_proto,
    site_to_proto,
    summary_to_proto,
)
from services.runtime.errors import InvalidRequest

DEFAULT_LIMIT, LARGEST_LIMIT = 8, 50
DEFAULT_CONTEXT_TOKENS = 400
LARGEST_QUERY = 8_000
_VERDICTS = {
    Verdict.ANSWERABLE: passages_pb2.ANSWERABILITY_VERDICT_ANSWERABLE,
    Verdict.WEAK: passages_pb2.ANSWERABILITY_VERDICT_WEAK,
    Verdict.NOT_COVERED: passages_pb2.ANSWERABILITY_VERDICT_NOT_COVERED,
}
DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE = 500, 1_000


class RetrieverServicer(rpc.RetrieverServiceServicer):
    """Answers RetrieverService."""

    def __init__(self, sites: Sites, search: Search, pages: PageReader) -> None:
        self._sites = sites
        self._search = search
        self._pages = pages

    async def SearchPassages(self, request: pb.SearchPassagesRequest, context: Any) -> pb.SearchPassagesResponse:
        result = await self._search.find(request.site, _search_request(request))
        return search_response(result)

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
        listing = await self._pages.list_pages(request.site, _scope(request.scope), after=after, limit=size)
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
        scope=_scope(request.scope),
        limit=_bounded(request.limit, DEFAULT_LIMIT, LARGEST_LIMIT, "limit"),
        context_tokens=min(request.context_tokens or DEFAULT_CONTEXT_TOKENS, 4_000),
        page_uri=urldefrag(request.page_uri)[0],
        highlight=request.highlight,
    )


def search_response(result: SearchResult) -> pb.SearchPassagesResponse:
    return pb.SearchPassagesResponse(
        passages=[_passage(passage) for passage in result.passages],
        answerability=_answerability(result.judgement),
        revision=result.revision,
        widening=_widening(result),
        degraded=bool(result.degraded_reason),
        degraded_reason=result.degraded_reason,
        timings=pb.SearchTimings(
            embed=_duration(result.timings.embed_s),
            engine=_duration(result.timings.engine_s),
            rerank=_duration(result.timings.rerank_s) if result.timings.rerank_s is not None else None,
            total=_duration(result.timings.total_s),
        ),
        site=result.site,
    )


def _answerability(judgement: Judgement | None) -> passages_pb2.Answerability | None:
    if judgement is None:
        return None
    return passages_pb2.Answerability(
        verdict=_VERDICTS[judgement.verdict], probability=judgement.probability, calibration=judgement.calibration
    )


def _widening(result: SearchResult) -> passages_pb2.Widening | None:
    """Says from which versions the passages come, not which were looked at."""
    scope = result.widened_to
    if scope is None:
        return None
    versions = dict.fromkeys(passage.page.version for passage in result.passages if passage.page.version)
    return passages_pb2.Widening(versions=list(versions), locale=scope.locale)


def _passage(passage: Passage) -> passages_pb2.Passage:
    core, page, scores = passage.found.chunk.chunk, passage.page, passage.found.scores
    section = passage.found.chunk.section
    return passages_pb2.Passage(
        uri=f"{page.uri}#{section.anchor}" if section.anchor else page.uri,
        document_uri=page.uri,
        anchor=section.anchor,
        title=page.title,
        heading_path=section.heading_path,
        text=passage.text,
        highlights=[passages_pb2.TextRange(start=start, end=end) for start, end in passage.highlights],
        relevance_score=passage.found.relevance,
        scores=passages_pb2.StageScores(
            dense=scores.dense, sparse=scores.sparse, fusion=scores.fusion, rerank=scores.rerank
        ),
        version=page.version,
        locale=page.locale,
        kind=kind_to_proto(page.kind),
        content_hash=passage.content_hash,
        first_ordinal=passage.chunks[0].chunk.ordinal,
        last_ordinal=passage.chunks[-1].chunk.ordinal,
        code_languages=list(
            dict.fromkeys(language for item in passage.chunks for language in item.chunk.code_languages)
        ),
        tabs=core.tabs,
    )


def _scope(scope: passages_pb2.Scope) -> Scope:
    kinds = tuple(kind for number in scope.kinds if (kind := kind_from_proto(number)) is not None)
    everything = documents_pb2.DOCUMENT_KIND_UNSPECIFIED in scope.kinds
    return Scope(tuple(scope.versions), scope.locale, () if everything else kinds, scope.path_prefix)


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
        message = "not a token of ours: start again without one"
        raise InvalidRequest(f"page_token: {message}", violations={"page_token": message}) from error


def _duration(seconds: float) -> Duration:
    duration = Duration()
    duration.FromMicroseconds(round(seconds * 1_000_000))
    return duration
