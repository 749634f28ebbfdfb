"""Reads of the retriever service: search, whole pages, sites."""

from collections.abc import Awaitable
from typing import Any, TypeVar

import grpc
from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc

from services.runtime.calls import calling

_Response = TypeVar("_Response")


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
        return await _answer(self._stub.SearchPassages(request, timeout=self._timeout_s))

    async def read_page(self, site: str, uri: str) -> pb.GetDocumentResponse:
        request = pb.GetDocumentRequest(site=site, uri=uri)
        return await _answer(self._stub.GetDocument(request, timeout=self._timeout_s))

    async def list_pages(self, request: pb.ListDocumentsRequest) -> pb.ListDocumentsResponse:
        return await _answer(self._stub.ListDocuments(request, timeout=self._timeout_s))

    async def list_sites(self) -> pb.ListSitesResponse:
        return await _answer(self._stub.ListSites(pb.ListSitesRequest(), timeout=self._timeout_s))


async def _answer(call: Awaitable[_Response]) -> _Response:
    with calling("retriever"):
        return await call
