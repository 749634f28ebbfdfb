"""How long `SearchPassages` takes, beside its floor: the embedding and the engine's query alone, under the same load.

`python -m benchmarks.search_latency` after `python -m benchmarks.corpora`. Needs DOCS_CHAT_EVAL. Nothing is cached.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import cycle, islice
from pathlib import Path

from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc

from benchmarks.corpora import serving
from cli.eval import read_questions
from services.retriever.candidates import Query, gather_evidence
from services.retriever.scope import Scope, scope_where
from services.retriever.sites import PublishedSite, Sites

IN_FLIGHT = (1, 8, 32)
CALLS = 160
SITE = "redux"


async def timed(texts: Sequence[str], in_flight: int, call: Callable[[str], Awaitable[object]]) -> list[float]:
    """Seconds of each call, `in_flight` at a time."""
    queue = iter(list(islice(cycle(texts), CALLS)))
    seconds: list[float] = []

    async def worker() -> None:
        for text in queue:
            started = time.perf_counter()
            await call(text)
            seconds.append(time.perf_counter() - started)

    await asyncio.gather(*(worker() for _ in range(in_flight)))
    return seconds


async def floor(sites: Sites, published: PublishedSite, text: str) -> None:
    """What no search can do without."""
    vector = await sites.embedder.embed_query(text)
    where = published.visible & scope_where(Scope(), published.revision.profile)
    average = published.manifest.average_length
    await gather_evidence(published.store, [Query(text)], [vector], where, locale="en", average_length=average)


def _line(name: str, in_flight: int, seconds: Sequence[float]) -> str:
    cuts = statistics.quantiles(seconds, n=100)
    return f"{name:<16}{in_flight:>4} in flight   " + "   ".join(
        f"p{percent} {cuts[percent - 1] * 1000:6.1f} ms" for percent in (50, 95, 99)
    )


async def _main() -> None:
    questions = read_questions(Path(os.environ["DOCS_CHAT_EVAL"]) / "questions.jsonl", "")
    texts = [question.text for question in questions]
    async with serving() as (sites, channel):
        published, stub = await sites.published(SITE), rpc.RetrieverServiceStub(channel)
        print(f"{SITE}: {published.revision.chunk_count} chunks")

        async def search(text: str) -> object:
            return await stub.SearchPassages(pb.SearchPassagesRequest(site=SITE, queries=[pb.Query(text=text)]))

        await timed(texts[:8], 4, search)
        for in_flight in IN_FLIGHT:
            print(_line("floor", in_flight, await timed(texts, in_flight, lambda text: floor(sites, published, text))))
            print(_line("SearchPassages", in_flight, await timed(texts, in_flight, search)), flush=True)


if __name__ == "__main__":
    asyncio.run(_main())
