"""From the rankings of several probes to one order of chunks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.retriever.store import DENSE, HEADINGS, SPARSE, Hit


@dataclass(frozen=True, slots=True)
class RankingWeights:
    """How much each probe counts in fusion, and how fast a rank loses worth (`k` of reciprocal rank fusion)."""

    dense: float = 1.0
    sparse: float = 1.0
    headings: float = 0.5
    k: int = 10

    def of(self, space: str) -> float:
        return {DENSE: self.dense, SPARSE: self.sparse, HEADINGS: self.headings}[space]


@dataclass(frozen=True, slots=True)
class Ranking:
    """What one probe found, and what it counts."""

    space: str
    weight: float
    hits: Sequence[Hit]


def fuse(rankings: Sequence[Ranking], weights: RankingWeights) -> dict[str, float]:
    """Score of each point found, in [0, 1]: 1 is a point that every ranking has first.

    Source:
        Cormack, Clarke and Büttcher (2009), reciprocal rank fusion; weighted, and divided by its maximum.
    """
    scores: dict[str, float] = {}
    total = sum(ranking.weight * weights.of(ranking.space) for ranking in rankings) or 1.0
    for ranking in rankings:
        worth = ranking.weight * weights.of(ranking.space) / total
        for rank, hit in enumerate(ranking.hits):
            scores[hit.id] = scores.get(hit.id, 0.0) + worth * weights.k / (weights.k + rank)
    return scores


def best_scores(rankings: Sequence[Ranking], space: str) -> Mapping[str, float]:
    """The best score of each point in one space over all queries."""
    best: dict[str, float] = {}
    for ranking in rankings:
        if ranking.space == space:
            for hit in ranking.hits:
                best[hit.id] = max(best.get(hit.id, hit.score), hit.score)
    return best
