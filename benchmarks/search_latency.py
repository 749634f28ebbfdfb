"""How long `SearchPassages` takes, beside its floor: the embedding and the engine's query alone, under the same load.

`python -m benchmarks.search_latency [CHUNKS …]`, by default 2,000 and 20,000; 200,000 takes some minutes to write.
Made-up sites, kept in `benchmarks/results/latency`. No search is answered from a cache, no question comes twice. Lines:

- floor: embedding the question and the engine's three rankings, in the retriever's process, nothing else;
- search: all that happens in the process, up to the bytes of the response;
- SearchPassages: the same called by another process over gRPC. Its work runs on the same processors;
- GET /v1/search: through a gateway in a third process, without neighbours of a passage and with its terms marked.

Beside the latencies stands the processor time this process used for a call: unlike them it is hardly moved by what else
the machine does.
"""

import asyncio
import os
import resource
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.gateway_process import gateway_before
from benchmarks.large_site import NearbyEmbedder, fill, questions
from benchmarks.processes import resident_mb
from benchmarks.search_load import call_elsewhere, timed
from services.retriever.embedding.local_embedder import LocalEmbedder
from services.retriever.reading.candidates import Query, hybrid_search
from services.retriever.reading.request import SearchRequest
from services.retriever.reading.scope import Scope, asked_rung
from services.retriever.reading.search import Search
from services.retriever.server import make_server
from services.retriever.settings import RetrieverSettings
from services.retriever.sites.file_manifests import FileManifests
from services.retriever.sites.sites import PublishedSite, Sites
from services.retriever.store.edge import EdgeEngine
from services.retriever.store.port import Engine
from services.retriever.translate.passages import result_to_proto
from services.runtime.server import running

FOLDER = Path(__file__).parent / "results" / "latency"
IN_FLIGHT = (1, 8, 32, 100)
TYPING = 8
"""Calls in flight at which the gateway's search-as-you-type is measured too; bar: p95 60 ms at 20,000 chunks."""
CALLS = 200
CALLS_IN_MEMORY = 20
LARGEST_IN_MEMORY = 2_000
"""The client's own engine scores terms in Python, 27 µs a point: it stands for the adapter, not for a server."""


@asynccontextmanager
async def opened(folder: Path, engine: Engine) -> AsyncIterator[Sites]:
    """The made-up sites of one engine."""
    folder.mkdir(parents=True, exist_ok=True)
    embedder = LocalEmbedder(cached_queries=0)
    sites = Sites(engine, FileManifests(folder), NearbyEmbedder(embedder))
    await sites.open_all()
    try:
        yield sites
    finally:
        await sites.close()
        await embedder.close()


async def measure(sites: Sites, site: str, calls: int) -> None:
    """All lines of one site."""
    published, search = await sites.published(site), Search(sites, cached=0)

    async def floor(text: str) -> None:
        await _floor(sites, published, text)

    async def whole(text: str) -> None:
        result = await search.find(site, SearchRequest((Query(text),)))
        result_to_proto(result).SerializeToString()

    settings = RetrieverSettings(_env_file=None, port=0, cached_searches=0, max_concurrent_calls=1000)
    async with running(make_server(settings, sites, sites.embedder)) as server:
        await timed(questions(64)[32:], 4, whole)
        for in_flight in IN_FLIGHT:
            texts = questions(4 * calls)
            print(f"{in_flight} in flight, load {os.getloadavg()[0]:.1f}")
            target = f"127.0.0.1:{server.port}"
            lowest = await _line("floor", timed(texts[:calls], in_flight, floor))
            await _line("search", timed(texts[calls : 2 * calls], in_flight, whole), lowest)
            await _line("SearchPassages", call_elsewhere(target, site, in_flight, calls, 2 * calls), lowest)
            if in_flight == TYPING:
                async with gateway_before(server.port) as gateway:
                    before = gateway.cpu_s()
                    typed = call_elsewhere(gateway.address, site, in_flight, calls, 4 * calls)
                    await _line("GET /v1/search", typed, lowest)
                    print(f"    the gateway itself: processor {(gateway.cpu_s() - before) / calls * 1000:.1f} ms")
            await _line("floor again", timed(texts[3 * calls :], in_flight, floor), lowest)


async def _floor(sites: Sites, published: PublishedSite, text: str) -> None:
    vector = await sites.embedder.embed_query(text)
    where = published.visible & asked_rung(Scope(), published.revision.profile).parts[0].where
    average, model = published.manifest.average_length, published.manifest.embedding_model
    await hybrid_search(
        published.store, [Query(text)], [vector], where, locale="en", average_length=average, embedding_model=model
    )


@dataclass(frozen=True, slots=True)
class _Measured:
    p95_s: float
    cpu_s: float


async def _line(name: str, calls: Awaitable[list[float]], floor: _Measured | None = None) -> _Measured:
    """Make the calls and print what they took, as a multiple of the floor too."""
    before = time.process_time()
    seconds = await calls
    cuts = statistics.quantiles(seconds, n=100)
    measured = _Measured(cuts[94], (time.process_time() - before) / len(seconds))
    lowest = floor or measured
    percentiles = "   ".join(f"p{percent} {cuts[percent - 1] * 1000:7.1f} ms" for percent in (50, 95, 99))
    print(
        f"  {name:<16}{percentiles}   processor {measured.cpu_s * 1000:5.1f} ms   of the floor: "
        f"p95 {measured.p95_s / lowest.p95_s:.2f}, processor {measured.cpu_s / lowest.cpu_s:.2f}",
        flush=True,
    )
    return measured


async def _embedded(chunks: int) -> None:
    folder, site = FOLDER / "edge", f"made-up-{chunks}"
    started = time.perf_counter()
    async with opened(folder / site, EdgeEngine(folder / site)) as sites:
        ready = time.perf_counter() - started
        written = await fill(sites, site, chunks)
        print(f"embedded engine, {chunks} chunks: written in {written:.0f} s, model and index open in {ready:.2f} s")
        await measure(sites, site, CALLS)
        print(f"  memory {resident_mb(os.getpid()):.0f} MB, highest {_highest_mb():.0f} MB\n", flush=True)


async def _server_in_memory(chunks: int) -> None:
    from qdrant_client import AsyncQdrantClient  # noqa: PLC0415 - two seconds, only for this part

    from services.retriever.store.server import ServerEngine  # noqa: PLC0415

    engine = ServerEngine(AsyncQdrantClient(":memory:"), "benchmark")
    with TemporaryDirectory() as folder:
        async with opened(Path(folder), engine) as sites:
            await fill(sites, "made-up", chunks)
            print(f"server adapter over the client's in-memory mode, {chunks} chunks (stands for the adapter only)")
            await measure(sites, "made-up", CALLS_IN_MEMORY)


def _highest_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def _main(sizes: Sequence[int]) -> None:
    for chunks in sizes:
        await _embedded(chunks)
    if min(sizes) <= LARGEST_IN_MEMORY:
        await _server_in_memory(min(sizes))


if __name__ == "__main__":
    asyncio.run(_main([int(argument) for argument in sys.argv[1:]] or [2_000, 20_000]))
