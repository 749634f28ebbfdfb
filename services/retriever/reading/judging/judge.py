"""Answerability of a search: the fitted models where they hold, shared words alone where they do not."""

import re
from array import array
from collections.abc import Callable, Sequence
from dataclasses import replace

from cachetools import LRUCache

from services.language.detection import seems_english
from services.retriever.documents import StoredChunk
from services.retriever.embedding.sparse import SparseEncoder, encoder_for
from services.retriever.reading.candidates import Candidates, Query, model_understands
from services.retriever.reading.judging.by_words import judge_by_words, judge_in_another_language
from services.retriever.reading.judging.calibration import Calibration, calibration_for
from services.retriever.reading.judging.coverage import Coverage, coverage
from services.retriever.reading.judging.named import Named, NameKind, named_in
from services.retriever.reading.judging.signals import MOST_NAMES, NO_NAMES, NameSignals, Signals, measure
from services.retriever.reading.judging.verdict import Judgement, Verdict, best_of
from services.retriever.reading.judging.vocabulary import RARE, SitePart, Vocabulary, stands_in
from services.retriever.reading.names import names_no_subject
from services.retriever.sites.manifest import Manifest

JUDGED_CHUNKS = 8
"""Chunks whose words count, however many are asked for."""
_FIRST_CHUNKS = 5
"""Chunks that are about what was asked: a name that only later ones have is mentioned, not explained."""
_MOST_LOOKED_UP = 12
"""Words, and names, looked up: a question has a few, a pasted log has hundreds, and each costs the engine a query."""
_REFUSED_IN_OTHER_LANGUAGES_BELOW = 0.015
"""Probability below which a question in another language with Latin letters is refused: it shares few words with
English docs, but some meaning. Of 28 in six languages that a site answers five have less, of 28 others all."""
_FAR_BELOW = 0.05
"""Probability below which a message is about something else whatever was said before: of 30 off-topic ones after a good
turn 25 are refused or doubted, of 54 real follow-ups none for this reason."""
_REFUSED_ERRORS_BELOW = 0.2
"""The same for an error message: most of its words are those of the reader's own program."""
_ERROR = re.compile(r"(?i:\b\w*(?:error|exception|assertion|traceback|panic)\b|\bcannot find\b)|\bE[A-Z]{4,}\b")


class Judge:
    """Judges searches; remembers the terms of chunks, which are judged again and again.

    Args:
        is_usual: Whether a word is one of the language, so that it is no name.
        remembered: Chunks whose terms are kept: about half a kilobyte each.
    """

    def __init__(self, is_usual: Callable[[str], bool], remembered: int = 4096) -> None:
        self._is_usual = is_usual
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

        The others carry along what a conversation was about. So a first one that is far from all the site says is at
        least doubted, however good the turn before was.

        Args:
            queries: The queries, the reader's own words first.
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
                signals = await self.signals(
                    text, found, chunks, covered=covered, encoder=encoder, part=part, calibration=calibration
                )
                judgement = judged_leniently(calibration.judge(signals), text)
            judgements.append(judgement.spared() if names_no_subject(text, encoder) else judgement)
        best = best_of(judgements)
        if best is None or best is judgements[0] or not _is_far(judgements[0], queries[0].text, encoder):
            return best
        return best.doubted_as_about_else()

    def coverage(self, text: str, chunks: Sequence[StoredChunk], encoder: SparseEncoder) -> Coverage:
        """How much of a text's terms the first chunks hold."""
        asked = frozenset(encoder.query(text).indices)
        return coverage(asked, (self._terms_of(chunk, encoder) for chunk in chunks[:JUDGED_CHUNKS]))

    async def signals(
        self,
        text: str,
        found: Candidates,
        chunks: Sequence[StoredChunk],
        *,
        covered: Coverage,
        encoder: SparseEncoder,
        part: SitePart,
        calibration: Calibration | None = None,
    ) -> Signals:
        """What is known about a query that was embedded.

        Args:
            text: The query.
            found: What it found.
            chunks: The first chunks in their final order.
            covered: How much of it they hold.
            encoder: Of the site's language.
            part: The points that were searched.
            calibration: Words and names are looked up only where that may change its verdict; None: always.
        """
        signals = measure(found, covered, chunks=await self._vocabulary.size(part))
        unseen = self._names_not_in(chunks, text, encoder)
        worst = _worst(unseen)
        if calibration is None or calibration.may_turn(signals, worst) or _may_be_spared(calibration, signals, text):
            words = frozenset(sorted(covered.unseen)[:_MOST_LOOKED_UP])
            signals = replace(signals, word_missing=bool(await self._vocabulary.missing(part, words)))
        if calibration is None or calibration.may_turn_on_names(signals, worst):
            signals = replace(signals, names=await self._name_signals(unseen, encoder, part))
        return signals

    def _names_not_in(self, chunks: Sequence[StoredChunk], text: str, encoder: SparseEncoder) -> list[Named]:
        """The names that none of the first chunks has; those in a citation of an error are the reader's own."""
        is_english = seems_english(text)
        names = named_in(text, self._is_usual if is_english else _no_word_is_strange)
        return [
            name
            for name in names[:_MOST_LOOKED_UP]
            if not name.cited
            and (is_english or name.kind is NameKind.STRANGE)
            and not self._is_seen(name, chunks[:_FIRST_CHUNKS], encoder)
        ]

    async def _name_signals(self, unseen: Sequence[Named], encoder: SparseEncoder, part: SitePart) -> NameSignals:
        if not unseen:
            return NO_NAMES
        held = await self._vocabulary.holders(part, [name.text for name in unseen], encoder)
        missing = [name.kind for name in unseen if not held[name.text]]
        rare = [
            name for name in unseen if name.is_version or (name.kind is NameKind.STRANGE and held[name.text] <= RARE)
        ]
        return NameSignals(
            strange_missing=min(MOST_NAMES, missing.count(NameKind.STRANGE)),
            loose_missing=min(MOST_NAMES, missing.count(NameKind.LOOSE)),
            rare_elsewhere=min(MOST_NAMES, sum(1 for name in rare if held[name.text])),
        )

    def _is_seen(self, name: Named, chunks: Sequence[StoredChunk], encoder: SparseEncoder) -> bool:
        """Whether one of the chunks has the name whole, or a plain word in another form."""
        terms = frozenset(encoder.query(name.text).indices)
        holding = [chunk for chunk in chunks if terms.issubset(self._terms_of(chunk, encoder))]
        return bool(holding) and (len(terms) < 2 or any(stands_in(name.text, _text(chunk)) for chunk in holding))

    def _terms_of(self, stored: StoredChunk, encoder: SparseEncoder) -> "array[int]":
        title, chunk = stored.document.title, stored.chunk
        key = (encoder, title, chunk.heading_path, chunk.content_hash, len(chunk.text))
        if (known := self._terms.get(key)) is not None:
            return known
        terms = array("I", encoder.document("\n".join((title, *chunk.heading_path, chunk.text))).indices)
        self._terms[key] = terms
        return terms


def _is_far(own: Judgement, text: str, encoder: SparseEncoder) -> bool:
    """Whether the reader's own words have a subject, and it is none of the site's."""
    return own.verdict is Verdict.NOT_COVERED and own.probability < _FAR_BELOW and bool(encoder.query(text))


def _text(stored: StoredChunk) -> str:
    document, chunk = stored.document, stored.chunk
    return "\n".join((document.title, document.version, *chunk.heading_path, chunk.text))


def _worst(names: Sequence[Named]) -> NameSignals:
    """What the signals would be if none of the names stood anywhere."""
    kinds = [name.kind for name in names]
    return NameSignals(
        strange_missing=min(MOST_NAMES, kinds.count(NameKind.STRANGE)),
        loose_missing=min(MOST_NAMES, kinds.count(NameKind.LOOSE)),
    )


def _no_word_is_strange(word: str) -> bool:
    """For questions in another language than the model's: only what is written as code is a name there."""
    return bool(word)


def judged_leniently(judgement: Judgement, text: str) -> Judgement:
    """The same, but no refusal that may be due to how the question is written."""
    if judgement.verdict is not Verdict.NOT_COVERED or judgement.probability < _spared_from(text):
        return judgement
    return judgement.at_least_weak() if seems_english(text) else judgement.spared()


def _may_be_spared(calibration: Calibration, signals: Signals, text: str) -> bool:
    """Whether a refusal may be lifted, so that its probability counts and not only its verdict."""
    return calibration.judge(signals).verdict is Verdict.NOT_COVERED and _spared_from(text) <= 1.0


def _spared_from(text: str) -> float:
    """Probability from which a refusal may be due to the language, or to a log; above 1 where it may not."""
    if not seems_english(text):
        return _REFUSED_IN_OTHER_LANGUAGES_BELOW
    return _REFUSED_ERRORS_BELOW if _ERROR.search(text) else 2.0
