"""Answerability of a search: the fitted model where it holds, shared words alone where it does not."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cachetools import LRUCache

from services.language.detection import seems_english
from services.language.names import names_in
from services.retriever.documents import StoredChunk
from services.retriever.embedding.sparse import SparseEncoder, encoder_for
from services.retriever.reading.candidates import Candidates, Query, model_understands
from services.retriever.reading.judging.by_words import judge_by_words, judge_in_another_language
from services.retriever.reading.judging.calibration import Calibration, calibration_for
from services.retriever.reading.judging.coverage import Coverage, coverage
from services.retriever.reading.judging.signals import Signals, measure
from services.retriever.reading.judging.verdict import Judgement, Verdict, best_of
from services.retriever.reading.judging.vocabulary import SitePart, Vocabulary
from services.retriever.reading.names import names_no_subject
from services.retriever.sites.manifest import Manifest

JUDGED_CHUNKS = 8
"""Chunks whose words count, however many are asked for."""
_MOST_LOOKED_UP = 12
"""Words, and names, looked up: a question has a few, a pasted log has hundreds, and each costs the engine a query."""
_REFUSED_IN_OTHER_LANGUAGES_BELOW = 0.015
"""Probability below which a question in another language with Latin letters is refused: it shares few words with
English docs, but some meaning. Of 28 in six languages that a site answers five have less, of 28 others all."""


@dataclass(frozen=True, slots=True)
class _Lookup:
    """Terms whose presence on the site is worth asking for."""

    words: frozenset[int]
    names: frozenset[int]


class Judge:
    """Judges searches; remembers the terms of chunks, which are judged again and again.

    Args:
        remembered: Chunks whose terms are kept: about half a kilobyte each.
    """

    def __init__(self, remembered: int = 4096) -> None:
        self._terms: LRUCache[object, array[int]] = LRUCache(remembered)
        self._vocabulary = Vocabulary()

    async def judge(
        self,
        queries: Sequence[Query],
        candidates: Sequence[Candidates],
        chunks: Sequence[StoredChunk],
        *,
        part: SitePart,
        locale: str,
        manifest: Manifest,
    ) -> Judgement | None:
        """The verdict of the query that is covered best; None when the embedding model has no calibration.

        Args:
            queries: The queries.
            candidates: What each of them found.
            chunks: The first chunks in their final order.
            part: The points that were searched.
            locale: Language of the site.
            manifest: State of the site.
        """
        calibration = calibration_for(manifest.embedding_model)
        if calibration is None:
            return None
        encoder = encoder_for(locale, manifest.average_length)
        judgements = []
        for query, found in zip(queries, candidates, strict=True):
            text, covered = query.text, self.coverage(query.text, chunks, encoder)
            if found.dense is None:
                judgement = judge_by_words(covered)
            elif not model_understands(text, locale):
                judgement = judge_in_another_language(text, covered, locale)
            else:
                signals = await self.signals(text, found, covered, encoder=encoder, part=part, calibration=calibration)
                judgement = _lenient_by_language(calibration.judge(signals), text)
            judgements.append(judgement.at_least_weak() if names_no_subject(text, encoder) else judgement)
        return best_of(judgements)

    def coverage(self, text: str, chunks: Sequence[StoredChunk], encoder: SparseEncoder) -> Coverage:
        """How much of a text's terms the first chunks hold."""
        asked = frozenset(encoder.query(text).indices)
        return coverage(asked, (self._terms_of(chunk, encoder) for chunk in chunks[:JUDGED_CHUNKS]))

    async def signals(
        self,
        text: str,
        found: Candidates,
        covered: Coverage,
        *,
        encoder: SparseEncoder,
        part: SitePart,
        calibration: Calibration | None = None,
    ) -> Signals:
        """What is known about a query that was embedded.

        Args:
            text: The query.
            found: What it found.
            covered: How much of it the first chunks hold.
            encoder: Of the site's language.
            part: The points that were searched.
            calibration: Words and names are looked up only where that may change its verdict; None: always.
        """
        signals = measure(found, covered, chunks=await self._vocabulary.size(part))
        lookup = _worth_looking_up(text, signals, covered, encoder, calibration)
        missing = await self._vocabulary.missing(part, lookup.words | lookup.names)
        return replace(
            signals,
            word_missing=not missing.isdisjoint(lookup.words),
            name_missing=not missing.isdisjoint(lookup.names),
        )

    def _terms_of(self, stored: StoredChunk, encoder: SparseEncoder) -> "array[int]":
        title, chunk = stored.document.title, stored.chunk
        key = (encoder, title, chunk.heading_path, chunk.content_hash, len(chunk.text))
        if (known := self._terms.get(key)) is not None:
            return known
        terms = array("I", encoder.document("\n".join((title, *chunk.heading_path, chunk.text))).indices)
        self._terms[key] = terms
        return terms


def _worth_looking_up(
    text: str, signals: Signals, covered: Coverage, encoder: SparseEncoder, calibration: Calibration | None
) -> _Lookup:
    """Words where one that is missing may turn the verdict, names where one that is missing would cast doubt on it."""
    verdict = calibration.judge(signals).verdict if calibration else None
    words, names = frozenset[int](), frozenset[int]()
    if calibration is None or calibration.may_turn_on_a_word(signals) or _refused_for_its_language(verdict, text):
        words = frozenset(sorted(covered.unseen)[:_MOST_LOOKED_UP])
    if verdict in {None, Verdict.ANSWERABLE}:
        named = names_in(text)[:_MOST_LOOKED_UP]
        names = frozenset(term for name in named for term in encoder.query(name).indices) - covered.seen
    return _Lookup(words, names)


def _lenient_by_language(judgement: Judgement, text: str) -> Judgement:
    """The same, but no refusal that may be due to the language, unless the meaning is far from all the site says."""
    if judgement.probability < _REFUSED_IN_OTHER_LANGUAGES_BELOW:
        return judgement
    return judgement.at_least_weak() if _refused_for_its_language(judgement.verdict, text) else judgement


def _refused_for_its_language(verdict: Verdict | None, text: str) -> bool:
    """Whether a refusal may be due to the language, which is looked at only when there is a refusal."""
    return verdict is Verdict.NOT_COVERED and not seems_english(text)
