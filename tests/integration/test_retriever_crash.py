"""The real process, killed while a site is written: readers see one revision whole, and the next run heals."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from docs_chat.retriever.v1 import documents_pb2 as docs
from docs_chat.retriever.v1 import index_service_pb2 as index_pb
from docs_chat.retriever.v1 import index_service_pb2_grpc as index_rpc
from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc

from tests.fakes.ports import free_port

PAGES = 12
ROUNDS = 3


def page(number: int, text: str) -> index_pb.WriteDocumentsRequest:
    document = docs.Document(
        uri=f"https://example.org/p{number}", title=f"Page {number}", locale="en", content_hash=text, source_hash=text
    )
    chunks = [docs.Chunk(ordinal=0, text=f"{text} {number}", content_hash=text)]
    return index_pb.WriteDocumentsRequest(document=index_pb.DocumentWrite(document=document, chunks=chunks))


async def start(folder: Path, port: int) -> asyncio.subprocess.Process:
    environment = {**os.environ, "RETRIEVER_DATA_DIR": str(folder), "RETRIEVER_PORT": str(port)}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.retriever", env=environment, stderr=asyncio.subprocess.DEVNULL
    )


async def write_revision(channel: grpc.aio.Channel, text: str) -> None:
    index = index_rpc.IndexServiceStub(channel)
    profile = docs.SiteProfile(site="s", base_url="https://example.org/", title="S", locales=["en"])
    begin = index_pb.BeginRevisionRequest(profile=profile, owner="test", take_over=True)
    revision = (await index.BeginRevision(begin, wait_for_ready=True, timeout=60)).revision

    async def writes() -> AsyncIterator[index_pb.WriteDocumentsRequest]:
        yield index_pb.WriteDocumentsRequest(revision=index_pb.RevisionRef(site="s", revision=revision))
        for number in range(PAGES):
            yield page(number, text)

    await index.WriteDocuments(writes(), timeout=60)
    await index.PublishRevision(index_pb.PublishRevisionRequest(site="s", revision=revision), timeout=60)


async def seen(channel: grpc.aio.Channel) -> set[str]:
    request = pb.ListDocumentsRequest(site="s")
    response = await rpc.RetrieverServiceStub(channel).ListDocuments(request, wait_for_ready=True, timeout=60)
    assert len(response.documents) == PAGES
    return {document.content_hash for document in response.documents}


@pytest.mark.timeout(180)
async def test_a_killed_retriever_comes_back_whole(tmp_path: Path) -> None:
    """Takes some 15 s: the retriever starts again after each kill, as a real process."""
    drawn = random.Random(11)
    port = free_port()
    process = await start(tmp_path, port)
    published = "text-0"
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            await write_revision(channel, published)
        for number in range(1, ROUNDS + 1):
            async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
                writing = asyncio.create_task(write_revision(channel, f"text-{number}"))
                await asyncio.wait([writing], timeout=drawn.uniform(0.0, 0.6))
                process.send_signal(signal.SIGKILL)
                await process.wait()
                await asyncio.gather(writing, return_exceptions=True)
            process = await start(tmp_path, port)
            async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
                now = await seen(channel)
                assert now in ({published}, {f"text-{number}"})
                published = f"healed-{number}"
                await write_revision(channel, published)
                assert await seen(channel) == {published}
    finally:
        process.kill()
        await process.wait()
