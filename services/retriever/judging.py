"""Answerability of a search: the fitted model where it holds, shared words alone where it does not."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.retriever.answerability import Calibration, Judgement, Signals, Verdict, calibration_for
from services.retriever.candidates import CANDIDATES, Query, model_understands
from services.retriever.documents import StoredChunk
from services.retriever.manifest import Manifest
from services.retriever.names import names_in, names_no_subject
from services.retriever.ranking import Evidence
from services.retriever.recent import Recent
from services.retriever.sparse import SparseEncoder, encoder_for, is_unspaced, seems_english
from services.retriever.vocabulary import Searched, Vocabulary

_WORDS_ALONE = "shared words"
_WELL_COVERED = 0.6
JUDGED_CHUNKS = 8
"""Chunks whose words count, however many are asked for."""
_MOST_LOOKED_UP = 12
"""Words, and names, looked up: a question has a few, a pasted log has hundreds, and each costs the engine a query."""
_PAIRS_BY_CHANCE = 0.2
"""Share of a question's pairs of characters that docs about anything hold: of 56 Chinese questions that a site answers
none has less, of 60 others 39 have no more."""
_REFUSED_IN_OTHER_LANGUAGES_BELOW = 0.015
"""Probability below which a question in another language with Latin letters is refused: it shares few words with
English docs, but some meaning. Of 28 in six languages that a site answers five have less, of 28 others all."""
_USUAL_BACKGROUND = 0.55
"""Cosine of a question with the fiftieth chunk of a site about something else; a site with few chunks has none."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a question's terms the first chunks hold; shares in [0, 1]."""

    best: float
    """In one chunk."""
    joint: float
    """In all of them together."""
    seen: frozenset[int]
    """Terms of the question that stand in one of them."""
    unseen: frozenset[int]
    """The others."""

    @property
    def terms(self) -> int:
        """Terms of the question, common words left out."""
        return len(self.seen) + len(self.unseen)


class Judge:
    """Judges searches; remembers the terms of chunks, which are judged again and again.

    Args:
        remembered: Chunks whose terms are kept: about half a kilobyte each.
    """

    def __init__(self, remembered: int = 4096) -> None:
        self._terms: Recent[object, array[int]] = Recent(remembered)
        self._vocabulary = Vocabulary()

    async def judge(
        self,
        queries: Sequence[Query],
        evidence: Sequence[Evidence],
        chunks: Sequence[StoredChunk],
        *,
        searched: Searched,
        locale: str,
        manifest: Manifest,
    ) -> Judgement | None:
        """The verdict of the query that is covered best; None when the embedding model has no calibration.

        Args:
            queries: The queries.
            evidence: What each of them found.
            chunks: The first chunks in their final order.
            searched: The points that were searched.
            locale: Language of the site.
            manifest: State of the site.
        """
        calibration = calibration_for(manifest.embedding_model)
        if calibration is None:
            return None
        encoder = encoder_for(locale, manifest.average_length)
        judgements = []
        for query, found in zip(queries, evidence, strict=True):
            covered = self.coverage(query.text, chunks, encoder)
            if found.dense is None:
                judgement = _by_words_alone(covered)
            elif not model_understands(query.text, locale):
                judgement = _in_another_language(covered, _usual_share(query.text, locale))
            else:
                signals, names_unknown = await self.signals(
                    query.text, found, covered, encoder=encoder, searched=searched, calibration=calibration
                )
                judgement = calibration.judge(signals)
                if names_unknown and judgement.verdict is Verdict.ANSWERABLE:
                    judgement = calibration.doubt(judgement)
                far = judgement.probability < _REFUSED_IN_OTHER_LANGUAGES_BELOW
                if not far and _in_doubt_by_language(judgement.verdict, query.text):
                    judgement = judgement.at_least_weak()
            judgements.append(judgement.at_least_weak() if names_no_subject(query.text, encoder) else judgement)
        return max(judgements, key=lambda judgement: (judgement.verdict.rank, judgement.probability))

    def coverage(self, text: str, chunks: Sequence[StoredChunk], encoder: SparseEncoder) -> Coverage:
        """How much of a text's terms the first chunks hold."""
        asked = frozenset(encoder.query(text).indices)
        there = [asked.intersection(self._terms_of(chunk, encoder)) for chunk in chunks[:JUDGED_CHUNKS]]
        seen = frozenset[int]().union(*there)
        if not asked:
            return Coverage(0.0, 0.0, seen, asked)
        best = max(map(len, there), default=0)
        return Coverage(best / len(asked), len(seen) / len(asked), seen, asked - seen)

    async def signals(
        self,
        text: str,
        found: Evidence,
        covered: Coverage,
        *,
        encoder: SparseEncoder,
        searched: Searched,
        calibration: Calibration | None = None,
    ) -> tuple[Signals, bool]:
        """What is known about a query that was embedded; and whether it calls something by a name that stands nowhere
        in what was searched.

        Args:
            text: The query.
            found: What it found.
            covered: How much of it the first chunks hold.
            encoder: Of the site's language.
            searched: The points that were searched.
            calibration: Words and names are looked up only where that may change its verdict; None: always.
        """
        dense = found.dense or ()
        best = dense[0].score if dense else 0.0
        background = dense[-1].score if dense else 0.0
        if len(dense) < CANDIDATES:
            background = min(background, _USUAL_BACKGROUND)
        by_terms = {hit.id for hit in found.sparse[:20]}
        signals = Signals(
            best_cosine=best,
            lead=best - background,
            best_coverage=covered.best,
            joint_coverage=covered.joint,
            agreement=sum(hit.id in by_terms for hit in dense[:5]) / 5,
            terms=covered.terms,
            word_missing=False,
            chunks=await self._vocabulary.size(searched),
        )
        verdict = calibration.judge(signals).verdict if calibration else None
        words, names = frozenset[int](), frozenset[int]()
        if calibration is None or calibration.may_turn_on_a_word(signals) or _in_doubt_by_language(verdict, text):
            words = frozenset(sorted(covered.unseen)[:_MOST_LOOKED_UP])
        if verdict in {None, Verdict.ANSWERABLE}:
            named = names_in(text)[:_MOST_LOOKED_UP]
            names = frozenset(term for name in named for term in encoder.query(name).indices) - covered.seen
        missing = await self._vocabulary.missing(searched, words | names)
        return replace(signals, word_missing=not missing.isdisjoint(words)), not missing.isdisjoint(names)

    def _terms_of(self, stored: StoredChunk, encoder: SparseEncoder) -> "array[int]":
        title, chunk = stored.document.title, stored.chunk
        key = (encoder, title, chunk.heading_path, chunk.content_hash, len(chunk.text))
        if (known := self._terms.get(key)) is not None:
            return known
        terms = array("I", encoder.document("\n".join((title, *chunk.heading_path, chunk.text))).indices)
        self._terms.keep(key, terms)
        return terms


def _in_doubt_by_language(verdict: Verdict | None, text: str) -> bool:
    """Whether a refusal may be due to the language; the language is looked at only when there is a refusal."""
    return verdict is Verdict.NOT_COVERED and not seems_english(text)


def _by_words_alone(covered: Coverage) -> Judgement:
    """Never `not covered`: without a model that understands the question, doubt is for the reader."""
    verdict = Verdict.ANSWERABLE if covered.best >= _WELL_COVERED else Verdict.WEAK
    return Judgement(verdict, covered.best, _WORDS_ALONE, by_words=True)


def _in_another_language(covered: Coverage, usual: float) -> Judgement:
    """The same; but where no more words are shared than with any text, there is nothing to answer from."""
    if covered.terms and covered.joint <= usual:
        return Judgement(Verdict.NOT_COVERED, covered.joint, _WORDS_ALONE, by_words=True)
    return _by_words_alone(covered)


def _usual_share(text: str, locale: str) -> float:
    """Share of a question's terms that any text has; none where docs and question may differ in language."""
    return _PAIRS_BY_CHANCE if is_unspaced(text) and not locale.lower().startswith("en") else 0.0
