"""Reads of the retriever service: search, whole pages, sites."""

from typing import Any

import grpc
from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc

from services.runtime.calls import answered


class RetrieverClient:
    """Calls over one channel; failures come as `ServiceError`.

    Args:
        channel: Connection to the retriever service.
        timeout_s: Longest wait for one call, in seconds.
    """

    def __init__(self, channel: grpc.aio.Channel, timeout_s: float) -> None:
        self._stub: Any = rpc.RetrieverServiceStub(channel)
        self._timeout_s = timeout_s

    async def search(self, request: pb.SearchPassagesRequest) -> pb.SearchPassagesResponse:
        return await answered(self._stub.SearchPassages(request, timeout=self._timeout_s), "retriever")

    async def search_sections(self, request: pb.SearchSectionsRequest) -> pb.SearchSectionsResponse:
        return await answered(self._stub.SearchSections(request, timeout=self._timeout_s), "retriever")

    async def read_page(self, site: str, uri: str) -> pb.GetDocumentResponse:
        request = pb.GetDocumentRequest(site=site, uri=uri)
        return await answered(self._stub.GetDocument(request, timeout=self._timeout_s), "retriever")

    async def list_pages(self, request: pb.ListDocumentsRequest) -> pb.ListDocumentsResponse:
        return await answered(self._stub.ListDocuments(request, timeout=self._timeout_s), "retriever")

    async def list_sites(self) -> pb.ListSitesResponse:
        return await answered(self._stub.ListSites(pb.ListSitesRequest(), timeout=self._timeout_s), "retriever")
