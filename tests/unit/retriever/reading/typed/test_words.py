"""What counts as a word, in texts and in what is typed."""

import pytest

from services.retriever.reading.typed.typed_text import read_typed
from services.retriever.reading.typed.words import forms, plain_line, words_of


@pytest.mark.parametrize(
    ("written", "found_by"),
    [
        ("--no-cache", {"no-cache", "no", "cache"}),
        ("lib.mock()", {"lib.mock", "lib", "mock"}),
        ("@docusaurus/plugin-content-docs", {"docusaurus", "plugin-content-docs", "plugin", "content", "docs"}),
        ("MAX_RETRIES", {"max_retries", "max", "retries"}),
        ("XMLHttpRequest", {"xmlhttprequest", "xml", "http", "request"}),
        ("src/theme/Root.tsx", {"src/theme/root.tsx", "root.tsx", "root", "tsx", "theme"}),
        ("C++", {"c++", "c"}),
        ("Café", {"cafe"}),
        ("GitHub", {"github", "git", "hub"}),
    ],
)
def test_an_identifier_is_found_whole_and_by_its_parts(written: str, found_by: set[str]) -> None:
    assert found_by <= set(words_of(written))


def test_a_word_of_endless_length_is_found_by_its_parts_only() -> None:
    written = "a" * 49 + "-tail"
    assert forms(written) == ("tail",)


def test_chinese_between_latin_letters_is_found_in_pairs() -> None:
    assert {"npm", "安装", "装依", "依赖", "js"} <= set(words_of("npm安装依赖js"))


def test_the_same_heading_has_the_same_line_however_it_is_written() -> None:
    assert plain_line("`lib.mock`  Usage") == plain_line("Lib mock usage") == "lib mock usage"


def needed(text: str, locale: str = "en") -> list[str]:
    return [word.text for word in read_typed(text, locale).words if word.is_needed]


def test_small_words_need_not_be_found_unless_nothing_else_is_typed() -> None:
    assert needed("how do i change the theme") == ["change", "theme"]
    assert needed("how to ") == ["how", "to"]
    assert needed("wie setze ich das theme", "de") == ["setze", "theme"]


def test_the_last_word_is_unfinished_until_a_blank_follows() -> None:
    assert [word.is_finished for word in read_typed("drip hos", "en").words] == [True, False]
    assert [word.is_finished for word in read_typed("drip hos ", "en").words] == [True, True]


def test_a_word_that_may_become_a_small_one_need_not_be_found_yet() -> None:
    assert needed("theme th") == ["theme"]
    assert needed("theme tho") == ["theme"]
    assert needed("theme thr") == ["theme"]
    assert needed("theme thru") == ["theme", "thru"]


def test_no_more_than_sixteen_words_count() -> None:
    assert len(needed(" ".join(f"word{number}" for number in range(100)))) <= 32
    assert "word16" not in needed(" ".join(f"word{number}" for number in range(100)))
