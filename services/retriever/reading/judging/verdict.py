"""What to expect of an answer, and how sure that is."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Verdict(StrEnum):
    """What to expect of an answer."""

    ANSWERABLE = "answerable"
    WEAK = "weak"
    NOT_COVERED = "not covered"

    @property
    def rank(self) -> int:
        """0 for the worst, rising."""
        return (Verdict.NOT_COVERED, Verdict.WEAK, Verdict.ANSWERABLE).index(self)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with the probability behind it and the calibration it comes from."""

    verdict: Verdict
    probability: float
    calibration: str
    by_words: bool = False
    """Whether only shared words were looked at, because the model does not understand the language."""
    is_sure: bool = False
    """Whether an answer is so likely that no other part of the site need be looked at, and may come from elsewhere."""
    about_else: bool = False
    """Whether the reader's own words are about another subject, so that no other part of the site helps."""

    def at_least_weak(self) -> "Judgement":
        """The same judgement, but no refusal."""
        return replace(self, verdict=Verdict.WEAK) if self.verdict is Verdict.NOT_COVERED else self

    def spared(self) -> "Judgement":
        """The same judgement, but neither a refusal nor a doubt: it may be due to how the question is written."""
        return replace(self, verdict=Verdict.ANSWERABLE) if self.verdict is Verdict.NOT_COVERED else self

    def doubted_as_about_else(self) -> "Judgement":
        """The same judgement, but at most weak: the reader's own words are about another subject."""
        verdict = Verdict.WEAK if self.verdict is Verdict.ANSWERABLE else self.verdict
        return replace(self, verdict=verdict, is_sure=False, about_else=True)

    def overrules(self, asked: "Judgement | None") -> bool:
        """Whether this judgement of another scope is good enough to answer from there.

        Words alone do not overrule a model that found the question to be about something else: any long text shares
        some words with it. They do overrule words, such as those of docs in another language than the question.
        """
        if not self.is_sure or (asked is not None and asked.about_else):
            return False
        refused_by_model = asked is not None and asked.verdict is Verdict.NOT_COVERED and not asked.by_words
        return not (self.by_words and refused_by_model)


def best_of(judgements: Iterable[Judgement | None]) -> Judgement | None:
    """The most hopeful of several; None when there is none."""
    given = [judgement for judgement in judgements if judgement is not None]
    return max(given, key=lambda judgement: (judgement.verdict.rank, judgement.probability), default=None)
