"""Hybrid search: one call to the engine for all queries, each by meaning, by terms and by the terms of headings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from services.language.locales import is_english
from services.language.names import called_names, names_in
from services.language.scripts import is_latin
from services.retriever.embedding.local_embedder import LocalEmbedder
from services.retriever.embedding.sparse import AVERAGE_HEADING_LENGTH, encoder_for
from services.retriever.embedding.vectors import DenseVector
from services.retriever.reading.news import is_about_news
from services.retriever.store.port import DENSE, HEADINGS, SPARSE, Hit, Store, VectorSearch, Where

CANDIDATES = 50
"""Points asked of each vector search: 30 lose a point of recall, 100 gain none."""


@dataclass(frozen=True, slots=True)
class Query:
    """One text to search for and what it counts in fusion."""

    text: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Candidates:
    """What one query found, each list best first. No dense list at all means that the embedder was down."""

    weight: float
    dense: Sequence[Hit] | None
    sparse: Sequence[Hit]
    headings: Sequence[Hit]
    in_plain_words: bool = False
    """No query of the search names an identifier, flag, file or product: words say less than meaning then."""
    meaning_unread: bool = False
    """The embedding model does not know the script: its cosines say little."""
    called: frozenset[str] = frozenset()
    """What the query calls by its name: the page or section that is named after it says what it is."""
    about_news: bool = False
    """One query of the search asks for a change, a release or a version: then posts count as much as pages."""

    def hits(self) -> Iterable[Hit]:
        """All of them; a point that several searches found comes several times."""
        return chain(self.dense or (), self.sparse, self.headings)


async def hybrid_search(
    store: Store,
    queries: Sequence[Query],
    vectors: Sequence[DenseVector] | None,
    where: Where,
    *,
    locale: str,
    average_length: float,
    embedding_model: str,
) -> list[Candidates]:
    """What each query finds by meaning (when there are vectors) and by terms, in one call to the engine."""
    words, heading_words = encoder_for(locale, average_length), encoder_for(locale, AVERAGE_HEADING_LENGTH)
    searches: list[VectorSearch] = []
    owners: list[int] = []
    for number, query in enumerate(queries):
        asked = [] if vectors is None else [VectorSearch(DENSE, vectors[number], where, CANDIDATES)]
        if terms := words.query(query.text):
            asked.append(VectorSearch(SPARSE, terms, where, CANDIDATES))
            asked.append(VectorSearch(HEADINGS, heading_words.query(query.text), where, CANDIDATES))
        searches += asked
        owners += [number] * len(asked)
    answers = await store.search(searches) if searches else []
    found: dict[tuple[int, str], list[Hit]] = {
        (owner, search.using): hits for owner, search, hits in zip(owners, searches, answers, strict=True)
    }
    # Together, not each for itself: the bare follow-up is plain because the question before it has the names.
    news = any(is_about_news(query.text) for query in queries)
    plain = all(model_understands(query.text, locale) and not names_in(query.text) for query in queries)
    return [
        Candidates(
            query.weight,
            None if vectors is None else found[number, DENSE],
            found.get((number, SPARSE), []),
            found.get((number, HEADINGS), []),
            in_plain_words=plain,
            meaning_unread=embedding_model == LocalEmbedder.model_id and not is_latin(query.text),
            called=called_names(query.text),
            about_news=news,
        )
        for number, query in enumerate(queries)
    ]


def merged(found: Sequence[Sequence[Candidates]]) -> list[Candidates]:
    """Candidates of the same queries in several parts of a site as if these had been searched together."""
    return [_together(of_query) for of_query in zip(*found, strict=True)]


def _together(parts: Sequence[Candidates]) -> Candidates:
    dense = [part.dense for part in parts if part.dense is not None]
    return Candidates(
        parts[0].weight,
        _best_first(dense) if dense else None,
        _best_first([part.sparse for part in parts]),
        _best_first([part.headings for part in parts]),
        in_plain_words=all(part.in_plain_words for part in parts),
        meaning_unread=parts[0].meaning_unread,
        called=parts[0].called,
        about_news=parts[0].about_news,
    )


def _best_first(rankings: Iterable[Sequence[Hit]]) -> list[Hit]:
    return sorted(chain.from_iterable(rankings), key=lambda hit: -hit.score)[:CANDIDATES]


def model_understands(text: str, locale: str) -> bool:
    """Whether cosines mean something: the local model and its calibration are English."""
    return is_english(locale) and is_latin(text)
