"""The site index, reached through the retriever's contract."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Sequence

import grpc
from docs_chat.retriever.v1 import documents_pb2 as pb
from docs_chat.retriever.v1 import index_service_pb2 as index_pb
from docs_chat.retriever.v1 import index_service_pb2_grpc as index_rpc
from docs_chat.retriever.v1 import retriever_service_pb2 as retriever_pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as retriever_rpc

from services.ingest.chunking.tokens import ChunkingProfile
from services.ingest.run.site_index import KnownPage, KnownSite, OpenRevision, PageWrite, WriteCounts
from services.ingest.run.translate import chunk_to_proto, document_to_proto
from services.runtime.calls import answered
from services.runtime.embedding_input import INPUT_FORMAT
from services.runtime.errors import (
    DeadlineExceeded,
    EmbeddingModelMismatch,
    RevisionConflict,
    ServiceUnreachable,
    SiteNotFound,
    shown,
)
from services.runtime.times import duration

_PAGE_SIZE = 1_000
_LISTING_ATTEMPTS = 3
_CONNECT_TIMEOUT_S = 5.0
_CHUNKS_IN_TIME = 4_000
"""Chunks that the timeout of a write is meant for."""


class RetrieverClient:
    """A `SiteIndex` over the wire.

    Args:
        channel: To the retriever.
        timeout_s: Longest wait for one small call.
        write_timeout_s: Longest wait for a batch to be written, and for a revision to be published.
        lease_s: Lease to ask for.
    """

    def __init__(
        self, channel: grpc.aio.Channel, *, timeout_s: float, write_timeout_s: float, lease_s: float = 60.0
    ) -> None:
        self._index = index_rpc.IndexServiceStub(channel)
        self._retriever = retriever_rpc.RetrieverServiceStub(channel)
        self._timeout_s = timeout_s
        self._write_timeout_s = write_timeout_s
        self._lease_s = lease_s

    async def chunking_profile(self) -> ChunkingProfile:
        """How documents are to be cut.

        Raises:
            EmbeddingModelMismatch: If the model reads chunks in a format that we cannot count.
        """
        request = index_pb.GetChunkingProfileRequest()
        timeout_s = min(_CONNECT_TIMEOUT_S, self._timeout_s)
        try:  # the first call of a run: it waits for a retriever that is just starting
            answer = await answered(
                self._index.GetChunkingProfile(request, timeout=timeout_s, wait_for_ready=True), "retriever"
            )
        except DeadlineExceeded as error:
            message = f"the retriever service cannot be reached: no answer in {timeout_s:g} s"
            raise ServiceUnreachable(message, retry_after_s=1.0, service="retriever") from error
        input_format = answer.input_format or INPUT_FORMAT
        if input_format != INPUT_FORMAT:
            raise EmbeddingModelMismatch(
                f"the retriever embeds chunks in the format {shown(input_format)}, which this version of ingestion "
                f"does not know (it knows {shown(INPUT_FORMAT)}): run the same version of both",
                input_format=input_format,
            )
        return ChunkingProfile(answer.embedding_model, answer.max_tokens, answer.tokenizer_json, input_format)

    async def known_site(self, site: str) -> KnownSite:
        for _ in range(_LISTING_ATTEMPTS):
            try:
                published = await self._published(site)
                pages, revision = await self._list(site)
            except SiteNotFound:
                return KnownSite(0, pb.Site(), {})
            if revision == published.revision:
                return KnownSite(revision, published, pages)
        raise RevisionConflict("the site kept being published while its pages were listed; run again", site=site)

    async def begin(self, profile: pb.SiteProfile, *, take_over: bool, reembed: bool) -> OpenRevision:
        lease = duration(self._lease_s)
        owner = f"{socket.gethostname()} process {os.getpid()}"
        request = index_pb.BeginRevisionRequest(
            profile=profile, owner=owner, lease=lease, take_over=take_over, anew=reembed
        )
        answer = await answered(self._index.BeginRevision(request, timeout=self._write_timeout_s), "retriever")
        lease_s = answer.lease.ToTimedelta().total_seconds() or self._lease_s
        return OpenRevision(profile.site, answer.revision, answer.published_revision, lease_s)

    async def renew(self, revision: OpenRevision) -> None:
        request = index_pb.RenewLeaseRequest(site=revision.site, revision=revision.number)
        await answered(self._index.RenewLease(request, timeout=self._timeout_s), "retriever")

    async def write(
        self, revision: OpenRevision, pages: Sequence[PageWrite], removed_uris: Sequence[str] = ()
    ) -> WriteCounts:
        # Made before the call: grpc turns a failure inside a request stream into a cancellation of the caller.
        requests = [request async for request in _write_requests(revision, pages, removed_uris)]
        chunks = sum(len(page.split.chunks) for page in pages)
        timeout_s = self._write_timeout_s * max(1.0, chunks / _CHUNKS_IN_TIME)  # one very long page may need more
        counts = await answered(self._index.WriteDocuments(iter(requests), timeout=timeout_s), "retriever")
        return WriteCounts(
            counts.documents_added,
            counts.documents_changed,
            counts.documents_unchanged,
            counts.documents_removed,
            counts.chunks_embedded,
            counts.chunks_reused,
        )

    async def publish(self, revision: OpenRevision) -> pb.Site:
        request = index_pb.PublishRevisionRequest(site=revision.site, revision=revision.number)
        answer = await answered(self._index.PublishRevision(request, timeout=self._write_timeout_s), "retriever")
        return answer.site

    async def abandon(self, revision: OpenRevision) -> None:
        request = index_pb.AbandonRevisionRequest(site=revision.site, revision=revision.number)
        await answered(self._index.AbandonRevision(request, timeout=self._timeout_s), "retriever")

    async def _published(self, site: str) -> pb.Site:
        request = retriever_pb.GetSiteRequest(site=site)
        return (await answered(self._retriever.GetSite(request, timeout=self._timeout_s), "retriever")).site

    async def _list(self, site: str) -> tuple[dict[str, KnownPage], int]:
        """Pages by uri, and their revision; -1 when it changed while they were listed."""
        pages: dict[str, KnownPage] = {}
        token, revisions = "", set()
        while True:
            request = retriever_pb.ListDocumentsRequest(site=site, page_size=_PAGE_SIZE, page_token=token)
            answer = await answered(self._retriever.ListDocuments(request, timeout=self._timeout_s), "retriever")
            pages |= {document.uri: _known_page(document) for document in answer.documents}
            revisions.add(answer.revision)
            token = answer.next_page_token
            if not token:
                return pages, revisions.pop() if len(revisions) == 1 else -1


def _known_page(document: pb.DocumentSummary) -> KnownPage:
    return KnownPage(
        document.uri,
        document.content_hash,
        document.source_hash,
        tuple(document.source_paths),
        document.chunk_count,
    )


async def _write_requests(
    revision: OpenRevision, pages: Sequence[PageWrite], removed_uris: Sequence[str]
) -> AsyncIterator[index_pb.WriteDocumentsRequest]:
    ref = index_pb.RevisionRef(site=revision.site, revision=revision.number)
    yield index_pb.WriteDocumentsRequest(revision=ref)
    for page in pages:
        chunks = [chunk_to_proto(chunk) for chunk in page.split.chunks]
        document = document_to_proto(page.split, page.source_hash)
        yield index_pb.WriteDocumentsRequest(document=index_pb.DocumentWrite(document=document, chunks=chunks))
        await asyncio.sleep(0)  # a large batch must not hold up the lease
    for uri in removed_uris:
        yield index_pb.WriteDocumentsRequest(removed_uri=uri)
