"""Asking the engine: one batch of probes for all queries, and what they say together."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from services.retriever.answerability import Signals
from services.retriever.documents import StoredChunk
from services.retriever.ranking import Evidence
from services.retriever.sparse import AVERAGE_HEADING_LENGTH, SparseEncoder, encoder_for
from services.retriever.store import DENSE, HEADINGS, SPARSE, DenseVector, Hit, Probe, Store, Where

CANDIDATES = 50
"""Points asked of each probe: 30 lose a point of recall, 100 gain none."""
_JUDGED_CHUNKS = 8


@dataclass(frozen=True, slots=True)
class Query:
    """One text to search for and what it counts in fusion."""

    text: str
    weight: float = 1.0


async def gather_evidence(
    store: Store,
    queries: Sequence[Query],
    vectors: Sequence[DenseVector] | None,
    where: Where,
    *,
    locale: str,
    average_length: float,
) -> list[Evidence]:
    """What each query finds, by meaning (when there are vectors) and by terms, in one call to the engine."""
    words, heading_words = encoder_for(locale, average_length), encoder_for(locale, AVERAGE_HEADING_LENGTH)
    probes: list[Probe] = []
    owners: list[int] = []
    for number, query in enumerate(queries):
        asked = [] if vectors is None else [Probe(DENSE, vectors[number], where, CANDIDATES)]
        if terms := words.query(query.text):
            asked.append(Probe(SPARSE, terms, where, CANDIDATES))
            asked.append(Probe(HEADINGS, heading_words.query(query.text), where, CANDIDATES))
        probes += asked
        owners += [number] * len(asked)
    answers = await store.probe(probes) if probes else []
    found: dict[tuple[int, str], list[Hit]] = {
        (owner, probe.using): hits for owner, probe, hits in zip(owners, probes, answers, strict=True)
    }
    return [
        Evidence(
            query.weight,
            None if vectors is None else found[number, DENSE],
            found.get((number, SPARSE), []),
            found.get((number, HEADINGS), []),
        )
        for number, query in enumerate(queries)
    ]


def signals(
    query: Query, evidence: Evidence, chunks: Sequence[StoredChunk], *, encoder: SparseEncoder
) -> Signals | None:
    """What the evidence says about one query; None when there were no vectors.

    Args:
        query: The query.
        evidence: What it found.
        chunks: The first chunks in their final order.
        encoder: Encoder of the locale.
    """
    if evidence.dense is None:
        return None
    best, joint, terms = coverage(query, chunks, encoder)
    cosines = [hit.score for hit in evidence.dense[:5]] or [0.0]
    return Signals(cosines[0], fmean(cosines), best, joint, terms)


def coverage(query: Query, chunks: Sequence[StoredChunk], encoder: SparseEncoder) -> tuple[float, float, int]:
    """Largest share of the query's terms in one chunk, share in all of the first chunks, and number of terms."""
    asked = set(encoder.query(query.text).indices)
    if not asked:
        return 0.0, 0.0, 0
    best = 0
    seen: set[int] = set()
    for stored in chunks[:_JUDGED_CHUNKS]:
        text = "\n".join((stored.document.title, *stored.chunk.heading_path, stored.chunk.text))
        there = asked.intersection(encoder.document(text).indices)
        best, seen = max(best, len(there)), seen | there
    return best / len(asked), len(seen) / len(asked), len(asked)
