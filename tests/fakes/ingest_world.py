"""The ingestion service on a real port, before a retriever that keeps its index in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
from docs_chat.ingest.v1 import ingest_service_pb2 as pb
from docs_chat.ingest.v1 import ingest_service_pb2_grpc as rpc
from docs_chat.retriever.v1 import documents_pb2 as documents
from docs_chat.retriever.v1 import index_service_pb2 as index
from docs_chat.retriever.v1 import index_service_pb2_grpc as index_rpc
from docs_chat.retriever.v1 import retriever_service_pb2 as retriever
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as retriever_rpc

from services.ingest.server import build_server
from services.ingest.settings import IngestSettings
from services.runtime.channels import ChannelSecurity, open_channel
from services.runtime.errors import DocumentNotFound, RevisionConflict, SiteNotFound, from_rpc_error
from services.runtime.server import GrpcServer, running
from services.runtime.settings import ServiceSettings

ROOT = "https://docs.example.org/"


class RetrieverInMemory(index_rpc.IndexServiceServicer, retriever_rpc.RetrieverServiceServicer):
    """One site, in memory; what is written is seen once it is published."""

    def __init__(self) -> None:
        self.published: dict[str, index.DocumentWrite] = {}
        self.draft: dict[str, index.DocumentWrite] = {}
        self.site = documents.Site()
        self.number = 0
        self.abandoned = asyncio.Event()
        self.hold_writes = False
        self.writing = asyncio.Event()
        self.is_busy = False
        self.input_format = ""

    async def GetChunkingProfile(self, request: Any, context: Any) -> Any:
        return index.GetChunkingProfileResponse(embedding_model="fake", max_tokens=64, input_format=self.input_format)

    async def GetSite(self, request: Any, context: Any) -> Any:
        if not self.site.revision:
            raise SiteNotFound("ingest first", site=request.site)
        return retriever.GetSiteResponse(site=self.site)

    async def ListDocuments(self, request: Any, context: Any) -> Any:
        start = int(request.page_token or 0)
        writes = [self.published[uri] for uri in sorted(self.published)]
        summaries = [
            documents.DocumentSummary(
                uri=write.document.uri,
                content_hash=write.document.content_hash,
                source_hash=write.document.source_hash,
                source_paths=write.document.source_paths,
                chunk_count=len(write.chunks),
            )
            for write in writes[start : start + 2]
        ]
        token = str(start + 2) if start + 2 < len(writes) else ""
        return retriever.ListDocumentsResponse(documents=summaries, next_page_token=token, revision=self.site.revision)

    async def GetDocument(self, request: Any, context: Any) -> Any:
        if request.uri not in self.published:
            raise DocumentNotFound("no such page")
        page = self.published[request.uri]
        return retriever.GetDocumentResponse(document=page.document, chunks=page.chunks, revision=self.site.revision)

    async def BeginRevision(self, request: Any, context: Any) -> Any:
        if self.is_busy:
            raise RevisionConflict("another run is writing", owner="elsewhere")
        self.number += 1
        self.draft, self.profile = dict(self.published), request.profile
        return index.BeginRevisionResponse(revision=self.number, published_revision=self.site.revision)

    async def WriteDocuments(self, request_iterator: Any, context: Any) -> Any:
        counts = index.WriteDocumentsResponse()
        async for message in request_iterator:
            self.writing.set()
            if self.hold_writes:
                await asyncio.Event().wait()
            if message.HasField("document"):
                self.draft[message.document.document.uri] = message.document
                counts.chunks_embedded += len(message.document.chunks)
            elif message.removed_uri:
                del self.draft[message.removed_uri]
        return counts

    async def PublishRevision(self, request: Any, context: Any) -> Any:
        self.published = self.draft
        self.site = documents.Site(profile=self.profile, revision=request.revision, document_count=len(self.published))
        return index.PublishRevisionResponse(site=self.site)

    async def AbandonRevision(self, request: Any, context: Any) -> Any:
        self.abandoned.set()
        return index.AbandonRevisionResponse()


class Service:
    """The ingestion service as a caller sees it."""

    def __init__(self, stub: Any, fake: RetrieverInMemory, address: str = "", retriever_address: str = "") -> None:
        self.stub = stub
        self.retriever = fake
        self.address = address
        self.retriever_address = retriever_address

    async def ingest(self, path: Path, **request: Any) -> list[pb.IngestSiteResponse]:
        source = pb.SiteSource(path=str(path), **request.pop("source", {}))
        try:
            return [event async for event in self.stub.IngestSite(pb.IngestSiteRequest(source=source, **request))]
        except grpc.aio.AioRpcError as error:
            raise from_rpc_error(error, service="ingest") from error


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[Service]:
    fake = RetrieverInMemory()

    def register(server: grpc.aio.Server) -> None:
        index_rpc.add_IndexServiceServicer_to_server(fake, server)
        retriever_rpc.add_RetrieverServiceServicer_to_server(fake, server)

    async with AsyncExitStack() as stack:
        behind = GrpcServer("retriever", ServiceSettings(_env_file=None, port=0), [], register)
        await stack.enter_async_context(running(behind))
        target = f"127.0.0.1:{behind.port}"
        told = IngestSettings(_env_file=None, port=0, retriever_target=target, **settings)
        server = await stack.enter_async_context(running(build_server(told, stack)))
        address = f"127.0.0.1:{server.port}"
        channel = await stack.enter_async_context(open_channel(address, ChannelSecurity()))
        yield Service(rpc.IngestServiceStub(channel), fake, address, target)


def build(folder: Path, *names: str, text: str = "Some text.") -> Path:
    """A build folder of doc pages."""
    for name in names:
        page = folder / name / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(
            f'<html class="plugin-docs plugin-id-default docs-doc-page docs-doc-id-{name}"><head>'
            '<meta name="generator" content="Docusaurus v3.10.2"><meta name="docusaurus_locale" content="en">'
            f'<meta name="docusaurus_version" content="current"><title>{name.title()} | Docs</title>'
            f'<link rel="canonical" href="{ROOT}{name}"></head><body><article><div class="theme-doc-markdown">'
            f'<h1>{name.title()}</h1><p>{text}</p><h2 id="more">More</h2>'
            f"<p>Text of {name}.</p></div></article></body></html>"
        )
    return folder
