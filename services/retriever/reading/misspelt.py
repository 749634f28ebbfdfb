"""Questions as the site would spell them: corrected before the search, and guessed where it would refuse."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.retriever.embedding.embedder import Embedder
from services.retriever.embedding.usual_words import usual_words
from services.retriever.reading.request import SearchRequest
from services.retriever.reading.scope import asked_rung
from services.retriever.sites.sites import PublishedSite
from services.retriever.store.port import DENSE, VectorSearch
from services.retriever.vocabulary.guessing import guesses, unknown_words
from services.retriever.vocabulary.site_words import WordsReader
from services.retriever.vocabulary.spelling import Correction, corrected, may_be_misspelt

_CONVINCING = 0.9
"""Probability of an answer from which a guess is what was meant. Of 79 slips in headings of documentation 75 reach it,
of 683 questions about other things one."""
_CONVINCING_FOR_A_WORD = 0.99
"""The same where the word that is replaced is one of the language: 8 of 10, and none of 683."""


@dataclass(frozen=True, slots=True)
class Spelt:
    """A request in another spelling."""

    request: SearchRequest
    corrections: tuple[Correction, ...]
    convincing_from: float = 0.0
    """Probability of an answer that it takes to believe in this spelling."""


class MisspeltQuestions:
    """Spells questions as sites do.

    Args:
        embedder: The embedding model, which knows what is a word and what a question is about.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._words = WordsReader()

    async def spelt(self, published: PublishedSite, request: SearchRequest) -> Spelt:
        """The request with what is surely misspelt corrected."""
        locale = _locale(published, request)
        if not all(may_be_misspelt(query.text, locale) for query in request.queries):
            return Spelt(request, ())
        words, is_usual = await self._words.of(published, locale), usual_words(self._embedder)
        spelt = [corrected(query.text, words, is_usual) for query in request.queries]
        queries = tuple(replace(query, text=text) for query, (text, _) in zip(request.queries, spelt, strict=True))
        corrections = dict.fromkeys(correction for _, found in spelt for correction in found)
        return Spelt(replace(request, queries=queries), tuple(corrections))

    async def guessed(self, published: PublishedSite, request: SearchRequest) -> Spelt | None:
        """The request with each unknown word replaced by the word of the site that fits best; None when none is near.

        Only for a single question: several are the searches of a conversation.

        Raises:
            EmbedderUnavailable, ProviderRefused: If the embedding model does not answer.
        """
        locale = _locale(published, request)
        text = request.queries[0].text
        if len(request.queries) > 1 or not may_be_misspelt(text, locale):
            return None
        words, is_usual = await self._words.of(published, locale), usual_words(self._embedder)
        corrections: list[Correction] = []
        for word in unknown_words(text, words):
            if tried := list(guesses(text, word, words)):
                best = await self._nearest(published, request, [guess.text for guess in tried])
                text = tried[best].text
                corrections.append(tried[best].correction)
        if not corrections:
            return None
        queries = (replace(request.queries[0], text=text),)
        is_word = any(is_usual(correction.written) for correction in corrections)
        threshold = _CONVINCING_FOR_A_WORD if is_word else _CONVINCING
        return Spelt(replace(request, queries=queries), tuple(corrections), threshold)

    async def _nearest(self, published: PublishedSite, request: SearchRequest, texts: Sequence[str]) -> int:
        """Index of the text that is nearest in meaning to anything in the scope."""
        first, *_ = asked_rung(request.scope, published.revision.profile).parts
        where = published.visible & first.where
        searches = [VectorSearch(DENSE, await self._embedder.embed_query(text), where, 1) for text in texts]
        nearest = [hits[0].score if hits else 0.0 for hits in await published.store.search(searches)]
        return nearest.index(max(nearest))


def _locale(published: PublishedSite, request: SearchRequest) -> str:
    return request.scope.locale or published.revision.profile.locales[0]
