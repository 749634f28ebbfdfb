"""Verdicts from evidence, with the calibration that ships."""

from dataclasses import fields, replace

import pytest

from services.retriever.embedding.local_embedder import LocalEmbedder
from services.retriever.reading.judging.calibration import Calibration, DoubtModel, calibration_for
from services.retriever.reading.judging.signals import (
    DOUBTS,
    FEATURES,
    NO_NAMES,
    DoubtWeights,
    NameSignals,
    Signals,
    SignalWeights,
)
from services.retriever.reading.judging.verdict import Judgement, Verdict

SHIPPED = calibration_for(LocalEmbedder.model_id)
NONE = Signals(
    best_cosine=0.5,
    lead=0.02,
    best_coverage=0.2,
    joint_coverage=0.3,
    agreement=0.0,
    terms=5,
    word_missing=True,
    chunks=500,
)
MIDDLING = replace(
    NONE, best_cosine=0.65, lead=0.08, best_coverage=0.4, joint_coverage=0.5, agreement=0.2, word_missing=False
)
STRONG = replace(MIDDLING, best_cosine=0.85, lead=0.2, best_coverage=0.8, joint_coverage=1.0, agreement=0.8, terms=6)


NOTHING = SignalWeights(*(0.0,) * len(FEATURES))
NO_OPINION = DoubtModel(DoubtWeights(*(0.0,) * len(DOUBTS)), 0.0)


def shipped() -> Calibration:
    assert SHIPPED is not None
    return SHIPPED


def judgement(verdict: Verdict, *, by_words: bool = False) -> Judgement:
    return Judgement(verdict, 0.5, "test", by_words=by_words, is_sure=verdict is Verdict.ANSWERABLE)


def test_the_default_model_has_a_calibration_and_an_unknown_one_has_none() -> None:
    assert shipped().name
    assert calibration_for("another model") is None


def test_each_input_of_the_model_has_its_weight() -> None:
    assert [field.name for field in fields(SignalWeights)] == list(FEATURES)
    assert [field.name for field in fields(DoubtWeights)] == list(DOUBTS)


def test_strong_evidence_is_answerable_and_none_is_not_covered() -> None:
    assert shipped().judge(STRONG).verdict is Verdict.ANSWERABLE
    assert shipped().judge(NONE).verdict is Verdict.NOT_COVERED


def test_doubt_is_weak() -> None:
    undecided = replace(shipped(), weights=NOTHING, bias=0.0, not_covered_below=0.4, doubt=NO_OPINION)
    assert replace(undecided, answerable_from=0.6).judge(MIDDLING).verdict is Verdict.WEAK
    assert replace(undecided, answerable_from=0.4).judge(MIDDLING).verdict is Verdict.ANSWERABLE


@pytest.mark.parametrize("field", ["best_cosine", "lead", "best_coverage", "joint_coverage", "agreement"])
def test_more_evidence_never_makes_an_answer_less_likely(field: str) -> None:
    stronger = replace(MIDDLING, **{field: getattr(MIDDLING, field) + 0.2})
    assert shipped().judge(stronger).probability >= shipped().judge(MIDDLING).probability


def test_a_missing_word_counts_against_an_answer() -> None:
    missing = replace(MIDDLING, word_missing=True)
    assert shipped().judge(missing).probability < shipped().judge(MIDDLING).probability


def test_a_word_is_asked_for_only_where_it_may_change_the_verdict() -> None:
    word = replace(NOTHING, word_missing=-0.3)
    unsure = replace(shipped(), weights=word, bias=1.0, not_covered_below=0.5, doubt=NO_OPINION, answerable_from=0.4)
    assert unsure.may_turn(MIDDLING, NO_NAMES)
    for bias in (-9.0, 9.0):
        assert not replace(unsure, bias=bias).may_turn(MIDDLING, NO_NAMES)


def test_a_word_is_asked_for_where_it_may_change_the_verdict_together_with_a_name() -> None:
    assert not shipped().may_turn(STRONG, NO_NAMES)
    assert shipped().may_turn(STRONG, NameSignals(strange_missing=2))


@pytest.mark.parametrize("kind", ["strange_missing", "loose_missing", "rare_elsewhere"])
def test_a_name_that_the_docs_do_not_bear_out_counts_against_an_answer(kind: str) -> None:
    named = replace(STRONG, names=replace(NO_NAMES, **{kind: 1}))
    log_odds, doubt = shipped().log_odds(STRONG), shipped().doubt
    assert doubt.probability(log_odds, named) < doubt.probability(log_odds, STRONG)


def test_two_names_that_stand_nowhere_are_a_doubt_however_strong_the_rest() -> None:
    assert shipped().judge(replace(STRONG, names=NameSignals(strange_missing=2))).verdict is Verdict.WEAK


def test_names_are_asked_for_only_where_they_may_change_the_verdict() -> None:
    worst = NameSignals(strange_missing=2)
    assert shipped().may_turn_on_names(STRONG, worst)
    assert not shipped().may_turn_on_names(STRONG, NO_NAMES)
    assert not shipped().may_turn_on_names(NONE, worst)


def test_another_scope_answers_only_when_it_is_surer() -> None:
    answerable, refused = judgement(Verdict.ANSWERABLE), judgement(Verdict.NOT_COVERED)
    assert answerable.overrules(refused)
    assert not judgement(Verdict.WEAK).overrules(refused)


def test_an_answer_that_is_not_sure_is_looked_for_elsewhere_and_overrules_nothing() -> None:
    unsure = replace(shipped(), weights=NOTHING, bias=0.0, not_covered_below=0.4, doubt=NO_OPINION, answerable_from=0.4)
    judged = replace(unsure, sure_from=0.6).judge(MIDDLING)
    assert (judged.verdict, judged.is_sure) == (Verdict.ANSWERABLE, False)
    assert not judged.overrules(None)
    assert replace(unsure, sure_from=0.5).judge(MIDDLING).is_sure


def test_no_other_scope_answers_what_is_about_something_else() -> None:
    doubted = judgement(Verdict.ANSWERABLE).doubted_as_about_else()
    assert doubted.verdict is Verdict.WEAK
    assert not judgement(Verdict.ANSWERABLE).overrules(doubted)


def test_shared_words_do_not_overrule_a_model_that_understood() -> None:
    by_words = judgement(Verdict.ANSWERABLE, by_words=True)
    assert not by_words.overrules(judgement(Verdict.NOT_COVERED))
    assert by_words.overrules(judgement(Verdict.WEAK, by_words=True))
    assert by_words.overrules(judgement(Verdict.NOT_COVERED, by_words=True)), "the docs there are in another language"
