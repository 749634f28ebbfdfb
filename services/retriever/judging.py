"""Answerability of a search: the fitted model where it holds, shared words alone where it does not."""

from collections.abc import Sequence

from services.retriever.answerability import Judgement, Verdict, calibration_for
from services.retriever.candidates import Query, coverage, signals
from services.retriever.documents import StoredChunk
from services.retriever.manifest import Manifest
from services.retriever.ranking import Evidence
from services.retriever.sparse import SparseEncoder, encoder_for

_WORDS_ALONE = "shared words"
_WELL_COVERED = 0.6


def judge(
    queries: Sequence[Query],
    evidence: Sequence[Evidence],
    chunks: Sequence[StoredChunk],
    *,
    locale: str,
    manifest: Manifest,
) -> Judgement | None:
    """The verdict of the query that is covered best; None when the embedding model has no calibration."""
    calibration = calibration_for(manifest.embedding_model)
    if calibration is None:
        return None
    encoder = encoder_for(locale, manifest.average_length)
    judgements = []
    for query, found in zip(queries, evidence, strict=True):
        observed = signals(query, found, chunks, encoder=encoder)
        if observed is None or not _model_understands(query.text, locale):
            judgements.append(_by_words_alone(query, chunks, encoder))
        else:
            judgements.append(calibration.judge(observed))
    return max(judgements, key=lambda judgement: judgement.probability)


def _model_understands(text: str, locale: str) -> bool:
    """Whether cosines mean something: the local model and its calibration are English."""
    letters = [character for character in text if character.isalpha()]
    return locale.lower().startswith("en") and sum(map(str.isascii, letters)) * 2 > len(letters)


def _by_words_alone(query: Query, chunks: Sequence[StoredChunk], encoder: SparseEncoder) -> Judgement:
    """Never `not covered`: without a model that understands the question, doubt is for the reader."""
    best, _, _ = coverage(query, chunks, encoder)
    verdict = Verdict.ANSWERABLE if best >= _WELL_COVERED else Verdict.WEAK
    return Judgement(verdict, best, _WORDS_ALONE)
