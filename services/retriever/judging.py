"""Answerability of a search: the fitted model where it holds, shared words alone where it does not."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from services.retriever.answerability import Judgement, Signals, Verdict, calibration_for
from services.retriever.candidates import CANDIDATES, Query, model_understands
from services.retriever.documents import StoredChunk
from services.retriever.manifest import Manifest
from services.retriever.names import names_in, names_no_subject
from services.retriever.ranking import Evidence
from services.retriever.recent import Recent
from services.retriever.sparse import SparseEncoder, encoder_for, is_unspaced
from services.retriever.store import SPARSE, Probe, SparseVector, Store, Where

_WORDS_ALONE = "shared words"
_WELL_COVERED = 0.6
JUDGED_CHUNKS = 8
"""Chunks whose words count, however many are asked for."""
_MOST_NAMES = 12
"""Names looked up: a question has a few, a pasted log has hundreds, and each costs the engine a query."""
_PAIRS_BY_CHANCE = 0.2
"""Share of a question's pairs of characters that docs about anything hold: of 56 Chinese questions that a site answers
none has less, of 60 others 39 have no more."""
_USUAL_BACKGROUND = 0.2
"""Cosine of a question with text about something else; a site with few chunks has no such text to compare with."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a question's terms the first chunks hold; shares in [0, 1]."""

    best: float
    """In one chunk."""
    joint: float
    """In all of them together."""
    terms: int
    """Terms of the question, common words left out."""


class Judge:
    """Judges searches; remembers the terms of chunks, which are judged again and again.

    Args:
        remembered: Chunks whose terms are kept: about half a kilobyte each.
    """

    def __init__(self, remembered: int = 4096) -> None:
        self._terms: Recent[object, array[int]] = Recent(remembered)

    async def judge(
        self,
        queries: Sequence[Query],
        evidence: Sequence[Evidence],
        chunks: Sequence[StoredChunk],
        *,
        store: Store,
        where: Where,
        locale: str,
        manifest: Manifest,
    ) -> Judgement | None:
        """The verdict of the query that is covered best; None when the embedding model has no calibration.

        Args:
            queries: The queries.
            evidence: What each of them found.
            chunks: The first chunks in their final order.
            store: The site's points.
            where: Those of them that were searched.
            locale: Language of the site.
            manifest: State of the site.
        """
        calibration = calibration_for(manifest.embedding_model)
        if calibration is None:
            return None
        encoder = encoder_for(locale, manifest.average_length)
        judgements = []
        for query, found in zip(queries, evidence, strict=True):
            covered, seen = self.coverage(query.text, chunks, encoder)
            if found.dense is None:
                judgement = _by_words_alone(covered)
            elif not model_understands(query.text, locale):
                judgement = _in_another_language(covered, _usual_share(query.text, locale))
            else:
                judgement = calibration.judge(signals(found, covered))
                sure = judgement.verdict is Verdict.ANSWERABLE
                if sure and await names_unknown(query.text, seen, encoder, store, where):
                    judgement = calibration.doubt(judgement)
            judgements.append(judgement.at_least_weak() if names_no_subject(query.text, encoder) else judgement)
        return max(judgements, key=lambda judgement: (judgement.verdict.rank, judgement.probability))

    def coverage(
        self, text: str, chunks: Sequence[StoredChunk], encoder: SparseEncoder
    ) -> tuple[Coverage, frozenset[int]]:
        """How much of a text's terms the first chunks hold, and which of them."""
        asked = frozenset(encoder.query(text).indices)
        there = [asked.intersection(self._terms_of(chunk, encoder)) for chunk in chunks[:JUDGED_CHUNKS]]
        seen = frozenset[int]().union(*there)
        if not asked:
            return Coverage(0.0, 0.0, 0), seen
        best = max(map(len, there), default=0)
        return Coverage(best / len(asked), len(seen) / len(asked), len(asked)), seen

    def _terms_of(self, stored: StoredChunk, encoder: SparseEncoder) -> "array[int]":
        title, chunk = stored.document.title, stored.chunk
        key = (encoder, title, chunk.heading_path, chunk.content_hash, len(chunk.text))
        if (known := self._terms.get(key)) is not None:
            return known
        terms = array("I", encoder.document("\n".join((title, *chunk.heading_path, chunk.text))).indices)
        self._terms.keep(key, terms)
        return terms


def signals(evidence: Evidence, covered: Coverage) -> Signals:
    """What the evidence says about a query that was embedded."""
    dense = evidence.dense or ()
    best = dense[0].score if dense else 0.0
    background = dense[-1].score if dense else 0.0
    if len(dense) < CANDIDATES:
        background = min(background, _USUAL_BACKGROUND)
    by_terms = {hit.id for hit in evidence.sparse[:20]}
    agreed = sum(hit.id in by_terms for hit in dense[:5])
    return Signals(
        best_cosine=best,
        lead=best - background,
        best_coverage=covered.best,
        joint_coverage=covered.joint,
        agreement=agreed / 5,
        terms=covered.terms,
    )


async def names_unknown(text: str, seen: frozenset[int], encoder: SparseEncoder, store: Store, where: Where) -> bool:
    """Whether the question calls something by a name that stands nowhere in what was searched."""
    terms = {term for name in names_in(text)[:_MOST_NAMES] for term in encoder.query(name).indices} - seen
    if not terms:
        return False
    alone = [Probe(SPARSE, SparseVector((term,), (1.0,)), where, 1) for term in terms]
    return not all(await store.probe(alone))


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
