"""Misspelt questions are searched as the site spells them; what may be another word stays."""

import pytest

from services.retriever.vocabulary.spelling import Correction, corrected, may_be_misspelt
from services.retriever.vocabulary.words import SiteWords

WORDS = SiteWords(
    [
        "How do I turn the compost heap? Open the configuration and protect the React roots from frost with useTimer.",
        "The next label of the library says what a program may demo before it is initialized.",
    ]
)
USUAL = {"kitchen", "wooden"}


def searched(text: str) -> str:
    return corrected(text, WORDS, USUAL.__contains__)[0]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("How do I turn the cmopost heap?", "How do I turn the compost heap?"),
        ("where is the confguraton", "where is the configuration"),
        ("call useTmer twice", "call useTimer twice"),
        ("what does the porgram do", "what does the program do"),
        ("Cmopost heap", "compost heap"),
        ("run it with --no-cmopost", "run it with --no-compost"),
    ],
)
def test_a_slip_is_mended(written: str, meant: str) -> None:
    assert searched(written) == meant


def test_what_was_changed_is_told() -> None:
    text, corrections = corrected("protcet the rooots, protcet them", WORDS, USUAL.__contains__)
    assert text == "protect the roots, protect them"
    assert corrections == (Correction("protcet", "protect"), Correction("rooots", "roots"))


@pytest.mark.parametrize(
    "text",
    [
        "does it work with nuxt or with deno?",  # next, demo
        "can I use preact?",  # React
        "is there a kitchen",  # a word of the language
        "does Labell open it?",  # a name inside a sentence
        "error 'confguration' is not defined",  # quoted
        "error: uninitialized frost",  # put together from a word of the site
        "turned heaps are protected",  # other forms
        "日志库 compost",
    ],
)
def test_what_may_be_a_word_of_its_own_stays(text: str) -> None:
    assert searched(text) == text


def test_a_log_and_a_text_in_another_language_are_left_alone() -> None:
    assert searched("cmopost " * 101) == "cmopost " * 101
    assert (
        searched("komposst drehhen tonnne wassser erdde blattt wurzell")
        == "komposst drehhen tonnne wassser erdde blattt wurzell"
    )
    assert not may_be_misspelt("Wie drehe ich den Kompost mit der Gabel?", "en")
    assert not may_be_misspelt("怎么打印日志", "en")
    assert may_be_misspelt("how do I trun it?", "en")
