"""kill −9 in the middle of a run: readers see the old revision or the new one, whole, and the next run heals."""

import asyncio
import contextlib
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from docs_chat.ingest.v1 import ingest_service_pb2 as ingest
from docs_chat.ingest.v1 import ingest_service_pb2_grpc as ingest_rpc
from docs_chat.retriever.v1 import retriever_service_pb2 as retriever
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as retriever_rpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.fakes.ports import free_port

PAGES = 12
ROUNDS = 4
SITE = "docs-example-org"


def connect(port: int) -> grpc.aio.Channel:
    """A connection of its own: a shared one may still lead to a process that has just been killed."""
    return grpc.aio.insecure_channel(f"127.0.0.1:{port}", [("grpc.use_local_subchannel_pool", 1)])


class Process:
    """One of our services as a process of its own."""

    def __init__(self, name: str, folder: Path, **settings: str) -> None:
        self._name = name
        self._folder = folder
        self.port = free_port()
        self._environment = os.environ | settings | {f"{name.upper()}_PORT": str(self.port), "LOG_LEVEL": "ERROR"}
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        command = (sys.executable, "-m", f"services.{self._name}")
        self._process = await asyncio.create_subprocess_exec(*command, cwd=self._folder, env=self._environment)
        async with connect(self.port) as channel:
            stub: Any = health_pb2_grpc.HealthStub(channel)  # its stubs name no methods
            await stub.Check(health_pb2.HealthCheckRequest(), wait_for_ready=True, timeout=60)

    async def kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()


def write_site(folder: Path, generation: int) -> Path:
    """A build in which every page names its generation."""
    for number in range(PAGES):
        page = folder / f"page-{number}" / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(
            f'<html class="plugin-docs plugin-id-default docs-doc-page docs-doc-id-page-{number}"><head>'
            '<meta name="generator" content="Docusaurus v3.10.2"><meta name="docusaurus_locale" content="en">'
            f'<meta name="docusaurus_version" content="current"><title>Page {number} | Docs</title>'
            f'<link rel="canonical" href="https://docs.example.org/page-{number}"></head><body><article>'
            f'<div class="theme-doc-markdown"><h1>Page {number}</h1><p>Generation {generation} of {number}.</p>'
            "</div></article></body></html>"
        )
    return folder


async def run(port: int, folder: Path) -> str:
    """How an ingestion came to its end: "done", or why not."""
    async with connect(port) as channel:
        # A dead run's lease still holds: whoever healed it knows that the process is gone.
        request = ingest.IngestSiteRequest(source=ingest.SiteSource(path=str(folder)), take_over=True)
        try:
            async for event in ingest_rpc.IngestServiceStub(channel).IngestSite(request, timeout=60):
                if event.HasField("summary"):
                    return "done"
        except grpc.aio.AioRpcError as error:
            return str(error)
    return "ended without a summary"


async def generations_seen(port: int) -> set[str]:
    """Generations of all pages a reader can see."""
    async with connect(port) as channel:
        stub = retriever_rpc.RetrieverServiceStub(channel)
        listing = await stub.ListDocuments(retriever.ListDocumentsRequest(site=SITE), wait_for_ready=True, timeout=60)
        assert len(listing.documents) == PAGES
        seen = set()
        for summary in listing.documents:
            page = await stub.GetDocument(retriever.GetDocumentRequest(site=SITE, uri=summary.uri), timeout=60)
            seen |= {chunk.text.split()[1] for chunk in page.chunks}
        return seen


@contextlib.asynccontextmanager
async def services(folder: Path) -> AsyncIterator[tuple[Process, Process]]:
    behind = Process("retriever", folder, RETRIEVER_DATA_DIR=str(folder / "data"))
    front = Process("ingest", folder, INGEST_RETRIEVER_TARGET=f"127.0.0.1:{behind.port}")
    try:
        await asyncio.gather(behind.start(), front.start())
        yield behind, front
    finally:
        await asyncio.gather(behind.kill(), front.kill())


@pytest.mark.timeout(240)
async def test_readers_see_one_whole_revision_whatever_is_killed_and_the_next_run_heals(tmp_path: Path) -> None:
    """Takes some 20 s: two services start again in each round, as real processes."""
    chance = random.Random(7)
    async with services(tmp_path) as (behind, front):
        assert await run(front.port, write_site(tmp_path / "build", 0)) == "done"
        published = 0
        for generation in range(1, ROUNDS + 1):
            victim = chance.choice([behind, front])
            running = asyncio.create_task(run(front.port, write_site(tmp_path / "build", generation)))
            await asyncio.wait([running], timeout=chance.uniform(0.0, 0.8))
            await victim.kill()
            await running
            await victim.start()
            seen = await generations_seen(behind.port)
            assert seen in ({str(published)}, {str(generation)})
            assert await run(front.port, tmp_path / "build") == "done"
            assert await generations_seen(behind.port) == {str(generation)}
            published = generation
