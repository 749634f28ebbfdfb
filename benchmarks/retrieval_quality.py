"""Search beside what people use today, on the same chunks with the same embedding model, in one run.

`python -m benchmarks.retrieval_quality` after `python -m benchmarks.corpora`. Needs DOCS_CHAT_EVAL. Peers: BM25 over
pages, BM25 over chunks, dense only, and plain reciprocal rank fusion of the last two (k = 60).
"""

import asyncio
import math
import os
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc

from benchmarks.corpora import serving
from cli.eval import ask_all, read_questions
from cli.eval_metrics import Outcome, Question, compare, normal, summarize
from services.retriever.documents import PointKind, StoredChunk, stored_chunk
from services.retriever.scope import Scope, scope_where
from services.retriever.sites import PublishedSite, Sites
from services.retriever.sparse import encoder_for
from services.retriever.store import DENSE, SPARSE, Hit, Probe, Where

SHOWN = ("section recall@1", "section recall@5", "section recall@10", "section MRR", "page recall@5")
Ranker = Callable[[PublishedSite, str], Awaitable[list[str]]]


class Peers:
    """The rankings that search has to beat; each gives places in order, at most one per section."""

    def __init__(self, sites: Sites) -> None:
        self._sites = sites
        self._chunks: dict[str, dict[str, StoredChunk]] = {}

    async def dense(self, site: PublishedSite, text: str) -> list[str]:
        return await self._places(site, [hit.id for hit in await self._probe(site, DENSE, text)])

    async def sections(self, site: PublishedSite, text: str) -> list[str]:
        return await self._places(site, [hit.id for hit in await self._probe(site, SPARSE, text)])

    async def fused(self, site: PublishedSite, text: str) -> list[str]:
        scores: dict[str, float] = defaultdict(float)
        for space in (DENSE, SPARSE):
            for rank, hit in enumerate(await self._probe(site, space, text)):
                scores[hit.id] += 1 / (60 + rank)
        return await self._places(site, sorted(scores, key=lambda point: -scores[point]))

    async def pages(self, site: PublishedSite, text: str) -> list[str]:
        """BM25 over whole pages."""
        whole: dict[str, list[str]] = defaultdict(list)
        for chunk in (await self._all(site)).values():
            whole[chunk.document.uri].append(f"{' '.join(chunk.chunk.heading_path)}\n{chunk.chunk.text}")
        encoder = encoder_for("en", 800.0)
        vectors = {uri: encoder.document("\n".join(texts)) for uri, texts in whole.items()}
        weights = {uri: dict(zip(vector.indices, vector.values, strict=True)) for uri, vector in vectors.items()}
        scores = dict.fromkeys(weights, 0.0)
        for term in encoder.query(text).indices:
            holders = [uri for uri, own in weights.items() if term in own]
            rarity = math.log((len(weights) - len(holders) + 0.5) / (len(holders) + 0.5) + 1)
            for uri in holders:
                scores[uri] += rarity * weights[uri][term]
        return [normal(uri) for uri in sorted(scores, key=lambda uri: -scores[uri])[:10]]

    async def _probe(self, site: PublishedSite, space: str, text: str) -> list[Hit]:
        where = site.visible & scope_where(Scope(locale="en"), site.revision.profile)
        if space == DENSE:
            probe = Probe(space, await self._sites.embedder.embed_query(text), where, 50)
        else:
            probe = Probe(space, encoder_for("en", site.manifest.average_length).query(text), where, 50)
        return (await site.store.probe([probe]))[0]

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


def _print(name: str, outcomes: Sequence[Outcome]) -> None:
    metrics = summarize(outcomes)
    print(f"{name:<24}" + "".join(f"{metrics[metric].mean:>19.3f}" for metric in SHOWN), flush=True)


async def _main() -> None:
    folder = Path(os.environ["DOCS_CHAT_EVAL"])
    async with serving() as (sites, channel):
        indexed = {manifest.site for manifest in await sites.all_published()}
        asked = read_questions(folder / "questions.jsonl", "") + read_questions(
            Path(__file__).parent / "questions.jsonl", ""
        )
        english = [question for question in asked if question.site in indexed and question.site != "go-kratos"]
        peers = Peers(sites)
        rankers = {
            "BM25 over pages": peers.pages,
            "BM25 over chunks": peers.sections,
            "dense": peers.dense,
            "plain RRF": peers.fused,
        }
        print(f"{len(english)} questions, sites {sorted({q.site for q in english})}")
        print(" " * 24 + "".join(f"{metric:>19}" for metric in SHOWN))
        results = {name: await _ask(sites, english, ranker) for name, ranker in rankers.items()}
        results["docs-chat"] = await ask_all(rpc.RetrieverServiceStub(channel), english, timeout_s=60)
    for name, outcomes in results.items():
        _print(name, outcomes)
    for name in rankers:
        change = compare(results[name], results["docs-chat"])["section recall@5"]
        print(f"section recall@5 over {name}: {change.mean:+.3f} [{change.low:+.3f}, {change.high:+.3f}]")


if __name__ == "__main__":
    asyncio.run(_main())
