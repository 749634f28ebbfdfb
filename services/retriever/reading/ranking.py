"""Fusion: from the candidates of each query to one order of chunks.

Each chunk's score is the sum of four kinds of evidence, each between 0 and 1 within a query: likeness of meaning
(cosine, from the last to the first candidate), its rank among them (a question in a reader's own words shares few terms
with the page that answers it; the nearest in meaning must not be outvoted by common words), shared terms (BM25,
relative to the best), and shared terms in title and headings (relative to the same best: a heading that shares one
common word must not count as much as one that holds the question). A question that names an identifier, a flag or a
product is found by its words; one in plain words more by its meaning, so there the terms count half.

What the question calls by its name counts more where a page or section is named after it: `mock` before all that
mentions mocks. Blog posts count less than pages, unless the question is about news (`news`). A page's further chunks
count a little less than its first: passages of three pages help more than all of one. Chosen on eight sites and 316
questions; a third more or less of any weight costs at most two points of section recall@5. What was tried and dropped
is in docs/adr.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from services.retriever.reading.candidates import Candidates
from services.retriever.reading.news import news_counts
from services.retriever.store.port import DENSE, HEADINGS, SPARSE, Hit

_RANK_DAMPING = 10
"""`k` of reciprocal ranks: the eleventh counts half of the first."""


@dataclass(frozen=True, slots=True)
class RankingWeights:
    """What each kind of evidence counts."""

    dense: float = 1.0
    nearest: float = 0.3
    sparse: float = 1.0
    headings: float = 0.5
    plain_words: float = 0.5
    """Of the weight of shared terms, for a question that calls nothing by its name."""
    unread_meaning: float = 0.5
    """Of the weight of meaning, for a question in a script of which the model knows only the letters."""
    named_after: float = 0.15
    """For a page or section that is named after something the question calls by its name, of the whole score."""
    reader_page: float = 0.1
    """For chunks of the page the reader is on: enough to decide between equals, no more."""
    further_of_page: float = 0.95
    """What each chunk keeps of its score for every better one of its page."""


def rank(
    queries: Sequence[Candidates], weights: RankingWeights, *, reader_page: Collection[str] = (), now_s: float = 0.0
) -> dict[str, float]:
    """Scores in [0, 1] of all points found, best first; equal scores in the order of ids.

    Args:
        queries: What each query found.
        weights: What each kind of evidence counts.
        reader_page: Addresses that the page the reader is on may be stored under.
        now_s: When the site was read, in seconds since the epoch: how old a post is counts from there.
    """
    total = sum(query.weight for query in queries) or 1.0
    scores: dict[str, float] = defaultdict(float)
    for query in queries:
        best = (weights.sparse + weights.headings) * _words_count(query, weights)
        best += (weights.dense + weights.nearest) * _meaning_counts(query, weights)
        for point, score in _score(query, weights, reader_page).items():
            scores[point] += score / best * query.weight / total
        for point in {hit.id for hit in query.hits() if not query.called.isdisjoint(hit.names)}:
            scores[point] += weights.named_after * query.weight / total
    if not any(query.about_news for query in queries):
        _lower_news(scores, queries, now_s)
    _lower_further_of_page(scores, queries, weights.further_of_page)
    return {point: min(1.0, scores[point]) for point in _by_score(scores)}


def _by_score(scores: Mapping[str, float]) -> list[str]:
    return sorted(scores, key=lambda point: (-scores[point], point))


def _lower_news(scores: dict[str, float], queries: Sequence[Candidates], now_s: float) -> None:
    for hit in {hit.id: hit for query in queries for hit in query.hits()}.values():
        scores[hit.id] *= news_counts(hit.kind, hit.published_s, now_s)


def _lower_further_of_page(scores: dict[str, float], queries: Sequence[Candidates], kept: float) -> None:
    pages = {hit.id: hit.uri for query in queries for hit in query.hits()}
    better: Counter[str] = Counter()
    for point in _by_score(scores):
        page = pages[point]
        if count := better[page]:
            scores[point] *= kept**count
        better[page] = count + 1


def _score(query: Candidates, weights: RankingWeights, reader_page: Collection[str]) -> Mapping[str, float]:
    scores: dict[str, float] = defaultdict(float)
    dense = query.dense or ()
    counts = _meaning_counts(query, weights)
    for place, (hit, likeness) in enumerate(zip(dense, _spread(dense), strict=True)):
        nearness = _RANK_DAMPING / (_RANK_DAMPING + place)
        scores[hit.id] += counts * (weights.dense * likeness + weights.nearest * nearness)
    share = _words_count(query, weights)
    by_words = ((query.sparse, weights.sparse), (query.headings, weights.headings))
    best = max((hits[0].score for hits, _ in by_words if hits), default=1.0)
    for hits, weight in by_words:
        for hit in hits:
            scores[hit.id] += weight * share * hit.score / best
    if reader_page:
        for point in {hit.id for hit in query.hits() if hit.uri in reader_page}:
            scores[point] += weights.reader_page
    return scores


def _meaning_counts(query: Candidates, weights: RankingWeights) -> float:
    if query.dense is None:
        return 0.0
    return weights.unread_meaning if query.meaning_unread else 1.0


def _words_count(query: Candidates, weights: RankingWeights) -> float:
    return weights.plain_words if query.in_plain_words and query.dense is not None else 1.0


def _spread(hits: Sequence[Hit]) -> list[float]:
    """Scores stretched so that the last candidate has 0 and the first 1."""
    if not hits:
        return []
    lowest, highest = hits[-1].score, hits[0].score
    width = highest - lowest
    return [(hit.score - lowest) / width if width > 0 else 1.0 for hit in hits]


def best_scores(queries: Sequence[Candidates], space: str) -> dict[str, float]:
    """The best score of each point in one space over all queries."""
    best: dict[str, float] = {}
    for query in queries:
        for hit in {DENSE: query.dense or (), SPARSE: query.sparse, HEADINGS: query.headings}[space]:
            best[hit.id] = max(best.get(hit.id, hit.score), hit.score)
    return best
