"""From what the engine's probes found to one order of chunks.

Each chunk's score is the sum of four kinds of evidence, each between 0 and 1 within a query: likeness of meaning
(cosine, from the last to the first candidate), shared terms (BM25, relative to the best), shared terms in title and
headings (by rank), and how many candidates its page has. Chosen on four sites and 137 questions; the plateau is wide:
halving or doubling a weight costs at most two points of section recall@5. What was tried and dropped is in docs/adr.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.retriever.store import DENSE, HEADINGS, SPARSE, Hit

_RANK_DAMPING = 10
"""`k` of reciprocal ranks: the eleventh counts half of the first."""
_USUAL_PAGE = 10
"""Candidates of one page at which its evidence is taken as full."""


@dataclass(frozen=True, slots=True)
class RankingWeights:
    """What each kind of evidence counts."""

    dense: float = 1.0
    sparse: float = 1.0
    headings: float = 0.5
    page: float = 0.1
    reader_page: float = 0.1
    """For chunks of the page the reader is on: enough to decide between equals, no more."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one query's probes found. A missing dense list means the embedder was down."""

    weight: float
    dense: Sequence[Hit] | None
    sparse: Sequence[Hit]
    headings: Sequence[Hit]


def rank(queries: Sequence[Evidence], weights: RankingWeights, *, reader_page: str = "") -> dict[str, float]:
    """Scores in [0, 1] of all points found, best first; equal scores in the order of ids."""
    total = sum(query.weight for query in queries) or 1.0
    scores: dict[str, float] = defaultdict(float)
    for query in queries:
        best = weights.sparse + weights.headings + weights.page * math.log1p(_USUAL_PAGE)
        best += weights.dense if query.dense is not None else 0.0
        for point, score in _score(query, weights, reader_page).items():
            scores[point] += score / best * query.weight / total
    order = sorted(scores, key=lambda point: (-scores[point], point))
    return {point: min(1.0, scores[point]) for point in order}


def _score(query: Evidence, weights: RankingWeights, reader_page: str) -> Mapping[str, float]:
    scores: dict[str, float] = defaultdict(float)
    for hit, likeness in zip(query.dense or (), _spread(query.dense or ()), strict=True):
        scores[hit.id] += weights.dense * likeness
    for hit in query.sparse:
        scores[hit.id] += weights.sparse * hit.score / query.sparse[0].score
    for place, hit in enumerate(query.headings):
        scores[hit.id] += weights.headings * _RANK_DAMPING / (_RANK_DAMPING + place)
    on_page = Counter(hit.uri for hit in query.sparse)
    for point, uri in _pages(query).items():
        scores[point] += weights.page * math.log1p(on_page[uri])
        scores[point] += weights.reader_page if reader_page and uri == reader_page else 0.0
    return scores


def _spread(hits: Sequence[Hit]) -> list[float]:
    """Scores stretched so that the last candidate has 0 and the first 1."""
    if not hits:
        return []
    lowest, highest = hits[-1].score, hits[0].score
    width = highest - lowest
    return [(hit.score - lowest) / width if width > 0 else 1.0 for hit in hits]


def _pages(query: Evidence) -> dict[str, str]:
    return {hit.id: hit.uri for hits in (query.dense or (), query.sparse, query.headings) for hit in hits}


def best_scores(queries: Sequence[Evidence], space: str) -> dict[str, float]:
    """The best score of each point in one space over all queries."""
    best: dict[str, float] = {}
    for query in queries:
        for hit in {DENSE: query.dense or (), SPARSE: query.sparse, HEADINGS: query.headings}[space]:
            best[hit.id] = max(best.get(hit.id, hit.score), hit.score)
    return best
