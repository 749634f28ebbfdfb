"""Finding passages: candidates from the engine, one order, one passage per section, whole ideas."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.retriever.documents import StoredChunk, stored_chunk
from services.retriever.embedder import Embedder
from services.retriever.passages import Found, Passage, StageScores, grow, highlights, section_key, wanted_neighbours
from services.retriever.ranking import Ranking, RankingWeights, best_scores, fuse
from services.retriever.scope import Scope, scope_where
from services.retriever.sites import PublishedSite, Sites
from services.retriever.sparse import AVERAGE_HEADING_LENGTH, encoder_for
from services.retriever.store import DENSE, HEADINGS, SPARSE, DenseVector, Probe, Where
from services.runtime.errors import EmbedderUnavailable, InvalidQuery

logger = logging.getLogger(__name__)

CANDIDATES = 50
"""Points asked of each probe."""
_REACH = 3
"""Chunks on each side that a passage may grow by."""


@dataclass(frozen=True, slots=True)
class Query:
    """One text to search for and what it counts in fusion."""

    text: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What is asked. Fields as in the contract, defaults filled in."""

    queries: tuple[Query, ...]
    scope: Scope = field(default_factory=Scope)
    limit: int = 8
    context_tokens: int = 400
    page_uri: str = ""
    highlight: bool = False


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds of each stage."""

    embed_s: float
    engine_s: float
    total_s: float


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What was found."""

    site: str
    revision: int
    passages: tuple[Passage, ...]
    timings: Timings
    degraded_reason: str = ""


class Search:
    """Searches published sites."""

    def __init__(self, sites: Sites, embedder: Embedder, weights: RankingWeights | None = None) -> None:
        self._sites = sites
        self._embedder = embedder
        self._weights = weights or RankingWeights()

    async def find(self, site: str, request: SearchRequest) -> SearchResult:
        """Passages by falling relevance, at most one per section.

        Raises:
            InvalidQuery: If no query has anything to search for.
            SiteNotFound, EmbeddingModelMismatch, InvalidRequest: As `Sites.published`.
            IndexUnavailable: If the engine fails.
        """
        started = time.perf_counter()
        _check(request.queries)
        published = await self._sites.published(site)
        vectors, degraded = await self._embed(request.queries)
        embedded = time.perf_counter()
        where = published.visible & scope_where(request.scope, published.revision.profile)
        found = await self._candidates(published, request, vectors, where)
        searched = time.perf_counter()
        passages = await self._passages(published, request, found)
        timings = Timings(embedded - started, searched - embedded, time.perf_counter() - started)
        return SearchResult(published.name, published.revision.number, passages, timings, degraded)

    async def _embed(self, queries: Sequence[Query]) -> tuple[list[DenseVector] | None, str]:
        try:
            return [await self._embedder.embed_query(query.text) for query in queries], ""
        except EmbedderUnavailable as error:
            logger.warning("searching without embeddings", extra={"why": error.message})
            return None, "the embedding model does not answer; words were searched, meaning was not"

    async def _candidates(
        self, published: PublishedSite, request: SearchRequest, vectors: list[DenseVector] | None, where: Where
    ) -> list[Found]:
        locale = request.scope.locale or published.revision.profile.locales[0]
        probes: list[Probe] = []
        weights: list[float] = []
        for index, query in enumerate(request.queries):
            text = encoder_for(locale, published.manifest.average_length).query(query.text)
            heading = encoder_for(locale, AVERAGE_HEADING_LENGTH).query(query.text)
            if vectors is not None:
                probes.append(Probe(DENSE, vectors[index], where, CANDIDATES))
            if text:
                probes += [Probe(SPARSE, text, where, CANDIDATES), Probe(HEADINGS, heading, where, CANDIDATES)]
            weights += [query.weight] * (len(probes) - len(weights))
        if not probes:
            return []
        answers = await published.store.probe(probes)
        rankings = [
            Ranking(probe.using, weight, hits) for probe, weight, hits in zip(probes, weights, answers, strict=True)
        ]
        return await self._ranked(published, rankings, request.limit)

    async def _ranked(self, published: PublishedSite, rankings: list[Ranking], limit: int) -> list[Found]:
        scores = fuse(rankings, self._weights)
        dense, sparse = best_scores(rankings, DENSE), best_scores(rankings, SPARSE)
        order = sorted(scores, key=lambda point: (-scores[point], point))
        records = {record.id: record for record in await published.store.fetch(order[: 3 * limit])}
        found: dict[object, Found] = {}
        for point in order:
            if point in records and len(found) < limit:
                chunk = stored_chunk(records[point].payload)
                stages = StageScores(dense.get(point), sparse.get(point), scores[point])
                found.setdefault(section_key(chunk), Found(chunk, scores[point], stages))
        return list(found.values())

    async def _passages(
        self, published: PublishedSite, request: SearchRequest, found: list[Found]
    ) -> tuple[Passage, ...]:
        neighbours = await self._neighbours(published, found) if request.context_tokens >= 0 else {}
        taken: dict[str, set[int]] = {}
        for item in found:
            taken.setdefault(item.chunk.document.uri, set()).add(item.chunk.chunk.ordinal)
        grown = []
        for item in found:
            uri = item.chunk.document.uri
            grown.append(grow(item, neighbours.get(uri, {}), taken[uri], request.context_tokens))
        if not request.highlight:
            return tuple(grown)
        texts = [query.text for query in request.queries]
        return tuple(
            Passage(passage.found, passage.chunks, passage.text, highlights(passage.text, texts)) for passage in grown
        )

    async def _neighbours(self, published: PublishedSite, found: list[Found]) -> dict[str, dict[int, StoredChunk]]:
        if not found:
            return {}
        wanted = wanted_neighbours(found, _REACH)
        ordinals = tuple(sorted(set().union(*wanted.values())))
        where = published.visible & Where(any_of={"uri": tuple(wanted), "ordinal": ordinals})
        by_page: dict[str, dict[int, StoredChunk]] = {}
        for record in await published.store.select(where):
            chunk = stored_chunk(record.payload)
            by_page.setdefault(chunk.document.uri, {})[chunk.chunk.ordinal] = chunk
        return by_page


def _check(queries: Sequence[Query]) -> None:
    if not any(character.isalnum() for query in queries for character in query.text):
        message = "there is nothing to search for: write a question or some words"
        raise InvalidQuery(message, violations={"queries": message})
