"""Where sentences end."""

from hypothesis import given
from hypothesis import strategies as st

from services.language.sentences import cut_sentences, split_sentences


def test_short_forms_and_numbers_end_no_quoted_sentence() -> None:
    text = "Use a bundler, e.g. Vite, i.e. 4.2 or so. Then build! Go. 好。再来"
    assert split_sentences(text) == ["Use a bundler, e.g. Vite, i.e. 4.2 or so.", "Then build!", "Go. 好。", "再来"]


def test_code_and_links_are_never_cut() -> None:
    text = "Call `a. B` or [see. This](https://example.org/a. B). Then go."
    assert cut_sentences(text) == ["Call `a. B` or [see. This](https://example.org/a. B). ", "Then go."]


@given(st.text(alphabet="aB. \n`[]()!?。、", max_size=200))
def test_cutting_loses_nothing(text: str) -> None:
    assert "".join(cut_sentences(text)) == text
