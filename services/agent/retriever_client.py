"""The retriever as the agent sees it."""

from collections.abc import Sequence
from dataclasses import dataclass

import grpc
from docs_chat.retriever.v1.documents_pb2 import Chunk, DocumentSummary
from docs_chat.retriever.v1.passages_pb2 import Scope
from docs_chat.retriever.v1.retriever_service_pb2 import (
    GetDocumentRequest,
    GetDocumentResponse,
    ListDocumentsRequest,
    ListDocumentsResponse,
    Query,
    SearchPassagesRequest,
    SearchPassagesResponse,
)
from docs_chat.retriever.v1.retriever_service_pb2_grpc import RetrieverServiceStub

from services.agent.evidence import Evidence
from services.runtime.calls import calling


@dataclass(frozen=True, slots=True)
class WeightedQuery:
    """A text to search for and its weight in fusion, in (0, 10]."""

    text: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class PageText:
    """A page whole, its chunks in reading order."""

    uri: str
    title: str
    chunks: tuple[Chunk, ...]


class RetrieverClient:
    """Calls the retriever; its failures arrive as the classes it raised.

    Args:
        channel: Connection to the retriever.
        timeout_s: Longest wait for one call.
    """

    def __init__(self, channel: grpc.aio.Channel, timeout_s: float) -> None:
        self._stub = RetrieverServiceStub(channel)
        self._timeout_s = timeout_s

    async def search(
        self,
        queries: Sequence[WeightedQuery],
        *,
        site: str,
        scope: Scope,
        limit: int,
        page_uri: str = "",
        default_site: str = "",
    ) -> Evidence:
        """Find passages for one to four queries, fused; the page tells the site where none is named."""
        request = SearchPassagesRequest(
            site=site,
            queries=[Query(text=query.text, weight=query.weight) for query in queries],
            scope=scope,
            limit=limit,
            page_uri=page_uri,
            default_site=default_site,
            highlight=True,
        )
        with calling("retriever"):
            response: SearchPassagesResponse = await self._stub.SearchPassages(request, timeout=self._timeout_s)
        return Evidence(
            passages=list(response.passages),
            site=response.site,
            revision=response.revision,
            answerability=response.answerability,
            widening=response.widening if response.HasField("widening") else None,
            corrected=tuple(correction.searched for correction in response.corrections),
            searched_for=tuple(response.searched_for),
            degraded_reason=(response.degraded_reason or "a stage did not run") if response.degraded else "",
        )

    async def read_page(self, uri: str, *, site: str) -> PageText:
        """One page whole.

        Raises:
            DocumentNotFound: If the page is not in the index.
        """
        request = GetDocumentRequest(site=site, uri=uri)
        with calling("retriever"):
            response: GetDocumentResponse = await self._stub.GetDocument(request, timeout=self._timeout_s)
        return PageText(uri=response.document.uri, title=response.document.title, chunks=tuple(response.chunks))

    async def list_pages(self, *, site: str, scope: Scope, limit: int) -> list[DocumentSummary]:
        """Pages of a site by rising address, the first `limit` of them."""
        request = ListDocumentsRequest(site=site, scope=scope, page_size=limit)
        with calling("retriever"):
            response: ListDocumentsResponse = await self._stub.ListDocuments(request, timeout=self._timeout_s)
        return list(response.documents)
