"""Verdicts from shared words alone, where the embedding model is silent or does not understand the question."""

from services.language.locales import is_english
from services.language.scripts import is_unspaced
from services.retriever.reading.judging.coverage import Coverage
from services.retriever.reading.judging.verdict import Judgement, Verdict

_CALIBRATION = "shared words"
_WELL_COVERED = 0.6
_NOT_DOUBTED = 1 / 3
"""Share of a question's terms in the first chunks from which there is no reason for doubt: of 29 Chinese questions that
a site answers none has less, of 60 others 45."""
_PAIRS_BY_CHANCE = 0.2
"""Share of a question's pairs of characters that docs about anything hold: of 56 Chinese questions that a site answers
none has less, of 60 others 39 have no more."""


def judge_by_words(covered: Coverage) -> Judgement:
    """Never `not covered`: without a model that understands the question, doubt is for the reader."""
    verdict = Verdict.ANSWERABLE if covered.joint >= _NOT_DOUBTED else Verdict.WEAK
    return Judgement(verdict, covered.best, _CALIBRATION, by_words=True, is_sure=covered.best >= _WELL_COVERED)


def judge_in_another_language(text: str, covered: Coverage, locale: str) -> Judgement:
    """The same; but where no more words are shared than with any text, there is nothing to answer from."""
    if covered.terms and covered.joint <= _shared_with_any_text(text, locale):
        return Judgement(Verdict.NOT_COVERED, covered.joint, _CALIBRATION, by_words=True)
    return judge_by_words(covered)


def _shared_with_any_text(text: str, locale: str) -> float:
    """Share of a question's terms that any text has; none where docs and question may differ in language."""
    return _PAIRS_BY_CHANCE if is_unspaced(text) and not is_english(locale) else 0.0
