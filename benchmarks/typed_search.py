"""Search while typing: does the wanted section come soon, and how long does a keystroke take.

`python -m benchmarks.typed_search [--site NAME …] [--no-peers] [--no-latency] [--no-ranking]`. Needs DOCS_CHAT_CORPORA
and DOCS_CHAT_EVAL for the ranking, nothing for the latency; what is missing is left out and said.

Ranking: the mean reciprocal rank, within ten, of the wanted section after 4, 8, 16 typed characters and at the end, of
what `benchmarks.typed_queries` makes from questions and headings. Beside it `benchmarks.typed_peers`, and the local
search plugin with its own code (`benchmarks.quality_peers` says how to install it).

Latency: a made-up site of 20,000 chunks, asked over HTTP by a process of its own that types questions letter by letter,
eight boxes at a time; no answer comes from a cache. Beside it the memory that the words of the site take.
"""

import argparse
import asyncio
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc

from benchmarks.corpora import OWN_DOCS, SITES
from benchmarks.quality_peers import PeerMissing, PeerSite, site_search
from benchmarks.typed_latency import latency
from benchmarks.typed_peers import PrefixBm25
from benchmarks.typed_queries import LENGTHS, TypedQuery, queries
from benchmarks.typed_sites import SIX_SITES, open_source, questions, serving
from cli.eval_metrics import normal, page_of
from services.retriever.documents import StoredChunk
from services.retriever.payloads import PointKind, stored_chunk
from services.retriever.reading.scope import Scope, asked_rung
from services.retriever.sites.sites import Sites
from services.retriever.store.port import Where

COLUMNS = (*map(str, LENGTHS), "all")
_TIMEOUT_S = 120.0
"""The first search of a site waits until its words are gathered."""
Found = dict[str, list[str]]
"""For each text that was asked, the places found."""


def reciprocal_rank(query: TypedQuery, places: Sequence[str]) -> float:
    """1 for the first place, 1/2 for the second …; any wanted place counts, a whole page where no section is known."""
    gold = {normal(place) for place in query.gold}
    pages = {place for place in gold if "#" not in place}
    ranks = (rank for rank, place in enumerate(places, start=1) if place in gold or page_of(place) in pages)
    return next((1 / rank for rank in ranks if rank <= 10), 0.0)


async def ranking(names: Sequence[str], *, with_peers: bool) -> None:
    """The table of mean reciprocal ranks."""
    async with serving(names) as (sites, channel):
        chunks = {name: await _chunks(sites, name) for name in names}
        made = queries(questions(), chunks)
        stub: Any = rpc.RetrieverServiceStub(channel)

        async def ours(site: str, texts: Sequence[str]) -> Found:
            return {text: await _ask(stub, site, text) for text in texts}

        async def baseline(site: str, texts: Sequence[str]) -> Found:
            peer = PrefixBm25(chunks[site])
            return {text: peer.ask(text) for text in texts}

        async def plugin(site: str, texts: Sequence[str]) -> Found:
            addresses = {chunk.document.uri for chunk in chunks[site]}
            found = await asyncio.to_thread(site_search, _peer_site(site, addresses), texts)
            return {text: [places[0] for places in hits] for text, hits in zip(texts, found, strict=True)}

        engines = {"docs-chat": ours, "BM25 with a prefix": baseline, "local search plugin": plugin}
        print(f"{len(made)} texts, sites {', '.join(names)}")
        print(f"{'':<22}{'':<14}{'n':>5}" + "".join(f"{column:>8}" for column in COLUMNS), flush=True)
        for name, engine in engines.items() if with_peers else [("docs-chat", ours)]:
            try:
                _print(name, made, await _found(engine, made))
            except PeerMissing as missing:
                print(f"{name}: left out, {missing}", flush=True)


async def _found(
    engine: Callable[[str, Sequence[str]], Awaitable[Found]], made: Sequence[TypedQuery]
) -> dict[str, Found]:
    texts: dict[str, dict[str, None]] = defaultdict(dict)
    for query in made:
        texts[query.site] |= dict.fromkeys(query.prefixes().values())
    return {site: await engine(site, list(own)) for site, own in texts.items()}


def _print(name: str, made: Sequence[TypedQuery], found: dict[str, Found]) -> None:
    for kind in dict.fromkeys(query.kind for query in made):
        own = [query for query in made if query.kind == kind]
        means = []
        for column in COLUMNS:
            ranks = [reciprocal_rank(query, found[query.site][query.prefixes()[column]]) for query in own]
            means.append(statistics.fmean(ranks))
        print(f"{name:<22}{kind:<14}{len(own):>5}" + "".join(f"{mean:>8.3f}" for mean in means), flush=True)


async def _ask(stub: Any, site: str, text: str) -> list[str]:
    found = await stub.SearchSections(pb.SearchSectionsRequest(site=site, text=text), timeout=_TIMEOUT_S)
    return [normal(section.uri) for page in found.pages for section in page.sections]


async def _chunks(sites: Sites, name: str) -> list[StoredChunk]:
    """The chunks that a search without a version looks at."""
    published = await sites.published(name)
    (part,) = asked_rung(Scope(), published.revision.profile).parts
    where = published.visible & part.where
    records = await published.store.select(where & Where(any_of={"point": (PointKind.CHUNK,)}))
    chunks = [stored_chunk(record.payload) for record in records]
    return sorted(chunks, key=lambda chunk: (chunk.document.uri, chunk.chunk.ordinal))


def _peer_site(name: str, addresses: set[str]) -> PeerSite:
    """The pages that are searched."""
    source = open_source(name)
    return PeerSite(name, {}, [source.read(page) for page in source.scan().pages if page.uri in addresses])


async def _main(args: argparse.Namespace) -> None:
    missing = [name for name in ("DOCS_CHAT_CORPORA", "DOCS_CHAT_EVAL") if not os.environ.get(name)]
    if missing:
        print(f"the ranking is left out: set {' and '.join(missing)} (benchmarks/README.md)", flush=True)
    elif not args.no_ranking:
        started = time.perf_counter()
        await ranking(args.site or [*SIX_SITES, *SITES, OWN_DOCS], with_peers=not args.no_peers)
        print(f"ranking took {time.perf_counter() - started:.0f} s\n")
    if not args.no_latency:
        await latency()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", action="append", help="only this site; may be repeated")
    parser.add_argument("--no-peers", action="store_true", help="leave out the baseline and the local search plugin")
    parser.add_argument("--no-latency", action="store_true", help="measure the ranking alone")
    parser.add_argument("--no-ranking", action="store_true", help="measure the latency alone")
    asyncio.run(_main(parser.parse_args()))
