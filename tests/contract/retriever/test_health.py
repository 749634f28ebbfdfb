"""What callers see of a retriever whose index is not open yet, cannot be reached, or belongs to another model."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.retriever.embedding.local_embedder import LocalEmbedder
from services.retriever.server import make_server
from services.retriever.settings import RetrieverSettings
from services.retriever.sites.file_manifests import FileManifests
from services.retriever.sites.manifest import Manifest, Revision, SiteProfile
from services.retriever.sites.sites import Sites
from services.retriever.store.edge import EdgeEngine
from services.runtime.channels import ChannelSecurity, open_channel
from services.runtime.errors import (
    EmbeddingModelMismatch,
    IndexUnavailable,
    ServiceError,
    SiteNotFound,
    from_rpc_error,
)
from services.runtime.server import running

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


class DistantManifests(FileManifests):
    """Manifests that are read when the test says so, and cannot be reached at first if it says so."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.may_be_read = asyncio.Event()
        self.asked = asyncio.Event()
        self.failures = 0

    async def read_all(self) -> Mapping[str, Manifest]:
        self.asked.set()
        await self.may_be_read.wait()
        if self.failures:
            self.failures -= 1
            raise IndexUnavailable("the engine at qdrant.example does not answer")
        return await super().read_all()


@dataclass
class Starting:
    """A retriever that has begun to start."""

    manifests: DistantManifests
    retriever: Any
    health: Any
    opened: "asyncio.Event"
    again: "asyncio.Event"

    async def status(self) -> int:
        response = await self.health.Check(health_pb2.HealthCheckRequest())
        return int(response.status)

    async def search(self) -> pb.SearchPassagesResponse:
        request = pb.SearchPassagesRequest(site="garden", queries=[pb.Query(text="water")])
        return await self.retriever.SearchPassages(request, timeout=30)


@asynccontextmanager
async def starting(folder: Path, embedder: LocalEmbedder) -> AsyncIterator[Starting]:
    manifests = DistantManifests(folder)
    sites = Sites(EdgeEngine(folder), manifests, embedder)
    server = make_server(RetrieverSettings(_env_file=None, port=0, data_dir=folder), sites, embedder)
    opened, again, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def prepare() -> None:
        while True:
            try:
                return await sites.open_all()
            except IndexUnavailable:
                await again.wait()

    async def process() -> None:
        async with running(server, prepare):
            opened.set()
            await done.wait()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(process())
        await manifests.asked.wait()
        async with open_channel(f"127.0.0.1:{server.port}", ChannelSecurity()) as channel:
            yield Starting(
                manifests, rpc.RetrieverServiceStub(channel), health_pb2_grpc.HealthStub(channel), opened, again
            )
            again.set()
            done.set()
    await sites.close()


def site_of_model(model: str) -> Manifest:
    profile = SiteProfile("garden", "https://example.org/", "Garden", (), ("en",))
    published = Revision(1, 0.0, 0, 0, profile)
    return Manifest("garden", "", model, 110.0, highest_revision=1, published_revision=1, kept=(published,))


async def failure_of(call: Any) -> ServiceError:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    return from_rpc_error(raised.value, service="retriever")


async def test_while_the_index_opens_health_says_so_and_a_search_waits(tmp_path: Path, embedder: LocalEmbedder) -> None:
    async with starting(tmp_path, embedder) as retriever:
        assert await retriever.status() == NOT_SERVING
        search = asyncio.ensure_future(failure_of(retriever.search()))
        retriever.manifests.may_be_read.set()
        await retriever.opened.wait()
        assert await retriever.status() == SERVING
        assert isinstance(await search, SiteNotFound)


async def test_an_engine_that_cannot_be_reached_is_named_until_it_can(tmp_path: Path, embedder: LocalEmbedder) -> None:
    async with starting(tmp_path, embedder) as retriever:
        retriever.manifests.failures = 1
        retriever.manifests.may_be_read.set()
        failure = await failure_of(retriever.search())
        assert isinstance(failure, IndexUnavailable)
        assert "qdrant.example" in failure.message
        assert await retriever.status() == NOT_SERVING
        retriever.again.set()
        await retriever.opened.wait()
        assert await retriever.status() == SERVING
        assert isinstance(await failure_of(retriever.search()), SiteNotFound)


async def test_an_index_of_another_model_is_refused_with_the_way_out(tmp_path: Path, embedder: LocalEmbedder) -> None:
    async with starting(tmp_path, embedder) as retriever:
        manifest = replace(site_of_model("another-model"), engine=EdgeEngine(tmp_path).name)
        store = await EdgeEngine(tmp_path).open("garden", dimension=embedder.dimension, create=True)
        await store.close()
        await FileManifests(tmp_path).write(manifest)
        retriever.manifests.may_be_read.set()
        await retriever.opened.wait()
        failure = await failure_of(retriever.search())
        assert isinstance(failure, EmbeddingModelMismatch)
        assert "docs-chat delete-site garden" in failure.message
        assert await retriever.status() == SERVING
