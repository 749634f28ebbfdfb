"""A small site written by hand into a retriever over a real port, and how to ask it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from docs_chat.retriever.v1 import documents_pb2 as docs
from docs_chat.retriever.v1 import index_service_pb2 as index_pb
from docs_chat.retriever.v1 import index_service_pb2_grpc as index_rpc
from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc

from services.retriever import server
from services.retriever.embedding.local_embedder import LocalEmbedder
from services.retriever.settings import RetrieverSettings
from services.runtime.channels import ChannelSecurity, open_channel
from services.runtime.errors import (
    ServiceError,
    from_rpc_error,
)

BASE = "https://example.org/"


@dataclass
class Callers:
    retriever: "rpc.RetrieverServiceAsyncStub"
    index: "index_rpc.IndexServiceAsyncStub"


@asynccontextmanager
async def serving(folder: Path, embedder: LocalEmbedder, **options: Any) -> AsyncIterator[Callers]:
    settings = RetrieverSettings(_env_file=None, port=0, data_dir=folder, **options)
    async with (
        server.serving(settings, embedder) as retriever,
        open_channel(f"127.0.0.1:{retriever.port}", ChannelSecurity()) as channel,
    ):
        yield Callers(rpc.RetrieverServiceStub(channel), index_rpc.IndexServiceStub(channel))


def profile(site: str = "garden") -> docs.SiteProfile:
    return docs.SiteProfile(site=site, base_url=BASE, title="Garden", locales=["en"])


def page(slug: str, title: str, *sections: tuple[str, str]) -> index_pb.DocumentWrite:
    chunks = [
        docs.Chunk(
            ordinal=ordinal,
            anchor=heading.lower().replace(" ", "-"),
            heading_path=[heading],
            text=text,
            content_hash=f"{heading}{text}",
        )
        for ordinal, (heading, text) in enumerate(sections)
    ]
    document = docs.Document(
        uri=BASE + slug,
        title=title,
        kind=docs.DOCUMENT_KIND_DOC,
        locale="en",
        content_hash=str(sections),
        source_hash=str(sections),
        source_paths=[f"docs/{slug}.md"],
    )
    return index_pb.DocumentWrite(document=document, chunks=chunks)


WATER = page(
    "water",
    "Watering",
    ("When to water", "Water the tomatoes early in the morning, before the sun is high."),
    ("Drip hoses", "Run `drip-hose --no-timer` to let water through the drip hoses until you stop it."),
)
SOIL = page("soil", "Soil", ("Compost", "Compost needs air: turn the heap every second week with a fork."))


async def write(
    callers: Callers, revision: int, *writes: index_pb.DocumentWrite | str, site: str = "garden"
) -> index_pb.WriteDocumentsResponse:
    async def messages() -> AsyncIterator[index_pb.WriteDocumentsRequest]:
        yield index_pb.WriteDocumentsRequest(revision=index_pb.RevisionRef(site=site, revision=revision))
        for item in writes:
            if isinstance(item, str):
                yield index_pb.WriteDocumentsRequest(removed_uri=item)
            else:
                yield index_pb.WriteDocumentsRequest(document=item)

    return await callers.index.WriteDocuments(messages())


async def begin(callers: Callers, site: str = "garden", **options: Any) -> int:
    request = index_pb.BeginRevisionRequest(profile=profile(site), owner="test", **options)
    return (await callers.index.BeginRevision(request)).revision


async def publish(callers: Callers, *writes: index_pb.DocumentWrite | str, site: str = "garden") -> docs.Site:
    revision = await begin(callers, site)
    await write(callers, revision, *writes, site=site)
    request = index_pb.PublishRevisionRequest(site=site, revision=revision)
    return (await callers.index.PublishRevision(request)).site


async def ask(callers: Callers, text: str, site: str = "garden", **options: Any) -> pb.SearchPassagesResponse:
    request = pb.SearchPassagesRequest(site=site, queries=[pb.Query(text=text)], **options)
    return await callers.retriever.SearchPassages(request)


@asynccontextmanager
async def failing_with(kind: type[ServiceError], match: str = "") -> AsyncIterator[list[ServiceError]]:
    caught: list[ServiceError] = []
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        yield caught
    error = from_rpc_error(raised.value, service="retriever")
    assert isinstance(error, kind), error
    assert match in error.message
    caught.append(error)
