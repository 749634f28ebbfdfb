"""What is shown of a section: a stretch of plain text around the words that were typed."""

from hypothesis import given
from hypothesis import strategies as st

from services.retriever.reading.typed.marking import Marker
from services.retriever.reading.typed.matching import Fit
from services.retriever.reading.typed.showing import SNIPPET_CHARS, MarkedText, marked, snippet
from services.retriever.reading.typed.typed_text import TypedWord


def marker(*words: str, finished: bool = False) -> Marker:
    return Marker([Fit(TypedWord(word, finished)) for word in words])


def marks_of(shown: MarkedText) -> list[str]:
    return [shown.text[start:end] for start, end in shown.marks]


def test_the_stretch_with_most_of_the_words_is_shown() -> None:
    text = "hose " + "nothing here " * 40 + "drip hoses and tomatoes together " + "nothing more " * 40
    shown = snippet([text], marker("hose", "tomat"))
    assert shown.text.startswith("… ")
    assert shown.text.endswith(" …")
    assert marks_of(shown) == ["hose", "tomat"]


def test_the_text_with_the_words_is_chosen_and_else_the_first() -> None:
    assert snippet(["First.", "Drip hoses."], marker("hose")).text == "Drip hoses."
    assert snippet(["First.", "Drip hoses."], marker("frog")) == MarkedText("First.")
    assert snippet([], marker("frog")) == MarkedText("")


def test_parts_of_an_identifier_that_stand_together_are_one_mark() -> None:
    assert marks_of(marked("Call lib.mock() now", marker("lib", "mock"))) == ["lib.mock"]


def test_a_misspelt_word_marks_what_was_taken_for_it() -> None:
    fit = Fit(TypedWord("dokcer"), frozenset({"docker"}), meant="docker")
    assert marks_of(marked("With Docker or Dockerfile", Marker([fit]))) == ["Docker"]


def test_pairs_of_unspaced_characters_are_one_mark() -> None:
    assert marks_of(marked("把配置文件放好", marker("配置", "置文", "文件"))) == ["配置文件"]


@given(st.text(max_size=600), st.lists(st.text("abcß配 .-", min_size=1, max_size=4), max_size=3))
def test_a_snippet_is_one_short_line_whose_marks_lie_inside(text: str, words: list[str]) -> None:
    shown = snippet([" ".join(text.split())], marker(*(word.strip() or "a" for word in words)))
    assert len(shown.text) <= SNIPPET_CHARS
    assert "\n" not in shown.text
    ends = [0, *(place for mark in shown.marks for place in mark), len(shown.text)]
    assert ends == sorted(ends)
