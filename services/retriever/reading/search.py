"""Finds passages: candidates from the engine, put in one order, one passage per section, grown to whole ideas."""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from services.retriever.concurrency.async_cache import AsyncCache
from services.retriever.documents import StoredChunk
from services.retriever.embedding.usual_words import usual_words
from services.retriever.embedding.vectors import DenseVector
from services.retriever.reading.candidates import Candidates, Query, hybrid_search, merged
from services.retriever.reading.chunk_reader import ChunkReader
from services.retriever.reading.highlights import highlights
from services.retriever.reading.judging.judge import JUDGED_CHUNKS, Judge
from services.retriever.reading.judging.verdict import Judgement, Verdict, best_of
from services.retriever.reading.judging.vocabulary import SitePart
from services.retriever.reading.locale_addresses import served_address, stored_addresses
from services.retriever.reading.misspelt import MisspeltQuestions, Spelt
from services.retriever.reading.passages import Found, Passage, StageScores, grow, section_key, wanted_neighbours
from services.retriever.reading.ranking import RankingWeights, best_scores, rank
from services.retriever.reading.reordering import reordered
from services.retriever.reading.request import SearchRequest, SearchResult, Timings
from services.retriever.reading.reranker import Reranker
from services.retriever.reading.scope import Part, Rung, asked_rung, page_in_any_version, wider_rungs
from services.retriever.sites.sites import PublishedSite, Sites
from services.retriever.store.port import DENSE, SPARSE
from services.runtime.errors import EmbedderUnavailable, InvalidQuery, ProviderRefused

logger = logging.getLogger(__name__)

_FETCHED_PER_PASSAGE = 2
"""Chunks read for each passage wanted, since several may belong to one section."""
_RERANKED = 20
"""Sections that a second model puts in order: the wanted one is among them 9 times in 10."""


_Key: TypeAlias = tuple[tuple[str, int, float], SearchRequest]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one rung holds."""

    found: list[Found]
    judgement: Judgement | None


class Search:
    """Searches published sites.

    Args:
        sites: The sites.
        weights: What each kind of candidates counts.
        cached: Results kept while the revision of their site stays the same.
        reranker: A second model that puts the first passages in order; None leaves the order of the search.
    """

    def __init__(
        self,
        sites: Sites,
        *,
        weights: RankingWeights | None = None,
        cached: int = 2048,
        reranker: Reranker | None = None,
    ) -> None:
        self._sites = sites
        self._reranker = reranker
        self._weights = weights or RankingWeights()
        self._judge = Judge(usual_words(sites.embedder))
        self._chunks = ChunkReader()
        self._misspelt = MisspeltQuestions(sites.embedder)
        self._results: AsyncCache[_Key, SearchResult] = AsyncCache(
            cached, worth_keeping=lambda result: not result.degraded_reason
        )

    async def find(self, site: str, request: SearchRequest) -> SearchResult:
        """Passages by falling relevance, at most one per section.

        Raises:
            InvalidQuery: If no query has anything to search for.
            SiteNotFound, EmbeddingModelMismatch, InvalidRequest: As `Sites.published`.
            IndexUnavailable: If the engine fails.
        """
        started = time.perf_counter()
        _check(request.queries)
        published = await self._sites.published(site, page_uri=request.page_uri, default=request.default_site)
        key = (published.identity, request)
        if (known := self._results.kept(key)) is not None:
            return replace(known, timings=Timings(0.0, 0.0, time.perf_counter() - started))
        return await self._results.get(key, lambda: self._find(published, request, started))

    async def _find(self, published: PublishedSite, asked: SearchRequest, started: float) -> SearchResult:
        spelt = await self._misspelt.spelt(published, asked)
        request, corrections = spelt.request, spelt.corrections
        vectors, degraded = await self._embed(request.queries)
        embedded = time.perf_counter()
        answer, widened_to = await self._best_scope(published, request, vectors)
        if vectors is not None and (meant := await self._meant(published, asked, answer)) is not None:
            guess, answer = meant
            request, corrections, widened_to = guess.request, guess.corrections, None
        searched = time.perf_counter()
        order = await reordered(answer.found, request, self._reranker)
        passages = await self._passages(published, request, order.found)
        return SearchResult(
            site=published.name,
            revision=published.revision.number,
            passages=passages,
            judgement=answer.judgement,
            timings=Timings(
                embed_s=embedded - started,
                engine_s=searched - embedded,
                total_s=time.perf_counter() - started,
                rerank_s=order.rerank_s,
            ),
            widened_to=widened_to,
            corrections=corrections,
            searched_for=tuple(query.text for query in request.queries) if corrections else (),
            degraded_reason="; ".join(filter(None, (degraded, order.problem))),
        )

    async def _meant(
        self, published: PublishedSite, request: SearchRequest, refused: _Answer
    ) -> "tuple[Spelt, _Answer] | None":
        """What a question that is refused probably asked, if its unknown words are slips, and what that finds.

        It starts from what was written: a slip may have been corrected to the wrong one of two words.
        """
        if refused.judgement is None or refused.judgement.verdict is not Verdict.NOT_COVERED:
            return None
        try:
            guess = await self._misspelt.guessed(published, request)
        except (EmbedderUnavailable, ProviderRefused):
            return None
        if guess is None:
            return None
        vectors, _ = await self._embed(guess.request.queries)
        rung = asked_rung(request.scope, published.revision.profile)
        answer = await self._search_rung(published, guess.request, rung, vectors)
        convincing = answer.judgement is not None and answer.judgement.probability >= guess.convincing_from
        return (guess, answer) if convincing else None

    async def _embed(self, queries: Sequence[Query]) -> tuple[list[DenseVector] | None, str]:
        try:
            embedded = (self._sites.embedder.embed_query(query.text) for query in queries)
            return await asyncio.gather(*embedded), ""
        except (EmbedderUnavailable, ProviderRefused) as error:
            logger.warning("searching without embeddings", extra={"why": error.message})
            return None, "the embedding model does not answer; words were searched, meaning was not"

    async def _best_scope(
        self, published: PublishedSite, request: SearchRequest, vectors: list[DenseVector] | None
    ) -> tuple[_Answer, Rung | None]:
        """The answer of the scope that was asked for, or of a wider one when only that has something good.

        Another version has nothing to add where the version that was asked for has the same page, and found it.
        """
        profile = published.revision.profile
        answer = await self._search_rung(published, request, asked_rung(request.scope, profile), vectors)
        if answer.found and (answer.judgement is None or answer.judgement.is_sure):
            return answer, None
        own = {page_in_any_version(item.chunk.document, profile) for item in answer.found}
        for rung in wider_rungs(request.scope, profile):
            wider = await self._search_rung(published, request, rung, vectors)
            if not wider.found or not wider.judgement or not wider.judgement.overrules(answer.judgement):
                continue
            if page_in_any_version(wider.found[0].chunk.document, profile) not in own:
                return wider, rung
        return answer, None

    async def _search_rung(
        self, published: PublishedSite, request: SearchRequest, rung: Rung, vectors: list[DenseVector] | None
    ) -> _Answer:
        """What the parts hold together: one order, and the judgement of the part that answers best."""
        by_part = await asyncio.gather(*(self._candidates(published, request, part, vectors) for part in rung.parts))
        found = await self._ranked(published, by_part[0] if len(by_part) == 1 else merged(by_part), request)
        judgements = [
            await self._judged(published, request, part, candidates, found)
            for part, candidates in zip(rung.parts, by_part, strict=True)
        ]
        return _Answer(found, best_of(judgements))

    async def _candidates(
        self, published: PublishedSite, request: SearchRequest, part: Part, vectors: list[DenseVector] | None
    ) -> list[Candidates]:
        return await hybrid_search(
            published.store,
            request.queries,
            vectors,
            published.visible & part.where,
            locale=part.locale,
            average_length=published.manifest.average_length,
            embedding_model=published.manifest.embedding_model,
        )

    async def _judged(
        self,
        published: PublishedSite,
        request: SearchRequest,
        part: Part,
        candidates: list[Candidates],
        found: list[Found],
    ) -> Judgement | None:
        return await self._judge.judge(
            request.queries,
            candidates,
            [item.chunk for item in found if item.chunk.document.locale == part.locale],
            part=SitePart(published.store, published.visible & part.where, (published.identity, part)),
            locale=part.locale,
            manifest=published.manifest,
        )

    async def _ranked(
        self, published: PublishedSite, candidates: Sequence[Candidates], request: SearchRequest
    ) -> list[Found]:
        pages = stored_addresses(request.page_uri, published.revision.profile) if request.page_uri else ()
        read_at_s = published.revision.published_at_s
        scores = rank(candidates, self._weights, reader_page=pages, now_s=read_at_s)
        dense, sparse = best_scores(candidates, DENSE), best_scores(candidates, SPARSE)
        order = list(scores)
        found: dict[object, Found] = {}
        limit = max(request.limit, JUDGED_CHUNKS, _RERANKED if self._reranker else 0)
        step = _FETCHED_PER_PASSAGE * limit
        for start in range(0, len(order), step):
            batch = order[start : start + step]
            chunks = await self._chunks.read(published, batch)
            for point in batch:
                if point in chunks and len(found) < limit:
                    chunk = chunks[point]
                    stages = StageScores(dense.get(point), sparse.get(point), scores[point])
                    found.setdefault(section_key(chunk), Found(chunk, scores[point], stages))
            if len(found) >= limit:
                break
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
            passage = grow(item, neighbours.get(uri, {}), taken[uri], request.context_tokens)
            served_at = served_address(passage.page, request.scope.locale, published.revision.profile)
            grown.append(replace(passage, served_at=served_at))
        if not request.highlight:
            return tuple(grown)
        texts = [query.text for query in request.queries]
        return tuple(replace(passage, highlights=highlights(passage.text, texts)) for passage in grown)

    async def _neighbours(self, published: PublishedSite, found: list[Found]) -> dict[str, dict[int, StoredChunk]]:
        wanted = wanted_neighbours(found)
        if not wanted:
            return {}
        by_page: dict[str, dict[int, StoredChunk]] = {}
        for chunk in await self._chunks.at(published, wanted):
            by_page.setdefault(chunk.document.uri, {})[chunk.chunk.ordinal] = chunk
        return by_page


def _check(queries: Sequence[Query]) -> None:
    if not any(character.isalnum() for query in queries for character in query.text):
        message = "there is nothing to search for: write a question or some words"
        raise InvalidQuery(message, violations={"queries": message})
