"""Builds the retriever from its settings and serves it."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc
from docs_chat.retriever.v1 import index_service_pb2_grpc, retriever_service_pb2_grpc

from services.retriever.embedding.embedder import Embedder
from services.retriever.embedding.local_embedder import LocalEmbedder
from services.retriever.embedding.sparse import AVERAGE_LENGTH, encoder_for
from services.retriever.index_servicer import IndexServicer
from services.retriever.reading.page_reader import PageReader
from services.retriever.reading.reranker import Reranker
from services.retriever.reading.search import Search
from services.retriever.reading.typed.section_search import SectionSearch
from services.retriever.retriever_servicer import RetrieverServicer
from services.retriever.settings import RetrieverSettings
from services.retriever.sites.sites import Sites
from services.retriever.writing.indexing import Indexing
from services.retriever.writing.revisions import Revisions
from services.runtime.errors import IndexUnavailable
from services.runtime.memory import keep_started_objects
from services.runtime.server import GrpcServer, prepare_process, running, stop_signal

if TYPE_CHECKING:
    import httpx2

logger = logging.getLogger(__name__)

SERVICE_NAMES = ("docs_chat.retriever.v1.RetrieverService", "docs_chat.retriever.v1.IndexService")

_RETRY_S = 2.0
"""Wait before a Qdrant server that cannot be reached is tried again, at the start."""
_OTHERS_CHANGE_NOTICED_S = 1.0
"""Other retrievers may publish on the same server; their changes are noticed within this time."""


@dataclass(frozen=True, slots=True)
class RunningRetriever:
    """A retriever that serves."""

    sites: Sites
    port: int
    """Where it listens."""


async def serve(settings: RetrieverSettings) -> None:
    """Serve until asked to stop."""
    secrets = (settings.qdrant_api_key.get_secret_value(), settings.openrouter_api_key.get_secret_value())
    prepare_process("retriever", settings, secrets=secrets)
    embedder = await asyncio.to_thread(make_embedder, settings)
    try:
        async with serving(settings, embedder, opened=keep_started_objects):
            await stop_signal()
    finally:
        await embedder.close()


@contextlib.asynccontextmanager
async def serving(
    settings: RetrieverSettings, embedder: Embedder, *, opened: Callable[[], None] | None = None
) -> AsyncIterator[RunningRetriever]:
    """A retriever over the index as configured, while it serves. It listens before the index is open.

    Args:
        settings: The settings.
        embedder: The embedding model; it is left open.
        opened: Called once the index is open, before the first call is answered.
    """
    sites, reranker = make_sites(settings, embedder), make_reranker(settings)
    typed = make_typed_search(settings, sites)

    async def prepare() -> None:
        await open_index(sites, settings)
        await typed.prepare_all()
        if opened:
            opened()

    try:
        async with running(make_server(settings, sites, embedder, reranker, typed), prepare) as server:
            yield RunningRetriever(sites, server.port)
    finally:
        await typed.close()
        await sites.close()
        if reranker:
            await reranker.close()


async def open_index(sites: Sites, settings: RetrieverSettings) -> None:
    """Open every site. A Qdrant server may come up after the retriever, so it is waited for.

    Raises:
        IndexUnavailable: If the embedded index is in use by another process.
    """
    while True:
        try:
            return await sites.open_all()
        except IndexUnavailable as error:
            if not settings.qdrant_url:
                raise
            logger.error("the index cannot be reached; trying again", extra={"reason": error.message})
            await asyncio.sleep(_RETRY_S)


def make_embedder(settings: RetrieverSettings) -> Embedder:
    """The embedding model as configured."""
    if settings.embedding == "local":
        return LocalEmbedder(threads=settings.embedding_threads)
    # Imported here because only this choice needs an HTTP client.
    from services.retriever.embedding.openrouter_embedder import OpenRouterEmbedder  # noqa: PLC0415

    return OpenRouterEmbedder(
        _openrouter(settings, settings.embedding_timeout_s),
        settings.embedding.removeprefix("openrouter:"),
        dimension=settings.embedding_dimension,
        max_tokens=settings.embedding_max_tokens,
    )


def make_reranker(settings: RetrieverSettings) -> Reranker | None:
    """The second model as configured."""
    if not settings.rerank:
        return None
    from services.retriever.reading.openrouter_reranker import OpenRouterReranker  # noqa: PLC0415  # as above

    return OpenRouterReranker(
        _openrouter(settings, settings.rerank_timeout_s), settings.rerank.removeprefix("openrouter:")
    )


def _openrouter(settings: RetrieverSettings, timeout_s: float) -> "httpx2.AsyncClient":
    import httpx2  # noqa: PLC0415  # as above

    key = settings.openrouter_api_key.get_secret_value()
    return httpx2.AsyncClient(
        base_url=settings.openrouter_base_url, headers={"Authorization": f"Bearer {key}"}, timeout=timeout_s
    )


def make_sites(settings: RetrieverSettings, embedder: Embedder) -> Sites:
    """The index as configured: a server's when its address is set, else the embedded engine's.

    Raises:
        CannotStart: If a package is missing that makes or stores vectors.
    """
    encoder_for("en", AVERAGE_LENGTH)  # what is missing is said here, not at the first question
    return _sites_on_server(settings, embedder) if settings.qdrant_url else _embedded_sites(settings, embedder)


def _embedded_sites(settings: RetrieverSettings, embedder: Embedder) -> Sites:
    # Imported here because a retriever on a server does without.
    from services.retriever.sites.file_manifests import FileManifests  # noqa: PLC0415
    from services.retriever.store.edge import EdgeEngine  # noqa: PLC0415

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return Sites(EdgeEngine(settings.data_dir), FileManifests(settings.data_dir), embedder)


def _sites_on_server(settings: RetrieverSettings, embedder: Embedder) -> Sites:
    # Imported here because the client takes two seconds and 130 MB, for nothing when the engine is embedded.
    from services.retriever.sites.server_manifests import ServerManifests  # noqa: PLC0415
    from services.retriever.store.server import ServerEngine, connect  # noqa: PLC0415

    client = connect(settings.qdrant_url, settings.qdrant_api_key.get_secret_value(), settings.qdrant_timeout_s)
    prefix = settings.qdrant_prefix
    return Sites(
        ServerEngine(client, prefix), ServerManifests(client, prefix), embedder, fresh_for_s=_OTHERS_CHANGE_NOTICED_S
    )


def make_typed_search(settings: RetrieverSettings, sites: Sites) -> SectionSearch:
    """The search of what is being typed, as configured."""
    return SectionSearch(sites, chunks=settings.typed_search_chunks, cached=settings.cached_searches // 4)


def make_server(
    settings: RetrieverSettings,
    sites: Sites,
    embedder: Embedder,
    reranker: Reranker | None = None,
    typed: SectionSearch | None = None,
) -> GrpcServer:
    """The server over an open index."""
    typed = typed or make_typed_search(settings, sites)
    revisions = Revisions(sites, kept_for_roll_back=settings.kept_revisions)
    search = Search(sites, cached=settings.cached_searches, reranker=reranker)
    retriever = RetrieverServicer(sites, search, typed, PageReader(sites))
    index = IndexServicer(revisions, Indexing(sites, revisions), embedder, published=typed.prepare)

    def register(server: grpc.aio.Server) -> None:
        retriever_service_pb2_grpc.add_RetrieverServiceServicer_to_server(retriever, server)
        index_service_pb2_grpc.add_IndexServiceServicer_to_server(index, server)

    return GrpcServer("retriever", settings, SERVICE_NAMES, register)
