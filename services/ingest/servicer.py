"""The ingestion contract: each call opens a site, has it read, and cleans up after itself."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

from docs_chat.ingest.v1 import ingest_service_pb2 as pb
from docs_chat.ingest.v1 import ingest_service_pb2_grpc as rpc

from services.ingest.run.events import IngestEvent
from services.ingest.run.inspection import inspect_site
from services.ingest.run.pipeline import IngestOptions, ingest_site
from services.ingest.run.site_index import SiteIndex
from services.ingest.sources.opening import OpenedSite, SiteToOpen
from services.ingest.translate import ingest_options, ingest_response, inspect_response, site_to_open

OpenSite = Callable[[SiteToOpen, contextlib.ExitStack, threading.Event], OpenedSite]

_EVENTS_AHEAD = 256


class IngestServicer(rpc.IngestServiceServicer):
    """Serves ingestions and inspections.

    Args:
        index: Where pages go.
        open_site: Opens what a caller named; runs in a thread until its event says that nobody waits any more.
    """

    def __init__(self, index: SiteIndex, open_site: OpenSite) -> None:
        self._index = index
        self._open_site = open_site

    async def IngestSite(self, request: pb.IngestSiteRequest, context: Any) -> AsyncIterator[pb.IngestSiteResponse]:
        with contextlib.ExitStack() as stack:
            opened = await self._open(request.source, stack)
            async with contextlib.aclosing(self._run(opened, ingest_options(request, opened))) as events:
                async for event in events:
                    yield ingest_response(event, opened)

    async def InspectSource(
        self, request: pb.InspectSourceRequest, context: Any
    ) -> AsyncIterator[pb.InspectSourceResponse]:
        with contextlib.ExitStack() as stack:
            opened = await self._open(request.source, stack)
            profile = await self._index.chunking_profile()
            options = IngestOptions(request.source.site, request.source.source_commit)
            async with contextlib.aclosing(inspect_site(opened.source, options, profile)) as events:
                async for event in events:
                    yield inspect_response(event, opened, with_text=request.include_chunks)

    async def _open(self, source: pb.SiteSource, stack: contextlib.ExitStack) -> OpenedSite:
        wanted = site_to_open(source)
        stop = threading.Event()
        opening = asyncio.ensure_future(asyncio.to_thread(self._open_site, wanted, stack, stop))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            stop.set()
            await asyncio.wait([opening])  # what it unpacked must be on the stack before the stack is unwound
            raise

    async def _run(self, opened: OpenedSite, options: IngestOptions) -> AsyncGenerator[IngestEvent, None]:
        """Events of an ingestion that runs as a task; leaving early cancels it and waits until it has cleaned up."""
        events: asyncio.Queue[IngestEvent] = asyncio.Queue(_EVENTS_AHEAD)
        task = asyncio.create_task(ingest_site(opened.source, options, self._index, events.put))
        try:
            async with contextlib.aclosing(_until_done(events, task)) as drained:
                async for event in drained:
                    yield event
            await task
        finally:
            task.cancel()
            await asyncio.wait([task])


async def _until_done(
    events: asyncio.Queue[IngestEvent], task: asyncio.Task[None]
) -> AsyncGenerator[IngestEvent, None]:
    """Events as they come, until the task is done and the last one is out."""
    getting = asyncio.create_task(events.get())
    try:
        while not (task.done() and events.empty() and not getting.done()):
            await asyncio.wait([getting, task], return_when=asyncio.FIRST_COMPLETED)
            if getting.done():
                yield getting.result()
                getting = asyncio.create_task(events.get())
            await asyncio.sleep(0)  # lets `getting` take what is already there
    finally:
        getting.cancel()
