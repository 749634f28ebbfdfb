"""Words that carry meaning."""

import pytest

from services.language.terms import STOP_WORDS, terms


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("How do I configure it?", ["configur"]),
        ("useDispatch", ["usedispatch", "dispatch"]),
        ("docusaurus.config.js", ["docusaurus.config.j", "docusauru", "config", "js"]),
        ("如何", ["如何"]),
        ("日志库", ["日志", "志库"]),
        ("使用Redux库", ["使用", "redux", "库"]),
        ("the of and", []),
        ("", []),
    ],
)
def test_terms_of_a_text(text: str, found: list[str]) -> None:
    assert terms(text) == found


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("locally", "a local build"),
        ("configuring loggers", "configured logger"),
        ("migrations", "migration"),
        ("Strategies", "strategy"),
    ],
)
def test_a_question_meets_a_text_in_another_form(question: str, text: str) -> None:
    assert set(terms(question)) & set(terms(text))


@pytest.mark.parametrize("word", ["var", "ha", "op", "type", "val"])
def test_words_of_code_are_no_stop_words(word: str) -> None:
    assert word not in STOP_WORDS
