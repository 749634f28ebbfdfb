"""Asking the engine: one batch of probes for all queries, and what they say together."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.retriever.embedder import LocalEmbedder
from services.retriever.names import names_in
from services.retriever.ranking import Evidence
from services.retriever.sparse import AVERAGE_HEADING_LENGTH, encoder_for
from services.retriever.store import DENSE, HEADINGS, SPARSE, DenseVector, Hit, Probe, Store, Where

CANDIDATES = 50
"""Points asked of each probe: 30 lose a point of recall, 100 gain none."""


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
    embedding_model: str,
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
    # Together, not each for itself: the bare follow-up is plain because the question before it has the names.
    plain = all(model_understands(query.text, locale) and not names_in(query.text) for query in queries)
    return [
        Evidence(
            query.weight,
            None if vectors is None else found[number, DENSE],
            found.get((number, SPARSE), []),
            found.get((number, HEADINGS), []),
            in_plain_words=plain,
            meaning_unread=embedding_model == LocalEmbedder.model_id and not _in_latin_letters(query.text),
        )
        for number, query in enumerate(queries)
    ]


def model_understands(text: str, locale: str) -> bool:
    """Whether cosines mean something: the local model and its calibration are English."""
    return locale.lower().startswith("en") and _in_latin_letters(text)


def _in_latin_letters(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return sum(map(str.isascii, letters)) * 2 > len(letters)
