"""Search beside what people use today, on the same pages with the same embedding model, in one run.

`python -m benchmarks.retrieval_quality [--held-out] [--site NAME …] [--no-peers]` after `python -m benchmarks.corpora`.
Asks the questions of `questions.jsonl` beside this file and of the folder DOCS_CHAT_EVAL, if set; with `--held-out`
those of `held_out.jsonl`, written before any ranking was looked at (docs/adr says which of them chose something).
Compared on our own chunks: BM25 over pages, BM25 over chunks, dense only, plain reciprocal rank fusion of the last two
(k = 60). On the pages: `benchmarks.quality_peers`.
"""

import argparse
import asyncio
import math
import os
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc

from benchmarks.corpora import SITES, open_source, serving
from benchmarks.markdown_places import MarkdownPage
from benchmarks.quality_peers import PEERS, PeerMissing, PeerSite, ask_peer
from cli.eval_metrics import Outcome, Question, compare, normal, summarize
from cli.eval_questions import read_questions
from cli.eval_search import ask_all
from services.retriever.documents import StoredChunk
from services.retriever.embedding.sparse import encoder_for
from services.retriever.payloads import PointKind, stored_chunk
from services.retriever.reading.scope import Scope, asked_rung
from services.retriever.sites.sites import PublishedSite, Sites
from services.retriever.store.port import DENSE, SPARSE, Hit, VectorSearch, Where

SHOWN = ("section recall@1", "section recall@5", "section recall@10", "section MRR", "page recall@1", "page recall@5")
HERE = Path(__file__).parent
_PAGE_ENCODER = encoder_for("en", 800.0)
Ranker = Callable[[PublishedSite, str], Awaitable[list[str]]]


class Peers:
    """The rankings that search has to beat; each gives places in order, at most one per section."""

    def __init__(self, sites: Sites) -> None:
        self._sites = sites
        self._chunks: dict[str, dict[str, StoredChunk]] = {}
        self._pages: dict[str, dict[str, dict[int, float]]] = {}

    async def dense(self, site: PublishedSite, text: str) -> list[str]:
        return await self._places(site, [hit.id for hit in await self._search(site, DENSE, text)])

    async def sections(self, site: PublishedSite, text: str) -> list[str]:
        return await self._places(site, [hit.id for hit in await self._search(site, SPARSE, text)])

    async def fused(self, site: PublishedSite, text: str) -> list[str]:
        scores: dict[str, float] = defaultdict(float)
        for space in (DENSE, SPARSE):
            for rank, hit in enumerate(await self._search(site, space, text)):
                scores[hit.id] += 1 / (60 + rank)
        return await self._places(site, sorted(scores, key=lambda point: -scores[point]))

    async def pages(self, site: PublishedSite, text: str) -> list[str]:
        """BM25 over whole pages."""
        weights = await self._page_weights(site)
        scores = dict.fromkeys(weights, 0.0)
        for term in _PAGE_ENCODER.query(text).indices:
            holders = [uri for uri, own in weights.items() if term in own]
            rarity = math.log((len(weights) - len(holders) + 0.5) / (len(holders) + 0.5) + 1)
            for uri in holders:
                scores[uri] += rarity * weights[uri][term]
        return [normal(uri) for uri in sorted(scores, key=lambda uri: -scores[uri])[:10]]

    async def _page_weights(self, site: PublishedSite) -> dict[str, dict[int, float]]:
        if site.name not in self._pages:
            whole: dict[str, list[str]] = defaultdict(list)
            for chunk in (await self._all(site)).values():
                if chunk.document.locale.startswith("en"):
                    whole[chunk.document.uri].append(f"{' '.join(chunk.chunk.heading_path)}\n{chunk.chunk.text}")
            vectors = {uri: _PAGE_ENCODER.document("\n".join(texts)) for uri, texts in whole.items()}
            self._pages[site.name] = {
                uri: dict(zip(vector.indices, vector.values, strict=True)) for uri, vector in vectors.items()
            }
        return self._pages[site.name]

    async def _search(self, site: PublishedSite, space: str, text: str) -> list[Hit]:
        where = site.visible & asked_rung(Scope(locale="en"), site.revision.profile).parts[0].where
        if space == DENSE:
            search = VectorSearch(space, await self._sites.embedder.embed_query(text), where, 50)
        else:
            search = VectorSearch(space, encoder_for("en", site.manifest.average_length).query(text), where, 50)
        return (await site.store.search([search]))[0]

    async def _places(self, site: PublishedSite, ids: Sequence[str]) -> list[str]:
        chunks = await self._all(site)
        addresses = (f"{chunks[id_].document.uri}#{chunks[id_].chunk.anchor}" for id_ in ids)
        return list(dict.fromkeys(normal(address) for address in addresses))[:10]

    async def _all(self, site: PublishedSite) -> dict[str, StoredChunk]:
        if site.name not in self._chunks:
            where = site.visible & Where(any_of={"point": (PointKind.CHUNK,)})
            records = await site.store.select(where)
            self._chunks[site.name] = {record.id: stored_chunk(record.payload) for record in records}
        return self._chunks[site.name]


async def _ask(sites: Sites, questions: Sequence[Question], ranker: Ranker) -> list[Outcome]:
    return [
        Outcome(question, tuple(await ranker(await sites.published(question.site), question.text)), "", 0.0)
        for question in questions
    ]


def questions(*, held_out: bool) -> list[Question]:
    """The questions to ask."""
    if held_out:
        return read_questions(HERE / "held_out.jsonl", "")
    asked = read_questions(HERE / "questions.jsonl", "")
    folder = os.environ.get("DOCS_CHAT_EVAL")
    return asked + (read_questions(Path(folder) / "questions.jsonl", "") if folder else [])


def peer_site(name: str) -> PeerSite:
    """The English pages of a site that can be found: as files, and as parsed."""
    source = open_source(name)
    folder = Path(os.environ["DOCS_CHAT_CORPORA"]) / SITES[name] if name in SITES else HERE.parent / "docs"
    documents = [source.read(page) for page in source.scan().pages if page.locale.startswith("en")]
    files = {(folder / document.page.source_path).resolve(): document for document in documents}
    pages = {file: MarkdownPage(file.read_text("utf-8"), document) for file, document in files.items()}
    return PeerSite(name, pages, documents)


def ask_peers(asked: Sequence[Question]) -> dict[str, list[Outcome]]:
    """What each installed peer finds."""
    sites = [peer_site(name) for name in dict.fromkeys(question.site for question in asked)]
    results = {}
    for name in PEERS:
        try:
            results[name] = ask_peer(name, sites, asked)
            _print(name, results[name])
        except PeerMissing as missing:
            print(f"{name}: left out, {missing}", flush=True)
    return results


def _print(name: str, outcomes: Sequence[Outcome]) -> None:
    metrics = summarize(outcomes)
    print(f"{name:<24}" + "".join(f"{metrics[metric].mean:>19.3f}" for metric in SHOWN), flush=True)


def _print_sites(results: dict[str, list[Outcome]]) -> None:
    """Section and page recall in five of each ranking, per site."""
    for name, outcomes in results.items():
        parts = []
        for site in dict.fromkeys(outcome.question.site for outcome in outcomes):
            own = summarize([outcome for outcome in outcomes if outcome.question.site == site])
            reached = (
                f"{own[name].mean:.3f}" if name in own else "—" for name in ("section recall@5", "page recall@5")
            )
            parts.append(f"{site} {' / '.join(reached)}")
        print(f"{name:<24}{'   '.join(parts)}")


async def _main(args: argparse.Namespace) -> None:
    async with serving() as (sites, channel):
        indexed = {manifest.site for manifest in await sites.all_published()}
        wanted = indexed & set(args.site) if args.site else indexed
        asked = [question for question in questions(held_out=args.held_out) if question.site in wanted]
        own = Peers(sites)
        rankers = {
            "BM25 over pages": own.pages,
            "BM25 over chunks": own.sections,
            "dense": own.dense,
            "plain RRF": own.fused,
        }
        print(f"{len(asked)} questions, sites {sorted({question.site for question in asked})}")
        print(" " * 24 + "".join(f"{metric:>19}" for metric in SHOWN), flush=True)
        results = {"docs-chat": await ask_all(rpc.RetrieverServiceStub(channel), asked, timeout_s=60)}
        _print("docs-chat", results["docs-chat"])
        for name, ranker in rankers.items():
            results[name] = await _ask(sites, asked, ranker)
            _print(name, results[name])
        results |= {} if args.no_peers else await asyncio.to_thread(ask_peers, asked)
    print("\nsection recall@5 / page recall@5 of each site")
    _print_sites(results)
    print()
    for name in [name for name in results if name != "docs-chat"]:
        change = compare(results[name], results["docs-chat"])["section recall@5"]
        print(f"section recall@5 over {name}: {change.mean:+.3f} [{change.low:+.3f}, {change.high:+.3f}]")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", action="append", help="only this site; may be repeated")
    parser.add_argument("--held-out", action="store_true", help="ask the questions of held_out.jsonl")
    parser.add_argument("--no-peers", action="store_true", help="leave out what has to be installed and embedded")
    asyncio.run(_main(parser.parse_args()))
