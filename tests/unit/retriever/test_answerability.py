"""Verdicts from evidence, with the calibration that ships."""

import pytest

from services.retriever.answerability import Calibration, Signals, Verdict, calibration_for
from services.retriever.embedder import LocalEmbedder

SHIPPED = calibration_for(LocalEmbedder.model_id)


def shipped() -> Calibration:
    assert SHIPPED is not None
    return SHIPPED


def test_the_default_model_has_a_calibration_and_an_unknown_one_has_none() -> None:
    assert shipped().name
    assert calibration_for("another model") is None


def test_strong_evidence_is_answerable_and_none_is_not_covered() -> None:
    assert shipped().judge(Signals(0.75, 0.65, 0.8, 1.0, 6)).verdict is Verdict.ANSWERABLE
    assert shipped().judge(Signals(0.12, 0.1, 0.2, 0.3, 5)).verdict is Verdict.NOT_COVERED


def test_doubt_is_weak() -> None:
    calibration = shipped()
    middle = (calibration.not_covered_below + calibration.answerable_from) / 2
    assert calibration.not_covered_below < middle < calibration.answerable_from
    assert Calibration("c", (0.0,) * 6, 0.0, 0.4, 0.6).judge(Signals(0, 0, 0, 0, 1)).verdict is Verdict.WEAK


@pytest.mark.parametrize("field", range(4))
def test_more_evidence_never_makes_an_answer_less_likely(field: int) -> None:
    values = [0.4, 0.35, 0.4, 0.5]
    stronger = [value + 0.2 * (index == field) for index, value in enumerate(values)]
    less = shipped().judge(Signals(*values, 5)).probability
    assert shipped().judge(Signals(*stronger, 5)).probability >= less
